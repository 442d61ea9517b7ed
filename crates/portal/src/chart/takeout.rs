//! The whole record, taken along as one file (D4, E10): for the patient, and for who acts for them as far as they see. The page says what is
//! in the file and what to take care of; the form hands it out, piece by piece as it is made.

mod record_page;

use super::{
    Drawn, Opened, page,
    sheet::{Section, Sheet},
    viewers,
};
use crate::{
    failure::{Answer, of},
    page::go,
    signed_in::with_record,
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use care::{note, takeout::pack::Pack};
use jiff::Timestamp;
use login::{Login, realm::Realm, session::FRESH, session::Who, visit::Visit};
use record::{Record, error::Error, takeout::Takeout};
use std::{fmt::Write as _, io::Write, sync::Arc};
use web::{door::Door, failure::Failure, form::Form};

/// The files of it, each with the key of the sentence that says what it is.
const FILES: [(&str, &str); 6] = [
    ("README.txt", "take-out-readme"),
    ("record.html", "take-out-page"),
    ("documents/", "take-out-documents"),
    ("who-looked.csv", "take-out-viewers"),
    ("fhir/", "take-out-fhir"),
    ("manifest.json", "take-out-manifest"),
];

#[derive(Template)]
#[template(path = "chart/take-out.html")]
struct TakeOutPage {
    s: Sheet,
    token: String,
    files: Vec<(&'static str, String)>,
}

/// Address of the page, to come back to.
fn address(patient: &str) -> String {
    format!("/patient/chart/{}/take-out", super::sheet::escaped(patient))
}

/// `GET /patient/chart/{patient}/take-out`
pub(crate) async fn show_take_out(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    page(&door, &view, (Realm::Patient, &patient, Section::TakeOut), |s, opened: &Opened| {
        let files = FILES.map(|(path, key)| (path, s.w.say(key))).into();
        let title = s.w.say("section-take-out");
        Ok(Drawn { title, page: TakeOutPage { token: opened.who.form_token.clone(), files, s } })
    })
    .await
}

/// Where somebody proves once more who they are, and comes back from, unless they have just done so: by the second factor, and without one by signing in.
pub(super) fn asks_who(who: &Who, from: &str, visit: &Visit) -> Option<String> {
    match who.account.has_second_factor() {
        true if who.require_step_up(FRESH, visit.now).is_err() => Some(format!("/patient/step-up?to={from}")),
        false if who.proven.is_none() && !who.is_new(FRESH, visit.now) => Some("/patient/sign-in".to_owned()),
        _ => None,
    }
}

/// Who takes a record, and when.
struct Taking {
    w: Words,
    takeout: Takeout,
    house: String,
    name: String,
    role: String,
    now: Timestamp,
}

/// `POST /patient/chart/{patient}/take-out`
pub(crate) async fn take_out(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let streaming = door.streaming()?;
    let id = patient.clone();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| -> Result<_, Failure> {
        let act = login.act_on_chart(who, &id, visit).map_err(of)?;
        if let Some(way) = asks_who(who, &address(&id), visit) {
            return Ok(Err(way));
        }
        let takeout = record.takeout(&act, &id, &note::unsigned)?;
        Ok(Ok((takeout, act.actor.name, act.actor.role)))
    };
    let (_, found) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    let (takeout, name, role) = match found {
        Ok(Ok(found)) => found,
        Ok(Err(way)) => return Ok(go(&way, Vec::new())),
        // Whoever has no chart yet is led to where one asks for it, as everywhere in a chart.
        Err(failure) if failure.status == StatusCode::FORBIDDEN => {
            return Ok(go("/patient/sharing", Vec::new()));
        }
        Err(failure) => return Err(failure.into()),
    };
    let now = view.guest.visit.now;
    let taking = Taking { w: view.words, takeout, house: door.origin().to_owned(), name, role, now };
    let day = view.words.day(now);
    let mut response = streaming.body(move |record, out| taking.write(record, out)).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // No name of anybody stands in it: lists of downloads are seen by others.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"keepwell-record-{day}.zip\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

impl Taking {
    fn write(self, record: &Record, out: &mut dyn Write) -> Result<(), Error> {
        let mut pack = Pack::new(record, &self.takeout, out, self.now);
        let chart = pack.resources()?;
        let papers = pack.papers(&chart)?;
        let viewers = record.taken_viewers(&self.takeout)?;
        let made = self.w.values(
            "take-out-made",
            &[("house", &self.house), ("when", &self.w.minute(self.now)), ("name", &self.name)],
        );
        let page = record_page::draw(self.w, &chart, &papers, &made, self.now)
            .map_err(|error| Error::Fault(Box::new(error)))?;
        pack.text("record.html", &page)?;
        pack.text("README.txt", &self.read_me(&made, viewers.is_some()))?;
        if let Some(viewers) = viewers {
            pack.text("who-looked.csv", &viewers::list(self.w, &viewers.lines))?;
        }
        pack.finish(&self.house, self.now, (&self.name, &self.role))?;
        Ok(())
    }

    /// What each file is, as everybody can read it.
    fn read_me(&self, made: &str, has_viewers: bool) -> String {
        let mut text = String::new();
        let mut paragraph = |words: &str| {
            let _ = write!(text, "{words}\r\n\r\n");
        };
        paragraph(&self.w.say("take-out-title"));
        paragraph(made);
        paragraph(&self.w.say("take-out-care"));
        for (path, key) in FILES {
            let key = if path == "who-looked.csv" && !has_viewers { "take-out-no-viewers" } else { key };
            paragraph(&format!("{path}\r\n    {}", self.w.say(key)));
        }
        paragraph(&self.w.say("take-out-now"));
        if self.takeout.restricted > 0 {
            paragraph(&self.w.count("restricted", self.takeout.restricted));
        }
        if !self.takeout.beyond.is_empty() {
            paragraph(&self.w.say("take-out-beyond"));
        }
        paragraph(&self.w.say("take-out-load"));
        text
    }
}
