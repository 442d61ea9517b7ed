use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tempfile::TempDir;

use super::*;
use crate::compress::compress;
use crate::provider::{self, Cost, KeyFile, Passphrase};
use crate::seal::{open, seal};

/// A folder with a key file and room for a keyring.
struct House {
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap() };
        KeyFile::create(&house.path("root.key")).unwrap();
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keyring(&self) -> PathBuf {
        self.path("keyring")
    }

    fn provider(&self) -> Provider {
        Provider::KeyFile(KeyFile::read(&self.path("root.key")).unwrap())
    }

    fn create(&self) -> Keyring {
        Keyring::create(&self.keyring(), &self.provider()).unwrap()
    }

    fn open(&self) -> Result<Keyring, Error> {
        Keyring::open(&self.keyring(), &self.provider(), None)
    }
}

/// Seals a body for `owner`, as the store would.
fn sealed(keyring: &Keyring, owner: i64) -> Vec<u8> {
    let key = keyring.owner_key(owner).unwrap().body(7).unwrap();
    seal(&key, &Aad::body(7, 1, 1, owner), &compress(b"a body").unwrap()).unwrap()
}

fn opens(keyring: &Keyring, owner: i64, body: &[u8]) -> bool {
    let Ok(key) = keyring.owner_key(owner) else { return false };
    open(&key.body(7).unwrap(), &Aad::body(7, 1, 1, owner), body).is_ok_and(|plain| plain == b"a body")
}

#[test]
fn a_reopened_keyring_opens_what_it_sealed() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1, 2]).unwrap();
    let body = sealed(&keyring, 1);
    let term = crate::blind::term(keyring.index_key(), 1, &[b"value"]);
    let public = keyring.signing_key().public();
    drop(keyring);
    let keyring = house.open().unwrap();
    assert!(opens(&keyring, 1, &body));
    assert_eq!(crate::blind::term(keyring.index_key(), 1, &[b"value"]), term);
    assert_eq!(keyring.signing_key().public(), public);
    assert_eq!((keyring.generation(), keyring.owners(), keyring.torn_bytes()), (1, 3, 0));
    assert_eq!(keyring.patients(), 2, "the organization is none");
}

#[test]
fn every_installation_has_keys_of_its_own() {
    let houses = [House::new(), House::new()];
    let (here, there) = (houses[0].create(), houses[1].create());
    assert_ne!(here.signing_key().public(), there.signing_key().public());
    let term = |keyring: &Keyring| crate::blind::term(keyring.index_key(), 1, &[b"value"]);
    assert_ne!(term(&here), term(&there));
    let tag = |keyring: &Keyring| keyring.mac_key().for_use("cursor").tag(b"page");
    assert_ne!(tag(&here), tag(&there));
    assert!(!opens(&there, ORGANIZATION, &sealed(&here, ORGANIZATION)));
}

#[test]
fn adding_an_owner_twice_keeps_its_key_and_writes_nothing() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1, 1]).unwrap();
    let body = sealed(&keyring, 1);
    let length = fs::metadata(house.keyring()).unwrap().len();
    keyring.add_owners(&[1, ORGANIZATION]).unwrap();
    assert_eq!(fs::metadata(house.keyring()).unwrap().len(), length);
    assert!(opens(&keyring, 1, &body));
}

#[test]
fn an_owner_without_a_key_is_told_apart_from_an_erased_one() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1]).unwrap();
    keyring.destroy(&[1], &house.provider()).unwrap();
    assert!(matches!(keyring.owner_key(1), Err(Error::Erased(1))));
    assert!(matches!(keyring.owner_key(2), Err(Error::UnknownOwner(2))));
    assert!(matches!(keyring.destroy(&[2], &house.provider()), Err(Error::UnknownOwner(2))));
}

#[test]
fn an_append_torn_by_a_crash_is_left_out_noted_and_appended_after() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1]).unwrap();
    let body = sealed(&keyring, 1);
    let before = fs::metadata(house.keyring()).unwrap().len();
    keyring.add_owners(&[2, 3]).unwrap();
    drop(keyring);
    files::open(&house.keyring()).unwrap().set_len(before + 50).unwrap();

    let keyring = house.open().unwrap();
    assert_eq!(keyring.torn_bytes(), 50);
    assert!(opens(&keyring, 1, &body));
    assert!(matches!(keyring.owner_key(2), Err(Error::UnknownOwner(2))));
    keyring.add_owners(&[2]).unwrap();
    let second = sealed(&keyring, 2);
    drop(keyring);

    let keyring = house.open().unwrap();
    assert_eq!(keyring.torn_bytes(), 0);
    assert!(opens(&keyring, 1, &body) && opens(&keyring, 2, &second));
    keyring.rotate(&house.provider()).unwrap();
    assert!(opens(&keyring, 1, &body) && opens(&keyring, 2, &second));
    keyring.verify().unwrap();
}

