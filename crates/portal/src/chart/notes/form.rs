//! Writing a note: the form, and where it is saved. The form is given the note's id before there is a note, so that sending it twice makes one;
//! and the version that it was opened with, so that nothing which somebody else wrote meanwhile is written over.

use super::beside;
use crate::{
    chart::{
        Drawn, Opened, open,
        sheet::{Section, Sheet},
        show,
    },
    failure::{Answer, nowhere},
    page::{go, with_script},
    signed_in::with_record,
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use care::note::{
    self, Part, Status,
    template::Template as Kind,
    write::{self, Draft, Save, Saved},
};
use fhir::outcome::IssueCode;
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::{collections::HashMap, sync::Arc};
use web::{
    door::Door,
    failure::Failure,
    form::{Form, Text},
};

const MODULE: &str = include_str!("../../../assets/note.js");

/// What the script is, by its SHA-256: browsers run no other one.
const INTEGRITY: &str = "sha256-j3HmOTdlrd7hofevVtrbCLtuUzia444/oDSoEVcSixY=";

/// How many visits a note may be said to be about.
const VISITS: usize = 20;

/// `GET /assets/note.js`
pub(crate) async fn module() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, MODULE).into_response()
}

#[derive(Template)]
#[template(path = "chart/note-form.html")]
struct Writing {
    s: Sheet,
    id: String,
    version: i64,
    kind: String,
    typed: Draft,
    /// The title of the note that this is added to.
    added_to: String,
    /// Visits that it may be about: id and words.
    visits: Vec<(String, String)>,
    error: String,
    token: String,
}

impl Writing {
    fn integrity(&self) -> &'static str {
        INTEGRITY
    }

    fn heading(&self, key: &str) -> String {
        self.s.w.say(&format!("heading-{key}"))
    }
}

/// A form that is opened, or shown again.
struct Filled {
    id: String,
    version: i64,
    typed: Draft,
    error: String,
}

/// Nothing typed yet.
fn blank(w: Words, kind: &'static Kind) -> Draft {
    Draft {
        template: kind,
        title: w.say(&format!("template-{}", kind.key)),
        visit: String::new(),
        appends: String::new(),
        parts: empty(w, kind),
    }
}

/// The headings of a template, with nothing under them.
fn empty(w: Words, kind: &'static Kind) -> Vec<Part> {
    let part = |heading: &note::template::Heading| Part {
        key: heading.key,
        title: w.say(&format!("heading-{}", heading.key)),
        text: String::new(),
    };
    kind.headings.iter().map(part).collect()
}

/// What a form holds.
fn typed(w: Words, form: &Form) -> Draft {
    let kind = Kind::named(form.get("template")).unwrap_or(Kind::first());
    let fill = |part: Part| Part { text: form.get(part.key).to_owned(), ..part };
    let title = Some(form.get("title")).filter(|title| !title.trim().is_empty()).map(str::to_owned);
    let blank = blank(w, kind);
    Draft {
        title: title.unwrap_or(blank.title),
        visit: form.get("visit").to_owned(),
        appends: form.get("appends").to_owned(),
        parts: blank.parts.into_iter().map(fill).collect(),
        template: kind,
    }
}

/// Visits of the chart, and whichever one is chosen.
fn visits(s: &Sheet, opened: &Opened, chosen: &str) -> Vec<(String, String)> {
    let all = care::visits::of(&opened.chart).into_iter().enumerate();
    let offered = all.filter(|(at, visit)| *at < VISITS || visit.id == chosen);
    let words = |visit: care::visits::Visit| {
        let class = s.w.of_code("class", &visit.class, &visit.class);
        let what = if visit.what.is_empty() { class } else { visit.what };
        (visit.id, format!("{} {what}", s.w.date_or(&visit.since)).trim().to_owned())
    };
    let mut offered: Vec<(String, String)> = offered.map(|(_, visit)| words(visit)).collect();
    if !chosen.is_empty() && !offered.iter().any(|(id, _)| id == chosen) {
        // The reader may not see which one it is; it stays the note's all the same.
        offered.push((chosen.to_owned(), s.w.say("not-shown")));
    }
    offered
}

fn writing(s: Sheet, opened: &Opened, form: Filled) -> Drawn<Writing> {
    let base = note::of(&opened.chart).into_iter().find(|note| note.id == form.typed.appends);
    let words = s.w.say(&format!("template-{}", form.typed.template.key));
    let page = Writing {
        id: form.id,
        version: form.version,
        added_to: base.map(|base| base.title).unwrap_or_default(),
        visits: visits(&s, opened, &form.typed.visit),
        error: form.error,
        token: opened.who.form_token.clone(),
        typed: form.typed,
        kind: words.clone(),
        s,
    };
    Drawn { title: words, page }
}

/// Writing is for whoever's role does.
fn writes(opened: &Opened) -> Result<(), Failure> {
    let text = "your role does not write notes; ask a physician or a nurse";
    opened
        .writes_notes()
        .then_some(())
        .ok_or_else(|| Failure::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, text))
}

