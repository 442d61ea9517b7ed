//! Vaccinations: which are due, by which schedule, and which were given with what became of each (B10); and the same as a card for paper.

use super::{
    Drawn, Opened, page,
    sheet::{Section, Sheet},
};
use crate::{failure::Answer, signed_in::realm, view::View, words::Words};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use care::{
    immunizations::Immunization,
    schedule::{self, Due, Forecast, Mark, Number, Programme, Status, Untold},
    when::When,
};
use jiff::civil::Date;
use login::realm::Realm;
use std::sync::Arc;
use web::door::Door;

/// By which national programme this house reckons: that of its country, and India's until somebody has said where it is. None where no
/// programme of its country is known here.
async fn programme(door: &Door) -> Option<Programme> {
    let country = door.home().await.country;
    country.map_or(Some(Programme::India), |country| Programme::of_country(country.code()))
}

#[derive(Template)]
#[template(path = "chart/immunizations.html")]
struct ListPage {
    s: Sheet,
    told: Told,
    given: Vec<Given>,
    /// The token for the form that makes a health card; empty for whoever makes none.
    token: String,
}

#[derive(Template)]
#[template(path = "chart/vaccination-card.html")]
struct CardPage {
    s: Sheet,
    told: Told,
    given: Vec<Given>,
    made: String,
}

/// What is due, in words.
struct Told {
    /// Which schedule, and what it does not replace.
    by: String,
    /// Why nothing is reckoned, where nothing is.
    why_not: String,
    /// What is overdue, due and next.
    parts: Vec<Part>,
    /// Whether nothing has to be done now, and that is known.
    is_quiet: bool,
    /// Series that are complete, and those that are not given any more.
    rest: Vec<(String, String)>,
    leaves_out: String,
}

/// What has to be done at one time.
struct Part {
    heading: String,
    /// Which dose, and when.
    lines: Vec<(String, String)>,
}

/// A dose that was given, as a line.
struct Given {
    what: String,
    when: String,
    lot: String,
    source: String,
    /// What it counts as, or why it does not.
    counts: String,
    is_counted: bool,
    is_not_done: bool,
}

/// A day as pages write it.
fn day(w: Words, date: Date) -> String {
    w.date_or(&When::parse(&date.to_string()))
}

fn number(w: Words, number: Number) -> String {
    match number {
        Number::Birth => w.say("number-birth"),
        Number::Nth(nth) => w.count("number-nth", nth),
        Number::Booster(nth) => w.count("number-booster", nth),
    }
}

fn name(w: Words, word: &str) -> String {
    w.say(&format!("vaccine-{word}"))
}

impl Told {
    fn new(w: Words, programme: Option<Programme>, found: &Result<Forecast, Untold>) -> Told {
        let by = programme.map(|programme| {
            w.with("due-by", "programme", w.say(&format!("programme-{}", programme.word())))
        });
        let leaves_out = programme.map(|programme| {
            let names: Vec<String> = programme.leaves_out().iter().map(|word| name(w, word)).collect();
            w.with("due-leaves-out", "list", names.join(", "))
        });
        let (by, leaves_out) = (by.unwrap_or_default(), leaves_out.unwrap_or_default());
        let (why_not, due) = match found {
            Ok(forecast) => (String::new(), forecast.due.as_slice()),
            Err(untold) => (w.say(&format!("untold-{}", untold.word())), [].as_slice()),
        };
        let parts = [Status::Overdue, Status::Due, Status::Later].map(|status| {
            let mut of: Vec<&Due> = due.iter().filter(|due| due.status == status).collect();
            of.sort_by_key(|due| due.next.map(|(_, dates)| dates.recommended));
            let lines = of.into_iter().filter_map(|due| line(w, due)).collect();
            Part { heading: w.say(&format!("due-{}", status.word())), lines }
        });
        let is_due = |due: &Due| matches!(due.status, Status::Overdue | Status::Due);
        let is_quiet = found.is_ok() && !due.iter().any(is_due);
        let rest = [Status::Complete, Status::TooOld].map(|status| {
            let of = due.iter().filter(|due| due.status == status);
            let names: Vec<String> = of.map(|due| name(w, due.vaccine.word())).collect();
            (w.say(&format!("due-{}", status.word())), names.join(", "))
        });
        Told { by, why_not, parts: parts.into(), is_quiet, rest: rest.into(), leaves_out }
    }
}

