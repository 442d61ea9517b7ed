//! Which chart a patient's account is linked to. Until somebody has matched and verified who the person is, to none.

use crate::{Login, account::Status, error::Error, realm::Realm, session::Who, visit::Visit};
use access::audit::Outcome;

impl Login {
    /// Links a patient's account to a chart. Whoever calls this has asked `access` whether they may, and has seen who the person
    /// is. Administrators cannot: an account of their own with a chart of somebody else's would be a way into it. Nobody links
    /// their own account, and a link is not changed, so that no chart passes from one person to another.
    ///
    /// # Errors
    /// [`Error::Refused`] for all of that, which is signed; [`Error::Ended`] where there is no such patient's account.
    pub fn link(&self, who: &Who, account: &str, patient: &str, visit: &Visit) -> Result<(), Error> {
        let mut kept = self.account(account, visit.now)?.ok_or(Error::Ended)?;
        let own = kept.value.id == who.account.id;
        let active = kept.value.status == Status::Active;
        let identity = kept.value.patient.as_mut().filter(|_| active).ok_or(Error::Ended)?;
        let other = identity.patient.as_deref().is_some_and(|linked| linked != patient);
        let refused = own || other || who.realm != Realm::Clinic;
        let outcome = if refused { Outcome::Refused } else { Outcome::Done };
        let entry = visit.entry(who.realm, Some(&who.account), "account linked", outcome);
        if refused {
            self.store.witness(entry)?;
            return Err(Error::Refused);
        }
        identity.patient = Some(patient.to_owned());
        Ok(self.store.change_items(vec![kept.write()?], Some(entry))?)
    }
}
