//! From one version of the tables to the next, on both engines: what was there stays, and what fails leaves no trace.

use super::*;
use crate::{
    dialect::Use,
    keys::Keys,
    trial::{Trial, WAIT},
    verify,
    writer::{Writer, connect},
};
use std::sync::Arc;

const NEXT: &str = "CREATE TABLE extra (id {id}, note {bytes} NOT NULL) {strict}; \
                    INSERT INTO extra SELECT rid, key FROM resource;";
const FAILS: &str = "CREATE TABLE extra (id {id}, note {bytes} NOT NULL) {strict}; \
                     DELETE FROM version; INSERT INTO nowhere SELECT rid FROM resource;";

/// Every step there is, and one more.
fn and(step: &'static str) -> Vec<&'static str> {
    MIGRATIONS.iter().copied().chain([step]).collect()
}

/// A database with records.
fn lived() -> [Trial; 2] {
    Trial::both().map(|trial| {
        let conn = connect(&trial.database, &trial.keys, WAIT).unwrap();
        let writer =
            Writer::start(trial.database.clone(), trial.keys.clone(), WAIT, conn, Default::default())
                .unwrap();
        for (id, base) in [("a", 0), ("b", 0), ("a", 1)] {
            writer.commit(trial.commit("p", id, base, 100)).unwrap();
        }
        trial
    })
}

fn check(database: &Database, keys: &Arc<Keys>) -> usize {
    let mut conn = Conn::open_waiting(database, Use::Write, WAIT).unwrap();
    let report = verify::verify(&mut conn, keys, &mut |_| {}, None, None).unwrap();
    assert_eq!((report.faults.as_slice(), report.counts.versions), ([].as_slice(), 3));
    done(&mut conn).unwrap()
}

/// The copy that was made before.
fn backup(trial: &Trial) -> Option<Database> {
    let Database::Sqlite(path) = &trial.database else { return None };
    Some(Database::Sqlite(path.with_extension(format!("schema-{}.backup", MIGRATIONS.len()))))
}

#[test]
fn a_database_with_records_goes_to_the_next_step_and_keeps_them() {
    for mut trial in lived() {
        migrate_by(&mut trial.conn, &trial.database, &and(NEXT)).unwrap();
        assert_eq!(check(&trial.database, &trial.keys), MIGRATIONS.len() + 1);
        assert_eq!(trial.count("extra"), trial.count("resource"));
        if let Some(backup) = backup(&trial) {
            assert_eq!(check(&backup, &trial.keys), MIGRATIONS.len(), "the copy opens, as it was before");
            let Database::Sqlite(path) = &backup else { unreachable!() };
            // Where nothing is to be done, nothing is copied.
            std::fs::remove_file(path).unwrap();
            migrate_by(&mut trial.conn, &trial.database, &and(NEXT)).unwrap();
            assert!(!path.exists());
        }
        // And on from there, one step at a time.
        let further: Vec<&str> = and(NEXT).into_iter().chain(["DROP TABLE extra;"]).collect();
        migrate_by(&mut trial.conn, &trial.database, &further).unwrap();
        assert_eq!(check(&trial.database, &trial.keys), MIGRATIONS.len() + 2);
        assert!(!trial.conn.has_table("extra").unwrap());
    }
}

#[test]
fn a_step_that_fails_leaves_the_one_before_and_says_what_to_do() {
    for mut trial in lived() {
        let error = migrate_by(&mut trial.conn, &trial.database, &and(FAILS)).unwrap_err().to_string();
        let step = MIGRATIONS.len() + 1;
        for part in [format!("step {step} of {step}").as_str(), "nowhere", "start again", "as they were"] {
            assert!(error.contains(part), "{part} in {error}");
        }
        assert_eq!(check(&trial.database, &trial.keys), MIGRATIONS.len());
        assert!(!trial.conn.has_table("extra").unwrap());
        // The Keepwell before goes on with it, and a mended one does as well.
        migrate(&mut trial.conn, &trial.database).unwrap();
        migrate_by(&mut trial.conn, &trial.database, &and(NEXT)).unwrap();
        assert_eq!(check(&trial.database, &trial.keys), MIGRATIONS.len() + 1);
    }
}

#[test]
fn a_copy_that_cannot_be_made_stops_the_step() {
    let [mut trial, _] = lived();
    let Some(Database::Sqlite(path)) = backup(&trial) else { unreachable!() };
    std::fs::create_dir(&path).unwrap();
    let error = migrate_by(&mut trial.conn, &trial.database, &and(NEXT)).unwrap_err();
    assert!(matches!(error, Error::Migration { .. }), "{error}");
    assert_eq!(check(&trial.database, &trial.keys), MIGRATIONS.len());
}

#[test]
fn a_database_of_a_newer_keepwell_is_refused() {
    for mut trial in lived() {
        migrate_by(&mut trial.conn, &trial.database, &and(NEXT)).unwrap();
        let error = migrate(&mut trial.conn, &trial.database).unwrap_err().to_string();
        assert!(error.contains("newer Keepwell"), "{error}");
        assert_eq!(check(&trial.database, &trial.keys), MIGRATIONS.len() + 1);
    }
}

/// What copies, erases or verifies goes by this list: a table that is missing there would be left behind.
#[test]
fn every_table_that_is_made_is_in_the_list() {
    let made: std::collections::BTreeSet<&str> = MIGRATIONS
        .iter()
        .flat_map(|sql| sql.split("CREATE TABLE ").skip(1))
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    let listed: std::collections::BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!(made, listed);
}

/// E1: what patients denied before it was indexed must not be shown by an upgrade.
#[test]
fn records_from_before_consents_were_indexed_are_refused_and_an_empty_database_goes_on() {
    for mut trial in Trial::both() {
        for table in TABLES {
            trial.conn.define(&format!("DROP TABLE {}", table.name)).unwrap();
        }
        migrate_by(&mut trial.conn, &trial.database, &MIGRATIONS[..1]).unwrap();
        let version = "INSERT INTO version (seq, rid, version, type, updated, op, owner, body) VALUES (1, 1, 1, 1, 1, 1, 0, CAST('' AS {bytes}))";
        trial.conn.define(version).unwrap();
        let refused = migrate(&mut trial.conn, &trial.database).unwrap_err();
        assert!(refused.to_string().contains("export"), "{refused}");
        assert_eq!(done(&mut trial.conn).unwrap(), 1);
        trial.conn.define("DELETE FROM version").unwrap();
        migrate(&mut trial.conn, &trial.database).unwrap();
        assert_eq!(done(&mut trial.conn).unwrap(), MIGRATIONS.len());
    }
}
