//! How this room's values stand in the store's items: JSON, read at a version and written at that version.

use crate::{Login, error::Error};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use store::items::{Change, Item, Kind};
use vault::token::{self, Token};

/// A value with the version that it was read at; 0 where it is new.
#[derive(Clone)]
pub(crate) struct Kept<T> {
    pub(crate) id: Vec<u8>,
    pub(crate) version: i64,
    pub(crate) expires: Option<jiff::Timestamp>,
    pub(crate) value: T,
}

impl<T: Serialize> Kept<T> {
    pub(crate) fn new(id: Vec<u8>, expires: Option<jiff::Timestamp>, value: T) -> Kept<T> {
        Kept { id, version: 0, expires, value }
    }

    pub(crate) fn put(&self, kind: Kind, handles: Vec<String>) -> Result<Change, Error> {
        let content = serde_json::to_vec(&self.value).map_err(|error| Error::Fault(Box::new(error)))?;
        let (id, expected, expires) = (self.id.clone(), self.version, self.expires);
        Ok(Change::Put { kind, id, expected, content, handles, expires })
    }

    pub(crate) fn remove(&self, kind: Kind) -> Change {
        Change::Remove { kind, id: self.id.clone(), expected: self.version }
    }
}

pub(crate) fn read<T: DeserializeOwned>(item: Item) -> Result<Kept<T>, Error> {
    let value = serde_json::from_slice(&item.content).map_err(|error| Error::Fault(Box::new(error)))?;
    Ok(Kept { id: item.id, version: item.version, expires: item.expires, value })
}

impl Login {
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        kind: Kind,
        id: &[u8],
        now: jiff::Timestamp,
    ) -> Result<Option<Kept<T>>, Error> {
        self.store.item(kind, id, now)?.map(read).transpose()
    }

    pub(crate) fn find<T: DeserializeOwned>(
        &self,
        kind: Kind,
        handle: &str,
        now: jiff::Timestamp,
    ) -> Result<Option<Kept<T>>, Error> {
        self.store.find_item(kind, handle, now)?.map(read).transpose()
    }
}

/// A new token.
pub(crate) fn mint() -> Result<Token, Error> {
    token::mint().map(|(token, _)| token).map_err(|error| Error::Fault(Box::new(error)))
}

/// The id of what a token opens: SHA-256 of its text. `None` for a text that is no token of ours.
pub(crate) fn token_id(text: &str) -> Option<Vec<u8>> {
    token::hash(text)?;
    Some(sha256(&[text.as_bytes()]))
}

/// SHA-256 over parts that hold no zero byte.
pub(crate) fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    hash.finalize().to_vec()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a text in hex, as [`hex`] writes it.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let sane =
        text.len() <= 200 && text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let pairs = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
    if sane { pairs.collect() } else { None }
}
