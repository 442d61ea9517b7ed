//! Starting an app from a chart: <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch>. The `launch`
//! parameter is a token that means nothing outside; what it stands for is sealed here, for five minutes and one use.

use super::{
    client::{Client, Status},
    consent::source,
    entry, redirect,
};
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
    /// The app that was started; for another one it is worth nothing.
    pub(crate) client: String,
}

/// An app that can be started from a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Startable {
    /// Its id.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Where it is, as a source of a Content-Security-Policy.
    pub source: String,
}

impl Login {
    /// The apps that can be started from a chart, by name.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn startable_apps(&self, now: Timestamp) -> Result<Vec<Startable>, Error> {
        let startable = |client: Client| {
            let url = client.initiate_login_uri.as_ref().filter(|_| is_startable(&client))?;
            Some(Startable { source: source(url), id: client.id, name: client.name })
        };
        let mut all: Vec<Startable> = self.clients(now)?.into_iter().filter_map(startable).collect();
        all.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(all)
    }

    /// Starts an app from the chart of `patient`: the address to send the person to. Whoever calls this has asked as for
    /// [`Login::launch`].
    ///
    /// # Errors
    /// As [`Login::launch`]; [`Error::Ended`] for an app that cannot be started, or not any more.
    pub fn start_app(&self, who: &Who, app: &str, patient: &str, visit: &Visit) -> Result<String, Error> {
        let client = self.approved(app, visit.now)?.filter(is_startable).ok_or(Error::Ended)?;
        let url = client.initiate_login_uri.as_deref().ok_or(Error::Ended)?;
        let launch = self.launch(who, &client.id, patient, visit)?;
        Ok(redirect::with(url, &[("iss", self.oauth().base.as_str()), ("launch", launch.reveal())]))
    }

    /// Takes down whose chart an app is to be about which a member of staff lets in without having started it from there. Whoever
    /// calls this has asked `access` whether they may open that chart.
    ///
    /// # Errors
    /// [`Error::Ended`] where the request was answered, has run out, or is about a chart already; [`Error::Refused`] outside of the clinic.
    pub fn choose_chart(&self, request: &str, who: &Who, patient: &str, visit: &Visit) -> Result<(), Error> {
        let (mut kept, client) = self.app_request(request, who, visit)?;
        let told =
            |outcome| entry(visit, &client, Some((&who.account, who.realm)), "app chart chosen", outcome);
        if who.realm != Realm::Clinic {
            self.store.witness(told(Outcome::Refused))?;
            return Err(Error::Refused);
        }
        if kept.value.launched.is_some() {
            return Err(Error::Ended);
        }
        kept.value.chosen = Some(Launched {
            account: who.account.id.clone(),
            realm: who.realm,
            patient: patient.to_owned(),
            client: client.id.clone(),
        });
        let change = kept.put(Kind::AppRequest, Vec::new())?;
        match self.store.change_items(vec![change], Some(told(Outcome::Done))) {
            Err(store::error::Error::Stale) => Err(Error::Ended),
            outcome => Ok(outcome?),
        }
    }

    /// A `launch` value for an app that somebody starts from the chart of `patient`. Whoever calls this has asked `access` whether
    /// they may open that chart; a patient may start an app from their own alone.
    ///
    /// # Errors
    /// [`Error::Refused`] for a patient and another's chart, and for administrators, who have no charts.
    pub fn launch(&self, who: &Who, app: &str, patient: &str, visit: &Visit) -> Result<Token, Error> {
        let own = who.account.patient.as_ref().and_then(|identity| identity.patient.as_deref());
        let may = match who.realm {
            Realm::Patient => own == Some(patient),
            Realm::Clinic => true,
            Realm::Admin => false,
        };
        let outcome = if may { Outcome::Done } else { Outcome::Refused };
        let told = visit.entry(who.realm, Some(&who.account), "app launch", outcome);
        if !may {
            self.store.witness(told)?;
            return Err(Error::Refused);
        }
        let token = mint()?;
        let id = token_id(token.reveal()).ok_or(Error::Ended)?;
        let value = Launched {
            account: who.account.id.clone(),
            realm: who.realm,
            patient: patient.to_owned(),
            client: app.to_owned(),
        };
        let kept = Kept::new(id, visit.now.saturating_add(LIFE).ok(), value);
        self.store.change_items(vec![kept.put(Kind::Launch, Vec::new())?], Some(told))?;
        Ok(token)
    }

    /// What a `launch` value stands for: once.
    pub(crate) fn launched(&self, text: &str, visit: &Visit) -> Result<Option<Launched>, Error> {
        let Some(id) = token_id(text) else { return Ok(None) };
        let item = self.store.take_item(Kind::Launch, &id, visit.now, None)?;
        Ok(item.map(read::<Launched>).transpose()?.map(|kept| kept.value))
    }
}

fn is_startable(client: &Client) -> bool {
    client.status == Status::Approved && client.asks_people && client.most().launch
}