#[test]
fn erasing_makes_one_owners_bodies_unreadable_while_the_others_open() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1, 2]).unwrap();
    let (one, two, zero) = (sealed(&keyring, 1), sealed(&keyring, 2), sealed(&keyring, ORGANIZATION));
    keyring.destroy(&[1], &house.provider()).unwrap();
    assert!(!opens(&keyring, 1, &one));
    assert!(opens(&keyring, 2, &two) && opens(&keyring, ORGANIZATION, &zero));
    assert_eq!(keyring.generation(), 2);
    assert!(matches!(keyring.add_owners(&[1]), Err(Error::Erased(1))));
    drop(keyring);
    let keyring = house.open().unwrap();
    assert!(matches!(keyring.owner_key(1), Err(Error::Erased(1))));
    assert!(opens(&keyring, 2, &two) && opens(&keyring, ORGANIZATION, &zero));
}

#[test]
fn erasing_twice_is_no_error_and_no_second_rewrite() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1]).unwrap();
    keyring.destroy(&[1], &house.provider()).unwrap();
    keyring.destroy(&[1], &house.provider()).unwrap();
    assert_eq!(keyring.generation(), 2);
}

#[test]
fn the_organizations_key_cannot_be_erased() {
    let house = House::new();
    let keyring = house.create();
    assert!(matches!(keyring.destroy(&[ORGANIZATION], &house.provider()), Err(Error::Organization)));
}

#[test]
fn a_retired_root_opens_no_old_copy_and_an_old_root_no_new_keyring() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1]).unwrap();
    let old_copy = keyring.snapshot().unwrap();
    fs::copy(house.path("root.key"), house.path("old.key")).unwrap();

    let mut provider = house.provider();
    provider.renew().unwrap();
    keyring.destroy(&[1], &provider).unwrap();
    keyring.retire_old_roots(&mut provider).unwrap();
    drop(keyring);
    assert!(house.open().is_ok());

    let old_root = Provider::KeyFile(KeyFile::read(&house.path("old.key")).unwrap());
    let refused = Keyring::open(&house.keyring(), &old_root, None).unwrap_err();
    assert!(matches!(refused, Error::Provider(provider::Error::OtherKey { .. })));

    // The copy from before the erasure, with all that the house still has.
    drop(files::create(&house.path("old-keyring"), &old_copy).unwrap());
    let refused = Keyring::open(&house.path("old-keyring"), &house.provider(), None).unwrap_err();
    assert!(matches!(refused, Error::Provider(provider::Error::OtherKey { .. })));
}

#[test]
fn a_restored_old_generation_is_refused_when_a_newer_one_is_known() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1]).unwrap();
    let old_copy = keyring.snapshot().unwrap();
    keyring.destroy(&[1], &house.provider()).unwrap();
    let marker = keyring.generation();
    drop(keyring);
    fs::write(house.keyring(), &*old_copy).unwrap();
    let refused = Keyring::open(&house.keyring(), &house.provider(), Some(marker)).unwrap_err();
    assert!(matches!(refused, Error::OldGeneration { found: 1, expected: 2, .. }));
    assert!(refused.to_string().contains("newest backup"));
}

