//! Somebody of the staff who acts through an app in what is no record: who looks a patient up, or asks for access.

use super::bearer::Holder;
use crate::{Login, act::Roles, error::Error, realm::Realm, session::Who, visit::Visit};
use access::scope::{Context, Permission};

impl Login {
    /// The person behind an app's token, where they let it see patients for them: a `user/` scope that reads Patient, within what their
    /// role allows now. They are named with the app, and can prove nothing: what needs a fresh second factor is refused to them.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn who_by_app(&self, token: &str, roles: Roles<'_>, visit: &Visit) -> Result<Option<Who>, Error> {
        let Some(holder) = self.bearer(token, visit.now)? else { return Ok(None) };
        let actor = holder.actor(roles);
        let sees = actor
            .scopes
            .iter()
            .any(|scope| scope.context == Context::User && scope.covers("Patient", Permission::Read));
        let Holder { person: Some(person), .. } = holder else { return Ok(None) };
        let Some(kept) = self.account(&person.account.id, visit.now)? else { return Ok(None) };
        let mut account = person.account;
        account.name = actor.name;
        let (realm, staff) = (person.realm, person.staff);
        let who = Who { account, realm, staff, proven: None, form_token: String::new(), kept, session: None };
        Ok(Some(who).filter(|who| sees && who.realm == Realm::Clinic))
    }
}
