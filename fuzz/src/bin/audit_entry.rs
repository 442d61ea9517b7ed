//! Audit entries: what is read renders, and reads again as the same.
#![no_main]

use access::audit::Entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(entry) = Entry::parse(bytes) else { return };
    assert_eq!(Entry::parse(&entry.render()).expect("what we wrote, we read"), entry);
});
