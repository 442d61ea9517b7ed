use super::*;
use crate::proof::tests::{leaves, naive_root, vector_leaves, vector_root};
use proptest::prelude::*;

fn tree_of(leaves: &[Hash]) -> Tree {
    let mut tree = Tree::default();
    for leaf in leaves {
        tree.append(*leaf);
    }
    tree
}

#[test]
fn an_empty_tree_has_the_empty_root() {
    assert_eq!(Tree::default().root(), EMPTY_ROOT);
    assert_eq!(Tree::default().size(), 0);
}

#[test]
fn the_root_is_the_recursive_definition_at_every_size() {
    let leaves = leaves(130);
    let mut tree = Tree::default();
    for (index, leaf) in leaves.iter().enumerate() {
        assert_eq!(tree.append(*leaf), index as u64);
        assert_eq!(tree.root(), naive_root(&leaves[..=index]), "at size {}", index + 1);
    }
}

#[test]
fn the_certificate_transparency_vectors_hold() {
    let leaves = vector_leaves();
    for size in 1..=leaves.len() {
        assert_eq!(tree_of(&leaves[..size]).root(), vector_root(size), "at size {size}");
    }
}

#[test]
fn every_completed_node_is_handed_out_once_and_is_right() {
    let leaves = leaves(100);
    let mut seen = std::collections::HashMap::new();
    let mut tree = Tree::default();
    for leaf in &leaves {
        tree.append_with(*leaf, &mut |level, index, hash| {
            assert!(seen.insert((level, index), *hash).is_none(), "node {level}/{index} twice");
        });
    }
    for ((level, index), hash) in &seen {
        let (from, width) = ((*index as usize) << level, 1_usize << level);
        assert_eq!(*hash, naive_root(&leaves[from..from + width]), "node {level}/{index}");
    }
    let complete: usize = (0..7).map(|level| leaves.len() >> level).sum();
    assert_eq!(seen.len(), complete);
}

#[test]
fn a_stored_tree_of_the_wrong_length_is_refused() {
    let bytes = tree_of(&leaves(5)).to_bytes();
    assert_eq!(bytes.len(), 8 + 2 * 32);
    assert_eq!(Tree::from_bytes(&bytes[..7]), Err(Error::NoSize));
    assert_eq!(Tree::from_bytes(&bytes[..71]), Err(Error::Length { size: 5, expected: 72, found: 71 }));
    let longer = [bytes.as_slice(), &[0; 32]].concat();
    assert_eq!(Tree::from_bytes(&longer), Err(Error::Length { size: 5, expected: 72, found: 104 }));
}

#[test]
fn an_impossible_size_is_refused() {
    let bytes = [u64::MAX.to_be_bytes().as_slice(), &[0; 64 * 32]].concat();
    assert_eq!(Tree::from_bytes(&bytes), Err(Error::TooLarge));
}

proptest! {
    #[test]
    fn a_tree_goes_on_growing_after_being_stored(before in 0_usize..300, after in 0_usize..40) {
        let leaves = leaves(before + after);
        let mut tree = Tree::from_bytes(&tree_of(&leaves[..before]).to_bytes()).unwrap();
        prop_assert_eq!(&tree, &tree_of(&leaves[..before]));
        for leaf in &leaves[before..] {
            tree.append(*leaf);
        }
        prop_assert_eq!(tree, tree_of(&leaves));
    }

    #[test]
    fn any_bytes_are_read_or_refused_and_never_change(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(tree) = Tree::from_bytes(&bytes) {
            prop_assert_eq!(tree.to_bytes(), bytes);
        }
    }
}
