//! Signed notes and the checkpoints in them: strict, so that what is read is written the same, byte for byte.
#![no_main]

use ledger::{
    checkpoint::Checkpoint,
    note::{SignedNote, Verdict},
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = SignedNote::parse(bytes) {
        assert_eq!(note.render().as_bytes(), bytes);
        assert!(note.verify(&|_, _, _, _| Verdict::Unknown).is_err(), "nobody known has signed");
        if let Ok(checkpoint) = Checkpoint::parse(note.text()) {
            let opened = Checkpoint::open(bytes, &checkpoint.origin, &|_, _, _, _| Verdict::Invalid);
            assert!(opened.is_err(), "a forged note opened");
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.render().as_deref(), Ok(text));
    }
});
