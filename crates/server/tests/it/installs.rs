//! X2: no two installations share a key, though they hold the same record.

use crate::program::{Place, Serving, files};
use rusqlite::Connection;
use std::{collections::BTreeSet, fs, path::Path};

/// An installation with one patient, the same everywhere, and its server stopped.
fn installed() -> Place {
    let place = Place::new();
    let serving: Serving = place.serve(&[]);
    let token = place.token();
    let patient = r#"{"resourceType":"Patient","id":"a","gender":"female","name":[{"family":"Ode"}]}"#;
    assert_eq!(serving.ask("PUT", "/fhir/R4/Patient/a", &token, patient).status, 201);
    place
}

/// Runs of Base64 and hexadecimal that are long enough to be key material.
fn material(bytes: &[u8]) -> BTreeSet<Vec<u8>> {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"+/-_=".contains(b);
    let runs = bytes.split(|b| !is_part(b)).filter(|run| run.len() >= 22);
    runs.map(<[u8]>::to_vec).collect()
}

fn database(data: &Path) -> Connection {
    Connection::open(data.join("keepwell.db")).unwrap()
}

/// All numbers and keys that stand for values in the index.
fn terms(data: &Path) -> BTreeSet<Vec<u8>> {
    let database = database(data);
    let mut found = BTreeSet::new();
    for sql in [
        "SELECT CAST(term AS BLOB) FROM term",
        "SELECT key FROM resource",
        "SELECT body FROM version",
        "SELECT entry FROM leaf",
    ] {
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        let rows: Vec<Vec<u8>> = rows.map(Result::unwrap).collect();
        assert!(!rows.is_empty(), "{sql}");
        found.extend(rows);
    }
    found
}

/// The checkpoint's first line names the log by its signing key.
fn log_name(data: &Path) -> String {
    let note: Vec<u8> =
        database(data).query_row("SELECT checkpoint FROM head", [], |row| row.get(0)).unwrap();
    String::from_utf8(note).unwrap().lines().next().unwrap().to_owned()
}

#[test]
fn x2_two_fresh_installations_share_no_key_and_no_term() {
    let (one, two) = (installed(), installed());
    for file in [one.key(), one.data().join("keyring")] {
        let other = if file == one.key() { two.key() } else { two.data().join("keyring") };
        let (ours, theirs) = (material(&fs::read(&file).unwrap()), material(&fs::read(other).unwrap()));
        let secret =
            |set: &BTreeSet<Vec<u8>>| set.iter().filter(|run| run.iter().any(u8::is_ascii_digit)).count();
        assert!(secret(&ours) > 0, "{} holds no material", file.display());
        let shared: Vec<_> =
            ours.intersection(&theirs).filter(|run| run.iter().any(u8::is_ascii_digit)).collect();
        assert!(shared.is_empty(), "{}", file.display());
    }
    assert!(log_name(&one.data()).starts_with("keepwell-"));
    assert_ne!(log_name(&one.data()), log_name(&two.data()), "one signing key");
    let shared: Vec<_> = terms(&one.data()).intersection(&terms(&two.data())).cloned().collect();
    assert!(shared.is_empty(), "{} terms, keys or bodies are the same", shared.len());

    let theirs: Vec<Vec<u8>> = files(&two.data()).into_iter().map(|(_, bytes)| bytes).collect();
    for (path, bytes) in files(&one.data()).into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        assert!(!theirs.contains(&bytes), "{} is the same in both", path.display());
    }
}
