//! The house itself.

use access::act::{Act, Actor, Purpose};
use jiff::Timestamp;
use record::{Record, Settings};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{Store, dialect::Database, error::Error};
use tempfile::TempDir;
use vault::{
    keyring::Keyring,
    provider::{KeyFile, Provider},
};

/// The database engines that every test of the kernel runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// The cluster named in `KEEPWELL_TEST_POSTGRES`.
    Postgres,
}

/// Both engines.
pub const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

/// A kernel in a temporary folder. Everything goes when it is dropped.
pub struct House {
    /// The kernel.
    pub record: Arc<Record>,
    /// The database.
    pub database: Database,
    /// The folder that holds database, keyring and key file.
    pub folder: PathBuf,
    /// Removes the folder when the house is dropped; `None` for a visitor.
    temporary: Option<TempDir>,
    now: Arc<AtomicI64>,
    requests: AtomicU64,
}

/// How long anything waits for a lock of another process.
const WAIT: Duration = Duration::from_secs(5);

/// How many databases this process has made on the cluster.
static DATABASES: AtomicU64 = AtomicU64::new(0);

/// How many ids this process has made: no two kernels make the same.
static IDS: AtomicU64 = AtomicU64::new(0);

impl House {
    /// A new house on that engine.
    pub fn new(engine: Engine) -> House {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = temporary.path();
        let database = match engine {
            Engine::Sqlite => Database::Sqlite(folder.join("keepwell.db")),
            Engine::Postgres => Database::Postgres(fresh_postgres()),
        };
        let provider = Provider::KeyFile(KeyFile::create(&folder.join("root.key")).expect("a key file"));
        let ring = Keyring::create(&folder.join("keyring"), &provider).expect("a keyring");
        House::over(folder.to_owned(), Some(temporary), database, ring)
    }

    /// The house that another process made with [`House::new`] on SQLite, for a process of its own. It stays when this is
    /// dropped.
    ///
    /// # Panics
    /// Where it cannot be opened.
    pub fn visit(folder: &Path) -> House {
        House::enter(folder.to_owned(), None, Database::Sqlite(folder.join("keepwell.db")))
    }

    fn over(folder: PathBuf, temporary: Option<TempDir>, database: Database, ring: Keyring) -> House {
        House::try_over(folder, temporary, database, ring).expect("an open store")
    }

    fn try_over(
        folder: PathBuf,
        temporary: Option<TempDir>,
        database: Database,
        ring: Keyring,
    ) -> Result<House, Error> {
        let store = Store::open_waiting(&database, Arc::new(ring), 4, WAIT)?;
        let record = Arc::new(Record::new(store, settings()));
        let now = Arc::new(AtomicI64::new(1_700_000_000_000_000));
        Ok(House { record, database, folder, temporary, now, requests: AtomicU64::new(0) })
    }

    fn enter(folder: PathBuf, temporary: Option<TempDir>, database: Database) -> House {
        House::try_enter(folder, temporary, database).expect("an open store")
    }

    fn try_enter(folder: PathBuf, temporary: Option<TempDir>, database: Database) -> Result<House, Error> {
        let provider = Provider::KeyFile(KeyFile::read(&folder.join("root.key")).expect("the key file"));
        let known = Store::known_generation(&database).expect("the database's generation");
        let ring = Keyring::open(&folder.join("keyring"), &provider, known).expect("the keyring");
        House::try_over(folder, temporary, database, ring)
    }

    /// Stops the kernel and opens it again on the same folder and database.
    ///
    /// # Panics
    /// Where it cannot be opened, or something still holds the kernel.
    pub fn reopen(self) -> House {
        self.close().open()
    }

    /// A second node on the same database, with a copy of the keys as they are now.
    ///
    /// # Errors
    /// While the first one runs.
    ///
    /// # Panics
    /// Always on SQLite, which one process owns.
    pub fn second_node(&self) -> Result<House, Error> {
        assert!(matches!(self.database, Database::Postgres(_)), "one process owns an embedded database");
        self.copy_of_keys().start()
    }

    /// A node that is not running, with a copy of the keys as they are now.
    pub fn copy_of_keys(&self) -> Closed {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        for file in ["root.key", "keyring"] {
            std::fs::copy(self.folder.join(file), temporary.path().join(file)).expect("a copy of the keys");
        }
        let folder = temporary.path().to_owned();
        Closed { database: self.database.clone(), folder, temporary: Some(temporary) }
    }

    /// A kernel beside this one, as commands are beside a running server: it gives nobody a key.
    ///
    /// # Panics
    /// Where it cannot be opened.
    pub fn beside(&self) -> House {
        let provider = Provider::KeyFile(KeyFile::read(&self.folder.join("root.key")).expect("the key file"));
        let ring =
            Keyring::open_read_only(&self.folder.join("keyring"), &provider, None).expect("the keyring");
        House::over(self.folder.clone(), None, self.database.clone(), ring)
    }

