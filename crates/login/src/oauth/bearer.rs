//! From an app's access token to somebody who acts. All of it is asked at each request: the token, the connection that it hangs
//! on, the app, the person, their place of work. So whatever ends ends at the next request, on every node.

use super::{
    client::Client,
    connection::Connection,
    token::AccessToken,
    wanted::{Wanted, narrowed},
};
use crate::{
    Login,
    account::{Account, StaffIdentity, Status},
    act::Roles,
    error::Error,
    kept::{Kept, token_id},
    realm::Realm,
};
use access::{
    act::{Actor, Glass, Standing},
    directory,
    role::Role,
    scope::{Context, Permission, Scope},
};
use jiff::Timestamp;
use store::items::Kind;

/// Type and id of resources.
type Names = Vec<(String, String)>;

/// The person behind a connection, as they are now.
#[derive(Clone)]
pub struct Person {
    /// Who.
    pub account: Account,
    /// In which realm they let the app in.
    pub realm: Realm,
    /// What they are in the facility where they did; staff only.
    pub staff: Option<StaffIdentity>,
    /// The Organization of that facility.
    pub organization: Option<String>,
}

/// Who comes with an access token.
#[derive(Clone)]
pub struct Holder {
    /// The app.
    pub client: Client,
    /// The person behind it; none for a backend client.
    pub person: Option<Person>,
    /// What was allowed.
    pub scopes: Vec<Scope>,
    /// The patient whose chart it is about.
    pub patient: Option<String>,
    /// The glass of that chart, where the person broke it and it has not ended.
    pub glass: Option<Glass>,
    /// All scopes, as the app was told.
    pub scope: String,
    /// Until when the token is good.
    pub until: Option<Timestamp>,
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "app {}, sealed", self.client.id)
    }
}

/// The role in which somebody acts in a realm: the first that they have there, never two at once.
pub(crate) fn role_name(account: &Account, realm: Realm, staff: Option<&StaffIdentity>) -> Option<String> {
    match realm {
        Realm::Patient => Some("patient".to_owned()),
        Realm::Clinic => staff.and_then(|staff| staff.roles.first().cloned()),
        Realm::Admin => account.admin.as_ref().and_then(|admin| admin.roles.first().cloned()),
    }
}

impl Person {
    /// The name of the role in which they act.
    pub fn role(&self) -> Option<String> {
        role_name(&self.account, self.realm, self.staff.as_ref())
    }

    fn standing(&self, role: &Role) -> Standing {
        let (people, organizations) = self.names();
        role.standing(&people, &organizations)
    }

    /// As whom records know them: themselves, and the organization.
    pub(crate) fn names(&self) -> (Names, Names) {
        let named = |kind: &str, id: &Option<String>| -> Names {
            id.iter().map(|id| (kind.to_owned(), id.clone())).collect()
        };
        let practitioner = self.staff.as_ref().and_then(|staff| staff.practitioner.clone());
        (named("Practitioner", &practitioner), named("Organization", &self.organization))
    }

    /// A patient's `user/` scopes are about their own chart, whether the app asked which one it is or not.
    fn own_chart(&self) -> Option<String> {
        let own = self.account.patient.as_ref().filter(|_| self.realm == Realm::Patient);
        own.and_then(|identity| identity.patient.clone())
    }

    /// Their own resource, as a reference: `Patient/a`.
    pub fn fhir_user(&self) -> Option<String> {
        match self.realm {
            Realm::Patient => {
                self.account.patient.as_ref()?.patient.as_ref().map(|id| format!("Patient/{id}"))
            }
            _ => self.staff.as_ref()?.practitioner.as_ref().map(|id| format!("Practitioner/{id}")),
        }
    }
}

impl Holder {
    /// Who acts: never more than the app was allowed, and never more than the person's roles allow now.
    pub fn actor(&self, roles: Roles<'_>) -> Actor {
        let Some(person) = &self.person else {
            let scopes =
                self.scopes.iter().filter(|scope| scope.context == Context::System).cloned().collect();
            let (id, name) = (self.client.id.clone(), self.client.name.clone());
            return Actor { id, name, role: "system".into(), scopes, patient: None, standing: None };
        };
        let name = person.role();
        let role = name.as_deref().and_then(roles).filter(|role| role.realm == person.realm.of_roles());
        let held = role.as_ref().map(|role| role.scopes.clone()).unwrap_or_default();
        let mut scopes = narrowed(&self.scopes, &held);
        scopes.retain(|scope| scope.context != Context::System);
        if self.glass.is_some() {
            scopes = about_one(scopes);
        }
        let standing = role.as_ref().map(|role| person.standing(role));
        Actor {
            id: person.account.id.clone(),
            name: format!("{} by {}", person.account.name, self.client.name),
            role: name.unwrap_or_default(),
            scopes,
            patient: self.patient.clone().or_else(|| person.own_chart()),
            standing: standing.map(|standing| Standing { glass: self.glass.clone(), ..standing }),
        }
    }
}

