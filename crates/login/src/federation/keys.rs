//! The keys of an outside provider: <https://www.rfc-editor.org/rfc/rfc7517>. A provider publishes what it likes, so keys that are
//! not for signatures, or of a kind that is not known here, are passed over.
//!
//! A key says what it can verify. A shared secret is no key here, so `HS256` with a public key as its secret, and `none`, have
//! nothing to verify by.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// The most keys that are looked at.
const MOST: usize = 100;

/// An algorithm of the allow-list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Rs384,
    Ps256,
    Es256,
    Es384,
}

impl Algorithm {
    /// The algorithm of that name; no other is known here, `none` least of all.
    pub(crate) fn named(name: &str) -> Option<Algorithm> {
        match name {
            "RS256" => Some(Algorithm::Rs256),
            "RS384" => Some(Algorithm::Rs384),
            "PS256" => Some(Algorithm::Ps256),
            "ES256" => Some(Algorithm::Es256),
            "ES384" => Some(Algorithm::Es384),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Ps256 => "PS256",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
        }
    }
}

enum Material {
    Rsa(Vec<u8>, Vec<u8>),
    /// Uncompressed points.
    P256(Vec<u8>),
    P384(Vec<u8>),
}

/// A public key.
pub(crate) struct Key {
    kid: Option<String>,
    alg: Option<String>,
    material: Material,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Sent {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// The keys of a set that can be used; `None` where it is no set.
pub(crate) fn parse(bytes: &[u8]) -> Option<Vec<Key>> {
    let set: Set = serde_json::from_slice(bytes).ok()?;
    let sent = set.keys.into_iter().take(MOST);
    Some(sent.filter_map(|key| serde_json::from_value::<Sent>(key).ok()?.read()).collect())
}

impl Sent {
    fn read(self) -> Option<Key> {
        if self.used_for.is_some_and(|used| used != "sig") {
            return None;
        }
        let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let point = |size: usize| {
            let (x, y) = (bytes(self.x.clone())?, bytes(self.y.clone())?);
            (x.len() == size && y.len() == size).then(|| [&[4], &x[..], &y[..]].concat())
        };
        let material = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", None) => Material::Rsa(bytes(self.n.clone())?, bytes(self.e.clone())?),
            ("EC", Some("P-256")) => Material::P256(point(32)?),
            ("EC", Some("P-384")) => Material::P384(point(48)?),
            _ => return None,
        };
        Some(Key { kid: self.kid, alg: self.alg, material })
    }
}

impl Key {
    /// Whether it may be the one that a header names.
    pub(crate) fn fits(&self, algorithm: Algorithm, kid: Option<&str>) -> bool {
        let of_kind = matches!(
            (&self.material, algorithm),
            (Material::Rsa(..), Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Ps256)
                | (Material::P256(_), Algorithm::Es256)
                | (Material::P384(_), Algorithm::Es384)
        );
        of_kind
            && self.alg.as_deref().is_none_or(|alg| alg == algorithm.name())
            && kid.is_none_or(|kid| self.kid.as_deref() == Some(kid))
    }

    /// Whether the signature on the message is this key's, by that algorithm.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let rsa = |n: &[u8], e: &[u8], how: &'static RsaParameters| {
            RsaPublicKeyComponents { n, e }.verify(how, message, signature).is_ok()
        };
        match (&self.material, algorithm) {
            (Material::Rsa(n, e), Algorithm::Rs256) => rsa(n, e, &RSA_PKCS1_2048_8192_SHA256),
            (Material::Rsa(n, e), Algorithm::Rs384) => rsa(n, e, &RSA_PKCS1_2048_8192_SHA384),
            (Material::Rsa(n, e), Algorithm::Ps256) => rsa(n, e, &RSA_PSS_2048_8192_SHA256),
            (Material::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            (Material::P384(point), Algorithm::Es384) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}
