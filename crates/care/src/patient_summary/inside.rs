//! Addresses inside a document: each of its resources has one of its own, and what leads out of it is left as words.

use crate::chart::Chart;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// The addresses of what stands in a document. They are made of the patient's id and the resource's: the same each time, and nobody learns
/// the ids of this house from them.
pub(super) struct Places {
    patient: String,
    known: HashMap<String, String>,
}

impl Places {
    pub(super) fn new(patient: &str) -> Places {
        Places { patient: patient.to_owned(), known: HashMap::new() }
    }

    pub(super) fn add(&mut self, kind: &str, id: &str) {
        self.known.insert(format!("{kind}/{id}"), self.named(kind, id));
    }

    /// The address of what has that type and id, whether it stands in the document or not: a name-based UUID (RFC 9562, version 8).
    pub(super) fn named(&self, kind: &str, id: &str) -> String {
        let hash = Sha256::digest(format!("keepwell patient summary\n{}\n{kind}/{id}", self.patient));
        let mut hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        hex.replace_range(12..13, "8");
        hex.replace_range(16..17, "a");
        let part = |from, to| hex.get(from..to).unwrap_or_default();
        format!("urn:uuid:{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }

    /// Where a reference leads inside the document.
    fn of(&self, reference: &str) -> Option<&String> {
        self.known.get(reference)
    }
}

/// Elements that IPS profiles ask for and that a record may not know: then it is said that they are not known.
const ASKED: [(&str, &str, &[&str]); 4] = [
    ("MedicationStatement", "effectiveDateTime", &["effectiveDateTime", "effectivePeriod"]),
    (
        "Observation",
        "effectiveDateTime",
        &["effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming"],
    ),
    (
        "Procedure",
        "performedDateTime",
        &["performedDateTime", "performedPeriod", "performedString", "performedAge", "performedRange"],
    ),
    ("DeviceUseStatement", "timingDateTime", &["timingDateTime", "timingPeriod", "timingTiming"]),
];

/// Says that something is not known.
pub(super) fn absent() -> Value {
    json!({"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"})
}

/// A resource as it stands in the document: of its `meta` the labels alone, and references that lead to what is beside it.
pub(super) fn moved(chart: &Chart, resource: &Value, places: &Places) -> Value {
    let mut moved = resource.clone();
    if let Some(members) = moved.as_object_mut() {
        let security = members.remove("meta").and_then(|mut meta| meta.get_mut("security").map(Value::take));
        if let Some(security) = security {
            members.insert("meta".into(), json!({"security": security}));
        }
        in_words(chart, members);
        let kind = members.get("resourceType").and_then(Value::as_str).unwrap_or_default().to_owned();
        for (_, element, any) in ASKED.iter().filter(|(asked, _, _)| *asked == kind) {
            let is_there =
                |name: &&str| members.contains_key(*name) || members.contains_key(&format!("_{name}"));
            if !any.iter().any(is_there) {
                members.insert(format!("_{element}"), json!({"extension": [absent()]}));
            }
        }
    }
    led(chart, &mut moved, places);
    moved
}

/// A medicine is named where it is taken, for its own resource does not come along; files do not either.
fn in_words(chart: &Chart, members: &mut Map<String, Value>) {
    if let Some(reference) = members.get("medicationReference") {
        let named = chart.called(Some(reference));
        if !named.is_empty() {
            members.remove("medicationReference");
            members.insert("medicationCodeableConcept".into(), json!({"text": named}));
        }
    }
    for content in members.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(file) = content.get_mut("attachment").and_then(Value::as_object_mut) {
            file.retain(|name, _| name != "url" && name != "data");
        }
    }
}

/// Makes references lead to what stands in the document. What leads elsewhere keeps its words, and goes where it has none.
fn led(chart: &Chart, value: &mut Value, places: &Places) {
    match value {
        Value::Object(members) => {
            if let Some(to) = members.get("reference").and_then(Value::as_str).map(str::to_owned) {
                match places.of(&to) {
                    Some(address) => drop(members.insert("reference".into(), address.clone().into())),
                    None if to.starts_with('#') => {}
                    None => outside(chart, members),
                }
            }
            members.values_mut().for_each(|inner| led(chart, inner, places));
            members.retain(|_, inner| !is_empty(inner));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| led(chart, item, places));
            items.retain(|item| !is_empty(item));
        }
        _ => {}
    }
}

fn outside(chart: &Chart, members: &mut Map<String, Value>) {
    let called = chart.called(Some(&Value::Object(members.clone())));
    members.remove("reference");
    if !called.is_empty() {
        members.insert("display".into(), called.into());
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
