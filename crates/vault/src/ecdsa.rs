//! Signatures that outsiders check without us: ECDSA on P-384 with SHA-384 and on P-256 with SHA-256, `ES384` and `ES256` of
//! [RFC 7518](https://www.rfc-editor.org/rfc/rfc7518#section-3.4). Such keys are made here, and kept sealed by whoever asked for one.

use crate::secret;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    },
};
use std::fmt;
use zeroize::Zeroizing;

/// The key could not be made, read or used.
#[derive(Debug, thiserror::Error)]
#[error("a signing key cannot be made or used")]
pub struct Unusable;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident by $algorithm:ident, $coordinate:literal bytes;)*) => {$(
        $(#[$doc])*
        pub struct $name(EcdsaKeyPair);

        impl $name {
            /// How long a coordinate, and half a signature, is.
            pub const COORDINATE: usize = $coordinate;

            /// A new one.
            ///
            /// # Errors
            /// [`Unusable`] where the system gives no randomness.
            pub fn generate() -> Result<$name, Unusable> {
                EcdsaKeyPair::generate(&$algorithm).map($name).map_err(|_| Unusable)
            }

            /// The one that `to_pkcs8` wrote.
            ///
            /// # Errors
            /// [`Unusable`] where it is none.
            pub fn from_pkcs8(bytes: &[u8]) -> Result<$name, Unusable> {
                EcdsaKeyPair::from_pkcs8(&$algorithm, bytes).map($name).map_err(|_| Unusable)
            }

            /// The whole key, to be sealed at once.
            ///
            /// # Errors
            /// [`Unusable`] where the cryptographic library refuses.
            pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Unusable> {
                let document = self.0.to_pkcs8v1().map_err(|_| Unusable)?;
                Ok(Zeroizing::new(document.as_ref().to_vec()))
            }

            /// The public point: both coordinates.
            ///
            /// # Errors
            /// [`Unusable`], never in practice.
            pub fn public(&self) -> Result<([u8; $coordinate], [u8; $coordinate]), Unusable> {
                let point = self.0.public_key().as_ref();
                let (x, y) = point.get(1..).and_then(|xy| xy.split_at_checked($coordinate)).ok_or(Unusable)?;
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

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                secret::sealed(f)
            }
        }
    )*};
}

keys! {
    /// A key pair on P-384.
    Es384Key by ECDSA_P384_SHA384_FIXED_SIGNING, 48 bytes;
    /// A key pair on P-256, for those who read nothing else.
    Es256Key by ECDSA_P256_SHA256_FIXED_SIGNING, 32 bytes;
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, UnparsedPublicKey,
    };

    fn check(by: &'static EcdsaVerificationAlgorithm, (x, y): (&[u8], &[u8]), signature: &[u8]) {
        assert_eq!(signature.len(), 2 * x.len());
        let public = UnparsedPublicKey::new(by, [&[4][..], x, y].concat());
        assert!(
            public.verify(b"message", signature).is_ok() && public.verify(b"massage", signature).is_err()
        );
    }

    #[test]
    fn what_a_kept_key_signs_its_public_point_verifies() {
        let key = Es384Key::generate().unwrap();
        let again = Es384Key::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
        let (x, y) = key.public().unwrap();
        assert_eq!(again.public().unwrap(), (x, y));
        check(&ECDSA_P384_SHA384_FIXED, (&x, &y), &again.sign(b"message").unwrap());
        let small = Es256Key::generate().unwrap();
        let again = Es256Key::from_pkcs8(&small.to_pkcs8().unwrap()).unwrap();
        let (x, y) = small.public().unwrap();
        check(&ECDSA_P256_SHA256_FIXED, (&x, &y), &again.sign(b"message").unwrap());
        assert!(Es384Key::from_pkcs8(b"no key").is_err());
        assert!(Es384Key::from_pkcs8(&small.to_pkcs8().unwrap()).is_err(), "a key of another curve");
        assert_eq!((format!("{key:?}"), format!("{small:?}")), ("sealed".into(), "sealed".into()));
    }
}
