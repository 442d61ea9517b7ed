//! A record that its patient brings from another server, by the way in which patients' apps read there (E9).
//!
//! [`walk`] says what is asked of the other server and reads what it answers, [`came`] is what came, [`mapped`] makes it what it will be
//! here, and [`enter`] shows what that would change, does it, and undoes it. Nothing here calls out: a door fetches and hands the bytes in.
//!
//! What came stays another house's word. It bears that house's name ([`from`]), its own ids and a Provenance; what it calls people and
//! places of that house is their names and not our directory; a thing that is here already stays beside it.

pub mod address;
pub mod came;
pub mod enter;
pub mod mapped;
pub mod walk;

use crate::{chart::Chart, coding};
use fhir::text;
use serde_json::Value;
use std::collections::BTreeMap;

/// The types that enter, for a chart that shows what was brought.
pub const TYPES: [&str; access::brought::TYPES.len()] = {
    let mut types = [""; access::brought::TYPES.len()];
    let mut at = 0;
    while at < types.len() {
        types[at] = access::brought::TYPES[at].0;
        at += 1;
    }
    types
};

/// The system of the tag that says of a resource that it was brought: its code is the digest of what came, its display the house.
pub const TAG: &str = "urn:keepwell:brought";

/// What bringing is called in the log, and what undoing it is.
pub const OPERATIONS: [&str; 2] = ["bring in", "put away"];

/// From which house a resource was brought, as people know it.
pub fn from(resource: &Value) -> Option<&str> {
    tag(resource)?.get("display")?.as_str()
}

fn tag(resource: &Value) -> Option<&Value> {
    let tags = resource.pointer("/meta/tag")?.as_array()?;
    tags.iter().find(|tag| tag.get("system").and_then(Value::as_str) == Some(TAG))
}

/// The address of the server that a resource was brought from.
fn base(resource: &Value) -> Option<&str> {
    tag(resource)?;
    let source = resource.pointer("/meta/source")?.as_str()?;
    Some(source.rsplit_once('/')?.0.rsplit_once('/')?.0)
}

/// What was brought from one house, and is here now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The address of its server.
    pub base: String,
    /// What people call it.
    pub label: String,
    /// How much of each type.
    pub counts: BTreeMap<String, u64>,
}

/// What a chart holds that was brought, by house.
pub fn brought(chart: &Chart) -> Vec<Brought> {
    let mut found: BTreeMap<String, Brought> = BTreeMap::new();
    for resource in &chart.resources {
        let (Some(base), Some(label)) = (base(&resource.value), from(&resource.value)) else { continue };
        if tag(&resource.value).and_then(|tag| tag.get("code")?.as_str()) == Some(enter::GONE) {
            continue;
        }
        let house = found.entry(base.to_owned()).or_insert_with(|| Brought {
            base: base.to_owned(),
            label: label.to_owned(),
            counts: BTreeMap::new(),
        });
        *house.counts.entry(resource.kind.clone()).or_default() += 1;
    }
    found.into_values().collect()
}

/// How far two Patients are the same person, by what is written of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alike {
    /// Whether the words of the one's name are among those of the other's.
    pub name: bool,
    /// Whether the days of birth agree, as far as both are known. One that is not known does not agree.
    pub born: bool,
}

impl Alike {
    /// Whether nothing speaks against it.
    pub fn is_same(self) -> bool {
        self.name && self.born
    }
}

/// Compares the Patient of the other server with the one here.
pub fn alike(there: &Value, here: &Value) -> Alike {
    let (one, other) = (words_of_names(there), words_of_names(here));
    let within =
        |some: &[String], all: &[String]| !some.is_empty() && some.iter().all(|word| all.contains(word));
    let born =
        |patient: &Value| patient.get("birthDate").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (there, here) = (born(there), born(here));
    let agree =
        !there.is_empty() && !here.is_empty() && (there.starts_with(&here) || here.starts_with(&there));
    Alike { name: within(&one, &other) || within(&other, &one), born: agree }
}

fn words_of_names(patient: &Value) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for name in patient.get("name").and_then(Value::as_array).into_iter().flatten() {
        let given = name.get("given").and_then(Value::as_array).into_iter().flatten();
        let mut parts: Vec<&str> = given.chain(name.get("family")).filter_map(Value::as_str).collect();
        if parts.is_empty() {
            parts.extend(name.get("text").and_then(Value::as_str));
        }
        let folded = parts.into_iter().map(text::normalize).collect::<Vec<_>>().join(" ");
        words.extend(folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned));
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// What kinds of things can stand twice: what was brought, beside what was here (B3).
const TWICE: [(&str, &str); 4] = [
    ("AllergyIntolerance", "code"),
    ("Condition", "code"),
    ("MedicationRequest", "medicationCodeableConcept"),
    ("MedicationStatement", "medicationCodeableConcept"),
];

/// Of what is about to enter, what the chart holds already from somewhere else, by code or by its words: its kind and what it is called.
pub fn twice(chart: &Chart, plan: &enter::Plan) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for planned in plan.planned.iter().filter(|planned| planned.state == enter::State::New) {
        let Some((_, member)) = TWICE.iter().find(|(kind, _)| *kind == planned.kind) else { continue };
        let Some(concept) = planned.value.get(*member) else { continue };
        let is_it = |other: &Value| {
            let Some(other) = other.get(*member) else { return false };
            let code = coding::codes(other).any(|(_, code)| coding::has(concept, code));
            code || text::normalize(&coding::words(other)) == text::normalize(&coding::words(concept))
        };
        let words = coding::words(concept);
        let is_new = !found.contains(&(planned.kind.clone(), words.clone()));
        if is_new && chart.of_type(&planned.kind).any(|resource| is_it(&resource.value)) {
            found.push((planned.kind.clone(), words));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn e9_the_same_person_is_told_by_name_and_day_of_birth() {
        let asha =
            json!({"birthDate": "1990-05-31", "name": [{"family": "Rao", "given": ["Asha", "Lakshmi"]}]});
        for (there, name, born) in [
            (json!({"birthDate": "1990-05-31", "name": [{"family": "RAO", "given": ["Asha"]}]}), true, true),
            (json!({"birthDate": "1990", "name": [{"text": "Asha Rao"}]}), true, true),
            (json!({"birthDate": "1990-05-30", "name": [{"family": "Rao", "given": ["Asha"]}]}), true, false),
            (
                json!({"birthDate": "1990-05-31", "name": [{"family": "Testri", "given": ["Asha"]}]}),
                false,
                true,
            ),
            (json!({"name": [{"family": "Rao"}]}), true, false),
            (json!({}), false, false),
        ] {
            assert_eq!(alike(&there, &asha), Alike { name, born }, "{there}");
        }
    }
}
