//! The growing edge of the log: a compact range, enough to append and to know the root.
//!
//! A tree of `n` leaves is kept as one hash per set bit of `n` (its complete subtrees, largest first): at most 62 hashes
//! however long the log grows. Appending costs one node hash on average, so two hashes per entry with the leaf's own.

use crate::hash::{self, EMPTY_ROOT, Hash};

/// The most leaves a tree may have. Larger sizes are refused where they come from outside; it is far above anything a
/// log can reach, and lets sizes and indexes be kept as signed 64-bit integers.
pub const MAX_SIZE: u64 = 1 << 62;

/// Bytes of the size in front of the hashes in [`Tree::to_bytes`].
const SIZE_BYTES: usize = 8;

/// A Merkle tree's size and the roots of its complete subtrees.
///
/// ```
/// let mut tree = ledger::tree::Tree::default();
/// assert_eq!(tree.append(ledger::hash::leaf(b"first")), 0);
/// assert_eq!(tree.append(ledger::hash::leaf(b"second")), 1);
/// assert_eq!(ledger::tree::Tree::from_bytes(&tree.to_bytes()), Ok(tree));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// One root per set bit of `size`, highest bit (largest, leftmost subtree) first.
    peaks: Vec<Hash>,
}

/// Why bytes are no tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not as long as the size in front of them demands.
    #[error("a tree of {size} leaves takes {expected} bytes, not {found}")]
    Length {
        /// The size read.
        size: u64,
        /// How many bytes such a tree takes.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// There is not even a size.
    #[error("a stored tree starts with 8 bytes of size")]
    NoSize,
    /// The size is above [`MAX_SIZE`].
    #[error("a tree has at most 2^62 leaves")]
    TooLarge,
}

impl Tree {
    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash and returns its index, counted from 0.
    pub fn append(&mut self, leaf: Hash) -> u64 {
        self.append_with(leaf, &mut |_, _, _| {})
    }

    /// As [`append`](Self::append), and hands every node this leaf completes to `keep` as (level, index, hash), the leaf
    /// itself (level 0) first. These are exactly the nodes that [`crate::proof`] asks for; each comes once in the life of
    /// a log.
    pub fn append_with(&mut self, leaf: Hash, keep: &mut dyn FnMut(u8, u64, &Hash)) -> u64 {
        let index = self.size;
        let mut hash = leaf;
        keep(0, index, &hash);
        for level in 1..=index.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = hash::node(&left, &hash);
            keep(level as u8, index >> level, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
        index
    }

    /// The Merkle tree hash over all leaves; [`EMPTY_ROOT`] when there are none.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.peaks.iter().rev().copied().reduce(|right, left| hash::node(&left, &right)).unwrap_or(EMPTY_ROOT)
    }

    /// The tree as bytes: size (8, big-endian), then the subtree roots, largest first (32 each).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(stored_bytes(self.size));
        bytes.extend_from_slice(&self.size.to_be_bytes());
        bytes.extend(self.peaks.iter().flatten());
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// When the bytes are too many or too few for the size they begin with, or the size is impossible. Whether the
    /// hashes are the right ones cannot be told from the bytes: compare [`root`](Self::root) with a checkpoint.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (size, peaks) = bytes.split_first_chunk::<SIZE_BYTES>().ok_or(Error::NoSize)?;
        let size = u64::from_be_bytes(*size);
        if size > MAX_SIZE {
            return Err(Error::TooLarge);
        }
        let expected = stored_bytes(size);
        if bytes.len() != expected {
            return Err(Error::Length { size, expected, found: bytes.len() });
        }
        let (peaks, _) = peaks.as_chunks::<32>();
        Ok(Self { size, peaks: peaks.to_vec() })
    }
}

/// How many bytes a tree of `size` leaves takes when stored.
fn stored_bytes(size: u64) -> usize {
    SIZE_BYTES + 32 * size.count_ones() as usize
}

#[cfg(test)]
mod tests;
