//! All parameters of the release, and what they find in small resources.

use std::collections::{BTreeMap, BTreeSet};

use fhir::model::Kind;
use fhir::time::parse_date_time;
use serde_json::{Value, json};

use super::compartment::{patient_params, patients};
use super::params::{compile_all, number};
use super::shape::{Shape, shape};
use super::{IndexValue, Target, extract, param, params};
use crate::definitions::{SearchKind, definitions};

fn concrete() -> impl Iterator<Item = (fhir::model::TypeId, &'static str)> {
    let model = &definitions().model;
    let is_concrete = |t: &&fhir::model::Type| t.kind == Kind::Resource && !t.is_abstract;
    model.types().iter().filter(is_concrete).map(|t| (model.find(&t.name).unwrap(), &*t.name))
}

#[test]
fn every_parameter_compiles_for_every_type() {
    let mut count = 0;
    for (id, name) in concrete() {
        for compiled in compile_all(id, definitions()) {
            let compiled = compiled.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(compiled.type_name, name);
            count += 1;
        }
    }
    // 4 for every resource, 1393 expressions, some for many types.
    assert!(count > 1800, "{count}");
}

#[test]
fn numbers_name_one_parameter_each() {
    let mut known: BTreeMap<u32, String> = BTreeMap::new();
    for (_, name) in concrete() {
        for param in params(name) {
            let own = format!("{name}.{}", param.code);
            assert!(param.number > 0 && param.number < 1 << 31, "{own}");
            assert_eq!(known.insert(param.number, own.clone()), None, "{own}");
        }
    }
}

#[test]
fn numbers_never_change() {
    assert_eq!(number("Observation", "code"), param("Observation", "code").unwrap().number);
    assert_eq!(number("Observation", "code"), 0x534c70d8);
    assert_eq!(number("Patient", "_tag"), 0x275ec80d);
}

#[test]
fn parameters_are_found_by_code() {
    for (_, name) in concrete() {
        for known in params(name) {
            assert_eq!(param(name, known.code).unwrap().url, known.url);
        }
        assert!(param(name, "_tag").is_some() && param(name, "_id").is_none(), "{name}");
    }
    assert!(params("Resource").is_empty() && params("HumanName").is_empty() && params("Nothing").is_empty());
    assert!(param("Patient", "nothing").is_none());
    let patient = param("Condition", "patient").unwrap();
    assert_eq!(patient.kind, SearchKind::Reference);
}

/// Whether extraction has values for such an element.
fn can_convert(shape: Shape, kind: SearchKind) -> bool {
    use Shape::*;
    match kind {
        SearchKind::Token => matches!(
            shape,
            Boolean | Code | Text | Uri | Canonical | Coding | CodeableConcept | Identifier | ContactPoint
        ),
        SearchKind::String => matches!(shape, Text | Code | Uri | HumanName | Address),
        SearchKind::Reference => matches!(shape, Reference | Canonical | Uri | Resource),
        SearchKind::Uri => matches!(shape, Uri | Canonical | Text),
        SearchKind::Date => matches!(shape, Moment | Period | Timing),
        SearchKind::Number => matches!(shape, Number | Range),
        SearchKind::Quantity => matches!(shape, Quantity | Money | Range | SampledData),
        SearchKind::Composite | SearchKind::Special => true,
    }
}

#[test]
fn what_a_parameter_finds_can_be_converted() {
    let mut odd = BTreeSet::new();
    for (_, name) in concrete() {
        for param in params(name) {
            let Some(path) = &param.path else { continue };
            for id in path.types().filter(|id| !can_convert(shape(*id), param.kind)) {
                odd.insert(format!("{name}.{}: {}", param.code, definitions().model.get(id).name));
            }
        }
    }
    // Dates in words or as an age, and a consent's own paper: what such a parameter has no value for.
    let known = [
        "CarePlan.activity-date: string",
        "Consent.source-reference: Attachment",
        "Immunization.date: string",
        "Procedure.date: Age",
        "Procedure.date: Range",
        "Procedure.date: string",
    ];
    assert_eq!(odd.iter().map(String::as_str).collect::<Vec<_>>(), known);
}

/// What `resource` has for `code`.
fn found<'a>(resource: &'a Value, code: &str) -> Vec<IndexValue<'a>> {
    let entries = extract(resource).unwrap();
    entries.into_iter().filter(|entry| entry.param.code == code).map(|entry| entry.value).collect()
}

