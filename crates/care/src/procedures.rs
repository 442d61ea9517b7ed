//! Procedures, and the plans of care.

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

/// A plan of care.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// `active`, `completed` …
    pub status: String,
    /// Since when.
    pub since: Option<When>,
    /// What is planned, each with how far it is.
    pub activities: Vec<(String, String)>,
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

/// The plans of a chart, newest first.
pub fn plans(chart: &Chart) -> Vec<Plan> {
    let activity = |activity: &Value| {
        let detail = activity.get("detail")?;
        let described = text(detail, "description");
        let words = coding::of(detail, &["code"]);
        Some((if words.is_empty() { described } else { words }, text(detail, "status")))
    };
    let mut found: Vec<Plan> = chart
        .of_type("CarePlan")
        .filter(|resource| text(&resource.value, "status") != "entered-in-error")
        .map(|resource| {
            let activities = resource.value.get("activity").and_then(Value::as_array).into_iter().flatten();
            let title = text(&resource.value, "title");
            Plan {
                id: resource.id.clone(),
                title: if title.is_empty() { coding::of(&resource.value, &["category"]) } else { title },
                status: text(&resource.value, "status"),
                since: When::first(&resource.value, &["period", "created"]),
                activities: activities.filter_map(activity).collect(),
            }
        })
        .collect();
    found.sort_by(|a, b| b.since.cmp(&a.since));
    found
}

fn text(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}
