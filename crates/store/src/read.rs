//! What the kernel may read: one resource, many, a search, the past. Every function takes a grant and compiles it in.

use crate::{
    Store,
    batch::Op,
    body,
    dialect::{Conn, Row},
    error::Error,
    keys::{BodyPlace, Key},
    reach::Reach,
    rows::padded,
    search,
    select::{Position, Select, Test},
    sql::{Past, PastOf, Sql},
};
use access::{
    audit::{Entry, Outcome, Touched},
    grant::Grant,
};
use rustc_hash::FxHashMap;
use vault::keyring::ORGANIZATION;

/// How many rows are fetched by one statement.
const CHUNK: usize = 64;

/// How many places that do not open one audit entry names.
const NAMED: usize = 1_000;

/// A resource version as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Row number of the resource.
    pub rid: i64,
    /// Its version.
    pub version: i64,
    /// Number of the change that wrote it.
    pub seq: i64,
    /// When, in microseconds since the epoch.
    pub updated: i64,
    /// What was done.
    pub op: Op,
    /// Row number of the patient that it belongs to; 0 is the organization.
    pub owner: i64,
    /// The resource as JSON; after a delete only its type and id.
    pub body: Vec<u8>,
    /// Whether its patient was erased: then there is no body, for anybody.
    pub erased: bool,
}

impl Stored {
    /// How it stands in the audit entry of who has seen it.
    pub fn touched(&self) -> Touched {
        Touched { rid: self.rid, version: self.version, seq: self.seq, hash: None }
    }
}

/// Something read that nobody may see until the reading is signed: [`Store::sign`] turns it into its content.
#[derive(Debug)]
pub struct Unsigned<T>(T);

impl<T> Unsigned<T> {
    /// Something read elsewhere in this room.
    pub(crate) fn new(content: T) -> Unsigned<T> {
        Unsigned(content)
    }

    /// The content, for preparing a commit (which signs its own entry) or for filling in the entry; not for showing.
    pub fn peek(&self) -> &T {
        &self.0
    }

    /// Goes on to something computed from it, still unsigned.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Unsigned<U> {
        Unsigned(f(self.0))
    }
}

/// A page of a search.
#[derive(Clone, Debug)]
pub struct Found {
    /// The matches in their order, each with where it stands.
    pub rows: Vec<(Position, Stored)>,
    /// Whether the index has more.
    pub more: bool,
}

/// Whose past to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// One resource's.
    Resource {
        /// Its type.
        resource_type: &'a str,
        /// Its logical id.
        id: &'a str,
    },
    /// A type's.
    Type(&'a str),
    /// Everything's.
    Everything,
}

/// Which part of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Changes before this number (for paging); `i64::MAX` starts at the newest.
    pub before: i64,
    /// Not older than this, microseconds.
    pub since: Option<i64>,
    /// Not newer than this.
    pub until: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

impl Span {
    /// Whether it leaves nothing out.
    pub fn is_whole(&self) -> bool {
        self.before == i64::MAX && self.since.is_none() && self.until.is_none()
    }
}

/// Whether a resource row points to a version which is its own and does not contradict it: the sealed body says where it belongs,
/// but only this says that it is what was asked for. Rows of the erased are no longer live, whatever their last version did.
fn fits(row: &Row<'_>, erased: bool) -> Result<bool, Error> {
    let (rid, version, seq, live, owner) = (row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?, row.int(4)?);
    let fits = match row.int(7)? {
        found if found == seq => {
            let deleted = Op::from_number(row.int(9)?) == Op::Delete;
            (row.int(6)?, row.int(10)?) == (version, owner) && (deleted == (live == 0) || erased)
        }
        _ => (1..version).contains(&row.int(6)?),
    };
    Ok(fits && row.int(5)? == rid)
}

/// What a look brought up: versions that opened, and places that did not.
#[derive(Default)]
struct Opened {
    rows: Vec<Stored>,
    closed: Vec<Touched>,
}

impl Opened {
    /// All rows, if every place opened.
    fn whole(self) -> Result<Vec<Stored>, Error> {
        if self.closed.is_empty() { Ok(self.rows) } else { Err(Error::Closed(self.closed)) }
    }

