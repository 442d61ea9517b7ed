//! Public keys of clients: <https://www.rfc-editor.org/rfc/rfc7517>, for the two algorithms that
//! [SMART](https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html) asks for: `ES384` and `RS384`.
//!
//! A key says by itself which algorithm it is for, so no token can choose another one.

use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA384, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The most keys of one client.
const MOST: usize = 10;

/// The longest set, as text.
const LONGEST: usize = 32 << 10;

/// How long a coordinate of P-384 is.
const COORDINATE: usize = 48;

/// An algorithm of the allow-list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-384 with SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    #[serde(rename = "RS384")]
    Rs384,
}

impl Algorithm {
    /// The algorithm of that name; no other is known here, `none` least of all.
    pub(crate) fn named(name: &str) -> Option<Algorithm> {
        match name {
            "ES384" => Some(Algorithm::Es384),
            "RS384" => Some(Algorithm::Rs384),
            _ => None,
        }
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its name among the client's keys.
    pub kid: String,
    /// What it is for.
    pub algorithm: Algorithm,
    /// ES384: both coordinates. RS384: modulus and exponent.
    parts: (String, String),
}

/// A key as it is sent. Fields that are known are taken once only; a private part in it is reason enough to refuse.
#[derive(Deserialize)]
struct Sent {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<serde_json::Value>,
    k: Option<serde_json::Value>,
    p: Option<serde_json::Value>,
    q: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Sent>,
}

/// Reads a set of keys, `{"keys": […]}`; the text says what to mend.
///
/// # Errors
/// Where it is no such set, or one key of it cannot be used.
pub fn parse(text: &str) -> Result<Vec<Key>, &'static str> {
    if text.len() > LONGEST {
        return Err("the key set is too long");
    }
    let set: Set = serde_json::from_str(text)
        .map_err(|_| "`jwks` must be {\"keys\": [...]} with one public JWK in it at least")?;
    if set.keys.is_empty() || set.keys.len() > MOST {
        return Err("`jwks` must hold 1 to 10 keys");
    }
    let mut keys: Vec<Key> = Vec::with_capacity(set.keys.len());
    for sent in set.keys {
        let key = sent.read()?;
        if keys.iter().any(|known| known.kid == key.kid) {
            return Err("two keys have the same `kid`");
        }
        keys.push(key);
    }
    Ok(keys)
}

impl Sent {
    fn read(self) -> Result<Key, &'static str> {
        if self.d.is_some() || self.k.is_some() || self.p.is_some() || self.q.is_some() {
            return Err(
                "a private or shared key was sent: it is not secret any more; make a new pair and send the public half",
            );
        }
        let signs = self.used_for.as_deref().is_none_or(|used| used == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !signs {
            return Err("a key is not for signatures");
        }
        let kid = self
            .kid
            .filter(|kid| (1..=128).contains(&kid.len()))
            .ok_or("each key needs a `kid` of 1 to 128 characters")?;
        let named = self
            .alg
            .as_deref()
            .map(|name| Algorithm::named(name).ok_or("a key's `alg` must be ES384 or RS384"));
        let named = named.transpose()?;
        let (algorithm, parts) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("EC", Some("P-384")) => (Algorithm::Es384, self.x.zip(self.y)),
            ("RSA", None) => (Algorithm::Rs384, self.n.zip(self.e)),
            _ => return Err("a key must be EC on P-384, or RSA"),
        };
        if named.is_some_and(|named| named != algorithm) {
            return Err("a key's `alg` does not fit its `kty`");
        }
        let key = Key { kid, algorithm, parts: parts.ok_or("a key lacks `x` and `y`, or `n` and `e`")? };
        if key.is_sane() { Ok(key) } else { Err("a key is malformed, too weak, or no point of its curve") }
    }
}

impl Key {
    fn bytes(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        URL_SAFE_NO_PAD.decode(&self.parts.0).ok().zip(URL_SAFE_NO_PAD.decode(&self.parts.1).ok())
    }

    /// Whether the library can verify by it: right lengths, on the curve, 2048 to 4096 bits, an odd exponent that is not tiny.
    fn is_sane(&self) -> bool {
        let Some((one, two)) = self.bytes() else { return false };
        match self.algorithm {
            Algorithm::Es384 => {
                let right = one.len() == COORDINATE && two.len() == COORDINATE;
                right && UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point(&one, &two)).parse().is_ok()
            }
            Algorithm::Rs384 => {
                let full =
                    (256..=512).contains(&one.len()) && one.first().is_some_and(|first| *first >= 0x80);
                let odd = one.last().is_some_and(|last| last % 2 == 1);
                let exponent = two
                    .iter()
                    .try_fold(0_u64, |sum, byte| sum.checked_mul(256)?.checked_add(u64::from(*byte)));
                let fits = two.len() <= 4 && exponent.is_some_and(|e| e >= 65_537 && e % 2 == 1);
                let components = RsaPublicKeyComponents { n: &one, e: &two };
                full && odd && fits && components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA384).is_ok()
            }
        }
    }

    /// Whether the signature on the message is this key's.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Some((one, two)) = self.bytes() else { return false };
        match self.algorithm {
            Algorithm::Es384 => UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point(&one, &two))
                .verify(message, signature)
                .is_ok(),
            Algorithm::Rs384 => {
                let components = RsaPublicKeyComponents { n: &one, e: &two };
                components.verify(&RSA_PKCS1_2048_8192_SHA384, message, signature).is_ok()
            }
        }
    }
}

/// An uncompressed point.
fn point(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}
