//! Manifest requests of SMART Health Links, from programs that nobody knows: read within bounds, or refused with words.
#![no_main]

use api::shl::asked;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    match asked(bytes) {
        Ok(asked) => {
            assert!(!asked.recipient.trim().is_empty());
            assert!(asked.recipient.len() + asked.passcode.len() <= bytes.len());
            let again = serde_json::json!({
                "recipient": asked.recipient, "passcode": asked.passcode, "embeddedLengthMax": asked.embedded_most,
            });
            let again = api::shl::asked(again.to_string().as_bytes());
            assert!(again == Ok(asked) || bytes.len() > 4_000, "what is said again is the same");
        }
        Err(text) => assert!(!text.is_empty()),
    }
});