/// A dose that is to come: which, and when.
fn line(w: Words, due: &Due) -> Option<(String, String)> {
    let (which, dates) = due.next?;
    let what = format!("{}, {}", name(w, due.vaccine.word()), number(w, which));
    let recommended = day(w, dates.recommended);
    let when = match (due.status, dates.past_due) {
        (Status::Overdue, Some(past_due)) => w.with("due-was", "date", day(w, past_due)),
        (Status::Due, Some(past_due)) => {
            w.values("due-until", &[("date", &recommended), ("until", &day(w, past_due))])
        }
        (Status::Due, None) => w.with("due-since", "date", recommended),
        _ if dates.earliest < dates.recommended => {
            w.values("due-from-possible", &[("date", &recommended), ("earliest", &day(w, dates.earliest))])
        }
        _ => w.with("due-from", "date", recommended),
    };
    Some((what, when))
}

fn given(s: &Sheet, one: Immunization, found: &Result<Forecast, Untold>) -> Given {
    let seen = found.as_ref().ok().and_then(|forecast| forecast.seen.iter().find(|seen| seen.id == one.id));
    let marks = seen.map(|seen| seen.marks.as_slice()).unwrap_or_default();
    let told = marks.iter().map(|(vaccine, mark)| {
        let of = |words: String| match vaccine {
            Some(vaccine) => format!("{}: {words}", name(s.w, vaccine.word())),
            None => words,
        };
        match mark {
            Mark::Counts(which) => of(number(s.w, *which)),
            Mark::Not(why) => of(s.w.say(&format!("not-counted-{}", why.word()))),
        }
    });
    let recorded =
        if one.dose.is_empty() { String::new() } else { s.w.with("dose-recorded", "dose", &one.dose) };
    Given {
        counts: if marks.is_empty() { recorded } else { told.collect::<Vec<_>>().join("; ") },
        is_counted: marks.is_empty() || marks.iter().any(|(_, mark)| matches!(mark, Mark::Counts(_))),
        when: s.w.date_or(&one.when),
        what: one.what,
        lot: one.lot,
        source: one.source,
        is_not_done: one.is_not_done,
    }
}

/// What both pages show.
fn read(s: &Sheet, opened: &Opened, programme: Option<Programme>) -> (Told, Vec<Given>) {
    let found = match programme {
        Some(programme) => schedule::of(&opened.chart, programme, opened.today),
        None => Err(Untold::NoProgramme),
    };
    let all = care::immunizations::of(&opened.chart);
    let given = all.into_iter().map(|one| given(s, one, &found)).collect();
    (Told::new(s.w, programme, &found), given)
}

/// `GET /{realm}/chart/{patient}/immunizations`
pub(crate) async fn immunizations(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Immunizations);
    let programme = programme(&door).await;
    page(&door, &view, at, |s, opened| {
        let (told, given) = read(&s, opened, programme);
        let token = if at.0 == Realm::Patient { opened.who.form_token.clone() } else { String::new() };
        Ok(Drawn { title: s.w.say("section-immunizations"), page: ListPage { s, told, given, token } })
    })
    .await
}

/// `GET /{realm}/chart/{patient}/immunizations/card`: for paper.
pub(crate) async fn vaccination_card(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Immunizations);
    let (programme, house) = (programme(&door).await, door.origin().to_owned());
    page(&door, &view, at, |s, opened| {
        let (told, mut given) = read(&s, opened, programme);
        given.retain(|one| !one.is_not_done);
        given.reverse();
        let made = s.w.values("card-made-at", &[("house", &house), ("when", &s.w.minute(opened.now))]);
        Ok(Drawn { title: s.w.say("vaccination-card"), page: CardPage { s, told, given, made } })
    })
    .await
}
