//! Proofs: a path that was not made for a leaf proves nothing, and one that was proves it until a bit is changed.
#![no_main]

use ledger::{hash::Hash, proof, tree::Tree};

libfuzzer_sys::fuzz_target!(|input: (u64, u64, Vec<Hash>, u16)| {
    let (index, size, path, turn) = input;
    let leaf = [1; 32];
    let _ = proof::verify_consistency((index, &leaf), (size, &[2; 32]), &path);
    let made_up = proof::verify_inclusion(&leaf, index, size, &path, &[3; 32]);
    assert!(made_up.is_err(), "a root was found that nobody has hashed");
    let _ = (proof::inclusion_nodes(index, size), proof::consistency_nodes(index, size));
    honest(&path, index, turn);
});

/// A log of these leaves: its proofs hold, and do not hold when a bit is turned.
fn honest(leaves: &[Hash], pick: u64, turn: u16) {
    let size = leaves.len() as u64;
    if size == 0 || size > 64 {
        return;
    }
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| {
        tree.append(*leaf);
    });
    assert_eq!(Tree::from_bytes(&tree.to_bytes()).expect("what we wrote, we read").root(), tree.root());
    let index = pick % size;
    let nodes = proof::nodes_over(leaves);
    let mut path = proof::inclusion(index, size, &nodes).expect("a proof of what is there");
    let leaf = &leaves[index as usize];
    assert!(proof::verify_inclusion(leaf, index, size, &path, &tree.root()).is_ok());
    let bits = path.len() * 256;
    if bits > 0 {
        let bit = usize::from(turn) % bits;
        path[bit / 256][bit % 256 / 8] ^= 1 << (bit % 8);
        assert!(proof::verify_inclusion(leaf, index, size, &path, &tree.root()).is_err());
    }
}
