//! The audit log as a whole, for who watches over the house and who runs it: how long it is, what was signed over it, its lines.
//!
//! Lines come as the reader is told them ([`Oversight::tell`]): of whom they tell stays here.

use crate::{
    Store,
    dialect::{Arg, Conn},
    error::Error,
    log::Head,
    read::Unsigned,
};
use access::{
    audit::Entry,
    oversight::{Oversight, Told},
};

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of the leaf.
    pub leaf: i64,
    /// What it says; `None` where it does not open any more, which a check names as a fault.
    pub told: Option<Told>,
}

/// The log from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// How many entries it has.
    pub entries: u64,
    /// The newest signed checkpoint over it; empty where nothing was signed yet.
    pub checkpoint: Vec<u8>,
}

impl Store {
    /// How long the log is, and what was signed over it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn extent(&self, _: &Oversight) -> Result<Extent, Error> {
        let head = self.pool.view(|conn| Head::read(conn, ""))?;
        Ok(Extent { entries: head.tree.size(), checkpoint: head.checkpoint })
    }

    /// Lines before leaf `before`, newest first, at most `limit`. `is_of_staff` knows the roles that the house made for itself.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn lines(
        &self,
        oversight: &Oversight,
        is_of_staff: &dyn Fn(&str) -> bool,
        (before, limit): (i64, usize),
    ) -> Result<Unsigned<Vec<Line>>, Error> {
        let rows = self.pool.view(|conn| newest(conn, before, limit))?;
        let line = |(leaf, sealed): (i64, Vec<u8>)| {
            let told = self.entry_of(leaf, &sealed).map(|entry| oversight.tell(&entry, is_of_staff));
            Line { leaf, told }
        };
        Ok(Unsigned::new(rows.into_iter().map(line).collect()))
    }

    /// Behind which leaf the log was at that moment: the first one of which all that stand behind it are later. It is found by halving, so a
    /// clock that was once set wrong may hide what stood there; whoever seeks that goes through the lines.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn leaf_after(&self, _: &Oversight, at: i64) -> Result<i64, Error> {
        let (mut low, mut high) = (0, self.pool.view(|conn| Ok(Head::read(conn, "")?.tree.size() as i64))?);
        while low < high {
            let middle = low + (high - low) / 2;
            // A leaf that does not open has no time: the next one that does stands for it.
            let next = self.pool.view(|conn| from(conn, middle, STEP))?;
            let opened =
                next.into_iter().find_map(|(leaf, sealed)| Some((leaf, self.entry_of(leaf, &sealed)?)));
            match opened.filter(|(leaf, _)| *leaf < high) {
                Some((leaf, entry)) if entry.at <= at => low = leaf + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }

    fn entry_of(&self, leaf: i64, sealed: &[u8]) -> Option<Entry> {
        let (_, text, _) = self.keys.open_leaf(u64::try_from(leaf).ok()?, sealed).ok()?;
        Entry::parse(&text).ok()
    }
}

/// So many leaves that do not open are passed over in the search for a time.
const STEP: usize = 16;

type Row = (i64, Vec<u8>);

fn newest(conn: &mut Conn, before: i64, limit: usize) -> Result<Vec<Row>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    conn.query(
        "SELECT seq, entry FROM leaf WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2",
        &[Arg::Int(before), Arg::Int(limit)],
        |row| Ok((row.int(0)?, row.bytes(1)?)),
    )
}

fn from(conn: &mut Conn, leaf: i64, limit: usize) -> Result<Vec<Row>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    conn.query(
        "SELECT seq, entry FROM leaf WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
        &[Arg::Int(leaf), Arg::Int(limit)],
        |row| Ok((row.int(0)?, row.bytes(1)?)),
    )
}
