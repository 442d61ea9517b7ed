//! What the tests inside this room need: an empty database on each engine, keys, an act, something to write.

use crate::{
    batch::{Commit, Op, Put},
    body,
    dialect::{Conn, Database, Use},
    index::{COMPARTMENT, Fact, Index},
    keys::Keys,
    log, schema,
    verify::{self, Report},
};
use access::{
    act::{Act, Actor, Purpose, Standing},
    audit::{Entry, Outcome},
    decide::{Wish, decide},
    grant::Grant,
    scope::Permission,
};
use std::{path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;
use vault::{
    keyring::Keyring,
    provider::{KeyFile, Provider},
};

/// How long the tests wait for a lock.
pub(crate) const WAIT: Duration = Duration::from_millis(80);

pub(crate) struct Trial {
    pub(crate) folder: TempDir,
    pub(crate) database: Database,
    pub(crate) keys: Arc<Keys>,
    pub(crate) conn: Conn,
}

impl Trial {
    /// One on each engine, with the tables made.
    pub(crate) fn both() -> [Trial; 2] {
        let folder = || tempfile::tempdir().unwrap();
        [Trial::sqlite(), Trial::over(folder(), Database::Postgres(testkit::house::fresh_postgres()))]
    }

    pub(crate) fn sqlite() -> Trial {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("keepwell.db"));
        Trial::over(folder, database)
    }

    fn over(folder: TempDir, database: Database) -> Trial {
        let keys = Arc::new(Keys::new(Arc::new(ring(folder.path()))));
        let mut conn = Conn::open_waiting(&database, Use::Write, WAIT).unwrap();
        schema::migrate(&mut conn, &database).unwrap();
        log::claim(&mut conn, &keys).unwrap();
        Trial { folder, database, keys, conn }
    }

    pub(crate) fn again(&self) -> Conn {
        Conn::open_waiting(&self.database, Use::Write, WAIT).unwrap()
    }

    /// What the whole database says of itself.
    pub(crate) fn verified(&mut self) -> Report {
        verify::verify(&mut self.again(), &self.keys, &mut |_| {}, None, None).unwrap()
    }

    pub(crate) fn count(&mut self, table: &str) -> i64 {
        self.conn.query(&format!("SELECT COUNT(*) FROM {table}"), &[], |row| row.int(0)).unwrap()[0]
    }

    pub(crate) fn commit(&self, patient: &str, id: &str, base: i64, bytes: usize) -> Commit {
        commit(&self.keys, patient, id, base, bytes)
    }
}

/// A commit that stores one observation of a patient, whose text takes so many bytes.
pub(crate) fn commit(keys: &Keys, patient: &str, id: &str, base: i64, bytes: usize) -> Commit {
    let mut index = Index::default();
    index.add(keys.blinder(), 7, &Fact::Token { system: None, code: Some(id) });
    for param in [8, COMPARTMENT] {
        index.add(keys.blinder(), param, &Fact::Link { resource_type: "Patient", id: patient });
    }
    // Not to be packed smaller: a page full of hashes.
    let mut text = keys.fingerprint(id.as_bytes());
    while text.len() < bytes {
        text += &keys.fingerprint(text.as_bytes());
    }
    text.truncate(bytes);
    let resource = serde_json::json!({"resourceType": "Observation", "note": text});
    let put = Put {
        grant: Arc::new(grant()),
        op: if base == 0 { Op::Create } else { Op::Update },
        resource_type: "Observation".into(),
        id: id.into(),
        base,
        packed: body::pack(&body::encode(resource.as_object().unwrap(), id)).unwrap(),
        patient: Some(patient.into()),
        index: index.clone().finish(),
        old_index: if base == 0 { Index::default() } else { index.finish() },
    };
    Commit { puts: vec![put], conditions: Vec::new(), entry: entry("update") }
}

/// A new keyring in that folder.
pub(crate) fn ring(folder: &Path) -> Keyring {
    Keyring::create(&folder.join("keyring"), &provider(folder)).unwrap()
}

/// The root key in that folder, made when it is first asked for.
pub(crate) fn provider(folder: &Path) -> Provider {
    let path = folder.join("root.key");
    Provider::KeyFile(if path.exists() {
        KeyFile::read(&path).unwrap()
    } else {
        KeyFile::create(&path).unwrap()
    })
}

/// What is granted to somebody with these scopes, who reads.
pub(crate) fn granted(scopes: &[&str], patient: Option<&str>, standing: Option<&Standing>) -> Grant {
    let scopes = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
    let actor =
        Actor { scopes, patient: patient.map(Into::into), standing: standing.cloned(), ..act().actor };
    decide(&Act { actor, ..act() }, Wish { permission: Permission::Read, resource_type: None }).unwrap()
}

pub(crate) fn entry(operation: &str) -> Entry {
    Entry::new(&act(), operation, "Observation", Outcome::Done)
}

fn grant() -> Grant {
    decide(&act(), Wish { permission: Permission::Update, resource_type: Some("Observation") }).unwrap()
}

fn act() -> Act {
    Act {
        actor: Actor {
            id: "operator-1".into(),
            name: "Test operator".into(),
            role: "operator".into(),
            scopes: vec!["system/*.cruds".parse().unwrap()],
            patient: None,
            standing: None,
        },
        purpose: Purpose::Treat,
        request: "request-1".into(),
        at: jiff::Timestamp::UNIX_EPOCH,
        looks: false,
    }
}
