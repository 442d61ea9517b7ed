//! Starting an app from a chart: <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch>. The `launch`
//! parameter is a token that means nothing outside; what it stands for is sealed here, for five minutes and one use.

use super::{client::Client, redirect};
use crate::{
    Login,
    error::Error,
    kept::{Kept, mint, read, token_id},
    realm::Realm,
    session::Who,
    visit::Visit,
};
use access::audit::Outcome;
use jiff::{SignedDuration, Timestamp};
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
    /// The apps that somebody may start from a chart: id and name.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn startable_apps(&self, who: &Who, now: Timestamp) -> Result<Vec<(String, String)>, Error> {
        if who.realm == Realm::Admin {
            return Ok(Vec::new());
        }
        let apps = self.clients(now)?.into_iter().filter(Client::starts_from_charts);
        Ok(apps.map(|app| (app.id, app.name)).collect())
    }

    /// Starts an app from the chart of `patient`, as [`Login::launch`]: its name, and the address to send the person to.
    ///
    /// # Errors
    /// [`Error::Ended`] where there is no such app; and as [`Login::launch`].
    pub fn start_app(
        &self,
        who: &Who,
        app: &str,
        patient: &str,
        visit: &Visit,
    ) -> Result<(String, String), Error> {
        let app = self.approved(app, visit.now)?.filter(Client::starts_from_charts).ok_or(Error::Ended)?;
        let uri = app.launch_uri.as_deref().ok_or(Error::Ended)?;
        let launch = self.launch(who, patient, visit)?;
        let to = redirect::with(uri, &[("iss", &self.oauth().base), ("launch", launch.reveal())]);
        Ok((app.name, to))
    }

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
