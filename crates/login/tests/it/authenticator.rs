//! An authenticator in software, and the browser before it: they answer as real ones do, or lie where a test wants it.

use crate::house::ORIGIN;
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use login::factor::passkey::{Assertion, Registration};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// One passkey. What it says can be changed before it says it.
pub(crate) struct Authenticator {
    pub(crate) pair: Pair,
    pub(crate) id: Vec<u8>,
    pub(crate) user: Vec<u8>,
    pub(crate) count: u32,
    /// Present, verified.
    pub(crate) flags: u8,
    pub(crate) origin: String,
    pub(crate) party: String,
    pub(crate) cross_origin: bool,
    /// In place of `webauthn.create` or `webauthn.get`.
    pub(crate) kind: Option<&'static str>,
}

fn bytes(major: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[major << 5 | 25], &length[..], bytes].concat()
}

impl Authenticator {
    pub(crate) fn new(id: &[u8]) -> Authenticator {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Authenticator::with(Pair::P256(pair), id)
    }

    pub(crate) fn ed25519(id: &[u8]) -> Authenticator {
        Authenticator::with(Pair::Ed25519(Ed25519KeyPair::generate().unwrap()), id)
    }

    pub(crate) fn rsa(id: &[u8]) -> Authenticator {
        Authenticator::with(Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()), id)
    }

    fn with(pair: Pair, id: &[u8]) -> Authenticator {
        Authenticator {
            pair,
            id: id.to_vec(),
            user: Vec::new(),
            count: 1,
            flags: 0b101,
            origin: ORIGIN.into(),
            party: "here.example".into(),
            cross_origin: false,
            kind: None,
        }
    }

    pub(crate) fn text_id(&self) -> String {
        BASE64.encode(&self.id)
    }

    fn client(&self, kind: &str, options: &str) -> (Value, Vec<u8>) {
        let options: Value = serde_json::from_str(options).unwrap();
        let data = json!({"type": self.kind.unwrap_or(kind), "challenge": options["challenge"],
            "origin": self.origin, "crossOrigin": self.cross_origin, "other": {"a": [1]}});
        (options, data.to_string().into_bytes())
    }

    fn data(&self, attested: bool) -> Vec<u8> {
        let flags = if attested { self.flags | 1 << 6 } else { self.flags };
        let mut data = [Sha256::digest(&self.party).as_slice(), &[flags], &self.count.to_be_bytes()].concat();
        if attested {
            data.extend([0; 16]);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(&self.id);
            data.extend(self.cose());
        }
        data
    }

    fn cose(&self) -> Vec<u8> {
        match &self.pair {
            Pair::P256(pair) => {
                let point = pair.public_key().as_ref();
                // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
                let head = vec![0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21];
                [head, bytes(2, &point[1..33]), vec![0x22], bytes(2, &point[33..])].concat()
            }
            Pair::Ed25519(pair) => {
                // {1: 1, 3: -8, -1: 6, -2: x}
                let head = vec![0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21];
                [head, bytes(2, pair.public_key().as_ref())].concat()
            }
            Pair::Rsa(pair) => {
                // The modulus stands in the DER of the key, after 9 bytes of headers.
                let modulus = pair.public_key().as_ref()[9..265].to_vec();
                // {1: 3, 3: -257, -1: n, -2: e}
                let head = vec![0xa4, 1, 3, 3, 0x39, 1, 0, 0x20];
                [head, bytes(2, &modulus), vec![0x21], bytes(2, &[1, 0, 1])].concat()
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::P256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// `navigator.credentials.create`
    pub(crate) fn make(&mut self, options: &str) -> Registration {
        let (options, client) = self.client("webauthn.create", options);
        self.user = BASE64.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData";
        let object = [&head[..], &bytes(2, &self.data(true))].concat();
        Registration { client_data: BASE64.encode(client), attestation: BASE64.encode(object) }
    }

    /// `navigator.credentials.get`; each use is counted.
    pub(crate) fn answer(&mut self, options: &str) -> Assertion {
        self.count += 1;
        let (_, client) = self.client("webauthn.get", options);
        let data = self.data(false);
        let signature = self.sign(&[data.as_slice(), &Sha256::digest(&client)].concat());
        Assertion {
            id: self.text_id(),
            client_data: BASE64.encode(client),
            authenticator_data: BASE64.encode(data),
            signature: BASE64.encode(signature),
            user_handle: BASE64.encode(&self.user),
        }
    }
}
