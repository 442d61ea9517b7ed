//! What can be wrong, and where. Nothing of a record stands here: places are our own numbers.

use std::fmt;

/// At most so many faults are listed; a database with more is beyond mending row by row.
const LISTED: usize = 1_000;

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The database file.
    File,
    /// The one row that says how far everything has been numbered.
    Head,
    /// The signed checkpoint in it.
    Checkpoint,
    /// The checkpoint that was handed in.
    Older,
    /// An audit leaf by its index, from 0.
    Leaf(i64),
    /// A resource version.
    Version {
        /// Number of the change that wrote it.
        seq: i64,
        /// Row number of its resource.
        rid: i64,
        /// Its version.
        version: i64,
    },
    /// A resource by its row number.
    Resource(i64),
    /// A row of an index table.
    Index {
        /// Which table.
        table: IndexTable,
        /// The number of the search parameter.
        param: i64,
        /// The resource that it tells of, or the leaf, where it is in a patient's list of viewers.
        rid: i64,
    },
    /// A token, by the beginning of its stored hash.
    Token(String),
    /// An item by its kind and its id.
    Item {
        /// The number of its kind.
        kind: i64,
        /// Its id in hex.
        id: String,
    },
    /// The table of handles that items are found by.
    Handles,
}

/// A table of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IndexTable {
    /// Equality.
    Term,
    /// Order.
    Span,
    /// References.
    Link,
    /// Also of table `link`: whom an audit leaf concerns.
    Viewer,
    /// Care relationships.
    Tie,
    /// Rules of consents.
    Consent,
}

/// What is wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It should be there and is not.
    Missing,
    /// It is there and nothing tells of it.
    Foreign,
    /// It does not open here: its bytes were changed, or moved from another place.
    Closed,
    /// It opens, but its hash is not the one that was signed.
    Changed,
    /// It is an older copy, or was removed and put back.
    Older,
    /// It opens, but is nothing that this version can read.
    Unread,
    /// It has no key, and was not erased: the keyring is not the newest one.
    NoKey,
    /// The house's key did not sign it.
    NotSigned,
    /// The log ends before this leaf, although it was signed.
    Truncated,
    /// No checkpoint was ever signed over this leaf.
    NotCovered,
    /// It was signed over other leaves than those that are here.
    Rewritten,
    /// This column contradicts what was signed or what its neighbours say.
    Disagrees(&'static str),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub what: What,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File => f.write_str("the database file"),
            Place::Head => f.write_str("the head row"),
            Place::Checkpoint => f.write_str("the newest checkpoint"),
            Place::Older => f.write_str("the checkpoint saved earlier"),
            Place::Leaf(index) => write!(f, "audit leaf {index}"),
            Place::Version { seq, rid, version } => write!(f, "change {seq} (row {rid}, version {version})"),
            Place::Resource(rid) => write!(f, "row {rid}"),
            Place::Index { table: IndexTable::Viewer, rid, .. } => {
                write!(f, "the list of viewers, audit leaf {rid}")
            }
            Place::Index { table, param, rid } => {
                let table = match table {
                    IndexTable::Term => "term",
                    IndexTable::Span => "span",
                    IndexTable::Link | IndexTable::Viewer => "link",
                    IndexTable::Tie => return write!(f, "table tie, row {rid}"),
                    IndexTable::Consent => return write!(f, "table consent, row {rid}"),
                };
                write!(f, "index table {table}, parameter {param}, row {rid}")
            }
            Place::Token(hash) => write!(f, "token {hash}…"),
            Place::Item { kind, id } => write!(f, "item {id} of kind {kind}"),
            Place::Handles => f.write_str("the table of handles"),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            What::Missing => "it is missing",
            What::Foreign => "nothing that was signed tells of it",
            What::Closed => "it does not open: its bytes were changed, or moved here from another place",
            What::Changed => "its hash is not the one that was signed",
            What::Older => "it is an older copy than the log tells of, or was removed and put back",
            What::Unread => "it is in no form that this version reads",
            What::NoKey => {
                "its owner has no key and was not erased: bring back the newest backup of the keyring"
            }
            What::NotSigned => "it is not signed with this house's key",
            What::Truncated => "the log ends before it, although it was signed",
            What::NotCovered => "no checkpoint covers it",
            What::Rewritten => "it was signed over other leaves than those that are here",
            What::Disagrees(column) => return write!(f, "its `{column}` is not what was written"),
        })
    }
}

/// Faults as they are found.
#[derive(Default)]
pub(super) struct Faults {
    list: Vec<Fault>,
    more: u64,
}

impl Faults {
    pub(super) fn add(&mut self, place: Place, what: What) {
        match self.list.len() < LISTED {
            true => self.list.push(Fault { place, what }),
            false => self.more += 1,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= LISTED
    }

    pub(super) fn end(&mut self) -> (Vec<Fault>, u64) {
        (std::mem::take(&mut self.list), self.more)
    }
}
