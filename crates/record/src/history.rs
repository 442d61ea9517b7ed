//! [history](https://hl7.org/fhir/R4/http.html#history) of one resource, of a type, of everything.

use crate::{Record, cursor::Cursor, error::Error, read::touch, search::name, show};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    scope::Permission,
};
use fhir::{
    outcome::{Issue, IssueCode},
    time,
};
use store::{
    batch::Op,
    read::{Scope as Below, Span},
    select::Position,
};

/// Whose history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One resource's.
    Instance {
        /// Its type.
        resource_type: String,
        /// Its logical id.
        id: String,
    },
    /// A type's.
    Type(String),
    /// Everything's.
    System,
}

/// Which part of it.
#[derive(Clone, Debug, Default)]
pub struct HistoryRequest {
    /// `_count`
    pub count: Option<usize>,
    /// `_since`: an instant.
    pub since: Option<String>,
    /// `_at`: a date or dateTime.
    pub at: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// One version.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// What was done.
    pub op: Op,
    /// The resource's type.
    pub resource_type: String,
    /// Its logical id.
    pub id: String,
    /// The version.
    pub version: i64,
    /// When, microseconds since the epoch.
    pub updated: i64,
    /// The resource; `None` for a deletion.
    pub body: Option<Vec<u8>>,
}

/// A page of history, newest first.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// The versions.
    pub entries: Vec<HistoryEntry>,
    /// The cursor of the next page.
    pub next_cursor: Option<String>,
}

impl Record {
    /// A page of history.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a resource that never was, [`Error::Refused`], [`Error::Invalid`] for a malformed time.
    pub fn history(&self, act: &Act, scope: &Scope, request: &HistoryRequest) -> Result<HistoryPage, Error> {
        let (permission, resource_type, shape) = match scope {
            Scope::Instance { resource_type, .. } => {
                (Permission::Read, Some(resource_type.as_str()), resource_type.as_str())
            }
            Scope::Type(resource_type) => {
                (Permission::Search, Some(resource_type.as_str()), resource_type.as_str())
            }
            Scope::System => (Permission::Search, None, "*"),
        };
        let grant = self.decide(act, "history", permission, resource_type, shape)?;
        let purpose = format!("history {scope:?} {:?} {:?}", request.since, request.at);
        let limit = request.count.unwrap_or(self.settings.page).clamp(1, self.settings.page_most);
        let span = Span { limit: limit + 1, ..self.span(&purpose, request)? };
        let of = match scope {
            Scope::Instance { resource_type, id } => Below::Resource { resource_type, id },
            Scope::Type(resource_type) => Below::Type(resource_type),
            Scope::System => Below::Everything,
        };
        let found = self.store.history(&grant, &of, span)?.map(|mut versions| {
            let more = versions.len() > limit;
            versions.truncate(limit);
            (versions, more)
        });
        let mut entry = Entry::new(act, "history", shape, Outcome::Done);
        touch(&mut entry, found.peek().0.iter().filter(|stored| !stored.erased));
        let (versions, more) = self.store.sign(entry, found)?;
        if versions.is_empty()
            && request.cursor.is_none()
            && matches!(scope, Scope::Instance { .. })
            && span.is_whole()
        {
            return Err(Error::NotFound);
        }
        if matches!(scope, Scope::Instance { .. })
            && !versions.is_empty()
            && versions.iter().all(|stored| stored.erased)
        {
            return Err(Error::Erased);
        }
        let next_cursor = versions.last().filter(|_| more).map(|last| {
            let after = Position { key: last.seq, rid: last.rid };
            self.render_cursor(&purpose, Cursor { after, newest_rid: 0 })
        });
        // The name of what was erased is gone with the rest, so it cannot stand here, not even as a deletion.
        let entries = versions.into_iter().filter(|stored| !stored.erased).map(|stored| {
            let (op, version, updated) = (stored.op, stored.version, stored.updated);
            let (resource_type, id) = name(&stored.body);
            let body = (op != Op::Delete).then(|| show::body(act, stored.body)).transpose()?;
            Ok(HistoryEntry { op, resource_type, id, version, updated, body })
        });
        Ok(HistoryPage { entries: entries.collect::<Result<_, Error>>()?, next_cursor })
    }

    fn span(&self, purpose: &str, request: &HistoryRequest) -> Result<Span, Error> {
        let bad = |name: &str| {
            let what = format!("{name}: this must be a FHIR date and time, such as 2026-01-31T12:00:00Z");
            Error::Invalid(vec![Issue::error(IssueCode::Value, what)])
        };
        let read = |name: &str, text: &Option<String>| {
            text.as_deref().map(|t| time::parse_search(t, time::UTC).map_err(|_| bad(name))).transpose()
        };
        let (since, at) = (read("_since", &request.since)?, read("_at", &request.at)?);
        let before = match &request.cursor {
            Some(text) => self.parse_cursor(purpose, text)?.after.key,
            None => i64::MAX,
        };
        Ok(Span {
            before,
            since: since.map(|m| m.span.low).max(at.map(|m| m.span.low)),
            until: at.map(|m| m.span.high),
            limit: 0,
        })
    }
}
