//! Archives given to `keepwell import`: an end or an error, never more bytes than went in.
#![no_main]

// The reader is a part of the binary, so it is compiled in by its path.
#[path = "../../../crates/server/src/bundles/tar.rs"]
mod tar;

use std::io::Read;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut archive = tar::Archive::new(bytes);
    let mut read = 0;
    while let Ok(Some(mut entry)) = archive.next() {
        // What is no UTF-8 becomes a replacement character of three bytes.
        assert!(entry.name.len() <= 3 * bytes.len());
        let mut content = Vec::new();
        let whole = entry.read_to_end(&mut content);
        read += content.len();
        assert!(read <= bytes.len());
        if whole.is_err() {
            break;
        }
    }
});
