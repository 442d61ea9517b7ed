//! What was changed in a record, by whom, and what is different; and an earlier version brought back, as a new one (F9).

use super::{
    Drawn, open,
    sheet::{Section, Sheet, escaped},
    show,
};
use crate::{
    failure::{Answer, nowhere},
    page::go,
    signed_in::{realm, with_record},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use care::{
    chart::Chart,
    versions::{self, Difference, Read},
};
use jiff::Timestamp;
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::{
    Record,
    changes::{ChangesRequest, Place},
    error::Error,
};
use std::{collections::HashMap, sync::Arc};
use web::{door::Door, failure::Failure, form::Form};

/// How many changes stand on a page.
const PAGE: usize = 30;

/// How many differences of one change stand on the page of all.
const FEW: usize = 4;

#[derive(Template)]
#[template(path = "chart/history.html")]
struct Page {
    s: Sheet,
    heading: String,
    /// Whether it is about one thing alone.
    is_one: bool,
    /// What it is about, as it is now: `""` where it is about all.
    kind: String,
    changes: Vec<Line>,
    /// Where older ones stand.
    older: Option<String>,
    /// The session's token, where a version may be brought back from here.
    token: String,
    action: String,
    now: i64,
    error: String,
}

/// One change.
struct Line {
    when: String,
    who: String,
    /// Added, changed, removed.
    deed: String,
    kind: String,
    title: String,
    /// Where all versions of it stand.
    to: String,
    version: i64,
    differences: Vec<Row>,
    /// How many more there are.
    more: usize,
    /// Whether it may be brought back.
    is_earlier: bool,
}

/// One difference.
struct Row {
    place: String,
    before: Vec<String>,
    after: Vec<String>,
}

/// An element's name in words: `dosageInstruction` is `Dosage instruction` where no sentence says better.
fn element(w: Words, name: &str) -> String {
    let mut words = String::new();
    for (at, letter) in name.trim_start_matches('_').chars().enumerate() {
        match letter {
            letter if at == 0 => words.extend(letter.to_uppercase()),
            letter if letter.is_ascii_uppercase() => words.extend([' ', letter.to_ascii_lowercase()]),
            letter => words.push(letter),
        }
    }
    let plain = name.strip_prefix("value").filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
    w.of_code("element", if plain.is_some() { "value" } else { name }, &words)
}

fn row(w: Words, found: Difference) -> Row {
    let step = |step: &versions::Step| match step.which.as_str() {
        "" => element(w, &step.element),
        which => format!("{} ({which})", element(w, &step.element)),
    };
    let place = found.place.iter().map(step).collect::<Vec<_>>().join(" › ");
    Row { place, before: found.before, after: found.after }
}

fn line(s: &Sheet, chart: &Chart, read: &Read, most: usize) -> Line {
    let w = s.w;
    let change = &read.change;
    let deed = match (&read.after, change.version) {
        (None, _) => "removed",
        (Some(_), 1) => "added",
        (Some(_), _) if change.was_removed => "back",
        (Some(_), _) => "changed",
    };
    let called = |reference: &serde_json::Value| {
        let to = reference.get("reference").and_then(serde_json::Value::as_str).unwrap_or_default();
        let name = chart.called(Some(reference));
        if name.is_empty() { to.to_owned() } else { name }
    };
    let mut differences = match (&read.before, &read.after) {
        (Some(before), Some(after)) => versions::differences(before, after, &called),
        _ => Vec::new(),
    };
    let more = differences.len().saturating_sub(most);
    differences.truncate(most);
    let role = w.of_code("role", &change.role, &change.role);
    let at = Timestamp::from_microsecond(change.at).unwrap_or_default();
    Line {
        when: w.minute(at),
        who: if role.is_empty() { change.name.clone() } else { format!("{} ({role})", change.name) },
        deed: w.say(&format!("history-{deed}")),
        kind: w.of_code("kind", &change.resource_type, &change.resource_type),
        title: read.title(),
        to: s.to(&format!("history/{}/{}", change.resource_type, escaped(&change.id))),
        version: change.version,
        differences: differences.into_iter().map(|found| row(w, found)).collect(),
        more,
        is_earlier: read.after.is_some(),
    }
}

type Found = (Vec<Read>, Option<Place>, bool);

async fn look(
    door: &Door,
    view: &View,
    (realm, patient): (Realm, &str),
    only: Option<(String, String)>,
    from: Option<Place>,
) -> Result<Found, Answer> {
    let patient = patient.to_owned();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &patient, visit).map_err(crate::failure::of)?;
        let only = only.as_ref().map(|(kind, id)| (kind.as_str(), id.as_str()));
        let request = ChangesRequest { patient: &patient, only, from, count: PAGE };
        let (changes, next) = versions::changes(record, &act, &request)?;
        let may = only.is_some_and(|(kind, _)| versions::may_bring_back(&act, kind));
        Ok::<_, Failure>((changes, next, may))
    };
    Ok(with_record(door, &view.guest, realm, None, work).await?.1?)
}

