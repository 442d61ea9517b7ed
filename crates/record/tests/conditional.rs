//! [Conditional update](https://hl7.org/fhir/R4/http.html#cond-update), case by case of the specification's list.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

use record::{
    change::{Change, Done, DoneKind, Wish},
    error::Error,
};
use serde_json::{Value, json};
use testkit::house::{ENGINES, House};

fn patient(id: Option<&str>, number: &str) -> Value {
    let mut patient =
        json!({"resourceType": "Patient", "identifier": [{"system": "urn:n", "value": number}]});
    if let Some(id) = id {
        patient["id"] = id.into();
    }
    patient
}

/// `PUT Patient?identifier=urn:n|NUMBER`
fn update(house: &House, number: &str, resource: Value) -> Result<Done, Error> {
    let query = Some(format!("identifier=urn:n|{number}"));
    let wish = Wish::Update {
        resource_type: "Patient".into(),
        id: None,
        query,
        resource,
        if_match: None,
        if_none_match: false,
    };
    house.record.commit(&house.operator(), "update", &[wish.into()]).map(|mut done| done.remove(0))
}

fn put(id: &str, number: &str) -> Change {
    let (resource_type, resource) = ("Patient".to_owned(), patient(Some(id), number));
    Wish::Update {
        resource_type,
        id: Some(id.into()),
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    }
    .into()
}

#[test]
fn a_conditional_update_does_what_the_specification_lists() {
    for engine in ENGINES {
        let house = House::new(engine);
        let made = update(&house, "1", patient(None, "1")).unwrap();
        assert_eq!((made.kind, made.version), (DoneKind::Created, 1), "no match, no id");
        let named = update(&house, "2", patient(Some("two"), "2")).unwrap();
        assert_eq!((named.kind, named.id.as_str()), (DoneKind::Created, "two"), "no match, an id");
        for resource in [patient(None, "2"), patient(Some("two"), "2")] {
            let done = update(&house, "2", resource).unwrap();
            assert_eq!((done.kind, done.id.as_str()), (DoneKind::Updated, "two"), "one match, no other id");
        }
        let other = update(&house, "2", patient(Some(&made.id), "2"));
        assert!(matches!(other, Err(Error::Invalid(_))), "one match, another id: {other:?}");
        let taken = update(&house, "nobody", patient(Some("two"), "nobody"));
        assert!(matches!(taken, Err(Error::Conflict(_))), "no match, but somebody has the id: {taken:?}");
        house.record.commit(&house.operator(), "update", &[put("three", "2")]).unwrap();
        assert!(
            matches!(update(&house, "2", patient(None, "2")), Err(Error::MultipleMatches)),
            "several matches"
        );
        for (id, version) in [("two", 3), ("three", 1)] {
            assert_eq!(
                house.record.read(&house.operator(), "Patient", id).unwrap().version,
                version,
                "{id} on {engine:?}"
            );
        }
    }
}
