//! From somebody who is signed in to somebody who acts.

use crate::{Login, error::Error, realm::Realm, session::Who, visit::Visit};
use access::{
    act::{Act, Actor},
    scope::Scope,
};

impl Login {
    /// Who acts under a session's token in that realm; `None` where it is not good for it. What each role allows is asked of
    /// `roles`.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn act(
        &self,
        realm: Realm,
        token: &str,
        roles: &dyn Fn(&str) -> Vec<Scope>,
        visit: &Visit,
    ) -> Result<Option<Act>, Error> {
        Ok(self.who(realm, token, visit)?.map(|who| who.act(roles, visit)))
    }
}

impl Who {
    /// The act of somebody who is signed in: with the roles of this realm alone, never with those of another.
    pub fn act(&self, roles: &dyn Fn(&str) -> Vec<Scope>, visit: &Visit) -> Act {
        let (names, patient) = match self.realm {
            Realm::Patient => {
                let patient = self.account.patient.as_ref().and_then(|patient| patient.patient.clone());
                (vec!["patient".to_owned()], patient)
            }
            Realm::Clinic => (self.staff.as_ref().map(|staff| staff.roles.clone()).unwrap_or_default(), None),
            Realm::Admin => (self.account.admin.as_ref().map(|a| a.roles.clone()).unwrap_or_default(), None),
        };
        let actor = Actor {
            id: self.account.id.clone(),
            name: self.account.name.clone(),
            role: names.join(" "),
            scopes: names.iter().flat_map(|name| roles(name)).collect(),
            patient,
        };
        Act { actor, purpose: self.realm.purpose(), request: visit.request.clone(), at: visit.now }
    }
}
