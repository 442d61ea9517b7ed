//! What the house keeps that is no FHIR resource: accounts, sessions, invitations, clients, roles, break-glass.
//!
//! An item is named by its kind and its id, has a version, perhaps an end, and content that only its own room reads. The
//! content is sealed under the organization's key, with kind, id and version as associated data, so that a row moved, swapped
//! or renumbered by somebody with SQL does not open. It is found by *handles* (an e-mail address, say), which stand in the
//! database as blind terms of 128 bits, and inside the sealed bytes once more: a handle that somebody pointed to another
//! item finds nothing.
//!
//! An older copy of a row does open. What tells it from the newest one is the audit log: the entry handed in with a change
//! names kind, id, version and hash of what it wrote, and what it removed, and `verify` holds every row against the newest
//! entry that names it. Ids of such items are random and never used twice. Changes without an entry (a counter, the time of
//! a session's last use) have no such witness.

mod change;

pub use change::Change;
pub(crate) use change::apply;

use crate::{
    Store,
    dialect::{Arg, Conn, Row},
    error::Error,
    keys::Keys,
    log::Head,
};
use access::audit::Entry;
use jiff::Timestamp;
use vault::{aad::Aad, blind, compress, seal};

/// How many bytes a blind handle has.
const TERM: usize = 16;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
        /// What an item is. The numbers stand in the database and are never used for anything else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $name = $number,)* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Kind] = &[$(Kind::$name,)*];
        }
    };
}

kinds! {
    /// A person who may sign in.
    Account = 1,
    /// A browser that somebody signed in with.
    Session = 2,
    /// A sign-in, or a sign-up, on its way.
    Attempt = 3,
    /// A single-use invitation.
    Invitation = 4,
    /// How often somebody failed lately.
    Throttle = 5,
    /// A national id, apart from everything else that is known of the person.
    NationalId = 6,
    /// Something to tell an account's owner.
    Notice = 7,
    /// A place of care whose people sign in under its id.
    Facility = 8,
    /// That the house has been set up, and by which token it may be.
    Setup = 9,
    /// A role that an administrator edits.
    Role = 10,
    /// An application that people let in.
    Client = 11,
    /// An emergency access.
    BreakGlass = 12,
    /// What an application asks a person for, until the person has answered.
    AppRequest = 21,
    /// An authorization code, and that it was used.
    AppCode = 22,
    /// What one person has allowed one application.
    Connection = 23,
    /// An application's access token.
    AccessToken = 24,
    /// An application's refresh token, and that it was used.
    RefreshToken = 25,
    /// The id of a client assertion, until it could not be used again anyway.
    Assertion = 26,
    /// A patient's chart from which an application is being started.
    Launch = 27,
    /// A key of ours that signs what applications verify.
    SigningKey = 28,
    /// That somebody asks a patient for access.
    AccessRequest = 31,
    /// Somebody who acts for a patient.
    Proxy = 32,
    /// That an account's owner asks to be linked to their chart.
    ChartLink = 33,
    /// A patient's health id that came from another node.
    HealthId = 34,
    /// A code that was sent to a chart's contact, for the account that asked.
    ChartCode = 35,
    /// What somebody had typed when their session ended.
    Draft = 36,
    /// That a patient finds a look at their record wrong.
    Dispute = 37,
    /// A link that opens something of a record to whoever has it and its PIN.
    HealthLink = 38,
    /// Another server that patients may bring their record from.
    Elsewhere = 39,
    /// What a patient brought from another server, until they have looked at it.
    Parcel = 40,
    /// How far an app that follows changes has been told of them.
    Delivery = 41,
    /// What the house says of itself on pages that anybody reads.
    PageText = 42,
    /// Where the house is: its time zone and its country.
    Home = 43,
    /// A key of ours that signs health cards.
    HealthCardKey = 44,
}

impl Kind {
    /// Its number in the database.
    pub fn number(self) -> i64 {
        self as i64
    }
}

/// An item as it stands in the store.
#[derive(Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: Vec<u8>,
    /// Its version, from 1.
    pub version: i64,
    /// When it ends; from then on it is not there any more.
    pub expires: Option<Timestamp>,
    /// What it says, for the room that keeps it.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// A row as the database has it.
pub(crate) struct Sealed {
    pub(crate) kind: i64,
    pub(crate) id: Vec<u8>,
    pub(crate) version: i64,
    pub(crate) expires: i64,
    pub(crate) bytes: Vec<u8>,
}

/// A row that was opened.
pub(crate) struct Open {
    pub(crate) item: Item,
    /// The blind handles that it is found by, in order.
    pub(crate) terms: Vec<[u8; TERM]>,
}

