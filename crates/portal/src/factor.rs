//! The second factor: proving it, and setting it up.

use crate::{
    failure::of,
    page::{Field, FormPage},
    passkey::{Ask, assertion},
    qr,
    signed_in::{cookies, realm, step},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::Response,
};
use login::{
    Login,
    enrolment::{Enrolled, Enrolment},
    error::Error,
    factor::Proof,
    realm::Realm,
};
use std::sync::Arc;
use web::{cookie, door::Door, failure::Failure, form::Form, guest::Guest};

/// How the form says what kind of code it is.
const SENT: &str = "sent";

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    w: Words,
    codes: Vec<String>,
    next: String,
}

/// Six digits are the app's or were sent; anything longer is a recovery code.
pub(crate) fn proof(form: &Form) -> Proof {
    let code = form.get("code").to_owned();
    if form.get("kind") == "passkey" {
        return Proof::Passkey(assertion(form));
    }
    match (form.get("kind"), code.chars().filter(char::is_ascii_alphanumeric).count()) {
        (SENT, _) => Proof::Sent(code),
        (_, 0..=8) => Proof::Totp(code),
        _ => Proof::Recovery(code),
    }
}

pub(crate) fn code_field(w: Words) -> Field {
    Field::code(w.say("code")).hint(w.say("code-hint"))
}

/// What the account of an attempt can be asked for: a code that is sent, a passkey.
#[derive(Clone, Copy, Default)]
struct Offers {
    sent: bool,
    passkey: bool,
}

fn offers(login: &Login, guest: &Guest) -> Result<Offers, Failure> {
    let sent = login.offers_sent_code(guest.attempt(), &guest.visit).map_err(of)?;
    let (passkey, _) = login.offers(guest.attempt(), &guest.visit).map_err(of)?;
    Ok(Offers { sent, passkey })
}

fn page(w: Words, realm: Realm, offers: Offers) -> FormPage {
    let name = realm.name();
    FormPage {
        title: w.say("confirm-you"),
        fields: vec![code_field(w)],
        action: format!("/{name}/second-factor"),
        button: w.say("go-on"),
        links: vec![(format!("/{name}/sign-in"), w.say("start-again"))],
        passkey: offers.passkey.then(|| Ask::second_factor(w, realm)),
        other: offers.sent.then(|| (format!("/{name}/second-factor/code"), w.say("send-code"))),
        ..FormPage::default()
    }
}

fn sent_page(w: Words, realm: Realm) -> FormPage {
    let kind = Field { value: SENT.into(), ..Field::new("kind", "", "hidden", "off") };
    FormPage {
        fields: vec![Field::code(w.say("code")).hint(w.say("code-sent-hint")), kind],
        ..page(w, realm, Offers::default())
    }
}

/// `GET /{realm}/second-factor`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
) -> Result<Response, Failure> {
    let (realm, guest) = (realm(&name)?, view.guest.clone());
    let offers = door.login(move |login| offers(login, &guest)).await?;
    Ok(page(view.words, realm, offers).show(&view.outside(Some(realm))))
}

/// `POST /{realm}/second-factor`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Failure> {
    let (realm, w, guest) = (realm(&name)?, view.words, view.guest.clone());
    let proof = proof(&form);
    let is_sent = matches!(proof, Proof::Sent(_));
    let proven = door.login(move |login| {
        let offers = offers(login, &guest)?;
        Ok((login.second_factor(guest.attempt(), &proof, &guest.visit), offers))
    });
    let frame = view.outside(Some(realm));
    match proven.await? {
        (Ok(next), _) => Ok(step(realm, &next)),
        (Err(error), _) if is_sent => sent_page(w, realm).again(&frame, at_code(error)),
        (Err(error), offers) => page(w, realm, offers).again(&frame, at_code(error)),
    }
}

/// `POST /{realm}/second-factor/code`
pub(crate) async fn send(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    _form: Form,
) -> Result<Response, Failure> {
    let (realm, guest) = (realm(&name)?, view.guest.clone());
    let (page, frame) = (sent_page(view.words, realm), view.outside(Some(realm)));
    match door.login(move |login| Ok(login.send_code(guest.attempt(), &guest.visit))).await? {
        Ok(()) => Ok(page.show(&frame)),
        Err(error) => page.again(&frame, error),
    }
}

/// A wrong code is said at its field.
pub(crate) fn at_code(error: Error) -> Error {
    match error {
        Error::Denied => Error::Invalid {
            field: "code",
            text: "this code is not right, or was used already; wait for the next one",
        },
        error => error,
    }
}

fn app_page(w: Words, enrolment: &Enrolment, has_passkeys: bool) -> Result<FormPage, Failure> {
    Ok(FormPage {
        title: w.say("app-title"),
        passkey: has_passkeys.then(|| Ask::first(w, enrolment.realm)),
        lead: vec![w.say("app-lead"), w.say("app-how")],
        qr: qr::draw(&enrolment.uri)?,
        secret: enrolment.secret.clone(),
        fields: vec![Field::code(w.say("app-code"))],
        action: format!("/{}/app", enrolment.realm.name()),
        button: w.say("go-on"),
        ..FormPage::default()
    })
}

/// `GET /{realm}/app`
pub(crate) async fn show_app(State(door): State<Arc<Door>>, view: View) -> Result<Response, Failure> {
    let guest = view.guest.clone();
    let begun = door.login(move |login| {
        Ok((login.enrolment(guest.attempt(), &guest.visit).map_err(of)?, login.has_passkeys()))
    });
    let (enrolment, has_passkeys) = begun.await?;
    let frame = view.outside(Some(enrolment.realm));
    Ok(app_page(view.words, &enrolment, has_passkeys)?.show(&frame))
}

/// `POST /{realm}/app`: the recovery codes are in the answer, and nowhere else ever again.
pub(crate) async fn take_app(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Failure> {
    let guest = view.guest.clone();
    let done = door.login(move |login| {
        let enrolment = login.enrolment(guest.attempt(), &guest.visit).map_err(of)?;
        let outcome = login.enrol(guest.attempt(), form.get("code"), &guest.visit);
        Ok((outcome, enrolment, login.has_passkeys()))
    });
    match done.await? {
        (Err(error), enrolment, has_passkeys) => {
            let page = app_page(view.words, &enrolment, has_passkeys)?;
            page.again(&view.outside(Some(enrolment.realm)), at_code(error))
        }
        (Ok(done), ..) => Ok(enrolled(&view, done)),
    }
}

/// The recovery codes, and the session.
pub(crate) fn enrolled(view: &View, enrolled: Enrolled) -> Response {
    // Whoever runs the house goes on to what it still needs.
    let next = match enrolled.signed.realm {
        Realm::Admin => "/admin".to_owned(),
        realm => format!("/{}/account", realm.name()),
    };
    let page = RecoveryPage { w: view.words, codes: enrolled.recovery, next };
    let frame = view.outside(Some(enrolled.signed.realm));
    let mut response = frame.show(StatusCode::OK, &view.words.say("recovery"), &page);
    for cookie in cookies(&enrolled.signed) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The cookie of an attempt that goes on at the app.
pub(crate) fn to_app(realm: Realm, token: &str) -> Response {
    crate::page::go(&format!("/{}/app", realm.name()), vec![cookie::set(cookie::ATTEMPT, token)])
}
