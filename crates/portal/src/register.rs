//! Registering a patient at the front desk: the form, whoever may be the same person, and the numbers that are given out.

use crate::{
    failure::{Answer, of},
    signed_in::with_record,
    view::View,
    words::Words,
};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use care::{
    register::{self, Fault, Faults, GENDERS, LANGUAGES, Newcomer, Obstacle, alike},
    writing::is_key,
};
use login::{
    Login, error::Error, health_ids, identifier::Identifier, realm::Realm, registration::RECORD_NUMBERS,
    session::Who, visit::Visit,
};
use record::{Record, find::Sight};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

/// The fields that are typed, in their order: name, its part of the form, how it is filled in.
const FIELDS: [(&str, &str, &str); 12] = [
    ("given", "register-who", "text"),
    ("family", "register-who", "text"),
    ("name_other", "register-who", "text"),
    ("birth_date", "register-who", "text"),
    ("age", "register-who", "text"),
    ("phone", "register-where", "tel"),
    ("line", "register-where", "text"),
    ("city", "register-where", "text"),
    ("district", "register-where", "text"),
    ("state", "register-where", "text"),
    ("postal_code", "register-where", "text"),
    ("identifier", "register-where", "text"),
];

/// Those with a hint.
const HINTED: [&str; 5] = ["given", "name_other", "birth_date", "age", "identifier"];

#[derive(Template)]
#[template(path = "register.html")]
struct Page {
    w: Words,
    token: String,
    key: String,
    /// Why nobody can be registered here; the form is not shown then.
    closed: &'static str,
    error: String,
    faults: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    genders: Vec<(&'static str, String, bool)>,
    languages: Vec<(&'static str, String, bool)>,
    is_unknown: bool,
    /// Who may be the same person.
    alike: Vec<Sight>,
    /// Their ids, so that a tick is about those that were shown.
    shown: String,
}

struct Field {
    name: &'static str,
    part: &'static str,
    kind: &'static str,
    value: String,
    error: String,
}

#[derive(Template)]
#[template(path = "registered.html")]
struct Registered {
    w: Words,
    name: String,
    patient: String,
    is_open: bool,
    record_number: String,
    health_id: String,
}

/// What came of a form.
enum Came {
    Closed(&'static str),
    Faults(Faults),
    Alike(Vec<Sight>),
    Again(Error),
    Stored(Registered),
}

fn sentence(w: Words, name: &str, fault: Fault) -> String {
    let key = match fault {
        Fault::Name => "register-fault-name",
        Fault::Letters => "register-fault-letters",
        Fault::Long => "register-fault-long",
        Fault::Born => "register-fault-born",
        Fault::Both => "register-fault-both",
        Fault::Date => "register-fault-date",
        Fault::Future => "register-fault-future",
        Fault::Age => "register-fault-age",
        Fault::Choice if name == "gender" => "register-fault-gender",
        Fault::Choice => "register-fault-choice",
        Fault::Phone => "register-fault-phone",
    };
    w.say(key)
}

impl Page {
    fn new(w: Words, token: &str, key: String, form: &Form, faults: &Faults) -> Page {
        let error = |name: &str| {
            let fault = faults.iter().find(|(field, _)| *field == name);
            fault.map(|(_, fault)| sentence(w, name, *fault)).unwrap_or_default()
        };
        let field = |(name, part, kind): (&'static str, &'static str, &'static str)| Field {
            name,
            part,
            kind,
            value: form.get(name).to_owned(),
            error: error(name),
        };
        let gender = |code: &'static str| (code, w.of_code("gender", code, code), form.get("gender") == code);
        let language =
            |code: &'static str| (code, w.of_code("tongue", code, code), form.get("language") == code);
        Page {
            w,
            token: token.to_owned(),
            key,
            closed: "",
            error: String::new(),
            faults: faults.iter().map(|(name, fault)| (*name, sentence(w, name, *fault))).collect(),
            fields: FIELDS.map(field).into(),
            genders: GENDERS.map(gender).into(),
            languages: LANGUAGES.map(language).into(),
            is_unknown: !form.get("birth_unknown").is_empty(),
            alike: Vec::new(),
            shown: String::new(),
        }
    }

    fn of_part<'p>(&'p self, part: &'p str) -> impl Iterator<Item = &'p Field> {
        self.fields.iter().filter(move |field| field.part == part)
    }

    fn label(&self, name: &str) -> String {
        self.w.say(&format!("register-{}", name.replace('_', "-")))
    }

    fn hint(&self, name: &str) -> String {
        match HINTED.contains(&name) {
            true => self.w.say(&format!("register-{}-hint", name.replace('_', "-"))),
            false => String::new(),
        }
    }

    /// What is wrong with a choice.
    fn wrong(&self, name: &str) -> String {
        let fault = self.faults.iter().find(|(field, _)| *field == name);
        fault.map(|(_, text)| text.clone()).unwrap_or_default()
    }

    /// What a field is described by, for those who hear the page.
    fn described(&self, field: &Field) -> String {
        let hint = HINTED.contains(&field.name).then(|| format!("{}-hint", field.name));
        let error = (!field.error.is_empty()).then(|| format!("{}-error", field.name));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }

    fn sight(&self, sight: &Sight) -> String {
        let values = [
            ("name", sight.initials.as_str()),
            ("born", sight.born.as_str()),
            ("record", sight.patient.as_str()),
        ];
        self.w.values("sight-line", &values)
    }
}

/// What somebody is told who can register nobody.
fn told(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Role => "register-role",
        Obstacle::NoOrganization => "register-no-organization",
    }
}

/// `GET /clinic/register`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    let work = |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_of(who, visit).map_err(of)?;
        let organization = login.organization_of(who, visit).map_err(of)?;
        let closed = register::place(&act, organization).err().map(told).unwrap_or_default();
        Ok::<_, Failure>((closed, record.fresh_id()))
    };
    let (who, made) = with_record(&door, &view.guest, Realm::Clinic, None, work).await?;
    let (closed, key) = made?;
    let page = Page::new(view.words, &who.form_token, key, &Form::default(), &Faults::new());
    let page = Page { closed, ..page };
    Ok(view.of(&who).show(StatusCode::OK, &view.words.say("register"), &page))
}

