//! Thirty-two secret bytes, and how every other key is derived from them.
//!
//! Derivation is one HMAC-SHA256 over a label, used as a key-derivation function (NIST SP 800-108r1, one block):
//! <https://csrc.nist.gov/pubs/sp/800/108/r1/upd1/final>. Labels carry a version number, so a format can change
//! without two formats ever sharing a key.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroize;

use crate::random;

/// Length of every symmetric key in the house, in bytes.
pub const KEY_BYTES: usize = 32;

/// A 32-byte secret. It lives on the heap, so that a move leaves no copy behind, and is wiped when dropped.
/// It has no `Clone`, no `Display`, and its bytes leave this crate in no way.
pub struct Secret(Box<[u8; KEY_BYTES]>);

impl Secret {
    /// A new random secret.
    ///
    /// # Errors
    /// [`random::Unavailable`] when the operating system gives no randomness.
    pub fn random() -> Result<Self, random::Unavailable> {
        let mut secret = Self::empty();
        random::fill(secret.0.as_mut_slice())?;
        Ok(secret)
    }

    /// All zeros, to be filled in place by a decryption or a derivation.
    pub(crate) fn empty() -> Self {
        Self(Box::new([0; KEY_BYTES]))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; KEY_BYTES] {
        &mut self.0
    }

    /// The secret as a prepared HMAC-SHA256 key.
    pub(crate) fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice())
    }
}

/// Derives a secret from `key` for the purpose named by `parts`, whose lengths the caller has fixed by the label.
pub(crate) fn derive(key: &hmac::Key, parts: &[&[u8]]) -> Secret {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(part);
    }
    let mut secret = Secret::empty();
    secret.0.copy_from_slice(context.sign().as_ref());
    secret
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sealed(f)
    }
}

/// The `Debug` of everything secret.
pub(crate) fn sealed(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("sealed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_labels_give_unrelated_keys() {
        let secret = Secret::random().unwrap();
        let one = derive(&secret.hmac(), &[b"keepwell/one/1"]);
        let two = derive(&secret.hmac(), &[b"keepwell/two/1"]);
        let again = derive(&secret.hmac(), &[b"keepwell/one/1"]);
        assert_ne!(one.bytes(), two.bytes());
        assert_eq!(one.bytes(), again.bytes());
    }
}
