//! What was changed in a patient's record, by whom and when: the log says it, and the versions say what it was.
//!
//! Deletions are among it, which no index of what is there could tell.

use crate::{
    Store,
    dialect::{Arg, Conn},
    error::Error,
    index::CONCERNS,
    keys::Key,
    reach::Reach,
    read::{Stored, Unsigned},
    rows::Rids,
};
use access::{audit::Entry, grant::Grant};

/// How many leaves are opened at a time.
const STEP: i64 = 200;

/// One version that somebody wrote.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The number of the leaf that tells of it.
    pub leaf: i64,
    /// What the leaf says.
    pub entry: Entry,
    /// The version.
    pub after: Stored,
    /// The version before, where there is one within reach.
    pub before: Option<Stored>,
}

/// Some of them.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Newest first.
    pub changes: Vec<Changed>,
    /// Where to go on, where there may be more.
    pub next: Option<Place>,
}

/// A place among the changes of a record, on the way from the newest to the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The leaf.
    pub leaf: i64,
    /// How many of the leaf's own have been passed; 0 is before the leaf.
    pub passed: usize,
}

impl Place {
    /// Before all of them.
    pub const NEWEST: Place = Place { leaf: i64::MAX, passed: 0 };
}

/// Which of them.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The patient's id.
    pub patient: &'a str,
    /// Of one resource alone: type and id.
    pub only: Option<(&'a str, &'a str)>,
    /// From here on.
    pub from: Place,
    /// At most so many.
    pub limit: usize,
    /// At most so many leaves are opened.
    pub leaves: i64,
}

impl Store {
    /// What was changed in a record, as far as the grant reaches.
    ///
    /// # Errors
    /// Where the database fails, or a version does not open.
    pub fn changes(&self, grant: &Grant, asked: &Asked<'_>) -> Result<Unsigned<Changes>, Error> {
        let blinder = self.keys.blinder();
        let patient: Key = blinder.key("Patient", asked.patient);
        let only: Option<Key> = asked.only.map(|(kind, id)| blinder.key(kind, id));
        let found = self.pool.view(|conn| {
            let mut rids = Rids::default();
            rids.look_up(conn, std::iter::once(patient).chain(only))?;
            let reach = Reach::resolve(conn, blinder, grant)?;
            let only = only.map(|key| rids.get(&key));
            match (rids.get(&patient), only) {
                (None, _) | (_, Some(None)) => Ok(Changes::default()),
                (Some(owner), only) => self.walk(conn, &reach, owner, only.flatten(), asked),
            }
        });
        self.opened(grant, "*", found)
    }

    fn walk(
        &self,
        conn: &mut Conn,
        reach: &Reach,
        owner: i64,
        only: Option<i64>,
        asked: &Asked<'_>,
    ) -> Result<Changes, Error> {
        let (mut found, mut opened) = (Changes::default(), 0);
        let (mut before, mut passed) = match asked.from {
            Place { leaf, passed: 0 } => (leaf, 0),
            Place { leaf, passed } => (leaf.saturating_add(1), passed),
        };
        loop {
            let args = [Arg::Int(i64::from(CONCERNS)), Arg::Int(owner), Arg::Int(before), Arg::Int(STEP)];
            let leaves = conn.query(
                "SELECT f.seq, f.entry FROM link k CROSS JOIN leaf f WHERE k.param = ?1 AND k.target = ?2 AND k.rid < ?3 AND f.seq = k.rid \
                 ORDER BY k.rid DESC LIMIT ?4",
                &args,
                |row| Ok((row.int(0)?, row.bytes(1)?)),
            )?;
            let many = leaves.len() as i64;
            for (leaf, sealed) in leaves {
                before = leaf;
                opened += 1;
                let entry = u64::try_from(leaf).ok().and_then(|at| self.keys.open_leaf(at, &sealed).ok());
                let Some(entry) = entry.and_then(|(_, bytes, _)| Entry::parse(&bytes).ok()) else { continue };
                // Only the leaf that the page before ended in is begun in its middle.
                let passed = if leaf == asked.from.leaf { std::mem::take(&mut passed) } else { 0 };
                let limit = asked.limit;
                found.next =
                    self.take(conn, reach, (owner, only), (leaf, &entry, passed), limit, &mut found.changes)?;
                if found.next.is_some() {
                    return Ok(found);
                }
            }
            if many < STEP {
                return Ok(found);
            }
            if opened >= asked.leaves {
                found.next = Some(Place { leaf: before, passed: 0 });
                return Ok(found);
            }
        }
    }

    /// The versions that an entry wrote in this record; where to go on, if there are enough.
    fn take(
        &self,
        conn: &mut Conn,
        reach: &Reach,
        (owner, only): (i64, Option<i64>),
        (leaf, entry, passed): (i64, &Entry, usize),
        limit: usize,
        changes: &mut Vec<Changed>,
    ) -> Result<Option<Place>, Error> {
        let written = entry.touched.iter().filter(|touched| touched.hash.is_some());
        for (at, touched) in written.enumerate().skip(passed) {
            if changes.len() >= limit {
                return Ok(Some(if at == 0 {
                    Place { leaf: leaf.saturating_add(1), passed: 0 }
                } else {
                    Place { leaf, passed: at }
                }));
            }
            if only.is_some_and(|only| only != touched.rid) {
                continue;
            }
            let after = self.one_version(conn, reach, touched.rid, touched.version)?;
            let Some(after) = after.filter(|after| after.owner == owner && !after.erased) else { continue };
            let before = match after.version {
                1 => None,
                version => self.one_version(conn, reach, touched.rid, version - 1)?,
            };
            changes.push(Changed { leaf, entry: entry.clone(), after, before });
        }
        Ok(None)
    }
}
