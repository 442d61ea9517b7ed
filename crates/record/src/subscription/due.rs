//! What there is to tell a subscriber, as far as they may see it now.

use super::Wanted;
use crate::{
    Record,
    error::Error,
    read::touch,
    search::{name, parse},
    show,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    scope::Permission,
};
use sha2::{Digest, Sha256};
use store::{
    read::Stored,
    select::{Order, Position, Test},
};

/// Resources in one notice at most.
const MOST: usize = 50;

/// Bytes after which a notice takes no further resource.
const ENOUGH: usize = 512 << 10;

/// One resource that changed.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its type.
    pub resource_type: String,
    /// Its id.
    pub id: String,
    /// When it changed, as FHIR writes an instant.
    pub at: String,
    /// The resource as JSON, as the subscriber may see it.
    pub body: Vec<u8>,
}

/// What there is to tell.
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// What changed, in the order of the changes.
    pub events: Vec<Event>,
    /// Up to which change everything has been looked through.
    pub until: i64,
    /// What this notice is about: the same for the same versions of the same resources, and for nothing else.
    pub digest: Vec<u8>,
}

impl Record {
    /// What changed after one change and not after another, meets the order, and is within the subscriber's reach now. Where something is to
    /// be told it is signed first, unless `signed` says that the very same was signed before, for a notice that did not arrive.
    ///
    /// # Errors
    /// [`Error::Refused`] where the subscriber may not search for that type any more; [`Error::Invalid`] for criteria that are not understood.
    pub fn due(
        &self,
        act: &Act,
        wanted: &Wanted,
        (after, until): (i64, i64),
        signed: &[u8],
    ) -> Result<Due, Error> {
        let kind = wanted.resource_type.as_str();
        let query = parse(&wanted.query)?;
        let shape = format!("{kind}?{}", query.shape());
        let grant = self.decide(act, "notify", Permission::Search, Some(kind), &shape)?;
        let mut ready = self.ready(kind, &query, false)?;
        ready.select.tests.insert(0, Test::Changed { resource_type: kind.to_owned(), after, until });
        ready.select.order = Order::Updated { descending: false };
        ready.sort.clear();
        let (mut rows, more) = self.page(&grant, &ready, MOST)?;
        let is_cut = trim(&mut rows);
        let until = match rows.last() {
            Some((_, last)) if more || is_cut => last.seq,
            _ => until,
        };
        if rows.is_empty() {
            return Ok(Due { until, ..Due::default() });
        }
        let digest = digest(&rows);
        if digest != signed {
            let mut entry = Entry::new(act, "notify", shape, Outcome::Done);
            touch(&mut entry, rows.iter().map(|(_, stored)| stored));
            self.store.witness(entry)?;
        }
        let event = |(_, stored): (Position, Stored)| {
            let (resource_type, id) = name(&stored.body);
            let at = fhir::time::render_instant(stored.updated);
            Ok(Event { resource_type, id, at, body: show::body(act, stored.body)? })
        };
        let events = rows.into_iter().map(event).collect::<Result<_, Error>>()?;
        Ok(Due { events, until, digest })
    }
}

/// Leaves out what makes a notice too long; whether it did. The first always stays.
fn trim(rows: &mut Vec<(Position, Stored)>) -> bool {
    let mut bytes = 0;
    let fits = rows.iter().take_while(|(_, stored)| {
        bytes += stored.body.len();
        bytes <= ENOUGH
    });
    let fitting = fits.count().max(1);
    let is_cut = fitting < rows.len();
    rows.truncate(fitting);
    is_cut
}

fn digest(rows: &[(Position, Stored)]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for (_, stored) in rows {
        hash.update(stored.rid.to_be_bytes());
        hash.update(stored.version.to_be_bytes());
    }
    hash.finalize().to_vec()
}
