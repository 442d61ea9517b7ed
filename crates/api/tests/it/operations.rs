//! Resources one by one: create, read, update, delete, history, bundles, the CapabilityStatement.

use crate::house::{BASE, Doors, on_both_engines};
use axum::http::StatusCode;
use serde_json::{Value, json};
use testkit::house::Engine;

on_both_engines! {
    what_is_created_can_be_read_where_the_location_says
    a_client_that_has_the_version_gets_304
    a_create_that_finds_one_leaves_it
    an_update_replaces_what_it_names
    an_update_must_agree_with_its_address
    a_conditional_update_takes_the_one_that_matches
    what_is_deleted_is_gone_and_keeps_its_history
    a_history_is_read_page_by_page
    a_writer_chooses_what_comes_back
    a_transaction_is_answered_entry_by_entry
    the_capability_statement_is_for_everyone_and_valid
    a_binary_goes_in_and_out_as_it_is
    json_is_laid_out_for_people_on_request
    other_formats_and_methods_are_refused_with_what_there_is
    an_unknown_operation_is_refused_and_signed
    l1_a_summary_is_a_document_that_is_valid_as_it_stands
    a_fault_in_a_resource_is_named_and_not_quoted
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "gender": "female", "birthDate": "1950-02-03"})
}

async fn what_is_created_can_be_read_where_the_location_says(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let made = nurse.post("/Patient", &patient()).await.is(StatusCode::CREATED);
    assert_eq!(made.header("etag"), "W/\"1\"");
    assert!(made.header("last-modified").ends_with(" GMT"));
    let body = made.json();
    let id = body["id"].as_str().unwrap();
    assert_eq!(made.header("location"), format!("{BASE}/Patient/{id}/_history/1"));
    let version = nurse.get(&format!("/Patient/{id}/_history/1")).await.is(StatusCode::OK);
    let read = nurse.get(&format!("/Patient/{id}")).await.is(StatusCode::OK);
    assert_eq!((read.header("content-type"), read.header("etag")), ("application/fhir+json", "W/\"1\""));
    assert_eq!(read.json(), body);
    assert_eq!(version.json(), body);
    assert_eq!(body["gender"], "female");
    assert_eq!(body["meta"]["versionId"], "1");
    let head = nurse.ask("HEAD", &format!("/Patient/{id}"), &[], "").await.is(StatusCode::OK);
    assert_eq!((head.header("etag"), head.body.len()), ("W/\"1\"", 0));
}

async fn a_client_that_has_the_version_gets_304(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    nurse.put("/Patient/a", &json!({"resourceType": "Patient", "id": "a"})).await.is(StatusCode::CREATED);
    let read = nurse.get("/Patient/a").await;
    for (name, value) in [("if-none-match", "W/\"1\""), ("if-modified-since", read.header("last-modified"))] {
        let again = nurse.ask("GET", "/Patient/a", &[(name, value)], "").await.is(StatusCode::NOT_MODIFIED);
        assert_eq!((again.header("etag"), again.body.len()), ("W/\"1\"", 0));
    }
    nurse.ask("GET", "/Patient/a", &[("if-none-match", "W/\"2\"")], "").await.is(StatusCode::OK);
}

