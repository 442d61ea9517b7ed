//! Invitations that one person alone may not make: somebody who runs the system would have a way into charts with it.
//!
//! An invitation waits for a second person where it is for its own maker, and where it names a Practitioner as whom somebody else signs
//! in already. Until then its link does not open. The second person is another administrator, or somebody who registers patients
//! at that facility; never its maker, and never the one whom it is for.

use crate::{
    Login,
    account::{Account, StaffIdentity},
    error::Error,
    identifier::Identifier,
    invitation::Invitation,
    kept::{Kept, hex, read, unhex},
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::{
    audit::Outcome,
    decide::{Wish, decide},
    scope::Permission,
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use store::{error::Error as StoreError, items::Kind};

/// How many items are read at once.
const PAGE: usize = 500;

/// The accounts that sign in as each Practitioner.
pub(crate) type Practitioners = BTreeMap<String, BTreeSet<String>>;

impl Login {
    /// Who signs in as which Practitioner.
    pub(crate) fn practitioners(&self, now: Timestamp) -> Result<Practitioners, Error> {
        let (mut all, mut after) = (Practitioners::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Account, &after, PAGE, now)?;
            for item in items {
                let account = read::<Account>(item)?.value;
                for practitioner in account.clinic.into_iter().filter_map(|staff| staff.practitioner) {
                    all.entry(practitioner).or_default().insert(account.id.clone());
                }
            }
            match next {
                Some(next) => after = next,
                None => return Ok(all),
            }
        }
    }

    /// Whether an invitation waits. `by` is whoever makes it, unless that is the command line.
    pub(crate) fn must_wait(
        &self,
        address: &Identifier,
        staff: &StaffIdentity,
        by: Option<&Account>,
        known: &Practitioners,
        visit: &Visit,
    ) -> Result<bool, Error> {
        let own = by.is_some_and(|by| by.identifiers.contains(address));
        let invited: Option<Kept<Account>> = self.find(Kind::Account, &address.handle(), visit.now)?;
        let invited = invited.map(|kept| kept.value.id);
        let holders = staff.practitioner.as_ref().and_then(|practitioner| known.get(practitioner));
        let somebody_else =
            holders.is_some_and(|all| all.iter().any(|holder| Some(holder) != invited.as_ref()));
        Ok(own || somebody_else)
    }

    /// Whether the invitation of that token waits for a second person.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn invitation_waits(&self, token: &str, visit: &Visit) -> Result<bool, Error> {
        match self.invitation(token, visit) {
            Err(Error::Unsupported(_)) => Ok(true),
            outcome => outcome.map(|_| false),
        }
    }

    /// Invitations that wait and that this person may confirm, each with the name by which that is done.
    ///
    /// # Errors
    /// [`Error::Refused`] for somebody who may confirm none.
    pub fn waiting_invitations(&self, who: &Who, visit: &Visit) -> Result<Vec<(String, Invitation)>, Error> {
        let facility = self.confirms(who, "invitations to confirm", visit)?;
        let (mut found, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Invitation, &after, PAGE, visit.now)?;
            for item in items {
                let kept: Kept<Invitation> = read(item)?;
                if may_confirm(who, facility.as_deref(), &kept.value) {
                    found.push((hex(&kept.id), kept.value));
                }
            }
            match next {
                Some(next) => after = next,
                None => return Ok(found),
            }
        }
    }

    /// Confirms an invitation, or withdraws it: its link opens from now on, or never.
    ///
    /// # Errors
    /// [`Error::Refused`] for somebody who may not; [`Error::Ended`] where it waits no longer; [`Error::StepUp`].
    pub fn answer_invitation(
        &self,
        who: &Who,
        id: &str,
        confirmed: bool,
        visit: &Visit,
    ) -> Result<(), Error> {
        let facility = self.confirms(who, "invitation confirmed", visit)?;
        who.require_step_up(crate::session::FRESH, visit.now)?;
        let found = unhex(id).map(|id| self.get(Kind::Invitation, &id, visit.now)).transpose()?.flatten();
        let mut kept: Kept<Invitation> =
            found.filter(|kept: &Kept<Invitation>| kept.value.waits).ok_or(Error::Ended)?;
        if !may_confirm(who, facility.as_deref(), &kept.value) {
            let entry = visit.entry(who.realm, Some(&who.account), "invitation confirmed", Outcome::Refused);
            self.store.witness(entry)?;
            return Err(Error::Refused);
        }
        kept.value.waits = false;
        let (change, operation) = match confirmed {
            true => (kept.put(Kind::Invitation, Vec::new())?, "invitation confirmed"),
            false => (kept.remove(Kind::Invitation), "invitation withdrawn"),
        };
        let mut entry = visit.entry(who.realm, Some(&who.account), operation, Outcome::Done);
        let staff = &kept.value.staff;
        let practitioner = staff.practitioner.as_deref().unwrap_or("-");
        entry.shape =
            format!("{} at {} as Practitioner/{practitioner}", staff.roles.join(", "), staff.facility);
        match self.store.change_items(vec![change], Some(entry)) {
            Err(StoreError::Stale) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }

    /// Whether somebody confirms invitations at all: of one facility, or as an administrator of all. A refusal is signed.
    fn confirms(&self, who: &Who, operation: &str, visit: &Visit) -> Result<Option<String>, Error> {
        if who.realm == Realm::Admin && who.account.admin.is_some() {
            return Ok(None);
        }
        let act = self.act_of(who, visit)?;
        let wish = Wish { permission: Permission::Create, resource_type: Some("Patient") };
        match &who.staff {
            Some(staff) if who.realm == Realm::Clinic && decide(&act, wish).is_ok() => {
                Ok(Some(staff.facility.clone()))
            }
            _ => {
                self.refuse_act(&act, operation)?;
                Err(Error::Refused)
            }
        }
    }
}

fn may_confirm(who: &Who, facility: Option<&str>, invitation: &Invitation) -> bool {
    let here = facility.is_none_or(|facility| facility == invitation.staff.facility);
    let concerned =
        invitation.by == who.account.id || who.account.identifiers.contains(invitation.identifier());
    invitation.waits && here && !concerned
}
