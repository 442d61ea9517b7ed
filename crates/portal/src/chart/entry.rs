//! One entry, and what becomes of it: marked as entered in error, accepted, denied, withdrawn; each with a reason, none ever deleted.

use super::{
    Drawn, Opened, page, page_as,
    sheet::{Section, Sheet, escaped},
    vitals::flowsheet::name,
};
use crate::{
    failure::{Answer, nowhere, unless_changed},
    page::go,
    signed_in::{realm, with_record},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::{
    entry::{self, BLOOD_GROUP, Deed, Entry, State as Progress},
    vitals::flowsheet::ROWS,
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

#[derive(Template)]
#[template(path = "chart/entry.html")]
struct Page {
    s: Sheet,
    token: String,
    back: String,
    action: String,
    /// Where the patient changes it; empty where nobody does.
    edit: String,
    name: String,
    /// The value; empty for an allergy.
    value: String,
    when: String,
    by: String,
    state: &'static str,
    is_own: bool,
    not_lab_verified: bool,
    reason: String,
    version: i64,
    asks: Vec<Ask>,
    error: String,
}

/// A form of one deed.
struct Ask {
    word: &'static str,
    title: String,
    lead: String,
    button: String,
    /// Whether a reason must be given.
    wants_reason: bool,
    typed: String,
    error: String,
}

/// The word of a deed, in forms and in the keys of sentences.
fn word(deed: Deed) -> &'static str {
    match deed {
        Deed::Error => "error",
        Deed::Accept => "accept",
        Deed::Deny => "deny",
        Deed::Withdraw => "withdraw",
    }
}

const DEEDS: [Deed; 4] = [Deed::Error, Deed::Accept, Deed::Deny, Deed::Withdraw];

/// The word of a state, in the keys of sentences.
pub(super) fn progress(entry: &Entry) -> &'static str {
    match entry.state {
        Progress::Waiting => "waiting",
        Progress::Accepted => "accepted",
        Progress::Denied => "denied",
        Progress::Withdrawn => "withdrawn",
    }
}

/// Why an entry does not count, in the reader's language where the house itself said so.
pub(super) fn reason(w: Words, said: &str) -> String {
    match said {
        entry::TAKEN_BACK => String::new(),
        entry::DERIVED => w.say("entry-derived"),
        said => said.to_owned(),
    }
}

/// What an entry is called.
pub(super) fn called(w: Words, entry: &Entry) -> String {
    match entry.row.and_then(|row| ROWS.get(row)) {
        Some(code) => name(w, code),
        None => w.of_code("measured", &entry.key, &entry.name),
    }
}

/// What was not done: the deed, what was typed, and why.
#[derive(Default)]
struct Failed {
    word: String,
    typed: String,
    key: &'static str,
}

fn drawn(
    s: Sheet,
    opened: &Opened,
    (place, id): (&str, &str),
    failed: &Failed,
) -> Result<Drawn<Page>, Failure> {
    let entry = entry::find(&opened.chart, place, id).ok_or_else(nowhere)?;
    let kind = entry::kind(place).unwrap_or_default();
    let is_patient = s.realm == Realm::Patient;
    let deeds = if opened.chart.may_write(&[kind]) { entry.deeds(is_patient) } else { Vec::new() };
    let ask = |deed: Deed| {
        let is_it = word(deed) == failed.word;
        let of = |part: &str| s.w.say(&format!("entry-{}-{part}", word(deed)));
        Ask {
            word: word(deed),
            title: of("title"),
            lead: of("lead"),
            button: of("button"),
            wants_reason: matches!(deed, Deed::Error | Deed::Deny),
            typed: if is_it { failed.typed.clone() } else { String::new() },
            error: if is_it && failed.key == "reason-wanted" { s.w.say(failed.key) } else { String::new() },
        }
    };
    let is_typed = care::own::paper::typed(&opened.chart, id).is_some();
    let is_measured = || is_typed || !care::own::measured(&opened.chart, id).is_empty();
    let may_edit = deeds.contains(&Deed::Withdraw) && (place == "allergies" || is_measured());
    let form = if is_typed { "values" } else { place };
    let asks: Vec<Ask> = deeds.into_iter().map(ask).collect();
    let point = entry.point.as_ref();
    let title = called(s.w, &entry);
    let page = Page {
        token: opened.who.form_token.clone(),
        back: s.to(match (is_patient && entry.is_own, place) {
            (true, _) => "entries",
            (_, "vitals") => "vitals",
            _ => "problems",
        }),
        action: s.to(&format!("entries/{place}/{}", escaped(id))),
        edit: if may_edit { s.to(&format!("{form}/{}/edit", escaped(id))) } else { String::new() },
        name: title.clone(),
        value: point.map(|point| point.text.clone()).unwrap_or_default(),
        when: point.map(|point| s.w.moment_or(&point.when)).unwrap_or_default(),
        by: point.map(|point| point.by.clone()).unwrap_or_default(),
        state: progress(&entry),
        is_own: entry.is_own,
        not_lab_verified: entry.key == BLOOD_GROUP && entry.is_own,
        reason: reason(s.w, &entry.reason),
        version: entry.version,
        error: if failed.key.is_empty() || failed.key == "reason-wanted" {
            String::new()
        } else {
            s.w.say(failed.key)
        },
        asks,
        s,
    };
    Ok(Drawn { title, page })
}

/// What an entry is drawn from; a place that is none has no entries.
fn section(place: &str) -> Section {
    if place == "allergies" { Section::Problems } else { Section::Vitals }
}

/// `GET /{realm}/chart/{patient}/entries/{key}/{id}`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient, place, id)): Path<(String, String, String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), section(&place));
    page(&door, &view, at, |s, opened| drawn(s, opened, (&place, &id), &Failed::default())).await
}

/// `POST /{realm}/chart/{patient}/entries/{key}/{id}`
pub(crate) async fn act_on(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient, place, id)): Path<(String, String, String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let (realm, section) = (realm(&name)?, section(&place));
    let deed = DEEDS.into_iter().find(|deed| word(*deed) == form.get("choice"));
    let typed = form.get("reason").to_owned();
    let failed = |key| Failed { word: form.get("choice").to_owned(), typed: typed.clone(), key };
    let why = entry::reason(&typed);
    let wants = matches!(deed, Some(Deed::Error | Deed::Deny));
    let at = (realm, patient.as_str(), section);
    let again = async |status: StatusCode, failed: Failed| {
        page_as(status, &door, &view, at, |s, opened| drawn(s, opened, (&place, &id), &failed)).await
    };
    let (Some(deed), version) = (deed, form.get("version").parse::<i64>().unwrap_or_default()) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, failed("fault-choice")).await;
    };
    if wants && why.is_none() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, failed("reason-wanted")).await;
    }
    let (of, place_of, id_of) = (patient.clone(), place.clone(), id.clone());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &of, visit).map_err(crate::failure::of)?;
        let why = why.unwrap_or_default();
        unless_changed(entry::act_on(record, &act, &of, (&place_of, &id_of, version), (deed, &why)))
    };
    let (_, outcome) = with_record(&door, &view.guest, realm, Some(&form), work).await?;
    match outcome? {
        Some(()) => Ok(go(&format!("/{name}/chart/{patient}/entries/{place}/{}", escaped(&id)), Vec::new())),
        None => again(StatusCode::PRECONDITION_FAILED, failed("entry-stale")).await,
    }
}