#[test]
fn readers_and_writers_see_no_error_while_the_root_rotates() {
    let house = House::new();
    let keyring = house.create();
    let owners: Vec<i64> = (1..400).collect();
    keyring.add_owners(&owners).unwrap();
    let bodies: Vec<(i64, Vec<u8>)> = owners.iter().map(|owner| (*owner, sealed(&keyring, *owner))).collect();
    let stop = AtomicBool::new(false);
    let reads = thread::scope(|scope| {
        let read = || {
            let mut reads = 0;
            while !stop.load(Ordering::Relaxed) {
                for (owner, body) in &bodies {
                    // Past the cache as well, or the state would hardly be read.
                    guard(&keyring.cache).remove(*owner);
                    assert!(opens(&keyring, *owner, body), "owner {owner}");
                    reads += 1;
                }
            }
            reads
        };
        let readers = [scope.spawn(read), scope.spawn(read)];
        let writer = scope.spawn(|| {
            (1000..1040).for_each(|owner| keyring.add_owners(&[owner]).unwrap());
        });
        for _ in 0..20 {
            keyring.rotate(&house.provider()).unwrap();
        }
        writer.join().unwrap();
        stop.store(true, Ordering::Relaxed);
        readers.map(|reader| reader.join().unwrap()).iter().sum::<usize>()
    });
    assert!(reads > 0);
    assert_eq!(keyring.generation(), 21);
    let expected = Verified {
        generation: 21,
        owners: 440,
        erased: 0,
        file_bytes: fs::metadata(house.keyring()).unwrap().len(),
    };
    assert_eq!(keyring.verify().unwrap(), expected);
    drop(keyring);
    assert_eq!(house.open().unwrap().owners(), 440);
}

#[test]
fn no_erased_key_comes_back_through_the_cache() {
    let house = House::new();
    let keyring = house.create();
    let owners: Vec<i64> = (1..40).collect();
    keyring.add_owners(&owners).unwrap();
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            // Reads until the last owner is erased; any of these reads may race with an erasure.
            while keyring.owner_key(39).is_ok() {
                owners.iter().for_each(|owner| drop(keyring.owner_key(*owner)));
            }
        });
        for owner in &owners {
            keyring.destroy(&[*owner], &house.provider()).unwrap();
            assert!(matches!(keyring.owner_key(*owner), Err(Error::Erased(_))));
        }
        reader.join().unwrap();
    });
    for owner in owners {
        assert!(matches!(keyring.owner_key(owner), Err(Error::Erased(_))));
    }
}

#[test]
fn a_flipped_byte_at_any_position_opens_nothing_wrong() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1]).unwrap();
    keyring.add_owners(&[2]).unwrap();
    let (body, good) = (sealed(&keyring, 1), keyring.snapshot().unwrap());
    drop(keyring);
    let last = good.len() - 4 - 5 - 68 - 8;
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(house.keyring(), &*bad).unwrap();
        match house.open() {
            Err(error) => assert!(matches!(error, Error::Damaged { .. }), "byte {at}: {error}"),
            // Only the last append can look torn; its owner is then unknown, and nobody else is touched.
            Ok(keyring) => {
                assert!(at >= last, "byte {at}");
                assert!(opens(&keyring, 1, &body));
                assert!(matches!(keyring.owner_key(2), Err(Error::UnknownOwner(2))));
            }
        }
    }
}

#[test]
fn a_wrapped_key_moved_to_another_owner_does_not_unwrap() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1, 2]).unwrap();
    let mut state = keyring.state_mut();
    let one = state.wrapped[&1];
    state.wrapped.insert(2, one);
    drop(state);
    assert!(matches!(keyring.owner_key(2), Err(Error::Seal(_))));
    assert!(keyring.owner_key(1).is_ok());
    assert!(keyring.verify().is_err());
}

#[test]
fn a_passphrase_opens_its_keyring_and_a_wrong_one_says_so() {
    let house = House::new();
    let passphrase =
        |text: &str| Provider::Passphrase(Passphrase::new(text.into(), Cost::default()).unwrap());
    let right = passphrase("correct horse battery staple");
    let keyring = Keyring::create(&house.keyring(), &right).unwrap();
    let body = sealed(&keyring, ORGANIZATION);
    drop(keyring);
    let wrong = passphrase("correct horse battery stable");
    let refused = Keyring::open(&house.keyring(), &wrong, None).unwrap_err();
    assert!(matches!(refused, Error::WrongRoot { given: "passphrase" }));
    assert!(refused.to_string().contains("typed exactly"));
    let refused = house.open().unwrap_err();
    assert!(refused.to_string().contains("a key file was given: configure the passphrase"), "{refused}");

    let keyring = Keyring::open(&house.keyring(), &right, None).unwrap();
    keyring.rotate(&wrong).unwrap();
    assert!(opens(&keyring, ORGANIZATION, &body));
    drop(keyring);
    assert!(Keyring::open(&house.keyring(), &right, None).is_err());
    assert!(Keyring::open(&house.keyring(), &wrong, None).is_ok());
}

