//! Row numbers and the current state of rows, as the writer needs them.

use crate::{
    dialect::{Arg, Conn},
    error::Error,
    index::COMPARTMENT,
    keys::Key,
};
use rustc_hash::FxHashMap;

/// How many keys stand in one look-up statement.
const CHUNK: usize = 64;

/// How many row numbers the writer remembers before it forgets them all (about 50 bytes each).
const REMEMBERED: usize = 400_000;

/// Which row number each resource has. A number never changes once its transaction is durable, so it may be remembered.
#[derive(Default)]
pub(crate) struct Rids {
    known: FxHashMap<Key, i64>,
}

impl Rids {
    pub(crate) fn get(&self, key: &Key) -> Option<i64> {
        self.known.get(key).copied()
    }

    pub(crate) fn insert(&mut self, key: Key, rid: i64) {
        self.known.insert(key, rid);
    }

    /// Makes sure that every key that has a row number is known.
    pub(crate) fn look_up(&mut self, conn: &mut Conn, keys: impl Iterator<Item = Key>) -> Result<(), Error> {
        let mut missing: Vec<Key> = keys.filter(|key| !self.known.contains_key(key)).collect();
        missing.sort_unstable();
        missing.dedup();
        for chunk in missing.chunks(CHUNK) {
            let args: Vec<Arg<'_>> = padded(chunk).map(|key| Arg::Bytes(&key.0)).collect();
            let sql = format!("SELECT key, rid FROM resource WHERE key IN ({})", marks(args.len()));
            for (key, rid) in conn.query(&sql, &args, |row| Ok((row.bytes(0)?, row.int(1)?)))? {
                if let Some(key) = Key::of(&key) {
                    self.known.insert(key, rid);
                }
            }
        }
        Ok(())
    }

    /// Keeps memory bounded; to be called between batches.
    pub(crate) fn trim(mut self) -> Rids {
        if self.known.len() > REMEMBERED {
            self.known.clear();
        }
        self
    }
}

/// The state of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Current {
    pub(crate) rid: i64,
    pub(crate) version: i64,
    pub(crate) seq: i64,
    pub(crate) live: bool,
    pub(crate) owner: i64,
}

impl Current {
    /// Reads the state of rows by number.
    pub(crate) fn read(conn: &mut Conn, rids: &[i64]) -> Result<FxHashMap<i64, Current>, Error> {
        let mut found = FxHashMap::default();
        for chunk in rids.chunks(CHUNK) {
            let args: Vec<Arg<'_>> = padded(chunk).map(|rid| Arg::Int(*rid)).collect();
            let sql = format!(
                "SELECT rid, version, seq, live, owner FROM resource WHERE rid IN ({})",
                marks(args.len())
            );
            let rows = conn.query(&sql, &args, |row| {
                Ok(Current {
                    rid: row.int(0)?,
                    version: row.int(1)?,
                    seq: row.int(2)?,
                    live: row.int(3)? == 1,
                    owner: row.int(4)?,
                })
            })?;
            found.extend(rows.into_iter().map(|c| (c.rid, c)));
        }
        Ok(found)
    }
}

/// Whether any of these patients has versions, or owns a resource of their compartment.
pub(crate) fn owning(conn: &mut Conn, patients: &[i64]) -> Result<bool, Error> {
    for chunk in patients.chunks(CHUNK) {
        let args: Vec<Arg<'_>> = padded(chunk).map(|rid| Arg::Int(*rid)).collect();
        let marks = marks(args.len());
        let own = format!("SELECT rid FROM resource WHERE version > 0 AND rid IN ({marks}) LIMIT 1");
        let theirs = format!(
            "SELECT r.rid FROM link l JOIN resource r ON r.rid = l.rid \
             WHERE l.param = {COMPARTMENT} AND r.owner = l.target AND l.target IN ({marks}) LIMIT 1"
        );
        for sql in [own, theirs] {
            if !conn.query(&sql, &args, |row| row.int(0))?.is_empty() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The chunk, its last element repeated up to a power of two, so that there are few texts to prepare.
pub(crate) fn padded<T>(chunk: &[T]) -> impl Iterator<Item = &T> {
    let more = chunk.len().next_power_of_two() - chunk.len();
    chunk.iter().chain(std::iter::repeat_n(chunk.last(), more).flatten())
}

/// `?1, ?2, …`
pub(crate) fn marks(count: usize) -> String {
    (1..=count).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
