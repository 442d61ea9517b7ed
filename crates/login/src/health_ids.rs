//! Health ids of patients who come from another node, and all that are known here. A health id belongs to one patient for good: it is
//! never given to somebody else, and is taken over from another node only with that node's signed word, which the caller checks.

use crate::{
    Login,
    account::Account,
    error::Error,
    identifier::{Identifier, Verhoeff},
    kept::{Kept, read},
    random,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// The `system` of our health ids in `Patient.identifier`.
pub const SYSTEM: &str = "urn:uuid:7b1c3f0a-52d4-4c39-9d0e-3f6f1a8e2c55";

/// How many items are read at once.
const PAGE: usize = 500;

/// A health id that came from another node, or that an account left behind.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Moved {
    pub(crate) digits: String,
    /// Empty while it is only reserved for somebody who is being registered.
    pub(crate) patient: String,
    pub(crate) node: String,
    /// What else was given out with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) registration: Option<Registration>,
}

/// What a registration gave out beside the health id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) record_number: String,
    /// A hash of what was typed: the same form sent with something else is another person.
    pub(crate) typed: String,
}

pub(crate) fn of_digits(digits: &str) -> String {
    format!("health-id:{digits}")
}

pub(crate) fn of_chart(patient: &str) -> String {
    format!("chart:{patient}")
}

impl Identifier {
    fn health_id(&self) -> Option<&str> {
        match self {
            Identifier::HealthId(digits) => Some(digits),
            _ => None,
        }
    }
}

fn own(account: &Account) -> Option<&str> {
    account.identifiers.iter().find_map(Identifier::health_id)
}

impl Login {
    /// Every patient's health id that is known here: digits, and the id of the Patient.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn health_ids(&self, now: Timestamp) -> Result<BTreeMap<String, String>, Error> {
        let mut all = BTreeMap::new();
        self.each(Kind::HealthId, now, &mut |moved: Moved| {
            if !moved.patient.is_empty() {
                all.insert(moved.digits, moved.patient);
            }
        })?;
        self.each(Kind::Account, now, &mut |account: Account| {
            let chart = account.patient.as_ref().and_then(|patient| patient.patient.clone());
            if let (Some(digits), Some(chart)) = (own(&account), chart) {
                all.insert(digits.to_owned(), chart);
            }
        })?;
        Ok(all)
    }

    fn each<T: serde::de::DeserializeOwned>(
        &self,
        kind: Kind,
        now: Timestamp,
        take: &mut dyn FnMut(T),
    ) -> Result<(), Error> {
        let mut after = Vec::new();
        loop {
            let (items, next) = self.store.items(kind, &after, PAGE, now)?;
            for item in items {
                take(read::<T>(item)?.value);
            }
            match next {
                Some(next) => after = next,
                None => return Ok(()),
            }
        }
    }

    /// Takes over a patient's health id from another node, which the entry of the log names. Doing it again is no error.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is no health id, there is no such patient within the act's reach, or one of the two belongs to
    /// another here.
    pub fn take_health_id(&self, act: &Act, digits: &str, patient: &str, node: &str) -> Result<(), Error> {
        let invalid = |text| Error::Invalid { field: "health_id", text };
        let is_one =
            digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_digit()) && Verhoeff::holds(digits);
        if !is_one {
            return Err(invalid("this is no health ID: its check digit does not hold"));
        }
        let row = self.row_within(act, patient)?.ok_or(invalid("there is no such patient here"))?;
        let elsewhere = "this health ID belongs to another patient here";
        let another = "this patient has another health ID here";
        if let Some(moved) = self.find::<Moved>(Kind::HealthId, &of_digits(digits), act.at)? {
            return if moved.value.patient == patient { Ok(()) } else { Err(invalid(elsewhere)) };
        }
        if self.find::<Moved>(Kind::HealthId, &of_chart(patient), act.at)?.is_some() {
            return Err(invalid(another));
        }
        let identifier = Identifier::HealthId(digits.to_owned());
        let holder: Option<Kept<Account>> = self.find(Kind::Account, &identifier.handle(), act.at)?;
        let owner = self.account_of_chart(patient, act.at)?;
        if holder.is_some_and(|holder| owner.as_ref().is_none_or(|owner| owner.id != holder.id)) {
            return Err(invalid(elsewhere));
        }
        let value = Moved {
            digits: digits.to_owned(),
            patient: patient.to_owned(),
            node: node.to_owned(),
            registration: None,
        };
        let kept = Kept::new(random::<16>()?.to_vec(), None, value);
        let mut changes = vec![kept.put(Kind::HealthId, vec![of_digits(digits), of_chart(patient)])?];
        if let Some(mut owner) = owner {
            match own(&owner.value) {
                Some(known) if known != digits => return Err(invalid(another)),
                Some(_) => {}
                None => {
                    owner.value.identifiers.push(identifier);
                    changes.push(owner.write()?);
                }
            }
        }
        let mut entry = Entry::new(act, "health id taken over", format!("from {node}"), Outcome::Done);
        entry.patients = vec![row];
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Taken) => Err(invalid(elsewhere)),
            outcome => Ok(outcome?),
        }
    }

    /// The health id that a patient brought along, for the account that is linked to them now.
    pub(crate) fn moved_health_id(&self, patient: &str, now: Timestamp) -> Result<Option<Identifier>, Error> {
        let moved = self.find::<Moved>(Kind::HealthId, &of_chart(patient), now)?;
        Ok(moved.map(|moved| Identifier::HealthId(moved.value.digits)))
    }

    /// Whether a health id came from elsewhere.
    pub(crate) fn is_moved(&self, identifier: &Identifier, now: Timestamp) -> Result<bool, Error> {
        let Some(digits) = identifier.health_id() else { return Ok(false) };
        Ok(self.find::<Moved>(Kind::HealthId, &of_digits(digits), now)?.is_some())
    }

    /// Takes the health id off an account that is the patient's no longer, and keeps it for the patient.
    pub(crate) fn leave_health_id(
        &self,
        account: &mut Account,
        patient: &str,
        now: Timestamp,
    ) -> Result<Vec<Change>, Error> {
        let Some(digits) = own(account).map(str::to_owned) else { return Ok(Vec::new()) };
        account.identifiers.retain(|identifier| identifier.health_id().is_none());
        if self.find::<Moved>(Kind::HealthId, &of_digits(&digits), now)?.is_some() {
            return Ok(Vec::new());
        }
        let handles = vec![of_digits(&digits), of_chart(patient)];
        let value = Moved { digits, patient: patient.to_owned(), node: String::new(), registration: None };
        Ok(vec![Kept::new(random::<16>()?.to_vec(), None, value).put(Kind::HealthId, handles)?])
    }
}
