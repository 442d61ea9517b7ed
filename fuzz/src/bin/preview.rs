//! What the process that draws says, read without faith: a file may have led it astray. (The renderers themselves are run in that process, so
//! what becomes of it is its own affair.)
#![no_main]

use preview::wire;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(seen) = wire::seen(bytes) {
        let picture = seen.picture.as_ref().map_or(0, |picture| picture.bytes.len());
        assert!(seen.words.len() + picture <= bytes.len());
    }
});
