//! A record that somebody took along, as it is loaded: it is whole and one patient's, or refused, and never more than it says that it is.
#![no_main]

use care::takeout::{
    manifest::Manifest,
    unpack::{Unpacked, Wrong},
};
use std::io::Cursor;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::parse(bytes) {
        assert_eq!(Manifest::parse(&manifest.render()).ok(), Some(manifest));
    }
    let Ok(mut file) = Unpacked::open(Cursor::new(bytes)) else { return };
    let Ok(held) = file.check() else { return };
    assert_eq!(held.len() as u64, file.manifest().counts().values().sum::<u64>());
    let mut given = Vec::new();
    let done: Result<(), Wrong> = file.each(&mut |name, _| {
        given.push(name);
        Ok(())
    });
    assert!(done.is_ok());
    assert!(given.iter().eq(held.iter().map(|held| &held.name)));
});
