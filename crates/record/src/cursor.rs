//! Where a page ended: opaque to callers, bound to its query, and refused when tampered with.

use crate::{Record, error::Error};
use fhir::outcome::{Issue, IssueCode};
use store::select::Position;

/// Where to go on, and what the first page could see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) after: Position,
    pub(crate) newest_rid: i64,
}

impl Record {
    /// A cursor for `purpose`: the query that it belongs to, which makes its key and does not stand in it.
    pub(crate) fn render_cursor(&self, purpose: &str, cursor: Cursor) -> String {
        let text = format!("{} {} {}", cursor.after.key, cursor.after.rid, cursor.newest_rid);
        self.store.stamp(&format!("cursor {purpose}"), text.as_bytes())
    }

    /// Reads a cursor that was made for the same query.
    pub(crate) fn parse_cursor(&self, purpose: &str, text: &str) -> Result<Cursor, Error> {
        let read = || {
            let bytes = self.store.unstamp(&format!("cursor {purpose}"), text)?;
            let text = String::from_utf8(bytes).ok()?;
            let mut parts = text.split(' ');
            let mut number = || parts.next()?.parse::<i64>().ok();
            let (key, rid, newest_rid) = (number()?, number()?, number()?);
            Some(Cursor { after: Position { key, rid }, newest_rid })
        };
        read().ok_or_else(refused)
    }
}

/// A cursor that leads nowhere.
pub(crate) fn refused() -> Error {
    let what = "the page cursor is not one that this server gave out for this search: start again from the first page";
    Error::Invalid(vec![Issue::error(IssueCode::Value, what)])
}
