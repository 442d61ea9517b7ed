//! What nobody well-meaning would send: always an outcome with the request's id, never a fault, never an echo of values.

use crate::house::{Doors, logged, on_both_engines};
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode},
};
use serde_json::json;
use std::{convert::Infallible, io};
use testkit::house::Engine;
use web::limits::Limits;

on_both_engines! {
    paths_that_are_no_paths_lead_nowhere
    queries_that_are_no_queries_are_refused
    bodies_that_are_no_resources_are_refused_by_line_and_column
    other_content_is_refused_before_it_is_read
    a_body_over_the_limit_is_refused_announced_or_in_chunks
    nobody_makes_us_read_a_body_without_a_token
    the_log_knows_who_asked_for_what_and_no_value
    a_full_house_says_when_to_come_again
}

const JSON: [(&str, &str); 1] = [("content-type", "application/fhir+json")];

async fn paths_that_are_no_paths_lead_nowhere(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    for path in [
        "/Patient/%ff",
        "/%ff",
        "/Patient/%00",
        "/Patient/a%2Fb",
        "/Patient/..%2F..%2Fetc",
        "/Patient/a/_history/%F0%28",
        "/Patient/a/_history/0",
        "/Patient/a/_history/-1",
        "/Patient/a/_history/+1",
        "/Patient/a/_history/99999999999999999999",
        "/Patient/a/_history/1/2",
        "/Patient//",
        "//Patient",
        "/Patient/a/",
        "/Patient/%24everything",
        "/%E0%A4%B0%E0%A4%BE%E0%A4%AE/a",
        &format!("/Patient/{}", "a".repeat(65)),
        &format!("/{}/a", "A".repeat(5_000)),
    ] {
        let answer = nurse.get(path).await;
        assert!((400..500).contains(&answer.status), "{path} {}", answer.status);
        answer.issue();
    }
}

async fn queries_that_are_no_queries_are_refused(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    for query in [
        "%zz=1",
        "name=%ff",
        "name",
        "=",
        "name=",
        "name=%",
        "_count=-1",
        "_count=many",
        "_cursor=forged",
        "name=a&_format=%",
    ] {
        let answer = nurse.get(&format!("/Patient?{query}")).await.is(StatusCode::BAD_REQUEST);
        answer.issue();
        let conditional = nurse.put(&format!("/Patient?{query}"), &json!({"resourceType": "Patient"})).await;
        assert!((400..500).contains(&conditional.status), "{query} {}", conditional.status);
    }
    nurse.get(&format!("/Patient?{}", "name=a&".repeat(1_000))).await.is(StatusCode::BAD_REQUEST).issue();
    nurse.get(&format!("/Patient?name={}", "a".repeat(20_000))).await.is(StatusCode::URI_TOO_LONG).issue();
}

async fn bodies_that_are_no_resources_are_refused_by_line_and_column(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let deep = "[".repeat(10_000);
    let deeper =
        format!("{{\"resourceType\":\"Patient\",\"extension\":{}", "[{\"extension\":".repeat(10_000));
    for body in [
        "",
        "null",
        "{",
        "{\"resourceType\":\"Patient\",\n \"gender\": Schmidt}",
        "{\"resourceType\":\"Patient\",\"id\":\"a\",\"id\":\"b\"}",
        "{\"resourceType\":\"Patient\"} trailing",
        "{\"resourceType\":{}}",
        "{\"resourceType\":\"Schmidt\"}",
        "\u{feff}{\"resourceType\":\"Patient\"}",
        "<Patient xmlns=\"http://hl7.org/fhir\"/>",
        &deep,
        &deeper,
    ] {
        for (method, path) in [("POST", "/Patient"), ("PUT", "/Patient/a"), ("POST", "")] {
            let answer = nurse.ask(method, path, &JSON, body.to_owned()).await.is(StatusCode::BAD_REQUEST);
            answer.issue();
            assert!(!String::from_utf8_lossy(&answer.body).contains("Schmidt"));
        }
    }
    let answer =
        nurse.ask("POST", "/Patient", &JSON, "{\"resourceType\":\"Patient\",\n \"gender\": !}").await;
    assert!(answer.json().to_string().contains("line 2, column 12"), "{}", answer.json());
    nurse
        .ask("POST", "/Patient", &JSON, &b"{\"resourceType\":\"Patient\",\"id\":\"\xff\"}"[..])
        .await
        .is(StatusCode::BAD_REQUEST)
        .issue();
}

