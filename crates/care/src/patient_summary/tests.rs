use super::*;
use crate::{chart::Resource, coding};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

const AT: &str = "2026-03-01T10:00:00Z";

fn chart(values: &[Value]) -> Chart {
    let resource = |(at, value): (usize, &Value)| Resource {
        kind: value["resourceType"].as_str().unwrap().into(),
        id: format!("r{at}"),
        value: value.clone(),
    };
    Chart {
        id: "p".into(),
        patient: json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Rao"}], "birthDate": "1945-07-14",
            "managingOrganization": {"reference": "Organization/o"}}),
        resources: values.iter().enumerate().map(resource).collect(),
        ..Chart::default()
    }
}

fn made(chart: &Chart, extent: Extent) -> Value {
    document(chart, extent, AT.parse().unwrap())
}

fn resource<'a>(bundle: &'a Value, kind: &str) -> &'a Value {
    let all = bundle["entry"].as_array().unwrap();
    &all.iter().find(|entry| entry["resource"]["resourceType"] == kind).unwrap()["resource"]
}

fn section<'a>(bundle: &'a Value, code: &str) -> Option<&'a Value> {
    let sections = bundle["entry"][0]["resource"]["section"].as_array().unwrap();
    sections.iter().find(|section| coding::has(&section["code"], code))
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("reference").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn full() -> Chart {
    let subject = json!({"reference": "Patient/p"});
    let patient = json!({"reference": "Patient/p"});
    let mut chart = chart(&[
        json!({"resourceType": "AllergyIntolerance", "patient": patient, "code": {"text": "Penicillin <b>"}, "criticality": "high",
            "recorder": {"reference": "Practitioner/bo"}, "meta": {"versionId": "3", "security": [{"code": "R"}]}}),
        json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": subject,
            "medicationReference": {"reference": "Medication/m"}, "reasonReference": [{"reference": "Condition/r2"}]}),
        json!({"resourceType": "Condition", "subject": subject, "code": {"text": "Asthma"}, "encounter": {"reference": "Encounter/r6"},
            "clinicalStatus": {"coding": [{"code": "active"}]}}),
        json!({"resourceType": "Procedure", "status": "completed", "subject": subject, "code": {"text": "Hip"}}),
        json!({"resourceType": "DocumentReference", "status": "current", "subject": subject, "type": {"coding": [{"code": "64298-3"}]},
            "content": [{"attachment": {"title": "Power of attorney", "url": "Binary/b", "contentType": "text/plain"}}]}),
        json!({"resourceType": "RelatedPerson", "patient": patient, "name": [{"text": "Chitra"}],
            "relationship": [{"coding": [{"code": "C"}]}, {"text": "Sister"}], "telecom": [{"system": "phone", "value": "+91 1"}]}),
        json!({"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "subject": subject}),
        json!({"resourceType": "Consent", "status": "active", "scope": {"coding": [{"code": "patient-privacy"}]},
            "patient": patient, "category": [{"text": "Sharing"}]}),
    ]);
    chart.names.insert("Practitioner/bo".into(), "Dr Bo".into());
    chart.names.insert("Medication/m".into(), "Salbutamol".into());
    chart
}

#[test]
fn l1_every_reference_of_a_summary_leads_to_what_is_in_it() {
    for extent in [Extent::Summary, Extent::Everything] {
        let bundle = made(&full(), extent);
        let entries = bundle["entry"].as_array().unwrap();
        let addresses: BTreeSet<String> =
            entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap().to_owned()).collect();
        assert_eq!(addresses.len(), entries.len(), "each has an address of its own");
        assert!(entries.iter().all(|entry| {
            entry["fullUrl"] == format!("urn:uuid:{}", entry["resource"]["id"].as_str().unwrap())
        }));
        let mut led = BTreeSet::new();
        references(&bundle, &mut led);
        assert!(led.is_subset(&addresses), "{:?}", led.difference(&addresses));
        // The other way round: nothing stands in a document to which nothing in it leads.
        let composition = addresses.iter().filter(|address| !led.contains(*address)).count();
        assert_eq!(composition, 1, "the Composition alone");
        for outside in ["Practitioner/", "Organization/", "Binary/", "versionId", "\"p\"", "Sharing"] {
            assert!(!bundle.to_string().contains(outside), "{outside}: {bundle}");
        }
        assert_eq!(resource(&bundle, "MedicationRequest")["medicationCodeableConcept"]["text"], "Salbutamol");
        assert_eq!(resource(&bundle, "AllergyIntolerance")["recorder"], json!({"display": "Dr Bo"}));
        assert_eq!(resource(&bundle, "AllergyIntolerance")["meta"], json!({"security": [{"code": "R"}]}));
        assert_eq!(resource(&bundle, "Patient")["contact"][0]["telecom"][0]["value"], "+91 1");
    }
    assert_eq!(made(&full(), Extent::Summary), made(&full(), Extent::Summary), "the same each time");
}

