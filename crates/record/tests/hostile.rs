//! Hostile input at the kernel: too deep, too long, too much, too clever. Every answer is clear, nobody waits long, and what
//! was taken can be read and changed again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

use record::{
    change::{Change, Wish},
    error::Error,
    search::{Page, SearchRequest},
};
use serde_json::{Value, json};
use testkit::house::{ENGINES, Engine, House};

fn put(resource: Value) -> Change {
    let named = |name: &str| resource[name].as_str().unwrap().to_owned();
    let (resource_type, id) = (named("resourceType"), Some(named("id")));
    Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false }.into()
}

fn store(house: &House, resource: Value) -> Result<(), Error> {
    house.record.commit(&house.operator(), "update", &[put(resource)]).map(drop)
}

fn search(house: &House, kind: &str, query: &str) -> Result<Page, Error> {
    let request =
        SearchRequest { resource_type: kind.into(), query: query.into(), lenient: false, compartment: None };
    house.record.search(&house.operator(), &request)
}

/// Extensions in extensions; each level is an object and an array.
fn nested(levels: usize) -> Value {
    let mut inner = json!({"url": "urn:x", "valueString": "x"});
    for _ in 1..levels {
        inner = json!({"url": "urn:x", "extension": [inner]});
    }
    json!({"resourceType": "Basic", "id": "deep", "code": {"text": "x"}, "extension": [inner]})
}

#[test]
fn a_text_ten_thousand_levels_deep_is_refused_before_it_costs_anything() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        let failed = fhir::json::parse(text.as_bytes(), fhir::json::Limits::default()).unwrap_err();
        assert_eq!(failed.fault, fhir::json::Fault::Depth);
    }
}

#[test]
fn what_is_taken_however_deep_can_be_changed_and_found_again() {
    let house = House::new(Engine::Sqlite);
    let mut deepest = 0;
    for levels in [1, 10, 20, 28, 29, 30, 31, 32, 40, 60, 63, 64, 100, 126, 127, 128, 129, 200] {
        match store(&house, nested(levels)) {
            Ok(()) => {
                deepest = levels;
                store(&house, nested(levels))
                    .unwrap_or_else(|e| panic!("{levels} levels were taken once: {e:?}"));
                let page = search(&house, "Basic", "_id=deep").unwrap();
                assert_eq!(page.entries.len(), 1);
                search(&house, "Basic", "_id=deep&_include=Basic:subject").unwrap();
                let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "Basic/deep"}}]});
                let answer = record::bundle::Answer {
                    base: "http://localhost/fhir/R4",
                    representation: true,
                    lenient: false,
                };
                house.record.bundle(&house.operator(), batch, answer).unwrap();
                store(&house, nested(1)).unwrap();
            }
            Err(Error::Unprocessable(issues) | Error::Invalid(issues)) => assert!(!issues.is_empty()),
            Err(error) => panic!("{levels} levels: {error:?}"),
        }
    }
    assert!((20..200).contains(&deepest));
    store(&house, nested(deepest)).unwrap();
    let report = house.record.verify(None, true, &mut |_| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
}

