//! The kernel on both engines: what is written comes back, what must not be seen does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

use record::{
    change::{Change, DoneKind, Wish},
    error::Error,
    history::{HistoryRequest, Scope},
    search::{Page, SearchRequest},
};
use serde_json::{Value, json};
use testkit::house::{ENGINES, House};

fn create(resource: Value) -> Change {
    Wish::Create { resource, if_none_exist: None }.into()
}

fn search(house: &House, resource_type: &str, query: &str) -> Page {
    let request = SearchRequest {
        resource_type: resource_type.into(),
        query: query.into(),
        lenient: false,
        compartment: None,
    };
    house.record.search(&house.operator(), &request).unwrap()
}

fn ids(page: &Page) -> Vec<&str> {
    page.entries.iter().map(|entry| entry.id.as_str()).collect()
}

fn value(body: &[u8]) -> Value {
    fhir::json::parse(body, fhir::json::Limits::default()).unwrap()
}

fn put(resource_type: &str, id: &str, mut resource: Value) -> Change {
    resource["id"] = id.into();
    resource["resourceType"] = resource_type.into();
    Wish::Update {
        resource_type: resource_type.into(),
        id: Some(id.into()),
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    }
    .into()
}

fn people(house: &House) {
    let asha = json!({"name": [{"family": "Rao", "given": ["Asha"]}], "birthDate": "1980-04-02", "gender": "female",
        "identifier": [{"system": "urn:mrn", "value": "77"}]});
    let ben = json!({"name": [{"family": "Raoul", "given": ["Ben"]}], "birthDate": "1975", "gender": "male"});
    let observation = |patient: &str, value: f64, date: &str| {
        json!({"status": "final", "subject": {"reference": format!("Patient/{patient}")},
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "effectiveDateTime": date, "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": "/min"}})
    };
    let changes = [
        put("Patient", "asha", asha),
        put("Patient", "ben", ben),
        put("Observation", "o1", observation("asha", 72.0, "2024-01-05T10:00:00Z")),
        put("Observation", "o2", observation("asha", 110.0, "2024-02-05")),
        put("Observation", "o3", observation("ben", 64.0, "2023-12-31")),
    ];
    house.record.commit(&house.operator(), "transaction", &changes).unwrap();
}

#[test]
fn what_is_written_comes_back_and_every_version_stays() {
    for engine in ENGINES {
        let house = House::new(engine);
        let act = house.operator();
        let patient = json!({"resourceType": "Patient", "active": true, "_birthDate": {"extension": [{"url": "urn:x", "valueDecimal": 1}]}});
        let done = house.record.commit(&act, "create", &[create(patient)]).unwrap().remove(0);
        assert_eq!((done.kind, done.version), (DoneKind::Created, 1));
        let shown = house.record.read(&act, "Patient", &done.id).unwrap();
        assert_eq!(shown.body, done.body);
        assert_eq!(value(&shown.body)["meta"]["versionId"], "1");
        house.wait_ms(5);
        house
            .record
            .commit(&house.operator(), "update", &[put("Patient", &done.id, json!({"active": false}))])
            .unwrap();
        let delete = Wish::Delete {
            resource_type: "Patient".into(),
            id: Some(done.id.clone()),
            query: None,
            if_match: Some(2),
        };
        house.record.commit(&house.operator(), "delete", &[delete.into()]).unwrap();
        assert!(matches!(house.record.read(&act, "Patient", &done.id), Err(Error::Gone { version: 3 })));
        let scope = Scope::Instance { resource_type: "Patient".into(), id: done.id.clone() };
        let past = house.record.history(&act, &scope, &HistoryRequest::default()).unwrap();
        assert_eq!(
            past.entries.iter().map(|e| (e.version, e.body.is_some())).collect::<Vec<_>>(),
            [(3, false), (2, true), (1, true)]
        );
        let first = house.record.vread(&act, "Patient", &done.id, 1).unwrap();
        assert_eq!(first.body, done.body);
        assert!(matches!(house.record.read(&act, "Patient", "nobody"), Err(Error::NotFound)));
        let house = house.reopen();
        assert_eq!(house.record.vread(&house.operator(), "Patient", &done.id, 1).unwrap().body, done.body);
    }
}

