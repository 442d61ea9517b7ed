//! The sections of a summary: which entries, in which words.

use super::{Extent, LOINC, inside::Places};
use crate::{
    allergies::{self, Known},
    chart::Chart,
    documents, emergency, immunizations, medicines, problems, procedures,
    results::{self, Series},
    visits,
    when::When,
};
use serde_json::{Value, json};

/// The most entries of a section.
const MOST: usize = 500;

/// Vital signs and laboratory values of a summary: the newest of each, at most so many.
const NEWEST: usize = 40;

/// One entry: its type, its id, and its line.
pub(super) struct Entry {
    pub(super) kind: String,
    pub(super) id: String,
    words: String,
}

/// A section.
pub(super) struct Section {
    code: &'static str,
    title: &'static str,
    /// What it is drawn from.
    kinds: &'static [&'static str],
    pub(super) entries: Vec<Entry>,
}

impl Section {
    /// As it stands in the Composition.
    pub(super) fn rendered(&self, chart: &Chart, places: &Places) -> Value {
        let lines: Vec<&str> = self.entries.iter().map(|entry| entry.words.as_str()).collect();
        let mut section = json!({
            "title": self.title,
            "code": {"coding": [{"system": LOINC, "code": self.code}]},
        });
        let text = if lines.is_empty() {
            let is_whole = self.kinds.iter().all(|kind| chart.shows_all(kind));
            let said = match is_whole {
                true => "Nothing is recorded here. That does not mean that there is nothing.",
                false => "Nothing is shown here. That does not mean that there is nothing.",
            };
            let system = "http://terminology.hl7.org/CodeSystem/list-empty-reason";
            let code = json!({"system": system, "code": "unavailable"});
            section["emptyReason"] = json!({"coding": [code], "text": said});
            paragraph(said)
        } else {
            let to = |entry: &Entry| json!({"reference": places.named(&entry.kind, &entry.id)});
            section["entry"] = self.entries.iter().map(to).collect();
            list(&lines)
        };
        let div =
            format!("<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\" xml:lang=\"en\">{text}</div>");
        section["text"] = json!({"status": "generated", "div": div});
        section
    }
}

fn paragraph(said: &str) -> String {
    format!("<p>{}</p>", escaped(said))
}

fn list(lines: &[&str]) -> String {
    let items: String = lines.iter().map(|line| format!("<li>{}</li>", escaped(line))).collect();
    format!("<ul>{items}</ul>")
}

/// Text as XHTML holds it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // What XML does not hold at all.
            c if c.is_control() => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

/// The sections of a chart: those that every summary has, then those of which there is something.
pub(super) fn of(chart: &Chart, extent: Extent) -> Vec<Section> {
    let vitals = |series: &Series| series.is_in("vital-signs");
    let required = [
        ("48765-2", "Allergies and Intolerances", &["AllergyIntolerance"][..], allergies(chart)),
        (
            "10160-0",
            "Medication Summary",
            &["MedicationRequest", "MedicationStatement"],
            medicines(chart, extent),
        ),
        ("11450-4", "Problem List", &["Condition"], problems(chart, extent)),
    ];
    let mut more = vec![
        ("11369-6", "Immunizations", &["Immunization"][..], immunizations(chart)),
        ("47519-4", "History of Procedures", &["Procedure"], procedures(chart)),
        ("46264-8", "Medical Devices", &["DeviceUseStatement"], devices(chart)),
        ("30954-2", "Results", &["Observation"], measured(chart, extent, &|series| !vitals(series))),
        ("8716-3", "Vital Signs", &["Observation"], measured(chart, extent, &vitals)),
        ("42348-3", "Advance Directives", &["Consent", "DocumentReference"], directives(chart)),
    ];
    if extent == Extent::Everything {
        more.push(("46240-8", "Visits", &["Encounter"], met(chart)));
        more.push(("11503-0", "Documents", &["DocumentReference"], papers(chart)));
    }
    let required = required.into_iter();
    let more = more.into_iter().filter(|(_, _, _, entries)| !entries.is_empty());
    let section = |(code, title, kinds, mut entries): (_, _, _, Vec<Entry>)| {
        entries.truncate(MOST);
        Section { code, title, kinds, entries }
    };
    required.chain(more).map(section).collect()
}

fn entry(kind: &str, id: &str, words: &[&str]) -> Entry {
    let words: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
    Entry { kind: kind.to_owned(), id: id.to_owned(), words: words.join(" · ") }
}

/// A date as it was written, as exact as it is known.
fn date(when: &Option<When>) -> String {
    let Some(when) = when else { return String::new() };
    let parts = [when.month, when.day].into_iter().map_while(|part| part.map(|part| format!("-{part:02}")));
    format!("{:04}{}", when.year, parts.collect::<String>())
}

