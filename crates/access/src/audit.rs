//! The audit entry: what one user action did, as it is signed into the ledger.
//!
//! The entry is JSON with short names, because there is one per action for ever. It is sealed in the store and holds our own
//! row numbers, never names or codes of the record.

use crate::act::{Act, Purpose};
use serde::{Deserialize, Serialize};

/// How an action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Done,
    /// The actor may not.
    Refused,
    /// It could not be: what is stored does not open.
    Failed,
}

/// One resource version that an action wrote or showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// Row number of the resource.
    pub rid: i64,
    /// Its version.
    pub version: i64,
    /// The change that wrote this version.
    pub seq: i64,
    /// For a write: SHA-256 of the sealed body (base64), which binds the body to the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// An item of the house (an account, a session …) that an action wrote or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The number of its kind.
    pub kind: i64,
    /// Its id, in lower-case hex.
    pub id: String,
    /// The version that was written, or that was removed.
    pub version: i64,
    /// SHA-256 of the sealed bytes (base64); `None` where it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Whether it stays until it is removed: only then is its absence a fault.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lasting: bool,
}

/// One user action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in microseconds since the epoch.
    pub at: i64,
    /// The correlation id.
    pub request: String,
    /// The actor's id.
    pub actor: String,
    /// The actor's name as it was then.
    pub name: String,
    /// The actor's role as it was then.
    pub role: String,
    /// Why.
    pub purpose: Purpose,
    /// `read`, `search`, `transaction` …
    pub operation: String,
    /// The type or the query's shape, never its values: `Observation?code&patient`.
    pub shape: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, in the words of who did it, where that must be said: for an erasure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it wrote or showed, or found closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<Touched>,
    /// Row numbers of the patients that it concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patients: Vec<i64>,
    /// Items of the house that it wrote or removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Kept>,
}

impl Entry {
    /// An entry about `act` that has touched nothing yet.
    pub fn new(act: &Act, operation: &str, shape: impl Into<String>, outcome: Outcome) -> Entry {
        Entry {
            at: act.at.as_microsecond(),
            request: act.request.clone(),
            actor: act.actor.id.clone(),
            name: act.actor.name.clone(),
            role: act.actor.role.clone(),
            purpose: act.purpose,
            operation: operation.to_owned(),
            shape: shape.into(),
            outcome,
            reason: None,
            touched: Vec::new(),
            patients: Vec::new(),
            items: Vec::new(),
        }
    }

    /// The bytes that are committed to and sealed.
    pub fn render(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what [`Entry::render`] wrote.
    ///
    /// # Errors
    /// Where the bytes are not an entry.
    pub fn parse(bytes: &[u8]) -> Result<Entry, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}
