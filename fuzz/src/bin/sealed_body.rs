//! Sealed bodies and blobs: what we sealed opens as it was; with a bit turned, cut, moved or made up, it does not.
#![no_main]

use std::{io::Cursor, sync::LazyLock};
use testkit::house::{Engine, House};
use vault::{
    aad::{Aad, ObjectId},
    blob, compress,
    seal::{self, SealKey},
};

static HOUSE: LazyLock<House> = LazyLock::new(|| House::new(Engine::Sqlite));
static KEY: LazyLock<SealKey> = LazyLock::new(|| {
    HOUSE.record.store().keyring().owner_key(0).expect("the house's key").body(1).expect("a key")
});

libfuzzer_sys::fuzz_target!(|input: (u16, &[u8])| {
    let (turn, bytes) = input;
    let here = || Aad::body(1, 1, 7, 0);
    assert!(seal::open(&KEY, &here(), bytes).is_err(), "bytes that nobody sealed opened");
    let mut sealed = seal::seal(&KEY, &here(), &compress::compress(bytes).expect("packed")).expect("sealed");
    assert_eq!(seal::open(&KEY, &here(), &sealed).as_deref().ok(), Some(bytes));
    assert!(seal::open(&KEY, &Aad::body(1, 2, 7, 0), &sealed).is_err(), "moved, and it opened");
    turned(&mut sealed, turn);
    assert!(seal::open(&KEY, &here(), &sealed).is_err(), "changed, and it opened");

    let object = ObjectId([3; 16]);
    assert!(blob::open(&KEY, object, &mut &bytes[..], &mut Vec::new()).is_err());
    let _ = blob::Manifest::read(&KEY, object, &mut Cursor::new(bytes));
    let mut stored = Vec::new();
    blob::seal(&KEY, object, &mut &bytes[..], &mut stored).expect("sealed");
    let mut back = Vec::new();
    blob::open(&KEY, object, &mut &stored[..], &mut back).expect("what we sealed");
    assert_eq!(back, bytes);
    turned(&mut stored, turn);
    assert!(blob::open(&KEY, object, &mut &stored[..], &mut Vec::new()).is_err());
});

fn turned(bytes: &mut [u8], turn: u16) {
    let bit = usize::from(turn) % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
}
