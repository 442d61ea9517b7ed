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
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use machine::is_network;
use std::path::Path;
use std::sync::Arc;
use store::{Store, dialect::Database, storage};
use vault::keyring;
use web::house::{Disk, Finding, Level, Setting};

/// Free bytes under which the disk counts as nearly full.
const LITTLE_BYTES: u64 = 1 << 30;

/// Of a hundred parts of the disk, so many free are few.
const LITTLE_PERCENT: u64 = 10;

/// A certificate that ends within this time wants a new one.
const SOON: SignedDuration = SignedDuration::from_hours(21 * 24);

/// Bodies that are opened to see how large they are as JSON.
const SAMPLE: i64 = 500;

/// A clock before this was never set: seconds since 1970 on 1 January 2025.
const NEVER_SET: u64 = 1_735_689_600;

use Level::{Fine, Note, Wrong};

/// Runs it.
pub(crate) fn run(config: &Config, layers: &Layers) -> Found {
    show_settings(layers);
    let looks = WITHOUT_KEYS.iter().chain(&[keyring_look as Look, storage_look]);
    let findings: Vec<Finding> = looks.flat_map(|look| look(config)).collect();
    say!("");
    for Finding { level, text } in &findings {
        match level {
            Fine => say!("ok     {text}"),
            Note => say!("note   {text}"),
            Wrong => say!("WRONG  {text}"),
        }
    }
    let wrong = findings.iter().filter(|finding| finding.level == Wrong).count();
    say!("");
    match wrong {
        0 => say!("Nothing is wrong."),
        1 => say!("1 thing is wrong."),
        _ => say!("{wrong} things are wrong."),
    }
    if wrong == 0 { Found::Right } else { Found::Wrong }
}

/// A thing that is looked at.
type Look = fn(&Config) -> Vec<Finding>;

/// What can be looked at again and again beside a server at work: nothing here opens the keyring or a record.
const WITHOUT_KEYS: [Look; 6] = [folder_look, key_look, disk_look, file_system_look, clock_look, tls_look];

/// Those looks.
pub(crate) fn beside(config: &Config) -> Vec<Finding> {
    WITHOUT_KEYS.iter().flat_map(|look| look(config)).collect()
}

/// The disk under the data folder.
pub(crate) fn disk(config: &Config) -> Option<Disk> {
    machine::under(&config.data)
}

/// When the certificate that the server shows ends.
pub(crate) fn certificate_ends(config: &Config) -> Option<Timestamp> {
    web::tls::ends(&std::fs::read(&config.tls.as_ref()?.cert).ok()?)
}

/// Every setting with its origin; of a database's address, no user and no password.
pub(crate) fn settings(layers: &Layers) -> Vec<Setting> {
    let setting = |key, default: &str| match layers.get(key) {
        Some(said) => Setting { key, value: shown(key, &said.text), origin: Some(said.origin.to_string()) },
        None => Setting { key, value: default.to_owned(), origin: None },
    };
    SETTINGS.iter().map(|known| setting(known.key, known.default_text())).collect()
}

fn show_settings(layers: &Layers) {
    say!("{:<24}{:<62}from", "setting", "value");
    for Setting { key, value, origin } in settings(layers) {
        say!("{key:<24}{value:<62}{}", origin.as_deref().unwrap_or("default"));
    }
}

fn fine(text: impl Into<String>) -> Finding {
    Finding { level: Fine, text: text.into() }
}

fn note(text: impl Into<String>) -> Finding {
    Finding { level: Note, text: text.into() }
}

fn wrong(text: impl Into<String>) -> Finding {
    Finding { level: Wrong, text: text.into() }
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
        return vec![note(text)];
    };
    if !metadata.is_dir() {
        return vec![wrong(format!("{} is no folder: name another with --data", data.display()))];
    }
    let mut findings = vec![match private::others(&metadata) {
        0 => fine(format!("the data folder {} is its owner's alone", data.display())),
        mode => wrong(format!(
            "others may enter the data folder (mode {mode:03o}): run `chmod 700 {}`",
            data.display()
        )),
    }];
    let probe = data.join(".doctor");
    match folder::replace(&probe, b"").map(|()| std::fs::remove_file(&probe)) {
        Ok(_) => findings.push(fine("it can be written")),
        Err(_) => findings
            .push(wrong(format!("this user cannot write into {}: run `chown -R $USER {0}`", data.display()))),
    }
    let entries = std::fs::read_dir(data).into_iter().flatten().flatten();
    let open =
        entries.filter(|entry| entry.metadata().is_ok_and(|m| m.is_file() && private::others(&m) != 0));
    findings.extend(open.map(|entry| {
        let path = entry.path();
        wrong(format!("others may read {}: run `chmod 600 {0}`", path.display()))
    }));
    findings
}

fn key_look(config: &Config) -> Vec<Finding> {
    let path = match &config.root {
        Root::Passphrase(_) => {
            return vec![note(
                "the passphrase is in the environment, where every process of this user can read it: a file with --passphrase-file is safer",
            )];
        }
        Root::PassphraseFile(path) => path.clone(),
        Root::KeyFile(_) => match wire::key_path(config, false) {
            Ok(path) => path,
            Err(_) if !folder::keyring(&config.data).exists() => {
                return vec![note("there is no root key yet; `keepwell serve` makes one")];
            }
            Err(error) => return vec![wrong(format!("{error:#}"))],
        },
    };
    if let Err(error) = private::check(&path) {
        let is_new = !folder::keyring(&config.data).exists() && !path.exists();
        return vec![if is_new {
            note(format!("the root key {} is not there yet", path.display()))
        } else {
            wrong(error.to_string())
        }];
    }
    vec![match vault::files::is_inside(&path, &config.data) {
        Ok(false) => fine(format!("the root key {} is private and outside the data folder", path.display())),
        Ok(true) => wrong(format!(
            "the root key {} lies in the data folder, so that a stolen copy opens itself: move it elsewhere and name it with --key-file",
            path.display()
        )),
        Err(_) if !config.data.exists() => fine(format!("the root key {} is private", path.display())),
        Err(error) => {
            wrong(format!("whether {} lies in the data folder cannot be seen: {error}", path.display()))
        }
    }]
}

