//! Inclusion and consistency proofs, and the checks an outsider makes of them.
//!
//! - Inclusion: <https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3>
//! - Consistency: <https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4>
//!
//! A proof is a list of at most about 2·log2(size) hashes. Making one asks a [`Nodes`] closure for complete subtrees
//! only, which never change once they exist, so wherever they are kept they can be cached for good.

use crate::hash::{self, EMPTY_ROOT, Hash};
use crate::tree::MAX_SIZE;
use std::ops::Range;

/// Where the hashes of complete subtrees come from: (level, index) is the subtree over the leaves
/// `index·2^level .. (index+1)·2^level`, and level 0 is the leaf hashes. `None` when it is not to be had.
pub type Nodes<'a> = dyn Fn(u8, u64) -> Option<Hash> + 'a;

/// Why a proof cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The leaf asked for is not in a tree of that size.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    NoSuchLeaf {
        /// The leaf's index, from 0.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// The old tree is not older than the new one, or a size is above [`MAX_SIZE`].
    #[error("a tree of {old} leaves is not an earlier state of one of {new}")]
    NoSuchStates {
        /// The older size.
        old: u64,
        /// The newer size.
        new: u64,
    },
    /// The hash of a complete subtree was not to be had.
    #[error("the hash of subtree {index} on level {level} is missing")]
    MissingNode {
        /// The subtree's level: it spans 2^level leaves.
        level: u8,
        /// Which one of that level, from 0.
        index: u64,
    },
}

/// A proof that does not show what it is said to show: the log or the proof was changed, or they belong to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not lead to the root")]
pub struct Refuted;

/// The proof that the leaf at `index` is in the tree of `size` leaves: sibling hashes from the leaf upwards.
///
/// # Errors
/// When there is no such leaf, or `nodes` lacks a hash.
pub fn inclusion(index: u64, size: u64, nodes: &Nodes<'_>) -> Result<Vec<Hash>, Error> {
    inclusion_ranges(index, size)?.into_iter().map(|leaves| subtree(leaves, nodes)).collect()
}

/// The proof that the tree of `old` leaves is the beginning of the tree of `new` leaves.
/// It is empty when the sizes are equal or the old tree was empty.
///
/// # Errors
/// When `old` is larger than `new`, or `nodes` lacks a hash.
pub fn consistency(old: u64, new: u64, nodes: &Nodes<'_>) -> Result<Vec<Hash>, Error> {
    consistency_ranges(old, new)?.into_iter().map(|leaves| subtree(leaves, nodes)).collect()
}

/// The (level, index) of every complete subtree that [`inclusion`] will ask for, to fetch them in one query.
///
/// # Errors
/// When there is no such leaf.
pub fn inclusion_nodes(index: u64, size: u64) -> Result<Vec<(u8, u64)>, Error> {
    Ok(inclusion_ranges(index, size)?.into_iter().flat_map(complete_subtrees).collect())
}

/// The (level, index) of every complete subtree that [`consistency`] will ask for, to fetch them in one query.
///
/// # Errors
/// When `old` is larger than `new`.
pub fn consistency_nodes(old: u64, new: u64) -> Result<Vec<(u8, u64)>, Error> {
    Ok(consistency_ranges(old, new)?.into_iter().flat_map(complete_subtrees).collect())
}

/// Nodes computed from all leaf hashes at hand: for small logs, exports and tests. A node costs as many hashes as
/// it spans leaves.
pub fn nodes_over(leaves: &[Hash]) -> impl Fn(u8, u64) -> Option<Hash> + '_ {
    move |level, index| {
        let width = 1_usize.checked_shl(u32::from(level))?;
        let from = usize::try_from(index).ok()?.checked_mul(width)?;
        let mut row = leaves.get(from..from.checked_add(width)?)?.to_vec();
        while row.len() > 1 {
            row = row.chunks_exact(2).map(|pair| hash::node(&pair[0], &pair[1])).collect();
        }
        row.first().copied()
    }
}

/// Checks that a leaf is in a tree, knowing only the tree's size and root.
///
/// # Errors
/// [`Refuted`] when it does not follow from the proof.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: &Hash,
) -> Result<(), Refuted> {
    if index >= size {
        return Err(Refuted);
    }
    let (mut position, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(Refuted);
        }
        if position & 1 == 1 || position == last {
            hash = hash::node(sibling, &hash);
            (position, last) = past_lone_levels(position, last);
        } else {
            hash = hash::node(&hash, sibling);
        }
        (position, last) = (position >> 1, last >> 1);
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(Refuted) }
}

