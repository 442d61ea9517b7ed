//! C6: what somebody signed stays as they signed it, whichever door a change comes through.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use record::{change::Wish, error::Error};
use serde_json::{Value, json};
use testkit::house::{ENGINES, House};

fn note(status: &str, words: &str) -> Value {
    json!({"resourceType": "Composition", "id": "note", "status": status, "type": {"text": "Progress note"},
        "date": "2026-11-01T08:00:00Z", "title": words, "author": [{"display": "Dr Bo"}],
        "attester": [{"mode": "legal", "time": "2026-11-01T09:00:00Z", "party": {"display": "Dr Bo"}}]})
}

fn put(house: &House, resource: Value) -> Result<(), Error> {
    let wish = Wish::Update {
        resource_type: "Composition".into(),
        id: Some("note".into()),
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    };
    house.record.commit(&house.operator(), "update", &[wish.into()]).map(drop)
}

fn title(house: &House) -> Value {
    let shown = house.record.read(&house.operator(), "Composition", "note").unwrap();
    fhir::json::parse(&shown.body, fhir::json::Limits::default()).unwrap()["title"].clone()
}

#[test]
fn c6_a_signed_note_is_neither_replaced_nor_deleted_by_the_operator_either() {
    for engine in ENGINES {
        let house = House::new(engine);
        put(&house, note("preliminary", "draft")).unwrap();
        put(&house, note("final", "signed")).unwrap();
        for changed in [note("final", "another"), note("preliminary", "signed")] {
            assert!(matches!(put(&house, changed), Err(Error::Unprocessable(_))), "{engine:?}");
        }
        let delete = Wish::Delete {
            resource_type: "Composition".into(),
            id: Some("note".into()),
            query: None,
            if_match: None,
        };
        let deleted = house.record.commit(&house.operator(), "delete", &[delete.into()]);
        assert!(matches!(deleted, Err(Error::Unprocessable(_))), "{engine:?}");
        assert_eq!(title(&house), "signed");
        put(&house, note("final", "signed")).unwrap();
        put(&house, note("amended", "amended")).unwrap();
        assert_eq!(title(&house), "amended");
        put(&house, note("entered-in-error", "amended")).unwrap();
    }
}
