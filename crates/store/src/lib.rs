//! The only SQL in the house: one schema, two engines (SQLite and PostgreSQL), sealed bodies, blind index, audit leaves.
//!
//! May use: `fhir`, `access`, `vault`, `ledger`. Never: a resource's meaning (that is `r4`), a decision (that is `access`), a
//! clock, the network other than its own database. Every function that returns or changes patient data takes a
//! [`access::grant::Grant`] (of the log as a whole, an [`access::oversight::Oversight`]) and compiles it into its query; what was read comes as [`read::Unsigned`] and opens only when an
//! audit entry about it is durable.

pub mod attachment;
pub mod batch;
pub mod body;
pub mod changes;
pub mod copy;
pub mod dialect;
pub mod erase;
pub mod error;
pub mod explain;
pub mod feed;
pub mod index;
pub mod items;
pub mod keys;
mod log;
pub mod oversight;
pub mod plain;
mod pool;
mod reach;
pub mod read;
mod rows;
mod schema;
mod search;
pub mod select;
mod sql;
#[cfg(test)]
mod statements;
pub mod storage;
pub mod token;
#[cfg(test)]
mod trial;
pub mod verify;
pub mod viewers;
mod writer;

use batch::{Commit, Written};
use dialect::{Conn, Database, Use, WAIT};
use error::Error;
use feed::Beacon;
use keys::{Blinder, Keys};
use pool::Pool;
use std::{sync::Arc, time::Duration};
use vault::keyring::Keyring;
use writer::Writer;

/// The open store.
pub struct Store {
    keys: Arc<Keys>,
    pool: Pool,
    writer: Writer,
    beacon: Arc<Beacon>,
    database: Database,
    wait: Duration,
}

impl Store {
    /// Opens the database, brings its tables up to date and starts the writer.
    ///
    /// # Errors
    /// Where the database cannot be opened, belongs to another keyring, or was made by a newer Keepwell; [`Error::Served`] where
    /// the keyring may be written and another process with such a keyring serves the database.
    pub fn open(database: &Database, ring: Arc<Keyring>, readers: usize) -> Result<Store, Error> {
        Store::open_waiting(database, ring, readers, WAIT)
    }

    /// As [`Store::open`], and says how long anything waits for a lock of another process, or for a free connection, before it
    /// is told [`Error::Busy`].
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_waiting(
        database: &Database,
        ring: Arc<Keyring>,
        readers: usize,
        wait: Duration,
    ) -> Result<Store, Error> {
        let keys = Arc::new(Keys::new(ring));
        let mut conn = writer::connect(database, &keys, wait)?;
        schema::migrate(&mut conn, database)?;
        log::claim(&mut conn, &keys)?;
        let beacon = Arc::new(Beacon::default());
        let writer = Writer::start(database.clone(), keys.clone(), wait, conn, beacon.clone())?;
        let pool = Pool::new(database.clone(), readers.max(1), wait);
        Ok(Store { keys, pool, writer, beacon, database: database.clone(), wait })
    }

    /// A writing connection of its own, beside the writer's.
    fn conn(&self) -> Result<Conn, Error> {
        Conn::open_waiting(&self.database, Use::Write, self.wait)
    }

    /// The generation of the keyring that the database last knew: an older keyring file is a restored copy and is refused.
    ///
    /// # Errors
    /// Where the database cannot be opened.
    pub fn known_generation(database: &Database) -> Result<Option<u64>, Error> {
        if let Database::Sqlite(path) = database
            && !path.exists()
        {
            return Ok(None);
        }
        log::generation(&mut Conn::open(database, Use::Write)?)
    }

    /// Writes down that the keyring has a new generation.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub fn note_generation(&self) -> Result<(), Error> {
        log::claim(&mut self.conn()?, &self.keys)
    }

    /// What turns plain values into index terms.
    pub fn blinder(&self) -> &Blinder {
        self.keys.blinder()
    }

    /// Commits all changes of one action, or none; returns when they are durable.
    ///
    /// # Errors
    /// [`Error::Stale`] where what it was prepared against has changed: prepare it again.
    pub fn commit(&self, commit: Commit) -> Result<Vec<Written>, Error> {
        self.writer.commit(commit)
    }

    /// Signs an entry that shows nothing (a refusal), and waits until it is durable.
    ///
    /// # Errors
    /// Where it cannot be made durable.
    pub fn witness(&self, entry: access::audit::Entry) -> Result<(), Error> {
        self.writer.leaf(entry)
    }

    /// A message with its tag, as URL-safe text: readable by anyone, made only here.
    pub fn stamp(&self, purpose: &str, message: &[u8]) -> String {
        self.keys.ring().mac_key().for_use(purpose).stamp(message)
    }

    /// The message of a text that [`Store::stamp`] made for that purpose.
    pub fn unstamp(&self, purpose: &str, text: &str) -> Option<Vec<u8>> {
        self.keys.ring().mac_key().for_use(purpose).unstamp(text)
    }

    /// The newest signed checkpoint over the audit log, as a C2SP signed note.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn checkpoint(&self) -> Result<Vec<u8>, Error> {
        // Of the database, not of this process: others may write to it as well.
        self.pool.view(|conn| Ok(log::Head::read(conn, "")?.checkpoint))
    }

    /// The key that outsiders verify checkpoints with, in the C2SP text form, which names the log.
    pub fn verifier_key(&self) -> String {
        self.keys.verifier()
    }

    /// The keyring.
    pub fn keyring(&self) -> &Arc<Keyring> {
        self.keys.ring()
    }

    /// Bytes that the database takes.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn size_bytes(&self) -> Result<i64, Error> {
        self.pool.view(Conn::size_bytes)
    }

    /// The number of the last change: so many versions of resources were ever written.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn changes_so_far(&self) -> Result<i64, Error> {
        self.pool.view(|conn| Ok(log::Head::read(conn, "")?.seq))
    }

    /// Tells the query planner about the rows that are there now.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn analyze(&self) -> Result<(), Error> {
        self.conn()?.analyze()
    }
}
