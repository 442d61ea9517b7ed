//! A record's summary as a FHIR document, in the form of the International Patient Summary: what somebody needs to know who has never seen
//! this patient. One Bundle that holds all that it refers to, so that it can be read where nothing else of this house can.
//!
//! Source: <https://hl7.org/fhir/uv/ips/STU2/>, sections by <https://hl7.org/fhir/uv/ips/STU2/StructureDefinition-Composition-uv-ips.html>
//!
//! Where nothing is recorded, a section says so with `emptyReason`, and never that there is nothing: "not recorded" is not "none known".

mod inside;
mod section;
#[cfg(test)]
mod tests;

use crate::{chart::Chart, emergency, own};
use inside::Places;
use jiff::Timestamp;
use section::Section;
use serde_json::{Value, json};

/// How much the summary tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The sections of the International Patient Summary: of results and vital signs the newest of each.
    Summary,
    /// All of the chart that was opened, with its visits and the names of its documents: what a patient picked to share.
    Everything,
}

/// What a summary is drawn from: what counts in an emergency, and immunizations.
pub const TYPES: [&str; 12] = {
    let mut all = ["Immunization"; 12];
    let mut at = 0;
    while at < emergency::TYPES.len() {
        all[at] = emergency::TYPES[at];
        at += 1;
    }
    all
};

/// The name of the code system of LOINC.
const LOINC: &str = "http://loinc.org";

/// The document of a chart that was opened, as it was at that moment. The same chart at the same moment gives the same document.
pub fn document(chart: &Chart, extent: Extent, at: Timestamp) -> Value {
    let sections = section::of(chart, extent);
    let mut places = Places::new(&chart.id);
    places.add("Patient", &chart.id);
    for entry in sections.iter().flat_map(|section| &section.entries) {
        places.add(&entry.kind, &entry.id);
    }
    let (composition, author) = (places.named("Composition", "-"), places.named("Device", "-"));
    let mut entries = vec![
        whole(&composition, titled(&sections, &places, (&composition, &author), chart, at)),
        whole(&places.named("Patient", &chart.id), patient(chart, &places)),
        whole(
            &author,
            json!({"resourceType": "Device", "deviceName": [{"name": "Keepwell", "type": "user-friendly-name"}]}),
        ),
    ];
    let mut seen = std::collections::HashSet::new();
    for entry in sections.iter().flat_map(|section| &section.entries) {
        let Some(resource) = chart.get(&entry.kind, &entry.id) else { continue };
        if seen.insert((&entry.kind, &entry.id)) {
            let value = inside::moved(chart, &resource.value, &places);
            entries.push(whole(&places.named(&entry.kind, &entry.id), value));
        }
    }
    json!({
        "resourceType": "Bundle",
        "meta": {"profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"]},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": places.named("Bundle", &at.to_string())},
        "type": "document",
        "timestamp": at.to_string(),
        "entry": entries,
    })
}

/// An entry, with the id that its address in the Bundle names.
fn whole(address: &str, mut resource: Value) -> Value {
    if let Some(members) = resource.as_object_mut() {
        members.insert("id".into(), address.trim_start_matches("urn:uuid:").into());
    }
    json!({"fullUrl": address, "resource": resource})
}

fn titled(
    sections: &[Section],
    places: &Places,
    (own, author): (&str, &str),
    chart: &Chart,
    at: Timestamp,
) -> Value {
    let sections: Vec<Value> = sections.iter().map(|section| section.rendered(chart, places)).collect();
    json!({
        "resourceType": "Composition",
        "meta": {"profile": ["http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips"]},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": own},
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": places.named("Patient", &chart.id)},
        "date": at.to_string(),
        "author": [{"reference": author, "display": "Keepwell"}],
        "title": "Patient summary",
        "section": sections,
    })
}

/// The patient, with whom to call: there patients write it, and not in their Patient resource.
fn patient(chart: &Chart, places: &Places) -> Value {
    let mut patient = inside::moved(chart, &chart.patient, places);
    if !patient.is_object() {
        patient = json!({});
    }
    patient["resourceType"] = "Patient".into();
    let unknown = || json!({"extension": [inside::absent()]});
    if patient.get("birthDate").is_none() && patient.get("_birthDate").is_none() {
        patient["_birthDate"] = unknown();
    }
    if patient["name"].as_array().is_none_or(Vec::is_empty) {
        patient["name"] = json!([{"_text": unknown()}]);
    }
    let told = own::contacts(chart).into_iter().map(|contact| {
        let mut value = json!({"name": {"text": contact.name}});
        if !contact.relation.is_empty() {
            value["relationship"] = json!([{"text": contact.relation}]);
        }
        if !contact.phone.is_empty() {
            value["telecom"] = json!([{"system": "phone", "value": contact.phone}]);
        }
        value
    });
    let known = patient["contact"].as_array().cloned().unwrap_or_default();
    let all: Vec<Value> = known.into_iter().chain(told).collect();
    if !all.is_empty() {
        patient["contact"] = all.into();
    }
    patient
}
