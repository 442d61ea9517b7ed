//! The control of the benchmark: the same bodies in one plain table of the same engine, with the same durability, and nothing
//! else. It holds no record and is part of none; the benchmark makes it in a database of its own.

use crate::{
    dialect::{Bulk, Column, Conn, Database, Table, Use},
    error::Error,
};

const PLAIN: Table = Table { name: "plain", columns: &["id", "body*"], key: 1 };

/// A table of bytes, numbered from 1.
pub struct Plain {
    conn: Conn,
    last: i64,
}

impl Plain {
    /// Makes the table, in place of one of an earlier run.
    ///
    /// # Errors
    /// Where the database cannot be opened.
    pub fn create(database: &Database) -> Result<Plain, Error> {
        let mut conn = Conn::open(database, Use::Write)?;
        conn.define("DROP TABLE IF EXISTS plain")?;
        conn.define("CREATE TABLE plain (id {id}, body {bytes} NOT NULL)")?;
        Ok(Plain { conn, last: 0 })
    }

    /// Inserts all bodies in one durable transaction.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn insert(&mut self, bodies: Vec<Vec<u8>>) -> Result<(), Error> {
        let ids: Vec<i64> = (1..=bodies.len() as i64).map(|n| self.last + n).collect();
        self.last += bodies.len() as i64;
        let columns = [Column { ints: ids, bytes: Vec::new() }, Column { ints: Vec::new(), bytes: bodies }];
        self.conn.begin_write()?;
        match self.conn.bulk(&PLAIN, Bulk::Insert, &columns) {
            Ok(()) => self.conn.commit(),
            Err(error) => {
                self.conn.rollback()?;
                Err(error)
            }
        }
    }

    /// Reads one body by its number.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn read(&mut self, id: i64) -> Result<Option<Vec<u8>>, Error> {
        let found =
            self.conn.query("SELECT body FROM plain WHERE id = ?1", &[crate::dialect::Arg::Int(id)], |row| {
                row.bytes(0)
            });
        Ok(found?.into_iter().next())
    }

    /// Removes the table.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn remove(mut self) -> Result<(), Error> {
        self.conn.define("DROP TABLE plain")
    }
}