/// In an emergency an app sees the one patient whom it is about, and the directory: what its `user/` scopes reach of others it reaches
/// again when the emergency is over.
fn about_one(scopes: Vec<Scope>) -> Vec<Scope> {
    let one = |scope: Scope| -> Vec<Scope> {
        if scope.context != Context::User {
            return vec![scope];
        }
        let covers =
            |kind: &str| [Permission::Read, Permission::Search].iter().any(|p| scope.covers(kind, *p));
        let of_type = |kind: &&str| {
            let mut one = scope.clone();
            one.resource_type = Some((*kind).to_owned());
            one
        };
        let directory = directory::TYPES.iter().filter(|kind| covers(kind)).map(of_type);
        let mut own = scope.clone();
        own.context = Context::Patient;
        directory.chain([own]).collect()
    };
    scopes.into_iter().flat_map(one).collect()
}

impl Login {
    /// Who comes with that access token; `None` where it is unknown, has ended, or anything that it rests on has.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn bearer(&self, token: &str, now: Timestamp) -> Result<Option<Holder>, Error> {
        let Some(id) = token_id(token) else { return Ok(None) };
        let Some(kept) = self.get::<AccessToken>(Kind::AccessToken, &id, now)? else { return Ok(None) };
        let Some(client) = self.approved(&kept.value.client, now)? else { return Ok(None) };
        let scope = kept.value.scope;
        let scopes = Wanted::parse(&scope).unwrap_or_default().records;
        // What an app is registered for may have been narrowed since.
        let scopes = narrowed(&scopes, &client.most().records);
        let until = kept.expires;
        let Some(id) = kept.value.connection else {
            let holder = Holder { client, person: None, scopes, patient: None, glass: None, scope, until };
            return Ok(Some(holder).filter(|holder| holder.client.backend));
        };
        let Some(connection) = self.connection(&id, now)? else { return Ok(None) };
        let Some(person) = self.person(&connection.value, now)? else { return Ok(None) };
        let patient = connection.value.patient;
        let glass = match &patient {
            Some(patient) if person.realm == Realm::Clinic => {
                let facility = person.staff.as_ref().map(|staff| staff.facility.as_str());
                self.broken_by(&person.account.id, facility, patient, now)?.map(|kept| kept.value.glass())
            }
            _ => None,
        };
        Ok(Some(Holder { client, person: Some(person), scopes, patient, glass, scope, until }))
    }

    /// The person behind a connection, where they could still sign in there, and are still signed in where that matters.
    pub(crate) fn person(&self, connection: &Connection, now: Timestamp) -> Result<Option<Person>, Error> {
        let Some(Kept { value: account, .. }) = self.account(&connection.account, now)? else {
            return Ok(None);
        };
        let realm = connection.realm;
        let staff = account
            .clinic
            .iter()
            .find(|staff| Some(&staff.facility) == connection.facility.as_ref())
            .cloned();
        let is_there = match realm {
            // A patient's app is about the chart that they are linked to, and about no other.
            Realm::Patient => account
                .patient
                .as_ref()
                .is_some_and(|own| connection.patient.is_none() || connection.patient == own.patient),
            Realm::Clinic => staff.as_ref().is_some_and(|staff| self.is_open(&staff.facility, now)),
            Realm::Admin => false,
        };
        let signed_in = match &connection.session {
            Some(session) => self.is_alive(session, &account, now)?,
            None => true,
        };
        let holds = is_there && signed_in && account.status == Status::Active;
        let facility = staff.as_ref().map(|staff| self.facility(&staff.facility, now)).transpose()?.flatten();
        let organization = facility.and_then(|kept| kept.value.organization);
        Ok(holds.then_some(Person { account, realm, staff, organization }))
    }
}
