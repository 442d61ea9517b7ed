use super::*;
use crate::oauth::{error::Code, jwk};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_SHA384, RsaKeyPair},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;
use vault::ecdsa::Es384Key;

const AUD: &str = "https://here.example/oauth/token";
const ISSUER: &str = "https://here.example";
const NOW: i64 = 1_700_000_000;

static EC: LazyLock<Es384Key> = LazyLock::new(|| Es384Key::generate().unwrap());
static RSA: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn ec_jwk() -> Value {
    let (x, y) = EC.public().unwrap();
    json!({"kty": "EC", "crv": "P-384", "kid": "ec", "alg": "ES384", "use": "sig", "x": b64(x), "y": b64(y)})
}

fn rsa_jwk() -> Value {
    // PKCS#1: a sequence of two integers, the first of 257 bytes with its leading zero.
    let der = RSA.public_key().as_ref();
    let (n, e) = (&der[9..265], &der[der.len() - 3..]);
    json!({"kty": "RSA", "kid": "rsa", "n": b64(n), "e": b64(e)})
}

fn keys() -> Vec<Key> {
    jwk::parse(&json!({"keys": [ec_jwk(), rsa_jwk()]}).to_string()).unwrap()
}

fn header(alg: &str, kid: &str) -> Value {
    json!({"alg": alg, "kid": kid, "typ": "JWT"})
}

fn claims() -> Value {
    json!({"iss": "c1", "sub": "c1", "aud": AUD, "exp": NOW + 200, "iat": NOW, "jti": "j1"})
}

fn with(mut value: Value, name: &str, new: Value) -> Value {
    value[name] = new;
    value
}

fn without(mut value: Value, name: &str) -> Value {
    value.as_object_mut().unwrap().shift_remove(name);
    value
}

fn rsa_sign(message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; RSA.public_modulus_len()];
    RSA.sign(&RSA_PKCS1_SHA384, &SystemRandom::new(), message, &mut signature).unwrap();
    signature
}

fn jws(header: &str, claims: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", b64(header), b64(claims));
    format!("{signed}.{}", b64(sign(signed.as_bytes())))
}

fn ec(header: &Value, claims: &Value) -> String {
    jws(&header.to_string(), &claims.to_string(), |message| EC.sign(message).unwrap())
}

fn check(text: &str) -> Result<Proof, OauthError> {
    parse(text)?.check(&keys(), &[AUD.to_owned(), ISSUER.to_owned()], Timestamp::from_second(NOW).unwrap())
}

#[track_caller]
fn refused(text: &str) {
    let error = check(text).expect_err(text);
    assert_eq!(error.code, Code::InvalidClient);
}

#[test]
fn both_algorithms_prove_a_client() {
    let until = Timestamp::from_second(NOW + 200).unwrap();
    let proof = Proof { jti: "j1".into(), until };
    assert_eq!(check(&ec(&header("ES384", "ec"), &claims())).unwrap(), proof);
    let text = jws(&header("RS384", "rsa").to_string(), &claims().to_string(), rsa_sign);
    assert_eq!(check(&text).unwrap(), proof);
    for aud in [json!([AUD]), json!(ISSUER)] {
        assert_eq!(check(&ec(&header("ES384", "ec"), &with(claims(), "aud", aud))).unwrap(), proof);
    }
}

#[test]
fn no_algorithm_but_the_key_s_own_is_taken() {
    // No signature, an HMAC with the public key as its secret, another curve's or padding's name, one key under the other's name.
    for alg in ["none", "None", "NONE", "", "HS256", "HS384", "ES256", "RS256", "PS384", "es384", "RS384"] {
        refused(&ec(&header(alg, "ec"), &claims()));
        refused(&jws(&header(alg, "ec").to_string(), &claims().to_string(), |_| Vec::new()));
    }
    for public in [ec_jwk()["x"].to_string(), ec_jwk().to_string(), rsa_jwk()["n"].to_string()] {
        let secret = hmac::Key::new(hmac::HMAC_SHA384, public.as_bytes());
        let sign = |message: &[u8]| hmac::sign(&secret, message).as_ref().to_vec();
        for (alg, kid) in [("HS384", "ec"), ("ES384", "ec"), ("RS384", "rsa")] {
            refused(&jws(&header(alg, kid).to_string(), &claims().to_string(), sign));
        }
    }
    refused(&jws(&header("RS384", "ec").to_string(), &claims().to_string(), rsa_sign));
    refused(&jws(&header("ES384", "rsa").to_string(), &claims().to_string(), |m| EC.sign(m).unwrap()));
    refused(&ec(&header("ES384", "other"), &claims()));
    refused(&ec(&without(header("ES384", "ec"), "kid"), &claims()));
}

