//! Commands that need no server: what they say, and that they say the same again.

use crate::program::{Place, files};

#[test]
fn b11_the_same_seed_gives_the_same_people_and_the_same_hash() {
    let place = Place::new();
    let seed = |arguments: &[&str]| place.said(&[&["demo", "seed", "--patients", "7"], arguments].concat());
    let told = seed(&["--seed", "42"]);
    assert!(told.contains("7 synthetic patients, ") && told.contains(" sha256 "), "{told}");
    assert_eq!(seed(&["--seed", "42"]), told);
    assert_ne!(seed(&["--seed", "43"]), told);
    assert!(!place.data().exists(), "no house is made");

    let (one, two) = (place.path("one"), place.path("two"));
    assert_eq!(seed(&["--out", one.to_str().unwrap()]), told);
    assert_eq!(place.said(&["people", "--patients", "7", "--out", two.to_str().unwrap()]), told);
    let bytes = |folder| {
        let mut all: Vec<_> = files(folder)
            .into_iter()
            .map(|(path, bytes)| (path.file_name().unwrap().to_owned(), bytes))
            .collect();
        all.sort();
        all
    };
    let written = bytes(&one);
    assert_eq!(written.len(), 8);
    assert!(written == bytes(&two));
}

#[test]
fn d6_the_doctor_says_what_the_records_take() {
    let place = Place::new();
    assert!(place.said(&["doctor"]).contains("the database is empty"));
    let serving = place.serve(&[]);
    assert!(place.said(&["doctor"]).contains("no record is stored yet"));
    let token = place.token();
    let patient = r#"{"resourceType":"Patient","id":"a","active":true}"#;
    assert_eq!(serving.ask("PUT", "/fhir/R4/Patient/a", &token, patient).status, 201);
    let said = place.said(&["doctor"]);
    assert!(said.contains("1 versions are 0.0 MiB as JSON (measured)"), "{said}");
}

#[test]
fn the_documents_stand_where_the_first_words_say_p6() {
    let place = Place::new();
    let serving = place.serve(&[]);
    let help = serving.ask("GET", "/help/operations", "", "");
    assert_eq!((help.status, help.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(help.body.contains("<h1 id="), "{}", help.body);
}
