//! Parameters of OAuth requests: said once, or refused.
#![no_main]

use login::oauth::params::Params;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(params) = Params::parse(bytes) else { return };
    for name in ["scope", "state", "client_id", "code"] {
        let twice = [bytes, b"&", name.as_bytes(), b"=x"].concat();
        assert!(params.get(name).is_none() || Params::parse(&twice).is_err());
    }
});
