//! The clinic's first page: who is booked today, and who is in one's care. A name is looked for by a form, so it stands in no address.

use crate::{
    failure::{Answer, of},
    live::Strip,
    page::go,
    signed_in::with_record,
    view::{Frame, View},
    words::Words,
};
use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use care::today::{self, Booked, Marked, Person};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

const MODULE: &str = include_str!("../assets/today.js");

/// What the script is, by its SHA-256: browsers run no other one.
const INTEGRITY: &str = "sha256-SlpeRDb0zmpz9ZbFh/cLzDPCxTACdHT0aBwVou43Qcw=";

/// `GET /assets/today.js`
pub(crate) async fn module() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, MODULE).into_response()
}

/// Where an appointment may stand that somebody does something about.
const STANDS: [&str; 5] = ["booked", "arrived", "checked-in", "fulfilled", "noshow"];

#[derive(Template)]
#[template(path = "today.html")]
struct Today {
    w: Words,
    token: String,
    name: String,
    date: String,
    /// Keeps the list up to date, for whom there is one.
    strip: Option<Strip>,
    booked: Vec<Booked>,
    people: Vec<Person>,
    /// What may be done with an appointment that stands so; nothing where somebody's role changes none.
    steps: Vec<(&'static str, Vec<&'static str>)>,
    may_register: bool,
    /// What was not done, and why.
    error: String,
}

impl Today {
    fn integrity(&self) -> &'static str {
        INTEGRITY
    }

    /// Where somebody may put it: the steps on, then the step back.
    fn moves(&self, status: &str) -> Vec<(&'static str, String)> {
        let steps = self.steps.iter().find(|(from, _)| *from == status);
        let Some((_, on)) = steps else { return Vec::new() };
        let on = on.iter().map(|to| (*to, self.w.say(&format!("mark-{to}"))));
        let back = today::undo(status).map(|to| (to, self.w.say("mark-undo")));
        on.chain(back).collect()
    }

    fn gender(&self, code: &str) -> String {
        self.w.of_code("gender", code, "")
    }

    fn shown(&self, person: &Person) -> String {
        match (person.name.family.as_str(), person.name.given.as_str()) {
            ("", _) => self.w.say("no-name"),
            (family, "") => family.to_uppercase(),
            (family, given) => format!("{}, {given}", family.to_uppercase()),
        }
    }

    fn age(&self, person: &Person) -> String {
        person.age.map(|age| self.w.age(&age)).unwrap_or_default()
    }
}

async fn page(
    door: &Door,
    view: &View,
    form: Option<&Form>,
    error: Option<&'static str>,
) -> Result<Response, Answer> {
    let today = view.words.clocks(view.guest.visit.now);
    let day = today.date();
    let name = form.map(|form| form.get("name").to_owned()).unwrap_or_default();
    let typed = name.clone();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_of(who, visit).map_err(of)?;
        // A role without a scope for appointments has no list of them; the refusal is in the log.
        let since = record.newest_seq()?;
        let (booked, since) = match today::booked(record, &act, &today) {
            Err(record::error::Error::Refused) => (Vec::new(), None),
            booked => (booked?, Some(since)),
        };
        let may = care::writing::may(&act, "Appointment");
        let steps = STANDS.iter().filter(|_| may).map(|from| (*from, today::steps(&act, from))).collect();
        let people = today::in_care(record, &act, &typed, day)?;
        Ok::<_, Failure>(((booked, since), people, (steps, care::register::may(&act))))
    };
    let (who, found) = with_record(door, &view.guest, Realm::Clinic, form, work).await?;
    let ((booked, since), people, (steps, may_register)) = found?;
    let since = since.filter(|_| view.is_opened);
    let when = care::when::When::parse(&day.to_string());
    let (w, token) = (view.words, who.form_token.clone());
    let error = error.map(|key| w.say(key)).unwrap_or_default();
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let strip = since.map(|since| Strip::of_today(w, since));
    let page =
        Today { w, token, strip, name, date: w.date_or(&when), booked, people, steps, may_register, error };
    let frame = Frame { view, realm: Some(Realm::Clinic), who: Some(&who), is_wide: true };
    Ok(crate::page::with_script(frame.show(status, &w.say("place-today"), &page)))
}

/// `GET /clinic`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    page(&door, &view, None, None).await
}

/// `POST /clinic`: those in one's care whose name begins so.
pub(crate) async fn find(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    page(&door, &view, Some(&form), None).await
}

/// `POST /clinic/today`: where an appointment stands, by one button, on the version that the page showed.
pub(crate) async fn mark(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let sent = form.clone();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_of(who, visit).map_err(of)?;
        let version = sent.get("version").parse().unwrap_or_default();
        match today::mark(record, &act, (sent.get("appointment"), version), sent.get("to")) {
            // It is nobody's business here whether there is such an appointment.
            Err(record::error::Error::NotFound) => Ok(Marked::Before),
            marked => Ok::<_, Failure>(marked?),
        }
    };
    let (_, marked) = with_record(&door, &view.guest, Realm::Clinic, Some(&form), work).await?;
    match marked? {
        Marked::Done => Ok(go("/clinic", Vec::new())),
        Marked::Before => page(&door, &view, None, Some("mark-before")).await,
    }
}
