//! The head row, and the bond between database and keyring.

use super::*;
use crate::{
    Store,
    dialect::{Database, Use},
    trial::{Trial, WAIT, provider, ring},
    verify::{
        self,
        fault::{Fault, Place, What},
    },
    writer::{Writer, connect},
};
use std::sync::Arc;
use vault::keyring::{self, Keyring};

#[test]
fn a_head_is_read_as_it_was_written() {
    for mut trial in Trial::both() {
        let head = Head::read(&mut trial.conn, "").unwrap();
        assert_eq!((head.seq, head.rid, head.updated, head.tree.size()), (0, 0, 0, 0));
        assert!(head.checkpoint.is_empty(), "nothing was signed yet");
        let mut head = Head { seq: 4, rid: 9, updated: 7, ..head };
        head.tree.append([3; 32]);
        head.write(&mut trial.conn, &trial.keys).unwrap();
        let lock = trial.conn.for_update();
        trial.conn.begin_write().unwrap();
        let again = Head::read(&mut trial.conn, lock).unwrap();
        trial.conn.rollback().unwrap();
        assert_eq!((again.seq, again.rid, again.updated, &again.tree), (4, 9, 7, &head.tree));
        let said = trial.keys.open_checkpoint(&again.checkpoint).unwrap();
        assert_eq!((said.size, said.root), (1, head.tree.root()));
    }
}

#[test]
fn a_damaged_or_missing_head_stops_everything() {
    for mut trial in Trial::both() {
        for tree in [b"short".as_slice(), &[1; 8], &[0; 40]] {
            trial.conn.execute("UPDATE head SET tree = ?1", &[Arg::Bytes(tree)]).unwrap();
            assert!(matches!(Head::read(&mut trial.conn, ""), Err(Error::Integrity(_))));
        }
        trial.conn.execute("DELETE FROM head", &[]).unwrap();
        assert!(matches!(Head::read(&mut trial.conn, ""), Err(Error::Integrity(_))));
    }
}

#[test]
fn a_keyring_of_another_house_is_refused_and_the_message_says_what_to_do() {
    for trial in Trial::both() {
        let elsewhere = tempfile::tempdir().unwrap();
        let Err(error) = Store::open_waiting(&trial.database, Arc::new(ring(elsewhere.path())), 1, WAIT)
        else {
            panic!("a foreign keyring was taken")
        };
        assert_eq!(
            error.to_string(),
            "keys: this keyring belongs to another database: put the keyring that was made with this database beside it"
        );
    }
}

#[test]
fn an_old_copy_of_the_keyring_is_refused_even_by_who_forgot_to_ask() {
    for trial in Trial::both() {
        let Trial { folder, database, keys, mut conn } = trial;
        let path = folder.path().join("keyring");
        let old = std::fs::read(&path).unwrap();
        keys.ring().rotate(&provider(folder.path())).unwrap();
        claim(&mut conn, &keys).unwrap();
        assert_eq!(Store::known_generation(&database).unwrap(), Some(keys.ring().generation()));
        drop(keys);
        std::fs::write(&path, old).unwrap();
        let known = Store::known_generation(&database).unwrap();
        let asked = Keyring::open(&path, &provider(folder.path()), known);
        assert!(matches!(asked, Err(keyring::Error::OldGeneration { .. })));
        let forgot = Keyring::open(&path, &provider(folder.path()), None).unwrap();
        let Err(Error::Keys(why)) = Store::open_waiting(&database, Arc::new(forgot), 1, WAIT) else {
            panic!("an old keyring was taken")
        };
        assert!(why.contains("it is an old copy"), "{why}");
    }
}

#[test]
fn a_keyring_that_lacks_the_newest_keys_is_refused_and_found() {
    for mut trial in Trial::both() {
        let path = trial.folder.path().join("keyring");
        let early = std::fs::read(&path).unwrap();
        let conn = connect(&trial.database, &trial.keys, WAIT).unwrap();
        let writer =
            Writer::start(trial.database.clone(), trial.keys.clone(), WAIT, conn, Default::default())
                .unwrap();
        let written = writer.commit(trial.commit("p", "a", 0, 10)).unwrap()[0];
        drop(writer);
        assert_eq!(trial.verified().faults, []);
        let copy = tempfile::tempdir().unwrap();
        let copy_path = copy.path().join("keyring");
        std::fs::copy(trial.folder.path().join("root.key"), copy.path().join("root.key")).unwrap();
        std::fs::copy(&path, &copy_path).unwrap();
        std::fs::write(&copy_path, early).unwrap();
        let known = Store::known_generation(&trial.database).unwrap();
        let ring = Arc::new(Keyring::open(&copy_path, &provider(copy.path()), known).unwrap());
        let keys = Keys::new(ring.clone());
        let report = verify::verify(&mut trial.conn, &keys, &mut |_| {}, None, None).unwrap();
        let place = Place::Version { seq: written.seq, rid: written.rid, version: 1 };
        assert_eq!(report.faults, [Fault { place, what: What::NoKey }]);
        drop(keys);
        let Err(Error::Keys(why)) = Store::open_waiting(&trial.database, ring, 1, WAIT) else {
            panic!("a keyring without the keys was taken")
        };
        assert!(why.contains("no key for 1 of the patients"), "{why}");
    }
}

#[test]
fn the_known_generation_is_none_only_where_there_is_no_database_yet() {
    for mut trial in Trial::both() {
        assert_eq!(generation(&mut trial.conn).unwrap(), Some(1));
        trial.conn.execute("UPDATE head SET keyring = ?1", &[Arg::Bytes(b"damaged")]).unwrap();
        assert!(matches!(generation(&mut trial.conn), Err(Error::Integrity(_))));
        assert!(matches!(claim(&mut trial.conn, &trial.keys), Err(Error::Integrity(_))));
        trial.conn.define("DROP TABLE head").unwrap();
        assert_eq!(generation(&mut trial.conn).unwrap(), None);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keepwell.db");
    assert_eq!(Store::known_generation(&Database::Sqlite(path.clone())).unwrap(), None);
    std::fs::write(&path, [7; 8192]).unwrap();
    assert!(matches!(Store::known_generation(&Database::Sqlite(path)), Err(Error::Integrity(_))));
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    for mut trial in Trial::both() {
        trial.conn.execute("UPDATE head SET schema = 9000", &[]).unwrap();
        let mut conn = Conn::open_waiting(&trial.database, Use::Write, WAIT).unwrap();
        let refused = crate::schema::migrate(&mut conn, &trial.database);
        assert!(matches!(refused, Err(Error::Integrity(why)) if why.contains("newer Keepwell")));
    }
}
