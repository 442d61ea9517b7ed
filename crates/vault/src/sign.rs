//! Signatures on the log's checkpoints: Ed25519 (<https://www.rfc-editor.org/rfc/rfc8032>), with key ids and verifier
//! keys as C2SP signed notes write them: <https://c2sp.org/signed-note>.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::secret::{self, Secret};
use crate::token::hex;

/// The signature type of Ed25519 in a signed note.
const NOTE_ED25519: u8 = 1;

/// An Ed25519 public key.
pub type PublicKey = [u8; 32];
/// An Ed25519 signature.
pub type Signature = [u8; 64];

/// The installation's checkpoint signing key.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

/// The key could not be made or used for signing.
#[derive(Debug, thiserror::Error)]
#[error("the checkpoint signing key cannot be used: restore the keyring from its backup")]
pub struct Unusable;

impl SigningKey {
    pub(crate) fn new(seed: &Secret) -> Result<Self, Unusable> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.bytes()).map_err(|_| Unusable)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| Unusable)?;
        Ok(Self { pair, public })
    }

    /// The key that outsiders check our checkpoints with.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs a message, whole.
    ///
    /// # Errors
    /// [`Unusable`] when the cryptographic library refuses.
    pub fn sign(&self, message: &[u8]) -> Result<Signature, Unusable> {
        let signature = self.pair.try_sign(message).map_err(|_| Unusable)?;
        signature.as_ref().try_into().map_err(|_| Unusable)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}

/// Whether `public` signed `message`.
pub fn verifies(public: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    signature::UnparsedPublicKey::new(&signature::ED25519, public).verify(message, signature).is_ok()
}

/// The four bytes that stand before a signature in a signed note: `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)[:4]`.
pub fn key_id(name: &str, public: &PublicKey) -> [u8; 4] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(name.as_bytes());
    context.update(&[b'\n', NOTE_ED25519]);
    context.update(public);
    let mut id = [0; 4];
    id.copy_from_slice(&context.finish().as_ref()[..4]);
    id
}

/// The verifier key text that witnesses and auditors configure: `name+id+base64(0x01 ‖ key)`.
pub fn verifier_key(name: &str, public: &PublicKey) -> String {
    let mut typed = vec![NOTE_ED25519];
    typed.extend_from_slice(public);
    format!("{name}+{}+{}", hex(&key_id(name, public)), STANDARD.encode(typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_hex<const N: usize>(text: &str) -> [u8; N] {
        let digits = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
        std::array::from_fn(digits)
    }

    #[test]
    fn the_first_test_vector_of_rfc_8032_holds() {
        let mut seed = Secret::empty();
        *seed.bytes_mut() = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = SigningKey::new(&seed).unwrap();
        let public = from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(key.public(), public);
        let signature: Signature = from_hex(concat!(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555",
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ));
        assert_eq!(key.sign(b"").unwrap(), signature);
        assert!(verifies(&public, b"", &signature));
    }

    #[test]
    fn a_changed_message_signature_or_key_does_not_verify() {
        let key = SigningKey::new(&Secret::random().unwrap()).unwrap();
        let signature = key.sign(b"checkpoint").unwrap();
        assert!(verifies(&key.public(), b"checkpoint", &signature));
        assert!(!verifies(&key.public(), b"Checkpoint", &signature));
        assert!(!verifies(&key.public(), b"checkpoint", &signature[..63]));
        let other = SigningKey::new(&Secret::random().unwrap()).unwrap();
        assert!(!verifies(&other.public(), b"checkpoint", &signature));
        for at in 0..signature.len() {
            let mut changed = signature;
            changed[at] ^= 1;
            assert!(!verifies(&key.public(), b"checkpoint", &changed));
        }
    }

    #[test]
    fn the_example_verifier_key_of_the_go_checksum_database_is_written_the_same() {
        // https://go.dev/design/25530-sumdb: the public key of sum.golang.org.
        let written = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        let typed = STANDARD.decode(written.rsplit_once("033de0ae+").unwrap().1).unwrap();
        let public: PublicKey = typed[1..].try_into().unwrap();
        assert_eq!(verifier_key("sum.golang.org", &public), written);
    }
}
