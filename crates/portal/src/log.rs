//! The audit log as a signed ledger, for who watches over the house and who runs it: how long it is, what was signed over it, whether it
//! holds, and its lines. Of whom a line tells stands on the patient's own list alone; whoever runs the house is told no patient's name.

use crate::{
    failure::{Answer, of},
    page::go,
    signed_in::with_record,
    view::{Frame, View},
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use care::{viewers::house_deed, when::When};
use jiff::{Timestamp, civil::Date};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::{
    Record,
    log::{LogLine, LogPage, LogReport, LogRequest, Said},
};
use std::{collections::HashMap, sync::Arc};
use web::{
    door::Door,
    failure::Failure,
    form::Form,
    log_check::{LogCheck, Started},
};

/// Where a check is started, and where it says how it stands.
const CHECK: &str = "/admin/log/check";

/// Lines on a page.
const PAGE: usize = 50;

/// The longest word that lines are asked for by, in characters.
const LONGEST: usize = 80;

/// How often the page of a running check asks again, in seconds.
const AGAIN: &str = "3";

#[derive(Template)]
#[template(path = "log.html")]
struct Page {
    w: Words,
    token: String,
    entries: u64,
    newest: String,
    checkpoint: String,
    verifier: String,
    check: Check,
    filter: Filter,
    lines: Vec<Line>,
    is_first: bool,
    next: Option<i64>,
}

#[derive(Template)]
#[template(path = "log-check.html")]
struct CheckPage {
    w: Words,
    check: Check,
}

/// How a check stands, in words.
#[derive(Default)]
struct Check {
    /// `good`, `wrong`, or nothing in particular.
    tone: &'static str,
    text: String,
    /// What to do where something is wrong.
    then: String,
    by: String,
    is_running: bool,
}

impl Check {
    fn icon(&self) -> &'static str {
        match self.tone {
            "wrong" => "alarm",
            _ => "log",
        }
    }
}

/// What is asked for, as it was typed, and what is wrong with it.
#[derive(Default)]
struct Filter {
    who: String,
    operation: String,
    day: String,
    before: Option<i64>,
    time: Option<(i64, i64)>,
    /// The field that is wrong, and why.
    wrong: &'static str,
    error: String,
}

/// A line as it is read.
#[derive(Default)]
struct Line {
    number: i64,
    when: String,
    who: String,
    role: String,
    what: String,
    operation: String,
    kind: String,
    outcome: String,
}

impl Filter {
    fn read<'a>(w: Words, asked: &dyn Fn(&str) -> &'a str) -> Filter {
        let text = |name: &str| asked(name).trim().to_owned();
        let (who, operation, day, before) = (text("who"), text("operation"), text("day"), text("before"));
        let time = bounds(w, &day);
        let is_long = |text: &str| text.chars().count() > LONGEST;
        let is_place = before.is_empty() || before.parse::<i64>().is_ok_and(|before| before >= 0);
        let wrong = [
            (is_long(&who), "who", "log-too-long"),
            (is_long(&operation), "operation", "log-too-long"),
            (!day.is_empty() && time.is_none(), "day", "log-no-day"),
            (!is_place, "before", "log-no-such-page"),
        ];
        let wrong = wrong.into_iter().find(|(is_wrong, ..)| *is_wrong);
        let (wrong, error) = wrong.map(|(_, field, key)| (field, w.say(key))).unwrap_or_default();
        let short = |text: String| text.chars().take(LONGEST).collect();
        Filter {
            who: short(who),
            operation: short(operation),
            day: short(day),
            before: before.parse().ok(),
            time,
            wrong,
            error,
        }
    }

    fn request(&self) -> LogRequest {
        // Where something is wrong nothing is searched: what it would find is not what was asked for.
        let count = if self.wrong.is_empty() { PAGE } else { 0 };
        let (who, operation) = (self.who.clone(), self.operation.clone());
        LogRequest { who, operation, time: self.time, before: self.before, count }
    }

    /// Whether only some lines are asked for.
    fn is_some(&self) -> bool {
        !(self.who.is_empty() && self.operation.is_empty() && self.day.is_empty())
    }
}