impl Store {
    /// An item by its id, unless it has ended by `now`.
    ///
    /// # Errors
    /// Where the database fails, or the row does not open.
    pub fn item(&self, kind: Kind, id: &[u8], now: Timestamp) -> Result<Option<Item>, Error> {
        self.pool.view(|conn| Ok(read(conn, &self.keys, kind, id)?.map(|open| open.item).filter(lives(now))))
    }

    /// The item that has this handle, unless it has ended by `now`. The handle is compared exactly: whoever keeps the items
    /// normalises it.
    ///
    /// # Errors
    /// Where the database fails, or the row does not open.
    pub fn find_item(&self, kind: Kind, handle: &str, now: Timestamp) -> Result<Option<Item>, Error> {
        let term = term(&self.keys, kind, handle);
        self.pool.view(|conn| {
            let sql = "SELECT id FROM handle WHERE kind = ?1 AND term = ?2";
            let ids = conn.query(sql, &[Arg::Int(kind.number()), Arg::Bytes(&term)], |row| row.bytes(0))?;
            let Some(id) = ids.first() else { return Ok(None) };
            let open = read(conn, &self.keys, kind, id)?;
            // Where the row names a handle that the item does not know of, somebody else put it there.
            Ok(open.filter(|open| open.terms.contains(&term)).map(|open| open.item).filter(lives(now)))
        })
    }

    /// Up to `limit` items of a kind after that id, in the order of their ids, without those that have ended by `now`; and
    /// the id to go on after, until there are no more.
    ///
    /// # Errors
    /// Where the database fails, or a row does not open.
    pub fn items(
        &self,
        kind: Kind,
        after: &[u8],
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<Item>, Option<Vec<u8>>), Error> {
        let sql = "SELECT kind, id, version, expires, sealed FROM item WHERE kind = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        let limit = i64::try_from(limit.max(1)).unwrap_or(i64::MAX);
        let args = [Arg::Int(kind.number()), Arg::Bytes(after), Arg::Int(limit)];
        self.pool.view(|conn| {
            let rows = conn.query(sql, &args, sealed)?;
            let next = rows.last().filter(|_| rows.len() as i64 == limit).map(|row| row.id.clone());
            let items: Result<Vec<Item>, Error> =
                rows.iter().map(|row| Ok(open(&self.keys, row)?.item)).collect();
            Ok((items?.into_iter().filter(lives(now)).collect(), next))
        })
    }

    /// Does all changes or none, and makes them durable together with the entry that tells of them.
    ///
    /// # Errors
    /// [`Error::Stale`] where an item is not of the version that was expected, [`Error::Taken`] where another has one of the
    /// handles; nothing was changed then, and nothing signed.
    pub fn change_items(&self, changes: Vec<Change>, entry: Option<Entry>) -> Result<(), Error> {
        self.writer.items(changes, entry)
    }

    /// Writes one item; its new version.
    ///
    /// # Errors
    /// As [`Store::change_items`].
    #[expect(clippy::too_many_arguments, reason = "each is a part of the item, and none has a default")]
    pub fn put_item(
        &self,
        kind: Kind,
        id: &[u8],
        expected: i64,
        content: Vec<u8>,
        handles: &[&str],
        expires: Option<Timestamp>,
        entry: Option<Entry>,
    ) -> Result<i64, Error> {
        let handles = handles.iter().map(|handle| (*handle).to_owned()).collect();
        let put = Change::Put { kind, id: id.to_owned(), expected, content, handles, expires };
        self.change_items(vec![put], entry)?;
        Ok(expected + 1)
    }

