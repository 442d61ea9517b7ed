//! Public keys in the form of [COSE](https://www.rfc-editor.org/rfc/rfc9052#section-7), and what they verify.

use super::cbor;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use serde::{Deserialize, Serialize};

/// The algorithms that we ask browsers for, the best first: Ed25519, ECDSA on P-256 with SHA-256, RSA with SHA-256.
pub(crate) const ALGORITHMS: [i64; 3] = [-8, -7, -257];

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum PublicKey {
    Ed25519(Vec<u8>),
    /// As an uncompressed point.
    P256(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// Reads a key, with extensions perhaps after it. `None` for any other kind, and for what is no key.
    pub(super) fn read(bytes: &[u8]) -> Option<PublicKey> {
        let (pairs, _) = cbor::map(bytes)?;
        let get =
            |label| pairs.iter().find(|(key, _)| *key == cbor::Value::Int(label)).map(|(_, value)| *value);
        let int = |label| get(label).and_then(cbor::Value::int);
        let bytes = |label| get(label).and_then(cbor::Value::bytes);
        match (int(1)?, int(3)?) {
            (1, -8) if int(-1)? == 6 => {
                let key = bytes(-2)?.to_vec();
                ParsedPublicKey::new(&ED25519, &key).ok()?;
                Some(PublicKey::Ed25519(key))
            }
            (2, -7) if int(-1)? == 1 => {
                let (x, y) = (bytes(-2)?, bytes(-3)?);
                let point = [&[4], x, y].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &point).ok()?;
                (x.len() == 32 && y.len() == 32).then_some(PublicKey::P256(point))
            }
            (3, -257) => {
                let (n, e) = (bytes(-1)?.to_vec(), bytes(-2)?.to_vec());
                ((256..=1024).contains(&n.len()) && e == [1, 0, 1]).then_some(PublicKey::Rsa { n, e })
            }
            _ => None,
        }
    }

    pub(super) fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        let parsed = |algorithm, key: &[u8]| {
            ParsedPublicKey::new(algorithm, key).is_ok_and(|key| key.verify_sig(signed, signature).is_ok())
        };
        match self {
            PublicKey::Ed25519(key) => parsed(&ED25519, key),
            PublicKey::P256(point) => parsed(&ECDSA_P256_SHA256_ASN1, point),
            PublicKey::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok()
            }
        }
    }
}
