//! References: what is local is made of a type name and an id, and written out again reads as the same.
#![no_main]

use fhir::reference::{Local, Reference, is_id, is_type_name, local, parse};

libfuzzer_sys::fuzz_target!(|text: &str| {
    const BASES: &[&str] = &["https://here.example/fhir", "http://localhost/fhir/R4/"];
    match parse(text, BASES) {
        Some(Reference::Local(found) | Reference::Absolute { local: Some(found), .. }) => same(found),
        Some(Reference::Conditional { type_name, query }) => {
            assert!(is_type_name(type_name) && !query.is_empty());
        }
        Some(Reference::Fragment(id)) => assert!(id.is_empty() || is_id(id)),
        Some(Reference::Absolute { url, .. } | Reference::Urn(url)) => assert_eq!(url, text),
        None => {}
    }
});

fn same(found: Local<'_>) {
    assert!(is_type_name(found.type_name) && is_id(found.id));
    let version = found.version.map(|version| format!("/_history/{version}")).unwrap_or_default();
    assert_eq!(local(&format!("{}/{}{version}", found.type_name, found.id)), Some(found));
}
