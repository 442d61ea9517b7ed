//! The keyring's file: hostile frames with good checksums open or are refused, and never panic.
//!
//! Input: a byte whose lowest bit says whether the house's own header comes first, then frames: kind, length, payload. The
//! second bit says that the bytes are to be taken as they are. The key file is read from the same bytes.
#![no_main]

use sha2::{Digest, Sha256};
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, sync::LazyLock};
use vault::{
    keyring::Keyring,
    provider::{KeyFile, Provider},
};

struct Place {
    folder: tempfile::TempDir,
    provider: Provider,
    header: Vec<u8>,
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let provider = Provider::KeyFile(KeyFile::create(&folder.path().join("root.key")).expect("a key file"));
    let path = folder.path().join("made");
    Keyring::create(&path, &provider).expect("a keyring");
    Place { header: fs::read(path).expect("the keyring"), folder, provider }
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((flags, rest)) = bytes.split_first() else { return };
    let mut file = if flags & 1 == 1 { PLACE.header.clone() } else { Vec::new() };
    if flags & 2 == 2 {
        file.extend_from_slice(rest)
    } else {
        frames(rest, &mut file)
    }
    let path = private("keyring", &file);
    if let Ok(ring) = Keyring::open_read_only(&path, &PLACE.provider, None) {
        assert_eq!(flags & 1, 1, "keys came out of nothing");
        for owner in -2..3 {
            let _ = ring.owner_key(owner);
        }
    }
    if let Ok(file) = KeyFile::read(&private("key", rest)) {
        let opened = Keyring::open_read_only(&path, &Provider::KeyFile(file), None);
        assert!(opened.is_err(), "another root opened the keyring");
    }
});

fn private(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PLACE.folder.path().join(name);
    fs::write(&path, bytes).expect("a file in our folder");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("our own file");
    path
}

fn frames(mut rest: &[u8], file: &mut Vec<u8>) {
    while let [kind, high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(tail.len());
        let start = file.len();
        file.extend_from_slice(b"KWF1");
        file.push(*kind);
        file.extend_from_slice(&(length as u32).to_be_bytes());
        file.extend_from_slice(&tail[..length]);
        let check = Sha256::digest(&file[start..]);
        file.extend_from_slice(&check[..8]);
        rest = &tail[length..];
    }
}