async fn a_create_that_finds_one_leaves_it(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let body =
        json!({"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "1"}]}).to_string();
    let headers = [("content-type", "application/json"), ("if-none-exist", "identifier=urn:x|1")];
    let first = nurse.ask("POST", "/Patient", &headers, body.clone()).await.is(StatusCode::CREATED);
    let second = nurse.ask("POST", "/Patient", &headers, body).await.is(StatusCode::OK);
    assert_eq!(first.json()["id"], second.json()["id"]);
    assert_eq!(second.header("etag"), "W/\"1\"");
    assert!(second.headers.get("location").is_none());
}

async fn an_update_replaces_what_it_names(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let a = |gender: &str| json!({"resourceType": "Patient", "id": "a", "gender": gender});
    nurse.put("/Patient/a", &a("male")).await.is(StatusCode::CREATED);
    let second = nurse.put("/Patient/a", &a("female")).await.is(StatusCode::OK);
    assert_eq!((second.header("etag"), &second.json()["gender"]), ("W/\"2\"", &json!("female")));
    let with = async |name, value| {
        let headers = [("content-type", "application/fhir+json"), (name, value)];
        nurse.ask("PUT", "/Patient/a", &headers, a("other").to_string()).await
    };
    with("if-match", "W/\"1\"").await.is(StatusCode::PRECONDITION_FAILED);
    with("if-match", "soon").await.is(StatusCode::BAD_REQUEST);
    with("if-none-match", "*").await.is(StatusCode::PRECONDITION_FAILED);
    with("if-match", "W/\"2\"").await.is(StatusCode::OK);
}

async fn an_update_must_agree_with_its_address(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    for wrong in [
        json!({"resourceType": "Patient", "id": "b"}),
        json!({"resourceType": "Patient"}),
        json!({"resourceType": "Observation", "id": "a"}),
        json!({"id": "a"}),
        json!([]),
    ] {
        nurse.put("/Patient/a", &wrong).await.is(StatusCode::BAD_REQUEST).issue();
    }
    nurse.put("/Patient", &patient()).await.is(StatusCode::BAD_REQUEST).issue();
    nurse.put("/Patient/not_an_id", &patient()).await.is(StatusCode::NOT_FOUND).issue();
}

async fn a_conditional_update_takes_the_one_that_matches(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let body = json!({"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "1"}]});
    let path = "/Patient?identifier=urn:x%7C1";
    let first = nurse.put(path, &body).await.is(StatusCode::CREATED).json();
    let second = nurse.put(path, &body).await.is(StatusCode::OK).json();
    assert_eq!(first["id"], second["id"]);
    nurse.post("/Patient", &body).await.is(StatusCode::CREATED);
    let answer = nurse.put(path, &body).await.is(StatusCode::PRECONDITION_FAILED);
    assert_eq!(answer.issue(), "multiple-matches");
}

async fn what_is_deleted_is_gone_and_keeps_its_history(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    nurse.put("/Patient/a", &json!({"resourceType": "Patient", "id": "a"})).await.is(StatusCode::CREATED);
    nurse.delete("/Patient/a").await.is(StatusCode::NO_CONTENT);
    nurse.delete("/Patient/a").await.is(StatusCode::NO_CONTENT);
    let gone = nurse.get("/Patient/a").await.is(StatusCode::GONE);
    assert_eq!((gone.issue().as_str(), gone.header("etag")), ("deleted", "W/\"2\""));
    nurse.get("/Patient/a/_history/1").await.is(StatusCode::OK);
    let history = nurse.get("/Patient/a/_history").await.is(StatusCode::OK).json();
    assert_eq!(history["type"], "history");
    assert_eq!(history["entry"][0]["request"]["method"], "DELETE");
    assert_eq!(history["entry"][1]["resource"]["id"], "a");
    nurse.delete("/Patient?identifier=urn:x%7Cnone").await.is(StatusCode::NO_CONTENT);
    nurse.delete("/Patient").await.is(StatusCode::BAD_REQUEST).issue();
    nurse.get("/Patient/never").await.is(StatusCode::NOT_FOUND).issue();
}

async fn a_history_is_read_page_by_page(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    for gender in ["male", "female", "other", "unknown", "male"] {
        nurse.put("/Patient/a", &json!({"resourceType": "Patient", "id": "a", "gender": gender})).await;
    }
    let mut versions = Vec::new();
    let mut path = "/Patient/a/_history?_count=2".to_owned();
    for _ in 0..3 {
        let page = nurse.get(&path).await.is(StatusCode::OK).json();
        let entries = page["entry"].as_array().unwrap();
        versions
            .extend(entries.iter().map(|e| e["resource"]["meta"]["versionId"].as_str().unwrap().to_owned()));
        assert_eq!(page["link"][0]["relation"], "self");
        let next = page["link"][1]["url"].as_str();
        path = next.map_or_else(String::new, |url| url.strip_prefix(BASE).unwrap().to_owned());
    }
    assert_eq!((versions.join(" ").as_str(), path.as_str()), ("5 4 3 2 1", ""));
    nurse.get("/Patient/_history").await.is(StatusCode::OK);
    nurse.get("/_history?_since=2020-01-01T00:00:00Z").await.is(StatusCode::OK);
    nurse.get("/_history?_since=soon").await.is(StatusCode::BAD_REQUEST).issue();
}

async fn a_writer_chooses_what_comes_back(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let post = async |prefer| {
        let headers = [("content-type", "application/fhir+json"), ("prefer", prefer)];
        nurse.ask("POST", "/Patient", &headers, patient().to_string()).await.is(StatusCode::CREATED)
    };
    assert_eq!(post("return=minimal").await.body.len(), 0);
    assert_eq!(post("return=representation").await.json()["resourceType"], "Patient");
    let outcome = post("return=OperationOutcome").await;
    assert_eq!(outcome.json()["resourceType"], "OperationOutcome");
    assert!(outcome.header("location").starts_with(BASE));
}

async fn a_transaction_is_answered_entry_by_entry(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:0f0f1c12-9d0c-4e4b-8f3c-3d8c4a8e7a01", "resource": patient(), "request": {"method": "POST", "url": "Patient"}},
        {"resource": {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "urn:uuid:0f0f1c12-9d0c-4e4b-8f3c-3d8c4a8e7a01"}}, "request": {"method": "POST", "url": "Observation"}},
    ]});
    for path in ["", "/"] {
        let done = nurse.post(path, &bundle).await.is(StatusCode::OK).json();
        assert_eq!(done["type"], "transaction-response");
        assert_eq!(done["entry"][0]["response"]["status"], "201 Created");
        assert!(done["entry"][1]["response"]["location"].as_str().unwrap().contains("Observation/"));
    }
    nurse.post("", &patient()).await.is(StatusCode::BAD_REQUEST).issue();
    nurse
        .post("", &json!({"resourceType": "Bundle", "type": "collection"}))
        .await
        .is(StatusCode::BAD_REQUEST)
        .issue();
}

