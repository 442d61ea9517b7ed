//! P7: from what a user sees to what an administrator finds.

use crate::program::Place;

/// Stands in the record and must stand nowhere else.
const MARKER: &str = "Zwetschgenknoedel";

#[test]
fn p7_a_user_sees_an_id_and_an_administrator_finds_the_cause_by_it_without_patient_data() {
    let place = Place::new();
    let serving = place.serve(&[]);
    let token = place.token();
    let patient = format!(r#"{{"resourceType":"Patient","id":"{MARKER}","name":[{{"family":"{MARKER}"}}]}}"#);
    let path = format!("/fhir/R4/Patient/{MARKER}");
    assert_eq!(serving.ask("PUT", &path, &token, &patient).status, 201);
    assert_eq!(serving.ask("GET", &path, &token, "").status, 200);

    // A disk that turned a byte, or somebody with SQL.
    let database = rusqlite::Connection::open(place.data().join("keepwell.db")).unwrap();
    let body: Vec<u8> = database.query_row("SELECT body FROM version", [], |row| row.get(0)).unwrap();
    let mut turned = body;
    let last = turned.len() - 1;
    turned[last] ^= 1;
    assert_eq!(database.execute("UPDATE version SET body = ?1", [turned]).unwrap(), 1);

    let answer = serving.ask("GET", &path, &token, "");
    assert_eq!(answer.status, 500);
    let id = answer.header("x-request-id");
    assert_eq!(id.len(), 36, "{}", answer.head);
    assert!(answer.body.contains(&format!("request id {id}")), "{}", answer.body);
    assert!(!answer.body.contains("row "), "the user is told no inner place: {}", answer.body);

    let line = serving.logs(id);
    assert!(line.contains("ERROR") && line.contains("status=500"), "{line}");
    assert!(line.contains("row 1, version 1"), "the cause and its place: {line}");
    let searched = serving.ask("GET", &format!("/fhir/R4/Patient?name={MARKER}&{MARKER}=x"), &token, "");
    assert_eq!(searched.status, 400);
    serving.logs(searched.header("x-request-id"));
    assert!(!serving.log().contains(MARKER), "{}", serving.log());
}
