//! Keeping somebody out, and letting them in again.

use crate::{Login, account::Status, error::Error, realm::Realm, session::Who, visit::Visit};
use access::audit::Outcome;

impl Login {
    /// Suspends whoever signs in by that identifier, who is out at the next request, or lets them in again. Nobody suspends
    /// themselves: there would be nobody to undo it.
    ///
    /// # Errors
    /// [`Error::Refused`] unless an administrator asks, [`Error::StepUp`] unless they have just proven who they are,
    /// [`Error::Invalid`] where it is nobody, or the administrator.
    pub fn set_status(
        &self,
        who: &Who,
        identifier: &str,
        status: Status,
        visit: &Visit,
    ) -> Result<(), Error> {
        self.administers(who, visit)?;
        let nobody = Error::Invalid { field: "identifier", text: "nobody signs in by this" };
        let mut kept = self.account_of(identifier, visit.now)?.ok_or(nobody)?;
        if kept.value.id == who.account.id {
            return Err(Error::Invalid {
                field: "identifier",
                text: "this is you; ask another administrator",
            });
        }
        kept.value.status = status;
        kept.value.generation += 1;
        let operation = match status {
            Status::Active => "account opened",
            Status::Suspended => "account suspended",
        };
        let mut entry = visit.entry(Realm::Admin, Some(&who.account), operation, Outcome::Done);
        entry.shape = format!("account {}", kept.value.id);
        Ok(self.store.change_items(vec![kept.write()?], Some(entry))?)
    }
}