fn token<'a>(system: Option<&'a str>, code: &'a str) -> IndexValue<'a> {
    IndexValue::Token { system, code: Some(code) }
}

const UCUM: &str = "http://unitsofmeasure.org";

fn pressure() -> Value {
    let part = |code: &str, value: Value| {
        json!({ "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
                "valueQuantity": { "value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]" } })
    };
    json!({
        "resourceType": "Observation",
        "id": "o",
        "meta": { "tag": [{ "system": "http://example.org/tags", "code": "ward" }], "profile": ["http://example.org/p|2"] },
        "status": "final",
        "code": {
            "coding": [
                { "system": "http://loinc.org", "code": "85354-9", "display": "Blood pressure panel" },
                { "system": "http://snomed.info/sct", "code": "75367002" }
            ],
            "text": "Blood pressure"
        },
        "subject": { "reference": "Patient/a", "display": "Asha" },
        "encounter": { "reference": "https://elsewhere.example/fhir/Encounter/e" },
        "performer": [{ "identifier": { "system": "http://example.org/staff", "value": "7" } }],
        "effectiveDateTime": "2020-06-01",
        "component": [part("8480-6", json!(107)), part("8462-4", json!(60))]
    })
}

#[test]
fn a_concept_is_found_by_every_coding_and_by_its_texts() {
    let resource = pressure();
    assert_eq!(
        found(&resource, "code"),
        [
            token(Some("http://loinc.org"), "85354-9"),
            IndexValue::Text("Blood pressure panel"),
            token(Some("http://snomed.info/sct"), "75367002"),
            IndexValue::Text("Blood pressure"),
        ]
    );
    assert_eq!(found(&resource, "combo-code").len(), 6);
    assert_eq!(found(&resource, "_tag"), [token(Some("http://example.org/tags"), "ward")]);
}

#[test]
fn a_code_has_the_system_of_its_binding() {
    let system = Some("http://hl7.org/fhir/observation-status");
    assert_eq!(found(&pressure(), "status"), [token(system, "final")]);
    let patient =
        json!({ "resourceType": "Patient", "gender": "other", "active": true, "deceasedBoolean": false });
    assert_eq!(
        found(&patient, "gender"),
        [token(Some("http://hl7.org/fhir/administrative-gender"), "other")]
    );
    assert_eq!(found(&patient, "active"), [token(None, "true")]);
    assert_eq!(found(&patient, "deceased"), [token(None, "false")]);
    let patient = json!({ "resourceType": "Patient", "deceasedDateTime": "2020" });
    assert_eq!(found(&patient, "deceased"), [token(None, "true")]);
}

#[test]
fn references_are_told_by_what_they_name() {
    let resource = pressure();
    let patient = IndexValue::Reference(Target::Local { type_name: "Patient", id: "a" });
    for code in ["subject", "patient"] {
        assert_eq!(found(&resource, code), [patient.clone(), IndexValue::Text("Asha")], "{code}");
    }
    let url = Target::Url("https://elsewhere.example/fhir/Encounter/e");
    assert_eq!(found(&resource, "encounter"), [IndexValue::Reference(url)]);
    let identifier = Target::Identifier { system: Some("http://example.org/staff"), value: Some("7") };
    assert_eq!(found(&resource, "performer"), [IndexValue::Reference(identifier)]);
    assert_eq!(found(&resource, "_profile"), [IndexValue::Uri("http://example.org/p|2")]);
    let group = json!({ "resourceType": "Observation", "subject": { "reference": "Group/g" } });
    assert_eq!(found(&group, "patient"), []);
    let inside = json!({ "resourceType": "Observation", "subject": { "reference": "#p" } });
    assert_eq!(found(&inside, "subject"), []);
    let questionnaire =
        json!({ "resourceType": "QuestionnaireResponse", "questionnaire": "http://example.org/q|1.0" });
    let canonical = Target::Canonical { url: "http://example.org/q", version: Some("1.0") };
    assert_eq!(found(&questionnaire, "questionnaire"), [IndexValue::Reference(canonical)]);
}

