//! Medicines: what was ordered, what somebody says they take.

use crate::{chart::Chart, coding, when::When};
use serde_json::Value;

/// A medicine.
#[derive(Clone, Debug, PartialEq)]
pub struct Medicine {
    /// `MedicationRequest` or `MedicationStatement`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it is.
    pub what: String,
    /// How it is taken; empty where that is not said.
    pub how: String,
    /// What for.
    pub why: String,
    /// Whether it is taken now.
    pub is_active: bool,
    /// Whether the patient said so.
    pub is_patients: bool,
    /// Since when.
    pub since: Option<When>,
    /// Who ordered it.
    pub by: String,
    /// Where.
    pub source: String,
    /// The other house that it was brought from; empty for what is this house's own.
    pub from: String,
}

/// The medicines of a chart: those that are taken first, newest first. Of what was ordered again under the same name the newest stands.
pub fn of(chart: &Chart) -> Vec<Medicine> {
    let kinds = ["MedicationRequest", "MedicationStatement"];
    let mut found: Vec<Medicine> = chart
        .resources
        .iter()
        .filter(|resource| kinds.contains(&resource.kind.as_str()))
        .filter(|resource| status(&resource.value) != "entered-in-error")
        .map(|resource| medicine(chart, &resource.kind, &resource.id, &resource.value))
        .collect();
    found.sort_by(|a, b| (b.is_active, &b.since).cmp(&(a.is_active, &a.since)));
    let mut seen = std::collections::HashSet::new();
    found.retain(|medicine| {
        // What was brought from another house stands beside our own (B3).
        let is_new = seen.insert((medicine.what.clone(), medicine.from.clone()));
        is_new || (medicine.is_active && medicine.kind == "MedicationStatement")
    });
    found
}

fn status(value: &Value) -> &str {
    value.get("status").and_then(Value::as_str).unwrap_or_default()
}

fn medicine(chart: &Chart, kind: &str, id: &str, value: &Value) -> Medicine {
    let dosage = value.get("dosageInstruction").or_else(|| value.get("dosage")).map(coding::first);
    let how = dosage.and_then(|dosage| dosage.get("text")).and_then(Value::as_str).unwrap_or_default();
    let named = coding::of(value, &["medicationCodeableConcept"]);
    let why = value.get("reasonReference").map(coding::first);
    let why = why.and_then(|reason| reason.get("reference")).and_then(Value::as_str);
    let why = why.and_then(|to| chart.get("Condition", to.strip_prefix("Condition/")?));
    let source = value.get("requester").or_else(|| value.get("informationSource"));
    Medicine {
        kind: kind.to_owned(),
        id: id.to_owned(),
        what: if named.is_empty() { chart.called(value.get("medicationReference")) } else { named },
        how: how.to_owned(),
        why: why
            .map_or_else(|| coding::of(value, &["reasonCode"]), |found| coding::of(&found.value, &["code"])),
        is_active: matches!(status(value), "active" | "intended" | "on-hold" | "recorded"),
        is_patients: chart.is_patient(value.get("informationSource")),
        since: When::first(value, &["authoredOn", "effectiveDateTime", "effectivePeriod", "dateAsserted"]),
        by: chart.called(source),
        source: chart.source(value),
        from: crate::elsewhere::from(value).unwrap_or_default().to_owned(),
    }
}
