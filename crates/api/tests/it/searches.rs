//! Searches by query and by form, in a compartment, page by page, strictly and leniently.

use crate::house::{Answer, BASE, Doors, Person, on_both_engines};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testkit::house::Engine;

on_both_engines! {
    a_search_comes_by_query_or_by_form
    a_compartment_holds_what_is_the_patients
    pages_are_followed_by_their_links
    counting_returns_no_resources
    what_is_not_known_is_an_error_or_said_leniently
    a_patient_finds_their_own
}

async fn seed(nurse: &Person<'_>) {
    for (id, gender) in [("a", "female"), ("b", "male"), ("c", "female")] {
        nurse
            .put(&format!("/Patient/{id}"), &json!({"resourceType": "Patient", "id": id, "gender": gender}))
            .await;
        let observation = json!({"resourceType": "Observation", "id": format!("o{id}"), "status": "final",
            "code": {"text": "x"}, "subject": {"reference": format!("Patient/{id}")}});
        nurse.put(&format!("/Observation/o{id}"), &observation).await.is(StatusCode::CREATED);
    }
}

fn ids(answer: Answer) -> Vec<String> {
    let bundle = answer.is(StatusCode::OK).json();
    assert_eq!(bundle["type"], "searchset");
    let mut ids: Vec<String> =
        entries(&bundle).iter().map(|e| e["resource"]["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn entries(bundle: &Value) -> &[Value] {
    bundle["entry"].as_array().map_or(&[], Vec::as_slice)
}

async fn a_search_comes_by_query_or_by_form(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    seed(&nurse).await;
    assert_eq!(ids(nurse.get("/Patient?gender=female").await), ["a", "c"]);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let found = nurse.ask("POST", "/Patient/_search", &form, "gender=female").await;
    assert_eq!(ids(found), ["a", "c"]);
    let found = nurse.ask("POST", "/Patient/_search?_id=c", &form, "gender=female").await;
    assert_eq!(ids(found), ["c"]);
    let json = [("content-type", "application/json")];
    nurse.ask("POST", "/Patient/_search", &json, "{}").await.is(StatusCode::UNSUPPORTED_MEDIA_TYPE).issue();
    nurse.ask("POST", "/Patient/_search", &form, &b"name=\xff"[..]).await.is(StatusCode::BAD_REQUEST).issue();
    nurse.ask("POST", "/Patient/_search", &form, "_format=xml").await.is(StatusCode::NOT_ACCEPTABLE).issue();
}

async fn a_compartment_holds_what_is_the_patients(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    seed(&nurse).await;
    let found = nurse.get("/Patient/a/Observation?status=final").await;
    let own = found.json()["link"][0]["url"].clone();
    assert_eq!(own, format!("{BASE}/Patient/a/Observation?status=final"));
    assert_eq!(ids(found), ["oa"]);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(ids(nurse.ask("POST", "/Patient/b/Observation/_search", &form, "").await), ["ob"]);
    nurse.get("/Patient/a/*").await.is(StatusCode::NOT_FOUND).issue();
}

async fn pages_are_followed_by_their_links(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    seed(&nurse).await;
    for (first, all) in [
        ("/Observation?_count=2", &["oa", "ob", "oc"][..]),
        ("/Observation?_count=1&_sort=-_lastUpdated", &["oa", "ob", "oc"]),
        ("/Patient/a/Observation?_count=1", &["oa"]),
    ] {
        let mut path = first.to_owned();
        let mut found = Vec::new();
        while !path.is_empty() {
            let answer = nurse.get(&path).await;
            let links = answer.json()["link"].clone();
            found.extend(ids(answer));
            let next = links.as_array().unwrap().iter().find(|link| link["relation"] == "next");
            path = next.map_or_else(String::new, |link| below(&link["url"]));
        }
        found.sort();
        assert_eq!(found, all, "{first}");
    }
}

fn below(url: &Value) -> String {
    url.as_str().unwrap().strip_prefix(BASE).unwrap().to_owned()
}

async fn counting_returns_no_resources(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    seed(&nurse).await;
    let counted = nurse.get("/Patient?gender=female&_summary=count").await.is(StatusCode::OK).json();
    assert_eq!((counted["total"].to_string().as_str(), entries(&counted).len()), ("2", 0));
    nurse.get("/Patient?_summary=true").await.is(StatusCode::BAD_REQUEST).issue();
    nurse.get("/Patient?_elements=name").await.is(StatusCode::BAD_REQUEST).issue();
}

async fn what_is_not_known_is_an_error_or_said_leniently(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    seed(&nurse).await;
    nurse.get("/Patient?shoe-size=4").await.is(StatusCode::BAD_REQUEST).issue();
    let found =
        nurse.ask("GET", "/Patient?shoe-size=4&gender=male", &[("prefer", "handling=lenient")], "").await;
    let bundle = found.is(StatusCode::OK).json();
    let modes: Vec<&str> = entries(&bundle).iter().map(|e| e["search"]["mode"].as_str().unwrap()).collect();
    assert_eq!(modes, ["match", "outcome"]);
}

async fn a_patient_finds_their_own(engine: Engine) {
    let doors = Doors::open(engine);
    seed(&doors.operator()).await;
    let a = doors.person("patient", &["patient/*.rs"], Some("a"));
    assert_eq!(ids(a.get("/Observation").await), ["oa"]);
    assert_eq!(ids(a.get("/Patient/b/Observation").await), [""; 0]);
    a.get("/Patient/b").await.is(StatusCode::NOT_FOUND).issue();
}
