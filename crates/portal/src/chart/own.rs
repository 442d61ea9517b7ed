//! What patients write about themselves: the list of it, and what its forms share.

pub(crate) mod allergy;
pub(crate) mod details;
pub(crate) mod paper;

use super::{
    Drawn, Opened,
    entry::{called, progress},
    page,
    sheet::{Section, Sheet, escaped},
};
use crate::{failure::Answer, page::go, signed_in::with_record, view::View, words::Words};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::{
    entry,
    own::{self, Fault, Own},
    vitals::save::Saved,
    writing::is_key,
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

#[derive(Template)]
#[template(path = "chart/own.html")]
struct Page {
    s: Sheet,
    token: String,
    key: String,
    heading: String,
    lead: String,
    error: String,
    /// Ways to go on: address and words.
    links: Vec<(String, String)>,
    parts: Vec<Part>,
}

/// A part with its heading.
#[derive(Default)]
struct Part {
    heading: String,
    none: String,
    lines: Vec<Line>,
    form: Option<Ask>,
}

/// Something that is written down.
#[derive(Default)]
struct Line {
    to: String,
    name: String,
    text: String,
    tags: Vec<String>,
    /// Id and version of what a button takes off the list.
    remove: Option<(String, i64)>,
}

/// A form.
#[derive(Default)]
struct Ask {
    action: String,
    choice: &'static str,
    version: i64,
    fields: Vec<Input>,
    button: String,
}

/// A field.
#[derive(Default)]
struct Input {
    name: &'static str,
    label: String,
    value: String,
    error: String,
    is_optional: bool,
    /// The kind of field, as HTML names it; a text where nothing is said.
    kind: &'static str,
    /// What a `select` offers: value, words.
    options: Vec<(String, String)>,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    fields: Vec<(String, String)>,
    faults: own::Faults,
    error: &'static str,
}

impl Typed {
    fn get(&self, name: &str) -> String {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn input(&self, w: Words, name: &'static str, is_optional: bool) -> Input {
        let fault = self.faults.iter().find(|(field, _)| *field == name).map(|(_, fault)| match fault {
            // It may stay empty while nobody says how bad it was.
            Fault::Empty if name == "reaction" => "own-fault-reaction",
            Fault::Empty => "own-fault-empty",
            Fault::Long => "own-fault-long",
            Fault::Choice => "fault-choice",
            Fault::Phone => "own-fault-phone",
            Fault::Number => "own-fault-number",
            Fault::Range => "own-fault-range",
            Fault::Day => "own-fault-day",
            Fault::Twice => "own-fault-twice",
        });
        Input {
            name,
            label: w.say(&format!("field-{name}")),
            value: self.get(name),
            error: fault.map(|key| w.say(key)).unwrap_or_default(),
            is_optional,
            kind: "",
            options: Vec::new(),
        }
    }
}

impl Page {
    fn new(s: Sheet, opened: &Opened, heading: &str, typed: &Typed) -> Page {
        let kept = typed.get("key");
        let is_kept = is_key(&kept) && typed.error.is_empty();
        Page {
            token: opened.who.form_token.clone(),
            key: if is_kept { kept } else { opened.fresh_id.clone() },
            heading: s.w.say(heading),
            lead: s.w.say(&format!("{heading}-lead")),
            error: if typed.error.is_empty() { String::new() } else { s.w.say(typed.error) },
            links: Vec::new(),
            parts: Vec::new(),
            s,
        }
    }

    fn drawn(self) -> Drawn<Page> {
        Drawn { title: self.heading.clone(), page: self }
    }
}

/// The way to the list of what the patient has written.
fn list(patient: &str) -> Response {
    go(&format!("/patient/chart/{patient}/entries"), Vec::new())
}

/// `GET /patient/chart/{patient}/entries`
pub(crate) async fn entries(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page(&door, &view, at, |s, opened| {
        let line = |entry: entry::Entry| Line {
            to: s.to(&format!("entries/{}/{}", entry.place, escaped(&entry.id))),
            name: called(s.w, &entry),
            text: entry
                .point
                .as_ref()
                .map(|p| format!("{} · {}", p.text, s.w.moment_or(&p.when)))
                .unwrap_or_default(),
            tags: vec![s.w.say(&format!("entry-state-{}", progress(&entry)))],
            remove: None,
        };
        let lines = entry::own(&opened.chart).into_iter().map(line).collect();
        let part = Part { none: s.w.say("entries-none"), lines, ..Part::default() };
        let mut links = vec![(s.to("details"), s.w.say("section-details"))];
        for (kind, place, words) in [
            ("Observation", "vitals/new", "vitals-new"),
            ("Observation", "values/new", "paper-new"),
            ("AllergyIntolerance", "allergies/new", "allergy-new"),
        ] {
            if opened.chart.may_write(&[kind]) {
                links.push((s.to(place), s.w.say(words)));
            }
        }
        let mut page = Page::new(s, opened, "section-entries", &Typed::default());
        (page.parts, page.links) = (vec![part], links);
        Ok(page.drawn())
    })
    .await
}

/// Stores what the form says; what is wrong with it, or `None` where it is stored.
async fn stored(
    door: &Door,
    view: &View,
    (realm, patient, what): (Realm, &str, &str),
    form: &Form,
) -> Result<Option<Typed>, Answer> {
    let typed = |faults, error| Some(Typed { fields: form.fields().to_vec(), faults, error });
    let (own, key) = (Own::read(what, |name| form.get(name).to_owned()), form.get("key").to_owned());
    let own = match own {
        Ok(own) if is_key(&key) => own,
        Ok(_) => return Ok(typed(Vec::new(), "vitals-resend")),
        Err(faults) => return Ok(typed(faults, "")),
    };
    let id = patient.to_owned();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
        Ok::<_, Failure>(own::store(record, &act, &id, &own, &key)?)
    };
    let (_, outcome) = with_record(door, &view.guest, realm, Some(form), work).await?;
    Ok(match outcome? {
        Saved::New | Saved::Again => None,
        Saved::Before => typed(Vec::new(), "own-before"),
    })
}

/// The status of a form that is shown again.
fn status(typed: &Typed) -> StatusCode {
    if typed.error.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CONFLICT }
}
