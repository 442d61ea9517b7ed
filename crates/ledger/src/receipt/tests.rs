use super::*;
use crate::note::Verdict;
use crate::tree::Tree;
use proptest::prelude::*;

const ORIGIN: &str = "clinic.example/log";
const SALT: [u8; 32] = [7; 32];
const ENTRY: &[u8] = b"who, when, what, why";

fn check(key_id: u32, name: &str, text: &[u8], bytes: &[u8]) -> Verdict {
    match (key_id, name) {
        (1, ORIGIN) if bytes == commitment::commit(&[1; 32], text) => Verdict::Valid,
        (1, ORIGIN) => Verdict::Invalid,
        _ => Verdict::Unknown,
    }
}

/// A receipt for line 3 of a log of six, with salt and entry as its extra bytes.
fn receipt() -> Receipt {
    let mut leaves = crate::proof::tests::leaves(6);
    leaves[3] = commitment::leaf(&commitment::commit(&SALT, ENTRY));
    let mut tree = Tree::default();
    for leaf in &leaves {
        tree.append(*leaf);
    }
    let head = Checkpoint::new(ORIGIN, tree.size(), tree.root());
    let checkpoint = head.sign(1, |text| commitment::commit(&[1; 32], text).to_vec()).unwrap();
    let path = proof::inclusion(3, 6, &proof::nodes_over(&leaves)).unwrap();
    Receipt { extra: [SALT.as_slice(), ENTRY].concat(), index: 3, path, checkpoint }
}

#[test]
fn a_receipt_proves_its_line_and_no_other() {
    let receipt = Receipt::parse(receipt().render().as_bytes()).unwrap();
    let (salt, entry) = receipt.extra.split_first_chunk().unwrap();
    let (checkpoint, signers) = receipt.verify(&commitment::commit(salt, entry), ORIGIN, &check).unwrap();
    assert_eq!((checkpoint.size, signers.len()), (6, 1));
    let other = receipt.verify(&commitment::commit(&SALT, b"another"), ORIGIN, &check);
    assert_eq!(other, Err(Error::Refuted(Refuted)));
    let moved = Receipt { index: 2, ..receipt };
    let moved = moved.verify(&commitment::commit(&SALT, ENTRY), ORIGIN, &check);
    assert_eq!(moved, Err(Error::Refuted(Refuted)));
}

#[test]
fn a_receipt_needs_the_logs_signature() {
    let mut unsigned = receipt();
    unsigned.checkpoint = SignedNote::new(unsigned.checkpoint.text().to_owned()).unwrap();
    let verdict = unsigned.verify(&commitment::commit(&SALT, ENTRY), ORIGIN, &check);
    assert_eq!(verdict, Err(Error::Checkpoint(checkpoint::Error::Note(note::Error::Unsigned))));
    let verdict = receipt().verify(&commitment::commit(&SALT, ENTRY), "other.example/log", &check);
    assert_eq!(verdict, Err(Error::Checkpoint(checkpoint::Error::WrongLog)));
}

#[test]
fn a_receipt_without_extra_bytes_and_with_an_empty_proof_reads_back() {
    let receipt = Receipt { extra: Vec::new(), index: 0, path: Vec::new(), checkpoint: receipt().checkpoint };
    let text = receipt.render();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n\nclinic.example/log\n6\n"));
    assert_eq!(Receipt::parse(text.as_bytes()), Ok(receipt));
}

#[test]
fn malformed_receipts_are_refused() {
    let good = receipt().render();
    for (what, with) in [
        ("@v1", "@v2"),
        ("extra ", "extra  "),
        ("index 3", "index 03"),
        ("index 3", "index +3"),
        ("index 3", "index 4611686018427387904"),
        ("index 3\n", "index 3\nAAEC\n"),
        ("index 3\n", ""),
        ("\n\nclinic", "\nclinic"),
        ("extra ", "more "),
    ] {
        let bad = good.replacen(what, with, 1);
        assert_ne!(bad, good);
        assert_eq!(Receipt::parse(bad.as_bytes()), Err(Error::Shape), "{what:?} as {with:?}");
    }
}

#[test]
fn a_receipt_beyond_the_limits_is_refused() {
    let long = Receipt { path: vec![[0; 32]; MAX_PATH + 1], ..receipt() };
    assert_eq!(Receipt::parse(long.render().as_bytes()), Err(Error::TooLarge));
    let large = Receipt { extra: vec![0; MAX_RECEIPT_BYTES], ..receipt() };
    assert_eq!(Receipt::parse(large.render().as_bytes()), Err(Error::TooLarge));
}

proptest! {
    #[test]
    fn a_receipt_changed_anywhere_is_refused_or_renders_to_itself(at: prop::sample::Index, byte: u8, cut: bool) {
        let mut bytes = receipt().render().into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(receipt) = Receipt::parse(&bytes) {
            prop_assert_eq!(receipt.render().into_bytes(), bytes);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_render_to_themselves(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [HEADER.as_bytes(), &bytes].concat();
        if let Ok(receipt) = Receipt::parse(&bytes) {
            prop_assert_eq!(receipt.render().into_bytes(), bytes);
        }
    }
}
