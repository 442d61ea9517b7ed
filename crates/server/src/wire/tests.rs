use super::*;
use crate::{
    actor::{self, Wanted},
    command,
    config::Flags,
};
use std::{collections::BTreeMap, fs, path::Path};

/// The configuration of a house in `home`: its data in `data`, its key beside it.
pub(crate) fn config_in(home: &Path) -> Config {
    config_with(home, &home.join("root.key"))
}

fn config_with(home: &Path, key: &Path) -> Config {
    let values = BTreeMap::from([
        ("data", home.join("data").display().to_string()),
        ("key_file", key.display().to_string()),
        ("listen", "127.0.0.1:0".to_owned()),
    ]);
    Config::load(&Flags { config: None, values }, &[]).unwrap().0
}

fn refusal(config: &Config, purpose: Purpose) -> String {
    let error = open(config, purpose).map(drop).unwrap_err();
    format!("{error:#}")
}

#[test]
fn a_house_is_founded_once_and_found_again() {
    let home = tempfile::tempdir().unwrap();
    let config = config_in(home.path());
    assert!(refusal(&config, Purpose::Alone).contains("--data"));
    assert!(!config.data.exists(), "a command that only looks makes nothing");
    let verifier = open(&config, Purpose::Found).unwrap().store().verifier_key();
    assert_eq!(open(&config, Purpose::Found).unwrap().store().verifier_key(), verifier);
    assert_eq!(open(&config, Purpose::Alone).unwrap().store().verifier_key(), verifier);
}

#[test]
fn a_root_key_in_the_data_folder_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let config = config_with(home.path(), &home.path().join("data/root.key"));
    assert!(refusal(&config, Purpose::Found).contains("--key-file"));
    assert!(!home.path().join("data/keyring").exists());
}

#[test]
fn nothing_is_founded_anew_over_a_missing_keyring_or_key() {
    let home = tempfile::tempdir().unwrap();
    let config = config_in(home.path());
    drop(open(&config, Purpose::Found).unwrap());
    fs::rename(home.path().join("root.key"), home.path().join("lost.key")).unwrap();
    assert!(refusal(&config, Purpose::Found).contains("no key file"));
    fs::rename(home.path().join("lost.key"), home.path().join("root.key")).unwrap();
    fs::remove_file(folder::keyring(&config.data)).unwrap();
    assert!(refusal(&config, Purpose::Found).contains("no keyring"));
}

#[test]
fn another_houses_key_opens_nothing() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(open(&config_in(home.path()), Purpose::Found).unwrap());
    drop(open(&config_in(other.path()), Purpose::Found).unwrap());
    let mixed = config_with(home.path(), &other.path().join("root.key"));
    assert!(refusal(&mixed, Purpose::Found).contains("does not hold key"));
}

#[test]
fn a_token_made_beside_a_server_opens_its_door() {
    let home = tempfile::tempdir().unwrap();
    let config = config_in(home.path());
    let server = open(&config, Purpose::Found).unwrap();
    assert!(refusal(&config, Purpose::Alone).contains("in use"));
    let beside = open(&config, Purpose::Beside).unwrap();
    let reader = actor::actor(&Wanted { role: "reader", name: "R", ..Wanted::default() }).unwrap();
    let token = command::token::mint(&beside, reader.clone(), 1).unwrap();
    let now = crate::clock::now();
    assert_eq!(server.sign_in(token.reveal(), now).unwrap(), Some(reader));
    let later = now + jiff::SignedDuration::from_hours(25);
    assert_eq!(server.sign_in(token.reveal(), later).unwrap(), None);
    assert_eq!(server.sign_in("kw_unknown", now).unwrap(), None);
}

#[test]
fn the_root_key_is_renewed_while_the_house_is_open() {
    let home = tempfile::tempdir().unwrap();
    let config = config_in(home.path());
    let (record, mut root) = open_with_root(&config, Purpose::Found).unwrap();
    let before = fs::read(home.path().join("root.key")).unwrap();
    let old_ring = fs::read(folder::keyring(&config.data)).unwrap();
    command::keys::renew(&record, &mut root).unwrap();
    assert_ne!(fs::read(home.path().join("root.key")).unwrap(), before);
    drop(record);
    assert_eq!(open(&config, Purpose::Alone).unwrap().store().keyring().generation(), 2);
    fs::write(folder::keyring(&config.data), old_ring).unwrap();
    assert!(
        refusal(&config, Purpose::Found).contains("generation 1"),
        "an old copy could bring the erased back"
    );
}
