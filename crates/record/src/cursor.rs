//! Where a page ended: opaque to callers, bound to its query, and refused when tampered with.

use crate::{Record, error::Error};
use fhir::outcome::{Issue, IssueCode};
use store::select::Position;

/// Where to go on, and what the first page could see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The last match that was given out.
    pub after: Position,
    /// The newest row that existed when the first page was made.
    pub newest_rid: i64,
}

impl Cursor {
    /// As text, before it is signed.
    ///
    /// ```
    /// use record::cursor::Cursor;
    ///
    /// let cursor = Cursor::parse("-5 7 9").unwrap();
    /// assert_eq!(cursor.render(), "-5 7 9");
    /// assert!(Cursor::parse("5 7").is_none() && Cursor::parse("5 7 9 1").is_none() && Cursor::parse("5 7 +9").is_none());
    /// ```
    pub fn render(&self) -> String {
        format!("{} {} {}", self.after.key, self.after.rid, self.newest_rid)
    }

    /// Reads what [`Cursor::render`] wrote, and nothing else.
    pub fn parse(text: &str) -> Option<Cursor> {
        let mut parts = text.split(' ');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (key, rid, newest_rid) = (number()?, number()?, number()?);
        let cursor = Cursor { after: Position { key, rid }, newest_rid };
        (cursor.render() == text).then_some(cursor)
    }
}

impl Record {
    /// A cursor for `purpose`: the query that it belongs to, which makes its key and does not stand in it.
    pub(crate) fn render_cursor(&self, purpose: &str, cursor: Cursor) -> String {
        self.store.stamp(&format!("cursor {purpose}"), cursor.render().as_bytes())
    }

    /// Reads a cursor that was made for the same query.
    pub(crate) fn parse_cursor(&self, purpose: &str, text: &str) -> Result<Cursor, Error> {
        let read = || {
            let bytes = self.store.unstamp(&format!("cursor {purpose}"), text)?;
            Cursor::parse(std::str::from_utf8(&bytes).ok()?)
        };
        read().ok_or_else(refused)
    }
}

/// A cursor that leads nowhere.
pub(crate) fn refused() -> Error {
    let what = "the page cursor is not one that this server gave out for this search: start again from the first page";
    Error::Invalid(vec![Issue::error(IssueCode::Value, what)])
}