async fn the_capability_statement_is_for_everyone_and_valid(engine: Engine) {
    let doors = Doors::open(engine);
    let statement = doors.nobody().get("/metadata").await.is(StatusCode::OK).json();
    assert_eq!(statement["fhirVersion"], "4.0.1");
    let resources = statement["rest"][0]["resource"].as_array().unwrap();
    assert_eq!(resources.len(), 148 - 2, "all of R4 but the two abstract ones");
    let patient = resources.iter().find(|r| r["type"] == "Patient").unwrap();
    let codes: Vec<&str> =
        patient["interaction"].as_array().unwrap().iter().map(|i| i["code"].as_str().unwrap()).collect();
    for code in
        ["create", "read", "vread", "update", "delete", "search-type", "history-instance", "history-type"]
    {
        assert!(codes.contains(&code), "{code}");
    }
    assert!(
        patient["searchParam"]
            .as_array()
            .unwrap()
            .iter()
            .any(|p| p["name"] == "birthdate" && p["type"] == "date")
    );
    // The house's own validation is the judge.
    doors.operator().post("/CapabilityStatement", &statement).await.is(StatusCode::CREATED);
}

async fn a_binary_goes_in_and_out_as_it_is(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let content: Vec<u8> = (0..=255).collect();
    let made = nurse
        .ask("POST", "/Binary", &[("content-type", "image/png")], content.clone())
        .await
        .is(StatusCode::CREATED);
    let path = format!("/Binary/{}", made.json()["id"].as_str().unwrap());
    for accept in ["image/png", "*/*"] {
        let raw = nurse.ask("GET", &path, &[("accept", accept)], "").await.is(StatusCode::OK);
        assert_eq!((raw.header("content-type"), &raw.body[..]), ("image/png", &content[..]));
        assert_eq!(raw.header("content-disposition"), "attachment");
        assert!(raw.header("content-security-policy").starts_with("sandbox"));
        assert_eq!(raw.header("etag"), "W/\"1\"");
    }
    let wrapped = nurse.ask("GET", &path, &[("accept", "application/fhir+json")], "").await.json();
    assert_eq!(wrapped["contentType"], "image/png");
    nurse.ask("PUT", "/Binary/b", &[("content-type", "text/plain")], "hello").await.is(StatusCode::CREATED);
    assert_eq!(nurse.get("/Binary/b").await.body, "hello");
}

async fn json_is_laid_out_for_people_on_request(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    nurse.put("/Patient/a", &json!({"resourceType": "Patient", "id": "a"})).await;
    let text = nurse.get("/Patient/a?_pretty=true").await.is(StatusCode::OK).body;
    assert!(text.starts_with(b"{\n  \"resourceType\": \"Patient\""));
}

