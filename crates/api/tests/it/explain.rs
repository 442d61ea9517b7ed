//! `$explain-access`: who is told what somebody would see, and what a Consent or a changed role would change.

use crate::house::{Answer, Doors, on_both_engines};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testkit::house::Engine;

on_both_engines! {
    e1_a_patient_is_told_what_a_consent_would_change_before_it_is_saved
    a9_a_privacy_officer_is_told_what_a_changed_role_would_change
    who_may_not_know_is_told_nothing
    what_is_asked_wrongly_is_named
}

const PATH: &str = "/Patient/p/$explain-access";

async fn furnished(engine: Engine) -> Doors {
    let doors = Doors::open(engine);
    let about = json!({"reference": "Patient/p"});
    for (path, resource) in [
        ("/Patient/p", json!({"resourceType": "Patient", "id": "p"})),
        ("/Patient/q", json!({"resourceType": "Patient", "id": "q"})),
        (
            "/Observation/o",
            json!({"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "t"}, "subject": about}),
        ),
        (
            "/Observation/quiet",
            json!({"resourceType": "Observation", "id": "quiet", "status": "final", "code": {"text": "t"},
                "subject": about, "meta": {"security": [{"code": "PSY"}]}}),
        ),
        (
            "/Encounter/e",
            json!({"resourceType": "Encounter", "id": "e", "status": "in-progress", "class": {"code": "AMB"}, "subject": about,
                "participant": [{"individual": {"reference": "Practitioner/b"}}]}),
        ),
    ] {
        assert_eq!(doors.operator().put(path, &resource).await.status, 201, "{path}");
    }
    doors
}

/// What a physician who is Practitioner/b would see, and more that is asked.
fn asking(more: &[Value]) -> Value {
    let mut parameters = vec![
        json!({"name": "role", "valueCode": "physician"}),
        json!({"name": "known-as", "valueReference": {"reference": "Practitioner/b"}}),
    ];
    parameters.extend_from_slice(more);
    json!({"resourceType": "Parameters", "parameter": parameters})
}

/// The parts of the parameters of a name, as one object each.
fn told(answer: &Answer, name: &str) -> Vec<Value> {
    let body = answer.json();
    assert_eq!(body["resourceType"], "Parameters");
    let all = body["parameter"].as_array().unwrap().iter().filter(|parameter| parameter["name"] == name);
    let flat = |parameter: &Value| {
        let mut object = serde_json::Map::new();
        for part in parameter["part"].as_array().unwrap() {
            let (_, value) =
                part.as_object().unwrap().iter().find(|(key, _)| key.starts_with("value")).unwrap();
            object.insert(part["name"].as_str().unwrap().to_owned(), value.clone());
        }
        Value::Object(object)
    };
    all.map(flat).collect()
}

fn of(sights: &[Value], kind: &str) -> Value {
    sights.iter().find(|sight| sight["type"] == kind).unwrap().clone()
}

fn denial() -> Value {
    json!({"resourceType": "Consent", "status": "active", "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"text": "t"}], "policyRule": {"text": "t"}, "patient": {"reference": "Patient/p"},
        "provision": {"type": "deny", "class": [{"code": "Observation"}]}})
}

async fn e1_a_patient_is_told_what_a_consent_would_change_before_it_is_saved(engine: Engine) {
    let doors = furnished(engine).await;
    let asha = doors.person("patient", &["patient/*.rs"], Some("p"));
    let now = asha.post(PATH, &asking(&[])).await.is(StatusCode::OK);
    let sight = json!({"type": "Observation", "total": 2, "shown": 1});
    assert_eq!(of(&told(&now, "sight"), "Observation"), sight);
    let reason = json!({"when": "now", "kind": "relationship", "partial": false, "source": {"reference": "Encounter/e"}});
    assert_eq!(told(&now, "reason"), std::slice::from_ref(&reason));

    let considered = asking(&[json!({"name": "consent", "resource": denial()})]);
    let then = asha.post(PATH, &considered).await.is(StatusCode::OK);
    let sight = json!({"type": "Observation", "total": 2, "shown": 1, "then": 0, "gained": 0, "lost": 1});
    assert_eq!(of(&told(&then, "sight"), "Observation"), sight);
    let reasons = told(&then, "reason");
    assert_eq!(reasons[0], reason);
    assert_eq!(reasons[1], json!({"when": "then", "kind": "deny", "partial": true}));
    assert_eq!(asha.get("/Consent?patient=p").await.json()["total"], 0, "considering stores nothing");
}

async fn a9_a_privacy_officer_is_told_what_a_changed_role_would_change(engine: Engine) {
    let doors = furnished(engine).await;
    let officer = doors.staff("privacy-officer", &[], None);
    let role = json!({"name": "as-if-role", "part": [
        {"name": "label", "valueCode": "PSY"},
        {"name": "scope", "valueString": "user/Observation.rs"}
    ]});
    let answer = officer.post(PATH, &asking(&[role])).await.is(StatusCode::OK);
    let sights = told(&answer, "sight");
    let sight = json!({"type": "Observation", "total": 2, "shown": 1, "then": 2, "gained": 1, "lost": 0});
    assert_eq!(of(&sights, "Observation"), sight);
    let sight = json!({"type": "Encounter", "total": 1, "shown": 1, "then": 0, "gained": 0, "lost": 1});
    assert_eq!(of(&sights, "Encounter"), sight);
    let changes =
        answer.json()["parameter"].as_array().unwrap().iter().find(|p| p["name"] == "role-changes").cloned();
    let changes = changes.unwrap()["valueString"].as_str().unwrap().to_owned();
    assert!(changes.contains("+label:PSY") && changes.contains("-user/*.rs"), "{changes}");
    assert_eq!(officer.get("/Observation/o").await.status, 403, "counts are told, and no chart opens");
}

async fn who_may_not_know_is_told_nothing(engine: Engine) {
    let doors = furnished(engine).await;
    let others = [
        doors.staff("physician", &["Practitioner/b"], None),
        doors.staff("administrator", &[], None),
        doors.staff("regulator", &[], None),
        doors.person("patient", &["patient/*.rs"], Some("q")),
        doors.person("patient", &["patient/Observation.rs"], Some("p")),
        doors.person("laboratory", &["system/Observation.rs"], None),
    ];
    for other in &others {
        for path in [PATH, "/Patient/none/$explain-access"] {
            let answer = other.post(path, &asking(&[])).await.is(StatusCode::FORBIDDEN);
            assert!(!String::from_utf8_lossy(&answer.body).contains("Encounter"));
        }
    }
    let officer = doors.staff("privacy-officer", &[], None);
    officer.post("/Patient/none/$explain-access", &asking(&[])).await.is(StatusCode::NOT_FOUND).issue();
}

async fn what_is_asked_wrongly_is_named(engine: Engine) {
    let doors = furnished(engine).await;
    let officer = doors.staff("privacy-officer", &[], None);
    let one = |parameter: Value| json!({"resourceType": "Parameters", "parameter": [parameter]});
    let mut elsewhere = denial();
    elsewhere["patient"]["reference"] = "Patient/q".into();
    for (body, place) in [
        (one(json!({"name": "rolle", "valueCode": "nurse"})), "Parameters.parameter.name"),
        (one(json!({"name": "role", "valueCode": "king"})), "name='role'"),
        (one(json!({"name": "role", "valueCode": "nurse"})), "name='known-as'"),
        (one(json!({"name": "role", "valueInteger": 1})), "name='role'"),
        (one(json!({"name": "account", "valueId": "nobody"})), "name='account'"),
        (json!({"resourceType": "Parameters"}), "name='account'"),
        (asking(&[json!({"name": "known-as", "valueString": "Dr Who"})]), "name='known-as'"),
        (asking(&[json!({"name": "consent", "valueString": "x"})]), "name='consent'"),
        (asking(&[json!({"name": "consent", "resource": elsewhere})]), "Consent.patient"),
        (
            asking(&[
                json!({"name": "as-if-role", "part": [{"name": "scope", "valueString": "system/*.rs"}]}),
            ]),
            "name='as-if-role'",
        ),
        (
            asking(&[json!({"name": "as-if-role", "part": [{"name": "scope", "valueString": "all of it"}]})]),
            "name='as-if-role'",
        ),
        (asking(&[json!({"name": "as-if-role", "valueString": "x"})]), "name='as-if-role'"),
    ] {
        let answer = officer.post(PATH, &body).await.is(StatusCode::BAD_REQUEST);
        answer.issue();
        assert!(answer.json().to_string().contains(place), "{place}: {}", answer.json());
    }
}
