//! What was changed in a record, by whom and when: every version that the actor may see, newest first, each with the one before it (F9).

use crate::{Record, error::Error, read::touch, search::name, show};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    scope::Permission,
};
pub use store::changes::Place;
use store::{
    batch::Op,
    changes::{Asked, Changed as Found},
    read::Stored,
};

/// How many entries of the log are gone through for one page.
const LEAVES: i64 = 10_000;

/// Which part of it.
#[derive(Clone, Copy, Debug)]
pub struct ChangesRequest<'a> {
    /// The patient's id.
    pub patient: &'a str,
    /// Of one resource alone: type and id.
    pub only: Option<(&'a str, &'a str)>,
    /// Where the page before ended.
    pub from: Option<Place>,
    /// At most so many.
    pub count: usize,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Changed {
    /// When, in microseconds since the epoch.
    pub at: i64,
    /// Who, by the name that they had then.
    pub name: String,
    /// In which role.
    pub role: String,
    /// What was done.
    pub op: Op,
    /// The type.
    pub resource_type: String,
    /// The id.
    pub id: String,
    /// The version that it made.
    pub version: i64,
    /// The resource after it; `None` where it was removed.
    pub after: Option<Vec<u8>>,
    /// The resource before it; `None` where there was none, or none that may be seen.
    pub before: Option<Vec<u8>>,
    /// Whether the version before was a removal.
    pub was_removed: bool,
}

/// A page of changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Newest first.
    pub changes: Vec<Changed>,
    /// Where the next page begins, where there may be more.
    pub next: Option<Place>,
}

impl Record {
    /// What was changed in a patient's record, as far as the actor may see it.
    ///
    /// # Errors
    /// [`Error::Refused`] for whom no type of a record is open.
    pub fn changes(&self, act: &Act, request: &ChangesRequest<'_>) -> Result<Changes, Error> {
        let grant = self.decide(act, "changes", Permission::Search, None, "*")?;
        let asked = Asked {
            patient: request.patient,
            only: request.only,
            from: request.from.unwrap_or(Place::NEWEST),
            limit: request.count.max(1),
            leaves: LEAVES,
        };
        let found = self.store.changes(&grant, &asked)?;
        let mut entry = Entry::new(act, "changes", "*", Outcome::Done);
        let shown = &found.peek().changes;
        touch(
            &mut entry,
            shown.iter().flat_map(|change| std::iter::once(&change.after).chain(&change.before)),
        );
        let found = self.store.sign(entry, found)?;
        let changes = found.changes.into_iter().map(|change| told(act, change));
        Ok(Changes { changes: changes.collect::<Result<_, Error>>()?, next: found.next })
    }
}

fn told(act: &Act, Found { entry, after, before, .. }: Found) -> Result<Changed, Error> {
    let (resource_type, id) = name(&after.body);
    let body = |stored: Stored| (stored.op != Op::Delete).then(|| show::body(act, stored.body)).transpose();
    Ok(Changed {
        at: after.updated,
        name: entry.name,
        role: entry.role,
        op: after.op,
        resource_type,
        id,
        version: after.version,
        was_removed: before.as_ref().is_some_and(|stored| stored.op == Op::Delete),
        after: body(after)?,
        before: before.map(body).transpose()?.flatten(),
    })
}
