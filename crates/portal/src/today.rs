//! The clinic's first page: who is booked today, and who is in one's care. A name is looked for by a form, so it stands in no address.

use crate::{
    failure::{Answer, of},
    signed_in::with_record,
    view::{Frame, View},
    words::Words,
};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use care::today::{self, Booked, Person};
use jiff::tz::TimeZone;
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

#[derive(Template)]
#[template(path = "today.html")]
struct Today {
    w: Words,
    token: String,
    name: String,
    date: String,
    booked: Vec<Booked>,
    people: Vec<Person>,
}

impl Today {
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

async fn page(door: &Door, view: &View, form: Option<&Form>) -> Result<Response, Answer> {
    let day = view.guest.visit.now.to_zoned(TimeZone::UTC).date();
    let name = form.map(|form| form.get("name").to_owned()).unwrap_or_default();
    let typed = name.clone();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_of(who, visit).map_err(of)?;
        // A role without a scope for appointments has no list of them; the refusal is in the log.
        let booked = match today::booked(record, &act, day) {
            Err(record::error::Error::Refused) => Vec::new(),
            booked => booked?,
        };
        Ok::<_, Failure>((booked, today::in_care(record, &act, &typed, day)?))
    };
    let (who, found) = with_record(door, &view.guest, Realm::Clinic, form, work).await?;
    let (booked, people) = found?;
    let when = care::when::When::parse(&day.to_string());
    let (w, token) = (view.words, who.form_token.clone());
    let page = Today { w, token, name, date: w.date_or(&when), booked, people };
    let frame = Frame { view, realm: Some(Realm::Clinic), who: Some(&who), is_wide: true };
    Ok(frame.show(StatusCode::OK, &w.say("place-today"), &page))
}

/// `GET /clinic`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    page(&door, &view, None).await
}

/// `POST /clinic`: those in one's care whose name begins so.
pub(crate) async fn find(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    page(&door, &view, Some(&form)).await
}
