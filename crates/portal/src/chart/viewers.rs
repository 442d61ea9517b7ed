//! Who looked at a record: for the patient and who acts for them, and for the privacy officer. A page and a file. The patient may say of a line
//! that it looks wrong, and reads there what a privacy officer found.

use super::sheet::tabs;
use crate::{
    failure::Answer,
    page::go,
    signed_in::with_record,
    view::{Frame, Place, View},
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use care::{viewers as deeds, when::When};
use login::{
    Login,
    dispute::{self, Dispute},
    error::Error,
    realm::Realm,
    session,
    visit::Visit,
};
use record::{
    Record,
    viewers::{Told, Viewer, Viewers, ViewersRequest, Who},
};
use std::{collections::HashMap, fmt::Write, sync::Arc};
use web::{door::Door, failure::Failure, form::Form};

/// Lines on a page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "chart/viewers.html")]
struct Page {
    w: Words,
    tabs: Vec<Place>,
    to: String,
    who: &'static str,
    lines: Vec<Line>,
    is_first: bool,
    next: Option<i64>,
    /// What the patient may do about a line; empty for the privacy officer, who answers elsewhere.
    token: String,
    disputes: Vec<Disputed>,
    /// Which line is to be disputed, with which words, and what is wrong with them.
    typed: Typed,
}

/// What somebody types about a line.
#[derive(Clone, Default)]
struct Typed {
    line: String,
    text: String,
    /// The field that is wrong, and why.
    wrong: &'static str,
    error: String,
}

/// A dispute as it is read.
struct Disputed {
    heading: String,
    text: String,
    answer: String,
    is_open: bool,
}

/// A line as it is read.
#[derive(Default)]
struct Line {
    when: String,
    who: String,
    role: String,
    what: String,
    things: String,
    why: String,
    number: i64,
    is_refused: bool,
    is_emergency: bool,
}

/// What the page shows, or why it cannot.
type Asked = HashMap<String, String>;

/// Looks, and leads whoever has no chart yet to where one asks for it.
async fn look(
    door: &Door,
    view: &View,
    (realm, patient): (Realm, &str),
    (who, before, count): (Who, Option<i64>, Option<usize>),
) -> Result<(session::Who, Viewers), Answer> {
    let id = patient.to_owned();
    let work = move |login: &Login, record: &Record, person: &session::Who, visit: &Visit| {
        let act = login.act_on_chart(person, &id, visit).map_err(crate::failure::of)?;
        let has_none = realm == Realm::Patient && act.actor.patient.is_none();
        let request = ViewersRequest { patient: &id, who, before, count };
        Ok::<_, Failure>(if has_none { None } else { Some(record.viewers(&act, &request)?) })
    };
    let (person, found) = with_record(door, &view.guest, realm, None, work).await?;
    match found {
        Ok(Some(found)) => Ok((person, found)),
        Ok(None) => Err(go("/patient/sharing", Vec::new()).into()),
        Err(failure) if failure.status == StatusCode::FORBIDDEN && realm == Realm::Patient => {
            let text =
                "the list of who looked is for the patient, and for who acts for them and sees everything";
            Err(Failure::new(StatusCode::FORBIDDEN, fhir::outcome::IssueCode::Forbidden, text).into())
        }
        Err(failure) => Err(failure.into()),
    }
}

fn chosen(asked: &Asked) -> (Who, &'static str) {
    match asked.get("who").map(String::as_str) {
        Some("people") => (Who::People, "people"),
        Some("machines") => (Who::Machines, "machines"),
        _ => (Who::All, ""),
    }
}

async fn page(
    door: &Door,
    view: &View,
    (realm, patient): (Realm, &str),
    asked: &Asked,
    typed: Typed,
) -> Result<Response, Answer> {
    let (who, word) = chosen(asked);
    let before: Option<i64> = asked.get("before").and_then(|before| before.parse().ok());
    let (person, found) = look(door, view, (realm, patient), (who, before, Some(PAGE))).await?;
    let w = view.words;
    let is_own = realm == Realm::Patient;
    let disputes = if is_own { disputes(door, view, patient).await? } else { Vec::new() };
    let status = if typed.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        token: if is_own { person.form_token.clone() } else { String::new() },
        disputes: disputes.iter().map(|dispute| disputed(w, dispute)).collect(),
        typed,
        tabs: if realm == Realm::Patient { tabs(w, realm, patient, "viewers") } else { Vec::new() },
        to: format!("/{}/chart/{patient}/viewers", realm.name()),
        who: word,
        lines: found.lines.iter().map(|viewer| line(w, viewer)).collect(),
        is_first: before.is_none(),
        next: found.next,
        w,
    };
    let frame = Frame { view, realm: Some(realm), who: Some(&person), is_wide: false };
    Ok(frame.show(status, &w.say("section-viewers"), &page))
}

