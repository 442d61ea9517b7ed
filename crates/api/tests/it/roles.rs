//! The published matrix of roles: every built-in role, on every route of the API, on a patient in its care, on a stranger, and in the
//! directory (A9). It is `docs/roles.csv`; a change in it is a change in who may do what.

use crate::{
    house::{Doors, Person, on_both_engines},
    who_may::{outcome, request, seed},
};
use api::routes::{Interaction, TABLE};
use serde_json::{Value, json};
use std::fmt::Write;
use testkit::house::Engine;
use web::route::Route;

on_both_engines! {
    a9_every_role_on_every_route
}

/// The roles as they stand in their file, read here once more without the rules that read them elsewhere.
const ROLES: &str = include_str!("../../../access/src/role/roles.json");

/// A role, read naively.
struct Role {
    name: String,
    realm: String,
    scopes: Vec<String>,
}

fn roles() -> Vec<Role> {
    let read = fhir::json::parse(ROLES.as_bytes(), fhir::json::Limits::default()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let role = |role: &Value| Role {
        name: text(&role["name"]),
        realm: text(&role["realm"]),
        scopes: role["scopes"].as_array().unwrap().iter().map(text).collect(),
    };
    read.as_array().unwrap().iter().map(role).collect()
}

/// The matrix as it is published: a line for each role on each subject, a column for each operation. This test does what every cell
/// says, and nothing else says what comes of it.
const PUBLISHED: &str = include_str!("../../../../docs/roles.csv");

/// On what the routes are tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// Patient/p1, who is in the care of Practitioner/b and Organization/o.
    InCare,
    /// The same, for people and organizations that do not care for them.
    Stranger,
    /// Location/l1: the directory.
    Directory,
}

impl Subject {
    fn of(self) -> (&'static str, &'static str) {
        match self {
            Subject::InCare | Subject::Stranger => ("Patient", "p1"),
            Subject::Directory => ("Location", "l1"),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Subject::InCare => "a patient in care",
            Subject::Stranger => "a patient of others",
            Subject::Directory => "the directory",
        }
    }

    fn person<'d>(self, doors: &'d Doors, role: &Role) -> Person<'d> {
        let (known_as, patient) = match self {
            Subject::InCare | Subject::Directory => (["Practitioner/b", "Organization/o"], "p1"),
            Subject::Stranger => (["Practitioner/x", "Organization/x"], "p2"),
        };
        let patient = (role.realm == "patient").then_some(patient);
        doors.staff(&role.name, &known_as, patient)
    }
}

/// Whether there is such an operation on the directory too.
fn is_on(interaction: Interaction, subject: Subject) -> bool {
    let of_patients = matches!(
        interaction,
        Interaction::Compartment
            | Interaction::CompartmentForm
            | Interaction::Explain
            | Interaction::LookUp
            | Interaction::RequestAccess
            | Interaction::BreakGlass
            | Interaction::Everything
            | Interaction::Summary
    );
    !of_patients || subject != Subject::Directory
}

/// Whether the role's scopes, read naively, cover the operation at all.
fn is_covered(role: &Role, interaction: Interaction, kind: &str) -> bool {
    let on = |kind: &str, letter: char| {
        role.scopes.iter().any(|scope| {
            let (of, letters) = scope.split_once('/').unwrap().1.split_once('.').unwrap();
            (kind.is_empty() || of == "*" || of == kind) && letters.contains(letter)
        })
    };
    match interaction {
        Interaction::Capabilities => true,
        Interaction::HistorySystem => on("", 's'),
        Interaction::Create => on(kind, 'c'),
        Interaction::Bundle | Interaction::ConditionalUpdate | Interaction::Update => on(kind, 'u'),
        Interaction::ConditionalDelete | Interaction::Delete => on(kind, 'd'),
        Interaction::Search | Interaction::SearchForm | Interaction::HistoryType => on(kind, 's'),
        Interaction::Read | Interaction::HistoryInstance | Interaction::Vread | Interaction::Reveal => {
            on(kind, 'r')
        }
        Interaction::Compartment | Interaction::CompartmentForm => on("Observation", 's'),
        Interaction::Explain => on("Consent", 's'),
        Interaction::Everything | Interaction::Summary => on("Patient", 's'),
        Interaction::LookUp
        | Interaction::RequestAccess
        | Interaction::BreakGlass
        | Interaction::UnknownOfType
        | Interaction::Unknown => false,
    }
}

