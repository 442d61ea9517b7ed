//! Starting an app from a chart: <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch>. Patients start it
//! from their own, staff from one that is open to them.

use crate::{
    failure::{Answer, of},
    mine::{self, Mine},
    page::{Field, go, policy_with_answers_to, render},
    signed_in::with_record,
    tasks::{Ask, Item, Section, Tasks},
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use login::{error::Error, oauth::launch::Startable, realm::Realm};
use std::sync::Arc;
use web::{door::Door, form::Form, guest::Guest};

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

fn ask(action: &'static str, patient: &str, apps: &[Startable]) -> Ask {
    let choices = apps.iter().map(|app| (app.id.clone(), app.name.clone())).collect();
    let field = Field::new("app", "App", "select", "off");
    Ask { choices, ..Ask::new(action, patient, vec![field], "Start") }
}

fn page(realm: Realm, seen: &mut Seen) -> Tasks {
    let none = "No app is there that can be started from a chart.";
    let lead = ["The app asks you what it may do before it sees anything."];
    let mut sections = Vec::new();
    if seen.apps.is_empty() {
        sections.push(Section::new("Apps", &[none]));
    } else if realm == Realm::Patient {
        sections.push(match seen.own {
            true => Section::new("Start an app about your record", &lead).ask(ask(OWN, "", &seen.apps)),
            false => Section::new(
                "Apps",
                &["Your account is not linked to a record yet; ask for that under “Sharing”."],
            ),
        });
    } else {
        if let Some(found) = seen.found.take() {
            let item =
                |mine: Mine| Item { lines: vec![mine.line], asks: vec![ask(START, &mine.id, &seen.apps)] };
            let items = found.into_iter().map(item).collect();
            sections.push(
                Section::new("Patients whose charts are open to you", &[])
                    .of(items, "None of them has this name or number."),
            );
        }
        let mut field = mine::field();
        (field.value, field.error) = (std::mem::take(&mut seen.typed), std::mem::take(&mut seen.error));
        sections.push(Section::new("From whose chart?", &lead).ask(Ask::new(FIND, "", vec![field], "Find")));
    }
    let links = match realm {
        Realm::Patient => vec![("/patient/apps", "Connected apps"), ("/patient/account", "Your account")],
        _ => vec![("/clinic/apps", "Connected apps"), ("/clinic/account", "Your account")],
    };
    Tasks { title: "Start an app", sections, links, ..Tasks::default() }
}

/// The page, whose forms may be answered by a step to one of the apps.
fn shown(realm: Realm, token: String, mut seen: Seen, status: StatusCode) -> Response {
    let mut sources: Vec<&str> = seen.apps.iter().map(|app| app.source.as_str()).collect();
    sources.dedup();
    let policy = policy_with_answers_to(&sources.join(" "));
    let mut response = render(status, &Tasks { token, ..page(realm, &mut seen) });
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
    }
    response
}

async fn look(door: &Door, guest: &Guest, realm: Realm) -> Result<Response, Answer> {
    let done = with_record(door, guest, realm, None, |login, _, who, visit| {
        let own = who.account.patient.as_ref().is_some_and(|identity| identity.patient.is_some());
        Ok(Seen { apps: login.startable_apps(visit.now)?, own, ..Seen::default() })
    });
    let (who, seen) = done.await?;
    Ok(shown(realm, who.form_token, seen.map_err(of)?, StatusCode::OK))
}

/// `GET /patient/launch`
pub(crate) async fn show_own(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Answer> {
    look(&door, &guest, Realm::Patient).await
}

/// `GET /clinic/launch`
pub(crate) async fn show(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Answer> {
    look(&door, &guest, Realm::Clinic).await
}

/// `POST /patient/launch`
pub(crate) async fn start_own(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let app = form.get("app").to_owned();
    let done = with_record(&door, &guest, Realm::Patient, Some(&form), move |login, _, who, visit| {
        let own = who.account.patient.as_ref().and_then(|identity| identity.patient.as_deref());
        login.start_app(who, &app, own.ok_or(Error::Ended)?, visit)
    });
    let (_, to) = done.await?;
    Ok(go(&to.map_err(of)?, Vec::new()))
}

/// `POST /clinic/launch`
pub(crate) async fn start(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let (app, patient) = (form.get("app").to_owned(), form.get("about").to_owned());
    let done = with_record(&door, &guest, Realm::Clinic, Some(&form), move |login, record, who, visit| {
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
pub(crate) async fn find(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.get("patient").to_owned();
    let done = with_record(&door, &guest, Realm::Clinic, Some(&form), move |login, record, who, visit| {
        let apps = login.startable_apps(visit.now)?;
        let seen = Seen { apps, typed: typed.clone(), ..Seen::default() };
        match mine::find(login, record, who, &typed, visit) {
            Ok(found) => Ok((Seen { found: Some(found), ..seen }, StatusCode::OK)),
            Err(Error::Invalid { text, .. }) => {
                Ok((Seen { error: text.to_owned(), ..seen }, StatusCode::UNPROCESSABLE_ENTITY))
            }
            Err(error) => Err(error),
        }
    });
    let (who, seen) = done.await?;
    let (seen, status) = seen.map_err(of)?;
    Ok(shown(Realm::Clinic, who.form_token, seen, status))
}
