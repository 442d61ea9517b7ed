//! What a file says that a house should be, held against what it is: so that saying it twice does it once. Whoever hands in such a file is at
//! the command line.

use crate::{
    Login,
    account::{Account, checked_name},
    error::Error,
    identifier::{Identifier, Rules},
    invitation::{Invitation, Invite},
    kept::{Kept, read},
    realm::Realm,
    roster::By,
    setup::ADMINISTRATOR,
    visit::Visit,
};
use access::act::Act;
use store::items::Kind;
use vault::token::Token;

/// How many items are read at once.
const PAGE: usize = 500;

/// Somebody whom a file names.
#[derive(Clone, Copy)]
pub struct Named<'n> {
    /// Their name.
    pub name: &'n str,
    /// Their e-mail address or phone number.
    pub contact: &'n str,
    /// Their role.
    pub role: &'n str,
    /// The facility's id, for staff; `None` for whoever runs the house.
    pub facility: Option<&'n str>,
}

/// Whether somebody is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody of that address, or not as what the file says.
    Missing,
    /// They are invited, and have not come yet.
    Invited,
    /// They are there.
    There,
}

impl Named<'_> {
    /// Whether name and address are some that can be kept.
    ///
    /// ```
    /// use login::{blueprint::Named, identifier::Rules};
    /// let nila = Named { name: "Nila Das", contact: "nila@example.org", role: "nurse", facility: None };
    /// assert!(nila.check(&Rules::default()).is_ok());
    /// assert!(Named { contact: "nila", ..nila }.check(&Rules::default()).is_err());
    /// ```
    ///
    /// # Errors
    /// What to mend.
    pub fn check(&self, rules: &Rules) -> Result<(), Error> {
        checked_name(self.name)?;
        let text = "enter an e-mail address such as name@example.org, or a phone number";
        Identifier::contact(self.contact, rules).map(drop).ok_or(Error::Invalid { field: "email", text })
    }

    /// Whether what is said of somebody is what the file says.
    fn fits(&self, roles: &[String], facility: &str) -> bool {
        roles.iter().any(|role| role == self.role) && self.facility.is_none_or(|id| id == facility)
    }

    fn is(&self, account: &Account) -> bool {
        match self.facility {
            None => account.admin.as_ref().is_some_and(|admin| self.fits(&admin.roles, "")),
            Some(_) => account.clinic.iter().any(|staff| self.fits(&staff.roles, &staff.facility)),
        }
    }
}

impl Login {
    /// Whether somebody is there as what a file says. Whoever was suspended is there: a file lets nobody in again.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn standing(&self, named: Named<'_>, visit: &Visit) -> Result<Standing, Error> {
        let Some(contact) = Identifier::contact(named.contact, &self.settings.identifiers) else {
            return Ok(Standing::Missing);
        };
        let account: Option<Kept<Account>> = self.find(Kind::Account, &contact.handle(), visit.now)?;
        if account.is_some_and(|kept| named.is(&kept.value)) {
            return Ok(Standing::There);
        }
        let mut after = Vec::new();
        loop {
            let (items, next) = self.store.items(Kind::Invitation, &after, PAGE, visit.now)?;
            for item in items {
                let invited = read::<Invitation>(item)?.value;
                let staff = &invited.staff;
                let fits = named.fits(&staff.roles, &staff.facility);
                let realm = if named.facility.is_some() { Realm::Clinic } else { Realm::Admin };
                if fits && invited.realm == realm && *invited.identifier() == contact {
                    return Ok(Standing::Invited);
                }
            }
            match next {
                Some(next) => after = next,
                None => return Ok(Standing::Missing),
            }
        }
    }

    /// Invites the administrator of a house that has none. By opening the link and choosing a password they set the house up.
    ///
    /// # Errors
    /// [`Error::Ended`] where there is an administrator; [`Error::Invalid`].
    pub fn invite_first(&self, act: &Act, named: Named<'_>, visit: &Visit) -> Result<Token, Error> {
        if self.is_set_up(visit.now)? {
            return Err(Error::Ended);
        }
        let facilities = self.facilities(visit.now)?;
        let facility = facilities.iter().find(|facility| facility.open).map(|facility| facility.id.as_str());
        let invite = Invite {
            facility: facility.unwrap_or_default(),
            name: named.name,
            email: named.contact,
            roles: vec![ADMINISTRATOR.to_owned()],
            practitioner: None,
        };
        let known = self.practitioners(visit.now)?;
        let prepared = self.prepared(&invite, None, &known, visit)?;
        let mut entry = By::Operator(act).entry("invitation", visit);
        entry.shape = prepared.as_whom();
        self.store.change_items(vec![prepared.kept.put(Kind::Invitation, Vec::new())?], Some(entry))?;
        Ok(prepared.token)
    }
}
