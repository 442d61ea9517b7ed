use super::*;
use proptest::prelude::*;

const NOTE: &str = "Nobody looked\n\nor somebody did.\n\n\u{2014} clinic.example/log AAAABwECAw==\n\u{2014} witness.example EjRWeP8=\n";

/// Computed apart from the code: see the test that uses it.
const KEY_ID: u32 = 0xee12_7df0;

fn signature(name: &str, key_id: u32, bytes: &[u8]) -> Signature {
    Signature { name: name.to_owned(), key_id, bytes: bytes.to_vec() }
}

#[test]
fn a_note_is_parted_at_its_last_empty_line() {
    let note = SignedNote::parse(NOTE.as_bytes()).unwrap();
    assert_eq!(note.text(), "Nobody looked\n\nor somebody did.\n");
    let expected =
        [signature("clinic.example/log", 7, &[1, 2, 3]), signature("witness.example", 0x1234_5678, &[0xff])];
    assert_eq!(note.signatures(), expected);
    assert_eq!(note.render(), NOTE);
}

#[test]
fn what_is_signed_reads_back() {
    let mut note = SignedNote::new("text\n".to_owned()).unwrap();
    let signed = note.sign("a", 1, |text| [b"seal of ", text].concat());
    assert_eq!(signed, Ok(()));
    let read = SignedNote::parse(note.render().as_bytes()).unwrap();
    assert_eq!(read, note);
    assert_eq!(read.signatures()[0].bytes, b"seal of text\n");
}

#[test]
fn an_empty_signature_is_not_added() {
    let mut note = SignedNote::new("text\n".to_owned()).unwrap();
    assert_eq!(note.sign("a", 1, |_| Vec::new()), Err(Error::SignatureLine { line: 1 }));
    assert!(note.signatures().is_empty());
}