/// What was disputed in the record whose list was just shown.
async fn disputes(door: &Door, view: &View, patient: &str) -> Result<Vec<Dispute>, Answer> {
    let id = patient.to_owned();
    let work = move |login: &Login, _: &Record, _: &session::Who, visit: &Visit| {
        login.disputes_of(&id, visit).map_err(crate::failure::of)
    };
    Ok(with_record(door, &view.guest, Realm::Patient, None, work).await?.1?)
}

fn disputed(w: Words, dispute: &Dispute) -> Disputed {
    let line = &dispute.line;
    let values =
        [("line", &*line.number.to_string()), ("name", line.name.as_str()), ("on", &w.minute(dispute.at))];
    let answer = match &dispute.answer {
        None => w.with("dispute-waits", "due", w.minute(dispute.due)),
        Some(answer) => {
            let found = w.say(if answer.was_wrong { "dispute-was-wrong" } else { "dispute-was-right" });
            format!("{found} “{}” — {}, {}", answer.text, answer.name, w.minute(answer.at))
        }
    };
    Disputed {
        heading: w.values("dispute-about", &values),
        text: dispute.text.clone(),
        answer,
        is_open: dispute.answer.is_none(),
    }
}

/// `POST /patient/chart/{patient}/viewers`: a line of the list looks wrong.
pub(crate) async fn dispute(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let (sent, id) = (form.clone(), patient.clone());
    let work = move |login: &Login, record: &Record, who: &session::Who, visit: &Visit| {
        let unknown = || Error::Invalid { field: "line", text: "there is no such line on this list" };
        let number: i64 = match sent.get("line").trim().parse() {
            Ok(number) if (0..i64::MAX).contains(&number) => number,
            _ => return Ok(Err(unknown())),
        };
        let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
        let request =
            ViewersRequest { patient: &id, who: Who::All, before: Some(number + 1), count: Some(1) };
        let found = record.viewers(&act, &request)?;
        let Some(viewer) = found.lines.into_iter().find(|viewer| viewer.line == number) else {
            return Ok(Err(unknown()));
        };
        let (name, role, at) = viewer.look.map(|told| (told.name, told.role, told.at)).unwrap_or_default();
        let at = jiff::Timestamp::from_microsecond(at).ok();
        let line = dispute::Line { number, name, role, at };
        Ok::<_, Failure>(login.dispute(who, &id, line, sent.get("text"), visit))
    };
    let (_, done) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    let typed = match done? {
        Ok(()) => return Ok(go(&format!("/patient/chart/{patient}/viewers#disputes"), Vec::new())),
        Err(error @ (Error::Invalid { .. } | Error::Throttled { .. })) => Typed {
            line: form.get("line").to_owned(),
            text: form.get("text").to_owned(),
            wrong: if error.field() == "text" { "text" } else { "line" },
            error: view.words.error(&error),
        },
        Err(error) => return Err(crate::failure::of(error).into()),
    };
    page(&door, &view, (Realm::Patient, &patient), &Asked::new(), typed).await
}

async fn file(door: &Door, view: &View, realm: Realm, patient: &str) -> Result<Response, Answer> {
    let (_, found) = look(door, view, (realm, patient), (Who::All, None, None)).await?;
    let text = list(view.words, &found.lines);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"who-looked.csv\""),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, text).into_response())
}

