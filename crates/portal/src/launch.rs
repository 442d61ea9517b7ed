//! Starting an app from a chart: <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch>. Patients start it
//! from their own, staff from one that is open to them.

use crate::{
    failure::{Answer, of},
    mine::{self, Mine},
    page::{Field, go, policy_with_answers_to},
    signed_in::with_record,
    tasks::{Ask, Item, Section, Tasks},
    view::View,
    words::Words,
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use login::{error::Error, oauth::launch::Startable, realm::Realm, session::Who};
use std::sync::Arc;
use web::{door::Door, form::Form};

const OWN: &str = "/patient/launch";
const START: &str = "/clinic/launch";
const FIND: &str = "/clinic/launch/patients";

/// What there is to show.
#[derive(Default)]
struct Seen {
    apps: Vec<Startable>,
    /// Whether there is a chart to start one from; of staff, whether any was looked for.
    own: bool,
    found: Option<Vec<Mine>>,
    typed: String,
    error: String,
}

fn ask(w: Words, action: &'static str, patient: &str, apps: &[Startable]) -> Ask {
    let choices = apps.iter().map(|app| (app.id.clone(), app.name.clone())).collect();
    let field = Field::new("app", w.say("app"), "select", "off");
    Ask { choices, ..Ask::new(action, patient, vec![field], w.say("start")) }
}

fn page(w: Words, realm: Realm, seen: &mut Seen) -> Tasks {
    let lead = || vec![w.say("launch-lead")];
    let mut sections = Vec::new();
    if seen.apps.is_empty() {
        sections.push(Section::new(w.say("place-apps"), vec![w.say("launch-none")]));
    } else if realm == Realm::Patient {
        sections.push(match seen.own {
            true => Section::new(w.say("launch-own"), lead()).ask(ask(w, OWN, "", &seen.apps)),
            false => Section::new(w.say("place-apps"), vec![w.say("launch-unlinked")]),
        });
    } else {
        if let Some(found) = seen.found.take() {
            let item =
                |mine: Mine| Item { lines: vec![mine.line], asks: vec![ask(w, START, &mine.id, &seen.apps)] };
            let items = found.into_iter().map(item).collect();
            sections.push(Section::new(w.say("mine-found"), Vec::new()).of(items, w.say("mine-none")));
        }
        let mut field = mine::field(w);
        (field.value, field.error) = (std::mem::take(&mut seen.typed), std::mem::take(&mut seen.error));
        sections.push(Section::new(w.say("launch-whose"), lead()).ask(Ask::new(
            FIND,
            "",
            vec![field],
            w.say("find"),
        )));
    }
    let links = match realm {
        Realm::Patient => vec![("/patient/apps", w.say("apps")), ("/patient/account", w.say("account"))],
        _ => vec![("/clinic/apps", w.say("apps")), ("/clinic/account", w.say("account"))],
    };
    Tasks { title: w.say("app-start"), sections, links, ..Tasks::default() }
}

/// The page, whose forms may be answered by a step to one of the apps.
fn shown(view: &View, who: &Who, mut seen: Seen, status: StatusCode) -> Response {
    let mut sources: Vec<&str> = seen.apps.iter().map(|app| app.source.as_str()).collect();
    sources.dedup();
    let policy = policy_with_answers_to(&sources.join(" "));
    let mut response = page(view.words, who.realm, &mut seen).show(view, who, status);
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
    }
    response
}

async fn look(door: &Door, view: &View, realm: Realm) -> Result<Response, Answer> {
    let done = with_record(door, &view.guest, realm, None, |login, _, who, visit| {
        let own = who.account.patient.as_ref().is_some_and(|identity| identity.patient.is_some());
        Ok(Seen { apps: login.startable_apps(visit.now)?, own, ..Seen::default() })
    });
    let (who, seen) = done.await?;
    Ok(shown(view, &who, seen.map_err(of)?, StatusCode::OK))
}

/// `GET /patient/launch`
pub(crate) async fn show_own(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    look(&door, &view, Realm::Patient).await
}

/// `GET /clinic/launch`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    look(&door, &view, Realm::Clinic).await
}

/// `POST /patient/launch`
pub(crate) async fn start_own(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let app = form.get("app").to_owned();
    let done = with_record(&door, &view.guest, Realm::Patient, Some(&form), move |login, _, who, visit| {
        let own = who.account.patient.as_ref().and_then(|identity| identity.patient.as_deref());
        login.start_app(who, &app, own.ok_or(Error::Ended)?, visit)
    });
    let (_, to) = done.await?;
    Ok(go(&to.map_err(of)?, Vec::new()))
}

/// `POST /clinic/launch`
pub(crate) async fn start(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let (app, patient) = (form.get("app").to_owned(), form.get("about").to_owned());
    let done =
        with_record(&door, &view.guest, Realm::Clinic, Some(&form), move |login, record, who, visit| {
            match mine::opens(login, record, who, &patient, visit) {
                // Whether there is such a chart, they do not learn here.
                Err(Error::Invalid { .. }) => Err(Error::Ended),
                outcome => outcome.and_then(|()| login.start_app(who, &app, &patient, visit)),
            }
        });
    let (_, to) = done.await?;
    Ok(go(&to.map_err(of)?, Vec::new()))
}

/// `POST /clinic/launch/patients`: who is looked for stands in no address.
pub(crate) async fn find(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let (typed, w) = (form.get("patient").to_owned(), view.words);
    let done =
        with_record(&door, &view.guest, Realm::Clinic, Some(&form), move |login, record, who, visit| {
            let apps = login.startable_apps(visit.now)?;
            let seen = Seen { apps, typed: typed.clone(), ..Seen::default() };
            match mine::find(login, record, who, &typed, visit) {
                Ok(found) => Ok((Seen { found: Some(found), ..seen }, StatusCode::OK)),
                Err(Error::Invalid { text, .. }) => {
                    Ok((Seen { error: w.told(text), ..seen }, StatusCode::UNPROCESSABLE_ENTITY))
                }
                Err(error) => Err(error),
            }
        });
    let (who, seen) = done.await?;
    let (seen, status) = seen.map_err(of)?;
    Ok(shown(&view, &who, seen, status))
}
