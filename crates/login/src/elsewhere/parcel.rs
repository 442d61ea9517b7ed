//! What came from another server, until the patient has looked at it: sealed, for an hour, one for each person and patient.
//!
//! What is in it, this room does not read. It is cut into pieces, because an item is written whole.

use super::walk::entry;
use crate::{
    Login,
    error::Error,
    kept::{Kept, hex, sha256},
    random,
    session::Who,
    visit::Visit,
};
use access::audit::{Entry, Outcome};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// How long it waits for the patient's word.
const LIFE: SignedDuration = SignedDuration::from_hours(1);

/// How long a fetch may take; whatever is not here by then does not come.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// Bytes of one piece.
const PIECE: usize = 1 << 20;

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// It is being fetched.
    Coming,
    /// It is here: so many pieces.
    Here(usize),
    /// It did not come: the word of the reason.
    Lost(String),
}

/// What a patient brings.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Letters and digits that no other fetch has.
    pub fetch: String,
    /// The address of the server.
    pub base: String,
    /// What people call it.
    pub label: String,
    /// Since when.
    pub since: Timestamp,
    /// How far it has come.
    pub state: State,
}

impl std::fmt::Debug for Parcel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "parcel, {:?}, sealed", self.state)
    }
}

/// Where a fetch brings what it finds.
#[derive(Clone)]
pub struct Slip {
    account: String,
    patient: String,
    fetch: String,
    /// What the log says when it came.
    entry: Entry,
}

impl std::fmt::Debug for Slip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

fn head_of(account: &str, patient: &str) -> String {
    format!("of:{account}:{patient}")
}

/// No two fetches have a piece of the same id.
fn piece_of(fetch: &str, at: usize) -> Vec<u8> {
    sha256(&[b"piece", fetch.as_bytes(), at.to_string().as_bytes()])
}

impl Login {
    /// Begins a fetch; one that was begun before, or waits, is let go.
    ///
    /// # Errors
    /// [`Error::Refused`]; where the store fails.
    pub fn await_parcel(
        &self,
        who: &Who,
        patient: &str,
        (base, label): (&str, &str),
        visit: &Visit,
    ) -> Result<Slip, Error> {
        let (act, row) = self.act_to_bring(who, patient, visit)?;
        let gone = self.gone(&who.account.id, patient)?;
        if !gone.is_empty() {
            self.store.change_items(gone, Some(entry(&act, row, "elsewhere dropped", Outcome::Done)))?;
        }
        let fetch = hex(&random::<8>()?);
        let parcel = Parcel {
            fetch: fetch.clone(),
            base: base.to_owned(),
            label: label.to_owned(),
            since: visit.now,
            state: State::Coming,
        };
        let kept = Kept::new(random::<16>()?.to_vec(), visit.now.saturating_add(LIFE).ok(), parcel);
        let put = kept.put(Kind::Parcel, vec![head_of(&who.account.id, patient)])?;
        self.store.change_items(vec![put], Some(entry(&act, row, "elsewhere fetched", Outcome::Done)))?;
        let entry = entry(&act, row, "elsewhere came", Outcome::Done);
        Ok(Slip { account: who.account.id.clone(), patient: patient.to_owned(), fetch, entry })
    }

