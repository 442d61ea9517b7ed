//! Procedures: what was done.

use crate::{chart::Chart, coding, when::When};
use serde_json::Value;

/// A procedure.
#[derive(Clone, Debug, PartialEq)]
pub struct Procedure {
    /// Its id.
    pub id: String,
    /// What was done.
    pub what: String,
    /// `completed`, `in-progress` …
    pub status: String,
    /// When.
    pub when: Option<When>,
    /// Who did it.
    pub by: String,
    /// Where.
    pub source: String,
}

/// The procedures of a chart, newest first.
pub fn of(chart: &Chart) -> Vec<Procedure> {
    let mut found: Vec<Procedure> = chart
        .of_type("Procedure")
        .filter(|resource| text(&resource.value, "status") != "entered-in-error")
        .map(|resource| Procedure {
            id: resource.id.clone(),
            what: coding::of(&resource.value, &["code"]),
            status: text(&resource.value, "status"),
            when: When::first(&resource.value, &["performedDateTime", "performedPeriod"]),
            by: chart.called(resource.value.pointer("/performer/0/actor")),
            source: chart.source(&resource.value),
        })
        .collect();
    found.sort_by(|a, b| b.when.cmp(&a.when));
    found
}

fn text(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}
