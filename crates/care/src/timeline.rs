//! One line through everything: what happened when, whoever wrote it down (B7).

use crate::{chart::Chart, coding, documents, when::When};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::BTreeSet;

/// What stands on the line: single measurements do not, their reports and visits do.
pub const KINDS: [&str; 10] = [
    "Encounter",
    "Condition",
    "DiagnosticReport",
    "MedicationRequest",
    "Procedure",
    "Immunization",
    "DocumentReference",
    "Composition",
    "AllergyIntolerance",
    "Appointment",
];

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub when: Option<When>,
    /// The type of the resource.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it was.
    pub what: String,
    /// Who did it or wrote it down.
    pub by: String,
    /// Where.
    pub source: String,
    /// How many other sources say the same of the same day.
    pub repeated: usize,
}

/// What is shown of the line.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Only this type.
    pub kind: Option<&'a str>,
    /// Only this source.
    pub source: Option<&'a str>,
}

/// The line, newest first, and its sources. The same thing of the same day, on the clocks of the reader, from several sources stands once.
pub fn of(chart: &Chart, filter: &Filter<'_>, zone: &TimeZone) -> (Vec<Event>, BTreeSet<String>) {
    let all = chart.resources.iter().filter(|resource| KINDS.contains(&resource.kind.as_str()));
    let mut found: Vec<Event> = all
        .filter(|resource| resource.value.get("status").and_then(Value::as_str) != Some("entered-in-error"))
        .map(|resource| event(chart, &resource.kind, &resource.id, &resource.value))
        .collect();
    let sources = found.iter().map(|event| event.source.clone()).filter(|name| !name.is_empty()).collect();
    found.retain(|event| filter.kind.is_none_or(|kind| event.kind == kind));
    found.retain(|event| filter.source.is_none_or(|source| event.source == source));
    found.sort_by(|a, b| b.when.cmp(&a.when).then_with(|| a.kind.cmp(&b.kind)));
    (collapsed(found, zone), sources)
}

pub(crate) fn event(chart: &Chart, kind: &str, id: &str, value: &Value) -> Event {
    let members = ["code", "vaccineCode", "medicationCodeableConcept", "type", "serviceType", "category"];
    let described = value.get("description").and_then(Value::as_str).unwrap_or_default();
    let what = match kind {
        "DocumentReference" => Some(documents::document(chart, id, value).title),
        "Composition" => value.get("title").and_then(Value::as_str).map(str::to_owned),
        "MedicationRequest" if value.get("medicationReference").is_some() => {
            Some(chart.called(value.get("medicationReference")))
        }
        "RelatedPerson" => Some(crate::name::Name::of(value).spoken()),
        "Appointment" if !described.is_empty() => Some(described.to_owned()),
        _ => None,
    };
    let times = [
        "period",
        "onsetDateTime",
        "effectiveDateTime",
        "authoredOn",
        "performedDateTime",
        "performedPeriod",
        "occurrenceDateTime",
        "date",
        "start",
        "recordedDate",
        "issued",
        "created",
    ];
    let people = [
        "/participant/0/individual",
        "/recorder",
        "/requester",
        "/performer/0/actor",
        "/performer/0",
        "/author/0",
    ];
    let names = people.iter().map(|at| chart.called(value.pointer(at)));
    Event {
        when: When::first(value, &times),
        kind: kind.to_owned(),
        id: id.to_owned(),
        what: what.unwrap_or_else(|| coding::of(value, &members)),
        by: names.into_iter().find(|name| !name.is_empty()).unwrap_or_default(),
        source: chart.source(value),
        repeated: 0,
    }
}

fn collapsed(events: Vec<Event>, zone: &TimeZone) -> Vec<Event> {
    let mut kept: Vec<Event> = Vec::with_capacity(events.len());
    for event in events {
        let day = |event: &Event| {
            let when = event.when.as_ref()?.on_clocks(zone);
            Some((when.year, when.month, when.day))
        };
        let same = |other: &&mut Event| {
            other.kind == event.kind && other.what == event.what && other.source != event.source
        };
        let of_the_day = kept.iter_mut().rev().take_while(|other| day(other) == day(&event));
        match of_the_day.into_iter().find(same) {
            Some(other) => other.repeated += 1,
            None => kept.push(event),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Resource;
    use serde_json::json;

    fn chart(from: &[(&str, &str, &str)]) -> Chart {
        let resource = |(at, (source, day, what)): (usize, &(&str, &str, &str))| Resource {
            kind: "Immunization".into(),
            id: at.to_string(),
            value: json!({"meta": {"source": format!("https://{source}/x")}, "occurrenceDateTime": day, "vaccineCode": {"text": what}}),
        };
        Chart { resources: from.iter().enumerate().map(resource).collect(), ..Chart::default() }
    }

    #[test]
    fn b7_three_sources_make_one_line_in_order_with_each_named_and_repeats_once() {
        let chart = chart(&[
            ("a.example", "2020-01-01", "Measles"),
            ("b.example", "2021-01-01", "Tetanus"),
            ("c.example", "2020-01-01", "Measles"),
        ]);
        let (events, sources) = of(&chart, &Filter::default(), &TimeZone::UTC);
        let line: Vec<(&str, &str, usize)> =
            events.iter().map(|e| (e.what.as_str(), e.source.as_str(), e.repeated)).collect();
        assert_eq!(line, [("Tetanus", "b.example", 0), ("Measles", "a.example", 1)]);
        assert_eq!(sources.len(), 3);
        let (only, _) =
            of(&chart, &Filter { source: Some("c.example"), ..Filter::default() }, &TimeZone::UTC);
        assert_eq!(only.len(), 1);
    }
}
