//! Tokens and stamps as a caller sends them: only the exact form has a hash, and nothing that we did not stamp opens.
#![no_main]

use std::sync::LazyLock;
use testkit::house::{Engine, House};
use vault::{mac::MacKey, token};

static KEY: LazyLock<MacKey> = LazyLock::new(|| {
    let house = House::new(Engine::Sqlite);
    house.record.store().keyring().mac_key().for_use("fuzz")
});

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Some(hash) = token::hash(text) {
        assert!(text.starts_with(token::PREFIX) && text.len() == 46);
        assert_eq!(hash.0.len(), 64);
    }
    assert_eq!(KEY.unstamp(text), None);
    assert_eq!(KEY.unstamp(&KEY.stamp(text.as_bytes())).as_deref(), Some(text.as_bytes()));
});
