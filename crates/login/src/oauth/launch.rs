//! Starting an app from a chart: <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch>. The `launch`
//! parameter is a token that means nothing outside; what it stands for is sealed here, for five minutes and one use.

use crate::{
    Login,
    error::Error,
    kept::{Kept, mint, read, token_id},
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::audit::Outcome;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::items::Kind;
use vault::token::Token;

/// How long an app may take to come.
const LIFE: SignedDuration = SignedDuration::from_mins(5);

/// From whose chart, and by whom, an app is started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Launched {
    pub(crate) account: String,
    pub(crate) realm: Realm,
    pub(crate) patient: String,
}

impl Login {
    /// A `launch` value for an app that somebody starts from the chart of `patient`. Whoever calls this has asked `access` whether
    /// they may open that chart; a patient may start an app from their own alone.
    ///
    /// # Errors
    /// [`Error::Refused`] for a patient and another's chart, and for administrators, who have no charts.
    pub fn launch(&self, who: &Who, patient: &str, visit: &Visit) -> Result<Token, Error> {
        let own = who.account.patient.as_ref().and_then(|identity| identity.patient.as_deref());
        let may = match who.realm {
            Realm::Patient => own == Some(patient),
            Realm::Clinic => true,
            Realm::Admin => false,
        };
        let outcome = if may { Outcome::Done } else { Outcome::Refused };
        let entry = visit.entry(who.realm, Some(&who.account), "app launch", outcome);
        if !may {
            self.store.witness(entry)?;
            return Err(Error::Refused);
        }
        let token = mint()?;
        let id = token_id(token.reveal()).ok_or(Error::Ended)?;
        let value =
            Launched { account: who.account.id.clone(), realm: who.realm, patient: patient.to_owned() };
        let kept = Kept::new(id, visit.now.saturating_add(LIFE).ok(), value);
        self.store.change_items(vec![kept.put(Kind::Launch, Vec::new())?], Some(entry))?;
        Ok(token)
    }

    /// What a `launch` value stands for: once.
    pub(crate) fn launched(&self, text: &str, visit: &Visit) -> Result<Option<Launched>, Error> {
        let Some(id) = token_id(text) else { return Ok(None) };
        let item = self.store.take_item(Kind::Launch, &id, visit.now, None)?;
        Ok(item.map(read::<Launched>).transpose()?.map(|kept| kept.value))
    }
}
