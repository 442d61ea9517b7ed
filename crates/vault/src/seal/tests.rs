use proptest::prelude::*;

use super::*;
use crate::compress::compress;

const BODY: &[u8] = br#"{"resourceType":"Condition","id":"c","code":{"text":"a marker nobody else has"}}"#;

fn key() -> SealKey {
    SealKey::new(&Secret::random().unwrap()).unwrap()
}

fn sealed_body(key: &SealKey) -> Vec<u8> {
    seal(key, &Aad::body(7, 1, 3, 5), &compress(BODY).unwrap()).unwrap()
}

#[test]
fn a_sealed_body_opens_at_its_place() {
    let key = key();
    assert_eq!(open(&key, &Aad::body(7, 1, 3, 5), &sealed_body(&key)).unwrap(), BODY);
}

#[test]
fn a_flipped_bit_at_any_position_does_not_open() {
    let key = key();
    let sealed = sealed_body(&key);
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            assert!(open(&key, &Aad::body(7, 1, 3, 5), &changed).is_err(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn a_body_cut_short_or_made_longer_does_not_open() {
    let key = key();
    let sealed = sealed_body(&key);
    for length in 0..sealed.len() {
        assert!(open(&key, &Aad::body(7, 1, 3, 5), &sealed[..length]).is_err());
    }
    let longer = [sealed.as_slice(), &[0]].concat();
    assert!(matches!(open(&key, &Aad::body(7, 1, 3, 5), &longer), Err(Error::Integrity)));
}

#[test]
fn a_body_moved_to_another_row_version_type_or_owner_does_not_open() {
    let key = key();
    let sealed = sealed_body(&key);
    for elsewhere in
        [Aad::body(8, 1, 3, 5), Aad::body(7, 2, 3, 5), Aad::body(7, 1, 4, 5), Aad::body(7, 1, 3, 6)]
    {
        assert!(matches!(open(&key, &elsewhere, &sealed), Err(Error::Integrity)));
    }
}

#[test]
fn two_swapped_bodies_do_not_open() {
    let key = key();
    let (here, there) = (Aad::body(1, 1, 3, 5), Aad::body(2, 1, 3, 5));
    let one = seal(&key, &here, &compress(b"one").unwrap()).unwrap();
    let two = seal(&key, &there, &compress(b"two").unwrap()).unwrap();
    assert!(open(&key, &here, &two).is_err());
    assert!(open(&key, &there, &one).is_err());
}

#[test]
fn another_key_does_not_open() {
    let sealed = sealed_body(&key());
    assert!(matches!(open(&key(), &Aad::body(7, 1, 3, 5), &sealed), Err(Error::Integrity)));
}

#[test]
fn a_format_from_the_future_is_told_apart_from_damage() {
    let key = key();
    let mut sealed = sealed_body(&key);
    sealed[0] = 2;
    assert!(matches!(open(&key, &Aad::body(7, 1, 3, 5), &sealed), Err(Error::Unsupported)));
}

#[test]
fn equal_plaintexts_seal_to_unrelated_bytes() {
    let key = key();
    // A kilobyte of one byte, stored as it is: a mode that leaks patterns would repeat 16-byte blocks.
    let packed = compress::store(&[b'a'; 1024]);
    let one = seal(&key, &Aad::body(7, 1, 3, 5), &packed).unwrap();
    let two = seal(&key, &Aad::body(7, 1, 3, 5), &packed).unwrap();
    let (one, two) = (&one[16..], &two[16..]);
    let alike = one.iter().zip(two).filter(|(a, b)| a == b).count();
    assert!(alike < 40, "{alike} of 1040 bytes agree; chance gives 4");
    let blocks: std::collections::HashSet<&[u8]> = one.chunks(16).chain(two.chunks(16)).collect();
    assert_eq!(blocks.len(), 2 * one.len().div_ceil(16));
}

#[test]
fn sealed_bytes_hold_nothing_of_the_text() {
    let sealed = sealed_body(&key());
    assert!(!sealed.windows(6).any(|window| window == b"marker"));
}

#[test]
fn the_callers_limit_on_size_holds() {
    let key = key();
    let sealed = seal(&key, &Aad::head(1), &compress(&[b'a'; 1000]).unwrap()).unwrap();
    assert!(matches!(open_within(&key, &Aad::head(1), &sealed, 999), Err(Error::Packed(_))));
    assert!(open_within(&key, &Aad::head(1), &sealed, 1000).is_ok());
}

#[test]
fn a_wrapped_key_unwraps_at_its_place_only() {
    let (kek, secret) = (key(), Secret::random().unwrap());
    let place = Aad::owner_key(1, 1, &[9; 16]);
    let wrapped = kek.wrap(&place, &secret).unwrap();
    assert_eq!(kek.unwrap(&place, &wrapped).unwrap().bytes(), secret.bytes());
    for elsewhere in
        [Aad::owner_key(2, 1, &[9; 16]), Aad::owner_key(1, 2, &[9; 16]), Aad::owner_key(1, 1, &[8; 16])]
    {
        assert!(kek.unwrap(&elsewhere, &wrapped).is_err());
    }
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_the_same(
        plain in prop::collection::vec(any::<u8>(), 0..4096),
        (rid, version, kind, owner) in any::<(i64, i64, u32, i64)>(),
    ) {
        let key = key();
        let place = Aad::body(rid, version, kind, owner);
        let sealed = seal(&key, &place, &compress(&plain).unwrap()).unwrap();
        prop_assert!(sealed.len() <= plain.len() + OVERHEAD_BYTES);
        prop_assert_eq!(open(&key, &place, &sealed).unwrap(), plain);
    }

    #[test]
    fn garbage_never_opens_and_never_panics(junk in prop::collection::vec(any::<u8>(), 0..256)) {
        prop_assert!(open(&key(), &Aad::head(0), &junk).is_err());
        let headed = [&[1, 1, 2, 1][..], &junk].concat();
        prop_assert!(open(&key(), &Aad::head(0), &headed).is_err());
    }
}
