//! What happened in the house before the operator came: 20 writes of one change each, so that leaf n tells of change n + 1, then
//! looks, refusals and more writes.

use record::{
    change::{Change, Wish},
    error::Error,
    search::{Page, SearchRequest},
    sign_in::Pass,
};
use serde_json::{Value, json};
use testkit::house::{Engine, House};

/// How many leaves and changes there are after [`lived`].
pub(crate) const LEAVES: i64 = 31;
pub(crate) const CHANGES: i64 = 25;

/// Row numbers, in the order in which the rows came to be.
pub(crate) const BEN: i64 = 2;
pub(crate) const O0: i64 = 3;

/// Words that stand in the resources and nowhere else.
pub(crate) const MARKERS: [&str; 4] = ["Vasundhara", "0123-marker", "quiet-note", "8867-4"];

pub(crate) fn put(resource_type: &str, id: &str, mut resource: Value) -> Change {
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

pub(crate) fn patient(family: &str) -> Value {
    json!({"name": [{"family": family}], "birthDate": "1980-04-02",
        "identifier": [{"system": "urn:mrn", "value": format!("0123-marker-{family}")}]})
}

pub(crate) fn observation(patient: &str, value: i64) -> Value {
    json!({"status": "final", "subject": {"reference": format!("Patient/{patient}")},
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "effectiveDateTime": "2024-01-05T10:00:00Z", "note": [{"text": "quiet-note"}],
        "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": "/min"}})
}

pub(crate) fn write(house: &House, change: Change) {
    house.record.commit(&house.operator(), "update", &[change]).unwrap();
    house.wait_ms(3);
}

pub(crate) fn search(house: &House, query: &str) -> Result<Page, Error> {
    let (resource_type, query) = query.split_once('?').unwrap();
    let request = SearchRequest {
        resource_type: resource_type.into(),
        query: query.into(),
        lenient: false,
        compartment: None,
    };
    house.record.search(&house.operator(), &request)
}

/// A house in which all this happened.
pub(crate) fn lived(engine: Engine) -> House {
    let house = House::new(engine);
    write(&house, put("Patient", "asha", patient("Vasundhara")));
    write(&house, put("Patient", "ben", patient("Vasundharan")));
    for n in 0..10 {
        let whose = if n % 2 == 0 { "asha" } else { "ben" };
        write(&house, put("Observation", &format!("o{n}"), observation(whose, 60 + n)));
    }
    for n in 0..8 {
        // o0 gets the versions 2 to 5, o1 the same.
        write(
            &house,
            put("Observation", &format!("o{}", n % 2), observation(["asha", "ben"][n as usize % 2], 80 + n)),
        );
    }
    house.record.read(&house.operator(), "Patient", "asha").unwrap();
    house.record.read(&house.patient("asha"), "Observation", "o0").unwrap();
    search(&house, "Observation?patient=ben").unwrap();
    house.record.read(&house.act("clerk", &[], None), "Patient", "asha").unwrap_err();
    let delete = |id: &str| Wish::Delete {
        resource_type: "Observation".into(),
        id: Some(id.into()),
        query: None,
        if_match: None,
    };
    write(&house, delete("o8").into());
    house.record.vread(&house.operator(), "Observation", "o0", 2).unwrap();
    write(&house, delete("o9").into());
    write(&house, put("Observation", "o9", observation("ben", 99)));
    // It refers to somebody whom nobody has stored yet.
    write(&house, put("Observation", "o10", observation("nobody", 70)));
    write(&house, put("Patient", "asha", json!({"active": true, "name": [{"family": "Vasundhara-Rao"}]})));
    house.record.read(&house.operator(), "Patient", "ben").unwrap();
    let actor = house.operator().actor;
    house.record.issue("kw_test", &Pass { actor, expires: house.now() }).unwrap();
    house
}
