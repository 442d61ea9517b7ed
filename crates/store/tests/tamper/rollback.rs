//! A database that was put back to an older copy, whole or in part. Nothing inside it can tell; a checkpoint that was saved
//! elsewhere can.

use super::{Raw, life, verify};
use store::{
    dialect::Database,
    verify::{
        Report,
        fault::{Fault, Place, What},
    },
};
use testkit::house::{ENGINES, House};

fn against(house: &House, older: &[u8]) -> Report {
    house.record.verify(Some(older), true, &mut |_| {}).unwrap()
}

fn first(report: &Report) -> Option<&Fault> {
    report.faults.first()
}

/// As a thief of time does it: every page of the file on SQLite, every row on PostgreSQL.
fn roll_back(house: &House, raw: &mut Raw, copy: &std::path::Path) {
    match (&house.database, raw) {
        (Database::Sqlite(_), Raw::Sqlite(conn)) => {
            conn.restore("main", copy, None::<fn(rusqlite::backup::Progress)>).unwrap();
        }
        (_, raw) => raw.restore_all("early"),
    }
}

#[test]
fn f6_a_database_put_back_to_an_older_copy_is_found_by_the_saved_checkpoint() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let copy = house.folder.join("copy.db");
        let mut raw = Raw::open(&house);
        raw.keep("early");
        if let Database::Sqlite(_) = house.database {
            raw.run(&format!("VACUUM INTO '{}'", copy.display()));
        }
        let early = house.record.store().checkpoint().unwrap();
        life::write(&house, life::put("Observation", "o3", life::observation("ben", 1)));
        house.record.read(&house.operator(), "Patient", "asha").unwrap();
        let late = house.record.store().checkpoint().unwrap();
        assert!(against(&house, &early).is_sound() && against(&house, &late).is_sound());

        roll_back(&house, &mut raw, &copy);
        assert_eq!(verify(&house).faults, [], "{engine:?}: from inside it looks honest");
        assert!(against(&house, &early).is_sound());
        let report = against(&house, &late);
        let truncated = Fault { place: Place::Leaf(life::LEAVES), what: What::Truncated };
        assert_eq!(report.faults, [truncated], "{engine:?}");

        // And if life goes on from there until the log is as long again, it is another log.
        let house = house.reopen();
        for _ in 0..4 {
            house.record.read(&house.operator(), "Patient", "ben").unwrap();
        }
        assert_eq!(verify(&house).faults, []);
        assert_eq!(
            against(&house, &late).faults,
            [Fault { place: Place::Older, what: What::Rewritten }],
            "{engine:?}"
        );
    }
}

#[test]
fn f6_looks_cut_off_with_the_head_put_back_are_found_by_the_saved_checkpoint() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let mut raw = Raw::open(&house);
        raw.keep("early");
        house.record.read(&house.operator(), "Patient", "asha").unwrap();
        house.record.read(&house.operator(), "Patient", "ben").unwrap();
        let late = house.record.store().checkpoint().unwrap();
        // The operator kept the head with its signature, and takes away the looks since.
        raw.restore("early", &["head", "leaf", "link"]);
        assert_eq!(verify(&house).faults, []);
        let report = against(&house, &late);
        assert_eq!(first(&report), Some(&Fault { place: Place::Leaf(life::LEAVES), what: What::Truncated }));
        // A change that was cut off that way stays behind as a version.
        raw.restore_all("early");
        life::write(&house, life::put("Observation", "o3", life::observation("ben", 1)));
        raw.restore("early", &["head", "leaf", "link"]);
        let place = Place::Version { seq: life::CHANGES + 1, rid: 6, version: 2 };
        assert_eq!(first(&verify(&house)), Some(&Fault { place, what: What::Foreign }));
    }
}

#[test]
fn a_saved_checkpoint_that_this_house_never_signed_is_a_fault_and_no_comfort() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let mut older = house.record.store().checkpoint().unwrap();
        let size_line = older.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        older[size_line] ^= 1;
        for note in [older.as_slice(), b"", b"nothing"] {
            let report = against(&house, note);
            assert_eq!(
                first(&report),
                Some(&Fault { place: Place::Older, what: What::NotSigned }),
                "{engine:?}"
            );
        }
    }
}
