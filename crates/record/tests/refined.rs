//! Scopes refined by search parameters (`patient/Observation.rs?category=laboratory`) narrow whatever they let somebody do, on both
//! engines. `grants` asks at random; here each way in and out is tried by name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails, and says what it did"
)]

use access::act::Act;
use record::{
    change::{Change, Wish},
    error::Error,
    history::{HistoryRequest, Scope},
    search::{Page, SearchRequest},
};
use serde_json::{Value, json};
use testkit::house::{ENGINES, House};

const LAB: &str =
    "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory";

fn observation(category: &str, patient: &str) -> Value {
    json!({"resourceType": "Observation", "status": "final", "code": {"text": "t"},
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": category}]}],
        "subject": {"reference": format!("Patient/{patient}")}, "encounter": {"reference": "Encounter/e"}})
}

fn put(id: &str, mut resource: Value) -> Change {
    resource["id"] = id.into();
    let resource_type = resource["resourceType"].as_str().unwrap().to_owned();
    let (query, if_match) = (None, None);
    Wish::Update { resource_type, id: Some(id.into()), query, resource, if_match, if_none_match: false }
        .into()
}

fn delete(id: &str) -> Change {
    let resource_type = "Observation".to_owned();
    Wish::Delete { resource_type, id: Some(id.into()), query: None, if_match: None }.into()
}

fn create(resource: Value) -> Change {
    Wish::Create { resource, if_none_exist: None }.into()
}

fn write(house: &House, act: &Act, change: Change) -> Result<(), Error> {
    house.record.commit(act, "update", &[change]).map(|_| ())
}

fn filled(house: &House) {
    let patient = |id: &str| put(id, json!({"resourceType": "Patient", "name": [{"family": "Testri"}]}));
    let encounter = json!({"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"},
        "subject": {"reference": "Patient/a"}});
    let all = [
        patient("a"),
        patient("b"),
        put("e", encounter),
        put("lab", observation("laboratory", "a")),
        put("vital", observation("vital-signs", "a")),
        put("other", observation("laboratory", "b")),
    ];
    house.record.commit(&house.operator(), "transaction", &all).unwrap();
}

fn search(house: &House, act: &Act, kind: &str, query: &str) -> Page {
    let request =
        SearchRequest { resource_type: kind.into(), query: query.into(), lenient: false, compartment: None };
    house.record.search(act, &request).unwrap()
}

