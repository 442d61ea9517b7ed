//! All vital signs side by side, twelve times on a page: as many as a sheet of paper holds.

use super::super::{
    Drawn, Opened, page,
    sheet::{Raised, Section, Sheet},
};
use crate::{failure::Answer, signed_in::realm, view::View, words::Words};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use care::vitals::{
    flowsheet::{self, Cell, Column, ROWS, Warning},
    news2::Why,
    resource,
};
use login::realm::Realm;
use std::{collections::HashMap, sync::Arc};
use web::door::Door;

/// Times on a page.
const TIMES: usize = 12;

#[derive(Template)]
#[template(path = "chart/vitals.html")]
struct Page {
    s: Sheet,
    is_saved: bool,
    may_write: bool,
    news: Option<News>,
    is_oldest_first: bool,
    /// When and by whom.
    heads: Vec<Head>,
    rows: Vec<Row>,
    /// The page of earlier times, and that of later ones.
    earlier: Option<usize>,
    later: Option<usize>,
}

/// The head of a column.
struct Head {
    when: String,
    by: String,
}

/// A row: what is measured, and its values in each column.
struct Row {
    name: String,
    cells: Vec<Vec<Shown>>,
}

/// A value as it is shown.
struct Shown {
    to: String,
    text: String,
    flag: Option<Raised>,
    is_error: bool,
    reason: String,
    is_patients: bool,
    from: String,
}

/// The early warning as it is shown.
struct News {
    when: String,
    /// The word of its band, for its colour; empty where there is no score.
    band: &'static str,
    points: String,
    risk: String,
    /// What the RCP says to do; or why there is no score.
    text: String,
}

/// The name of a row.
pub(in super::super) fn name(w: Words, code: &str) -> String {
    match code {
        resource::OXYGEN => w.say("vital-oxygen"),
        resource::CONSCIOUSNESS => w.say("vital-consciousness"),
        resource::NEWS2 => "NEWS2".to_owned(),
        code => w.of_code("measured", code, code),
    }
}

fn shown(s: &Sheet, cell: &Cell) -> Shown {
    Shown {
        to: s.to(&format!("entries/vitals/{}", super::super::sheet::escaped(&cell.id))),
        text: if cell.word.is_empty() { cell.text.clone() } else { s.w.say(&cell.word) },
        flag: cell.flag.map(Raised),
        is_error: cell.is_error,
        reason: super::super::entry::reason(s.w, &cell.reason),
        is_patients: cell.is_patients,
        from: cell.from.clone(),
    }
}

fn rows(s: &Sheet, columns: &[Column]) -> Vec<Row> {
    let row = |(at, code): (usize, &&str)| {
        let of = |column: &Column| -> Vec<Shown> {
            column.cells.get(at).into_iter().flatten().map(|cell| shown(s, cell)).collect()
        };
        let cells: Vec<Vec<Shown>> = columns.iter().map(of).collect();
        let is_there = cells.iter().any(|cell| !cell.is_empty());
        is_there.then(|| Row { name: name(s.w, code), cells })
    };
    ROWS.iter().enumerate().filter_map(row).collect()
}

fn news(w: Words, warning: &Warning) -> News {
    let when = w.moment(&warning.when);
    match &warning.score {
        Ok((total, band)) => News {
            when,
            band: band.word(),
            points: total.to_string(),
            risk: w.say(&format!("news2-{}", band.word())),
            text: w.say(&format!("news2-act-{}", band.word())),
        },
        Err(why) => {
            let reasons: Vec<String> = why.iter().map(|why| reason(w, *why)).collect();
            News {
                when,
                band: "",
                points: String::new(),
                risk: w.say("news2-none"),
                text: reasons.join("; "),
            }
        }
    }
}

fn reason(w: Words, why: Why) -> String {
    match why {
        Why::Young => w.say("news2-young"),
        Why::AgeUnknown => w.say("news2-age-unknown"),
        Why::Pregnant => w.say("news2-pregnant"),
        Why::PregnancyUnknown => w.say("news2-pregnancy-unknown"),
        Why::Missing(part) => w.with("news2-missing", "part", w.say(&format!("vital-{}", part.word()))),
        Why::Apart => w.say("news2-apart"),
    }
}

fn drawn(s: Sheet, opened: &Opened, asked: &HashMap<String, String>) -> Drawn<Page> {
    let is = |key: &str, value: &str| asked.get(key).is_some_and(|given| given == value);
    let all = flowsheet::of(&opened.chart);
    let last = all.len().div_ceil(TIMES).saturating_sub(1);
    let at = asked.get("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or_default().min(last);
    let mut columns: Vec<Column> = all.into_iter().skip(at * TIMES).take(TIMES).collect();
    let is_oldest_first = is("order", "oldest");
    if is_oldest_first {
        columns.reverse();
    }
    let head = |column: &Column| Head { when: s.w.moment(&column.when), by: column.by.join(", ") };
    let warning = flowsheet::warning(&opened.chart).filter(|_| s.realm == Realm::Clinic);
    let page = Page {
        is_saved: is("saved", "yes"),
        may_write: opened.chart.may_write(&["Observation"]),
        news: warning.map(|warning| news(s.w, &warning)),
        is_oldest_first,
        heads: columns.iter().map(head).collect(),
        rows: rows(&s, &columns),
        earlier: (at < last).then_some(at + 1),
        later: at.checked_sub(1),
        s,
    };
    Drawn { title: page.s.w.say("section-vitals"), page }
}

/// `GET /{realm}/chart/{patient}/vitals`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Vitals);
    page(&door, &view, at, |s, opened| Ok(drawn(s, opened, &asked))).await
}
