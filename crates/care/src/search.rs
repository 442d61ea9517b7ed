//! Words found in a chart: in what is coded, in notes, and in the text of files (C9). What is searched is what its reader sees, so what is kept
//! back is neither found nor hinted at.
//!
//! Every word that is asked for must begin a word of the same resource, without regard to case and accents.

mod words;

use crate::{
    chart::{Chart, Resource},
    documents, results,
    timeline::{self, Event},
};
use fhir::text;
use serde_json::Value;

/// What is searched: what the pages of a chart show.
pub const TYPES: [&str; 14] = [
    "AllergyIntolerance",
    "Encounter",
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "DiagnosticReport",
    "Procedure",
    "CarePlan",
    "Immunization",
    "DocumentReference",
    "Composition",
    "Appointment",
    "RelatedPerson",
];

/// The longest question, in characters.
pub const LONGEST: usize = 100;

/// The most that are shown.
pub const MOST: usize = 100;

/// Where something was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// What it is.
    pub event: Event,
    /// For something measured, what names its series in an address; else empty.
    pub series: String,
    /// The words around the first that was asked for.
    pub said: Said,
}

/// A few words, and which of them was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What stands before it.
    pub before: String,
    /// The word.
    pub found: String,
    /// What stands behind it.
    pub after: String,
    /// Whether it stands in a file.
    pub is_in_file: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// What is called so first, then what says so, each the newest first; at most [`MOST`].
    pub hits: Vec<Hit>,
    /// How many more there are.
    pub more: usize,
    /// How many files there are whose words nobody has read: pictures, scans, and what came without its text.
    pub unread: usize,
}

/// The words of a question; `None` where there are none, or more than [`LONGEST`] characters.
pub fn asked(question: &str) -> Option<Vec<String>> {
    let is_short = question.chars().count() <= LONGEST;
    let asked: Vec<String> = words::all(question).flat_map(|word| words::folded(&word.text)).collect();
    (is_short && !asked.is_empty()).then_some(asked)
}

/// Where those words stand.
pub fn find(chart: &Chart, asked: &[String]) -> Found {
    let searched = chart.resources.iter().filter(|resource| is_searched(resource));
    let mut unread = 0;
    let mut hits: Vec<(bool, Hit)> = Vec::new();
    for resource in searched {
        let texts = words::of(chart, &resource.value);
        let has_words = texts.iter().any(|text| text.is_in_file);
        if resource.kind == "DocumentReference" && !has_words && has_file(chart, resource) {
            unread += 1;
        }
        if let Some(said) = words::said(&texts, asked) {
            let event = timeline::event(chart, &resource.kind, &resource.id, &resource.value);
            let called = text::normalize(&event.what);
            let is_called =
                asked.iter().all(|word| called.split(' ').any(|own| own.starts_with(word.as_str())));
            let series = match resource.kind.as_str() {
                "Observation" => results::key(&resource.value).unwrap_or_default(),
                _ => String::new(),
            };
            hits.push((is_called, Hit { event, series, said }));
        }
    }
    hits.sort_by(|(a_called, a), (b_called, b)| {
        b_called
            .cmp(a_called)
            .then_with(|| b.event.when.cmp(&a.event.when))
            .then_with(|| a.event.id.cmp(&b.event.id))
    });
    let more = hits.len().saturating_sub(MOST);
    Found { hits: hits.into_iter().take(MOST).map(|(_, hit)| hit).collect(), more, unread }
}

fn is_searched(resource: &Resource) -> bool {
    let status = resource.value.get("status").and_then(Value::as_str).unwrap_or_default();
    TYPES.contains(&resource.kind.as_str()) && status != "entered-in-error"
}

fn has_file(chart: &Chart, resource: &Resource) -> bool {
    documents::document(chart, &resource.id, &resource.value).has_file
}

#[cfg(test)]
mod tests;
