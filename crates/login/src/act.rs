//! From somebody who is signed in to somebody who acts.

use crate::{Login, error::Error, realm::Realm, session::Who, visit::Visit};
use access::{
    act::{Act, Actor, Glass, Purpose},
    role::Role,
};

/// The role of a name: a built-in one, or one that an administrator made.
pub type Roles<'a> = &'a dyn Fn(&str) -> Option<Role>;

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
        Ok(Act { actor, purpose, request: visit.request.clone(), at: visit.now, looks: true })
    }

    /// The act of somebody who is signed in, about one patient: where they broke the glass of that record, it is an emergency.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn act_about(&self, who: &Who, patient: &str, visit: &Visit) -> Result<Act, Error> {
        let mut act = self.act_of(who, visit)?;
        if let Some(glass) = self.glass_for(who, patient, visit)? {
            shatter(&mut act, glass);
        }
        Ok(act)
    }

    /// The act under which somebody opens that chart: their own, that of whom they act for, or one in their care. A stranger's act finds
    /// nothing there.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn act_on_chart(&self, who: &Who, patient: &str, visit: &Visit) -> Result<Act, Error> {
        let own = who.account.patient.as_ref().and_then(|own| own.patient.as_deref());
        match self.act_for(who, patient, visit)?.filter(|_| own != Some(patient)) {
            Some(act) => Ok(act),
            None => self.act_about(who, patient, visit),
        }
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

/// Lets an act pass through a broken glass, and says that it does.
pub(crate) fn shatter(act: &mut Act, glass: Glass) {
    if let Some(standing) = &mut act.actor.standing {
        standing.glass = Some(glass);
        act.purpose = Purpose::Etreat;
    }
}

/// Whether an act is that of somebody who treats patients, and not of who books, runs or studies.
pub(crate) fn treats(act: &Act, who: &Who) -> bool {
    let by_tie = act.actor.standing.as_ref().is_some_and(|standing| standing.by_tie);
    who.realm == Realm::Clinic && by_tie && act.purpose == Purpose::Treat
}

/// Type and id of resources.
type Names = Vec<(String, String)>;
