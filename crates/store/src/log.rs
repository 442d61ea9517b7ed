//! The head of the house's history: how far everything has been numbered, the Merkle tree, and its signed checkpoint.

use crate::{
    dialect::{Arg, Conn, Rows},
    error::Error,
    keys::Keys,
};
use ledger::tree::Tree;

/// The one row of `head`.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// Number of the last change.
    pub(crate) seq: i64,
    /// Number of the last row.
    pub(crate) rid: i64,
    /// Time of the last change, microseconds.
    pub(crate) updated: i64,
    /// The tree over all audit leaves.
    pub(crate) tree: Tree,
    /// The signed checkpoint over it.
    pub(crate) checkpoint: Vec<u8>,
}

impl Head {
    /// Reads the head; within a writing transaction this is also what other nodes wait at.
    pub(crate) fn read(conn: &mut Conn, lock: &str) -> Result<Head, Error> {
        let sql = format!("SELECT seq, rid, updated, tree, checkpoint FROM head WHERE id = 1{lock}");
        let rows = conn.query(&sql, &[], |row| {
            Ok((row.int(0)?, row.int(1)?, row.int(2)?, row.bytes(3)?, row.bytes(4)?))
        })?;
        let damaged = || Error::Integrity("the head row is missing or damaged; restore a backup".into());
        let (seq, rid, updated, tree, checkpoint) = rows.into_iter().next().ok_or_else(damaged)?;
        let tree =
            if tree.is_empty() { Tree::default() } else { Tree::from_bytes(&tree).map_err(|_| damaged())? };
        Ok(Head { seq, rid, updated, tree, checkpoint })
    }

    /// Signs the tree as it stands and writes the head.
    pub(crate) fn write(&mut self, conn: &mut Conn, keys: &Keys) -> Result<(), Error> {
        self.checkpoint = keys.checkpoint(&self.tree)?;
        let tree = self.tree.to_bytes();
        conn.execute(
            "UPDATE head SET seq = ?1, rid = ?2, updated = ?3, leaves = ?4, tree = ?5, checkpoint = ?6 WHERE id = 1",
            &[
                Arg::Int(self.seq),
                Arg::Int(self.rid),
                Arg::Int(self.updated),
                Arg::Int(self.tree.size() as i64),
                Arg::Bytes(&tree),
                Arg::Bytes(&self.checkpoint),
            ],
        )?;
        Ok(())
    }

    /// Signs the tree, which has grown since it had `before` leaves, and writes it together with the leaves. `false`: the database
    /// has another number of leaves by now, and nothing was written.
    pub(crate) fn grow(
        &mut self,
        conn: &mut Conn,
        keys: &Keys,
        before: i64,
        writes: &[Rows<'_>],
    ) -> Result<bool, Error> {
        self.checkpoint = keys.checkpoint(&self.tree)?;
        let tree = self.tree.to_bytes();
        conn.step(
            "UPDATE head SET leaves = ?1, tree = ?2, checkpoint = ?3 WHERE id = 1 AND leaves = ?4",
            &[
                Arg::Int(self.tree.size() as i64),
                Arg::Bytes(&tree),
                Arg::Bytes(&self.checkpoint),
                Arg::Int(before),
            ],
            writes,
        )
    }
}

/// The keyring's generation that the database knows of, if it has a head at all.
///
/// # Errors
/// Where it cannot be told: "none known" would let a restored old keyring in.
pub(crate) fn generation(conn: &mut Conn) -> Result<Option<u64>, Error> {
    if !conn.has_table("head")? {
        return Ok(None);
    }
    Ok(mark(conn)?.map(|(_, generation)| generation))
}

/// The log's name and the generation, as the database has them; `None` before the first start.
fn mark(conn: &mut Conn) -> Result<Option<(String, u64)>, Error> {
    let rows = conn.query("SELECT keyring FROM head WHERE id = 1", &[], |row| row.bytes(0))?;
    let Some(mark) = rows.into_iter().next().filter(|mark| !mark.is_empty()) else { return Ok(None) };
    let mark = String::from_utf8(mark).ok();
    let parts = mark.as_deref().and_then(|mark| mark.split_once(' '));
    match parts.and_then(|(origin, generation)| Some((origin.to_owned(), generation.parse().ok()?))) {
        Some(parts) => Ok(Some(parts)),
        None => Err(Error::Integrity("the head row is missing or damaged; restore a backup".into())),
    }
}

/// Binds the database to its keyring: the log's name and the generation. A keyring of another installation is refused, and
/// so is an old copy of the right one, which is of an older generation or lacks keys.
pub(crate) fn claim(conn: &mut Conn, keys: &Keys) -> Result<(), Error> {
    let generation = keys.ring().generation();
    if let Some((origin, known)) = mark(conn)? {
        if origin != keys.origin() {
            return Err(Error::Keys(
                "this keyring belongs to another database: put the keyring that was made with this database beside it".into(),
            ));
        }
        if generation < known {
            return Err(Error::Keys(format!(
                "this keyring is of generation {generation}, but {known} was in use: it is an old copy, in which erased records \
                 could come back; bring back the newest backup of the keyring"
            )));
        }
    }
    let sql = "SELECT DISTINCT v.owner FROM (SELECT owner FROM version ORDER BY seq DESC LIMIT 1000) v";
    let owners = conn.query(sql, &[], |row| row.int(0))?;
    let without = owners.into_iter().filter(|owner| keys.is_unknown(*owner)).count();
    if without > 0 {
        return Err(Error::Keys(format!(
            "this keyring has no key for {without} of the patients that were written last: it is an older copy; bring back the \
             newest backup of the keyring, or they would get new keys that do not open their records"
        )));
    }
    let mark = format!("{} {generation}", keys.origin());
    conn.execute("UPDATE head SET keyring = ?1 WHERE id = 1", &[Arg::Bytes(mark.as_bytes())])?;
    Ok(())
}

#[cfg(test)]
mod tests;
