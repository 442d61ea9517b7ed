//! The R4 check and the index on any JSON: an answer, within bounds, and the same one after a round trip.
#![no_main]

use fhir::json::{self, Limits};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(resource) = json::parse(bytes, Limits::default()) else { return };
    let issues = r4::check(&resource);
    assert!(issues.len() <= r4::check::MAX_ISSUES + 1);
    if issues.iter().any(fhir::outcome::Issue::is_error) {
        return;
    }
    let _ = r4::index::extract(&resource);
    let again = json::parse(&json::render(&resource), Limits::default()).expect("what we wrote, we read");
    assert!(r4::check(&again).is_empty());
});
