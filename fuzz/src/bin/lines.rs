//! NDJSON given to `keepwell import`: every line comes once, in order, however they are cut into works.
#![no_main]

// The reader is a part of the binary, so it is compiled in by its path.
#[path = "../../../crates/server/src/bundles/lines.rs"]
mod lines;

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    let (most, bytes) = input;
    let mut rest = bytes;
    let mut found = Vec::new();
    loop {
        let some = lines::read(&mut rest, usize::from(most) + 1).expect("memory does not fail");
        if some.is_empty() {
            break;
        }
        found.extend(some);
    }
    let whole = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let expected = whole.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    assert!(found.is_empty() == bytes.is_empty());
    assert!(bytes.is_empty() || found.iter().map(Vec::as_slice).eq(expected));
});
