use super::*;
use proptest::prelude::*;

/// The definitions of RFC 9162 as they stand there, slow and plain, for the code to agree with.
pub(crate) fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(naive_split(leaves.len()));
            hash::node(&naive_root(left), &naive_root(right))
        }
    }
}

fn naive_split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

fn naive_path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = naive_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) =
        if m < k { (naive_path(m, left), right) } else { (naive_path(m - k, right), left) };
    path.push(naive_root(sibling));
    path
}

fn naive_subproof(m: usize, leaves: &[Hash], complete: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if complete { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let k = naive_split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if m <= k {
        (naive_subproof(m, left, complete), right)
    } else {
        (naive_subproof(m - k, right, false), left)
    };
    path.push(naive_root(sibling));
    path
}

/// `count` different leaves.
pub(crate) fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|n| hash::leaf(&n.to_be_bytes())).collect()
}

/// The eight inputs that Certificate Transparency implementations test with.
pub(crate) fn vector_leaves() -> Vec<Hash> {
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
        .map(|data| hash::leaf(&unhex(data)))
        .to_vec()
}

/// The root over the first `size` of them.
pub(crate) fn vector_root(size: usize) -> Hash {
    hash_of(
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ][size - 1],
    )
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn hash_of(text: &str) -> Hash {
    unhex(text).try_into().unwrap()
}

#[test]
fn inclusion_is_the_recursive_definition_and_verifies_at_every_size() {
    let leaves = leaves(130);
    let nodes = nodes_over(&leaves);
    for size in 1..=leaves.len() {
        let root = naive_root(&leaves[..size]);
        for index in 0..size {
            let path = inclusion(index as u64, size as u64, &nodes).unwrap();
            assert_eq!(path, naive_path(index, &leaves[..size]), "leaf {index} of {size}");
            let verdict = verify_inclusion(&leaves[index], index as u64, size as u64, &path, &root);
            assert_eq!(verdict, Ok(()), "leaf {index} of {size}");
        }
    }
}

#[test]
fn consistency_is_the_recursive_definition_and_verifies_at_every_size() {
    let leaves = leaves(130);
    let nodes = nodes_over(&leaves);
    let roots: Vec<Hash> = (0..=leaves.len()).map(|size| naive_root(&leaves[..size])).collect();
    for new in 0..=leaves.len() {
        for old in 0..=new {
            let path = consistency(old as u64, new as u64, &nodes).unwrap();
            if old > 0 {
                assert_eq!(path, naive_subproof(old, &leaves[..new], true), "{old} to {new}");
            }
            let verdict = verify_consistency((old as u64, &roots[old]), (new as u64, &roots[new]), &path);
            assert_eq!(verdict, Ok(()), "{old} to {new}");
        }
    }
}

#[test]
fn the_certificate_transparency_proofs_hold() {
    let leaves = vector_leaves();
    let nodes = nodes_over(&leaves);
    let first_of_eight = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    assert_eq!(inclusion(0, 8, &nodes).unwrap(), first_of_eight.map(hash_of));
    let six_to_eight = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(consistency(6, 8, &nodes).unwrap(), six_to_eight.map(hash_of));
}

#[test]
fn a_proof_asks_only_for_the_nodes_it_announced() {
    let leaves = leaves(77);
    let nodes = nodes_over(&leaves);
    for size in 1..=77 {
        for index in 0..size {
            let announced = inclusion_nodes(index, size).unwrap();
            let only_those =
                |level, index| announced.contains(&(level, index)).then(|| nodes(level, index)).flatten();
            assert!(inclusion(index, size, &only_those).is_ok());
            let announced = consistency_nodes(index, size).unwrap();
            let only_those =
                |level, index| announced.contains(&(level, index)).then(|| nodes(level, index)).flatten();
            assert!(consistency(index, size, &only_those).is_ok());
        }
    }
}

#[test]
fn a_missing_node_is_named() {
    let leaves = leaves(4);
    let found = inclusion(0, 8, &nodes_over(&leaves));
    assert_eq!(found, Err(Error::MissingNode { level: 2, index: 1 }));
}

