//! A PostgreSQL that goes away is no fault of ours: callers are told to come back, and may.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use record::error::Error;
use std::{net::TcpListener, sync::Arc};
use store::{Store, dialect::Database};
use testkit::house::{Engine, House};
use vault::{
    keyring::Keyring,
    provider::{KeyFile, Provider},
};

#[test]
fn a_server_that_nobody_answers_for_is_told_as_busy() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let database = Database::Postgres(format!("postgres://keepwell:word@127.0.0.1:{port}/keepwell"));
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::KeyFile(KeyFile::create(&folder.path().join("root.key")).unwrap());
    let ring = Keyring::create(&folder.path().join("keyring"), &provider).unwrap();
    let error = Store::open(&database, Arc::new(ring), 1).map(drop).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("cannot be reached") && said.contains("refused") && !said.contains("word"),
        "{said}"
    );
    let error = Error::from(error);
    assert!(matches!(error, Error::Busy(_)) && error.status().0 == 503, "{error:?}");
}

#[test]
fn sessions_that_an_administrator_ended_are_opened_again_and_nobody_hears_of_it() {
    let house = House::new(Engine::Postgres);
    let look = || house.record.read(&house.operator(), "Patient", "nobody");
    for _ in 0..3 {
        assert!(matches!(look(), Err(Error::NotFound)));
        house.rows(
            "SELECT COUNT(*) FROM (SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()) x",
        );
    }
    assert!(matches!(look(), Err(Error::NotFound)));
    assert_eq!(house.whole_log(), 4);
}
