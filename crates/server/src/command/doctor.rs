//! `keepwell doctor`: every setting with its origin, and everything that can be looked at without opening a record.
//!
//! A line is `ok`, `note` (works, but know it) or `WRONG` (mend it; the exit code is 1). Each says what to do.

mod machine;

use super::Found;
use crate::{
    config::{Config, Layers, Root, SETTINGS, private},
    folder,
    say::say,
    wire,
};
use machine::{Disk, is_network};
use std::path::Path;
use std::sync::Arc;
use store::{Store, dialect::Database, storage};
use vault::keyring;

/// Free bytes under which the disk counts as nearly full.
const LITTLE_BYTES: u64 = 1 << 30;

/// Bodies that are opened to see how large they are as JSON.
const SAMPLE: i64 = 500;

/// A clock before this was never set: seconds since 1970 on 1 January 2025.
const NEVER_SET: u64 = 1_735_689_600;

/// How a look ended.
enum Finding {
    Ok(String),
    Note(String),
    Wrong(String),
}

use Finding::{Note, Ok as Fine, Wrong};

/// Runs it.
pub(crate) fn run(config: &Config, layers: &Layers) -> Found {
    show_settings(layers);
    let looks = [
        folder_look,
        key_look,
        keyring_look,
        storage_look,
        disk_look,
        file_system_look,
        clock_look,
        tls_look,
    ];
    let findings: Vec<Finding> = looks.iter().flat_map(|look| look(config)).collect();
    say!("");
    for finding in &findings {
        match finding {
            Fine(text) => say!("ok     {text}"),
            Note(text) => say!("note   {text}"),
            Wrong(text) => say!("WRONG  {text}"),
        }
    }
    let wrong = findings.iter().filter(|finding| matches!(finding, Wrong(_))).count();
    say!("");
    match wrong {
        0 => say!("Nothing is wrong."),
        1 => say!("1 thing is wrong."),
        _ => say!("{wrong} things are wrong."),
    }
    if wrong == 0 { Found::Right } else { Found::Wrong }
}

fn show_settings(layers: &Layers) {
    say!("{:<24}{:<62}from", "setting", "value");
    for setting in SETTINGS {
        match layers.get(setting.key) {
            Some(said) => say!("{:<24}{:<62}{}", setting.key, shown(setting.key, &said.text), said.origin),
            None => say!("{:<24}{:<62}default", setting.key, setting.default_text()),
        }
    }
}

/// A database address may hold a password.
fn shown(key: &str, text: &str) -> String {
    match text.split_once("://").filter(|_| key == "database") {
        None => text.to_owned(),
        Some((scheme, rest)) => {
            let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
            format!("{scheme}://…{}", place.split('?').next().unwrap_or_default())
        }
    }
}

fn folder_look(config: &Config) -> Vec<Finding> {
    let data = &config.data;
    let Ok(metadata) = std::fs::metadata(data) else {
        let text = format!("the data folder {} is not there yet; `keepwell serve` makes it", data.display());
        return vec![Note(text)];
    };
    if !metadata.is_dir() {
        return vec![Wrong(format!("{} is no folder: name another with --data", data.display()))];
    }
    let mut findings = vec![match private::others(&metadata) {
        0 => Fine(format!("the data folder {} is its owner's alone", data.display())),
        mode => Wrong(format!(
            "others may enter the data folder (mode {mode:03o}): run `chmod 700 {}`",
            data.display()
        )),
    }];
    let probe = data.join(".doctor");
    match folder::replace(&probe, b"").map(|()| std::fs::remove_file(&probe)) {
        Ok(_) => findings.push(Fine("it can be written".into())),
        Err(_) => findings
            .push(Wrong(format!("this user cannot write into {}: run `chown -R $USER {0}`", data.display()))),
    }
    let entries = std::fs::read_dir(data).into_iter().flatten().flatten();
    let open =
        entries.filter(|entry| entry.metadata().is_ok_and(|m| m.is_file() && private::others(&m) != 0));
    findings.extend(open.map(|entry| {
        let path = entry.path();
        Wrong(format!("others may read {}: run `chmod 600 {0}`", path.display()))
    }));
    findings
}

fn key_look(config: &Config) -> Vec<Finding> {
    let path = match &config.root {
        Root::Passphrase(_) => {
            return vec![Note(
                "the passphrase is in the environment, where every process of this user can read it: a file with --passphrase-file is safer".into(),
            )];
        }
        Root::PassphraseFile(path) => path.clone(),
        Root::KeyFile(_) => match wire::key_path(config, false) {
            Ok(path) => path,
            Err(_) if !folder::keyring(&config.data).exists() => {
                return vec![Note("there is no root key yet; `keepwell serve` makes one".into())];
            }
            Err(error) => return vec![Wrong(format!("{error:#}"))],
        },
    };
    if let Err(error) = private::check(&path) {
        let is_new = !folder::keyring(&config.data).exists() && !path.exists();
        return vec![if is_new {
            Note(format!("the root key {} is not there yet", path.display()))
        } else {
            Wrong(error.to_string())
        }];
    }
    vec![match vault::files::is_inside(&path, &config.data) {
        Ok(false) => Fine(format!("the root key {} is private and outside the data folder", path.display())),
        Ok(true) => Wrong(format!(
            "the root key {} lies in the data folder, so that a stolen copy opens itself: move it elsewhere and name it with --key-file",
            path.display()
        )),
        Err(_) if !config.data.exists() => Fine(format!("the root key {} is private", path.display())),
        Err(error) => {
            Wrong(format!("whether {} lies in the data folder cannot be seen: {error}", path.display()))
        }
    }]
}