#[test]
fn searches_find_what_they_should_and_nothing_else() {
    for engine in ENGINES {
        let house = House::new(engine);
        people(&house);
        let cases: &[(&str, &str, &[&str])] = &[
            ("Patient", "", &["asha", "ben"]),
            ("Patient", "name=rao", &["asha", "ben"]),
            ("Patient", "name:exact=Rao", &["asha"]),
            ("Patient", "name:contains=aou", &["ben"]),
            ("Patient", "family=RAOUL&given=b", &["ben"]),
            ("Patient", "identifier=urn:mrn|77", &["asha"]),
            ("Patient", "identifier=77,78", &["asha"]),
            ("Patient", "identifier=urn:mrn|", &["asha"]),
            ("Patient", "identifier=|77", &[]),
            ("Patient", "identifier:missing=true", &["ben"]),
            ("Patient", "gender:not=male", &["asha"]),
            ("Patient", "birthdate=1975", &["ben"]),
            ("Patient", "birthdate=ge1980", &["asha"]),
            ("Patient", "_id=ben,nobody", &["ben"]),
            ("Observation", "patient=asha", &["o1", "o2"]),
            ("Observation", "patient=Patient/asha&date=ge2024-02", &["o2"]),
            ("Observation", "subject:Patient.name=rao&code=8867-4", &["o1", "o2", "o3"]),
            ("Observation", "patient.gender=male", &["o3"]),
            ("Observation", "value-quantity=gt100", &["o2"]),
            ("Observation", "value-quantity=72|http://unitsofmeasure.org|/min", &["o1"]),
            ("Observation", "value-quantity=72||kg", &[]),
            ("Observation", "_sort=-date", &["o2", "o1", "o3"]),
            ("Observation", "_sort=date&patient=asha", &["o1", "o2"]),
            ("Patient", "_sort=family", &["asha", "ben"]),
            ("Patient", "_sort=-gender,family", &["ben", "asha"]),
            ("Patient", "_sort=-_id", &["ben", "asha"]),
            ("Observation", "_sort=subject,-date", &["o2", "o1", "o3"]),
            ("Patient", "_has:Observation:patient:value-quantity=lt70", &["ben"]),
        ];
        for (resource_type, query, expected) in cases {
            assert_eq!(
                ids(&search(&house, resource_type, query)),
                *expected,
                "{resource_type}?{query} on {engine:?}"
            );
        }
        let page = search(&house, "Observation", "_id=o1&_include=Observation:subject");
        assert_eq!(ids(&page), ["o1", "asha"]);
        let page = search(&house, "Patient", "_id=ben&_revinclude=Observation:subject");
        assert_eq!(ids(&page), ["ben", "o3"]);
        assert_eq!(search(&house, "Observation", "_summary=count&code=8867-4").total, Some(3));
    }
}

#[test]
fn names_are_found_as_they_sound_in_every_script_and_across_references() {
    for engine in ENGINES {
        let house = House::new(engine);
        let person = |id: &str, text: &str| {
            put("Patient", id, json!({"resourceType": "Patient", "name": [{"text": text}]}))
        };
        let seen = put(
            "Encounter",
            "e",
            json!({"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": "Patient/hi"}}),
        );
        let people = [
            person("en", "Ravee Kumar"),
            person("hi", "रवि"),
            person("te", "రవి రావు"),
            person("no", "Rani Rao"),
            seen,
        ];
        house.record.commit(&house.operator(), "create", &people).unwrap();
        for (query, found) in [
            ("phonetic=ravi", vec!["en", "hi", "te"]),
            ("phonetic=kumar%20ravi", vec!["en"]),
            ("phonetic=rao", vec!["te", "no"]),
            ("phonetic=rani,कुमार", vec!["en", "no"]),
            ("phonetic=rav", vec!["te", "no"]),
            ("phonetic:missing=true", vec![]),
        ] {
            assert_eq!(ids(&search(&house, "Patient", query)), found, "{engine:?} {query}");
        }
        assert_eq!(ids(&search(&house, "Encounter", "subject:Patient.phonetic=ravi")), ["e"], "{engine:?}");
        // Whoever is called otherwise now is not found as before.
        house.record.commit(&house.operator(), "update", &[person("hi", "Sunil")]).unwrap();
        assert_eq!(ids(&search(&house, "Patient", "phonetic=ravi")), ["en", "te"], "{engine:?}");
        assert_eq!(ids(&search(&house, "Patient", "phonetic=sunil")), ["hi"], "{engine:?}");
    }
}