fn allergies(chart: &Chart) -> Vec<Entry> {
    let line = |allergy: allergies::Allergy| {
        let severe = if allergy.is_severe { "severe" } else { "" };
        let told = if allergy.is_patients && !allergy.is_confirmed { "told by the patient" } else { "" };
        let over = if allergy.is_active { "" } else { "not any more" };
        entry(
            "AllergyIntolerance",
            &allergy.id,
            &[&allergy.what, &allergy.reactions.join(", "), severe, told, over],
        )
    };
    match allergies::of(chart) {
        Known::Some(all) => all.into_iter().map(line).collect(),
        // Somebody asked, and there are none: the entry that says so.
        Known::NoneKnown => {
            let says = |value: &Value| value.get("code").is_some_and(allergies::says_none);
            let all = chart.of_type("AllergyIntolerance").filter(|resource| says(&resource.value));
            all.take(1).map(|none| entry("AllergyIntolerance", &none.id, &["No known allergies"])).collect()
        }
        Known::NotRecorded | Known::NotShown => Vec::new(),
    }
}

fn medicines(chart: &Chart, extent: Extent) -> Vec<Entry> {
    let all = medicines::of(chart).into_iter().filter(|one| one.is_active || extent == Extent::Everything);
    let line = |one: medicines::Medicine| {
        let over = if one.is_active { "" } else { "not any more" };
        entry(&one.kind, &one.id, &[&one.what, &one.how, over])
    };
    all.map(line).collect()
}

fn problems(chart: &Chart, extent: Extent) -> Vec<Entry> {
    let all = problems::of(chart).into_iter().filter(|one| one.is_active || extent == Extent::Everything);
    let line = |one: problems::Problem| {
        let unsure = if one.is_confirmed { "" } else { "not confirmed" };
        let over = if one.is_active { "" } else { "over" };
        entry("Condition", &one.id, &[&one.what, &date(&one.since), unsure, over])
    };
    all.map(line).collect()
}

fn immunizations(chart: &Chart) -> Vec<Entry> {
    let line = |one: immunizations::Immunization| {
        let not_done = if one.is_not_done { "not given" } else { "" };
        entry("Immunization", &one.id, &[&one.what, &one.dose, &date(&one.when), not_done])
    };
    immunizations::of(chart).into_iter().map(line).collect()
}

fn procedures(chart: &Chart) -> Vec<Entry> {
    let line =
        |one: procedures::Procedure| entry("Procedure", &one.id, &[&one.what, &date(&one.when), &one.status]);
    procedures::of(chart).into_iter().map(line).collect()
}

fn devices(chart: &Chart) -> Vec<Entry> {
    let line = |(id, words): (String, String)| entry("DeviceUseStatement", &id, &[&words]);
    emergency::devices_by_id(chart).into_iter().map(line).collect()
}

fn measured(chart: &Chart, extent: Extent, belongs: &dyn Fn(&Series) -> bool) -> Vec<Entry> {
    let (most, each) = match extent {
        Extent::Summary => (NEWEST, 1),
        Extent::Everything => (MOST, usize::MAX),
    };
    let mut series = results::of(chart);
    // A blood group may be old, and must not be crowded out.
    series.sort_by_key(|series| !emergency::is_asked_first(&series.key));
    let line = |series: &Series, point: &results::Point| {
        let told = if point.is_patients { "told by the patient" } else { "" };
        let flag = if point.flag.is_some() { "out of range" } else { "" };
        entry("Observation", &point.id, &[&series.name, &point.text, &date(&point.when), flag, told])
    };
    let of_one = |series: &Series| -> Vec<Entry> {
        series.points.iter().take(each).map(|point| line(series, point)).collect()
    };
    series.iter().filter(|series| belongs(series)).flat_map(of_one).take(most).collect()
}

fn directives(chart: &Chart) -> Vec<Entry> {
    let line = |(kind, one): (&'static str, emergency::Directive)| {
        let (id, when) = (one.id.clone(), date(&one.since));
        entry(kind, &id, &[&one.what, &when])
    };
    emergency::directives(chart).into_iter().map(|one| line((one.kind, one))).collect()
}

fn met(chart: &Chart) -> Vec<Entry> {
    let line = |one: visits::Visit| entry("Encounter", &one.id, &[&one.what, &one.why, &date(&one.since)]);
    visits::of(chart).into_iter().map(line).collect()
}

fn papers(chart: &Chart) -> Vec<Entry> {
    let current = documents::of(chart).into_iter().filter(|paper| !paper.is_superseded);
    current.map(|paper| entry("DocumentReference", &paper.id, &[&paper.title, &date(&paper.when)])).collect()
}
