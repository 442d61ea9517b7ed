//! The who-may matrix: every route, by everyone. A change in it is a change in who may do what: read it before you accept it.

use crate::house::{Answer, Doors, Person, on_both_engines};
use api::routes::{Interaction, TABLE};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use std::fmt::Write;
use testkit::house::Engine;
use web::{
    help, probe,
    route::{Needs, Route},
};

on_both_engines! {
    who_may_do_what
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/fhir+json";

fn template(interaction: Interaction, route: &Route) -> String {
    let last = match interaction {
        Interaction::UnknownOfType => "{id}",
        Interaction::Unknown => "{member}",
        _ => return route.template.to_owned(),
    };
    route.template.replace(last, "$unknown")
}

/// A request that does what the route is for, on the resource of that type and id.
pub(crate) fn request(interaction: Interaction, route: &Route, (kind, id): (&str, &str)) -> Request<Body> {
    let patient = json!({"resourceType": kind, "id": id, "identifier": [{"system": "urn:x", "value": "1"}]});
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": patient, "request": {"method": "PUT", "url": format!("{kind}/{id}")}}
    ]});
    let names = [("{type}", kind), ("{id}", id), ("{version}", "1"), ("{member}", "Observation")];
    let mut path =
        names.iter().fold(template(interaction, route), |path, (name, part)| path.replace(name, part));
    let (form, body) = match interaction {
        Interaction::Bundle => (JSON, bundle.to_string()),
        Interaction::Create => (JSON, json!({"resourceType": kind}).to_string()),
        Interaction::Update | Interaction::ConditionalUpdate => (JSON, patient.to_string()),
        Interaction::SearchForm | Interaction::CompartmentForm => (FORM, String::new()),
        Interaction::Explain => (JSON, asking().to_string()),
        Interaction::LookUp | Interaction::RequestAccess | Interaction::BreakGlass => {
            (JSON, json!({"resourceType": "Parameters"}).to_string())
        }
        Interaction::Capabilities
        | Interaction::HistorySystem
        | Interaction::ConditionalDelete
        | Interaction::Search
        | Interaction::HistoryType
        | Interaction::Read
        | Interaction::Delete
        | Interaction::HistoryInstance
        | Interaction::Vread
        | Interaction::Reveal
        | Interaction::Everything
        | Interaction::Summary
        | Interaction::UnknownOfType
        | Interaction::Unknown
        | Interaction::Compartment => ("", String::new()),
    };
    if matches!(interaction, Interaction::ConditionalUpdate | Interaction::ConditionalDelete) {
        path.push_str("?identifier=urn:x%7C1");
    }
    plain(route.method, &path, form, body)
}

/// What a physician who is Practitioner/b would see.
fn asking() -> Value {
    json!({"resourceType": "Parameters", "parameter": [
        {"name": "role", "valueCode": "physician"},
        {"name": "known-as", "valueReference": {"reference": "Practitioner/b"}}
    ]})
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
        Needs::Nothing | Needs::SignIn | Needs::Client | Needs::Attempt | Needs::Link | Needs::Session => {
            return true;
        }
        // Tokens of the command line have nobody behind them.
        Needs::Person | Needs::Refused => return false,
        Needs::Create => 'c',
        Needs::Read => 'r',
        Needs::Update | Needs::Entries => 'u',
        Needs::Delete => 'd',
        Needs::Search => 's',
    };
    letters.contains(needed)
}

/// The status, or `empty` for a Bundle that holds nothing.
pub(crate) fn outcome(answer: &Answer) -> String {
    let is_bundle = answer.body.starts_with(br#"{"resourceType":"Bundle""#);
    if is_bundle && answer.json().get("entry").is_none() {
        return "empty".to_owned();
    }
    answer.status.to_string()
}

async fn who_may_do_what(engine: Engine) {
    let doors = Doors::open(engine);
    let people = [
        ("nobody", doors.nobody()),
        ("forged", doors.impostor()),
        ("p1", doors.person("patient", &["patient/*.rs"], Some("p1"))),
        ("p2", doors.person("patient", &["patient/*.rs"], Some("p2"))),
        ("lab", doors.person("lab", &["system/Observation.cruds"], None)),
        ("reader", doors.person("reader", &["system/*.rs"], None)),
        ("operator", doors.operator()),
    ];
    let mut matrix = "p1, p2: their own patient/*.rs; lab: system/Observation.cruds; reader: system/*.rs; \
                      operator: system/*.cruds\nall routes are tried on Patient/p1 and its Observation\n\n"
        .to_owned();
    row(&mut matrix, "", "", &people.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    for (interaction, route) in TABLE {
        let mut outcomes = Vec::new();
        for (name, person) in &people {
            seed(&doors.operator()).await;
            let answer = person.send(request(*interaction, route, ("Patient", "p1"))).await;
            let may = answer.status < 400;
            match *name {
                "nobody" | "forged" => assert_eq!(may, route.needs == Needs::Nothing, "{}", route.operation),
                "reader" => assert_eq!(may, expected(route.needs, "rs"), "{}", route.operation),
                "operator" => assert_eq!(may, expected(route.needs, "cruds"), "{}", route.operation),
                _ => {}
            }
            outcomes.push(outcome(&answer));
        }
        row(&mut matrix, route.method, &format!("{:46}{}", route.template, route.operation), &outcomes);
    }
    let others = [("OPTIONS", "/fhir/R4/Patient/p1"), ("PATCH", "/fhir/R4/Patient/p1"), ("GET", "/nowhere")];
    let beside = probe::ROUTES.iter().chain(help::ROUTES).map(|route| (route.method, route.template));
    for (method, template) in beside.chain(others) {
        let path = &template.replace("{page}", "readme");
        let mut outcomes = Vec::new();
        for (_, person) in &people {
            outcomes.push(outcome(&person.send(plain(method, path, "", String::new())).await));
        }
        row(&mut matrix, method, template, &outcomes);
    }
    insta::assert_snapshot!(matrix);
}

pub(crate) async fn seed(operator: &Person<'_>) {
    let identifier = json!([{"system": "urn:x", "value": "1"}]);
    operator
        .put("/Patient/p1", &json!({"resourceType": "Patient", "id": "p1", "identifier": identifier}))
        .await;
    let observation = json!({"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "x"},
        "subject": {"reference": "Patient/p1"}});
    operator.put("/Observation/o1", &observation).await;
}

fn row(matrix: &mut String, method: &str, name: &str, outcomes: &[String]) {
    write!(matrix, "{method:8}{name:71}").unwrap();
    outcomes.iter().for_each(|outcome| write!(matrix, "{outcome:9}").unwrap());
    matrix.truncate(matrix.trim_end().len());
    matrix.push('\n');
}
