//! The whole database into another one, of either engine: the same tables, the same rows, the same numbers. So every sealed body
//! opens there with the same keyring, and the log is the same log.
//!
//! One transaction: the other database has everything, held against what was read, or nothing.

use crate::{
    Store,
    dialect::{Arg, Bulk, Column, Conn, Database, Table},
    error::Error,
    log::Head,
    schema::{self, TABLES},
    writer,
};
use sha2::{Digest, Sha256};

/// How many rows are in memory at once, and in one statement, where they may be large. PostgreSQL takes none above 1 GiB.
const BODIES: usize = 16;

/// How many otherwise.
const ROWS: usize = 4_096;

/// A table that was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
}

/// How many rows there are, and a sum of their keyed hashes that is the same in whatever order they come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    hash: u128,
}

impl Store {
    /// Copies everything into an empty database and compares it there; tells each table as it is done.
    ///
    /// # Errors
    /// [`Error::Beside`] where the keyring is another process's; [`Error::NotEmpty`]; [`Error::Integrity`] where the other database
    /// does not give back what it was given. The other database is then as it was.
    pub fn copy_to(&self, other: &Database, told: &mut dyn FnMut(Copied)) -> Result<(), Error> {
        if self.keyring().is_read_only() {
            return Err(Error::Beside);
        }
        let mut target = writer::connect(other, &self.keys, self.wait)?;
        for table in TABLES {
            if target.has_table(table.name)? {
                return Err(Error::NotEmpty);
            }
        }
        target.begin_write()?;
        let copied = self.pool.view(|source| copy(source, &mut target, told));
        match copied.and_then(|()| target.commit()) {
            Ok(()) => target.analyze(),
            Err(error) => {
                let _ = target.rollback();
                Err(error)
            }
        }
    }
}

/// Within a transaction of each.
fn copy(source: &mut Conn, target: &mut Conn, told: &mut dyn FnMut(Copied)) -> Result<(), Error> {
    let key = vault::random::bytes().map_err(|error| Error::Keys(error.to_string()))?;
    schema::found(target)?;
    for table in TABLES {
        let read = walk(source, table, &key, &mut |rows| insert(target, table, rows))?;
        let written = walk(target, table, &key, &mut |_| Ok(()))?;
        same(table.name, read == written)?;
        told(Copied { table: table.name, rows: read.rows });
    }
    let (ours, theirs) = (Head::read(source, "")?, Head::read(target, "")?);
    let is_one = ours.tree.root() == theirs.tree.root() && ours.checkpoint == theirs.checkpoint;
    same("head", is_one)
}

fn same(table: &str, is: bool) -> Result<(), Error> {
    match is {
        true => Ok(()),
        false => Err(Error::Integrity(format!(
            "the other database does not give back what table `{table}` was given; nothing was kept there"
        ))),
    }
}

/// Visits all rows of a table in chunks, and sums them.
fn walk(
    conn: &mut Conn,
    table: &Table,
    key: &[u8; 32],
    visit: &mut dyn FnMut(&[Column]) -> Result<(), Error>,
) -> Result<Sum, Error> {
    let limit = if (0..table.columns.len()).any(|at| table.is_bytes(at)) { BODIES } else { ROWS };
    let mut sum = Sum::default();
    let mut columns = conn.page(table, None, limit)?;
    loop {
        let rows = columns.first().map_or(0, |column| column.ints.len().max(column.bytes.len()));
        if rows == 0 {
            return Ok(sum);
        }
        for row in 0..rows {
            sum.rows += 1;
            sum.hash = sum.hash.wrapping_add(hash(key, table, &columns, row));
        }
        visit(&columns)?;
        let cell = |at: usize| match table.is_bytes(at) {
            true => Arg::Bytes(&columns[at].bytes[rows - 1]),
            false => Arg::Int(columns[at].ints[rows - 1]),
        };
        let last: Vec<Arg<'_>> = (0..table.key).map(cell).collect();
        let next = conn.page(table, Some(&last), limit)?;
        columns = next;
    }
}

fn hash(key: &[u8; 32], table: &Table, columns: &[Column], row: usize) -> u128 {
    let mut hash = Sha256::new().chain_update(key);
    for (at, column) in columns.iter().enumerate() {
        if table.is_bytes(at) {
            hash.update(column.bytes[row].len().to_be_bytes());
            hash.update(&column.bytes[row]);
        } else {
            hash.update(column.ints[row].to_be_bytes());
        }
    }
    let digest: [u8; 32] = hash.finalize().into();
    u128::from_be_bytes(std::array::from_fn(|at| digest[at]))
}

fn insert(target: &mut Conn, table: &Table, rows: &[Column]) -> Result<(), Error> {
    target.bulk(table, Bulk::Insert, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dialect::Use,
        trial::{Trial, WAIT},
    };

    #[test]
    fn a_row_that_came_back_otherwise_undoes_the_whole_copy() {
        for trial in Trial::both() {
            let mut source = trial.again();
            let folder = tempfile::tempdir().unwrap();
            let databases = [
                Database::Sqlite(folder.path().join("other.db")),
                Database::Postgres(testkit::house::fresh_postgres()),
            ];
            for other in databases {
                let mut target = Conn::open_waiting(&other, Use::Write, WAIT).unwrap();
                target.begin_write().unwrap();
                schema::found(&mut target).unwrap();
                let key = [7; 32];
                let read = walk(&mut source, &schema::HEAD, &key, &mut |_| Ok(())).unwrap();
                assert_eq!(read.rows, 1);
                walk(&mut source, &schema::HEAD, &key, &mut |rows| insert(&mut target, &schema::HEAD, rows))
                    .unwrap();
                assert_eq!(walk(&mut target, &schema::HEAD, &key, &mut |_| Ok(())).unwrap(), read);
                target.execute("UPDATE head SET rid = rid + 1", &[]).unwrap();
                assert_ne!(walk(&mut target, &schema::HEAD, &key, &mut |_| Ok(())).unwrap(), read);
                target.rollback().unwrap();
                assert!(!target.has_table("head").unwrap());
            }
        }
    }
}
