//! The who-may matrix: every route, by everyone. A change in it is a change in who may do what: read it before you accept it.

use crate::house::{Doors, Person};
use api::routes::{Interaction, TABLE};
use axum::{body::Body, http::Request};
use serde_json::json;
use std::fmt::Write;
use web::{
    probe,
    route::{Needs, Route},
};

/// A request that does what the route is for, on Patient/p1.
fn request(interaction: Interaction, route: &Route) -> Request<Body> {
    let patient = json!({"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:x", "value": "1"}]});
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": patient, "request": {"method": "PUT", "url": "Patient/p1"}}
    ]});
    let names = [("{type}", "Patient"), ("{id}", "p1"), ("{version}", "1"), ("{member}", "Observation")];
    let mut path = names.iter().fold(route.template.to_owned(), |path, (name, part)| path.replace(name, part));
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/fhir+json";
    let (kind, body) = match interaction {
        Interaction::Bundle => (JSON, bundle.to_string()),
        Interaction::Create | Interaction::Update | Interaction::ConditionalUpdate => (JSON, patient.to_string()),
        Interaction::SearchForm | Interaction::CompartmentForm => (FORM, String::new()),
        Interaction::Capabilities
        | Interaction::HistorySystem
        | Interaction::ConditionalDelete
        | Interaction::Search
        | Interaction::HistoryType
        | Interaction::Read
        | Interaction::Delete
        | Interaction::HistoryInstance
        | Interaction::Vread
        | Interaction::Compartment => ("", String::new()),
    };
    if matches!(interaction, Interaction::ConditionalUpdate | Interaction::ConditionalDelete) {
        path.push_str("?identifier=urn:x%7C1");
    }
    plain(route.method, &path, kind, body)
}

fn plain(method: &str, path: &str, kind: &str, body: String) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !kind.is_empty() {
        request = request.header("content-type", kind);
    }
    request.body(Body::from(body)).unwrap()
}

/// What a caller with `letters` may, by what the route says that it needs.
fn expected(needs: Needs, letters: &str) -> bool {
    let needed = match needs {
        Needs::Nothing | Needs::SignIn => return true,
        Needs::Create => 'c',
        Needs::Read => 'r',
        Needs::Update | Needs::Entries => 'u',
        Needs::Delete => 'd',
        Needs::Search => 's',
    };
    letters.contains(needed)
}

#[tokio::test]
async fn who_may_do_what() {
    let doors = Doors::open();
    let operator = doors.operator();
    let p1 = json!({"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:x", "value": "1"}]});
    let people: [(&str, Person<'_>, Option<&str>); 7] = [
        ("nobody", doors.nobody(), None),
        ("forged token", doors.impostor(), None),
        ("patient p1: patient/*.rs", doors.person("patient", &["patient/*.rs"], Some("p1")), None),
        ("patient p2: patient/*.rs", doors.person("patient", &["patient/*.rs"], Some("p2")), None),
        ("lab: system/Observation.cruds", doors.person("lab", &["system/Observation.cruds"], None), None),
        ("reader: system/*.rs", doors.person("reader", &["system/*.rs"], None), Some("rs")),
        ("operator: system/*.cruds", doors.operator(), Some("cruds")),
    ];
    let mut matrix = String::new();
    for (name, person, letters) in &people {
        writeln!(matrix, "{name}").unwrap();
        for (interaction, route) in TABLE {
            operator.put("/Patient/p1", &p1).await;
            let answer = person.send(request(*interaction, route)).await;
            let done = answer.status < 400;
            if let Some(letters) = letters {
                assert_eq!(done, expected(route.needs, letters), "{name}: {} {}", route.operation, answer.status);
            } else if name.starts_with("nobody") || name.starts_with("forged") {
                assert_eq!(done, route.needs == Needs::Nothing, "{name}: {}", route.operation);
            }
            writeln!(matrix, "    {:7}{:45}{:25}{}", route.method, route.template, route.operation, answer.status).unwrap();
        }
        for route in probe::ROUTES {
            let answer = person.send(plain(route.method, route.template, "", String::new())).await;
            assert_eq!(answer.status < 400, route.needs == Needs::Nothing || person_is_signed_in(name));
            writeln!(matrix, "    {:7}{:45}{:25}{}", route.method, route.template, route.operation, answer.status).unwrap();
        }
        for method in ["OPTIONS", "PATCH"] {
            let answer = person.send(plain(method, "/fhir/R4/Patient/p1", "", String::new())).await;
            writeln!(matrix, "    {method:7}{:45}{:25}{}", "/fhir/R4/{type}/{id}", "(no route)", answer.status).unwrap();
        }
    }
    insta::assert_snapshot!(matrix);
}

fn person_is_signed_in(name: &str) -> bool {
    !name.starts_with("nobody") && !name.starts_with("forged")
}
