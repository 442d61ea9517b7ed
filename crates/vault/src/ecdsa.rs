//! Signatures that outsiders check without us: ECDSA on P-384 with SHA-384, `ES384` of
//! [RFC 7518](https://www.rfc-editor.org/rfc/rfc7518#section-3.4). Such keys are made here, and kept sealed by whoever asked for one.

use crate::secret;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use std::fmt;
use zeroize::Zeroizing;

/// How long a coordinate, and half a signature, is.
pub const COORDINATE: usize = 48;

/// A key pair.
pub struct Es384Key(EcdsaKeyPair);

/// The key could not be made, read or used.
#[derive(Debug, thiserror::Error)]
#[error("a signing key cannot be made or used")]
pub struct Unusable;

impl Es384Key {
    /// A new one.
    ///
    /// # Errors
    /// [`Unusable`] where the system gives no randomness.
    pub fn generate() -> Result<Es384Key, Unusable> {
        EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).map(Es384Key).map_err(|_| Unusable)
    }

    /// The one that [`Es384Key::to_pkcs8`] wrote.
    ///
    /// # Errors
    /// [`Unusable`] where it is none.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Es384Key, Unusable> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, bytes).map(Es384Key).map_err(|_| Unusable)
    }

    /// The whole key, to be sealed at once.
    ///
    /// # Errors
    /// [`Unusable`] where the cryptographic library refuses.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Unusable> {
        self.0.to_pkcs8v1().map(|document| Zeroizing::new(document.as_ref().to_vec())).map_err(|_| Unusable)
    }

    /// The public point: both coordinates.
    ///
    /// # Errors
    /// [`Unusable`], never in practice.
    pub fn public(&self) -> Result<([u8; COORDINATE], [u8; COORDINATE]), Unusable> {
        let point = self.0.public_key().as_ref();
        let (x, y) = point.get(1..).and_then(|xy| xy.split_at_checked(COORDINATE)).ok_or(Unusable)?;
        Ok((x.try_into().map_err(|_| Unusable)?, y.try_into().map_err(|_| Unusable)?))
    }

    /// Signs a message, whole: the two halves of the signature after each other, as JWS wants them.
    ///
    /// # Errors
    /// [`Unusable`] where the cryptographic library refuses.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unusable> {
        let signature = self.0.sign(&SystemRandom::new(), message).map_err(|_| Unusable)?;
        Ok(signature.as_ref().to_vec())
    }
}

impl fmt::Debug for Es384Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};

    #[test]
    fn what_a_kept_key_signs_its_public_point_verifies() {
        let key = Es384Key::generate().unwrap();
        let again = Es384Key::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
        let (x, y) = key.public().unwrap();
        assert_eq!(again.public().unwrap(), (x, y));
        let signature = again.sign(b"message").unwrap();
        assert_eq!(signature.len(), 2 * COORDINATE);
        let point = [&[4][..], &x, &y].concat();
        let public = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point);
        assert!(
            public.verify(b"message", &signature).is_ok() && public.verify(b"massage", &signature).is_err()
        );
        assert!(Es384Key::from_pkcs8(b"no key").is_err());
        assert_eq!(format!("{key:?}"), "sealed");
    }
}