fn keyring_look(config: &Config) -> Vec<Finding> {
    let known = match Store::known_generation(&config.database) {
        Ok(known) => known,
        Err(error) => {
            return vec![Wrong(format!(
                "the database cannot be reached: {error}; check `database` and that its server runs"
            ))];
        }
    };
    let path = folder::keyring(&config.data);
    match (known, path.exists()) {
        (None, false) => {
            return vec![Note("the database is empty; `keepwell serve` makes its tables".into())];
        }
        (Some(_), false) => {
            let text = format!(
                "the database is there and its keyring {} is not: bring it back from its backup",
                path.display()
            );
            return vec![Wrong(text)];
        }
        _ => {}
    }
    let opened = wire::provider(config, false).and_then(|root| wire::open_beside(&path, &root, known));
    let ring = match opened {
        Ok(ring) => ring,
        Err(error) => return vec![Wrong(format!("{error:#}"))],
    };
    let mut findings =
        vec![Fine(format!("the keyring opens: generation {}, {} owners", ring.generation(), ring.owners()))];
    match known {
        Some(_) => {
            findings.push(Fine("the database is reached, and the keyring is not older than it knows".into()))
        }
        None => findings.push(Note("the database has no tables yet; `keepwell serve` makes them".into())),
    }
    if let Err(error @ keyring::Error::Damaged { .. }) = ring.verify() {
        findings.push(Wrong(error.to_string()));
    }
    findings
}

/// D6: what the records take, beside what they would take as plain JSON.
fn storage_look(config: &Config) -> Vec<Finding> {
    let path = folder::keyring(&config.data);
    // What is wrong with keyring or database has been said by the look before.
    let Ok(Some(known)) = Store::known_generation(&config.database) else { return Vec::new() };
    let opened = wire::provider(config, false).and_then(|root| wire::open_beside(&path, &root, Some(known)));
    let Ok(ring) = opened else { return Vec::new() };
    vec![match storage::measure(&config.database, Arc::new(ring), SAMPLE) {
        Ok(Some(storage)) => Fine(storage_text(&storage)),
        Ok(None) => Note("no record is stored yet".into()),
        Err(error) => {
            Wrong(format!("how much room the records take cannot be seen: {error}; run `keepwell verify`"))
        }
    }]
}

fn storage_text(storage: &storage::Storage) -> String {
    let mib = |bytes: i64| bytes as f64 / f64::from(1 << 20);
    let times = |bytes: i64| storage.plain_bytes() as f64 / bytes.max(1) as f64;
    let how = match storage.sampled == storage.versions {
        true => "measured".to_owned(),
        false => format!("reckoned from {} of them", storage.sampled),
    };
    format!(
        "{} versions are {:.1} MiB as JSON ({how}), {:.1} MiB sealed ({:.1} times smaller), {:.1} MiB with index and audit log \
         ({:.2} bytes stored for each byte of JSON)",
        storage.versions,
        mib(storage.plain_bytes()),
        mib(storage.sealed_bytes),
        times(storage.sealed_bytes),
        mib(storage.database_bytes),
        storage.database_bytes as f64 / storage.plain_bytes().max(1) as f64,
    )
}

fn disk_look(config: &Config) -> Vec<Finding> {
    let Some(disk) = Disk::under(&config.data) else {
        return vec![Note("how much room the disk has cannot be seen here".into())];
    };
    let text =
        format!("{:.1} GiB are free on the data folder's disk", disk.free_bytes as f64 / (1 << 30) as f64);
    vec![match disk.free_bytes {
        free if free < LITTLE_BYTES / 10 => Wrong(format!("{text}: free some, or writes will be refused")),
        free if free < LITTLE_BYTES => Note(format!("{text}: free some soon")),
        _ => Fine(text),
    }]
}

fn file_system_look(config: &Config) -> Vec<Finding> {
    let Database::Sqlite(_) = &config.database else { return Vec::new() };
    let Some(kind) = machine::file_system(&existing(&config.data)) else { return Vec::new() };
    vec![match is_network(&kind) {
        true => Wrong(format!(
            "the data folder lies on a network file system ({kind}), whose locks the embedded database cannot rely on: use a local disk, or PostgreSQL with --database"
        )),
        false => Fine(format!("the data folder lies on a local file system ({kind})")),
    }]
}

fn clock_look(_: &Config) -> Vec<Finding> {
    let now = crate::clock::now();
    vec![match crate::clock::seconds() {
        seconds if seconds < NEVER_SET => Wrong(format!(
            "the clock says {now}, which has long passed: set it, or every entry of the audit log bears a wrong time"
        )),
        _ => Fine(format!("the clock says {now}")),
    }]
}

fn tls_look(config: &Config) -> Vec<Finding> {
    let Some(tls) = &config.tls else { return Vec::new() };
    let read = std::fs::read(&tls.cert).and_then(|cert| Ok((cert, std::fs::read(&tls.key)?)));
    let checked = read.map_err(|error| error.to_string());
    let checked = checked
        .and_then(|(cert, key)| web::tls::Tls::from_pem(&cert, &key).map_err(|error| error.to_string()));
    vec![match checked {
        Ok(_) => Fine("the certificate and its key go together".into()),
        Err(error) => Wrong(format!("TLS cannot be spoken: {error}")),
    }]
}

/// The nearest folder above that is there.
fn existing(path: &Path) -> std::path::PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_address_is_shown_without_user_and_password() {
        assert_eq!(shown("database", "postgres://u:hush@h:5432/d?password=hush"), "postgres://…h:5432/d");
        assert_eq!(shown("database", "sqlite"), "sqlite");
        assert_eq!(shown("listen", "127.0.0.1:1"), "127.0.0.1:1");
    }
}
