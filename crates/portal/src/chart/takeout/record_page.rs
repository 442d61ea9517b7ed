//! `record.html`: the record on one page that needs nothing but itself, to read and to print. No script, nothing loaded; what came from
//! outside is escaped like everywhere.

use crate::{
    chart::sheet::{Raised, Section, Sheet, escaped},
    words::Words,
};
use askama::Template;
use care::{
    allergies::Known, banner::Banner, chart::Chart, documents, immunizations, medicines, note, problems,
    procedures, results, visits, when::When,
};
use jiff::Timestamp;
use login::realm::Realm;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "chart/take-out-record.html")]
struct RecordPage<'a> {
    s: Sheet,
    made: &'a str,
    is_in_part: bool,
    parts: Vec<Part>,
    notes: Vec<Note>,
}

/// A table with its heading.
struct Part {
    heading: String,
    columns: Vec<String>,
    rows: Vec<Row>,
    none: String,
}

/// A row; its first cell may lead to a file beside this page.
struct Row {
    to: String,
    cells: Vec<String>,
}

/// A note as it is read.
struct Note {
    title: String,
    line: String,
    parts: Vec<(String, String)>,
}

/// Draws the page.
pub(super) fn draw(
    w: Words,
    chart: &Chart,
    papers: &BTreeMap<String, String>,
    made: &str,
    now: Timestamp,
) -> askama::Result<String> {
    let today = w.day(now);
    let s = Sheet::new(w, Realm::Patient, Section::Summary, Banner::of(chart, today), chart);
    let is_in_part = chart.restricted > 0 || !chart.beyond.is_empty();
    let parts = parts(&s, chart, papers);
    let notes = note::of(chart).into_iter().map(|found| read(w, found)).collect();
    RecordPage { s, made, is_in_part, parts, notes }.render()
}

fn part(w: Words, heading: &str, columns: &[&str], none: &str, rows: Vec<Vec<String>>) -> Part {
    Part {
        heading: w.say(heading),
        columns: columns.iter().map(|key| w.say(key)).collect(),
        rows: rows.into_iter().map(|cells| Row { to: String::new(), cells }).collect(),
        none: w.say(none),
    }
}

fn parts(s: &Sheet, chart: &Chart, papers: &BTreeMap<String, String>) -> Vec<Part> {
    let w = s.w;
    let marked = |what: String, is_so: bool, key: &str| {
        if is_so { format!("{what} ({})", w.say(key)) } else { what }
    };
    let (now, past): (Vec<_>, Vec<_>) = problems::of(chart).into_iter().partition(|found| found.is_active);
    let problem = |found: problems::Problem| {
        let what = marked(found.what, !found.is_confirmed, "unconfirmed");
        vec![what, w.date_or(&found.since), w.date_or(&found.until), found.by, found.source]
    };
    let columns = ["problem", "since", "until", "by", "source"];
    let now = part(w, "problems-now", &columns, "problems-none", now.into_iter().map(problem).collect());
    let past =
        part(w, "problems-past", &columns, "problems-past-none", past.into_iter().map(problem).collect());
    let mut all = vec![allergies(s), now, past];
    let (now, past): (Vec<_>, Vec<_>) = medicines::of(chart).into_iter().partition(|found| found.is_active);
    let medicine = |found: medicines::Medicine| {
        let what = marked(found.what, found.is_patients, "by-patient");
        vec![what, found.how, found.why, w.date_or(&found.since), found.by]
    };
    let columns = ["medicine", "how", "why", "since", "by"];
    all.push(part(w, "medicines-now", &columns, "medicines-none", now.into_iter().map(medicine).collect()));
    let past = past.into_iter().map(medicine).collect();
    all.push(part(w, "medicines-past", &columns, "medicines-past-none", past));
    all.push(measured(s, chart));
    let visit = |found: visits::Visit| {
        let class = w.of_code("class", &found.class, &found.class);
        let what = if found.what.is_empty() { class } else { found.what };
        vec![what, w.moment_or(&found.since), found.with.join(", "), found.source, found.why]
    };
    let rows = visits::of(chart).into_iter().map(visit).collect();
    all.push(part(w, "section-visits", &["visit", "when", "with", "source", "why"], "visits-none", rows));
    let given = |found: immunizations::Immunization| {
        let what = marked(found.what, found.is_not_done, "not-given");
        vec![what, w.date_or(&found.when), found.dose, found.source]
    };
    let rows = immunizations::of(chart).into_iter().map(given).collect();
    let columns = ["vaccine", "when", "dose", "source"];
    all.push(part(w, "section-immunizations", &columns, "immunizations-none", rows));
    let done = |found: procedures::Procedure| {
        let status = w.of_code("status", &found.status, &found.status);
        vec![found.what, w.moment_or(&found.when), status, found.by, found.source]
    };
    let rows = procedures::of(chart).into_iter().map(done).collect();
    let columns = ["procedure", "when", "status", "by", "source"];
    all.push(part(w, "procedures", &columns, "procedures-none", rows));
    all.push(documents(w, chart, papers));
    all
}