    /// As [`Opened::whole`], without what belongs to the erased.
    fn shown(self) -> Result<Vec<Stored>, Error> {
        let mut rows = self.whole()?;
        rows.retain(|stored| !stored.erased);
        Ok(rows)
    }
}

impl Store {
    /// Signs that the reading took place, waits until that is durable, and hands out what was read.
    ///
    /// # Errors
    /// Where the entry cannot be made durable, nothing is shown.
    pub fn sign<T>(&self, entry: Entry, unsigned: Unsigned<T>) -> Result<T, Error> {
        self.writer.leaf(entry)?;
        Ok(unsigned.0)
    }

    /// Hands on what a look brought up. Where stored bytes did not open, that is signed first, in an entry of its own that names the
    /// places (D7): one for each look, however many they are. Whose they are it does not say; what does not open tells nobody.
    pub(crate) fn opened<T>(
        &self,
        grant: &Grant,
        shape: &str,
        outcome: Result<T, Error>,
    ) -> Result<Unsigned<T>, Error> {
        if let Err(Error::Closed(places)) = &outcome {
            let mut entry = Entry::new(grant.act(), "integrity", shape, Outcome::Failed);
            entry.touched = places.iter().take(NAMED).cloned().collect();
            if let Err(error) = self.writer.leaf(entry) {
                tracing::error!(error = %error, "that stored bytes did not open could not be signed");
            }
        }
        outcome.map(Unsigned)
    }