/// Checks that the tree (`old`, `old_root`) is the beginning of the tree (`new`, `new_root`): nothing that stood in the
/// old one was changed, moved or removed.
///
/// # Errors
/// [`Refuted`] when it does not follow from the proof.
pub fn verify_consistency(
    (old, old_root): (u64, &Hash),
    (new, new_root): (u64, &Hash),
    path: &[Hash],
) -> Result<(), Refuted> {
    if old > new {
        return Err(Refuted);
    }
    if old == new {
        return if path.is_empty() && old_root == new_root { Ok(()) } else { Err(Refuted) };
    }
    if old == 0 {
        return if path.is_empty() && *old_root == EMPTY_ROOT { Ok(()) } else { Err(Refuted) };
    }
    // A complete old tree is itself the first node; the proof leaves it out.
    let (first, rest) = match path.split_first() {
        Some(_) if old.is_power_of_two() => (old_root, path),
        Some((first, rest)) => (first, rest),
        None => return Err(Refuted),
    };
    let (mut position, mut last) = (old - 1, new - 1);
    let climb = position.trailing_ones();
    (position, last) = (position >> climb, last >> climb);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(Refuted);
        }
        if position & 1 == 1 || position == last {
            old_hash = hash::node(sibling, &old_hash);
            new_hash = hash::node(sibling, &new_hash);
            (position, last) = past_lone_levels(position, last);
        } else {
            new_hash = hash::node(&new_hash, sibling);
        }
        (position, last) = (position >> 1, last >> 1);
    }
    if last == 0 && old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(Refuted) }
}

/// Climbs from a node that is a right child, or the last of its row, to where it is a right child. On the right edge a node may
/// have no sibling on some levels. `position` is not 0.
fn past_lone_levels(position: u64, last: u64) -> (u64, u64) {
    let levels = position.trailing_zeros();
    (position >> levels, last >> levels)
}

/// The leaf ranges whose hashes make an inclusion proof, in the proof's order (from the leaf upwards).
fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<Range<u64>>, Error> {
    if index >= size || size > MAX_SIZE {
        return Err(Error::NoSuchLeaf { index, size });
    }
    let mut ranges = Vec::new();
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            ranges.push(middle..to);
            to = middle;
        } else {
            ranges.push(from..middle);
            from = middle;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

/// The leaf ranges whose hashes make a consistency proof, in the proof's order.
fn consistency_ranges(old: u64, new: u64) -> Result<Vec<Range<u64>>, Error> {
    if old > new || new > MAX_SIZE {
        return Err(Error::NoSuchStates { old, new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut ranges = Vec::new();
    let (mut from, mut to) = (0, new);
    while old < to {
        let middle = from + split(to - from);
        if old <= middle {
            ranges.push(middle..to);
            to = middle;
        } else {
            ranges.push(from..middle);
            from = middle;
        }
    }
    // What is left is a complete subtree of both trees. The verifier knows it already when it is the whole old tree.
    if from > 0 {
        ranges.push(from..to);
    }
    ranges.reverse();
    Ok(ranges)
}

/// The largest power of two smaller than `width`: where RFC 9162 splits a range of `width` ≥ 2 leaves.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// The complete subtrees that a range of the recursion is made of, left to right. Such a range starts at a multiple of the
/// smallest power of two that is not below its width, so the pieces fall on whole subtrees.
fn complete_subtrees(leaves: Range<u64>) -> Vec<(u8, u64)> {
    let mut pieces = Vec::new();
    let mut from = leaves.start;
    while from < leaves.end {
        let level = (leaves.end - from).ilog2();
        pieces.push((level as u8, from >> level));
        from += 1 << level;
    }
    pieces
}

/// The hash over a range of the recursion, from the complete subtrees in it.
fn subtree(leaves: Range<u64>, nodes: &Nodes<'_>) -> Result<Hash, Error> {
    let mut hash = None;
    for (level, index) in complete_subtrees(leaves).into_iter().rev() {
        let left = nodes(level, index).ok_or(Error::MissingNode { level, index })?;
        hash = Some(hash.map_or(left, |right| hash::node(&left, &right)));
    }
    Ok(hash.unwrap_or(EMPTY_ROOT))
}

#[cfg(test)]
pub(crate) mod tests;