    /// Removes an item and hands it out: to one caller only, however many ask at once.
    ///
    /// # Errors
    /// Where the database fails, or the row does not open.
    pub fn take_item(
        &self,
        kind: Kind,
        id: &[u8],
        now: Timestamp,
        entry: Option<Entry>,
    ) -> Result<Option<Item>, Error> {
        let Some(item) = self.item(kind, id, now)? else { return Ok(None) };
        let take = Change::Remove { kind, id: id.to_owned(), expected: item.version };
        match self.change_items(vec![take], entry) {
            Ok(()) => Ok(Some(item)),
            Err(Error::Stale) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes the rows of items that have ended by `now`; how many. They were as good as gone before.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn sweep_items(&self, now: Timestamp) -> Result<u64, Error> {
        let mut conn = self.conn()?;
        conn.begin_write()?;
        match sweep(&mut conn, now.as_microsecond()) {
            Ok(gone) => conn.commit().map(|()| gone),
            Err(error) => {
                conn.rollback()?;
                Err(error)
            }
        }
    }
}

fn lives(now: Timestamp) -> impl Fn(&Item) -> bool {
    move |item| item.expires.is_none_or(|end| end > now)
}

fn sweep(conn: &mut Conn, now: i64) -> Result<u64, Error> {
    // The lock that the writer takes: a row that it is about to change does not go meanwhile.
    let lock = conn.for_update();
    Head::read(conn, lock)?;
    conn.execute(
        "DELETE FROM handle WHERE EXISTS (SELECT 1 FROM item i WHERE i.kind = handle.kind AND i.id = handle.id \
         AND i.expires > 0 AND i.expires <= ?1)",
        &[Arg::Int(now)],
    )?;
    conn.execute("DELETE FROM item WHERE expires > 0 AND expires <= ?1", &[Arg::Int(now)])
}

/// The blind term of a handle.
fn term(keys: &Keys, kind: Kind, handle: &str) -> [u8; TERM] {
    blind::key16(keys.ring().index_key(), &format!("item-{}", kind.number()), handle)
}

fn sealed(row: Row<'_>) -> Result<Sealed, Error> {
    let (kind, id, version, expires) = (row.int(0)?, row.bytes(1)?, row.int(2)?, row.int(3)?);
    Ok(Sealed { kind, id, version, expires, bytes: row.bytes(4)? })
}

/// The row of an item, opened.
fn read(conn: &mut Conn, keys: &Keys, kind: Kind, id: &[u8]) -> Result<Option<Open>, Error> {
    let sql = "SELECT kind, id, version, expires, sealed FROM item WHERE kind = ?1 AND id = ?2";
    let rows = conn.query(sql, &[Arg::Int(kind.number()), Arg::Bytes(id)], sealed)?;
    rows.first().map(|row| open(keys, row)).transpose()
}

/// The id as it stands in labels, entries and faults.
pub(crate) fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Each item has a key of its own; its version is associated data.
fn key(keys: &Keys, kind: i64, id: &[u8]) -> Result<seal::SealKey, Error> {
    let owner = keys.ring().owner_key(0).map_err(|e| Error::Keys(e.to_string()))?;
    owner.labelled(&format!("item/{}", hex(id)), kind).map_err(|e| Error::Keys(e.to_string()))
}

/// Opens a row, and holds its columns against what was sealed.
pub(crate) fn open(keys: &Keys, row: &Sealed) -> Result<Open, Error> {
    let damaged =
        |what: &str| Error::Integrity(format!("item {} of kind {}: {what}", hex(&row.id), row.kind));
    let plain = seal::open(&key(keys, row.kind, &row.id)?, &Aad::labelled(row.version), &row.bytes)
        .map_err(|e| damaged(&e.to_string()))?;
    let (expires, rest) = plain.split_first_chunk::<8>().ok_or_else(|| damaged("it is too short"))?;
    let expires = i64::from_be_bytes(*expires);
    if expires != row.expires {
        return Err(damaged("its end is not the one that was written"));
    }
    let (count, rest) = rest.split_first_chunk::<2>().ok_or_else(|| damaged("it is too short"))?;
    let length = usize::from(u16::from_be_bytes(*count)) * TERM;
    let (terms, content) = rest.split_at_checked(length).ok_or_else(|| damaged("it is too short"))?;
    let terms = terms.chunks_exact(TERM).filter_map(|term| term.try_into().ok()).collect();
    let expires = match expires {
        0 => None,
        end => Some(Timestamp::from_microsecond(end).map_err(|_| damaged("its end is no time"))?),
    };
    let item = Item { id: row.id.clone(), version: row.version, expires, content: content.to_vec() };
    Ok(Open { item, terms })
}

/// Seals an item; `terms` in order.
fn seal(
    keys: &Keys,
    (kind, id, version): (i64, &[u8], i64),
    expires: i64,
    terms: &[[u8; TERM]],
    content: &[u8],
) -> Result<Vec<u8>, Error> {
    let fault = |e: &dyn std::fmt::Display| Error::Keys(e.to_string());
    let count = u16::try_from(terms.len()).map_err(|_| fault(&"an item has too many handles"))?;
    let mut plain = Vec::with_capacity(10 + terms.len() * TERM + content.len());
    plain.extend_from_slice(&expires.to_be_bytes());
    plain.extend_from_slice(&count.to_be_bytes());
    terms.iter().for_each(|term| plain.extend_from_slice(term));
    plain.extend_from_slice(content);
    let packed = compress::compress(&plain).map_err(|e| fault(&e))?;
    seal::seal(&key(keys, kind, id)?, &Aad::labelled(version), &packed).map_err(|e| fault(&e))
}
