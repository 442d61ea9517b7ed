//! How much room the records take, beside what they would take as plain JSON (D6).
//!
//! The plain size is not stored: who has the database would learn from it how well each body compresses. So it is measured, on
//! versions spread evenly over all there are. Only lengths leave this file; no content does, so there is nothing to sign.

use crate::{
    batch::Op,
    body,
    dialect::{Arg, Conn, Database, Use},
    error::Error,
    keys::{BodyPlace, Keys},
};
use std::sync::Arc;
use vault::keyring::Keyring;

/// What was measured. All figures but the counts are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    /// All versions of all resources.
    pub versions: i64,
    /// Their sealed bodies.
    pub sealed_bytes: i64,
    /// The database: bodies, index and audit log.
    pub database_bytes: i64,
    /// How many versions were opened to measure.
    pub sampled: i64,
    /// Their sealed bodies.
    pub sampled_sealed_bytes: i64,
    /// The same as JSON, as it is served.
    pub sampled_plain_bytes: i64,
}

impl Storage {
    /// All bodies as JSON: reckoned from the sample, exact where that is everything.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a figure for people")]
    pub fn plain_bytes(&self) -> i64 {
        if self.sampled == self.versions || self.sampled_sealed_bytes == 0 {
            return self.sampled_plain_bytes;
        }
        let ratio = self.sampled_plain_bytes as f64 / self.sampled_sealed_bytes as f64;
        (self.sealed_bytes as f64 * ratio) as i64
    }
}

/// A version as it lies there.
struct Lying {
    seq: i64,
    updated: i64,
    place: BodyPlace,
    sealed: Vec<u8>,
}

/// Measures a database, opening at most `most` bodies; `None` where there is no version yet. It changes nothing, and may
/// run beside a server. Bodies whose owner's key was destroyed are counted and not opened.
///
/// # Errors
/// Where the database cannot be read, or a body does not open.
pub fn measure(database: &Database, ring: Arc<Keyring>, most: i64) -> Result<Option<Storage>, Error> {
    if let Database::Sqlite(path) = database
        && !path.exists()
    {
        return Ok(None);
    }
    let mut conn = Conn::open(database, Use::Read)?;
    if !conn.has_table("version")? {
        return Ok(None);
    }
    let sql = "SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0), COALESCE(MAX(seq), 0) FROM version";
    let all = conn.query(sql, &[], |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))?;
    let Some((versions, sealed_bytes, newest)) = all.first().copied().filter(|all| all.0 > 0) else {
        return Ok(None);
    };
    let database_bytes = conn.size_bytes()?;
    let mut storage = Storage {
        versions,
        sealed_bytes,
        database_bytes,
        sampled: 0,
        sampled_sealed_bytes: 0,
        sampled_plain_bytes: 0,
    };
    let (keys, step) = (Keys::new(ring), (newest / most.max(1)).max(1));
    let mut from = 1;
    while storage.sampled < most
        && let Some(lying) = next(&mut conn, from)?
    {
        from = (lying.seq + 1).max(from + step);
        storage.add(&keys, &lying)?;
    }
    Ok(Some(storage))
}

fn next(conn: &mut Conn, from: i64) -> Result<Option<Lying>, Error> {
    let sql = "SELECT seq, rid, version, type, updated, op, owner, body FROM version WHERE seq >= ?1 ORDER BY seq LIMIT 1";
    let found = conn.query(sql, &[Arg::Int(from)], |row| {
        let place = BodyPlace {
            rid: row.int(1)?,
            version: row.int(2)?,
            kind: row.int(3)?,
            deletes: Op::from_number(row.int(5)?) == Op::Delete,
            owner: row.int(6)?,
        };
        Ok(Lying { seq: row.int(0)?, updated: row.int(4)?, place, sealed: row.bytes(7)? })
    })?;
    Ok(found.into_iter().next())
}

impl Storage {
    fn add(&mut self, keys: &Keys, lying: &Lying) -> Result<(), Error> {
        if keys.is_erased(lying.place.owner) {
            return Ok(());
        }
        let text = keys.open_body(lying.place, &lying.sealed)?;
        self.sampled += 1;
        self.sampled_sealed_bytes += lying.sealed.len() as i64;
        self.sampled_plain_bytes += body::decode(&text, lying.place.version, lying.updated).len() as i64;
        Ok(())
    }
}
