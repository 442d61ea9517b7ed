//! What counts in an emergency, for one page and one sheet of paper (D9): what somebody is allergic to stands in the banner of every page, and
//! here stand the problems, the medicines with those that thin the blood first, implants, the blood group, whom to call, what the patient has
//! laid down, and what was measured last.

use crate::{
    chart::{Chart, Resource},
    coding, documents,
    medicines::{self, Medicine},
    own::{self, Contact},
    problems::{self, Problem},
    results::{self, Point, Series},
    when::When,
};
use serde_json::Value;

/// What the page is drawn from.
pub const TYPES: [&str; 11] = [
    "AllergyIntolerance",
    "Encounter",
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "DeviceUseStatement",
    "Observation",
    "RelatedPerson",
    "Consent",
    "DocumentReference",
    "Procedure",
];

/// A medicine that is taken now.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// The medicine.
    pub medicine: Medicine,
    /// Whether it keeps blood from clotting.
    pub thins_blood: bool,
}

/// Something that the patient has laid down: a directive, a power of attorney.
#[derive(Clone, Debug, PartialEq)]
pub struct Directive {
    /// The type of its resource.
    pub kind: &'static str,
    /// The id of its resource.
    pub id: String,
    /// What it is.
    pub what: String,
    /// Since when.
    pub since: Option<When>,
    /// The id of the document, where it is one with a file.
    pub document: String,
}

/// The page.
#[derive(Clone, Debug, PartialEq)]
pub struct Emergency {
    /// Problems that go on.
    pub problems: Vec<Problem>,
    /// Medicines that are taken now, those that thin the blood first.
    pub medicines: Vec<Taken>,
    /// Implants and devices in use.
    pub devices: Vec<String>,
    /// The blood group as it was measured or told last, and whether the patient told it.
    pub blood_group: Option<Point>,
    /// Whom to call.
    pub contacts: Vec<Contact>,
    /// What was laid down.
    pub directives: Vec<Directive>,
    /// What was measured last: vital signs, then what lies outside its range.
    pub results: Vec<Series>,
}

/// The LOINC code of a blood group.
const BLOOD_GROUP: &str = "882-1";

/// Vital signs, in the order in which they are read.
const VITALS: [&str; 6] = ["85354-9", "8867-4", "9279-1", "59408-5", "2708-6", "8310-5"];

/// What is asked for first of a laboratory, whatever its value: potassium, creatinine, haemoglobin, INR, glucose, platelets.
const ASKED: [&str; 10] =
    ["2823-3", "6298-4", "2160-0", "718-7", "6301-6", "34714-6", "2345-7", "2339-0", "777-3", "33914-3"];

/// How many results stand on the page.
const RESULTS: usize = 14;

/// The anatomical group of antithrombotics that keep blood from clotting, of the ATC classification: vitamin K antagonists, heparins, direct
/// thrombin and factor Xa inhibitors. Platelet inhibitors (B01AC) are not among them.
const CLASSES: [&str; 5] = ["B01AA", "B01AB", "B01AE", "B01AF", "B01AX05"];

/// The same by the beginning of their names, in the spelling of most records.
const NAMES: [&str; 20] = [
    "warfarin",
    "acenocoumarol",
    "acenokumarol",
    "nicoumalone",
    "phenprocoumon",
    "phenindione",
    "fluindione",
    "heparin",
    "enoxaparin",
    "dalteparin",
    "tinzaparin",
    "nadroparin",
    "fondaparinux",
    "argatroban",
    "bivalirudin",
    "dabigatran",
    "rivaroxaban",
    "apixaban",
    "edoxaban",
    "betrixaban",
];

/// LOINC types of documents that lay something down: advance directives, a power of attorney, a patient's care plan in advance.
const LAID_DOWN: [&str; 3] = ["42348-3", "64298-3", "81334-5"];

/// What counts of a chart that was opened with [`TYPES`].
pub fn of(chart: &Chart) -> Emergency {
    let mut problems = problems::of(chart);
    problems.retain(|problem| problem.is_active);
    let active = medicines::of(chart).into_iter().filter(|medicine| medicine.is_active);
    let mut medicines: Vec<Taken> = active.map(|medicine| taken(chart, medicine)).collect();
    medicines.sort_by_key(|taken| !taken.thins_blood);
    let series = results::of(chart);
    let blood_group = series.iter().find(|series| series.key == BLOOD_GROUP);
    Emergency {
        problems,
        medicines,
        devices: devices(chart),
        blood_group: blood_group.and_then(Series::newest).cloned(),
        contacts: own::contacts(chart),
        directives: directives(chart),
        results: chosen(&series),
    }
}

