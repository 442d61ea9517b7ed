//! Somebody as whom one looks in thought: for "what would Dr B see of this patient", on the roles and standing that they have now, or
//! with a role that is only being considered.

use crate::{
    Login,
    account::{Account, Status},
    act::shatter,
    error::Error,
    oauth::bearer::Person,
    realm::Realm,
};
use access::{
    act::{Act, Actor, Glass},
    role::{Realm as OfRoles, Relationship, Role, check},
};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Type and id of resources.
type Names = Vec<(String, String)>;

/// Who it is.
#[derive(Clone, Copy, Debug)]
pub enum Somebody<'a> {
    /// Whoever has that account.
    Account {
        /// The account's id.
        id: &'a str,
        /// Where they are on the staff; may be left out where that is one place.
        facility: Option<&'a str>,
    },
    /// Whoever has that role.
    Role {
        /// The role's name.
        name: &'a str,
        /// Type and id of what stands for them in records: a Practitioner, an Organization.
        known_as: &'a [(String, String)],
    },
}

/// Somebody as whom one looks in thought.
#[derive(Clone)]
pub struct StandIn {
    /// Their role; `None` where they are nobody any more, and see nothing.
    pub role: Option<Role>,
    actor: Actor,
    people: Names,
    organizations: Names,
    glass: Option<Glass>,
}

impl std::fmt::Debug for StandIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl StandIn {
    /// An act of theirs, in the request of `like`.
    pub fn act(&self, like: &Act) -> Act {
        let mut actor = self.actor.clone();
        let role = self.role.as_ref();
        actor.role = role.map(|role| role.name.clone()).unwrap_or_default();
        actor.scopes = role.map(|role| role.scopes.clone()).unwrap_or_default();
        actor.standing = role.map(|role| role.standing(&self.people, &self.organizations));
        let purpose = role.map_or(like.purpose, |role| role.purpose);
        let mut act = Act { actor, purpose, ..like.clone() };
        if let Some(glass) = &self.glass {
            shatter(&mut act, glass.clone());
        }
        act
    }

    /// The same person in a role that is only being considered.
    ///
    /// # Errors
    /// [`Error::Role`] for a role that could not be kept.
    pub fn in_role(&self, role: Role) -> Result<StandIn, Error> {
        check::powers(&role)?;
        Ok(StandIn { role: Some(role), ..self.clone() })
    }

    /// The same person in their own role, with these members of it changed: `scopes`, `relationship`, `labels`, `masks`, `purpose` …
    ///
    /// # Errors
    /// [`Error::Role`] for a role that could not be kept, [`Error::Invalid`] for what is none.
    pub fn with_changes(&self, changes: Map<String, Value>) -> Result<StandIn, Error> {
        let none =
            Error::Invalid { field: "as-if-role", text: "this person has no role that could be changed" };
        let role = self.role.as_ref().ok_or(none)?;
        let mut value = serde_json::to_value(role).map_err(|error| Error::Fault(Box::new(error)))?;
        if let Some(members) = value.as_object_mut() {
            members.extend(changes);
        }
        let text = "the role is not understood: scopes are like user/Observation.rs, and the other words are those of `keepwell role show`";
        let role = serde_json::from_value(value).map_err(|_| Error::Invalid { field: "as-if-role", text })?;
        self.in_role(role)
    }

    /// What the role of `other` would change, as the audit log says it; empty where nothing.
    pub fn changes_to(&self, other: &StandIn) -> String {
        other.role.as_ref().map(|role| check::changes(self.role.as_ref(), role)).unwrap_or_default()
    }
}

impl Login {
    /// Somebody, as they would act now about that patient.
    ///
    /// # Errors
    /// [`Error::Invalid`] where there is no such account or role, or too little is said.
    pub fn stand_in(&self, somebody: Somebody<'_>, patient: &str, now: Timestamp) -> Result<StandIn, Error> {
        match somebody {
            Somebody::Account { id, facility } => self.of_person(id, facility, patient, now),
            Somebody::Role { name, known_as } => self.of_role(name, known_as, patient, now),
        }
    }

    fn of_role(
        &self,
        name: &str,
        known_as: &[(String, String)],
        patient: &str,
        now: Timestamp,
    ) -> Result<StandIn, Error> {
        let none =
            Error::Invalid { field: "role", text: "there is no such role; `keepwell role list` shows all" };
        let role = self.role(name, now)?.ok_or(none)?;
        if role.relationship != Relationship::None && known_as.is_empty() {
            let text = "records know somebody in this role by who they are: name that, such as Practitioner/ID or Organization/ID";
            return Err(Error::Invalid { field: "known-as", text });
        }
        let (organizations, people) =
            known_as.iter().cloned().partition(|(kind, _): &(String, String)| kind == "Organization");
        let mut actor = nobody("somebody".to_owned(), "Somebody".to_owned());
        // In a role of patients and proxies: whoever has this patient's record as their own.
        actor.patient = (role.realm == OfRoles::Patient).then(|| patient.to_owned());
        Ok(StandIn { role: Some(role), actor, people, organizations, glass: None })
    }

    fn of_person(
        &self,
        id: &str,
        facility: Option<&str>,
        patient: &str,
        now: Timestamp,
    ) -> Result<StandIn, Error> {
        let none = Error::Invalid { field: "account", text: "there is no account of that id" };
        let account = self.account(id, now)?.ok_or(none)?.value;
        let staff = match facility {
            Some(facility) => account.clinic.iter().find(|staff| staff.facility == facility),
            None if account.clinic.len() > 1 => {
                let text = "this person is on the staff of several facilities: name one";
                return Err(Error::Invalid { field: "facility", text });
            }
            None => account.clinic.first(),
        };
        if facility.is_some() && staff.is_none() {
            let text = "this person is not on the staff of that facility";
            return Err(Error::Invalid { field: "facility", text });
        }
        let realm = match (&staff, &account.admin) {
            (Some(_), _) => Realm::Clinic,
            (None, Some(_)) => Realm::Admin,
            (None, None) => Realm::Patient,
        };
        let found = staff.map(|staff| self.facility(&staff.facility, now)).transpose()?.flatten();
        let is_there = account.status == Status::Active
            && staff.is_none_or(|_| found.as_ref().is_some_and(|kept| kept.value.open));
        let organization = found.and_then(|kept| kept.value.organization);
        let person = Person { staff: staff.cloned(), realm, organization, account };
        let role = match person.role().filter(|_| is_there) {
            Some(name) => self.role(&name, now)?.filter(|role| role.realm == realm.of_roles()),
            None => None,
        };
        let (people, organizations) = person.names();
        let facility = person.staff.as_ref().map(|staff| staff.facility.as_str());
        let glass = self.broken_by(id, facility, patient, now)?.map(|kept| kept.value.glass());
        let Account { id, name, patient, .. } = person.account;
        let mut actor = nobody(id, name);
        actor.patient = patient.filter(|_| realm == Realm::Patient).and_then(|own| own.patient);
        Ok(StandIn { role, actor, people, organizations, glass })
    }
}

fn nobody(id: String, name: String) -> Actor {
    Actor { id, name, role: String::new(), scopes: Vec::new(), patient: None, standing: None }
}