/// Where the page begins: `before=LEAF`, or `before=LEAF-PASSED` in the middle of what was changed at once.
fn from(asked: &HashMap<String, String>) -> Option<Place> {
    let text = asked.get("before")?;
    let (leaf, passed) = text.split_once('-').unwrap_or((text, "0"));
    Some(Place { leaf: leaf.parse().ok()?, passed: passed.parse().ok()? })
}

fn older(s: &Sheet, place: &str, next: Option<Place>) -> Option<String> {
    next.map(|Place { leaf, passed }| format!("{}?before={leaf}-{passed}", s.to(place)))
}

/// `GET /{realm}/chart/{patient}/history`
pub(crate) async fn history(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    // The chart opens first: where it does not, nothing of it is looked at.
    let (s, opened) = open(&door, &view, (realm, &patient, Section::History)).await?;
    let (changes, next, _) = look(&door, &view, (realm, &patient), None, from(&asked)).await?;
    let changes = changes.iter().map(|read| line(&s, &opened.chart, read, FEW)).collect();
    let heading = s.w.say("section-history");
    let page = Page {
        heading: heading.clone(),
        is_one: false,
        kind: String::new(),
        changes,
        older: older(&s, "history", next),
        token: String::new(),
        action: String::new(),
        now: 0,
        error: String::new(),
        s,
    };
    Ok(show(&view, realm, &opened, StatusCode::OK, &Drawn { title: heading, page }))
}

/// `GET /{realm}/chart/{patient}/history/{type}/{id}`
pub(crate) async fn of_one(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient, kind, id)): Path<(String, String, String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    one(&door, &view, (realm(&name)?, &patient), (&kind, &id), from(&asked), None).await
}

async fn one(
    door: &Door,
    view: &View,
    (realm, patient): (Realm, &str),
    (kind, id): (&str, &str),
    from: Option<Place>,
    failed: Option<&str>,
) -> Result<Response, Answer> {
    let (s, opened) = open(door, view, (realm, patient, Section::History)).await?;
    let only = Some((kind.to_owned(), id.to_owned()));
    let (changes, next, may) = look(door, view, (realm, patient), only, from).await?;
    let Some(newest) = changes.first() else { return Err(nowhere().into()) };
    let now = newest.change.version;
    let title = newest.title();
    let place = format!("history/{kind}/{}", escaped(id));
    let mut lines: Vec<Line> = changes.iter().map(|read| line(&s, &opened.chart, read, usize::MAX)).collect();
    // The newest is there already, unless it is a removal; on a later page all are earlier ones.
    if from.is_none()
        && let Some(newest) = lines.first_mut()
    {
        newest.is_earlier = false;
    }
    let of_kind = s.w.of_code("kind", kind, kind);
    let heading = if title.is_empty() { of_kind.clone() } else { title };
    let brings = may && realm == Realm::Clinic && from.is_none();
    let page = Page {
        heading: heading.clone(),
        is_one: true,
        kind: of_kind,
        changes: lines,
        older: older(&s, &place, next),
        token: if brings { opened.who.form_token.clone() } else { String::new() },
        action: s.to(&place),
        now,
        error: failed.map(|key| s.w.say(key)).unwrap_or_default(),
        s,
    };
    let status = if failed.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(show(view, realm, &opened, status, &Drawn { title: heading, page }))
}

/// `POST /{realm}/chart/{patient}/history/{type}/{id}`: an earlier version is the newest again. For staff alone.
pub(crate) async fn bring_back(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient, kind, id)): Path<(String, String, String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let number = |name: &str| form.get(name).parse::<i64>().unwrap_or_default();
    let (at, of) = ((number("version"), number("now")), (patient.clone(), kind.clone(), id.clone()));
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let (patient, kind, id) = of;
        let act = login.act_on_chart(who, &patient, visit).map_err(crate::failure::of)?;
        match realm {
            Realm::Clinic => {}
            // Patients change what they wrote on its own page; nothing is brought back for them here.
            Realm::Patient => return Err(nowhere()),
            Realm::Admin => {
                record.refuse(&act, "bring-back", "Patient")?;
                return Err(super::may_not());
            }
        }
        match versions::bring_back(record, &act, &patient, (&kind, &id), at) {
            Ok(()) => Ok(None),
            Err(Error::Precondition(_) | Error::Conflict(_)) => Ok(Some("history-stale")),
            Err(Error::Gone { .. }) => Ok(Some("history-removal")),
            Err(Error::Unprocessable(_)) => Ok(Some("history-fixed")),
            Err(error) => Err(Failure::from(error)),
        }
    };
    let (_, done) = with_record(&door, &view.guest, realm, Some(&form), work).await?;
    match done? {
        None => {
            let to = format!("/clinic/chart/{}/history/{kind}/{}", escaped(&patient), escaped(&id));
            Ok(go(&to, Vec::new()))
        }
        failed => one(&door, &view, (Realm::Clinic, &patient), (&kind, &id), None, failed).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_named_in_words() {
        let w = Words::default();
        for (name, words) in [
            ("dosageInstruction", "How to take it"),
            ("groupIdentifier", "Group identifier"),
            ("valueQuantity", "Value"),
            ("_birthDate", "Birth date"),
            ("valueSet", "Value"),
        ] {
            assert_eq!(element(w, name), words);
        }
    }
}
