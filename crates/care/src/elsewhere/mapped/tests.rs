use super::*;

const BASE: &str = "https://there.example/fhir";
const FROM: From<'_> = From { base: BASE, label: "There", patient: "ours", fetch: "f1" };

fn came(resources: Vec<Value>) -> Came {
    let beside = vec![
        json!({"resourceType": "Practitioner", "id": "d", "name": [{"given": ["Bo"], "family": "Test"}]}),
        json!({"resourceType": "Medication", "id": "m", "code": {"text": "Metformin"}, "manufacturer": {"reference": "Organization/x"},
            "ingredient": [{"itemReference": {"reference": "Medication/m"}}]}),
    ];
    Came { patient: json!({"resourceType": "Patient", "id": "p"}), resources, beside, ..Came::default() }
}

fn condition(id: &str) -> Value {
    json!({"resourceType": "Condition", "id": id, "code": {"text": "Asthma"}, "subject": {"reference": "Patient/p"}})
}

fn only(resource: Value) -> Value {
    let (made, refused) = all(&FROM, &came(vec![resource, condition("c")]));
    assert_eq!(refused, []);
    made.into_iter().find(|made| made.id != FROM.id("Condition", "c")).unwrap().value
}

#[test]
fn e9_ids_are_the_same_each_time_and_other_for_another_house_or_patient() {
    let id = FROM.id("Condition", "c");
    assert_eq!(id, FROM.id("Condition", "c"));
    assert!(reference::is_id(&id) && !id.contains('c') || id.len() == 41);
    for other in [From { base: "https://x.example", ..FROM }, From { patient: "b", ..FROM }] {
        assert_ne!(other.id("Condition", "c"), id);
    }
    assert_ne!(FROM.id("Observation", "c"), id);
}

#[test]
fn e9_a_reference_leads_to_what_enters_or_is_a_name() {
    let value = only(json!({
        "resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "x"},
        "meta": {"versionId": "7", "source": "urn:older", "security": [{"code": "PSY"}], "tag": [{"system": TAG, "code": "forged"}]},
        "subject": {"reference": format!("{BASE}/Patient/p")},
        "focus": [{"reference": "Condition/c"}, {"reference": format!("{BASE}/Condition/c/_history/3")}],
        "performer": [{"reference": "Practitioner/d"}, {"reference": "Patient/other", "display": "Their mother"}],
        "derivedFrom": [{"reference": "Observation/gone", "identifier": {"value": "kept"}}],
        "encounter": {"reference": "https://here.example/fhir/R4/Encounter/ours"},
        "basedOn": [{"reference": "ServiceRequest?identifier=1"}],
        "partOf": [{"reference": "urn:uuid:1"}],
        "valueQuantity": {"value": 1.5},
    }));
    let condition = format!("Condition/{}", FROM.id("Condition", "c"));
    assert_eq!(value["subject"], json!({"reference": "Patient/ours"}));
    assert_eq!(value["focus"], json!([{"reference": condition}, {"reference": condition}]));
    assert_eq!(value["performer"][0]["display"], "Bo Test");
    assert_eq!(value["performer"][0]["identifier"]["value"], format!("{BASE}/Practitioner/d"));
    assert_eq!(value["performer"][1]["display"], "Their mother");
    assert_eq!(value["derivedFrom"][0]["identifier"]["value"], "kept");
    let mut left = Vec::new();
    reference::each_reference(&value, &mut |text| left.push(text.to_owned()));
    left.sort();
    assert_eq!(left, [condition.clone(), condition, "Patient/ours".to_owned()], "no other reference is left");
    assert_eq!(value["meta"]["source"], format!("{BASE}/Observation/o"));
    assert_eq!(value["meta"]["security"][0]["code"], "PSY", "what hid it there hides it here");
    assert_eq!(value["meta"]["extension"][0]["valueUri"], "urn:older");
    assert_eq!(value["meta"]["tag"].as_array().unwrap().len(), 1);
    assert_eq!(super::super::from(&value), Some("There"));
    assert_eq!(value["meta"]["tag"][0]["code"], mark(&value));
}

