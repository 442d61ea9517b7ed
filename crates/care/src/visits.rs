//! Visits and stays.

use crate::{chart::Chart, coding, when::When};
use serde_json::Value;

/// An encounter.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Its id.
    pub id: String,
    /// What it was.
    pub what: String,
    /// The code of its class: `AMB`, `IMP`, `EMER`, `HH`, `VR` …
    pub class: String,
    /// `planned`, `in-progress`, `finished` …
    pub status: String,
    /// Since when.
    pub since: Option<When>,
    /// Until when.
    pub until: Option<When>,
    /// Whom the patient met.
    pub with: Vec<String>,
    /// Where.
    pub source: String,
    /// What for.
    pub why: String,
}

/// The visits of a chart, newest first.
pub fn of(chart: &Chart) -> Vec<Visit> {
    let mut found: Vec<Visit> = chart
        .of_type("Encounter")
        .map(|resource| visit(chart, &resource.id, &resource.value))
        .filter(|visit| visit.status != "entered-in-error")
        .collect();
    found.sort_by(|a, b| b.since.cmp(&a.since));
    found
}

fn visit(chart: &Chart, id: &str, value: &Value) -> Visit {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let met = value.get("participant").and_then(Value::as_array).into_iter().flatten();
    let mut with: Vec<String> = met.map(|who| chart.called(who.get("individual"))).collect();
    with.retain(|name| !name.is_empty());
    with.dedup();
    Visit {
        id: id.to_owned(),
        what: coding::of(value, &["type", "serviceType"]),
        class: text("/class/code"),
        status: text("/status"),
        since: When::first(value, &["period"]),
        until: value.pointer("/period/end").and_then(Value::as_str).and_then(When::parse),
        with,
        source: chart.source(value),
        why: coding::of(value, &["reasonCode"]),
    }
}
