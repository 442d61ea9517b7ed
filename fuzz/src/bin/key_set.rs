//! Key sets that apps register: one to ten keys, each once by its name.
#![no_main]

use std::collections::HashSet;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(keys) = login::oauth::jwk::parse(text) else { return };
    assert!((1..=10).contains(&keys.len()));
    let names: HashSet<&str> = keys.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(names.len(), keys.len());
});