async fn other_formats_and_methods_are_refused_with_what_there_is(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    nurse.put("/Patient/a", &json!({"resourceType": "Patient", "id": "a"})).await;
    nurse
        .ask("GET", "/Patient/a", &[("accept", "application/fhir+xml")], "")
        .await
        .is(StatusCode::NOT_ACCEPTABLE)
        .issue();
    nurse.get("/Patient?_format=xml").await.is(StatusCode::NOT_ACCEPTABLE).issue();
    nurse.get("/Patient/a?_summary=true").await.is(StatusCode::BAD_REQUEST).issue();
    let patch = nurse.ask("PATCH", "/Patient/a", &[], "[]").await.is(StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(
        (patch.issue().as_str(), patch.header("allow")),
        ("not-supported", "GET, PUT, DELETE, HEAD, OPTIONS")
    );
    let options = nurse.ask("OPTIONS", "/Patient/_search", &[], "").await.is(StatusCode::NO_CONTENT);
    assert_eq!(options.header("allow"), "POST, OPTIONS");
    let everywhere = nurse.get("").await.is(StatusCode::METHOD_NOT_ALLOWED);
    assert!(everywhere.json().to_string().contains("search one type"));
    for path in ["/Patiens/a", "/patient/a", "/Element", "/DomainResource/a"] {
        nurse.get(path).await.is(StatusCode::NOT_FOUND).issue();
    }
    let post = nurse.post("/Patient/a", &patient()).await.is(StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(post.header("allow"), "GET, HEAD, OPTIONS");
}

/// A9: what is not known is not allowed, to anybody, whoever asks and however.
async fn an_unknown_operation_is_refused_and_signed(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    nurse.put("/Patient/a", &json!({"resourceType": "Patient", "id": "a"})).await;
    for path in ["/Patient/a/$nothing", "/Patient/$nothing", "/$nothing"] {
        for method in ["GET", "POST"] {
            let answer = nurse.ask(method, path, &[("content-type", "application/fhir+json")], "{}").await;
            assert_eq!(answer.is(StatusCode::FORBIDDEN).issue(), "forbidden", "{method} {path}");
            assert_eq!(doors.nobody().ask(method, path, &[], "").await.status, 401, "{method} {path}");
        }
    }
}

async fn a_fault_in_a_resource_is_named_and_not_quoted(engine: Engine) {
    let doors = Doors::open(engine);
    let wrong = json!({"resourceType": "Patient", "birthDate": "Schmidt", "shoeSize": "Schmidt"});
    let answer = doors.operator().post("/Patient", &wrong).await.is(StatusCode::UNPROCESSABLE_ENTITY);
    answer.issue();
    let text = answer.json().to_string();
    assert!(text.contains("Patient.birthDate") && !text.contains("Schmidt"), "{text}");
}

async fn l1_a_summary_is_a_document_that_is_valid_as_it_stands(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let subject = json!({"reference": "Patient/p1"});
    let active = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]});
    for resource in [
        json!({"resourceType": "Patient", "id": "p1", "name": [{"family": "Rao"}], "managingOrganization": {"reference": "Organization/o"}}),
        json!({"resourceType": "Patient", "id": "p2"}),
        json!({"resourceType": "Practitioner", "id": "bo", "name": [{"family": "Bo"}]}),
        json!({"resourceType": "Medication", "id": "m", "code": {"text": "Salbutamol"}}),
        json!({"resourceType": "AllergyIntolerance", "id": "al", "patient": subject, "code": {"text": "Penicillin"}, "recorder": {"reference": "Practitioner/bo"}}),
        json!({"resourceType": "MedicationRequest", "id": "me", "status": "active", "intent": "order", "subject": subject,
            "medicationReference": {"reference": "Medication/m"}}),
        json!({"resourceType": "MedicationStatement", "id": "ms", "status": "active", "subject": subject, "medicationCodeableConcept": {"text": "Iron"}}),
        json!({"resourceType": "Condition", "id": "co", "subject": subject, "code": {"text": "Asthma <acute>"}, "clinicalStatus": active}),
        json!({"resourceType": "Procedure", "id": "pr", "status": "completed", "subject": subject, "code": {"text": "Hip"}}),
        json!({"resourceType": "Immunization", "id": "im", "status": "completed", "patient": subject, "vaccineCode": {"text": "Tetanus"}, "occurrenceDateTime": "2020"}),
        json!({"resourceType": "DeviceUseStatement", "id": "de", "status": "active", "subject": subject, "device": {"display": "Pacemaker"}}),
        json!({"resourceType": "Observation", "id": "ob", "status": "final", "subject": subject, "code": {"text": "x"}, "valueString": "y",
            "hasMember": [{"reference": "Observation/elsewhere"}]}),
        json!({"resourceType": "DocumentReference", "id": "dr", "status": "current", "subject": subject,
            "type": {"coding": [{"system": "http://loinc.org", "code": "42348-3"}]},
            "content": [{"attachment": {"title": "Living will", "contentType": "text/plain", "data": "QQ=="}}]}),
    ] {
        let path =
            format!("/{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
        nurse.put(&path, &resource).await.is(StatusCode::CREATED);
    }
    let answer = nurse.get("/Patient/p1/$summary").await.is(StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/fhir+json");
    let bundle = answer.json();
    assert_eq!((&bundle["type"], bundle["entry"].as_array().unwrap().len()), (&json!("document"), 12));
    // Whatever it is made of, it could be stored as it stands: elements, cardinalities, narrative, required codes.
    nurse.post("/Bundle", &bundle).await.is(StatusCode::CREATED);
    let empty = nurse.get("/Patient/p2/$summary").await.is(StatusCode::OK).json();
    nurse.post("/Bundle", &empty).await.is(StatusCode::CREATED);
    let own = doors.person("patient", &["patient/*.rs"], Some("p1"));
    assert!(
        String::from_utf8_lossy(&own.get("/Patient/p1/$summary").await.is(StatusCode::OK).body)
            .contains("Penicillin")
    );
    own.get("/Patient/p2/$summary").await.is(StatusCode::NOT_FOUND);
    nurse.get("/Patient/p1/$summary?_type=Observation").await.is(StatusCode::BAD_REQUEST);
}