/// All lines as a file for spreadsheets.
pub(super) fn list(w: Words, lines: &[Viewer]) -> String {
    let heads = ["line", "when-zone", "who", "role", "what", "things", "why", "outcome"];
    let heads = heads.map(|key| w.in_zone(key));
    let mut text = String::from("\u{feff}");
    row(&mut text, &heads);
    for viewer in lines {
        let line = line(w, viewer);
        let outcome = if line.is_refused { w.say("refused") } else { String::new() };
        row(
            &mut text,
            &[
                line.number.to_string(),
                line.when,
                line.who,
                line.role,
                line.what,
                line.things,
                line.why,
                outcome,
            ],
        );
    }
    text
}

/// A row of a file for spreadsheets. What one of them would take for a formula is made plain text.
fn row(text: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        let plain: String = cell.chars().filter(|c| !c.is_control()).collect();
        let is_formula = plain.trim_start().starts_with(['=', '+', '-', '@']);
        let (comma, mark) = (if at == 0 { "" } else { "," }, if is_formula { "'" } else { "" });
        let _ = write!(text, "{comma}\"{mark}{}\"", plain.replace('"', "\"\""));
    }
    text.push_str("\r\n");
}

fn line(w: Words, viewer: &Viewer) -> Line {
    match &viewer.look {
        Some(told) => said(w, viewer.line, told),
        None => Line { number: viewer.line, what: w.say("deed-closed"), ..Line::default() },
    }
}

fn said(w: Words, number: i64, told: &Told) -> Line {
    let at = jiff::Timestamp::from_microsecond(told.at).ok();
    let when = at.and_then(|at| When::parse(&at.to_string()));
    let deed = deeds::deed(told);
    let things = deeds::things(&told.of_types);
    let things = things.iter().map(|(word, count)| w.count(&format!("thing-{word}"), count));
    let what = w.say(&format!("deed-{deed}"));
    Line {
        when: w.moment_or(&when),
        who: who(w, told),
        role: w.of_code("role", &told.role, &told.role),
        what: if told.is_failed { format!("{what} ({})", w.say("failed")) } else { what },
        things: things.collect::<Vec<_>>().join(", "),
        why: w.of_code("purpose", told.purpose, told.purpose),
        number,
        is_refused: told.is_refused,
        is_emergency: told.purpose == "ETREAT",
    }
}

/// By name. Whoever had a card or a link is nobody by name: what they call themselves stands as what it is.
fn who(w: Words, told: &Told) -> String {
    if told.name.is_empty() {
        return w.say("nobody-known");
    }
    if !["emergency-card", "health-link"].contains(&told.role.as_str()) {
        return told.name.clone();
    }
    let somebody = w.say(&format!("who-{}", told.role));
    match told.name.split_once(", says: ") {
        Some((_, from)) => w.values("who-says", &[("who", &somebody), ("name", from)]),
        None => somebody,
    }
}

/// `GET /patient/chart/{patient}/viewers`
pub(crate) async fn viewers(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Answer> {
    let typed = Typed { line: asked.get("line").cloned().unwrap_or_default(), ..Typed::default() };
    page(&door, &view, (Realm::Patient, &patient), &asked, typed).await
}

/// `GET /patient/chart/{patient}/viewers.csv`: all of it.
pub(crate) async fn viewers_list(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    file(&door, &view, Realm::Patient, &patient).await
}

/// `GET /admin/chart/{patient}/viewers`: for the privacy officer.
pub(crate) async fn oversight(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Answer> {
    page(&door, &view, (Realm::Admin, &patient), &asked, Typed::default()).await
}

/// `GET /admin/chart/{patient}/viewers.csv`
pub(crate) async fn oversight_list(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    file(&door, &view, Realm::Admin, &patient).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_take_for_a_formula_is_plain_text() {
        let mut text = String::new();
        row(&mut text, &["=1+1", " @SUM(A1)", "-x", "a \"b\", c\r\n=2", "12"].map(str::to_owned));
        assert_eq!(text, "\"'=1+1\",\"' @SUM(A1)\",\"'-x\",\"a \"\"b\"\", c=2\",\"12\"\r\n");
    }
}
