use super::*;
use crate::hash::EMPTY_ROOT;
use crate::note::Verdict;
use crate::proof::tests::leaves;
use crate::tree::Tree;
use proptest::prelude::*;

const TEXT: &str = "clinic.example/log\n4711\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

fn counting_root() -> Hash {
    std::array::from_fn(|at| at as u8)
}

/// A stand-in for a real signature that depends on key and text alike.
fn seal(key: u8, text: &[u8]) -> Vec<u8> {
    crate::commitment::commit(&[key; 32], text).to_vec()
}

/// Knows key 1 as the log's and key 2 as a witness's.
fn check(key_id: u32, name: &str, text: &[u8], bytes: &[u8]) -> Verdict {
    match (key_id, name) {
        (1, "clinic.example/log") | (2, "witness.example") if seal(key_id as u8, text) == bytes => {
            Verdict::Valid
        }
        (1, "clinic.example/log") | (2, "witness.example") => Verdict::Invalid,
        _ => Verdict::Unknown,
    }
}

fn signed(checkpoint: &Checkpoint) -> SignedNote {
    checkpoint.sign(1, |text| seal(1, text)).unwrap()
}

#[test]
fn a_checkpoint_is_three_lines() {
    let checkpoint = Checkpoint::new("clinic.example/log", 4711, counting_root());
    assert_eq!(checkpoint.render().unwrap(), TEXT);
    assert_eq!(Checkpoint::parse(TEXT), Ok(checkpoint));
}

#[test]
fn an_empty_log_has_size_zero_and_the_empty_root() {
    let text = "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    assert_eq!(Checkpoint::parse(text), Ok(Checkpoint::new("a", 0, EMPTY_ROOT)));
}

#[test]
fn extension_lines_are_kept() {
    let text = format!("{TEXT}first more\nsecond more\n");
    let checkpoint = Checkpoint::parse(&text).unwrap();
    assert_eq!(checkpoint.extensions, ["first more", "second more"]);
    assert_eq!(checkpoint.render().unwrap(), text);
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let cases = [
        (String::new(), Error::Shape),
        ("a\n1\n".to_owned(), Error::Shape),
        (format!("a\n1\n{root}"), Error::Shape),
        (format!("\n1\n{root}\n"), Error::Origin),
        (format!("a\u{b}\n1\n{root}\n"), Error::Origin),
        (format!("{}\n1\n{root}\n", "a".repeat(256)), Error::Origin),
        (format!("a\n\n{root}\n"), Error::Size),
        (format!("a\n01\n{root}\n"), Error::Size),
        (format!("a\n+1\n{root}\n"), Error::Size),
        (format!("a\n-1\n{root}\n"), Error::Size),
        (format!("a\n\u{661}\n{root}\n"), Error::Size),
        (format!("a\n4611686018427387905\n{root}\n"), Error::Size),
        (format!("a\n18446744073709551616\n{root}\n"), Error::Size),
        ("a\n1\nAAEC\n".to_owned(), Error::Root),
        (format!("a\n1\n{root}=\n"), Error::Root),
        (format!("a\n1\n{}\n", root.replace("8=", "9=")), Error::Root),
        (format!("a\n1\n{root}\n\n"), Error::Extension),
        (format!("a\n1\n{root}\n{}", "x\n".repeat(MAX_EXTENSIONS + 1)), Error::Extension),
        (format!("a\n1\n{root}\n{}\n", "x".repeat(MAX_EXTENSION_BYTES + 1)), Error::Extension),
    ];
    for (text, error) in cases {
        assert_eq!(Checkpoint::parse(&text), Err(error), "{text:?}");
    }
}

#[test]
fn an_origin_that_would_frame_another_checkpoint_is_not_rendered() {
    let checkpoint = Checkpoint::new("evil\n999", 1, counting_root());
    assert_eq!(checkpoint.render(), Err(Error::Origin));
}

#[test]
fn a_signed_checkpoint_opens_and_names_its_signers() {
    let checkpoint = Checkpoint::parse(TEXT).unwrap();
    let mut note = signed(&checkpoint);
    let witnessed = note.sign("witness.example", 2, |text| seal(2, text));
    assert_eq!(witnessed, Ok(()));
    let (opened, signers) = Checkpoint::open(note.render().as_bytes(), "clinic.example/log", &check).unwrap();
    assert_eq!(opened, checkpoint);
    let names: Vec<_> = signers.iter().map(|signer| signer.name.as_str()).collect();
    assert_eq!(names, ["clinic.example/log", "witness.example"]);
}

#[test]
fn a_checkpoint_changed_after_signing_is_forged() {
    let note = signed(&Checkpoint::parse(TEXT).unwrap()).render();
    let changed = note.replacen("4711", "4712", 1);
    let opened = Checkpoint::open(changed.as_bytes(), "clinic.example/log", &check);
    assert_eq!(opened, Err(Error::Note(note::Error::Forged)));
}

#[test]
fn a_witness_alone_does_not_make_a_checkpoint() {
    let mut note = SignedNote::new(TEXT.to_owned()).unwrap();
    note.sign("witness.example", 2, |text| seal(2, text)).unwrap();
    let opened = Checkpoint::open(note.render().as_bytes(), "clinic.example/log", &check);
    assert_eq!(opened, Err(Error::WrongLog));
}

#[test]
fn another_logs_checkpoint_is_refused() {
    let note = signed(&Checkpoint::parse(TEXT).unwrap()).render();
    let opened = Checkpoint::open(note.as_bytes(), "other.example/log", &check);
    assert_eq!(opened, Err(Error::WrongLog));
}

#[test]
fn a_log_that_grew_extends_its_older_checkpoint_and_no_other() {
    let leaves = leaves(21);
    let mut tree = Tree::default();
    let mut checkpoints = vec![Checkpoint::new("a", 0, tree.root())];
    for leaf in &leaves {
        tree.append(*leaf);
        checkpoints.push(Checkpoint::new("a", tree.size(), tree.root()));
    }
    let path = proof::consistency(13, 21, &proof::nodes_over(&leaves)).unwrap();
    assert_eq!(checkpoints[21].extends(&checkpoints[13], &path), Ok(()));
    assert_eq!(checkpoints[21].extends(&checkpoints[12], &path), Err(Refuted));
    assert_eq!(checkpoints[20].extends(&checkpoints[13], &path), Err(Refuted));
    let other = Checkpoint { origin: "b".to_owned(), ..checkpoints[13].clone() };
    assert_eq!(checkpoints[21].extends(&other, &path), Err(Refuted));
}

proptest! {
    #[test]
    fn any_checkpoint_reads_back(
        origin in "[^\\x00-\\x1f]{1,30}", size in 0..=MAX_SIZE, root: Hash,
        extensions in proptest::collection::vec("[^\\x00-\\x1f]{1,30}", 0..4),
    ) {
        let checkpoint = Checkpoint { origin, size, root, extensions };
        prop_assert_eq!(Checkpoint::parse(&checkpoint.render().unwrap()), Ok(checkpoint));
    }

    #[test]
    fn any_text_is_refused_or_renders_to_itself(text in "(a\n)?[0-9]{0,3}\n?\\PC{0,60}\n?") {
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.render(), Ok(text));
        }
    }

    #[test]
    fn a_text_changed_anywhere_is_refused_or_renders_to_itself(at: prop::sample::Index, byte in 0_u8..128, cut: bool) {
        let mut bytes = TEXT.as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let text = String::from_utf8(bytes).unwrap();
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.render(), Ok(text));
        }
    }
}