#[test]
fn a_megabyte_where_a_word_should_be_is_kept_or_refused() {
    for engine in ENGINES {
        let house = House::new(engine);
        let long = "ä".repeat(500_000);
        let patient = json!({"resourceType": "Patient", "id": "long", "name": [{"family": long}], "telecom": [{"value": long}],
            "identifier": [{"system": "urn:x", "value": long}], "extension": [{"url": long, "valueString": long}]});
        store(&house, patient.clone()).unwrap();
        store(&house, patient).unwrap();
        assert_eq!(search(&house, "Patient", "family=ä").unwrap().entries.len(), 1);
        for (resource, place) in [
            (json!({"resourceType": "Patient", "id": "a".repeat(1_000_000)}), "Patient.id"),
            (json!({"resourceType": "Patient", "id": "x", "gender": long}), "Patient.gender"),
            (json!({"resourceType": "Patient", "id": "x", "birthDate": long}), "Patient.birthDate"),
            (json!({"resourceType": long, "id": "x"}), ""),
        ] {
            let Err(error) = store(&house, resource) else { panic!("{place} was taken") };
            let issues = error.issues();
            assert!(!matches!(error, Error::Fault(_) | Error::Busy(_)), "{place}: {error:?}");
            assert!(
                issues.iter().all(|issue| issue.diagnostics.len() < 500),
                "{place}: an answer as long as the question"
            );
        }
        for query in
            [format!("family={long}"), format!("{long}=1"), format!("identifier={}", "x|".repeat(5_000))]
        {
            assert!(matches!(search(&house, "Patient", &query), Err(Error::Invalid(_))));
        }
    }
}

#[test]
fn sixty_megabytes_are_kept_and_seventy_are_refused() {
    let house = House::new(Engine::Sqlite);
    let document = |bytes: usize| {
        json!({"resourceType": "DocumentReference", "id": "big", "status": "current",
            "content": [{"attachment": {"contentType": "image/png", "data": "AAAA".repeat(bytes / 4)}}]})
    };
    store(&house, document(60_000_000)).unwrap();
    assert!(
        house.record.read(&house.operator(), "DocumentReference", "big").unwrap().body.len() > 60_000_000
    );
    let Err(Error::Invalid(issues)) = store(&house, document(70_000_000)) else {
        panic!("70 MB were taken, or answered oddly")
    };
    assert!(issues[0].diagnostics.len() < 500);
    let binary = |bytes: usize| json!({"resourceType": "Binary", "id": "big", "contentType": "image/png", "data": "AAAA".repeat(bytes / 4)});
    store(&house, binary(60_000_000)).unwrap();
    assert!(matches!(store(&house, binary(100_000_000)), Err(Error::Invalid(_))));
}

/// Searches that name thousands of rows or branch at every step.
#[test]
fn a_search_that_is_too_clever_is_refused_and_not_tried() {
    for engine in ENGINES {
        let house = House::new(engine);
        store(&house, json!({"resourceType": "Patient", "id": "a"})).unwrap();
        let many = |count: usize| (0..count).map(|n| format!("x{n}")).collect::<Vec<_>>().join(",");
        let steps = |code: &str, end: &str| format!("{}{end}", format!("{code}.").repeat(8));
        for (kind, query) in [
            ("Provenance", format!("target={}", many(512))),
            ("Provenance", format!("target={}", many(40))),
            ("Observation", format!("subject={}", many(512))),
            ("Patient", format!("_id={}", many(512))),
            ("Patient", format!("identifier={}", many(512))),
            ("Patient", format!("name={}", many(512))),
            ("Observation", format!("date={}", vec!["ge2020"; 512].join(","))),
            ("ServiceRequest", steps("based-on", "status=active")),
            ("ServiceRequest", steps("replaces", "status=active")),
            ("Observation", steps("has-member", "code=x")),
            ("Encounter", steps("part-of", "status=planned")),
            ("Procedure", steps("part-of", "status=completed")),
            ("Procedure", steps("based-on", "status=active")),
            ("Patient", format!("{}name=x", "_has:Patient:link:".repeat(8))),
            ("Patient", vec!["name:contains=a"; 64].join("&")),
            ("Patient", vec!["identifier:not=a"; 64].join("&")),
            (
                "Patient",
                format!("{}_has:Provenance:target:agent.name=x", "_has:Provenance:target:".repeat(7)),
            ),
        ] {
            let shape = format!("{kind}?{}… on {engine:?}", &query[..query.len().min(60)]);
            match search(&house, kind, &query) {
                Ok(_) | Err(Error::Invalid(_) | Error::TooCostly(_)) => {}
                Err(error) => panic!("{shape}: {error:?}"),
            }
        }
    }
}
