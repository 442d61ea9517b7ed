//! Looking a patient up, and what somebody may do who finds a record closed: ask, give the patient's code, or break the glass.

use crate::{
    failure::Answer,
    page::Field,
    tasks::{Ask, Done, Instead, Item, Look, Section, Tasks, below, change},
    view::View,
    words::Words,
};
use axum::{extract::State, response::Response};
use fhir::json;
use login::{
    Login, access_request::LetIn, error::Error, identifier::health_id, realm::Realm, session::Who,
    visit::Visit,
};
use record::{
    Record,
    change::Wish,
    error::Error as Below,
    find::{Clue, Sight},
};
use std::sync::Arc;
use web::{door::Door, form::Form};

const HOME: &str = "/clinic/patients";
const ASK: &str = "/clinic/patients/ask";
const CODE: &str = "/clinic/patients/code";
const GLASS: &str = "/clinic/patients/glass";
const END: &str = "/clinic/patients/glass/end";

fn look(w: Words, login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let fields = vec![
        Field::new("identifier", w.say("look-up-identifier"), "text", "off")
            .hint(w.say("look-up-identifier-hint"))
            .optional(),
        Field::new("phone", w.say("look-up-phone"), "text", "off").optional(),
        Field::new("birth_date", w.say("look-up-birth-date"), "text", "off")
            .hint(w.say("birth-date-hint"))
            .optional(),
    ];
    let asked = login.asked(who, visit)?.into_iter().map(|(id, request)| {
        let lines =
            vec![w.values("asked-line", &[("record", &request.patient), ("at", &w.minute(request.at))])];
        let code =
            Field::new("code", w.say("patients-code"), "text", "one-time-code").hint(w.say("six-digits"));
        Item { lines, asks: vec![Ask::new(CODE, &id, vec![code], w.say("patients-code-give"))] }
    });
    let open = login.glasses(who, visit)?.into_iter().map(|glass| {
        let lines =
            vec![w.values("glass-line", &[("record", &glass.patient), ("until", &w.minute(glass.until))])];
        Item { lines, asks: vec![Ask::new(END, &glass.patient, Vec::new(), w.say("glass-end"))] }
    });
    let sections = vec![
        Section::new(w.say("look-up"), vec![w.say("look-up-lead")]).ask(Ask::new(
            HOME,
            "",
            fields,
            w.say("look-up-button"),
        )),
        Section::new(w.say("asked-for"), Vec::new()).of(asked.collect(), w.say("asked-for-none")),
        Section::new(w.say("glasses"), Vec::new()).of(open.collect(), w.say("glasses-none")),
    ];
    let links = vec![("/clinic/register", w.say("register")), ("/clinic/account", w.say("account"))];
    Ok(Tasks { title: w.say("patients"), sections, links, ..Tasks::default() })
}

/// What somebody may do about a closed record.
fn closed(w: Words, lines: Vec<String>, patient: &str) -> Item {
    let why = |hint: &str| Field::new("reason", w.say("reason"), "text", "off").hint(w.say(hint));
    let ask = Ask::new(ASK, patient, vec![why("ask-hint")], w.say("ask"));
    let glass = Ask { plain: true, ..Ask::new(GLASS, patient, vec![why("glass-hint")], w.say("glass")) };
    Item { lines, asks: vec![ask, glass] }
}

fn found(w: Words, sights: Vec<Sight>) -> Section {
    let items = sights.into_iter().map(|sight| {
        let line = w.values(
            "sight-line",
            &[("name", &sight.initials), ("born", &sight.born), ("record", &sight.patient)],
        );
        match sight.open {
            true => Item { lines: vec![line, w.say("sight-open")], asks: Vec::new() },
            false => closed(w, vec![line, w.say("sight-closed")], &sight.patient),
        }
    });
    Section::new(w.say("found"), Vec::new()).of(items.collect(), w.say("found-none"))
}

/// The record that a form was about.
fn named(w: Words, form: &Form) -> Section {
    let item = closed(w, vec![w.with("record-line", "record", form.get("about"))], form.get("about"));
    Section { items: vec![item], ..Section::new(w.say("found"), Vec::new()) }
}

/// `GET /clinic/patients`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    crate::tasks::show(&door, &view, Realm::Clinic, look).await
}

/// `POST /clinic/patients`: what is looked for stands in no address.
pub(crate) async fn find(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let (typed, w) = (form.clone(), view.words);
    change(
        &door,
        &view,
        (Realm::Clinic, HOME, HOME),
        &form,
        (look, None),
        move |login, record, who, visit| {
            // A health ID stands in records as people read it, however it was typed.
            let identifier = typed.get("identifier");
            let health_id = health_id::parse(identifier).map(|digits| health_id::grouped(&digits));
            let identifier = health_id.as_deref().unwrap_or(identifier);
            let looked = login.look_up(who, identifier, visit)?;
            let clue = match identifier.trim().is_empty() {
                true => Clue::Phone { phone: typed.get("phone"), birth_date: typed.get("birth_date") },
                false => Clue::Identifier(identifier),
            };
            let text = "enter a whole identifier, or a phone number with a birth date such as 1990-05-31";
            let sights = record.find(&looked.act, &clue, looked.patient.as_deref());
            Ok(Done::Part(found(w, sights.map_err(below("identifier", text))?)))
        },
    )
    .await
}

/// `POST /clinic/patients/ask`
pub(crate) async fn ask(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let typed = form.clone();
    let page: (Look, Instead) = (look, Some(named));
    change(&door, &view, (Realm::Clinic, HOME, ASK), &form, page, move |login, _, who, visit| {
        let (patient, reason) = (typed.get("about"), typed.get("reason"));
        login.request_access(who, patient, reason, visit).map(|()| Done::Go)
    })
    .await
}

/// `POST /clinic/patients/code`
pub(crate) async fn code(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let typed = form.clone();
    change(
        &door,
        &view,
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
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    let page: (Look, Instead) = (look, Some(named));
    change(&door, &view, (Realm::Clinic, HOME, GLASS), &form, page, move |login, _, who, visit| {
        let (patient, reason) = (typed.get("about"), typed.get("reason"));
        login.break_glass(who, patient, reason, visit).map(|_| Done::Go)
    })
    .await
}

/// `POST /clinic/patients/glass/end`
pub(crate) async fn end_glass(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let patient = form.get("about").to_owned();
    change(&door, &view, (Realm::Clinic, HOME, END), &form, (look, None), move |login, _, who, visit| {
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
