//! From somebody who is signed in to somebody who acts.

use crate::{Login, error::Error, realm::Realm, session::Who, visit::Visit};
use access::act::{Act, Actor};

impl Login {
    /// Who acts under a session's token in that realm; `None` where it is not good for it.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn act(&self, realm: Realm, token: &str, visit: &Visit) -> Result<Option<Act>, Error> {
        let Some(who) = self.who(realm, token, visit)? else { return Ok(None) };
        self.act_of(&who, visit).map(Some)
    }

    /// The act of somebody who is signed in: in one role of this realm, the first that they have, and never with the powers of two
    /// at once. A role that was removed, or that is another realm's, allows nothing.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn act_of(&self, who: &Who, visit: &Visit) -> Result<Act, Error> {
        let name = match who.realm {
            Realm::Patient => Some("patient"),
            Realm::Clinic => who.staff.as_ref().and_then(|staff| staff.roles.first()).map(String::as_str),
            Realm::Admin => who.account.admin.as_ref().and_then(|a| a.roles.first()).map(String::as_str),
        };
        let role = name.map(|name| self.role(name, visit.now)).transpose()?.flatten();
        let role = role.filter(|role| role.realm == who.realm.of_roles());
        let patient = who.account.patient.as_ref().filter(|_| who.realm == Realm::Patient);
        let (people, organizations) = self.known_as(who, visit)?;
        let actor = Actor {
            id: who.account.id.clone(),
            name: who.account.name.clone(),
            role: name.unwrap_or_default().to_owned(),
            scopes: role.as_ref().map(|role| role.scopes.clone()).unwrap_or_default(),
            patient: patient.and_then(|patient| patient.patient.clone()),
            standing: role.as_ref().map(|role| role.standing(&people, &organizations)),
        };
        let purpose = role.map_or(who.realm.purpose(), |role| role.purpose);
        Ok(Act { actor, purpose, request: visit.request.clone(), at: visit.now })
    }

    /// As whom the record knows somebody where they signed in: themselves, and the organization.
    fn known_as(&self, who: &Who, visit: &Visit) -> Result<(Names, Names), Error> {
        let Some(staff) = &who.staff else { return Ok((Names::new(), Names::new())) };
        let person = staff.practitioner.iter().map(|id| ("Practitioner".to_owned(), id.clone()));
        let organization =
            self.facility(&staff.facility, visit.now)?.and_then(|kept| kept.value.organization);
        let organizations = organization.into_iter().map(|id| ("Organization".to_owned(), id));
        Ok((person.collect(), organizations.collect()))
    }
}

/// Type and id of resources.
type Names = Vec<(String, String)>;
