//! Results by group, and one of them through time.

use super::{
    Drawn, draw, page,
    sheet::{Line, Section, Sheet},
};
use crate::{
    failure::{Answer, nowhere},
    signed_in::realm,
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use care::results::{self, Point, Series};
use std::sync::Arc;
use web::door::Door;

#[derive(Template)]
#[template(path = "chart/results.html")]
struct Results {
    s: Sheet,
    groups: Vec<Group>,
}

/// Results of one kind.
struct Group {
    heading: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "chart/series.html")]
struct OneSeries {
    s: Sheet,
    name: String,
    /// What the record calls it.
    recorded: String,
    newest: Option<Line>,
    /// What the newest value means, in plain words; empty where there is nothing to say.
    meaning: String,
    trend: String,
    lines: Vec<Line>,
}

/// The groups in the order in which they are read; what is in none comes last.
const GROUPS: [&str; 4] = ["vital-signs", "laboratory", "imaging", "social-history"];

fn group_of(series: &Series) -> usize {
    GROUPS.iter().position(|group| series.is_in(group)).unwrap_or(GROUPS.len())
}

fn grouped(s: &Sheet, all: &[Series]) -> Vec<Group> {
    let group = |at: usize| {
        let word = GROUPS.get(at).copied().unwrap_or("other");
        let of_it = all.iter().filter(|series| group_of(series) == at);
        let lines = of_it.filter_map(|series| Some(s.line(series, series.newest()?)));
        Group { heading: s.w.say(&format!("group-{word}")), lines: lines.collect() }
    };
    (0..=GROUPS.len()).map(group).filter(|group| !group.lines.is_empty()).collect()
}

/// What a value means for somebody who is no clinician. Nothing is said of a value without a range.
fn meaning(s: &Sheet, point: &Point) -> String {
    match point.flag {
        Some(flag) => s.w.say(&format!("meaning-{}", super::sheet::Raised(flag).key())),
        None if point.low.is_some() || point.high.is_some() => s.w.say("meaning-inside"),
        None => String::new(),
    }
}

/// `GET /{realm}/chart/{patient}/results`
pub(crate) async fn results(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Results);
    page(&door, &view, at, |s, opened| {
        let groups = grouped(&s, &results::of(&opened.chart));
        Ok(Drawn { title: s.w.say("section-results"), page: Results { s, groups } })
    })
    .await
}

/// `GET /{realm}/chart/{patient}/results/{key}`
pub(crate) async fn series(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient, key)): Path<(String, String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Results);
    page(&door, &view, at, |s, opened| {
        let all = results::of(&opened.chart);
        let series = all.iter().find(|series| series.key == key).ok_or_else(nowhere)?;
        let lines: Vec<Line> = series.points.iter().map(|point| s.line(series, point)).collect();
        let newest = series.newest();
        let name = s.name(series);
        let page = OneSeries {
            meaning: newest.map(|point| meaning(&s, point)).unwrap_or_default(),
            newest: newest.map(|point| s.line(series, point)),
            trend: draw::trend(&s.w, &name, series),
            recorded: series.name.clone(),
            name: name.clone(),
            lines,
            s,
        };
        Ok(Drawn { title: name, page })
    })
    .await
}
