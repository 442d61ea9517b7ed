//! The published matrix of roles: every built-in role, on every route of the API, on a patient in its care, on a stranger, and in the
//! directory (A9). A change in it is a change in who may do what: read it before you accept it.

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

const HEAD: &str = "What each built-in role gets from each route of the API.\n\
    200, 201, 204: done. empty: done, and nothing is shown. 403: refused by the role. 404: nothing to see here.\n\
    `patient` and `proxy` act for Patient/p1 where it says \"in care\", and for another patient elsewhere.\n";

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
            Subject::InCare => "A patient in care: Patient/p1 and its Observation",
            Subject::Stranger => "A patient of somebody else: Patient/p1 and its Observation",
            Subject::Directory => "The directory: Location/l1",
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

/// What stands above a column.
fn column(interaction: Interaction) -> &'static str {
    match interaction {
        Interaction::Capabilities => "metadata",
        Interaction::Bundle => "bundle",
        Interaction::HistorySystem => "history*",
        Interaction::Create => "create",
        Interaction::ConditionalUpdate => "update?",
        Interaction::ConditionalDelete => "delete?",
        Interaction::Search => "search",
        Interaction::SearchForm => "_search",
        Interaction::HistoryType => "history/",
        Interaction::Read => "read",
        Interaction::Update => "update",
        Interaction::Delete => "delete",
        Interaction::HistoryInstance => "history",
        Interaction::Vread => "vread",
        Interaction::Reveal => "reveal",
        Interaction::Compartment => "compart",
        Interaction::CompartmentForm => "compart_",
    }
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
    }
}

async fn a9_every_role_on_every_route(engine: Engine) {
    let doors = Doors::open(engine);
    let operator = doors.operator();
    let mut matrix = HEAD.to_owned();
    for subject in [Subject::InCare, Subject::Stranger, Subject::Directory] {
        let routes: Vec<_> = TABLE
            .iter()
            .filter(|(interaction, _)| {
                let compartment =
                    matches!(interaction, Interaction::Compartment | Interaction::CompartmentForm);
                !compartment || subject != Subject::Directory
            })
            .collect();
        write!(matrix, "\n{}\n{:17}", subject.title(), "").unwrap();
        routes.iter().for_each(|(interaction, _)| write!(matrix, "{:9}", column(*interaction)).unwrap());
        matrix.truncate(matrix.trim_end().len());
        matrix.push('\n');
        furnish(&operator).await;
        for role in &roles() {
            let person = subject.person(&doors, role);
            write!(matrix, "{:17}", role.name).unwrap();
            for (interaction, route) in &routes {
                let cell = cell(&person, role, subject, *interaction, route).await;
                write!(matrix, "{cell:9}").unwrap();
                if !matches!(route.method, "GET") {
                    furnish(&operator).await;
                }
            }
            matrix.truncate(matrix.trim_end().len());
            matrix.push('\n');
        }
    }
    insta::assert_snapshot!("roles_on_routes", matrix);
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
