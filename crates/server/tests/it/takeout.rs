//! `keepwell load`: a record that somebody took along, into another house, by the program (D4).

use crate::program::Place;
use care::takeout::pack::Pack;
use record::change::Wish;
use serde_json::{Value, json};
use std::fs;
use testkit::house::{Engine, House};

/// The record of a patient, as the page hands it out.
fn taken() -> Vec<u8> {
    let house = House::new(Engine::Sqlite);
    let whose = json!({"reference": "Patient/p"});
    let resources: [Value; 4] = [
        json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Testri"}]}),
        json!({"resourceType": "Binary", "id": "b", "contentType": "text/plain", "securityContext": whose, "data": "SGVsbG8="}),
        json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": whose,
            "content": [{"attachment": {"title": "Letter", "url": "Binary/b"}}]}),
        json!({"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "Test"}, "subject": whose}),
    ];
    for resource in resources {
        let (resource_type, id) = (
            resource["resourceType"].as_str().unwrap().to_owned(),
            resource["id"].as_str().map(str::to_owned),
        );
        let wish =
            Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
        house.record.commit(&house.operator(), "update", &[wish.into()]).unwrap();
    }
    let takeout = house.record.takeout(&house.patient("p"), "p", &care::note::unsigned).unwrap();
    let mut pack = Pack::new(&house.record, &takeout, Vec::new(), house.now());
    let chart = pack.resources().unwrap();
    pack.papers(&chart).unwrap();
    pack.finish("https://here.example", house.now(), ("Test", "patient")).unwrap()
}

#[test]
fn d4_a_record_is_loaded_into_an_empty_house_told_by_type_and_loaded_again_without_harm() {
    let place = Place::new();
    let path = place.path("record.zip");
    fs::write(&path, taken()).unwrap();
    let path = path.to_str().unwrap();
    let told = place.said(&["load", path]);
    for said in [
        "1 Binary",
        "1 DocumentReference",
        "1 Observation",
        "1 Patient",
        "4 resources: each is here",
        "(4 were new)",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
    assert!(place.said(&["load", path]).contains("(0 were new)"));
    let serving = place.serve(&[]);
    let token = place.token();
    assert_eq!(serving.ask("GET", "/fhir/R4/Patient/p", &token, "").status, 200);
    assert!(serving.ask("GET", "/fhir/R4/Binary/b", &token, "").body.ends_with("Hello"));
    let beside = place.run(&["load", path]);
    assert!(!beside.status.success(), "a server has the house");
}

#[test]
fn d4_a_file_that_will_not_do_is_refused_with_a_sentence_and_no_house_is_founded_for_it() {
    let place = Place::new();
    let path = place.path("record.zip");
    let mut bytes = taken();
    // The paper stands in it as it is.
    let at = bytes.windows(5).position(|window| window == b"Hello").unwrap();
    bytes[at] = b'J';
    for (bytes, said) in [
        (bytes, "it was changed or damaged"),
        (b"%PDF-1.7".to_vec(), "no record that was taken out of Keepwell"),
    ] {
        fs::write(&path, bytes).unwrap();
        let output = place.run(&["load", path.to_str().unwrap()]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(said), "{told}");
        assert!(!place.data().exists());
    }
    assert!(!place.run(&["load", "/nowhere.zip"]).status.success());
}