#[test]
fn another_key_file_is_refused_and_named() {
    let (house, other) = (House::new(), House::new());
    drop(house.create());
    let refused = Keyring::open(&house.keyring(), &other.provider(), None).unwrap_err();
    assert!(refused.to_string().contains("give the key file that belongs to this keyring"));
}

#[test]
fn a_missing_keyring_is_not_made_anew_and_an_existing_one_not_overwritten() {
    let house = House::new();
    let missing = house.open().unwrap_err();
    assert!(matches!(missing, Error::Missing { .. }));
    assert!(missing.to_string().contains("newest backup"));
    assert!(!house.keyring().exists());
    drop(house.create());
    let before = fs::read(house.keyring()).unwrap();
    assert!(matches!(Keyring::create(&house.keyring(), &house.provider()), Err(Error::Exists { .. })));
    assert_eq!(fs::read(house.keyring()).unwrap(), before);
}

#[test]
fn one_process_at_a_time_has_it_open() {
    let house = House::new();
    let keyring = house.create();
    assert!(matches!(house.open(), Err(Error::InUse { .. })));
    drop(keyring);
    assert!(house.open().is_ok());
}

#[cfg(unix)]
#[test]
fn the_file_is_private_and_refused_when_it_is_not() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new();
    let keyring = house.create();
    let mode = || fs::metadata(house.keyring()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    keyring.rotate(&house.provider()).unwrap();
    assert_eq!(mode(), 0o600);
    drop(keyring);
    fs::set_permissions(house.keyring(), fs::Permissions::from_mode(0o644)).unwrap();
    let refused = house.open().unwrap_err();
    assert!(refused.to_string().contains("chmod 600"));
}

#[test]
fn a_failed_rotation_leaves_the_old_generation_in_use() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1]).unwrap();
    let body = sealed(&keyring, 1);
    // A folder where the new file would be written: the rewrite cannot begin.
    fs::create_dir(house.path("keyring.next")).unwrap();
    assert!(matches!(keyring.rotate(&house.provider()), Err(Error::Io { .. })));
    assert_eq!(keyring.generation(), 1);
    assert!(opens(&keyring, 1, &body));
    keyring.add_owners(&[2]).unwrap();
    fs::remove_dir(house.path("keyring.next")).unwrap();
    keyring.rotate(&house.provider()).unwrap();
    assert!(opens(&keyring, 1, &body));
}

#[test]
fn every_secret_prints_sealed() {
    let house = House::new();
    let keyring = house.create();
    let owner = keyring.owner_key(ORGANIZATION).unwrap();
    let body = owner.body(1).unwrap();
    let object = crate::aad::ObjectId([0; 16]);
    let printed = [
        format!("{:?}", house.provider()),
        format!("{:?}", KeyFile::read(&house.path("root.key")).unwrap()),
        format!("{:?}", Passphrase::new("correct horse battery".into(), Cost::default()).unwrap()),
        format!("{keyring:?}"),
        format!("{owner:?}"),
        format!("{body:?}"),
        format!("{:?}", keyring.index_key()),
        format!("{:?}", keyring.audit_key()),
        format!("{:?}", keyring.mac_key()),
        format!("{:?}", keyring.mac_key().for_use("cursor")),
        format!("{:?}", keyring.signing_key()),
        format!("{:?}", Secret::random().unwrap()),
        format!("{:?}", crate::token::mint().unwrap().0),
        format!("{:?}", compress(b"a body").unwrap()),
        format!("{:?}", crate::blob::Writer::new(&body, object, Vec::new()).unwrap()),
        format!("{:?}", crate::blob::Reader::new(&body, object, &b"KWB1"[..]).unwrap()),
    ];
    for text in printed {
        assert_eq!(text, "sealed");
    }
}

#[test]
fn a_keyring_in_use_can_be_read_beside_its_owner_and_not_changed() {
    let house = House::new();
    let keyring = house.create();
    keyring.add_owners(&[1]).unwrap();
    let body = sealed(&keyring, 1);
    assert!(matches!(house.open(), Err(Error::InUse { .. })));
    let beside = Keyring::open_read_only(&house.keyring(), &house.provider(), None).unwrap();
    assert!(opens(&beside, 1, &body));
    assert!(matches!(beside.add_owners(&[2]), Err(Error::ReadOnly)));
    assert!(matches!(beside.rotate(&house.provider()), Err(Error::ReadOnly)));
    keyring.add_owners(&[2]).unwrap();
    assert!(opens(&keyring, 1, &body));
}
