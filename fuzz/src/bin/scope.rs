//! SMART scopes: a scope is written as it was read, and covers nothing of another type.
#![no_main]

use access::scope::{Permission, Scope};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(scope) = text.parse::<Scope>() else { return };
    assert_eq!(scope.to_string(), text);
    let all =
        [Permission::Create, Permission::Read, Permission::Update, Permission::Delete, Permission::Search];
    assert!(all.iter().any(|permission| scope.grants(*permission)));
    if let Some(named) = &scope.resource_type {
        assert!(!all.iter().any(|permission| scope.covers(&format!("{named}X"), *permission)));
    }
});