#[test]
fn malformed_notes_are_refused() {
    let cases: [(&[u8], Error); 17] = [
        (b"", Error::Shape),
        (b"text\n", Error::Shape),
        (b"text\n\n", Error::Shape),
        (b"\n\n", Error::Shape),
        ("\n\n\u{2014} a AAAABwE=\n".as_bytes(), Error::Shape),
        ("text\n\u{2014} a AAAABwE=\n".as_bytes(), Error::Shape),
        ("text\n\n\u{2014} a AAAABwE=".as_bytes(), Error::Shape),
        ("te\txt\n\n\u{2014} a AAAABwE=\n".as_bytes(), Error::NotText),
        ("text\r\n\n\u{2014} a AAAABwE=\n".as_bytes(), Error::NotText),
        (b"te\xffxt\n\n- a AAAABwE=\n", Error::NotText),
        (b"text\n\n- a AAAABwE=\n", Error::SignatureLine { line: 1 }),
        ("text\n\n\u{2014} a AAAABwE=\nmore\n".as_bytes(), Error::SignatureLine { line: 2 }),
        ("text\n\n\u{2014} a+b AAAABwE=\n".as_bytes(), Error::SignatureLine { line: 1 }),
        ("text\n\n\u{2014} a\u{2003}b AAAABwE=\n".as_bytes(), Error::SignatureLine { line: 1 }),
        ("text\n\n\u{2014} a AAAABw==\n".as_bytes(), Error::SignatureLine { line: 1 }),
        ("text\n\n\u{2014} a AAAABwE\n".as_bytes(), Error::SignatureLine { line: 1 }),
        ("text\n\n\u{2014} a AAAABwF=\n".as_bytes(), Error::SignatureLine { line: 1 }),
    ];
    for (bytes, error) in cases {
        assert_eq!(SignedNote::parse(bytes), Err(error), "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_note_beyond_the_limits_is_refused() {
    let long = vec![b'a'; MAX_NOTE_BYTES + 1];
    assert_eq!(SignedNote::parse(&long), Err(Error::TooLarge));
    let line = "\u{2014} a AAAABwE=\n";
    let full = format!("text\n\n{}", line.repeat(MAX_SIGNATURES));
    let mut note = SignedNote::parse(full.as_bytes()).unwrap();
    assert_eq!(note.add(signature("a", 7, &[1])), Err(Error::TooLarge));
    assert_eq!(SignedNote::parse(format!("{full}{line}").as_bytes()), Err(Error::TooLarge));
}

#[test]
fn a_name_that_would_frame_another_line_is_refused() {
    let mut note = SignedNote::new("text\n".to_owned()).unwrap();
    for name in ["", "a b", "a\nb", "a+b", &"n".repeat(256)] {
        assert_eq!(note.add(signature(name, 1, &[1])), Err(Error::Name), "{name:?}");
    }
}

#[test]
fn unknown_keys_are_passed_over_and_known_ones_must_fit() {
    let note = SignedNote::parse(NOTE.as_bytes()).unwrap();
    let says = |log, witness| {
        note.verify(&move |key_id, name, text, bytes| {
            assert_eq!(text, b"Nobody looked\n\nor somebody did.\n");
            match (key_id, name, bytes) {
                (7, "clinic.example/log", [1, 2, 3]) => log,
                (0x1234_5678, "witness.example", [0xff]) => witness,
                _ => panic!("asked about a signature that is not there"),
            }
        })
    };
    let log = Signer { name: "clinic.example/log".to_owned(), key_id: 7 };
    let witness = Signer { name: "witness.example".to_owned(), key_id: 0x1234_5678 };
    assert_eq!(says(Verdict::Valid, Verdict::Unknown), Ok(vec![log.clone()]));
    assert_eq!(says(Verdict::Valid, Verdict::Valid), Ok(vec![log, witness]));
    assert_eq!(says(Verdict::Valid, Verdict::Invalid), Err(Error::Forged));
    assert_eq!(says(Verdict::Unknown, Verdict::Unknown), Err(Error::Unsigned));
}

#[test]
fn a_signer_who_signs_twice_counts_once() {
    let line = "\u{2014} a AAAABwE=\n";
    let note = SignedNote::parse(format!("text\n\n{line}{line}").as_bytes()).unwrap();
    assert_eq!(note.verify(&|_, _, _, _| Verdict::Valid).unwrap().len(), 1);
}

#[test]
fn a_key_id_is_bound_to_name_type_and_key() {
    // SHA-256("log.example/a" 0x0A 0x01 32×0x42), first four bytes, computed apart.
    assert_eq!(key_id("log.example/a", ED25519, &[0x42; 32]), KEY_ID);
    assert_ne!(key_id("log.example/b", ED25519, &[0x42; 32]), KEY_ID);
    assert_ne!(key_id("log.example/a", ED25519_COSIGNATURE, &[0x42; 32]), KEY_ID);
    assert_ne!(key_id("log.example/a", ED25519, &[0x43; 32]), KEY_ID);
}

proptest! {
    #[test]
    fn any_note_reads_back(
        text in "[^\\x00-\\x09\\x0b-\\x1f]{1,40}", name in "[a-z./\u{e9}-]{1,20}", key_id: u32,
        bytes in proptest::collection::vec(any::<u8>(), 1..100),
    ) {
        let mut note = SignedNote::new(format!("{text}.\n")).unwrap();
        note.add(Signature { name, key_id, bytes }).unwrap();
        prop_assert_eq!(SignedNote::parse(note.render().as_bytes()), Ok(note));
    }

    #[test]
    fn any_bytes_are_refused_or_render_to_themselves(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(note) = SignedNote::parse(&bytes) {
            prop_assert_eq!(note.render().into_bytes(), bytes);
        }
    }

    #[test]
    fn a_note_changed_anywhere_is_refused_or_renders_to_itself(at: prop::sample::Index, byte: u8, cut: bool) {
        let mut bytes = NOTE.as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(note) = SignedNote::parse(&bytes) {
            prop_assert_eq!(note.render().into_bytes(), bytes);
        }
    }
}
