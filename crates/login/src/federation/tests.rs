use super::{
    keys::{self, Key},
    origin,
    token::{Expected, Fault, Said, check},
};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const NOW: i64 = 1_790_000_000;

struct House {
    pair: EcdsaKeyPair,
}

impl House {
    fn new() -> House {
        House { pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap() }
    }

    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "kid": "k", "x": text(&point[1..33]), "y": text(&point[33..])})
    }

    fn keys(&self) -> Vec<Key> {
        set(&[self.jwk()])
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", text(header.to_string()), text(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", text(signature))
    }
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn set(keys: &[Value]) -> Vec<Key> {
    keys::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

fn header() -> Value {
    json!({"alg": "ES256", "typ": "JWT", "kid": "k"})
}

fn claims() -> Value {
    json!({"iss": "https://id.example", "sub": "s", "aud": "keepwell", "exp": NOW + 300, "iat": NOW,
        "nonce": "n", "amr": ["pwd", "otp"], "auth_time": NOW - 30})
}

fn checked(token: &str, keys: &[Key]) -> Result<Said, Fault> {
    let now = jiff::Timestamp::from_second(NOW).unwrap();
    check(token, keys, &Expected { issuer: "https://id.example", client: "keepwell", nonce: "n", now })
}

#[test]
fn a_token_that_holds_says_who_and_how() {
    let house = House::new();
    let said = checked(&house.signed(&header(), &claims()), &house.keys()).unwrap();
    assert_eq!((said.subject.as_str(), said.amr.len(), said.acr), ("s", 2, None));
    assert_eq!(said.proven.unwrap().as_second(), NOW - 30);
    for aud in [json!(["keepwell"]), json!("keepwell")] {
        let mut claims = claims();
        claims["aud"] = aud;
        assert!(checked(&house.signed(&header(), &claims), &house.keys()).is_ok());
    }
}

#[test]
fn what_a_token_says_must_be_what_was_asked_for() {
    let house = House::new();
    for (name, value, fault) in [
        ("iss", json!("https://id.example/"), Fault::Issuer),
        ("iss", json!("https://evil.example"), Fault::Issuer),
        ("aud", json!("another"), Fault::Audience),
        ("aud", json!(["keepwell", "another"]), Fault::Audience),
        ("aud", json!([]), Fault::Audience),
        ("azp", json!("another"), Fault::Audience),
        ("nonce", json!("m"), Fault::Nonce),
        ("nonce", Value::Null, Fault::Nonce),
        ("exp", json!(NOW - 61), Fault::Time),
        ("iat", json!(NOW + 61), Fault::Time),
        ("iat", json!(NOW - 661), Fault::Time),
        ("nbf", json!(NOW + 61), Fault::Time),
        ("sub", json!(""), Fault::Subject),
        ("sub", json!("s".repeat(256)), Fault::Subject),
        ("sub", json!("a\u{0}b"), Fault::Subject),
        ("sub", json!(5), Fault::Form),
        ("exp", json!("soon"), Fault::Form),
    ] {
        let mut claims = claims();
        claims[name] = value.clone();
        let refused = checked(&house.signed(&header(), &claims), &house.keys()).unwrap_err();
        assert_eq!(refused, fault, "{name} {value}");
    }
    let (mut within, mut lasting) = (claims(), claims());
    (within["exp"], within["iat"]) = (json!(NOW - 59), json!(NOW - 300));
    (lasting["aud"], lasting["azp"]) = (json!(["another", "keepwell"]), json!("keepwell"));
    for claims in [within, lasting] {
        assert!(checked(&house.signed(&header(), &claims), &house.keys()).is_ok());
    }
}

#[test]
fn no_algorithm_is_taken_but_the_keys_own() {
    let house = House::new();
    for (name, value, fault) in [
        ("alg", json!("none"), Fault::Algorithm),
        ("alg", json!("None"), Fault::Algorithm),
        ("alg", json!("HS256"), Fault::Algorithm),
        ("alg", json!("RS256"), Fault::Key),
        ("alg", json!("ES384"), Fault::Key),
        ("kid", json!("other"), Fault::Key),
        ("jku", json!("https://evil.example/keys"), Fault::Form),
        ("jwk", house.jwk(), Fault::Form),
        ("crit", json!(["b64"]), Fault::Form),
    ] {
        let mut header = header();
        header[name] = value.clone();
        assert_eq!(checked(&house.signed(&header, &claims()), &house.keys()).unwrap_err(), fault, "{value}");
    }
    // The public key as an HMAC secret, as those who confuse the two would have it.
    let mut confused = header();
    confused["alg"] = json!("HS256");
    let signed = format!("{}.{}", text(confused.to_string()), text(claims().to_string()));
    let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, house.pair.public_key().as_ref());
    let token = format!("{signed}.{}", text(aws_lc_rs::hmac::sign(&secret, signed.as_bytes())));
    assert_eq!(checked(&token, &house.keys()).unwrap_err(), Fault::Algorithm);
    let token = house.signed(&header(), &claims());
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    assert_eq!(checked(&unsigned, &house.keys()).unwrap_err(), Fault::Signature);
    assert_eq!(checked(&token, &House::new().keys()).unwrap_err(), Fault::Signature);
    for bad in ["", "a", "a.b", "a.b.c", "..", &format!("{token}.x"), &"a".repeat(20_000)] {
        assert_eq!(checked(bad, &house.keys()).unwrap_err(), Fault::Form, "{bad}");
    }
}

#[test]
fn keys_that_are_of_no_use_are_passed_over() {
    let house = House::new();
    let mut other_use = house.jwk();
    other_use["use"] = json!("enc");
    let mut other_alg = house.jwk();
    other_alg["alg"] = json!("ES256K");
    let mut short = house.jwk();
    short["x"] = json!("AA");
    let secret = json!({"kty": "oct", "kid": "k", "k": "c2VjcmV0"});
    let token = house.signed(&header(), &claims());
    for bad in [other_use, other_alg, short, secret, json!({}), json!(5)] {
        assert_eq!(checked(&token, &set(std::slice::from_ref(&bad))).unwrap_err(), Fault::Key, "{bad}");
        assert!(checked(&token, &set(&[bad, house.jwk()])).is_ok());
    }
    assert!(keys::parse(b"[]").is_none() && keys::parse(b"{}").is_none() && keys::parse(b"").is_none());
}

#[test]
fn only_an_address_that_may_be_asked_has_an_origin() {
    for (address, own) in [
        ("https://id.example/realms/a?b#c", "https://id.example"),
        ("https://id.example:8443", "https://id.example:8443"),
        ("http://127.0.0.1:9/x", "http://127.0.0.1:9"),
        ("http://[::1]:9", "http://[::1]:9"),
        ("http://localhost", "http://localhost"),
    ] {
        assert_eq!(origin(address), Some(own));
    }
    for bad in [
        "http://id.example",
        "https://me@id.example",
        "https://",
        "https:///a",
        "id.example",
        "file:///etc",
        "https://a b",
        "https://id.example\\@evil.example/",
        "http://localhost.evil.example",
        "",
        "http://127.0.0.1@evil.example/",
        "https://id.example/\n",
    ] {
        assert_eq!(origin(bad), None, "{bad}");
    }
}
