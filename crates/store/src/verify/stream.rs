//! Rows of a table in the order of their key, fetched in chunks.

use crate::{
    dialect::{Arg, Conn, Row},
    error::Error,
};
use std::collections::VecDeque;

/// A row with its key.
pub(super) trait Keyed<const K: usize>: Sized {
    /// The statement: its arguments are the key from which on to read, its order is that of the key, its `LIMIT` the chunk.
    const SQL: &'static str;

    fn read(row: &Row<'_>) -> Result<Self, Error>;

    fn key(&self) -> [i64; K];
}

/// Where a reading stands.
pub(super) struct Stream<T, const K: usize> {
    /// Read from here on; `None` at the end.
    from: Option<[i64; K]>,
    rows: VecDeque<T>,
}

impl<T: Keyed<K>, const K: usize> Stream<T, K> {
    /// From that key on.
    pub(super) fn from(key: [i64; K]) -> Stream<T, K> {
        Stream { from: Some(key), rows: VecDeque::new() }
    }

    /// All rows there are.
    pub(super) fn all() -> Stream<T, K> {
        Stream::from([i64::MIN; K])
    }

    /// The next row, without taking it.
    pub(super) fn peek(&mut self, conn: &mut Conn) -> Result<Option<&T>, Error> {
        if self.rows.is_empty()
            && let Some(from) = self.from
        {
            self.rows = conn.query(T::SQL, &from.map(Arg::Int), |row| T::read(&row))?.into();
            self.from = self.rows.back().and_then(|last| after(last.key()));
        }
        Ok(self.rows.front())
    }

    /// The next row.
    pub(super) fn next(&mut self, conn: &mut Conn) -> Result<Option<T>, Error> {
        self.peek(conn)?;
        Ok(self.rows.pop_front())
    }

    /// The rows that are here already, starting with the next one.
    pub(super) fn ahead(&self) -> impl Iterator<Item = &T> {
        self.rows.iter()
    }

    /// Takes all rows that are here, at least the next one; empty at the end only.
    pub(super) fn chunk(&mut self, conn: &mut Conn) -> Result<Vec<T>, Error> {
        self.peek(conn)?;
        Ok(std::mem::take(&mut self.rows).into())
    }
}

/// The key that comes next, digit by digit; `None` after the last one.
fn after<const K: usize>(mut key: [i64; K]) -> Option<[i64; K]> {
    for digit in key.iter_mut().rev() {
        match digit.checked_add(1) {
            Some(next) => {
                *digit = next;
                return Some(key);
            }
            None => *digit = i64::MIN,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_key_leaves_none_out() {
        assert_eq!(after([3, 7]), Some([3, 8]));
        assert_eq!(after([3, i64::MAX]), Some([4, i64::MIN]));
        assert_eq!(after([i64::MAX; 2]), None);
    }
}
