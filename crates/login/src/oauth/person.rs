//! Somebody of the staff who acts through an app in what is no record: who looks a patient up, or asks for access.

use super::bearer::Holder;
use crate::{
    Login, act::Roles, error::Error, factor::Proof, realm::Realm, session::Who, throttle::Counters,
    visit::Visit,
};
use access::{
    audit::Outcome,
    scope::{Context, Permission},
};
use jiff::Timestamp;

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

    /// As [`Login::break_glass`], for somebody who types a code of their authenticator app into the app that asks: an app proves nothing by
    /// itself, and one code proves this one request.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong code; else as [`Login::break_glass`].
    pub fn break_glass_by_app(
        &self,
        who: &Who,
        patient: &str,
        (reason, code): (&str, &str),
        visit: &Visit,
    ) -> Result<Timestamp, Error> {
        let counters = Counters::of(&who.account.id, visit);
        self.count_try(&counters, visit.now)?;
        let mut account = who.kept.clone();
        let is_proven = self.proves(&mut account.value, None, &Proof::Totp(code.to_owned()), visit);
        let outcome = if is_proven { Outcome::Done } else { Outcome::Refused };
        let entry = visit.entry(who.realm, Some(&account.value), "step-up", outcome);
        if !is_proven {
            self.store.witness(entry)?;
            return Err(Error::Denied);
        }
        self.store.change_items(vec![account.write()?], Some(entry))?;
        self.forgive(&counters, 1, visit.now)?;
        let proven = Who { proven: Some(visit.now), ..who.clone() };
        self.break_glass(&proven, patient, reason, visit)
    }
}
