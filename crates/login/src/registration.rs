//! The numbers that a patient gets at registration: a health id for life, and a record number. They are reserved before the Patient is
//! stored and tied to it after, under the key of the form that was filled in: however often it is sent, it is one patient with one of each.

use crate::{
    Login,
    account::Account,
    error::Error,
    health_ids::{Moved, Registration, of_chart, of_digits},
    identifier::{Identifier, health_id},
    kept::{Kept, hex, sha256},
    random,
    session::Who,
    visit::Visit,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
};
use jiff::SignedDuration;
use std::sync::PoisonError;
use store::{error::Error as StoreError, items::Kind};

/// The `system` of our record numbers in `Patient.identifier`.
pub const RECORD_NUMBERS: &str = "urn:uuid:1666e696-7011-4f9c-9977-1609097ecd77";

/// How long numbers wait for the Patient that they were reserved for.
const RESERVED: SignedDuration = SignedDuration::from_hours(24);

/// How often other digits are tried where somebody has them: twice is unheard of.
const TRIES: usize = 8;

/// The numbers of somebody who is being registered, or was.
#[derive(Clone)]
pub struct Numbers {
    kept: Kept<Moved>,
    record_number: String,
    key: String,
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Numbers {
    /// The health id as people read it: `KW 1234-5678-9012-3456`.
    pub fn health_id(&self) -> String {
        health_id::grouped(&self.kept.value.digits)
    }

    /// The record number: nine digits, the last of them a check digit.
    pub fn record_number(&self) -> &str {
        &self.record_number
    }

    /// The patient whose they are, once stored.
    pub fn patient(&self) -> Option<&str> {
        Some(self.kept.value.patient.as_str()).filter(|patient| !patient.is_empty())
    }
}

fn of_form(act: &Act, key: &str) -> String {
    format!("registration:{}:{key}", act.actor.id)
}

fn of_record_number(number: &str) -> String {
    format!("record-number:{number}")
}

impl Login {
    /// Registrations one after the other: a form that is sent twice at once finds, the second time, what became of the first.
    pub fn one_by_one<T>(&self, work: impl FnOnce() -> T) -> T {
        let _turn = self.registering.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    }

    /// The Organization of the facility where somebody works, with which they register patients.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn organization_of(&self, who: &Who, visit: &Visit) -> Result<Option<String>, Error> {
        let Some(staff) = &who.staff else { return Ok(None) };
        Ok(self.facility(&staff.facility, visit.now)?.and_then(|kept| kept.value.organization))
    }

    /// The numbers that this form was given before; `typed` is everything that stood in it.
    ///
    /// # Errors
    /// [`Error::Invalid`] where somebody else was registered by the same form.
    pub fn numbers_of(&self, act: &Act, key: &str, typed: &str) -> Result<Option<Numbers>, Error> {
        let found: Option<Kept<Moved>> = self.find(Kind::HealthId, &of_form(act, key), act.at)?;
        let Some(kept) = found else { return Ok(None) };
        let Some(registration) = kept.value.registration.clone() else { return Ok(None) };
        if registration.typed != hex(&sha256(&[typed.as_bytes()])) {
            let text = "somebody was registered by this form already; check below and send it again for another patient";
            return Err(Error::Invalid { field: "key", text });
        }
        Ok(Some(Numbers { kept, record_number: registration.record_number, key: key.to_owned() }))
    }

    /// Reserves numbers for whoever is registered by that form; those that it has, if any.
    ///
    /// # Errors
    /// As [`Login::numbers_of`]; where the store fails.
    pub fn reserve_numbers(&self, act: &Act, key: &str, typed: &str) -> Result<Numbers, Error> {
        for _ in 0..TRIES {
            if let Some(numbers) = self.numbers_of(act, key, typed)? {
                return Ok(numbers);
            }
            let digits = health_id::make(random()?);
            let record_number = health_id::make_record_number(random()?);
            let identifier = Identifier::HealthId(digits.clone());
            if self.find::<Account>(Kind::Account, &identifier.handle(), act.at)?.is_some() {
                continue;
            }
            let handles = vec![of_digits(&digits), of_record_number(&record_number), of_form(act, key)];
            let registration = Registration { record_number, typed: hex(&sha256(&[typed.as_bytes()])) };
            let value = Moved {
                digits,
                patient: String::new(),
                node: String::new(),
                registration: Some(registration),
            };
            let ends = act.at.saturating_add(RESERVED).ok();
            let kept = Kept::new(random::<16>()?.to_vec(), ends, value);
            let entry = Entry::new(act, "numbers reserved", "Patient", Outcome::Done);
            match self.store.change_items(vec![kept.put(Kind::HealthId, handles)?], Some(entry)) {
                // Somebody has the digits, or the same form was sent twice at once: the next round tells.
                Ok(()) | Err(StoreError::Taken) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy("no free number was found; try again".into()))
    }

    /// Ties reserved numbers to the Patient that has them now, for good. Doing it again is no error.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn give_numbers(&self, act: &Act, numbers: &Numbers, patient: &str) -> Result<(), Error> {
        if numbers.patient() == Some(patient) {
            return Ok(());
        }
        let mut kept = numbers.kept.clone();
        kept.value.patient = patient.to_owned();
        kept.expires = None;
        let handles = vec![
            of_digits(&kept.value.digits),
            of_chart(patient),
            of_record_number(&numbers.record_number),
            of_form(act, &numbers.key),
        ];
        let mut entry = Entry::new(act, "health id issued", "Patient", Outcome::Done);
        entry.patients = self.row_of(act, patient)?.into_iter().collect();
        match self.store.change_items(vec![kept.put(Kind::HealthId, handles)?], Some(entry)) {
            // The same form, sent twice at once, was faster.
            Err(StoreError::Stale | StoreError::Taken) => Ok(()),
            outcome => Ok(outcome?),
        }
    }
}
