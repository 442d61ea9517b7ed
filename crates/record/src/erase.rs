//! Erasing a patient: what is theirs can never be read again, in any copy. FHIR R4 has no operation for it.

use crate::{Record, error::Error};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    decide::Wish,
    grant::Grant,
    scope::Permission,
};
use fhir::outcome::{Issue, IssueCode};
use store::erase::Root;

/// What the operation is called in the audit log.
const ERASE: &str = "erase";

impl Record {
    /// Destroys the key of everything that belongs to a patient, takes it out of the index, and signs that, with the reason.
    ///
    /// Whoever does it must be able to delete everything. It can be done again, and finishes what a crash interrupted.
    ///
    /// # Errors
    /// [`Error::Refused`]; [`Error::NotFound`] where nothing was ever stored for such a patient; [`Error::Invalid`] without a reason;
    /// [`Error::Conflict`] beside a running server, whose the keyring is.
    pub fn erase(&self, act: &Act, patient: &str, reason: &str, root: &mut Root) -> Result<(), Error> {
        if reason.trim().is_empty() {
            let what = "an erasure needs a reason: it is sealed in the audit log";
            return Err(Error::Invalid(vec![Issue::error(IssueCode::Required, what)]));
        }
        let grant = self.may_erase(act)?;
        let owner = self.store.owner(&grant, patient)?.ok_or(Error::NotFound)?;
        self.store.destroy_key(&grant, owner, root)?;
        let entry =
            Entry { reason: Some(reason.to_owned()), ..Entry::new(act, ERASE, "Patient", Outcome::Done) };
        Ok(self.store.forget(&grant, owner, entry)?)
    }

    /// A grant that reaches every type of everybody, for deleting.
    fn may_erase(&self, act: &Act) -> Result<Grant, Error> {
        let wish = Wish { permission: Permission::Delete, resource_type: None };
        let grant = self.grant(act, wish).ok();
        match grant.filter(Grant::is_whole) {
            Some(grant) => Ok(grant),
            None => {
                self.refuse(act, ERASE, "Patient")?;
                Err(Error::Refused)
            }
        }
    }
}
