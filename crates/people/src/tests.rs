//! What must hold for the whole population, tried on two hundred patients.

mod codes;
mod lives;
mod papers;

use crate::{Plan, houses, patient, patients};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

const PLAN: Plan = Plan { seed: 42, patients: 200, as_of: jiff::civil::date(2026, 6, 1) };

static HOUSES: LazyLock<Value> = LazyLock::new(|| houses(&PLAN));
static PATIENTS: LazyLock<Vec<Value>> = LazyLock::new(|| patients(&PLAN).collect());

/// Every resource of a bundle.
fn resources(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"])
}

/// Every resource of that type in a bundle.
fn of_type<'a>(bundle: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    resources(bundle).filter(move |resource| resource["resourceType"] == kind)
}

/// Every resource there is.
fn everything() -> impl Iterator<Item = &'static Value> {
    std::iter::once(&*HOUSES).chain(PATIENTS.iter()).flat_map(resources)
}

/// Calls `see` with every string in `value`, and the key it stands under.
fn strings<'a>(key: &'a str, value: &'a Value, see: &mut impl FnMut(&'a str, &'a str)) {
    match value {
        Value::String(text) => see(key, text),
        Value::Array(items) => items.iter().for_each(|item| strings(key, item, see)),
        Value::Object(members) => members.iter().for_each(|(key, item)| strings(key, item, see)),
        _ => {}
    }
}

fn hash(plan: &Plan) -> Vec<u8> {
    let mut sha = Sha256::new();
    sha.update(houses(plan).to_string());
    for bundle in patients(plan) {
        sha.update(bundle.to_string());
    }
    sha.finalize().to_vec()
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let plan = Plan { patients: 40, ..PLAN };
    assert_eq!(hash(&plan), hash(&plan));
}

#[test]
fn another_seed_gives_other_people() {
    let plan = Plan { patients: 12, ..PLAN };
    assert_ne!(hash(&plan), hash(&Plan { seed: 43, ..plan }));
}

#[test]
fn any_patient_can_be_made_alone() {
    for n in [0, 1, 11, 12, 57, 199] {
        assert_eq!(patient(&PLAN, n).to_string(), PATIENTS[n].to_string());
    }
}

#[test]
fn a_patient_is_the_same_in_a_smaller_population() {
    assert_eq!(patient(&Plan { patients: 5, ..PLAN }, 4), PATIENTS[4]);
}

#[test]
fn every_id_is_used_once_and_every_entry_puts_its_own() {
    let mut seen = HashSet::new();
    for bundle in std::iter::once(&*HOUSES).chain(PATIENTS.iter()) {
        assert_eq!(bundle["type"], "transaction");
        for entry in bundle["entry"].as_array().unwrap() {
            let resource = &entry["resource"];
            let path = format!("{}/{}", text(&resource["resourceType"]), text(&resource["id"]));
            assert_eq!(entry["request"]["method"], "PUT");
            assert_eq!(entry["request"]["url"], *path);
            assert!(text(&entry["fullUrl"]).ends_with(&path));
            assert!(seen.insert(path.clone()), "{path} twice");
        }
    }
}

#[test]
fn every_reference_leads_to_this_bundle_or_one_before() {
    let mut known: HashSet<&str> = HashSet::new();
    for bundle in std::iter::once(&*HOUSES).chain(PATIENTS.iter()) {
        known.extend(bundle["entry"].as_array().unwrap().iter().map(|entry| text(&entry["request"]["url"])));
        for resource in resources(bundle) {
            strings("", resource, &mut |key, value| {
                let local = key == "reference" || (key == "url" && value.starts_with("Binary/"));
                assert!(!local || known.contains(value), "{} refers to {value}", resource["resourceType"]);
            });
        }
    }
}

#[test]
fn everything_says_that_it_is_test_data_and_where_it_comes_from() {
    for resource in everything() {
        let tag = &resource["meta"]["tag"][0];
        assert_eq!(tag["system"], "http://terminology.hl7.org/CodeSystem/v3-ActReason");
        assert_eq!(tag["code"], "HTEST");
        assert!(text(&resource["meta"]["source"]).ends_with(".keepwell.example"));
    }
}

#[test]
fn every_promised_type_occurs() {
    let promised = "AllergyIntolerance Appointment Binary CarePlan CareTeam Claim Communication Condition Consent \
        Coverage Device DiagnosticReport DocumentReference Encounter Endpoint ExplanationOfBenefit \
        FamilyMemberHistory Flag Goal HealthcareService ImagingStudy Immunization Location Medication \
        MedicationDispense MedicationRequest MedicationStatement Observation Organization Patient Practitioner \
        PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson Schedule \
        ServiceRequest Slot Specimen";
    let there: HashSet<&str> = everything().map(|resource| text(&resource["resourceType"])).collect();
    let missing: Vec<&str> = promised.split_whitespace().filter(|kind| !there.contains(kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_generated_resource_validates() {
    let mut faults: BTreeMap<String, usize> = BTreeMap::new();
    for resource in everything() {
        for issue in r4::check(resource) {
            *faults.entry(format!("{}: {issue:?}", resource["resourceType"])).or_default() += 1;
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn other_seeds_and_another_today_are_as_valid() {
    for seed in [0, 7, u64::MAX] {
        let plan = Plan { seed, patients: 24, as_of: jiff::civil::date(2019, 12, 31) };
        for bundle in std::iter::once(houses(&plan)).chain(patients(&plan)) {
            for resource in resources(&bundle) {
                assert_eq!(r4::check(resource), [], "{}", resource["resourceType"]);
            }
        }
    }
}

#[test]
fn a_chart_is_neither_empty_nor_endless() {
    let sizes: Vec<usize> = PATIENTS.iter().map(|bundle| resources(bundle).count()).collect();
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    assert!((100..=300).contains(&mean), "{mean}");
    assert!(sizes.iter().all(|size| (5..=2_000).contains(size)));
    let (small, large) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
    assert!(*small < mean / 2 && *large > mean * 2, "{small} to {large}");
}

/// The string in a value that must be one.
fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
