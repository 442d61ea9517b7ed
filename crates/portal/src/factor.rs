//! The second factor: proving it, and setting it up.

use crate::{
    failure::of,
    page::{Field, FormPage, render},
    passkey::{Ask, assertion},
    signed_in::{cookies, realm, step},
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
use qrcode::{QrCode, render::svg};
use std::sync::Arc;
use web::{cookie, door::Door, failure::Failure, form::Form, guest::Guest};

/// How the form says what kind of code it is.
const SENT: &str = "sent";

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    title: &'static str,
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

pub(crate) fn code_field() -> Field {
    let hint = "The six digits that your authenticator app shows, or one of your recovery codes";
    Field::code("Code").hint(hint)
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

fn page(realm: Realm, offers: Offers) -> FormPage {
    let name = realm.name();
    FormPage {
        title: "Confirm that it is you".into(),
        fields: vec![code_field()],
        action: format!("/{name}/second-factor"),
        button: "Go on",
        links: vec![(format!("/{name}/sign-in"), "Start again")],
        passkey: offers.passkey.then(|| Ask::second_factor(realm)),
        other: offers.sent.then(|| (format!("/{name}/second-factor/code"), "Send me a code")),
        ..FormPage::default()
    }
}

fn sent_page(realm: Realm) -> FormPage {
    let hint = "The six digits that we sent to you. They are good for ten minutes";
    let kind = Field { value: SENT.into(), ..Field::new("kind", "", "hidden", "off") };
    FormPage { fields: vec![Field::code("Code").hint(hint), kind], ..page(realm, Offers::default()) }
}

/// `GET /{realm}/second-factor`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    guest: Guest,
) -> Result<Response, Failure> {
    let realm = realm(&name)?;
    Ok(page(realm, door.login(move |login| offers(login, &guest)).await?).show())
}

/// `POST /{realm}/second-factor`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Failure> {
    let realm = realm(&name)?;
    let proof = proof(&form);
    let is_sent = matches!(proof, Proof::Sent(_));
    let proven = door.login(move |login| {
        let offers = offers(login, &guest)?;
        Ok((login.second_factor(guest.attempt(), &proof, &guest.visit), offers))
    });
    match proven.await? {
        (Ok(next), _) => Ok(step(realm, &next)),
        (Err(error), _) if is_sent => sent_page(realm).again(at_code(error)),
        (Err(error), offers) => page(realm, offers).again(at_code(error)),
    }
}

/// `POST /{realm}/second-factor/code`
pub(crate) async fn send(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    guest: Guest,
    _form: Form,
) -> Result<Response, Failure> {
    let realm = realm(&name)?;
    match door.login(move |login| Ok(login.send_code(guest.attempt(), &guest.visit))).await? {
        Ok(()) => Ok(sent_page(realm).show()),
        Err(error) => sent_page(realm).again(error),
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

fn app_page(enrolment: &Enrolment, has_passkeys: bool) -> Result<FormPage, Failure> {
    let qr =
        QrCode::new(enrolment.uri.as_bytes()).map_err(|_| Failure::fault("a QR code could not be made"))?;
    let svg = qr.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    // The drawing alone, without the declaration that only a file of its own has.
    let svg = svg.find("<svg").map_or("", |at| &svg[at..]).to_owned();
    let lead = [
        "A second factor keeps others out, even if they learn your password.",
        "Open an authenticator app on your phone, let it read this picture, and enter the six digits that it shows.",
    ];
    Ok(FormPage {
        title: "Set up your second factor".into(),
        passkey: has_passkeys.then(|| Ask::first(enrolment.realm)),
        lead: lead.map(str::to_owned).to_vec(),
        qr: svg,
        secret: enrolment.secret.clone(),
        fields: vec![Field::code("The six digits that the app shows")],
        action: format!("/{}/app", enrolment.realm.name()),
        button: "Go on",
        ..FormPage::default()
    })
}

/// `GET /{realm}/app`
pub(crate) async fn show_app(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Failure> {
    let begun = door.login(move |login| {
        Ok((login.enrolment(guest.attempt(), &guest.visit).map_err(of)?, login.has_passkeys()))
    });
    let (enrolment, has_passkeys) = begun.await?;
    Ok(app_page(&enrolment, has_passkeys)?.show())
}

/// `POST /{realm}/app`: the recovery codes are in the answer, and nowhere else ever again.
pub(crate) async fn take_app(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Failure> {
    let done = door.login(move |login| {
        let enrolment = login.enrolment(guest.attempt(), &guest.visit).map_err(of)?;
        let outcome = login.enrol(guest.attempt(), form.get("code"), &guest.visit);
        Ok((outcome, enrolment, login.has_passkeys()))
    });
    match done.await? {
        (Err(error), enrolment, has_passkeys) => app_page(&enrolment, has_passkeys)?.again(at_code(error)),
        (Ok(done), ..) => Ok(enrolled(done)),
    }
}

/// The recovery codes, and the session.
pub(crate) fn enrolled(enrolled: Enrolled) -> Response {
    let next = format!("/{}/account", enrolled.signed.realm.name());
    let page = RecoveryPage { title: "Your recovery codes", codes: enrolled.recovery, next };
    let mut response = render(StatusCode::OK, &page);
    for cookie in cookies(&enrolled.signed) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The cookie of an attempt that goes on at the app.
pub(crate) fn to_app(realm: Realm, token: &str) -> Response {
    crate::page::go(&format!("/{}/app", realm.name()), vec![cookie::set(cookie::ATTEMPT, token)])
}
