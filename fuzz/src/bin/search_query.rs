//! Search queries: names that are told again are read again as the same; prefixes and parts of values never panic.
#![no_main]

use fhir::query::{parse, prefix};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(mut query) = parse(text) else { return };
    for clause in &query.clauses {
        let again = parse(&format!("{}=1", clause.name())).expect("a name that was read");
        if let Some(same) = again.clauses.first() {
            assert_eq!((&same.path, &same.modifier), (&clause.path, &clause.modifier));
        }
        for value in &clause.values {
            let plain = value.text();
            let (_, rest) = prefix::split(&plain);
            assert!(plain.ends_with(rest));
            let _ = (value.parts_on_pipe(), value.parts_on_dollar());
        }
    }
    assert!(query.shape().len() <= text.len());
    let before = query.clauses.len();
    let taken = query.take("_since").len();
    assert_eq!(before, taken + query.clauses.len());
});