fn keyring_look(config: &Config) -> Vec<Finding> {
    let known = match Store::known_generation(&config.database) {
        Ok(known) => known,
        Err(error) => {
            return vec![wrong(format!(
                "the database cannot be reached: {error}; check `database` and that its server runs"
            ))];
        }
    };
    let path = folder::keyring(&config.data);
    match (known, path.exists()) {
        (None, false) => {
            return vec![note("the database is empty; `keepwell serve` makes its tables")];
        }
        (Some(_), false) => {
            let text = format!(
                "the database is there and its keyring {} is not: bring it back from its backup",
                path.display()
            );
            return vec![wrong(text)];
        }
        _ => {}
    }
    let opened = wire::provider(config, false).and_then(|root| wire::open_beside(&path, &root, known));
    let ring = match opened {
        Ok(ring) => ring,
        Err(error) => return vec![wrong(format!("{error:#}"))],
    };
    let mut findings =
        vec![fine(format!("the keyring opens: generation {}, {} owners", ring.generation(), ring.owners()))];
    match known {
        Some(_) => findings.push(fine("the database is reached, and the keyring is not older than it knows")),
        None => findings.push(note("the database has no tables yet; `keepwell serve` makes them")),
    }
    if let Err(error @ keyring::Error::Damaged { .. }) = ring.verify() {
        findings.push(wrong(error.to_string()));
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
        Ok(Some(storage)) => fine(storage_text(&storage)),
        Ok(None) => note("no record is stored yet"),
        Err(error) => {
            wrong(format!("how much room the records take cannot be seen: {error}; run `keepwell verify`"))
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
    let Some(disk) = disk(config) else {
        return vec![note("how much room the disk has cannot be seen here")];
    };
    let text = format!(
        "{:.1} GiB ({} %) are free on the data folder's disk",
        disk.free as f64 / (1 << 30) as f64,
        disk.percent()
    );
    vec![match disk.free {
        free if free < LITTLE_BYTES / 10 => wrong(format!("{text}: free some, or writes will be refused")),
        free if free < LITTLE_BYTES || disk.percent() < LITTLE_PERCENT => {
            note(format!("{text}: free some soon"))
        }
        _ => fine(text),
    }]
}

fn file_system_look(config: &Config) -> Vec<Finding> {
    let Database::Sqlite(_) = &config.database else { return Vec::new() };
    let Some(kind) = machine::file_system(&existing(&config.data)) else { return Vec::new() };
    vec![match is_network(&kind) {
        true => wrong(format!(
            "the data folder lies on a network file system ({kind}), whose locks the embedded database cannot rely on: use a local disk, or PostgreSQL with --database"
        )),
        false => fine(format!("the data folder lies on a local file system ({kind})")),
    }]
}

fn clock_look(_: &Config) -> Vec<Finding> {
    let now = crate::clock::now();
    vec![match crate::clock::seconds() {
        seconds if seconds < NEVER_SET => wrong(format!(
            "the clock says {now}, which has long passed: set it, or every entry of the audit log bears a wrong time"
        )),
        _ => fine(format!("the clock says {now}")),
    }]
}

fn tls_look(config: &Config) -> Vec<Finding> {
    let Some(tls) = &config.tls else { return Vec::new() };
    let read = std::fs::read(&tls.cert).and_then(|cert| Ok((cert, std::fs::read(&tls.key)?)));
    let checked = read.map_err(|error| error.to_string());
    let checked = checked
        .and_then(|(cert, key)| web::tls::Tls::from_pem(&cert, &key).map_err(|error| error.to_string()));
    let mut findings = vec![match checked {
        Ok(_) => fine("the certificate and its key go together"),
        Err(error) => wrong(format!("TLS cannot be spoken: {error}")),
    }];
    findings.extend(certificate_ends(config).map(|ends| certificate(ends, crate::clock::now())));
    findings
}

fn certificate(ends: Timestamp, now: Timestamp) -> Finding {
    let day = ends.to_zoned(TimeZone::UTC).date();
    match ends.duration_since(now) {
        left if left <= SignedDuration::ZERO => wrong(format!(
            "the certificate ended on {day}, and no browser takes it any more: put a new one in its place and start again"
        )),
        left if left < SOON => note(format!(
            "the certificate ends on {day}: put a new one in its place, and start again so that it is shown"
        )),
        _ => fine(format!("the certificate is good until {day}")),
    }
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
    fn a_certificate_that_ends_soon_is_told_of_before_it_does() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let level = |days: i64| certificate(now + SignedDuration::from_hours(24 * days), now).level;
        assert_eq!([level(90), level(22), level(20), level(0), level(-1)], [Fine, Fine, Note, Wrong, Wrong]);
    }

    #[test]
    fn a_database_address_is_shown_without_user_and_password() {
        assert_eq!(shown("database", "postgres://u:hush@h:5432/d?password=hush"), "postgres://…h:5432/d");
        assert_eq!(shown("database", "sqlite"), "sqlite");
        assert_eq!(shown("listen", "127.0.0.1:1"), "127.0.0.1:1");
    }
}
