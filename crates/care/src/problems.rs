//! Problems and diagnoses: what somebody has, and what is over.

use crate::{chart::Chart, coding, when::When};
use serde_json::Value;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Its id.
    pub id: String,
    /// What it is.
    pub what: String,
    /// Whether it goes on.
    pub is_active: bool,
    /// Whether it is certain.
    pub is_confirmed: bool,
    /// Since when.
    pub since: Option<When>,
    /// Until when.
    pub until: Option<When>,
    /// Who wrote it down.
    pub by: String,
    /// Where.
    pub source: String,
    /// The other house that it was brought from; empty for what is this house's own.
    pub from: String,
}

/// The problems of a chart: those that go on first, newest first. One that several visits repeat stands once.
pub fn of(chart: &Chart) -> Vec<Problem> {
    let mut found: Vec<Problem> = chart
        .of_type("Condition")
        .filter(|resource| status(&resource.value, "verificationStatus") != "entered-in-error")
        .map(|resource| problem(chart, &resource.id, &resource.value))
        .collect();
    found.sort_by(|a, b| (b.is_active, &b.since).cmp(&(a.is_active, &a.since)));
    let mut seen = std::collections::HashSet::new();
    found.retain(|problem| !problem.is_active || seen.insert((problem.what.clone(), problem.from.clone())));
    found
}

fn problem(chart: &Chart, id: &str, value: &Value) -> Problem {
    Problem {
        id: id.to_owned(),
        what: coding::of(value, &["code"]),
        is_active: matches!(status(value, "clinicalStatus"), "" | "active" | "recurrence" | "relapse"),
        is_confirmed: matches!(status(value, "verificationStatus"), "" | "confirmed"),
        since: When::first(value, &["onsetDateTime", "onsetPeriod", "recordedDate"]),
        until: When::first(value, &["abatementDateTime", "abatementPeriod"]),
        by: chart.called(value.get("recorder").or_else(|| value.get("asserter"))),
        source: chart.source(value),
        from: crate::elsewhere::from(value).unwrap_or_default().to_owned(),
    }
}

fn status<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).map(coding::code).unwrap_or_default()
}