    /// Puts what came where its fetch was begun, or the word of the reason why nothing did. Whether anybody still waited for it.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn fill_parcel(&self, slip: &Slip, came: Result<&[u8], &str>, now: Timestamp) -> Result<bool, Error> {
        let handle = head_of(&slip.account, &slip.patient);
        let kept: Option<Kept<Parcel>> = self.find(Kind::Parcel, &handle, now)?;
        let waits = |kept: &Kept<Parcel>| kept.value.fetch == slip.fetch && kept.value.state == State::Coming;
        let Some(mut kept) = kept.filter(waits) else { return Ok(false) };
        kept.expires = now.saturating_add(LIFE).ok();
        let mut changes = Vec::new();
        kept.value.state = match came {
            Err(word) => State::Lost(word.to_owned()),
            Ok(bytes) => {
                for (at, piece) in bytes.chunks(PIECE).enumerate() {
                    changes.push(Change::Put {
                        kind: Kind::Parcel,
                        id: piece_of(&slip.fetch, at),
                        expected: 0,
                        content: piece.to_vec(),
                        handles: Vec::new(),
                        expires: kept.expires,
                    });
                }
                State::Here(changes.len())
            }
        };
        changes.push(kept.put(Kind::Parcel, vec![handle])?);
        let entry = Entry { at: now.as_microsecond(), ..slip.entry.clone() };
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Stale) => Ok(false),
            outcome => outcome.map(|()| true).map_err(Error::from),
        }
    }

    /// What somebody brings to that patient, and how far it has come. A fetch that took too long is lost.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn parcel(&self, who: &Who, patient: &str, visit: &Visit) -> Result<Option<Parcel>, Error> {
        let kept: Option<Kept<Parcel>> =
            self.find(Kind::Parcel, &head_of(&who.account.id, patient), visit.now)?;
        Ok(kept.map(|kept| {
            let is_late =
                kept.value.state == State::Coming && visit.now.duration_since(kept.value.since) > PATIENCE;
            let state = if is_late { State::Lost("late".to_owned()) } else { kept.value.state.clone() };
            Parcel { state, ..kept.value }
        }))
    }

    /// Opens it, for whoever brings it; the look is signed.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::Ended`] where it is not here, or not any more.
    pub fn open_parcel(&self, who: &Who, patient: &str, visit: &Visit) -> Result<(Parcel, Vec<u8>), Error> {
        let (act, row) = self.act_to_bring(who, patient, visit)?;
        let parcel = self.parcel(who, patient, visit)?.ok_or(Error::Ended)?;
        let State::Here(pieces) = parcel.state else { return Err(Error::Ended) };
        let mut bytes = Vec::new();
        for piece in 0..pieces {
            let id = piece_of(&parcel.fetch, piece);
            bytes.extend(self.store.item(Kind::Parcel, &id, visit.now)?.ok_or(Error::Ended)?.content);
        }
        self.store.witness(entry(&act, row, "elsewhere looked at", Outcome::Done))?;
        Ok((parcel, bytes))
    }

    /// Lets go of it: it has entered, or is not wanted.
    ///
    /// # Errors
    /// [`Error::Refused`]; where the store fails.
    pub fn drop_parcel(&self, who: &Who, patient: &str, entered: bool, visit: &Visit) -> Result<(), Error> {
        let (act, row) = self.act_to_bring(who, patient, visit)?;
        let changes = self.gone(&who.account.id, patient)?;
        if changes.is_empty() {
            return Ok(());
        }
        let operation = if entered { "elsewhere entered" } else { "elsewhere dropped" };
        match self.store.change_items(changes, Some(entry(&act, row, operation, Outcome::Done))) {
            Err(StoreError::Stale) => Ok(()),
            outcome => outcome.map_err(Error::from),
        }
    }

    /// What removes it all, its head first.
    fn gone(&self, account: &str, patient: &str) -> Result<Vec<Change>, Error> {
        // Also one that has ended and was not swept yet.
        let head: Option<Kept<Parcel>> =
            self.find(Kind::Parcel, &head_of(account, patient), Timestamp::MIN)?;
        let Some(head) = head else { return Ok(Vec::new()) };
        let mut changes = vec![head.remove(Kind::Parcel)];
        let State::Here(pieces) = head.value.state else { return Ok(changes) };
        for piece in 0..pieces {
            let id = piece_of(&head.value.fetch, piece);
            if let Some(item) = self.store.item(Kind::Parcel, &id, Timestamp::MIN)? {
                changes.push(Change::Remove { kind: Kind::Parcel, id, expected: item.version });
            }
        }
        Ok(changes)
    }
}