async fn other_content_is_refused_before_it_is_read(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    let body = json!({"resourceType": "Patient"}).to_string();
    for headers in [
        &[][..],
        &[("content-type", "application/fhir+xml")],
        &[("content-type", "text/plain")],
        &[("content-type", "application/json; charset=utf-16")],
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
    ] {
        let answer = nurse.ask("POST", "/Patient", headers, body.clone()).await;
        answer.is(StatusCode::UNSUPPORTED_MEDIA_TYPE).issue();
    }
}

async fn a_body_over_the_limit_is_refused_announced_or_in_chunks(engine: Engine) {
    let doors = Doors::with(engine, Limits { body_bytes: 10_000, ..Limits::default() });
    let nurse = doors.operator();
    nurse
        .ask("POST", "/Patient", &[JSON[0], ("content-length", "10001")], "{}")
        .await
        .is(StatusCode::PAYLOAD_TOO_LARGE)
        .issue();
    let chunks =
        futures_util::stream::iter((0..20).map(|_| Ok::<_, Infallible>(Bytes::from(vec![b' '; 1_000]))));
    let request = Request::builder().method("POST").uri("/fhir/R4/Patient").header(JSON[0].0, JSON[0].1);
    let answer = nurse.send(request.body(Body::from_stream(chunks)).unwrap()).await;
    assert_eq!(answer.is(StatusCode::PAYLOAD_TOO_LARGE).issue(), "too-long");
    let broken = futures_util::stream::iter([Ok(Bytes::from("{")), Err(io::Error::other("the client went"))]);
    let request = Request::builder().method("POST").uri("/fhir/R4/Patient").header(JSON[0].0, JSON[0].1);
    nurse.send(request.body(Body::from_stream(broken)).unwrap()).await.is(StatusCode::BAD_REQUEST).issue();
}

async fn nobody_makes_us_read_a_body_without_a_token(engine: Engine) {
    let doors = Doors::open(engine);
    for person in [doors.nobody(), doors.impostor()] {
        let never =
            futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<Result<Bytes, Infallible>>> {
                panic!("the body was read")
            });
        let request = Request::builder().method("POST").uri("/fhir/R4/Patient").header(JSON[0].0, JSON[0].1);
        let answer =
            person.send(request.body(Body::from_stream(never)).unwrap()).await.is(StatusCode::UNAUTHORIZED);
        assert_eq!(answer.issue(), "login");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
}

async fn the_log_knows_who_asked_for_what_and_no_value(engine: Engine) {
    let doors = Doors::open(engine);
    let nurse = doors.operator();
    nurse
        .put(
            "/Patient/Marker-1",
            &json!({"resourceType": "Patient", "id": "Marker-1", "name": [{"family": "Marker"}]}),
        )
        .await;
    nurse.get("/Patient/Marker-1").await.is(StatusCode::OK);
    nurse.get("/Patient?name=Marker&Marker=1&Marker&family:Marker=2").await;
    nurse.get("/Marker/Marker?x=Marker").await;
    nurse.ask("POST", "/Patient", &JSON, "{\"Marker\": Marker").await;
    nurse.ask("GET", "/Patient", &[("accept", "Marker"), ("x-marker", "Marker")], "").await;
    let text = logged();
    assert!(!text.contains("Marker"), "{text}");
    assert!(!text.contains("kw_"), "{text}");
    assert!(text.contains("route=\"/fhir/R4/{type}/{id}\" status=200"), "{text}");
    assert!(text.contains("query=\"name&?&?&family\""), "{text}");
}

async fn a_full_house_says_when_to_come_again(engine: Engine) {
    let doors = Doors::with(engine, Limits { at_work: 0, turn_ms: 10, ..Limits::default() });
    let answer = doors.operator().get("/Patient/a").await.is(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((answer.issue().as_str(), answer.header("retry-after")), ("transient", "1"));
}
