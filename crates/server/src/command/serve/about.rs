//! What a running server says of itself to who runs it: what `doctor` finds that needs no key, and what the process knows beside it.

use crate::{clock, command::doctor, config::Config};
use login::{Login, oauth::client::Status};
use record::Record;
use std::sync::{Arc, Mutex, PoisonError};
use store::dialect::Database;
use web::house::{Finding, House, HouseReport, Keys, Level, Setting};

/// The closure that its doors ask.
pub(super) fn house(
    config: &Config,
    record: &Arc<Record>,
    login: &Arc<Login>,
    settings: Vec<Setting>,
) -> House {
    let (config, record, login) = (config.clone(), Arc::clone(record), Arc::clone(login));
    let since = clock::now();
    // A look writes into the data folder to see whether it can: one at a time.
    let turn = Mutex::new(());
    Arc::new(move || {
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let store = record.store();
        let ring = store.keyring();
        let count = |number: i64| u64::try_from(number).ok();
        let database_bytes = store.size_bytes().ok().and_then(count);
        let mut findings = doctor::beside(&config);
        findings.push(match database_bytes {
            Some(_) => Finding { level: Level::Fine, text: "the database is reached".into() },
            None => {
                let text = "the database cannot be reached: see that its server runs; `keepwell doctor` looks closer";
                Finding { level: Level::Wrong, text: text.into() }
            }
        });
        HouseReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            since,
            engine: match config.database {
                Database::Sqlite(_) => "SQLite",
                Database::Postgres(_) => "PostgreSQL",
            },
            database_bytes,
            disk: doctor::disk(&config),
            versions: store.changes_so_far().ok().and_then(count),
            keys: Keys {
                generation: ring.generation(),
                patients: ring.patients() as u64,
                erased: ring.erased() as u64,
            },
            certificate_ends: doctor::certificate_ends(&config),
            apps: apps(&login),
            settings: settings.clone(),
            findings,
        }
    })
}

/// How many apps may be let in, and how many wait for a word.
fn apps(login: &Login) -> Option<(usize, usize)> {
    let clients = login.clients(clock::now()).ok()?;
    let of = |status| clients.iter().filter(|client| client.status == status).count();
    Some((of(Status::Approved), of(Status::Pending)))
}