async fn a9_every_role_on_every_route(engine: Engine) {
    let doors = Doors::open(engine);
    let operator = doors.operator();
    let mut found = "on,role".to_owned();
    TABLE.iter().for_each(|(_, route)| write!(found, ",{}", route.operation).unwrap());
    found.push('\n');
    for subject in [Subject::InCare, Subject::Stranger, Subject::Directory] {
        furnish(&operator).await;
        for role in &roles() {
            let person = subject.person(&doors, role);
            write!(found, "{},{}", subject.title(), role.name).unwrap();
            for (interaction, route) in TABLE {
                found.push(',');
                if !is_on(*interaction, subject) {
                    continue;
                }
                found.push_str(&cell(&person, role, subject, *interaction, route).await);
                if !matches!(route.method, "GET") {
                    furnish(&operator).await;
                }
            }
            found.push('\n');
        }
    }
    let differing = differing(PUBLISHED, &found);
    assert!(
        differing.is_empty() && PUBLISHED == found,
        "docs/roles.csv states something else:\n{}\nwhat was found:\n{found}",
        differing.join("\n")
    );
}

/// The cells that state something else than what was found.
fn differing(stated: &str, found: &str) -> Vec<String> {
    let head: Vec<&str> = found.lines().next().unwrap_or_default().split(',').collect();
    let mut all = Vec::new();
    for (stated, found) in stated.lines().zip(found.lines()) {
        let who = found.splitn(3, ',').take(2).collect::<Vec<_>>().join(", ");
        for ((stated, found), operation) in stated.split(',').zip(found.split(',')).zip(&head) {
            if stated != found {
                all.push(format!("{who}, {operation}: stated {stated}, found {found}"));
            }
        }
    }
    all
}

/// What comes of it, held against a naive reading of the role.
async fn cell(
    person: &Person<'_>,
    role: &Role,
    subject: Subject,
    interaction: Interaction,
    route: &Route,
) -> String {
    let (kind, id) = subject.of();
    let answer = person.send(request(interaction, route, (kind, id))).await;
    let place = format!("{} {} {}", role.name, route.operation, subject.title());
    assert!(answer.status < 500, "{place}: {}", crate::house::logged());
    if !is_covered(role, interaction, kind) {
        assert_eq!(answer.status, 403, "{place}");
    }
    let shown = outcome(&answer);
    let shows = matches!(
        interaction,
        Interaction::Search
            | Interaction::SearchForm
            | Interaction::HistoryType
            | Interaction::Read
            | Interaction::HistoryInstance
            | Interaction::Vread
            | Interaction::Compartment
            | Interaction::CompartmentForm
    );
    if shows && subject == Subject::Stranger && role.realm != "machine" {
        assert!(["403", "404", "empty"].contains(&shown.as_str()), "{place}: {shown}");
    }
    if shows && kind == "Patient" && role.realm == "administration" {
        assert_eq!(shown, "403", "E3: {place}");
    }
    shown
}

/// Everything as it was.
async fn furnish(operator: &Person<'_>) {
    seed(operator).await;
    let encounter = json!({"resourceType": "Encounter", "id": "e1", "status": "in-progress",
        "class": {"code": "AMB"}, "subject": {"reference": "Patient/p1"},
        "participant": [{"individual": {"reference": "Practitioner/b"}}],
        "serviceProvider": {"reference": "Organization/o"}});
    operator.put("/Encounter/e1", &encounter).await;
    let identifier = json!([{"system": "urn:x", "value": "1"}]);
    operator
        .put("/Location/l1", &json!({"resourceType": "Location", "id": "l1", "identifier": identifier}))
        .await;
}