fn allergies(s: &Sheet) -> Part {
    let w = s.w;
    let (rows, none): (Vec<Vec<String>>, _) = match &s.banner.allergies {
        Known::NotRecorded => (Vec::new(), "allergies-not-recorded"),
        Known::NotShown => (Vec::new(), "allergies-not-shown"),
        Known::NoneKnown => (Vec::new(), "allergies-none-known"),
        Known::Some(all) => {
            let row = |found: &care::allergies::Allergy| {
                let marks = [
                    (found.is_severe, "severe"),
                    (!found.is_confirmed, "unconfirmed"),
                    (found.is_patients && !found.is_confirmed, "by-patient"),
                ];
                let marks: Vec<String> =
                    marks.iter().filter(|(is_so, _)| *is_so).map(|(_, key)| w.say(key)).collect();
                let what = match marks.is_empty() {
                    true => found.what.clone(),
                    false => format!("{} ({})", found.what, marks.join(", ")),
                };
                vec![what, found.reactions.join(", "), w.date_or(&found.recorded), found.by.clone()]
            };
            (all.iter().map(row).collect(), "allergies-none-known")
        }
    };
    part(w, "allergies", &["allergy", "reaction", "recorded", "by"], none, rows)
}

fn measured(s: &Sheet, chart: &Chart) -> Part {
    let w = s.w;
    let mut rows = Vec::new();
    for series in results::of(chart) {
        let name = s.name(&series);
        for point in &series.points {
            let flag = point.flag.map(|flag| w.say(Raised(flag).key()));
            let value = [Some(point.text.clone()), flag].into_iter().flatten().collect::<Vec<_>>().join(", ");
            let by = [point.by.as_str(), point.source.as_str()].into_iter().filter(|part| !part.is_empty());
            rows.push(vec![
                name.clone(),
                value,
                point.range.clone(),
                w.moment_or(&point.when),
                by.collect::<Vec<_>>().join(", "),
            ]);
        }
    }
    part(w, "section-results", &["what", "value", "range", "when", "by"], "results-none", rows)
}

fn documents(w: Words, chart: &Chart, papers: &BTreeMap<String, String>) -> Part {
    let mut part =
        part(w, "section-documents", &["document", "kind", "when", "by"], "documents-none", Vec::new());
    let row = |found: documents::Document| {
        let beside = papers.get(&found.id).and_then(|path| path.strip_prefix("documents/"));
        let to = beside.map(|name| format!("documents/{}", escaped(name))).unwrap_or_default();
        Row { to, cells: vec![found.title, found.what, w.date_or(&found.when), found.by] }
    };
    part.rows = documents::of(chart).into_iter().map(row).collect();
    part
}

fn read(w: Words, found: note::Note) -> Note {
    let when: String = found.when.as_ref().map(|when: &When| w.moment(when)).unwrap_or_default();
    let by = found.by.join(", ");
    let heading = |part: &note::Part| match part.title.as_str() {
        "" if !part.key.is_empty() => w.of_code("note", part.key, part.key),
        title => title.to_owned(),
    };
    let parts = found.parts.iter().map(|part| (heading(part), part.text.clone())).collect();
    let title = if found.title.is_empty() { found.what } else { found.title };
    Note {
        title,
        line: [when, by].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        parts,
    }
}
