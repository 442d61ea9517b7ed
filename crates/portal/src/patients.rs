//! Looking a patient up, and what somebody may do who finds a record closed: ask, give the patient's code, or break the glass.

use crate::{
    failure::Answer,
    page::Field,
    tasks::{Ask, Done, Instead, Item, Look, Section, Tasks, below, change, minute},
};
use axum::{extract::State, response::Response};
use fhir::json;
use login::{Login, access_request::LetIn, error::Error, realm::Realm, session::Who, visit::Visit};
use record::{
    Record,
    change::Wish,
    error::Error as Below,
    find::{Clue, Sight},
};
use std::sync::Arc;
use web::{door::Door, form::Form, guest::Guest};

const HOME: &str = "/clinic/patients";
const ASK: &str = "/clinic/patients/ask";
const CODE: &str = "/clinic/patients/code";
const GLASS: &str = "/clinic/patients/glass";
const END: &str = "/clinic/patients/glass/end";

fn look(login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let fields = vec![
        Field::new("identifier", "Record number, health ID or another identifier", "text", "off")
            .hint("The whole of it")
            .optional(),
        Field::new("phone", "Or the phone number", "text", "off").optional(),
        Field::new("birth_date", "with the birth date", "text", "off").hint("Such as 1990-05-31").optional(),
    ];
    let lead = [
        "You see whether there is a record. To open it, somebody must have tied you to the patient, or the patient lets you in. Every look-up is signed, and the patient sees it.",
    ];
    let asked = login.asked(who, visit)?.into_iter().map(|(id, request)| {
        let lines = vec![format!("Record {}, asked {}", request.patient, minute(request.at))];
        let code =
            Field::new("code", "Code that the patient sees", "text", "one-time-code").hint("Six digits");
        Item { lines, asks: vec![Ask::new(CODE, &id, vec![code], "Give the code")] }
    });
    let open = login.glasses(who, visit)?.into_iter().map(|glass| {
        let lines = vec![format!("Record {}, until {}", glass.patient, minute(glass.until))];
        Item { lines, asks: vec![Ask::new(END, &glass.patient, Vec::new(), "End this emergency")] }
    });
    let sections = vec![
        Section::new("Find a record", &lead).ask(Ask::new(HOME, "", fields, "Look up")),
        Section::new("You have asked for", &[]).of(asked.collect(), "You wait for no answer."),
        Section::new("Your emergencies", &[]).of(open.collect(), "None is open."),
    ];
    let links = vec![("/clinic/account", "Your account")];
    Ok(Tasks { title: "Patients", sections, links, ..Tasks::default() })
}

/// What somebody may do about a closed record.
fn closed(lines: Vec<String>, patient: &str) -> Item {
    let why = |hint: &str| Field::new("reason", "Why", "text", "off").hint(hint.to_owned());
    let ask =
        Ask::new(ASK, patient, vec![why("The patient reads it. 3 to 500 characters")], "Ask for access");
    let hint = "10 to 500 characters. The patient is told at once, and somebody else reviews it";
    let glass = Ask { plain: true, ..Ask::new(GLASS, patient, vec![why(hint)], "Open it in an emergency") };
    Item { lines, asks: vec![ask, glass] }
}

fn found(sights: Vec<Sight>) -> Section {
    let items = sights.into_iter().map(|sight| {
        let line = format!("{} born {}, record {}", sight.initials, sight.born, sight.patient);
        match sight.open {
            true => Item { lines: vec![line, "This record is open to you.".into()], asks: Vec::new() },
            false => closed(vec![line, "There is such a record. Ask for access.".into()], &sight.patient),
        }
    });
    Section::new("What was found", &[]).of(items.collect(), "There is no such record here.")
}

/// The record that a form was about.
fn named(form: &Form) -> Section {
    let item = closed(vec![format!("Record {}", form.get("about"))], form.get("about"));
    Section { items: vec![item], ..Section::new("What was found", &[]) }
}

/// `GET /clinic/patients`
pub(crate) async fn show(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Answer> {
    crate::tasks::show(&door, &guest, Realm::Clinic, look).await
}

/// `POST /clinic/patients`: what is looked for stands in no address.
pub(crate) async fn find(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    change(
        &door,
        &guest,
        (Realm::Clinic, HOME, HOME),
        &form,
        (look, None),
        move |login, record, who, visit| {
            let identifier = typed.get("identifier");
            let looked = login.look_up(who, identifier, visit)?;
            let clue = match identifier.trim().is_empty() {
                true => Clue::Phone { phone: typed.get("phone"), birth_date: typed.get("birth_date") },
                false => Clue::Identifier(identifier),
            };
            let text = "enter a whole identifier, or a phone number with a birth date such as 1990-05-31";
            let sights = record.find(&looked.act, &clue, looked.patient.as_deref());
            Ok(Done::Part(found(sights.map_err(below("identifier", text))?)))
        },
    )
    .await
}

/// `POST /clinic/patients/ask`
pub(crate) async fn ask(State(door): State<Arc<Door>>, guest: Guest, form: Form) -> Result<Response, Answer> {
    let typed = form.clone();
    let page: (Look, Instead) = (look, Some(named));
    change(&door, &guest, (Realm::Clinic, HOME, ASK), &form, page, move |login, _, who, visit| {
        let (patient, reason) = (typed.get("about"), typed.get("reason"));
        login.request_access(who, patient, reason, visit).map(|()| Done::Go)
    })
    .await
}

/// `POST /clinic/patients/code`
pub(crate) async fn code(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    change(
        &door,
        &guest,
        (Realm::Clinic, HOME, CODE),
        &form,
        (look, None),
        move |login, record, who, visit| {
            let let_in = login.redeem(who, typed.get("about"), typed.get("code"), visit)?;
            consent(login, record, &let_in).map(|()| Done::Go)
        },
    )
    .await
}

/// `POST /clinic/patients/glass`
pub(crate) async fn break_glass(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    let page: (Look, Instead) = (look, Some(named));
    change(&door, &guest, (Realm::Clinic, HOME, GLASS), &form, page, move |login, _, who, visit| {
        let (patient, reason) = (typed.get("about"), typed.get("reason"));
        login.break_glass(who, patient, reason, visit).map(|_| Done::Go)
    })
    .await
}

/// `POST /clinic/patients/glass/end`
pub(crate) async fn end_glass(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let patient = form.get("about").to_owned();
    change(&door, &guest, (Realm::Clinic, HOME, END), &form, (look, None), move |login, _, who, visit| {
        login.end_glass(who, &patient, visit).map(|()| Done::Go)
    })
    .await
}

/// Commits what the patient allowed, as the patient's act, and closes the request. Done twice, it is the same.
pub(crate) fn consent(login: &Login, record: &Record, let_in: &LetIn) -> Result<(), Error> {
    let resource = json::parse(&let_in.consent, json::Limits::default())
        .map_err(|error| Error::Fault(Box::new(error)))?;
    let wish = Wish::Update {
        resource_type: "Consent".into(),
        id: Some(let_in.id.clone()),
        query: None,
        resource,
        if_match: None,
        if_none_match: true,
    };
    match record.commit(&let_in.act, "update", &[wish.into()]) {
        // It was committed before something went wrong.
        Ok(_) | Err(Below::Precondition(_)) => login.let_in(let_in),
        Err(error) => Err(below("days", "this cannot be allowed any more; ask at the front desk")(error)),
    }
}
