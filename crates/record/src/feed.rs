//! That something has changed: what open pages and those who follow changes wait for.

use crate::{Record, error::Error};
use access::{act::Act, grant::Grant, scope::Permission};
use std::{collections::HashSet, time::Duration};
use store::{
    Store,
    feed::{Kind, Of},
    keys::Key,
};

/// By what the feed says what changed: the blind name of a patient, or a type. Whoever knows the patient's id can make the first; from it
/// nobody learns an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark(Subject);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Patient(Key),
    Type(Kind),
}

/// How many changes are gone through for one listener. Who is further behind is told to look.
const FAR: i64 = 2_000;

/// What somebody hears of a record. It tells that there is something new to look at and nothing else, so the look that follows is what is
/// signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Whether something changed that they may see; also where they are too far behind to tell.
    pub is_news: bool,
    /// Up to which change that holds.
    pub until: i64,
}

impl Record {
    /// The mark of a patient's record.
    pub fn mark(&self, patient: &str) -> Mark {
        Mark(Subject::Patient(self.store.patient_key(patient)))
    }

    /// The mark of all resources of a type.
    pub fn mark_of_type(resource_type: &str) -> Mark {
        Mark(Subject::Type(Store::kind(resource_type)))
    }

    /// Whose records, and what types, changed after one change and not after another.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn changed(&self, after: i64, until: i64) -> Result<HashSet<Mark>, Error> {
        let patients = self.store.changed_patients(after, until)?.into_iter().map(Subject::Patient);
        let kinds = self.store.changed_kinds(after, until)?.into_iter().map(Subject::Type);
        Ok(patients.chain(kinds).map(Mark).collect())
    }

    /// The number of the newest change, of this process or of another.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn newest_seq(&self) -> Result<i64, Error> {
        Ok(self.store.newest_seq()?)
    }

    /// Waits until this process has made a change after `seq`, no longer than `patience`.
    pub fn wait_for_change(&self, seq: i64, patience: Duration) {
        self.store.wait_for_change(seq, patience);
    }

    /// Whether a patient's record changed after `after`, as far as the actor may see it.
    ///
    /// # Errors
    /// [`Error::Refused`] for whom no record is open, which is signed; [`Error::NotFound`] where this one is not.
    pub fn news(&self, act: &Act, patient: &str, after: i64) -> Result<Heard, Error> {
        let grant = self.decide(act, "listen", Permission::Search, Some("Patient"), "Patient")?;
        if self.store.read_many(&grant, &[("Patient", patient)])?.peek().is_empty() {
            return Err(Error::NotFound);
        }
        self.heard(&grant, Of::Patient(patient), after)
    }

    /// Whether something of a type changed after `after`, as far as the actor may see it.
    ///
    /// # Errors
    /// [`Error::Refused`] for whom nothing of that type is open, which is signed.
    pub fn news_of_type(&self, act: &Act, resource_type: &str, after: i64) -> Result<Heard, Error> {
        let grant = self.decide(act, "listen", Permission::Search, Some(resource_type), resource_type)?;
        self.heard(&grant, Of::Type(resource_type), after)
    }

    fn heard(&self, grant: &Grant, of: Of<'_>, after: i64) -> Result<Heard, Error> {
        let until = self.store.newest_seq()?;
        let is_far = until.saturating_sub(after) > FAR;
        let is_news = is_far || *self.store.has_changed(grant, of, after, until)?.peek();
        Ok(Heard { is_news, until })
    }
}