#[test]
fn e9_a_medicine_is_held_by_who_takes_it() {
    let value = only(json!({
        "resourceType": "MedicationRequest", "id": "r", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p"}, "medicationReference": {"reference": "Medication/m"},
    }));
    let held = &value["contained"][0];
    assert_eq!(
        (held["code"]["text"].as_str(), held["resourceType"].as_str()),
        (Some("Metformin"), Some("Medication"))
    );
    assert_eq!(value["medicationReference"]["reference"], format!("#{}", held["id"].as_str().unwrap()));
    assert_eq!(value["medicationReference"]["display"], "Metformin");
    assert!(held["manufacturer"].get("reference").is_none());
    assert!(
        held["ingredient"][0]["itemReference"].get("reference").is_none(),
        "nothing contained refers to what is not there"
    );
}

#[test]
fn e9_what_is_of_somebody_else_a_draft_or_broken_does_not_enter_and_nothing_refers_to_it() {
    let mut other = condition("other");
    other["subject"] = json!({"reference": "Patient/q"});
    let mut elsewhere = condition("elsewhere");
    elsewhere["subject"] = json!({"reference": "https://evil.example/fhir/Patient/p"});
    let mut ruled = condition("ruled");
    ruled["implicitRules"] = "https://evil.example".into();
    let mut broken = condition("broken");
    broken["code"] = json!("asthma");
    let draft = json!({"resourceType": "Composition", "id": "n", "status": "preliminary", "subject": {"reference": "Patient/p"}});
    let mut good = condition("good");
    good["evidence"] = json!([{"detail": [{"reference": "Condition/broken"}, {"reference": "Condition/c"}]}]);
    let (made, refused) =
        all(&FROM, &came(vec![other, elsewhere, ruled, broken, draft, good, condition("c")]));
    assert_eq!(made.len(), 2);
    let why: Vec<Why> = refused.iter().map(|refused| refused.why).collect();
    assert_eq!(why, [Why::Draft, Why::NotTheirs, Why::NotTheirs, Why::Rules, Why::Broken]);
    assert!(
        refused[4].what.starts_with("Condition.code") && !refused[4].what.contains("asthma"),
        "{}",
        refused[4].what
    );
    let good = made.iter().find(|made| made.value.get("evidence").is_some()).unwrap();
    let detail = &good.value["evidence"][0]["detail"];
    assert!(detail[0].get("reference").is_none() && detail[1].get("reference").is_some(), "{detail}");
}

#[test]
fn e9_a_file_has_an_id_of_its_content_and_none_of_ours_is_meant_by_theirs() {
    let mut came = came(Vec::new());
    came.resources = vec![
        json!({"resourceType": "DocumentReference", "id": "a", "status": "current", "subject": {"reference": "Patient/p"},
            "content": [{"attachment": {"contentType": "application/x-evil", "url": format!("{BASE}/Binary/a")}}]}),
        json!({"resourceType": "DocumentReference", "id": "b", "status": "current", "subject": {"reference": "Patient/p"},
            "content": [{"attachment": {"url": "Binary/secret-of-this-house"}}]}),
    ];
    came.files.insert(format!("{BASE}/Binary/a"), b"%PDF-1.7".to_vec());
    let (made, _) = all(&FROM, &came);
    let of = |id: &str| made.iter().find(|made| made.id == FROM.id("DocumentReference", id)).unwrap();
    let file = &of("a").files[0];
    assert_eq!(of("a").value["content"][0]["attachment"]["url"], format!("Binary/{}", file.id));
    assert_eq!(of("a").value["content"][0]["attachment"]["contentType"], "application/pdf");
    assert_eq!(
        of("b").value["content"][0]["attachment"]["url"],
        format!("{BASE}/Binary/secret-of-this-house")
    );
    let later = all(&From { fetch: "f2", ..FROM }, &came).0;
    let again = later.iter().find(|made| made.id == of("a").id).unwrap();
    assert_ne!(again.files[0].id, file.id, "a file is never stored over another");
    assert_eq!(mark(&again.value), mark(&of("a").value), "and the document is the same");
}
