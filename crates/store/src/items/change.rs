//! Changes of items, within the writer's transaction.

use super::{Kind, TERM, hex, seal, term};
use crate::{
    dialect::{Arg, Conn},
    error::Error,
    keys::Keys,
};
use access::audit::{Entry, Kept};
use jiff::Timestamp;
use rustc_hash::FxHashSet;

/// One change of one item.
#[derive(Clone)]
pub enum Change {
    /// Writes it, where it is of the expected version.
    Put {
        /// What it is.
        kind: Kind,
        /// Its id.
        id: Vec<u8>,
        /// The version that it was read at; 0 where there was none.
        expected: i64,
        /// What it says.
        content: Vec<u8>,
        /// What it is found by; no other item of its kind may have the same.
        handles: Vec<String>,
        /// When it ends.
        expires: Option<Timestamp>,
    },
    /// Removes it, where it is of the expected version.
    Remove {
        /// What it is.
        kind: Kind,
        /// Its id.
        id: Vec<u8>,
        /// The version that it was read at.
        expected: i64,
    },
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Change {
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Change::Put { content, .. } => content.len(),
            Change::Remove { .. } => 0,
        }
    }

    fn place(&self) -> (Kind, &[u8], i64) {
        match self {
            Change::Put { kind, id, expected, .. } | Change::Remove { kind, id, expected } => {
                (*kind, id, *expected)
            }
        }
    }
}

/// Checks all changes, then does them; the entry learns what was written.
///
/// # Errors
/// [`Error::Stale`] and [`Error::Taken`] before anything was written.
pub(crate) fn apply(
    conn: &mut Conn,
    keys: &Keys,
    changes: &[Change],
    mut entry: Option<&mut Entry>,
) -> Result<(), Error> {
    check(conn, keys, changes)?;
    for change in changes {
        let kept = match change {
            Change::Put { kind, id, expected, content, handles, expires } => {
                put(conn, keys, (*kind, id, *expected), content, &terms(keys, *kind, handles), *expires)?
            }
            Change::Remove { kind, id, expected } => {
                forget_handles(conn, *kind, id)?;
                let sql = "DELETE FROM item WHERE kind = ?1 AND id = ?2";
                conn.execute(sql, &[Arg::Int(kind.number()), Arg::Bytes(id)])?;
                Kept { kind: kind.number(), id: hex(id), version: *expected, hash: None, lasting: false }
            }
        };
        if let Some(entry) = &mut entry {
            entry.items.push(kept);
        }
    }
    Ok(())
}

fn terms(keys: &Keys, kind: Kind, handles: &[String]) -> Vec<[u8; TERM]> {
    let mut terms: Vec<_> = handles.iter().map(|handle| term(keys, kind, handle)).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

fn check(conn: &mut Conn, keys: &Keys, changes: &[Change]) -> Result<(), Error> {
    let (mut named, mut wanted) = (FxHashSet::default(), FxHashSet::default());
    for change in changes {
        let (kind, id, expected) = change.place();
        let sql = "SELECT version FROM item WHERE kind = ?1 AND id = ?2";
        let found = conn.query(sql, &[Arg::Int(kind.number()), Arg::Bytes(id)], |row| row.int(0))?;
        let is_new = matches!(change, Change::Put { .. }) && expected == 0;
        let fits = match found.first() {
            Some(version) => *version == expected && expected > 0,
            None => is_new,
        };
        if !fits || !named.insert((kind, id)) {
            return Err(Error::Stale);
        }
        let Change::Put { handles, .. } = change else { continue };
        for term in terms(keys, kind, handles) {
            let sql = "SELECT id FROM handle WHERE kind = ?1 AND term = ?2";
            let has = conn.query(sql, &[Arg::Int(kind.number()), Arg::Bytes(&term)], |row| row.bytes(0))?;
            if has.first().is_some_and(|other| other != id) || !wanted.insert((kind, term)) {
                return Err(Error::Taken);
            }
        }
    }
    Ok(())
}

fn put(
    conn: &mut Conn,
    keys: &Keys,
    (kind, id, expected): (Kind, &[u8], i64),
    content: &[u8],
    terms: &[[u8; TERM]],
    expires: Option<Timestamp>,
) -> Result<Kept, Error> {
    let (version, end) = (expected + 1, expires.map_or(0, Timestamp::as_microsecond));
    let sealed = seal(keys, (kind.number(), id, version), end, terms, content)?;
    conn.execute(
        "INSERT INTO item (kind, id, version, expires, sealed) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kind, id) \
         DO UPDATE SET version = excluded.version, expires = excluded.expires, sealed = excluded.sealed",
        &[
            Arg::Int(kind.number()),
            Arg::Bytes(id),
            Arg::Int(version),
            Arg::Int(end),
            Arg::Bytes(&sealed),
        ],
    )?;
    forget_handles(conn, kind, id)?;
    for term in terms {
        let sql = "INSERT INTO handle (kind, term, id) VALUES (?1, ?2, ?3)";
        conn.execute(sql, &[Arg::Int(kind.number()), Arg::Bytes(term), Arg::Bytes(id)])?;
    }
    let hash = Some(keys.fingerprint(&sealed));
    Ok(Kept { kind: kind.number(), id: hex(id), version, hash, lasting: expires.is_none() })
}

fn forget_handles(conn: &mut Conn, kind: Kind, id: &[u8]) -> Result<(), Error> {
    let sql = "DELETE FROM handle WHERE kind = ?1 AND id = ?2";
    conn.execute(sql, &[Arg::Int(kind.number()), Arg::Bytes(id)]).map(drop)
}