fn ids(page: &Page) -> Vec<&str> {
    let mut ids: Vec<&str> = page.entries.iter().map(|entry| entry.id.as_str()).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_refined_scope_reads_searches_counts_and_includes_what_matches_alone() {
    for engine in ENGINES {
        let house = House::new(engine);
        filled(&house);
        let act = house.act("app", &["patient/Patient.rs", "patient/Encounter.rs", LAB], Some("a"));
        assert!(house.record.read(&act, "Observation", "lab").is_ok());
        for hidden in ["vital", "other"] {
            assert!(matches!(house.record.read(&act, "Observation", hidden), Err(Error::NotFound)));
            assert!(matches!(house.record.vread(&act, "Observation", hidden, 1), Err(Error::NotFound)));
        }
        assert_eq!(ids(&search(&house, &act, "Observation", "_lastUpdated=gt2000")), ["lab"]);
        assert_eq!(search(&house, &act, "Observation", "_summary=count").total, Some(1));
        assert!(ids(&search(&house, &act, "Observation", "category=vital-signs")).is_empty());
        assert_eq!(ids(&search(&house, &act, "Patient", "_revinclude=Observation:subject")), ["a", "lab"]);
        // Nothing leads past it either: who has a vital sign, who is meant by one.
        assert!(
            ids(&search(&house, &act, "Patient", "_has:Observation:subject:category=vital-signs")).is_empty()
        );
        assert_eq!(
            ids(&search(&house, &act, "Patient", "_has:Observation:subject:category=laboratory")),
            ["a"]
        );
        let seen_from = house.act("app", &[LAB, "patient/Encounter.rs?class=IMP"], Some("a"));
        assert_eq!(
            ids(&search(&house, &seen_from, "Observation", "_include=Observation:encounter")),
            ["lab"]
        );
        assert!(ids(&search(&house, &seen_from, "Observation", "encounter.class=AMB")).is_empty());
        assert_eq!(ids(&search(&house, &act, "Observation", "encounter.class=AMB")), ["lab"]);
        // Two of one type are both of them.
        let both = house.act("app", &[LAB, "patient/Observation.rs?category=vital-signs"], Some("a"));
        assert_eq!(ids(&search(&house, &both, "Observation", "patient=a")), ["lab", "vital"]);
    }
}

#[test]
fn a_refined_scope_tells_nothing_of_the_past() {
    for engine in ENGINES {
        let house = House::new(engine);
        filled(&house);
        let act = house.act("app", &[LAB], Some("a"));
        write(&house, &house.operator(), put("vital", observation("laboratory", "a"))).unwrap();
        write(&house, &house.operator(), put("lab", observation("vital-signs", "a"))).unwrap();
        assert!(house.record.vread(&act, "Observation", "vital", 2).is_ok());
        assert!(matches!(house.record.vread(&act, "Observation", "vital", 1), Err(Error::NotFound)));
        assert!(matches!(house.record.vread(&act, "Observation", "lab", 1), Err(Error::NotFound)));
        let of_type = Scope::Type("Observation".into());
        let past = house.record.history(&act, &of_type, &HistoryRequest::default()).unwrap();
        let told: Vec<_> = past.entries.iter().map(|entry| (entry.id.as_str(), entry.version)).collect();
        assert_eq!(told, [("vital", 2)]);
        write(&house, &house.operator(), delete("vital")).unwrap();
        assert!(matches!(house.record.read(&act, "Observation", "vital"), Err(Error::NotFound)));
    }
}

#[test]
fn a_refined_scope_writes_nothing_that_did_not_match_or_would_not() {
    for engine in ENGINES {
        let house = House::new(engine);
        filled(&house);
        let scopes = ["patient/Observation.cruds?category=laboratory", "patient/Patient.rs"];
        let act = house.act("app", &scopes, Some("a"));
        let refused = |change| matches!(write(&house, &act, change), Err(Error::Refused));
        assert!(write(&house, &act, create(observation("laboratory", "a"))).is_ok());
        assert!(refused(create(observation("vital-signs", "a"))), "it would not match");
        assert!(refused(create(observation("laboratory", "b"))), "it would be somebody else's");
        assert!(write(&house, &act, put("lab", observation("laboratory", "a"))).is_ok());
        assert!(refused(put("lab", observation("vital-signs", "a"))), "it would not match any more");
        assert!(refused(put("vital", observation("laboratory", "a"))), "it did not match");
        assert!(refused(put("other", observation("laboratory", "a"))), "it was somebody else's");
        assert!(write(&house, &act, delete("vital")).is_ok(), "what is not seen is not there");
        assert!(house.record.read(&house.operator(), "Observation", "vital").is_ok());
        assert!(write(&house, &act, delete("lab")).is_ok());
        assert!(
            refused(put("lab", observation("laboratory", "a"))),
            "of what is gone nobody knows whether it matched"
        );
        let none_exists = Wish::Create {
            resource: observation("laboratory", "a"),
            if_none_exist: Some("category=vital-signs".into()),
        };
        assert!(write(&house, &act, none_exists.into()).is_ok(), "a condition sees no more than a search");
    }
}

#[test]
fn references_and_everybodys_records_are_refined_as_well() {
    for engine in ENGINES {
        let house = House::new(engine);
        filled(&house);
        let act = house.act("app", &["system/Observation.rs?subject=Patient/b", "system/Patient.rs"], None);
        assert_eq!(ids(&search(&house, &act, "Observation", "_lastUpdated=gt2000")), ["other"]);
        let all = house.act("app", &["system/*.cruds", LAB], Some("a"));
        assert_eq!(ids(&search(&house, &all, "Observation", "_lastUpdated=gt2000")).len(), 3);
    }
}

#[test]
fn what_cannot_be_kept_to_lets_nothing_through() {
    for engine in ENGINES {
        let house = House::new(engine);
        filled(&house);
        for query in
            ["date=ge2000", "category:not=vital-signs", "nothing=x", "category:missing=false", "_id=lab"]
        {
            let scope = format!("patient/Observation.cruds?{query}");
            assert!(!record::refine::can_be_kept(&[], &scope.parse().unwrap()), "{query}");
            let act = house.act("app", &[&scope], Some("a"));
            assert!(ids(&search(&house, &act, "Observation", "_lastUpdated=gt2000")).is_empty(), "{query}");
            let refused = write(&house, &act, create(observation("laboratory", "a")));
            assert!(matches!(refused, Err(Error::Refused)), "{query}");
        }
    }
}