/// `POST /clinic/register`: the numbers are in the answer, so that the form sent again shows them again.
pub(crate) async fn take(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let (typed, w) = (form.clone(), view.words);
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let came = register(login, record, who, &typed, visit, w)?;
        Ok::<_, Failure>((came, record.fresh_id()))
    };
    let (who, done) = with_record(&door, &view.guest, Realm::Clinic, Some(&form), work).await?;
    let (came, fresh) = done?;
    let key = Some(form.get("key")).filter(|key| is_key(key)).map_or_else(|| fresh.clone(), str::to_owned);
    let again = |faults: &Faults| Page::new(w, &who.form_token, key.clone(), &form, faults);
    let title = w.say("register");
    let bad = StatusCode::UNPROCESSABLE_ENTITY;
    let (status, page) = match came {
        Came::Stored(page) => return Ok(view.of(&who).show(StatusCode::OK, &w.say("registered"), &page)),
        Came::Closed(closed) => (bad, Page { closed, ..again(&Faults::new()) }),
        Came::Faults(faults) => (bad, again(&faults)),
        Came::Alike(alike) => {
            (StatusCode::CONFLICT, Page { shown: ids(&alike), alike, ..again(&Faults::new()) })
        }
        Came::Again(error) => {
            let is_busy = matches!(error, Error::Throttled { .. });
            let status = if is_busy { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::CONFLICT };
            // What was stored under this key stays; what is sent next is somebody else.
            let key = if is_busy { key.clone() } else { fresh };
            (status, Page { error: w.error(&error), key, ..again(&Faults::new()) })
        }
    };
    Ok(view.of(&who).show(status, &title, &page))
}

