//! The sections that are lists: each a table, what goes on before what is over.

use super::{
    Drawn, Opened, page,
    sheet::{Section, Sheet},
};
use crate::{failure::Answer, signed_in::realm, view::View};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use std::sync::Arc;
use web::door::Door;

#[derive(Template)]
#[template(path = "chart/table.html")]
struct Listed {
    s: Sheet,
    heading: String,
    parts: Vec<Part>,
}

/// A table with its heading.
#[derive(Default)]
struct Part {
    heading: String,
    columns: Vec<String>,
    rows: Vec<Row>,
    /// What is said where there is nothing.
    none: String,
}

/// A row; its first cell names it.
#[derive(Default)]
struct Row {
    to: String,
    cells: Vec<String>,
    tags: Vec<Tag>,
    is_over: bool,
}

/// A mark beside a name.
struct Tag {
    class: &'static str,
    words: String,
}

impl Row {
    fn of(cells: Vec<String>) -> Row {
        Row { cells, ..Row::default() }
    }

    /// The other house that it was brought from, where it was.
    fn from(self, s: &Sheet, house: &str) -> Row {
        self.tag(!house.is_empty(), "patients", s.w.with("brought-from", "house", house))
    }

    fn tag(mut self, is_so: bool, class: &'static str, words: String) -> Row {
        if is_so {
            self.tags.push(Tag { class, words });
        }
        self
    }
}

fn part(s: &Sheet, heading: &str, columns: &[&str], none: &str, rows: Vec<Row>) -> Part {
    Part {
        heading: heading.to_owned(),
        columns: columns.iter().map(|key| s.w.say(key)).collect(),
        rows,
        none: s.w.say(none),
    }
}

async fn list(
    door: &Door,
    view: &View,
    (name, patient): &(String, String),
    section: Section,
    parts: impl FnOnce(&Sheet, &Opened) -> Vec<Part>,
) -> Result<Response, Answer> {
    let at = (realm(name)?, patient.as_str(), section);
    page(door, view, at, |s, opened| {
        let heading = s.w.say(&format!("section-{}", section.word()));
        let parts = parts(&s, opened);
        Ok(Drawn { title: heading.clone(), page: Listed { s, heading, parts } })
    })
    .await
}

/// `GET /{realm}/chart/{patient}/medicines`
pub(crate) async fn medicines(
    State(door): State<Arc<Door>>,
    view: View,
    Path(at): Path<(String, String)>,
) -> Result<Response, Answer> {
    list(&door, &view, &at, Section::Medicines, |s, opened| {
        let row = |medicine: care::medicines::Medicine| Row {
            is_over: !medicine.is_active,
            ..Row::of(vec![
                medicine.what,
                medicine.how,
                medicine.why,
                s.w.date_or(&medicine.since),
                medicine.by,
            ])
            .tag(medicine.is_patients, "patients", s.w.say("by-patient"))
            .from(s, &medicine.from)
        };
        let (now, past): (Vec<_>, Vec<_>) =
            care::medicines::of(&opened.chart).into_iter().partition(|medicine| medicine.is_active);
        let columns = ["medicine", "how", "why", "since", "by"];
        vec![
            part(
                s,
                &s.w.say("medicines-now"),
                &columns,
                "medicines-none",
                now.into_iter().map(row).collect(),
            ),
            part(
                s,
                &s.w.say("medicines-past"),
                &columns,
                "medicines-past-none",
                past.into_iter().map(row).collect(),
            ),
        ]
    })
    .await
}

/// `GET /{realm}/chart/{patient}/problems`
pub(crate) async fn problems(
    State(door): State<Arc<Door>>,
    view: View,
    Path(at): Path<(String, String)>,
) -> Result<Response, Answer> {
    list(&door, &view, &at, Section::Problems, |s, opened| {
        let row = |problem: care::problems::Problem| Row {
            is_over: !problem.is_active,
            ..Row::of(vec![
                problem.what,
                s.w.date_or(&problem.since),
                s.w.date_or(&problem.until),
                problem.by,
                problem.source,
            ])
            .tag(!problem.is_confirmed, "", s.w.say("unconfirmed"))
            .from(s, &problem.from)
        };
        let (now, past): (Vec<_>, Vec<_>) =
            care::problems::of(&opened.chart).into_iter().partition(|problem| problem.is_active);
        let columns = ["problem", "since", "until", "by", "source"];
        vec![
            part(s, &s.w.say("problems-now"), &columns, "problems-none", now.into_iter().map(row).collect()),
            part(
                s,
                &s.w.say("problems-past"),
                &columns,
                "problems-past-none",
                past.into_iter().map(row).collect(),
            ),
            allergies(s),
        ]
    })
    .await
}

/// Allergies stand with the problems; the banner has them in short on every page.
fn allergies(s: &Sheet) -> Part {
    let row = |allergy: &care::allergies::Allergy| {
        let reactions = allergy.reactions.join(", ");
        Row {
            to: s.to(&format!("entries/allergies/{}", super::sheet::escaped(&allergy.id))),
            is_over: !allergy.is_active,
            ..Row::of(vec![
                allergy.what.clone(),
                reactions,
                s.w.date_or(&allergy.recorded),
                allergy.by.clone(),
            ])
            .tag(allergy.is_severe, "severe", s.w.say("severe"))
            .tag(!allergy.is_confirmed, "", s.w.say("unconfirmed"))
            .tag(allergy.is_patients && !allergy.is_confirmed, "patients", s.w.say("by-patient"))
            .from(s, &allergy.from)
        }
    };
    use care::allergies::Known;
    let (rows, none) = match &s.banner.allergies {
        Known::NotRecorded => (Vec::new(), "allergies-not-recorded"),
        Known::NotShown => (Vec::new(), "allergies-not-shown"),
        Known::NoneKnown => (Vec::new(), "allergies-none-known"),
        Known::Some(all) => (all.iter().map(row).collect(), "allergies-none-known"),
    };
    part(s, &s.w.say("allergies"), &["allergy", "reaction", "recorded", "by"], none, rows)
}

/// `GET /{realm}/chart/{patient}/visits`
pub(crate) async fn visits(
    State(door): State<Arc<Door>>,
    view: View,
    Path(at): Path<(String, String)>,
) -> Result<Response, Answer> {
    list(&door, &view, &at, Section::Visits, |s, opened| {
        let row = |visit: care::visits::Visit| {
            let class = s.w.of_code("class", &visit.class, &visit.class);
            let what = if visit.what.is_empty() { class.clone() } else { visit.what };
            let goes_on = visit.status == "in-progress" || visit.status == "arrived";
            Row::of(vec![
                what,
                s.w.moment_or(&visit.since),
                class,
                visit.with.join(", "),
                visit.source,
                visit.why,
            ])
            .tag(goes_on, "now", s.w.say("in-progress"))
        };
        let rows = care::visits::of(&opened.chart).into_iter().map(row).collect();
        vec![part(s, "", &["visit", "when", "manner", "with", "source", "why"], "visits-none", rows)]
    })
    .await
}