#[test]
fn a_leaf_or_a_state_that_cannot_exist_is_refused() {
    let none = |_, _| None;
    assert_eq!(inclusion(3, 3, &none), Err(Error::NoSuchLeaf { index: 3, size: 3 }));
    assert_eq!(inclusion(0, 0, &none), Err(Error::NoSuchLeaf { index: 0, size: 0 }));
    assert_eq!(inclusion(0, u64::MAX, &none), Err(Error::NoSuchLeaf { index: 0, size: u64::MAX }));
    assert_eq!(consistency(5, 4, &none), Err(Error::NoSuchStates { old: 5, new: 4 }));
    assert_eq!(consistency(1, u64::MAX, &none), Err(Error::NoSuchStates { old: 1, new: u64::MAX }));
}

#[test]
fn a_log_that_rewrote_a_leaf_cannot_prove_consistency() {
    let honest = leaves(20);
    let mut rewritten = leaves(33);
    rewritten[7] = hash::leaf(b"someone else");
    let path = consistency(20, 33, &nodes_over(&rewritten)).unwrap();
    let verdict = verify_consistency((20, &naive_root(&honest)), (33, &naive_root(&rewritten)), &path);
    assert_eq!(verdict, Err(Refuted));
}

#[test]
fn a_shrunk_log_is_refuted() {
    let leaves = leaves(9);
    let (old, new) = (naive_root(&leaves), naive_root(&leaves[..8]));
    assert_eq!(verify_consistency((9, &old), (8, &new), &[]), Err(Refuted));
    assert_eq!(verify_consistency((9, &old), (9, &new), &[]), Err(Refuted));
}

#[test]
fn an_empty_old_tree_must_have_the_empty_root() {
    let root = naive_root(&leaves(3));
    assert_eq!(verify_consistency((0, &EMPTY_ROOT), (3, &root), &[]), Ok(()));
    assert_eq!(verify_consistency((0, &root), (3, &root), &[]), Err(Refuted));
    assert_eq!(verify_consistency((0, &EMPTY_ROOT), (3, &root), &[root]), Err(Refuted));
}

proptest! {
    #[test]
    fn a_changed_inclusion_proof_is_refuted(size in 2_usize..300, pick: prop::sample::Index, bit in 0_usize..256, at: prop::sample::Index) {
        let leaves = leaves(size);
        let index = pick.index(size);
        let root = naive_root(&leaves);
        let path = inclusion(index as u64, size as u64, &nodes_over(&leaves)).unwrap();
        let check = |leaf: &Hash, index: usize, path: &[Hash]| verify_inclusion(leaf, index as u64, size as u64, path, &root);

        let mut flipped = path.clone();
        flipped[at.index(path.len())][bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(check(&leaves[index], index, &flipped), Err(Refuted));
        prop_assert_eq!(check(&leaves[index], index, &path[1..]), Err(Refuted));
        prop_assert_eq!(check(&leaves[index], index, &path[..path.len() - 1]), Err(Refuted));
        prop_assert_eq!(check(&leaves[index], index, &[path.as_slice(), &[root]].concat()), Err(Refuted));
        let other = at.index(size);
        if other != index {
            prop_assert_eq!(check(&leaves[other], index, &path), Err(Refuted));
            prop_assert_eq!(check(&leaves[index], other, &path), Err(Refuted));
        }
    }

    #[test]
    fn a_changed_consistency_proof_is_refuted(new in 2_usize..300, pick: prop::sample::Index, bit in 0_usize..256, at: prop::sample::Index) {
        let leaves = leaves(new);
        let old = 1 + pick.index(new - 1);
        let (old_root, new_root) = (naive_root(&leaves[..old]), naive_root(&leaves));
        let path = consistency(old as u64, new as u64, &nodes_over(&leaves)).unwrap();
        let check = |path: &[Hash]| verify_consistency((old as u64, &old_root), (new as u64, &new_root), path);

        let mut flipped = path.clone();
        flipped[at.index(path.len())][bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(check(&flipped), Err(Refuted));
        prop_assert_eq!(check(&path[1..]), Err(Refuted));
        prop_assert_eq!(check(&path[..path.len() - 1]), Err(Refuted));
        prop_assert_eq!(check(&[path.as_slice(), &[new_root]].concat()), Err(Refuted));
    }

    #[test]
    fn verifiers_withstand_any_input(
        numbers: (u64, u64), leaf: Hash, root: Hash, path in proptest::collection::vec(any::<Hash>(), 0..130),
    ) {
        let (a, b) = numbers;
        prop_assert_eq!(verify_inclusion(&leaf, a, b, &path, &root), Err(Refuted));
        prop_assert_eq!(verify_consistency((a, &leaf), (b, &root), &path), Err(Refuted));
    }
}