fn ids(alike: &[Sight]) -> String {
    alike.iter().map(|sight| sight.patient.as_str()).collect::<Vec<_>>().join(" ")
}

fn register(
    login: &Login,
    record: &Record,
    who: &Who,
    form: &Form,
    visit: &Visit,
    w: Words,
) -> Result<Came, Failure> {
    let act = login.act_of(who, visit).map_err(of)?;
    let organization = match register::place(&act, login.organization_of(who, visit).map_err(of)?) {
        Ok(organization) => organization,
        Err(obstacle) => return Ok(Came::Closed(told(obstacle))),
    };
    let rules = &login.settings().identifiers;
    let phone = |typed: &str| match Identifier::contact(typed, rules) {
        Some(Identifier::Phone(number)) => Some(number),
        _ => None,
    };
    let today = w.day(visit.now);
    let newcomer = match register::check(form.fields(), today, &phone) {
        Ok(newcomer) => newcomer,
        Err(faults) => return Ok(Came::Faults(faults)),
    };
    if !is_key(form.get("key")) {
        return Ok(Came::Again(Error::Invalid {
            field: "key",
            text: "this form is not ours; send it again",
        }));
    }
    login.one_by_one(|| store(login, record, (who, visit), (&newcomer, &organization), form, w))
}

/// Asks who may be the same, and stores; a form that was stored before shows its numbers again.
fn store(
    login: &Login,
    record: &Record,
    (who, visit): (&Who, &Visit),
    (newcomer, organization): (&Newcomer, &str),
    form: &Form,
    w: Words,
) -> Result<Came, Failure> {
    let act = login.act_of(who, visit).map_err(of)?;
    let key = form.get("key");
    let typed = newcomer.resource(organization, &[]).to_string();
    let known = match login.numbers_of(&act, key, &typed) {
        Err(error @ Error::Invalid { .. }) => return Ok(Came::Again(error)),
        known => known.map_err(of)?,
    };
    // Whoever has numbers by this form was asked about before.
    if known.is_none() {
        let alike = match likely(login, record, who, newcomer, visit) {
            Err(Error::Throttled { seconds }) => return Ok(Came::Again(Error::Throttled { seconds })),
            alike => alike.map_err(of)?,
        };
        let is_other = form.get("other") == "yes" && form.get("shown") == ids(&alike);
        if !alike.is_empty() && !is_other {
            return Ok(Came::Alike(alike));
        }
    }
    let numbers = login.reserve_numbers(&act, key, &typed).map_err(of)?;
    let health_id = numbers.health_id();
    let own = (RECORD_NUMBERS, "Record number", numbers.record_number());
    let given_out = [own, (health_ids::SYSTEM, "Keepwell health ID", health_id.as_str())];
    let id = match numbers.patient() {
        Some(patient) => patient.to_owned(),
        None => register::store(record, &act, &newcomer.resource(organization, &given_out), own)?,
    };
    login.give_numbers(&act, &numbers, &id).map_err(of)?;
    // A physician registers whom their care does not reach yet.
    let is_open = record.now(&act, "register", "Patient", &id)?.is_some();
    let record_number = numbers.record_number().to_owned();
    Ok(Came::Stored(Registered {
        w,
        name: newcomer.called(),
        patient: id,
        is_open,
        record_number,
        health_id,
    }))
}

/// Who may be the same person. It is a look-up, and is counted as one.
fn likely(
    login: &Login,
    record: &Record,
    who: &Who,
    newcomer: &Newcomer,
    visit: &Visit,
) -> Result<Vec<Sight>, Error> {
    let looked = login.look_up(who, "", visit)?;
    let fits = |patient: &serde_json::Value| alike::likeness(newcomer, patient);
    let found = record.alike(&looked.act, &alike::queries(newcomer), &fits);
    found.map_err(crate::tasks::below("given", "the records could not be searched"))
}