/// `GET /clinic/chart/{patient}/notes/new`
pub(crate) async fn new_note(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let (s, opened) = open(&door, &view, (Realm::Clinic, &patient, Section::Notes)).await?;
    writes(&opened)?;
    let asked = |key: &str| asked.get(key).map(String::as_str).unwrap_or_default();
    let typed = match asked("appends") {
        "" => {
            let mut visits = care::visits::of(&opened.chart).into_iter();
            let now = visits.find(|visit| visit.status == "in-progress").map(|visit| visit.id);
            let kind = Kind::all().find(|kind| kind.key == asked("template"));
            Draft { visit: now.unwrap_or_default(), ..blank(s.w, kind.unwrap_or(Kind::first())) }
        }
        base => {
            let all = note::of(&opened.chart);
            let base = all.iter().find(|note| note.id == base).ok_or_else(nowhere)?;
            if base.status != Status::Signed || !base.appends.is_empty() {
                return Ok(go(&s.to(&format!("notes/{}", base.id)), Vec::new()));
            }
            let addendum = Kind::named("addendum").unwrap_or(Kind::first());
            Draft { visit: base.visit.clone(), appends: base.id.clone(), ..blank(s.w, addendum) }
        }
    };
    let form = Filled { id: opened.fresh_id.clone(), version: 0, typed, error: String::new() };
    let drawn = writing(s, &opened, form);
    Ok(with_script(show(&view, Realm::Clinic, &opened, StatusCode::OK, &drawn)))
}

/// `GET /clinic/chart/{patient}/notes/{id}/edit`
pub(crate) async fn edit_note(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let (s, opened) = open(&door, &view, (Realm::Clinic, &patient, Section::Notes)).await?;
    writes(&opened)?;
    let all = note::of(&opened.chart);
    let note = all.iter().find(|note| note.id == id).ok_or_else(nowhere)?;
    let Some(template) = note.template.filter(|_| note.is_open()) else {
        return Ok(go(&s.to(&format!("notes/{id}")), Vec::new()));
    };
    let fill = |part: Part| Part { text: note.text(part.key).to_owned(), ..part };
    let typed = Draft {
        template,
        title: note.title.clone(),
        visit: note.visit.clone(),
        appends: note.appends.clone(),
        parts: empty(s.w, template).into_iter().map(fill).collect(),
    };
    let form = Filled { id, version: note.version, typed, error: String::new() };
    let drawn = writing(s, &opened, form);
    Ok(with_script(show(&view, Realm::Clinic, &opened, StatusCode::OK, &drawn)))
}

/// `POST /clinic/chart/{patient}/notes/{id}/edit`: a form's button, or the script that saves while somebody types.
pub(crate) async fn save_note(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
    headers: HeaderMap,
    Text(form): Text,
) -> Result<Response, Answer> {
    let opened: i64 = form.get("version").parse().unwrap_or_default();
    let (typed, sign) = (typed(view.words, &form), !form.get("sign").is_empty());
    let (to, note, draft) = (patient.clone(), id.clone(), typed.clone());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &to, visit).map_err(crate::failure::of)?;
        let save = Save { patient: &to, id: &note, opened, sign, draft: &draft };
        let saved = write::save(record, &act, &save)?;
        let base = match saved {
            Saved::Stale => write::version(record, &act, &to, &note, opened)?,
            _ => None,
        };
        Ok::<_, Failure>((saved, base))
    };
    let (saved, base) = with_record(&door, &view.guest, Realm::Clinic, Some(&form), work).await?.1?;
    let is_script = headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json");
    let status = match saved {
        Saved::Done(_) => StatusCode::OK,
        Saved::Empty | Saved::Long => StatusCode::UNPROCESSABLE_ENTITY,
        Saved::Stale | Saved::Signed | Saved::Withdrawn => StatusCode::CONFLICT,
    };
    if is_script {
        return Ok(told(status, saved));
    }
    if let Saved::Done(_) = saved {
        let shown = if typed.appends.is_empty() { &id } else { &typed.appends };
        return Ok(go(&format!("/clinic/chart/{patient}/notes/{shown}"), Vec::new()));
    }
    let (s, opened_chart) = open(&door, &view, (Realm::Clinic, &patient, Section::Notes)).await?;
    let error = match saved {
        Saved::Empty => s.w.say("note-empty"),
        Saved::Long => s.w.say("note-long"),
        _ => {
            let drawn = beside::drawn(s, &opened_chart, &id, &typed, base.as_deref());
            return Ok(show(&view, Realm::Clinic, &opened_chart, status, &drawn));
        }
    };
    let drawn = writing(s, &opened_chart, Filled { id, version: opened, typed, error });
    Ok(with_script(show(&view, Realm::Clinic, &opened_chart, status, &drawn)))
}

/// What the script is told: no more than the version to go on from.
fn told(status: StatusCode, saved: Saved) -> Response {
    let version = if let Saved::Done(version) = saved { version } else { 0 };
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, format!("{{\"version\":{version}}}")).into_response()
}
