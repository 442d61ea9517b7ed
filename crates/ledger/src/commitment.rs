//! What a leaf holds: a salted commitment to an audit entry, never the entry.
//!
//! The salt keeps a holder of the whole tree (a witness, a regulator, a thief) from guessing entries and comparing hashes;
//! with salt and entry in hand anyone can check the one line that concerns them. Destroying an entry and its salt
//! leaves the tree whole.

use crate::hash::{self, Hash};
use sha2::{Digest, Sha256};

/// 32 random bytes, fresh for each entry and kept with it.
pub type Salt = [u8; 32];

/// The commitment to an entry: SHA-256(salt ‖ entry). The salt's length is fixed, so no other pair reads the same.
#[must_use]
pub fn commit(salt: &Salt, entry: &[u8]) -> Hash {
    Sha256::new().chain_update(salt).chain_update(entry).finalize().into()
}

/// The leaf hash of a commitment: SHA-256(0x00 ‖ commitment).
#[must_use]
pub fn leaf(commitment: &Hash) -> Hash {
    hash::leaf(commitment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_is_the_hash_of_salt_and_entry() {
        let plain = [[9; 32].as_slice(), b"entry"].concat();
        assert_eq!(commit(&[9; 32], b"entry"), <Hash>::from(Sha256::digest(plain)));
        assert_eq!(leaf(&[5; 32]), <Hash>::from(Sha256::digest([[0].as_slice(), &[5; 32]].concat())));
    }

    #[test]
    fn the_same_entry_under_another_salt_looks_unrelated() {
        assert_ne!(commit(&[1; 32], b"entry"), commit(&[2; 32], b"entry"));
    }
}
