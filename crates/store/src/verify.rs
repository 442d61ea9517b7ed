//! Whether everything that is stored is what was written: the audit log, every version's body, the rows, the index.
//!
//! One reading transaction, rows in chunks, memory bounded by the chunk (and by 4,096 sums for the index). A fault is found
//! and named; it does not stop the rest. What this cannot see is a database that was put back whole to an older copy: for
//! that, keep a checkpoint elsewhere and hand it in as `older`.
//!
//! Requirements: F6 (deleting, editing, reordering, inserting or truncating rows is found), D7 (swapped or flipped bytes).

pub mod fault;
mod index;
mod items;
mod ledger;
mod log;
mod rows;
mod stream;
mod tally;
mod tokens;
mod viewers;

use crate::{Store, dialect::Conn, error::Error, index::Index, keys::Keys, log::Head};
use fault::{Fault, Faults, Place, What};
use tally::Tally;

/// What a resource's JSON stands in the index with; `None` where it cannot be told.
pub type IndexOf<'a> = dyn Fn(&[u8]) -> Option<Index> + 'a;

/// Something that is checked as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The signed checkpoint is the house's own, and covers the leaves that are there.
    Checkpoint,
    /// The log grew from the checkpoint that was saved earlier.
    Older,
    /// Every leaf is there, in its place, opens, and hashes to what the tree holds.
    Log,
    /// Every written version is the one that a leaf tells of, and opens.
    Versions,
    /// Every resource row agrees with its versions.
    Resources,
    /// Every look at a patient stands in that patient's list, and nothing else does.
    Viewers,
    /// Every index row follows from a live resource's body, and none is missing.
    Index,
    /// Every token's row opens.
    Tokens,
    /// Every item (account, session …) opens, is found by its handles alone, and is as new as the log says.
    Items,
    /// The database file's pages and trees are sound.
    File,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// With what it is busy.
    pub check: Check,
    /// Rows that are done.
    pub done: u64,
    /// Rows in all, as far as known beforehand.
    pub of: u64,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Leaves of the audit log.
    pub leaves: u64,
    /// Resource versions.
    pub versions: u64,
    /// Of these, how many belong to erased patients: their hash was checked, they open nowhere.
    pub erased: u64,
    /// How many patients were erased.
    pub erased_patients: u64,
    /// Rows of resources, with those that only a reference names.
    pub resources: u64,
    /// Index rows of all kinds that were compared.
    pub index_rows: u64,
    /// Tokens.
    pub tokens: u64,
    /// Accounts, sessions, invitations and the like.
    pub items: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Checks that ran.
    pub ran: Vec<Check>,
    /// Checks that did not: nothing was handed in to check against, or the engine has no such check.
    pub left_out: Vec<Check>,
    /// What was looked at.
    pub counts: Counts,
    /// What is wrong, in the order of the log, then of the rows. Empty where all is well.
    pub faults: Vec<Fault>,
    /// How many further faults are not listed.
    pub more: u64,
}

impl Report {
    /// Whether nothing is wrong, in what was checked.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

impl Store {
    /// Checks everything that is stored. `older` is a checkpoint note that was saved earlier ([`Store::checkpoint`]); without
    /// `index` the rows of the search index, and on SQLite the file's inner order, are left out.
    ///
    /// # Errors
    /// Where the database cannot be read through; what is wrong with its content is in the report.
    pub fn verify(
        &self,
        progress: &mut dyn FnMut(Progress),
        older: Option<&[u8]>,
        index: Option<&IndexOf<'_>>,
    ) -> Result<Report, Error> {
        self.pool.view(|conn| verify(conn, &self.keys, progress, older, index))
    }
}

/// Checks all that the connection sees.
pub(crate) fn verify(
    conn: &mut Conn,
    keys: &Keys,
    progress: &mut dyn FnMut(Progress),
    older: Option<&[u8]>,
    index: Option<&IndexOf<'_>>,
) -> Result<Report, Error> {
    let (faults, counts) = (Faults::default(), Counts::default());
    Walk { conn, keys, faults, counts, progress, report: Report::default() }.run(older, index)
}

/// What all checks share.
struct Walk<'a> {
    conn: &'a mut Conn,
    keys: &'a Keys,
    faults: Faults,
    counts: Counts,
    progress: &'a mut dyn FnMut(Progress),
    report: Report,
}

impl Walk<'_> {
    fn run(mut self, older: Option<&[u8]>, index: Option<&IndexOf<'_>>) -> Result<Report, Error> {
        self.counts.erased_patients = self.keys.ring().erased() as u64;
        let head = self.head()?;
        let leaves = Tally::new(0, self.last("SELECT COALESCE(MAX(seq), -1) FROM leaf")?)?;
        let viewers = self.log(&head, older, leaves)?;
        self.ran(true, &[Check::Checkpoint, Check::Log, Check::Versions]);
        self.ran(older.is_some(), &[Check::Older]);
        let rids = Tally::new(1, self.last("SELECT COALESCE(MAX(rid), 0) FROM resource")?)?;
        let resources = self.rows(&head, rids, index)?;
        self.ran(true, &[Check::Resources]);
        self.viewers(viewers)?;
        self.ran(true, &[Check::Viewers]);
        if let Some(index) = index {
            self.index(resources, index)?;
        }
        self.ran(index.is_some(), &[Check::Index]);
        self.tokens()?;
        self.ran(true, &[Check::Tokens]);
        self.items()?;
        self.ran(true, &[Check::Items]);
        let sound = if index.is_some() { self.conn.is_sound()? } else { None };
        if sound == Some(false) {
            self.faults.add(Place::File, What::Closed);
        }
        self.ran(sound.is_some(), &[Check::File]);
        (self.report.faults, self.report.more) = self.faults.end();
        self.report.counts = self.counts;
        Ok(self.report)
    }

    /// The head row; a damaged one is a fault, and the rest is checked without it.
    fn head(&mut self) -> Result<Head, Error> {
        match Head::read(self.conn, "") {
            Err(Error::Integrity(_)) => {
                self.faults.add(Place::Head, What::Closed);
                Ok(Head {
                    seq: 0,
                    rid: 0,
                    updated: 0,
                    tree: ::ledger::tree::Tree::default(),
                    checkpoint: Vec::new(),
                })
            }
            head => head,
        }
    }

    fn last(&mut self, sql: &str) -> Result<i64, Error> {
        Ok(self.conn.query(sql, &[], |row| row.int(0))?.first().copied().unwrap_or_default())
    }

    fn ran(&mut self, did: bool, checks: &[Check]) {
        let list = if did { &mut self.report.ran } else { &mut self.report.left_out };
        list.extend_from_slice(checks);
    }

    fn tell(&mut self, check: Check, done: u64, of: u64) {
        (self.progress)(Progress { check, done, of });
    }
}
