//! Bundles: taken apart, or refused with an element that is named. The rewriting of references never panics.
#![no_main]

use fhir::{bundle, json, reference::rewrite};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(mut value) = json::parse(bytes, json::Limits::default()) else { return };
    let entries = value["entry"].as_array().map(Vec::len);
    match bundle::parse(value.clone()) {
        Ok(bundle) => assert_eq!(bundle.entries.len(), entries.unwrap_or(0)),
        Err(issues) => assert!(issues.iter().any(|issue| issue.is_error() && issue.expression.is_some())),
    }
    let new_name = |old: &str| (old.len() % 2 == 0).then(|| "Patient/new".to_owned());
    rewrite::replace_full_urls(&mut value, &new_name);
    json::parse(&json::render(&value), json::Limits::default()).expect("rewritten, and still JSON");
});