#[test]
fn dates_are_stretches_of_time() {
    let day = |text: &str| parse_date_time(text, 0).unwrap().span;
    assert_eq!(found(&pressure(), "date"), [IndexValue::Date(day("2020-06-01"))]);
    let period = json!({ "resourceType": "Encounter", "period": { "start": "2020-06-01" } });
    let [IndexValue::Date(span)] = found(&period, "date")[..] else { panic!() };
    assert_eq!((span.low, span.high), (day("2020-06-01").low, i64::MAX));
    let timing = json!({ "resourceType": "ServiceRequest", "occurrenceTiming": {
        "event": ["2020-02-01", "2020-01-01"], "repeat": { "boundsPeriod": { "start": "2020-01-15", "end": "2020-03" } } } });
    let [IndexValue::Date(span)] = found(&timing, "occurrence")[..] else { panic!() };
    assert_eq!((span.low, span.high), (day("2020-01-01").low, day("2020-03").high));
    let odd = json!({ "resourceType": "Encounter", "period": { "start": "yesterday" } });
    assert_eq!(found(&odd, "date"), []);
}

#[test]
fn names_and_addresses_are_found_by_every_part() {
    let patient = json!({
        "resourceType": "Patient",
        "name": [{ "family": "Rao", "given": ["Asha", null, "Devi"], "prefix": ["Dr"], "text": "Dr Asha Devi Rao" }],
        "address": [{ "line": ["1 Lake Road"], "city": "Pune", "postalCode": "411001" }],
        "telecom": [{ "system": "phone", "value": "555", "use": "home" }, { "system": "email", "value": "a@example.org" }]
    });
    let texts = |all: &[&'static str]| all.iter().map(|text| IndexValue::Text(text)).collect::<Vec<_>>();
    assert_eq!(found(&patient, "name"), texts(&["Dr Asha Devi Rao", "Rao", "Asha", "Devi", "Dr"]));
    assert_eq!(found(&patient, "family"), texts(&["Rao"]));
    assert_eq!(found(&patient, "address"), texts(&["1 Lake Road", "Pune", "411001"]));
    assert_eq!(found(&patient, "address-city"), texts(&["Pune"]));
    assert_eq!(found(&patient, "phone"), [token(Some("phone"), "555"), token(Some("home"), "555")]);
    assert_eq!(found(&patient, "email"), [token(Some("email"), "a@example.org")]);
}

#[test]
fn identifiers_are_found_by_system_value_and_type() {
    let v2 = "http://terminology.hl7.org/CodeSystem/v2-0203";
    let patient = json!({ "resourceType": "Patient", "identifier": [
        { "system": "http://example.org/mrn", "value": "17",
          "type": { "coding": [{ "system": v2, "code": "MR" }], "text": "Record number" } },
        { "value": "18" } ] });
    assert_eq!(
        found(&patient, "identifier"),
        [
            token(Some("http://example.org/mrn"), "17"),
            IndexValue::Text("Record number"),
            IndexValue::OfType { system: v2, code: "MR", value: "17" },
            token(None, "18"),
        ]
    );
}

fn quantity<'a>(low: f64, high: f64) -> IndexValue<'a> {
    IndexValue::Quantity { low, high, system: Some(UCUM), code: Some("mm[Hg]"), unit: Some("mmHg") }
}

#[test]
fn quantities_are_exact_unless_compared() {
    let resource = pressure();
    assert_eq!(found(&resource, "component-value-quantity"), [quantity(107.0, 107.0), quantity(60.0, 60.0)]);
    assert_eq!(found(&resource, "value-quantity"), []);
    let less = json!({ "resourceType": "Observation", "valueQuantity": { "value": 5.0, "comparator": "<" } });
    let [IndexValue::Quantity { low, high, .. }] = found(&less, "value-quantity")[..] else { panic!() };
    assert!(low == f64::NEG_INFINITY && high < 5.0 && high > 4.9999);
    let invoice = json!({ "resourceType": "Invoice", "totalNet": { "value": 48, "currency": "EUR" } });
    let money = IndexValue::Quantity {
        low: 48.0,
        high: 48.0,
        system: Some("urn:iso:std:iso:4217"),
        code: Some("EUR"),
        unit: None,
    };
    assert_eq!(found(&invoice, "totalnet"), [money]);
    let condition =
        json!({ "resourceType": "Condition", "onsetRange": { "low": { "value": 3, "unit": "a" } } });
    let [IndexValue::Quantity { low, high, unit, .. }] = found(&condition, "onset-age")[..] else { panic!() };
    assert_eq!((low, high, unit), (3.0, f64::INFINITY, Some("a")));
    let risk = json!({ "resourceType": "RiskAssessment", "prediction": [{ "probabilityDecimal": 0.07 }] });
    assert_eq!(found(&risk, "probability"), [IndexValue::Number { low: 0.07, high: 0.07 }]);
}

#[test]
fn a_composite_pairs_what_stands_together() {
    let resource = pressure();
    let pair = |code, value| {
        IndexValue::Composite(vec![token(Some("http://loinc.org"), code), quantity(value, value)])
    };
    let both = [pair("8480-6", 107.0), pair("8462-4", 60.0)];
    assert_eq!(found(&resource, "component-code-value-quantity"), both);
    assert_eq!(found(&resource, "combo-code-value-quantity"), both);
    assert_eq!(found(&resource, "code-value-quantity"), []);
    let sequence = json!({
        "resourceType": "MolecularSequence",
        "referenceSeq": { "chromosome": { "coding": [{ "code": "1" }] } },
        "variant": [{ "start": 5, "end": 6 }]
    });
    let number = |value| IndexValue::Number { low: value, high: value };
    let parts = vec![token(None, "1"), number(5.0), number(6.0)];
    assert_eq!(found(&sequence, "chromosome-variant-coordinate"), [IndexValue::Composite(parts)]);
}

#[test]
fn too_many_combinations_are_an_error() {
    let codings: Vec<Value> = (0..80).map(|at| json!({ "code": at.to_string() })).collect();
    let concept = json!({ "coding": codings });
    let resource = json!({ "resourceType": "Observation", "code": concept, "valueCodeableConcept": concept });
    assert_eq!(&*extract(&resource).unwrap_err().param, "Observation.code-value-concept");
}

#[test]
fn a_resource_says_whose_it_is() {
    let resource = json!({
        "resourceType": "Observation",
        "performer": [{ "reference": "Patient/b" }, { "reference": "Practitioner/c" }, { "reference": "Patient/a" }],
        "subject": { "reference": "Patient/a" }
    });
    let found = patients(&resource).unwrap();
    let found: Vec<_> = found.iter().map(|link| (link.id, link.param.unwrap().code)).collect();
    assert_eq!(found, [("a", "subject"), ("b", "performer")]);

    let patient =
        json!({ "resourceType": "Patient", "id": "a", "link": [{ "other": { "reference": "Patient/b" } }] });
    let found: Vec<_> = patients(&patient).unwrap().iter().map(|link| link.id).collect();
    assert_eq!(found, ["a", "b"]);
    assert!(patients(&json!({ "resourceType": "Organization" })).unwrap().is_empty());
}

#[test]
fn every_compartment_parameter_is_a_reference() {
    for compartment in definitions().compartments() {
        let owner = &definitions().model.get(compartment.owner).name;
        for member in &compartment.members {
            let name = &definitions().model.get(member.type_id).name;
            let found = super::compartment::params(owner, name);
            assert_eq!(found.len(), member.params.len(), "{owner}/{name}");
            assert!(found.iter().all(|param| param.kind == SearchKind::Reference), "{owner}/{name}");
        }
    }
    assert!(patient_params("Medication").is_empty() && !patient_params("Observation").is_empty());
}

/// The keys a resource has choose the parameters that are asked; they must never leave one out that has a value.
#[test]
fn asking_fewer_parameters_finds_as_much() {
    let deceased = json!({ "resourceType": "Patient", "_deceasedDateTime": { "extension": [{ "url": "http://example.org/x" }] } });
    let concept = json!({ "resourceType": "Observation", "code": { "text": "x" }, "valueCodeableConcept": { "text": "y" } });
    for resource in [pressure(), deceased, concept] {
        let name = resource["resourceType"].as_str().unwrap();
        let mut all = Vec::new();
        for param in params(name) {
            param.values(&resource, &mut |value| all.push((param.code, value))).unwrap();
        }
        let found: Vec<_> =
            extract(&resource).unwrap().into_iter().map(|e| (e.param.code, e.value)).collect();
        assert_eq!(found, all);
    }
}

#[test]
fn what_is_no_resource_has_no_entries() {
    for odd in
        [json!(null), json!({}), json!({ "resourceType": "Nothing" }), json!({ "resourceType": "Resource" })]
    {
        assert!(extract(&odd).unwrap().is_empty());
        assert!(patients(&odd).unwrap().is_empty());
    }
    let odd = json!({ "resourceType": "Observation", "code": 1, "subject": [], "status": {}, "component": "x",
                      "valueQuantity": { "value": "1" }, "effectivePeriod": { "start": 3 } });
    assert!(extract(&odd).unwrap().is_empty());
}
