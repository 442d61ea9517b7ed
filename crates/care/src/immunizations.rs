//! Immunizations that were given.

use crate::{chart::Chart, coding, when::When};
use serde_json::Value;

/// An immunization.
#[derive(Clone, Debug, PartialEq)]
pub struct Immunization {
    /// Its id.
    pub id: String,
    /// The vaccine.
    pub what: String,
    /// When.
    pub when: Option<When>,
    /// Which dose, as it is written; empty where that is not said.
    pub dose: String,
    /// The lot; empty where it is not said.
    pub lot: String,
    /// Whether it was not given.
    pub is_not_done: bool,
    /// Where.
    pub source: String,
}

/// The immunizations of a chart, newest first.
pub fn of(chart: &Chart) -> Vec<Immunization> {
    let status = |value: &Value| value.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut found: Vec<Immunization> = chart
        .of_type("Immunization")
        .filter(|resource| status(&resource.value) != "entered-in-error")
        .map(|resource| {
            let value = &resource.value;
            let dose = value.pointer("/protocolApplied/0");
            let number = dose.and_then(|dose| dose.get("doseNumberPositiveInt")).map(ToString::to_string);
            let text = || dose.and_then(|dose| dose.get("doseNumberString")).and_then(Value::as_str);
            Immunization {
                id: resource.id.clone(),
                what: coding::of(value, &["vaccineCode"]),
                when: When::first(value, &["occurrenceDateTime", "recorded"]),
                dose: number.or_else(|| text().map(str::to_owned)).unwrap_or_default(),
                lot: value.get("lotNumber").and_then(Value::as_str).unwrap_or_default().to_owned(),
                is_not_done: status(value) == "not-done",
                source: chart.source(value),
            }
        })
        .collect();
    found.sort_by(|a, b| b.when.cmp(&a.when));
    found
}
