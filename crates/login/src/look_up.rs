//! Finding a patient is not opening a chart: who may look somebody up, how often, and which chart a number belongs to.

use crate::{Login, error::Error, realm::Realm, session::Who, visit::Visit};
use access::{
    act::{Act, Actor},
    audit::{Entry, Outcome},
    decide::{Wish, decide},
    scope::Permission,
};
use jiff::SignedDuration;
use store::batch::Op;

/// Somebody may look a patient up, once.
pub struct LookUp {
    /// Their act.
    pub act: Act,
    /// The chart of the account that signs in by what was typed, if there is one.
    pub patient: Option<String>,
}

impl std::fmt::Debug for LookUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Login {
    /// Lets staff look up whom they know an identifier of, so many times a minute.
    ///
    /// # Errors
    /// [`Error::Refused`] for who has nothing to do with patients' care, [`Error::Throttled`] above the limit. Both are signed.
    pub fn look_up(&self, who: &Who, typed: &str, visit: &Visit) -> Result<LookUp, Error> {
        let act = self.act_of(who, visit)?;
        let by_tie = act.actor.standing.as_ref().is_some_and(|standing| standing.by_tie);
        if who.realm != Realm::Clinic || !by_tie {
            self.refuse_act(&act, "look-up")?;
            return Err(Error::Refused);
        }
        let name = format!("look-up:{}", who.account.id);
        let counted = self.count_use(&name, self.settings.look_ups, SignedDuration::from_mins(1), visit.now);
        if let Err(error) = counted {
            self.refuse_act(&act, "look-up throttled")?;
            return Err(error);
        }
        let account = self.account_of(typed, visit.now)?;
        let patient = account.and_then(|account| account.value.patient).and_then(|patient| patient.patient);
        Ok(LookUp { act, patient })
    }

    /// The row of a patient within an act's reach: for the audit entry of what is about to happen. Nothing is shown of it.
    pub(crate) fn row_within(&self, act: &Act, patient: &str) -> Result<Option<i64>, Error> {
        let wish = Wish { permission: Permission::Read, resource_type: Some("Patient") };
        let Ok(grant) = decide(act, wish) else { return Ok(None) };
        let found = self.store.read(&grant, "Patient", patient, None)?;
        let alive = found.peek().as_ref().filter(|stored| !stored.erased && stored.op != Op::Delete);
        Ok(alive.map(|stored| stored.owner))
    }

    /// The row of a patient, whoever asks: to ask for access to a record one has to name it, and its patient has to see who did.
    pub(crate) fn row_of(&self, act: &Act, patient: &str) -> Result<Option<i64>, Error> {
        let scopes = "system/Patient.r".parse().into_iter().collect();
        let actor = Actor { scopes, patient: None, standing: None, ..act.actor.clone() };
        self.row_within(&Act { actor, ..act.clone() }, patient)
    }

    /// Signs that an act was refused.
    pub(crate) fn refuse_act(&self, act: &Act, operation: &str) -> Result<(), Error> {
        Ok(self.store.witness(Entry::new(act, operation, "Patient", Outcome::Refused))?)
    }
}