    /// Stops the kernel and leaves the rest, for other processes.
    ///
    /// # Panics
    /// Where something still holds the kernel.
    pub fn close(self) -> Closed {
        let House { record, database, folder, temporary, .. } = self;
        drop(Arc::into_inner(record).expect("nobody else holds the kernel"));
        Closed { database, folder, temporary }
    }

    /// Where the embedded database is.
    pub fn path(&self) -> PathBuf {
        match &self.database {
            Database::Sqlite(path) => path.clone(),
            Database::Postgres(_) => PathBuf::new(),
        }
    }

    /// Every file of the house but the root key, with its bytes.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut out = Vec::new();
        collect(&self.folder, &mut out);
        out
    }

    /// Lets time pass.
    pub fn wait_ms(&self, ms: i64) {
        self.now.fetch_add(ms * 1_000, Ordering::Relaxed);
    }

    /// The time of the house.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now.fetch_add(1_000, Ordering::Relaxed))
            .expect("a time within reach")
    }

    /// Somebody who may do everything.
    pub fn operator(&self) -> Act {
        self.act("operator", &["system/*.cruds"], None)
    }

    /// A patient who may see their own record.
    pub fn patient(&self, id: &str) -> Act {
        self.act("patient", &["patient/*.rs"], Some(id))
    }

    /// Somebody in a built-in role, whom records know as these (`Practitioner/b`, `Organization/o`).
    ///
    /// # Panics
    /// Where there is no such role, or what they are known as is no reference.
    pub fn staff(&self, role: &str, known_as: &[&str]) -> Act {
        let role = access::role::built_in(role).expect("a built-in role");
        let (people, organizations): (Vec<_>, Vec<_>) = known_as
            .iter()
            .map(|name| name.split_once('/').expect("a reference"))
            .map(|(kind, id)| (kind.to_owned(), id.to_owned()))
            .partition(|(kind, _)| kind != "Organization");
        let mut act = self.act(&role.name, &[], None);
        act.actor.scopes = role.scopes.clone();
        act.actor.standing = Some(role.standing(&people, &organizations));
        act.purpose = role.purpose;
        act
    }

    /// Somebody with these scopes.
    ///
    /// # Panics
    /// Where a scope is malformed.
    pub fn act(&self, role: &str, scopes: &[&str], patient: Option<&str>) -> Act {
        let scopes = scopes.iter().map(|scope| scope.parse().expect("a scope")).collect();
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        Act {
            actor: Actor {
                id: format!("{role}-1"),
                name: format!("Test {role}"),
                role: role.to_owned(),
                scopes,
                patient: patient.map(str::to_owned),
                standing: None,
            },
            purpose: Purpose::Treat,
            request: format!("request-{number}"),
            at: self.now(),
            looks: false,
        }
    }
}

/// A house whose kernel is not running.
pub struct Closed {
    database: Database,
    folder: PathBuf,
    temporary: Option<TempDir>,
}

impl Closed {
    /// Opens it again.
    ///
    /// # Panics
    /// Where it cannot be opened.
    pub fn open(self) -> House {
        self.start().expect("an open store")
    }

    /// The same house over another database.
    pub fn over(self, database: Database) -> Closed {
        Closed { database, ..self }
    }

    /// Opens it again, where that may be refused.
    ///
    /// # Errors
    /// What the store says.
    pub fn start(self) -> Result<House, Error> {
        House::try_enter(self.folder, self.temporary, self.database)
    }
}

/// Kernel settings for tests: ids count up, pages are small.
pub fn settings() -> Settings {
    let salt = std::process::id();
    Settings {
        fresh_id: Arc::new(move || format!("made-{salt}-{}", IDS.fetch_add(1, Ordering::Relaxed))),
        bases: vec!["http://localhost/fhir/R4".into()],
        page: 20,
        page_most: 1_000,
        finish_most: 10_000,
        notify_hosts: vec!["127.0.0.1".into(), "app.example.org".into()],
    }
}

/// A fresh database on the test cluster.
///
/// # Panics
/// Where `KEEPWELL_TEST_POSTGRES` is not set: a test of both engines never passes on one alone.
pub fn fresh_postgres() -> String {
    let url = std::env::var("KEEPWELL_TEST_POSTGRES").expect(
        "KEEPWELL_TEST_POSTGRES names no PostgreSQL: run the tests by `cargo xtask ci` or `cargo xtask with-postgres cargo test`",
    );
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("house_{}_{number}", std::process::id());
    let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("the test cluster");
    client.batch_execute(&format!("CREATE DATABASE {name}")).expect("a fresh database");
    let (server, query) = url.split_once('?').map_or((url.as_str(), ""), |(server, query)| (server, query));
    let server = server.rsplit_once('/').map_or(server, |(server, _)| server);
    format!("{server}/{name}{}{query}", if query.is_empty() { "" } else { "?" })
}

fn collect(folder: &Path, out: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => collect(&path, out),
            false if path.file_name().is_some_and(|name| name == "root.key") => {}
            false => out.extend(std::fs::read(&path).ok().map(|bytes| (path, bytes))),
        }
    }
}
