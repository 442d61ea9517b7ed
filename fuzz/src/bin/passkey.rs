//! What an authenticator sends (CBOR, authenticator data, COSE keys): read whole or not at all. The first bit says which it is.
#![no_main]

use login::factor::passkey::{brings_a_key, is_authenticator_data};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((which, bytes)) = input.split_first() else { return };
    if which & 1 == 0 {
        if brings_a_key(bytes) {
            // A map that is whole is not whole without its last byte, nor with one more.
            assert!(!brings_a_key(&bytes[..bytes.len() - 1]));
            assert!(!brings_a_key(&[bytes, &[0]].concat()));
        }
    } else if is_authenticator_data(bytes) {
        assert!(bytes.len() >= 37);
        // Without a credential and without extensions it has one length.
        let announces = bytes[32] & 0b1100_0000 != 0;
        assert!(announces || bytes.len() == 37);
    }
});