#[test]
fn pages_follow_each_other_and_a_cursor_that_was_changed_is_refused() {
    for engine in ENGINES {
        let house = House::new(engine);
        people(&house);
        for sort in ["", "_sort=-date&", "_sort=_lastUpdated&", "_sort=subject,code&"] {
            let mut seen = Vec::new();
            let mut query = format!("{sort}_count=1");
            loop {
                let page = search(&house, "Observation", &query);
                seen.extend(page.entries.iter().map(|e| e.id.clone()));
                let Some(next) = page.next else { break };
                let mut broken = next.clone();
                let last = if broken.pop() == Some('A') { 'B' } else { 'A' };
                broken.push(last);
                let request = SearchRequest {
                    resource_type: "Observation".into(),
                    query: broken,
                    lenient: false,
                    compartment: None,
                };
                assert!(matches!(house.record.search(&house.operator(), &request), Err(Error::Invalid(_))));
                query = next;
            }
            seen.sort();
            assert_eq!(seen, ["o1", "o2", "o3"], "{sort} on {engine:?}");
        }
    }
}

#[test]
fn a_patient_sees_their_own_record_and_no_trace_of_another() {
    for engine in ENGINES {
        let house = House::new(engine);
        people(&house);
        let asha = house.patient("asha");
        assert!(house.record.read(&asha, "Observation", "o1").is_ok());
        assert!(matches!(house.record.read(&asha, "Observation", "o3"), Err(Error::NotFound)));
        assert!(matches!(house.record.read(&asha, "Patient", "ben"), Err(Error::NotFound)));
        for (resource_type, query) in [
            ("Patient", "name=rao"),
            ("Observation", "code=8867-4&_total=accurate"),
            ("Observation", "patient=ben"),
            ("Observation", "subject:Patient.name=raoul"),
            ("Patient", "_sort=family"),
            ("Patient", "_sort=-gender,family"),
            ("Observation", "_sort=subject,-date"),
            ("Patient", "_has:Observation:patient:value-quantity=lt70"),
            ("Observation", "_include=Observation:subject"),
        ] {
            let request = SearchRequest {
                resource_type: resource_type.into(),
                query: query.into(),
                lenient: false,
                compartment: None,
            };
            let page = house.record.search(&asha, &request).unwrap();
            assert!(!ids(&page).iter().any(|id| ["ben", "o3"].contains(id)), "{query} on {engine:?}");
            assert!(page.total.is_none_or(|total| total <= 2), "{query} on {engine:?}");
        }
        let all = house.record.history(&asha, &Scope::System, &HistoryRequest::default()).unwrap();
        assert!(all.entries.iter().all(|e| !["ben", "o3"].contains(&e.id.as_str())));
        let write = house.record.commit(&asha, "update", &[put("Patient", "asha", json!({}))]);
        assert!(matches!(write, Err(Error::Refused)));
    }
}

#[test]
fn a_transaction_is_all_or_nothing_and_renames_its_references() {
    for engine in ENGINES {
        let house = House::new(engine);
        let bundle = |status: &str| {
            json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": "urn:uuid:0a000000-0000-4000-8000-000000000001", "resource": {"resourceType": "Observation", "status": status,
                "code": {"text": "x"}, "subject": {"reference": "urn:uuid:0a000000-0000-4000-8000-000000000002"}},
                "request": {"method": "POST", "url": "Observation"}},
            {"fullUrl": "urn:uuid:0a000000-0000-4000-8000-000000000002", "resource": {"resourceType": "Patient",
                "identifier": [{"system": "urn:mrn", "value": "9"}]},
                "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:mrn|9"}}]})
        };
        let answer = record::bundle::Answer {
            base: "http://localhost/fhir/R4",
            representation: false,
            lenient: false,
        };
        let failed = house.record.bundle(&house.operator(), bundle("nonsense"), answer);
        let Err(Error::Unprocessable(issues)) = failed else { panic!("a bad code was taken") };
        assert_eq!(issues[0].expression.as_deref(), Some("Bundle.entry[0].resource.status"));
        assert_eq!(ids(&search(&house, "Patient", "")).len(), 0);
        for _ in 0..2 {
            house.record.bundle(&house.operator(), bundle("final"), answer).unwrap();
        }
        let patients = search(&house, "Patient", "");
        assert_eq!(patients.entries.len(), 1, "a conditional create takes what exists");
        let found = search(&house, "Observation", &format!("subject=Patient/{}", patients.entries[0].id));
        assert_eq!(found.entries.len(), 2);
    }
}

#[test]
fn two_hundred_conditional_creates_at_once_make_one_resource() {
    for engine in ENGINES {
        let house = House::new(engine);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        let patient = json!({"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": "1"}]});
                        let wish = Wish::Create { resource: patient, if_none_exist: Some("identifier=urn:mrn|1".into()) };
                        house.record.commit(&house.operator(), "create", &[wish.into()]).unwrap();
                    }
                });
            }
        });
        assert_eq!(search(&house, "Patient", "").entries.len(), 1);
    }
}
