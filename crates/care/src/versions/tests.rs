use super::*;
use serde_json::json;

fn lines(before: &Value, after: &Value) -> Vec<String> {
    let called = |reference: &Value| match reference["reference"].as_str() {
        Some("Practitioner/bo") => "Dr Bo".to_owned(),
        other => other.unwrap_or_default().to_owned(),
    };
    let line = |found: Difference| {
        let steps = found.place.iter().map(|step| match step.which.as_str() {
            "" => step.element.clone(),
            which => format!("{} ({which})", step.element),
        });
        format!(
            "{}: {} -> {}",
            steps.collect::<Vec<_>>().join("."),
            found.before.join(" | "),
            found.after.join(" | ")
        )
    };
    differences(before, after, &called).into_iter().map(line).collect()
}

#[test]
fn f9_a_changed_dose_is_one_line_with_both_doses() {
    let medicine = |dose: &str, version: &str| {
        json!({"resourceType": "MedicationRequest", "id": "m", "meta": {"versionId": version, "lastUpdated": "2024-01-01T00:00:00Z"},
            "text": {"div": format!("<div>{dose}</div>")}, "status": "active",
            "medicationCodeableConcept": {"text": "Metformin"}, "requester": {"reference": "Practitioner/bo"},
            "dosageInstruction": [{"text": format!("{dose} mg twice a day"),
                "doseAndRate": [{"doseQuantity": {"value": dose.parse::<i64>().unwrap(), "unit": "mg"}}]}]})
    };
    assert_eq!(
        lines(&medicine("500", "1"), &medicine("850", "2")),
        [
            "dosageInstruction.text: 500 mg twice a day -> 850 mg twice a day",
            "dosageInstruction.doseAndRate.doseQuantity: 500 mg -> 850 mg",
        ]
    );
    assert!(lines(&medicine("500", "1"), &medicine("500", "2")).is_empty());
}

#[test]
fn parts_are_told_from_each_other_by_what_they_measure() {
    let pressure = |high: i64, low: i64| {
        let part = |name: &str, value: i64| json!({"code": {"text": name}, "valueQuantity": {"value": value, "unit": "mmHg"}});
        json!({"component": [part("Systolic", high), part("Diastolic", low)]})
    };
    assert_eq!(
        lines(&pressure(120, 80), &pressure(130, 80)),
        ["component (Systolic).valueQuantity: 120 mmHg -> 130 mmHg"]
    );
}

#[test]
fn one_more_entry_of_a_list_is_one_difference_wherever_it_stands() {
    let note = |texts: &[&str]| json!({"note": texts.iter().map(|text| json!({"text": text, "time": "2024"})).collect::<Vec<_>>()});
    assert_eq!(
        lines(&note(&["a", "b"]), &note(&["new", "a", "b"])),
        ["note.text:  -> new", "note.time:  -> 2024"]
    );
    let named = |given: &[&str]| json!({"name": [{"family": "Rao", "given": given}], "telecom": [{"system": "phone", "value": "1"}]});
    assert_eq!(lines(&named(&["Asha"]), &named(&["Asha", "Devi"])), ["name: Asha Rao -> Asha Devi Rao"]);
}

#[test]
fn nothing_that_differs_is_left_out() {
    // The same words for another code; a label; an extension of a primitive; digits at the end of a decimal.
    let coded = |code: &str| json!({"code": {"text": "Sugar", "coding": [{"system": "s", "code": code}]}});
    let found = lines(&coded("a"), &coded("b"));
    assert!(found.len() == 1 && found[0].contains("\"a\"") && found[0].contains("\"b\""), "{found:?}");
    let labelled = json!({"meta": {"security": [{"system": "x", "code": "PSY"}], "versionId": "2"}});
    assert_eq!(lines(&json!({}), &labelled), ["security:  -> PSY"]);
    let absent =
        json!({"_birthDate": {"extension": [{"url": "urn:x:data-absent-reason", "valueCode": "unknown"}]}});
    // The date that is gone, and the extension: its address and its value.
    assert_eq!(lines(&json!({"birthDate": "1990"}), &absent).len(), 3);
    let weighed = |text: &str| {
        fhir::json::parse(
            format!("{{\"v\":{{\"value\":{text},\"unit\":\"kg\"}}}}").as_bytes(),
            fhir::json::Limits::default(),
        )
        .unwrap()
    };
    assert_eq!(lines(&weighed("72.5"), &weighed("72.50")).len(), 1);
}

#[test]
fn references_are_read_by_name_and_titles_are_found() {
    let asked = |who: &str| json!({"requester": {"reference": who}});
    assert_eq!(
        lines(&asked("Practitioner/bo"), &asked("Practitioner/x")),
        ["requester: Dr Bo -> Practitioner/x"]
    );
    for (resource, expected) in [
        (
            json!({"medicationCodeableConcept": {"text": "Metformin"}, "category": [{"text": "outpatient"}]}),
            "Metformin",
        ),
        (json!({"title": "Visit note", "type": {"text": "Progress note"}}), "Visit note"),
        (json!({"name": [{"family": "Rao", "given": ["Asha"]}]}), "Asha Rao"),
        (json!({}), ""),
    ] {
        assert_eq!(title(&resource), expected);
    }
}

mod laws {
    use super::*;
    use proptest::prelude::*;

    fn resources() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from)
        ];
        let names = proptest::sample::select(vec![
            "code",
            "text",
            "value",
            "unit",
            "reference",
            "coding",
            "status",
            "start",
            "family",
        ]);
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::vec((names.clone(), inner), 0..4).prop_map(|members| Value::Object(
                    members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
                )),
            ]
        })
    }

    proptest! {
        /// Whatever stands in it: the same has no differences, and each difference turned around is the one the other way.
        #[test]
        fn differences_turn_around(before in resources(), after in resources()) {
            let (before, after) = (json!({"x": before}), json!({"x": after}));
            prop_assert!(lines(&before, &before).is_empty());
            let mut there = differences(&before, &after, &|r| r.to_string());
            let mut back: Vec<Difference> = differences(&after, &before, &|r| r.to_string())
                .into_iter()
                .map(|Difference { place, before, after }| Difference { place, before: after, after: before })
                .collect();
            let key = |found: &Difference| format!("{:?}", found.place);
            there.sort_by_key(key);
            back.sort_by_key(key);
            prop_assert_eq!(there, back);
        }
    }
}