    /// One resource: its current version, or the named one. `None` where it does not exist or the grant does not reach it.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn read(
        &self,
        grant: &Grant,
        resource_type: &str,
        id: &str,
        version: Option<i64>,
    ) -> Result<Unsigned<Option<Stored>>, Error> {
        let key = self.keys.blinder().key(resource_type, id);
        let found = self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            let mut sql = Sql::new(self.keys.blinder());
            sql.one(key, version, resource_type, &reach);
            let mut opened = Opened::default();
            self.versions(conn, &sql, &mut opened)?;
            let found = opened.whole()?.into_iter().next();
            // A row under another's key holds another resource than its key says.
            match found {
                Some(stored) if !stored.erased && !body::is_of(&stored.body, resource_type, id) => {
                    Err(Error::Closed(vec![stored.touched()]))
                }
                found => Ok(found),
            }
        });
        self.opened(grant, resource_type, found)
    }

    /// One version of a row, current or past: where a page ended. `None` where the grant does not reach it.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn version_of(
        &self,
        grant: &Grant,
        rid: i64,
        version: i64,
    ) -> Result<Unsigned<Option<Stored>>, Error> {
        let found = self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            self.one_version(conn, &reach, rid, version)
        });
        self.opened(grant, "*", found)
    }

    /// One version of a row, where it is within reach.
    pub(crate) fn one_version(
        &self,
        conn: &mut Conn,
        reach: &Reach,
        rid: i64,
        version: i64,
    ) -> Result<Option<Stored>, Error> {
        let mut sql = Sql::new(self.keys.blinder());
        sql.version(rid, version, reach);
        let mut opened = Opened::default();
        self.versions(conn, &sql, &mut opened)?;
        Ok(opened.shown()?.into_iter().next())
    }

    /// Several live resources by type and id, in no particular order; those that the grant does not reach are left out.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn read_many(&self, grant: &Grant, names: &[(&str, &str)]) -> Result<Unsigned<Vec<Stored>>, Error> {
        let keys: Vec<Key> = names.iter().map(|(kind, id)| self.keys.blinder().key(kind, id)).collect();
        let found = self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            let mut opened = Opened::default();
            for chunk in keys.chunks(CHUNK) {
                let chunk: Vec<Key> = padded(chunk).copied().collect();
                let mut sql = Sql::new(self.keys.blinder());
                sql.keyed(&chunk, &reach);
                self.versions(conn, &sql, &mut opened)?;
            }
            opened.shown()
        });
        self.opened(grant, "*", found)
    }

    /// A page of matches with their bodies.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn search(&self, grant: &Grant, select: &Select) -> Result<Unsigned<Found>, Error> {
        let wanted = Select { limit: select.limit + 1, ..select.clone() };
        let found = self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            let mut matches = search::page(conn, self.keys.blinder(), &wanted, &reach)?;
            let more = matches.len() > select.limit;
            matches.truncate(select.limit);
            let rids: Vec<i64> = matches.iter().map(|m| m.rid).collect();
            let mut opened = Opened::default();
            for chunk in rids.chunks(CHUNK) {
                let chunk: Vec<i64> = padded(chunk).copied().collect();
                let mut sql = Sql::new(self.keys.blinder());
                sql.rows(&chunk, &reach);
                self.versions(conn, &sql, &mut opened)?;
            }
            let mut bodies: FxHashMap<i64, Stored> =
                opened.whole()?.into_iter().map(|stored| (stored.rid, stored)).collect();
            // The page was read on the same view, so every match has its body: one that has none was tampered with.
            let missing = |rid| Error::Closed(vec![Touched { rid, version: 0, seq: 0, hash: None }]);
            let body =
                |m: search::Match| Ok((m.into(), bodies.remove(&m.rid).ok_or_else(|| missing(m.rid))?));
            let mut rows = matches.into_iter().map(body).collect::<Result<Vec<(_, Stored)>, Error>>()?;
            rows.retain(|(_, stored)| !stored.erased);
            Ok(Found { rows, more })
        });
        self.opened(grant, &select.resource_type, found)
    }

    /// The row numbers of a search, without bodies, and how many there are in all when `count` is asked for.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn count(&self, grant: &Grant, select: &Select) -> Result<i64, Error> {
        self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            search::count(conn, self.keys.blinder(), select, &reach)
        })
    }

    /// How many more would match, of patients that the actor cares for, if consents and labels did not keep them back. 0 where the
    /// search asks for more than whose they are: by codes and dates one could learn what is kept back.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn withheld(&self, grant: &Grant, select: &Select) -> Result<i64, Error> {
        if !grant.is_by_care() || select.tests.is_empty() || !select.tests.iter().all(Test::is_whose) {
            return Ok(0);
        }
        self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            match reach.withheld(&select.resource_type) {
                Some(withheld) => search::count(conn, self.keys.blinder(), select, &withheld),
                None => Ok(0),
            }
        })
    }

    /// Live resources of that type which refer to any of `targets` by the parameter; at most `limit`.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn referring(
        &self,
        grant: &Grant,
        resource_type: &str,
        param: u32,
        targets: &[i64],
        limit: usize,
    ) -> Result<Unsigned<Vec<Stored>>, Error> {
        let found = self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            let mut rids = Vec::new();
            for chunk in targets.chunks(CHUNK) {
                let chunk: Vec<i64> = padded(chunk).copied().collect();
                let mut sql = Sql::new(self.keys.blinder());
                sql.referring(param, resource_type, &chunk, limit.saturating_sub(rids.len()), &reach);
                rids.extend(conn.query(sql.text(), &sql.args(), |row| row.int(0))?);
            }
            let mut opened = Opened::default();
            for chunk in rids.chunks(CHUNK) {
                let chunk: Vec<i64> = padded(chunk).copied().collect();
                let mut sql = Sql::new(self.keys.blinder());
                sql.rows(&chunk, &reach);
                self.versions(conn, &sql, &mut opened)?;
            }
            opened.shown()
        });
        self.opened(grant, resource_type, found)
    }

    /// The past, newest first; versions of the erased among it, for whoever asks to be told so.
    ///
    /// # Errors
    /// Where the database or the keys fail.
    pub fn history(&self, grant: &Grant, of: &Scope<'_>, span: Span) -> Result<Unsigned<Vec<Stored>>, Error> {
        let Span { before, since, until, limit } = span;
        let shape = match of {
            Scope::Resource { resource_type, .. } | Scope::Type(resource_type) => *resource_type,
            Scope::Everything => "*",
        };
        let of = match of {
            Scope::Resource { resource_type, id } => {
                PastOf::Resource(self.keys.blinder().key(resource_type, id))
            }
            Scope::Type(resource_type) => PastOf::Type((*resource_type).to_owned()),
            Scope::Everything => PastOf::Everything,
        };
        let found = self.pool.view(|conn| {
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            let mut sql = Sql::new(self.keys.blinder());
            sql.history(&Past { of, before, since, until, limit }, &reach);
            let mut opened = Opened::default();
            self.versions(conn, &sql, &mut opened)?;
            opened.whole()
        });
        self.opened(grant, shape, found)
    }

    /// The newest row number: what a search's first page can have seen.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn newest_rid(&self) -> Result<i64, Error> {
        let rows =
            self.pool.view(|conn| conn.query("SELECT rid FROM head WHERE id = 1", &[], |row| row.int(0)))?;
        Ok(rows.first().copied().unwrap_or_default())
    }

    /// Live resources by number, for a look that has been decided already.
    pub(crate) fn by_number(&self, conn: &mut Conn, rids: &[i64]) -> Result<Vec<Stored>, Error> {
        let mut opened = Opened::default();
        for chunk in rids.chunks(CHUNK) {
            let chunk: Vec<i64> = padded(chunk).copied().collect();
            let mut sql = Sql::new(self.keys.blinder());
            sql.rows(&chunk, &Reach::everything());
            self.versions(conn, &sql, &mut opened)?;
        }
        opened.shown()
    }

    /// Of these live resources, those within reach.
    pub(crate) fn within(&self, conn: &mut Conn, rids: &[i64], reach: &Reach) -> Result<Vec<Stored>, Error> {
        let mut opened = Opened::default();
        for chunk in rids.chunks(CHUNK) {
            let chunk: Vec<i64> = padded(chunk).copied().collect();
            let mut sql = Sql::new(self.keys.blinder());
            sql.rows(&chunk, reach);
            self.versions(conn, &sql, &mut opened)?;
        }
        opened.shown()
    }

    /// One version of a row, for a look that has been decided already.
    pub(crate) fn past(&self, conn: &mut Conn, rid: i64, version: i64) -> Result<Option<Stored>, Error> {
        let mut sql = Sql::new(self.keys.blinder());
        sql.version(rid, version, &Reach::everything());
        let mut opened = Opened::default();
        self.versions(conn, &sql, &mut opened)?;
        Ok(opened.shown()?.into_iter().next())
    }

    fn versions(&self, conn: &mut Conn, sql: &Sql<'_>, opened: &mut Opened) -> Result<(), Error> {
        for version in conn.query(sql.text(), &sql.args(), |row| self.version(&row))? {
            match version {
                Ok(stored) => opened.rows.push(stored),
                Err(place) => opened.closed.push(place),
            }
        }
        Ok(())
    }

    /// A version, or its place where it does not open or does not fit its row.
    fn version(&self, row: &Row<'_>) -> Result<Result<Stored, Touched>, Error> {
        let owner = row.int(10)?;
        let erased = owner != ORGANIZATION && self.keys.is_erased(owner);
        if !fits(row, erased)? {
            let (version, seq) =
                if row.int(7)? == 0 { (row.int(1)?, row.int(2)?) } else { (row.int(6)?, row.int(7)?) };
            return Ok(Err(Touched { rid: row.int(0)?, version, seq, hash: None }));
        }
        let (rid, version, seq, updated) = (row.int(5)?, row.int(6)?, row.int(7)?, row.int(8)?);
        let (op, kind) = (Op::from_number(row.int(9)?), row.int(11)?);
        if erased {
            return Ok(Ok(Stored { rid, version, seq, updated, op, owner, body: Vec::new(), erased }));
        }
        let place = BodyPlace { owner, rid, version, kind, deletes: op == Op::Delete };
        match self.keys.open_body(place, &row.bytes(12)?) {
            Ok(text) => {
                let body = body::decode(&text, version, updated);
                Ok(Ok(Stored { rid, version, seq, updated, op, owner, body, erased }))
            }
            Err(Error::Integrity(_)) => Ok(Err(Touched { rid, version, seq, hash: None })),
            Err(error) => Err(error),
        }
    }
}