fn taken(chart: &Chart, medicine: Medicine) -> Taken {
    let coded = chart
        .get(&medicine.kind, &medicine.id)
        .and_then(|resource| resource.value.get("medicationCodeableConcept"));
    let thins_blood = names_one(&medicine.what) || coded.is_some_and(is_in_class);
    Taken { medicine, thins_blood }
}

fn is_in_class(concept: &Value) -> bool {
    coding::codes(concept)
        .any(|(system, code)| system.contains("whocc") && CLASSES.iter().any(|class| code.starts_with(class)))
}

/// Whether a word of the name begins as one of them does.
fn names_one(what: &str) -> bool {
    let words = what.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.into_iter().any(|word| NAMES.iter().any(|name| word.starts_with(name)))
}

/// What is in use, by the words of the statement or of the device that it names; where it has none, by its name in the record: that there is
/// something must not be lost.
fn devices(chart: &Chart) -> Vec<String> {
    let mut all: Vec<String> = devices_by_id(chart).into_iter().map(|(_, words)| words).collect();
    all.sort();
    all.dedup();
    all
}

/// The same, each with the id of its DeviceUseStatement.
pub(crate) fn devices_by_id(chart: &Chart) -> Vec<(String, String)> {
    let in_use = |value: &Value| {
        let status = value.get("status").and_then(Value::as_str).unwrap_or("active");
        !matches!(status, "completed" | "entered-in-error" | "stopped")
    };
    let named = |value: &Value| {
        let device = value.get("device");
        let site = coding::of(value, &["bodySite"]);
        let name =
            device.and_then(|device| device.get("reference")).and_then(Value::as_str).unwrap_or_default();
        let name =
            Some(chart.called(device)).filter(|name| !name.is_empty()).unwrap_or_else(|| name.to_owned());
        [name, site].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let statements = chart.of_type("DeviceUseStatement").filter(|statement| in_use(&statement.value));
    let named = |statement: &Resource| (statement.id.clone(), named(&statement.value));
    statements.map(named).filter(|(_, words)| !words.is_empty()).collect()
}

/// What the patient has laid down, the newest first.
pub(crate) fn directives(chart: &Chart) -> Vec<Directive> {
    let laid = |value: &Value| value.get("scope").is_some_and(|scope| coding::has(scope, "adr"));
    let consents = chart.of_type("Consent").filter(|consent| {
        consent.value.get("status").and_then(Value::as_str) == Some("active") && laid(&consent.value)
    });
    let consents = consents.map(|consent| Directive {
        kind: "Consent",
        id: consent.id.clone(),
        what: coding::of(&consent.value, &["category"]),
        since: When::first(&consent.value, &["dateTime"]),
        document: String::new(),
    });
    let is_one = |id: &str| {
        let kind = chart.get("DocumentReference", id).and_then(|resource| resource.value.get("type"));
        kind.is_some_and(|kind| LAID_DOWN.iter().any(|code| coding::has(kind, code)))
    };
    let papers = documents::of(chart).into_iter().filter(|paper| !paper.is_superseded && is_one(&paper.id));
    let papers = papers.map(|paper| Directive {
        kind: "DocumentReference",
        what: paper.title,
        since: paper.when,
        document: if paper.has_file { paper.id.clone() } else { String::new() },
        id: paper.id,
    });
    let mut all: Vec<Directive> = consents.chain(papers).collect();
    all.sort_by(|a, b| b.since.cmp(&a.since));
    all
}

/// Whether it is asked for first of a laboratory, whatever its value: a blood group, potassium …
pub(crate) fn is_asked_first(key: &str) -> bool {
    key == BLOOD_GROUP || ASKED.contains(&key)
}

/// Vital signs, then what is always asked for, then what lies outside its range.
fn chosen(series: &[Series]) -> Vec<Series> {
    let of_codes = |codes: &'static [&'static str]| {
        codes.iter().filter_map(|code| series.iter().find(|series| series.key == **code))
    };
    let flagged = series.iter().filter(|series| series.newest().is_some_and(|point| point.flag.is_some()));
    let mut chosen: Vec<Series> = Vec::new();
    for one in of_codes(&VITALS).chain(of_codes(&ASKED)).chain(flagged) {
        if chosen.len() < RESULTS
            && one.key != BLOOD_GROUP
            && !chosen.iter().any(|known| known.key == one.key)
        {
            chosen.push(one.clone());
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chart(values: &[Value]) -> Chart {
        let resource = |(at, value): (usize, &Value)| Resource {
            kind: value["resourceType"].as_str().unwrap().into(),
            id: format!("r{at}"),
            value: value.clone(),
        };
        Chart {
            id: "p".into(),
            resources: values.iter().enumerate().map(resource).collect(),
            ..Chart::default()
        }
    }

    fn medicine(text: &str, coding: Value) -> Value {
        json!({"resourceType": "MedicationRequest", "status": "active", "authoredOn": "2026-01-01",
            "medicationCodeableConcept": {"text": text, "coding": [coding]}})
    }

    #[test]
    fn d9_what_thins_the_blood_comes_first_by_name_or_class_and_nothing_else_does() {
        let atc = |code: &str| json!({"system": "http://www.whocc.no/atc", "code": code});
        let seen = of(&chart(&[
            medicine("Metformin 500 mg", atc("A10BA02")),
            medicine("Aspirin 75 mg", atc("B01AC06")),
            medicine("Tab. WARFARIN 2mg", json!({})),
            medicine("Brand X", atc("B01AF02")),
            medicine("Inj Enoxaparin 40 mg", json!({})),
        ]));
        let named: Vec<(&str, bool)> =
            seen.medicines.iter().map(|taken| (taken.medicine.what.as_str(), taken.thins_blood)).collect();
        let (first, last) = named.split_at(3);
        assert!(first.iter().all(|(_, thins)| *thins) && last.iter().all(|(_, thins)| !thins), "{named:?}");
        assert!(last.iter().any(|(what, _)| *what == "Aspirin 75 mg"), "{named:?}");
    }

    #[test]
    fn d9_directives_devices_and_results_are_those_that_count() {
        let measured = |code: &str, value: i64, flag: Option<&str>| {
            let mut made = json!({"resourceType": "Observation", "status": "final", "effectiveDateTime": "2026-01-01T10:00:00Z",
                "code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value, "unit": "u"}});
            if let Some(flag) = flag {
                made["interpretation"] = json!([{"coding": [{"code": flag}]}]);
            }
            made
        };
        let seen = of(&chart(&[
            json!({"resourceType": "DeviceUseStatement", "status": "active", "device": {"display": "Pacemaker"},
                "bodySite": {"text": "left chest"}}),
            json!({"resourceType": "DeviceUseStatement", "status": "completed", "device": {"display": "Old stent"}}),
            json!({"resourceType": "Consent", "status": "active", "scope": {"coding": [{"code": "adr"}]},
                "category": [{"text": "Do not resuscitate"}], "dateTime": "2025-01-01"}),
            json!({"resourceType": "Consent", "status": "active", "scope": {"coding": [{"code": "patient-privacy"}]},
                "category": [{"text": "Sharing"}]}),
            json!({"resourceType": "DocumentReference", "status": "current", "type": {"coding": [{"code": "64298-3"}]},
                "date": "2026-01-01T00:00:00Z", "content": [{"attachment": {"title": "Power of attorney", "url": "Binary/b"}}]}),
            json!({"resourceType": "DocumentReference", "status": "current", "type": {"coding": [{"code": "11502-2"}]},
                "content": [{"attachment": {"title": "Blood test", "url": "Binary/c"}}]}),
            measured("2823-3", 4, None),
            measured("8867-4", 70, None),
            measured("999-9", 7, Some("H")),
            measured("111-1", 7, None),
        ]));
        assert_eq!(seen.devices, ["Pacemaker, left chest"]);
        let laid: Vec<(&str, &str)> =
            seen.directives.iter().map(|one| (one.what.as_str(), one.document.as_str())).collect();
        assert_eq!(laid, [("Power of attorney", "r4"), ("Do not resuscitate", "")]);
        let keys: Vec<&str> = seen.results.iter().map(|series| series.key.as_str()).collect();
        assert_eq!(keys, ["8867-4", "2823-3", "999-9"]);
        assert_eq!(seen.blood_group, None);
    }
}