/// A day where the house is, in microseconds since the epoch.
fn bounds(w: Words, day: &str) -> Option<(i64, i64)> {
    let date: Date = day.parse().ok()?;
    let start = |date: Date| Some(w.1.midnight(date).ok()?.as_microsecond());
    Some((start(date)?, start(date.tomorrow().ok()?)?))
}

/// `GET /admin/log`: from the newest line on, or from where the page before it ended.
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    view: View,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let before = asked.get("before").map(String::as_str).unwrap_or_default();
    let filter = Filter::read(view.words, &|name| if name == "before" { before } else { "" });
    list(&door, &view, filter, None).await
}

/// `POST /admin/log`: some lines alone. What is asked for may be somebody's name, which stands in no address.
pub(crate) async fn find(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let filter = Filter::read(view.words, &|name| form.get(name));
    list(&door, &view, filter, Some(&form)).await
}

async fn list(door: &Door, view: &View, filter: Filter, form: Option<&Form>) -> Result<Response, Answer> {
    let w = view.words;
    let request = filter.request();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_of(who, visit).map_err(of)?;
        let own = login.roles_of_staff(visit.now).map_err(of)?;
        let is_of_staff = |role: &str| own.iter().any(|own| own == role);
        Ok::<_, Failure>(record.log(&act, &request, &is_of_staff)?)
    };
    let (who, found) = with_record(door, &view.guest, Realm::Admin, form, work).await?;
    let LogPage { entries, newest, checkpoint, verifier, lines, next } = found?;
    let status = if filter.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        w,
        token: who.form_token.clone(),
        entries,
        newest: newest.map(|at| minute(w, at)).unwrap_or_default(),
        checkpoint,
        verifier,
        check: check_said(w, &door.log_checks().now()),
        lines: lines.iter().map(|line| line_said(w, line)).collect(),
        is_first: filter.before.is_none(),
        next: next.filter(|_| filter.wrong.is_empty()),
        filter,
    };
    let frame = Frame { view, realm: Some(Realm::Admin), who: Some(&who), is_wide: true };
    Ok(frame.show(status, &w.say("place-log"), &page))
}

/// `GET /admin/log/checkpoint`: the signed note as a file, for somebody outside to keep.
pub(crate) async fn checkpoint(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    let work = |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_of(who, visit).map_err(of)?;
        Ok::<_, Failure>(record.log_checkpoint(&act)?)
    };
    let (_, note) = with_record(&door, &view.guest, Realm::Admin, None, work).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"keepwell-checkpoint.txt\""),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, note?).into_response())
}

/// `GET /admin/log/check`: how a check stands. While one is at work the page asks again by itself, without a script.
pub(crate) async fn show_check(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    let w = view.words;
    let work = |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_of(who, visit).map_err(of)?;
        Ok::<_, Failure>(record.may_read_log(&act)?)
    };
    let (who, may) = with_record(&door, &view.guest, Realm::Admin, None, work).await?;
    may?;
    let check = check_said(w, &door.log_checks().now());
    let is_running = check.is_running;
    let mut response = view.of(&who).show(StatusCode::OK, &w.say("log-check-title"), &CheckPage { w, check });
    if is_running {
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static(AGAIN));
    }
    Ok(response)
}

/// `POST /admin/log/check`: starts one, unless one is at work.
pub(crate) async fn check(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let checks = Arc::clone(door.log_checks());
    let work = move |login: &Login, _: &Record, who: &Who, visit: &Visit| {
        let act = login.act_of(who, visit).map_err(of)?;
        let by = Started { name: who.account.name.clone(), at: visit.now };
        checks.start(by, |record| record.begin_log_check(&act).map_err(Failure::from))
    };
    let (_, started) = with_record(&door, &view.guest, Realm::Admin, Some(&form), work).await?;
    started?;
    Ok(go(CHECK, Vec::new()))
}

fn check_said(w: Words, check: &LogCheck) -> Check {
    let by = |started: &Started| {
        w.values("log-check-by", &[("name", &started.name), ("at", &w.minute(started.at))])
    };
    match check {
        LogCheck::None => Check { text: w.say("log-check-none"), ..Check::default() },
        LogCheck::Running { by: started, done, of } => Check {
            text: w.values("log-check-running", &[("done", &done.to_string()), ("of", &of.to_string())]),
            by: by(started),
            is_running: true,
            ..Check::default()
        },
        LogCheck::Done { by: started, ended, report } => {
            let (tone, text) = outcome(w, report.as_ref(), *ended);
            let then = if tone == "good" { String::new() } else { w.say("log-check-then") };
            Check { tone, text, then, by: by(started), is_running: false }
        }
    }
}