#[test]
fn a_header_that_brings_its_own_key_or_meaning_is_refused() {
    let more = [
        ("jwk", ec_jwk()),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/x")),
        ("x5c", json!(["MII"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("typ", json!("at+jwt")),
    ];
    for (name, value) in more {
        refused(&ec(&with(header("ES384", "ec"), name, value), &claims()));
    }
}

#[test]
fn claims_must_be_there_once_and_hold_now() {
    let fine = header("ES384", "ec");
    for name in ["iss", "sub", "aud", "exp", "jti"] {
        refused(&ec(&fine, &without(claims(), name)));
        refused(&ec(&fine, &with(claims(), name, Value::Null)));
    }
    for (name, value) in [
        ("sub", json!("c2")),
        ("iss", json!("c2")),
        ("aud", json!("https://here.example/oauth/token/")),
        ("aud", json!("https://HERE.example/oauth/token")),
        ("aud", json!([AUD, "https://evil.example"])),
        ("aud", json!([AUD, ISSUER])),
        ("aud", json!([])),
        ("aud", json!({"is": AUD})),
        ("exp", json!(NOW)),
        ("exp", json!(NOW - 1)),
        ("exp", json!(NOW + 301)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(i64::MIN)),
        ("exp", json!(1e300)),
        ("exp", json!("soon")),
        ("exp", json!(1_700_000_100.5)),
        ("iat", json!(NOW + 61)),
        ("nbf", json!(NOW + 61)),
        ("jti", json!("")),
        ("jti", json!("j".repeat(257))),
        ("jti", json!(7)),
    ] {
        refused(&ec(&fine, &with(claims(), name, value)));
    }
    let twice = format!("{},\"exp\":{}}}", claims().to_string().trim_end_matches('}'), NOW + 200);
    refused(&jws(&fine.to_string(), &twice, |message| EC.sign(message).unwrap()));
    let twice = "{\"alg\":\"none\",\"alg\":\"ES384\",\"kid\":\"ec\"}";
    refused(&jws(twice, &claims().to_string(), |message| EC.sign(message).unwrap()));
}

#[test]
fn what_is_no_jws_is_refused() {
    let good = ec(&header("ES384", "ec"), &claims());
    let parts: Vec<&str> = good.split('.').collect();
    let (h, c, s) = (parts[0], parts[1], parts[2]);
    for bad in [
        String::new(),
        ".".into(),
        "..".into(),
        "....".into(),
        format!("{h}.{c}"),
        format!("{h}.{c}."),
        format!("{h}..{s}"),
        format!(".{c}.{s}"),
        format!("{h}.{c}.{s}.{s}"),
        format!("{h}.{c}.{s}="),
        format!("{h}.{c}.{s}A"),
        format!(" {h}.{c}.{s}"),
        format!("{h}.{c}.{}", b64([0; 96])),
        format!("{h}.{c}.{}", b64([0xff; 96])),
        format!("{}.{c}.{s}", b64("[]")),
        format!("{}.{c}.{s}", b64("{\"alg\":[\"ES384\"],\"kid\":\"ec\"}")),
        format!("{}.{c}.{s}", b64([0xff, 0xfe])),
        format!("{}.{c}.{s}", b64("[".repeat(2_000))),
        format!("{h}.{}.{s}", b64("{\"iss\":".repeat(500))),
        "a".repeat(9_000),
        json!({"payload": c, "signatures": [{"protected": h, "signature": s}]}).to_string(),
    ] {
        refused(&bad);
    }
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let good = ec(&header("ES384", "ec"), &claims());
    assert!(check(&good).is_ok());
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        refused(&String::from_utf8(bytes).unwrap());
    }
}

#[test]
fn a_key_that_is_weak_private_or_malformed_is_not_registered() {
    let set = |key: Value| jwk::parse(&json!({"keys": [key]}).to_string());
    assert!(set(ec_jwk()).is_ok() && set(rsa_jwk()).is_ok());
    let bad = [
        json!({"kty": "oct", "kid": "a", "k": "c2VjcmV0"}),
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": b64([1; 32])}),
        json!({}),
        json!("key"),
        with(ec_jwk(), "d", json!(b64([1; 48]))),
        with(rsa_jwk(), "p", json!(b64([1; 128]))),
        with(ec_jwk(), "crv", json!("P-256")),
        with(ec_jwk(), "crv", json!("p-384")),
        with(ec_jwk(), "x", json!(b64([0; 48]))),
        with(ec_jwk(), "x", json!(b64([0xff; 48]))),
        with(ec_jwk(), "x", json!(b64([1; 47]))),
        with(ec_jwk(), "y", json!("?")),
        with(ec_jwk(), "alg", json!("RS384")),
        with(ec_jwk(), "alg", json!("HS384")),
        with(ec_jwk(), "alg", json!("none")),
        with(ec_jwk(), "use", json!("enc")),
        with(ec_jwk(), "key_ops", json!(["sign"])),
        with(ec_jwk(), "kid", json!("")),
        with(ec_jwk(), "kid", json!("k".repeat(129))),
        with(ec_jwk(), "kid", json!(1)),
        without(ec_jwk(), "kid"),
        without(ec_jwk(), "y"),
        without(ec_jwk(), "kty"),
        without(rsa_jwk(), "e"),
        with(rsa_jwk(), "e", json!(b64([3]))),
        with(rsa_jwk(), "e", json!(b64([1]))),
        with(rsa_jwk(), "e", json!(b64([1, 0, 0]))),
        with(rsa_jwk(), "e", json!(b64([1; 9]))),
        with(rsa_jwk(), "e", json!("")),
        with(rsa_jwk(), "n", json!(b64([0xff; 128]))),
        with(rsa_jwk(), "n", json!(b64([0xfe; 256]))),
        with(rsa_jwk(), "n", json!(b64([0xff; 2048]))),
    ];
    for key in bad {
        let text = key.to_string();
        assert!(set(key).is_err(), "{text}");
    }
    for text in ["", "[]", "{}", "{\"keys\":[]}", "{\"keys\":{}}", "{\"keys\":[1]}", "\u{0}"] {
        assert!(jwk::parse(text).is_err(), "{text}");
    }
    assert!(jwk::parse(&json!({"keys": [ec_jwk(), ec_jwk()]}).to_string()).is_err());
    let many: Vec<Value> = (0..11).map(|n| with(ec_jwk(), "kid", json!(format!("k{n}")))).collect();
    assert!(jwk::parse(&json!({"keys": many}).to_string()).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_stop_or_pass(text in "[ -~]{0,200}") {
        prop_assert!(check(&text).is_err());
    }

    #[test]
    fn no_header_or_claims_pass_without_the_key(header in "[ -~]{0,80}", claims in "[ -~]{0,120}", signature: Vec<u8>) {
        let text = jws(&header, &claims, |_| signature.clone());
        prop_assert!(check(&text).is_err());
    }

    #[test]
    fn only_the_very_bytes_that_were_signed_pass(at in 0_usize..500, byte: u8) {
        let good = ec(&header("ES384", "ec"), &claims());
        let mut bytes = good.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert_eq!(check(&text).is_ok(), text == good);
        }
    }

    #[test]
    fn no_set_of_keys_makes_the_reader_stop(text in "\\PC{0,200}") {
        let _ = jwk::parse(&text);
    }
}
