//! FHIR JSON: what is read renders, reads again as the same, and keeps the text of its numbers.
#![no_main]

use fhir::json::{Limits, parse, render};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = parse(bytes, Limits::default()) else { return };
    let text = render(&value);
    let again = parse(&text, Limits::default()).expect("what we wrote, we read");
    assert_eq!(value, again);
    assert_eq!(text, render(&again));
    assert!(
        serde_json::from_slice::<Box<serde_json::value::RawValue>>(bytes).is_ok(),
        "we read what is no JSON"
    );
});