fn outcome(w: Words, report: Option<&LogReport>, ended: Timestamp) -> (&'static str, String) {
    let Some(report) = report else { return ("wrong", w.say("log-check-stopped")) };
    let (entries, at) = (report.entries.to_string(), w.minute(ended));
    let Some(first) = &report.first else {
        return ("good", w.values("log-check-good", &[("entries", &entries), ("at", &at)]));
    };
    let place = match first.entry {
        Some(entry) => w.with("log-place-entry", "entry", entry),
        None => w.say(&format!("log-place-{}", first.place)),
    };
    let what = w.say(&format!("log-wrong-{}", first.what));
    let text = w.values("log-check-wrong", &[("place", &place), ("what", &what), ("at", &at)]);
    ("wrong", format!("{text} {}", w.count("log-check-faults", report.faults)))
}

fn minute(w: Words, at: i64) -> String {
    Timestamp::from_microsecond(at).map(|at| w.minute(at)).unwrap_or_default()
}

fn line_said(w: Words, line: &LogLine) -> Line {
    let Some(said) = &line.said else {
        return Line { number: line.number, what: w.say("log-closed"), ..Line::default() };
    };
    let at = Timestamp::from_microsecond(said.at).ok();
    let when = at.and_then(|at| When::parse(&at.to_string()));
    let deed = house_deed(&said.operation).map(|deed| w.say(&format!("deed-{deed}")));
    Line {
        number: line.number,
        when: w.moment_or(&when),
        who: who_said(w, said),
        role: w.of_code("role", &said.role, &said.role),
        what: deed.unwrap_or_default(),
        operation: said.operation.clone(),
        kind: said.kind.clone().unwrap_or_default(),
        outcome: match (said.is_refused, said.is_failed) {
            (true, _) => w.say("refused"),
            (_, true) => w.say("failed"),
            _ => String::new(),
        },
    }
}

fn who_said(w: Words, said: &Said) -> String {
    match said.name.as_deref() {
        None => w.say("log-nameless"),
        Some("") => w.say("nobody-known"),
        Some(name) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &str, value: &str) -> Filter {
        Filter::read(Words::default(), &|name| if name == field { value } else { "" })
    }

    #[test]
    fn a_day_is_from_midnight_to_midnight_in_utc() {
        let day = 86_400_000_000;
        let bounds = |day| bounds(Words::default(), day);
        assert_eq!(bounds("1970-01-02"), Some((day, 2 * day)));
        for bad in ["", "yesterday", "2026-02-30", "9999-12-31", "2026-13-01", "-1"] {
            assert_eq!(bounds(bad), None, "{bad}");
        }
    }

    #[test]
    fn a15_a_day_is_one_of_the_house() {
        let of = |zone| Words(Default::default(), login::zone::Zone::named(zone).unwrap());
        let (hour, from) = (3_600_000_000, |zone| bounds(of(zone), "2026-11-01").unwrap());
        assert_eq!(from("Asia/Kolkata").0, from("UTC").0 - 11 * hour / 2);
        let long = from("America/New_York");
        assert_eq!(long.1 - long.0, 25 * hour, "the night in which clocks go back");
    }

    #[test]
    fn what_is_wrong_with_a_filter_is_said_and_nothing_is_searched() {
        let long = "x".repeat(10_000);
        for (field, value) in [
            ("before", "x"),
            ("before", "-1"),
            ("before", "99999999999999999999"),
            ("day", "today"),
            ("who", &long),
            ("operation", &long),
        ] {
            let filter = read(field, value);
            assert_eq!((filter.wrong, filter.request().count), (field, 0), "{value:.20}");
            assert!(!filter.error.is_empty() && filter.who.len() <= LONGEST);
        }
        let fine = read("who", " Nila ");
        assert_eq!((fine.wrong, fine.who.as_str(), fine.request().count), ("", "Nila", PAGE));
        assert!(fine.is_some() && !read("before", "7").is_some());
    }
}
