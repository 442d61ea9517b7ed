//! An app wants in, and somebody says what it may: <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html>

use crate::{
    failure::{Answer, of},
    page::go,
    signed_in::{realm, with},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use fhir::outcome::IssueCode;
use login::oauth::{
    authorize::{Asked, Refusal},
    consent::Question,
    error::Code,
};
use login::realm::Realm;
use std::sync::Arc;
use web::{cookie, door::Door, failure::Failure, form::Form, guest::Guest};

/// What the fields of the tick boxes are called, before the scope.
const FIELD: &str = "allow-";

#[derive(Template)]
#[template(path = "asked.html")]
struct AskedPage {
    title: String,
    lead: String,
    ways: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    w: Words,
    title: String,
    token: String,
    action: String,
    /// Where a member of staff chooses whose chart it is about.
    pick: String,
    account: String,
    is_patient: bool,
    question: Question,
}

/// `GET /oauth/authorize`: checked, kept, and asked on the next page. Browsers that come from an app do not send our cookies
/// along; the step to the next page is our own, and with it they do.
pub(crate) async fn authorize(
    State(door): State<Arc<Door>>,
    view: View,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (query, visit) = (query.unwrap_or_default(), view.guest.visit.clone());
    let asked = door.login(move |login| Ok(login.authorize(query.as_bytes(), &visit)));
    match asked.await? {
        Ok(asked) => Ok(step(&view, &asked)),
        Err(Refusal::Back(to)) => Ok(go(&to, Vec::new())),
        Err(Refusal::Page(error)) => Err(match error.code {
            Code::ServerError => Failure::fault(error.cause.unwrap_or(error.text)),
            Code::TemporarilyUnavailable => Failure::busy(error.text),
            _ => Failure::new(StatusCode::BAD_REQUEST, IssueCode::Invalid, error.text),
        }),
    }
}

fn step(view: &View, asked: &Asked) -> Response {
    let w = view.words;
    let way = |realm: &Realm| {
        let words = match realm {
            Realm::Patient => w.say("asked-patient"),
            Realm::Clinic => w.say("asked-clinic"),
            Realm::Admin => w.say("go-on"),
        };
        (format!("/{}/consent/{}", realm.name(), asked.request.reveal()), words)
    };
    let ways: Vec<_> = asked.realms.iter().map(way).collect();
    let only = if let [(address, _)] = ways.as_slice() { Some(format!("0; url={address}")) } else { None };
    let title = w.with("asked", "app", &asked.name);
    let page = AskedPage { title, lead: w.say("asked-lead"), ways };
    let mut response = view.outside(None).show(StatusCode::OK, &page.title, &page);
    if let Some(value) = only.and_then(|text| HeaderValue::from_str(&text).ok()) {
        response.headers_mut().insert("refresh", value);
    }
    response
}

/// Whoever is not signed in comes back here afterwards.
fn and_back(answer: Answer, realm: Realm, request: &str) -> Answer {
    match answer {
        Answer::Response(mut response) => {
            let value = cookie::set(cookie::QUESTION, &format!("{}.{request}", realm.name()));
            response.headers_mut().append(header::SET_COOKIE, value);
            Answer::Response(response)
        }
        failure => failure,
    }
}

/// Where somebody was asked before they signed in, if they were, in this realm.
pub(crate) fn way_back(guest: &Guest, realm: Realm) -> Option<Response> {
    let request = asked_before(guest, realm)?;
    let to = format!("/{}/consent/{request}", realm.name());
    Some(go(&to, vec![cookie::remove(cookie::QUESTION)]))
}

/// Which app's question waits for who signs in to that realm.
pub(crate) fn asked_before(guest: &Guest, realm: Realm) -> Option<&str> {
    let (_, request) = guest.question().filter(|(name, _)| *name == realm.name())?;
    let plain = request.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    plain.then_some(request)
}

/// `GET /{realm}/consent/{token}`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path((name, request)): Path<(String, String)>,
    view: View,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    // Staff whose app asks for one patient's record alone are taken for patients until we see how they are signed in.
    if realm == Realm::Patient
        && view.guest.session(Realm::Patient).is_none()
        && view.guest.session(Realm::Clinic).is_some()
    {
        return Ok(go(&format!("/clinic/consent/{request}"), Vec::new()));
    }
    let (roles, asked) = (Arc::clone(door.roles()), request.clone());
    let question = with(&door, &view.guest, realm, None, move |login, who, visit| {
        login.question(&asked, who, &*roles, visit)
    });
    let (who, question) = question.await.map_err(|answer| and_back(answer, realm, &request))?;
    let question = question.map_err(of)?;
    let policy = crate::page::policy_with_answers_to(&question.source);
    let page = ConsentPage {
        w: view.words,
        title: view.words.with("consent", "app", &question.name),
        token: who.form_token.clone(),
        action: format!("/{name}/consent/{request}"),
        pick: format!("/clinic/pick/{request}"),
        account: who.account.name.clone(),
        is_patient: realm == Realm::Patient,
        question,
    };
    let mut response = view.of(&who).show(StatusCode::OK, &page.title, &page);
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
    }
    Ok(response)
}

/// `POST /{realm}/consent/{token}`
pub(crate) async fn answer(
    State(door): State<Arc<Door>>,
    Path((name, request)): Path<(String, String)>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let (roles, typed) = (Arc::clone(door.roles()), form.clone());
    let answered = with(&door, &view.guest, realm, Some(&form), move |login, who, visit| {
        let ticked = |scope: &str| typed.get(&format!("{FIELD}{scope}")) == "yes";
        match typed.get("answer") {
            "allow" => login.allow_app(&request, who, &ticked, &*roles, visit),
            _ => login.deny_app(&request, who, visit),
        }
    });
    let (_, to) = answered.await?;
    Ok(go(&to.map_err(of)?, Vec::new()))
}