#[test]
fn l1_a_summary_has_its_three_sections_and_never_says_none_where_nothing_was_recorded() {
    let mut empty = chart(&[]);
    let bundle = made(&empty, Extent::Summary);
    for code in ["48765-2", "10160-0", "11450-4"] {
        let section = section(&bundle, code).unwrap();
        assert_eq!(section["emptyReason"]["coding"][0]["code"], "unavailable");
        assert!(section["entry"].is_null());
        let div = section["text"]["div"].as_str().unwrap();
        assert!(div.contains("does not mean that there is nothing"), "{div}");
    }
    assert!(section(&bundle, "11369-6").is_none());
    empty.beyond = vec!["AllergyIntolerance".into()];
    let bundle = made(&empty, Extent::Summary);
    let said = &section(&bundle, "48765-2").unwrap()["emptyReason"]["text"];
    assert!(said.as_str().unwrap().starts_with("Nothing is shown here"), "{said}");
    // Somebody has asked, and there are none: that is an entry.
    let none = json!({"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]}});
    let bundle = made(&chart(&[none]), Extent::Summary);
    let allergies = section(&bundle, "48765-2").unwrap();
    assert_eq!(allergies["entry"].as_array().unwrap().len(), 1);
    assert!(allergies["text"]["div"].as_str().unwrap().contains("No known allergies"));
}

#[test]
fn l1_a_narrative_holds_words_and_no_markup_of_theirs() {
    let bundle = made(&full(), Extent::Summary);
    let div = section(&bundle, "48765-2").unwrap()["text"]["div"].as_str().unwrap();
    assert!(div.contains("Penicillin &lt;b&gt; · severe"), "{div}");
    assert_eq!(section::escaped("\u{0}a\u{1b}&\"'"), " a &amp;&quot;&#39;");
}

#[test]
fn l1_what_a_profile_asks_for_and_nobody_knows_is_said_to_be_unknown() {
    let mut unknown = full();
    unknown.patient = json!({"resourceType": "Patient", "id": "p"});
    let bundle = made(&unknown, Extent::Summary);
    let reason = "/_birthDate/extension/0/valueCode";
    assert_eq!(resource(&bundle, "Patient").pointer(reason).unwrap(), "unknown");
    assert_eq!(
        resource(&bundle, "Patient").pointer("/name/0/_text/extension/0/valueCode").unwrap(),
        "unknown"
    );
    assert_eq!(
        resource(&bundle, "Procedure").pointer("/_performedDateTime/extension/0/valueCode").unwrap(),
        "unknown"
    );
}

#[test]
fn d9_an_old_blood_group_is_not_crowded_out_of_a_summary_by_newer_results() {
    let measured = |code: String, year: usize| {
        json!({"resourceType": "Observation", "status": "final", "effectiveDateTime": format!("{year}-01-01"),
            "subject": {"reference": "Patient/p"}, "code": {"coding": [{"code": code}]}, "valueString": "x"})
    };
    let mut all: Vec<Value> = (0..100).map(|at| measured(format!("c{at}"), 2020)).collect();
    all.push(measured("882-1".into(), 1990));
    let bundle = made(&chart(&all), Extent::Summary);
    let results = section(&bundle, "30954-2").unwrap();
    assert_eq!(results["entry"].as_array().unwrap().len(), 40);
    assert!(bundle.to_string().contains("882-1"));
    let whole = made(&chart(&all), Extent::Everything);
    assert_eq!(section(&whole, "30954-2").unwrap()["entry"].as_array().unwrap().len(), 101);
}

#[test]
fn a_document_conforms_to_the_base_of_fhir() {
    let bundle = made(&full(), Extent::Everything);
    assert_eq!((bundle["type"].as_str(), bundle["timestamp"].as_str()), (Some("document"), Some(AT)));
    let codes: Vec<String> = bundle["entry"][0]["resource"]["section"]
        .as_array()
        .unwrap()
        .iter()
        .map(|section| coding::code(&section["code"]).to_owned())
        .collect();
    assert_eq!(codes, ["48765-2", "10160-0", "11450-4", "47519-4", "42348-3", "46240-8", "11503-0"]);
}

const MEMBERS: [&str; 16] = [
    "code",
    "coding",
    "text",
    "status",
    "reference",
    "display",
    "subject",
    "patient",
    "category",
    "content",
    "attachment",
    "meta",
    "device",
    "effectiveDateTime",
    "medicationReference",
    "name",
];

/// JSON as nobody would store it.
fn anything() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-zA-Z<>&#\"/]{0,12}", Just("Patient/p".to_owned()), Just("active".to_owned())];
    let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), text.prop_map(Value::from)];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let object =
            proptest::collection::hash_map(proptest::sample::select(&MEMBERS[..]), inner.clone(), 0..8);
        let object =
            object.prop_map(|all| all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::Array),
            object.prop_map(Value::Object)
        ]
    })
}

proptest! {
    #[test]
    fn l1_whatever_is_stored_a_summary_leads_nowhere_outside_and_holds_no_markup_of_others(
        values in proptest::collection::vec((proptest::sample::select(&TYPES[..]), anything()), 0..8),
        patient in anything(),
    ) {
        let resources = values.into_iter().map(|(kind, value)| {
            let mut value = if value.is_object() { value } else { json!({}) };
            value["resourceType"] = kind.into();
            value
        });
        let mut chart = chart(&resources.collect::<Vec<_>>());
        chart.patient = patient;
        for extent in [Extent::Summary, Extent::Everything] {
            let bundle = made(&chart, extent);
            let entries = bundle["entry"].as_array().unwrap();
            let known: BTreeSet<String> = entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap().to_owned()).collect();
            let mut led = BTreeSet::new();
            references(&bundle, &mut led);
            prop_assert!(led.iter().all(|to| known.contains(to) || to.starts_with('#')), "{:?}", led);
            for section in entries[0]["resource"]["section"].as_array().unwrap() {
                let div = section["text"]["div"].as_str().unwrap();
                let mut tags = div.split('<').skip(1).map(|tag| tag.split(['>', ' ']).next().unwrap_or_default());
                prop_assert!(tags.all(|tag| ["div", "/div", "ul", "/ul", "li", "/li", "p", "/p"].contains(&tag)), "{div}");
            }
        }
    }
}
