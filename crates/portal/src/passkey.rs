//! Passkeys: what a browser is asked with, and what it answers. Our one script is here, for the browser gives passkeys to scripts alone;
//! without it, its forms stay hidden.

use crate::{
    factor::enrolled,
    failure::{Answer, of},
    page::go,
    signed_in::{realm, step, with},
    view::View,
    words::Words,
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use login::{
    factor::passkey::{Assertion, Registration},
    realm::Realm,
};
use std::sync::Arc;
use web::{cookie, door::Door, failure::Failure, form::Form};

const MODULE: &str = include_str!("../assets/passkey.js");

/// What the script is, by its SHA-256: browsers run no other one.
pub(crate) const INTEGRITY: &str = "sha256-1oL3FSmirEp9uS1FBBIohxXBIvOrftM7F8S+9LAG+Nk=";

/// `GET /assets/passkey.js`
pub(crate) async fn module() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, MODULE).into_response()
}

/// A form that the script shows and sends.
#[derive(Clone, Default)]
pub(crate) struct Ask {
    /// `make` or `use`.
    pub(crate) kind: &'static str,
    /// Where the options come from.
    pub(crate) options: String,
    /// Where the answer goes.
    pub(crate) action: String,
    /// Where to go if there are no options: who has to prove something first.
    pub(crate) otherwise: String,
    pub(crate) words: String,
}

impl Ask {
    /// For a sign-in by passkey alone.
    pub(crate) fn sign_in(w: Words, realm: Realm) -> Ask {
        Ask::to(realm, "use", "passkey", w.say("passkey-sign-in"))
    }

    /// After the password.
    pub(crate) fn second_factor(w: Words, realm: Realm) -> Ask {
        let name = realm.name();
        let options = format!("/{name}/second-factor/options");
        Ask { options, ..Ask::to(realm, "use", "second-factor", w.say("passkey-use")) }
    }

    /// In place of an app.
    pub(crate) fn first(w: Words, realm: Realm) -> Ask {
        Ask::to(realm, "make", "app/passkey", w.say("passkey-set-up"))
    }

    /// Beside what there is.
    pub(crate) fn another(w: Words, realm: Realm) -> Ask {
        let otherwise = format!("/{}/step-up", realm.name());
        Ask { otherwise, ..Ask::to(realm, "make", "account/passkey", w.say("passkey-add")) }
    }

    /// Again, within a session.
    pub(crate) fn step_up(w: Words, realm: Realm) -> Ask {
        let options = format!("/{}/step-up/options", realm.name());
        Ask { options, ..Ask::to(realm, "use", "step-up", w.say("passkey-use")) }
    }

    fn to(realm: Realm, kind: &'static str, path: &str, words: String) -> Ask {
        let action = format!("/{}/{path}", realm.name());
        Ask { kind, options: format!("{action}/options"), action, words, otherwise: String::new() }
    }
}

/// What a form says that a passkey signed.
pub(crate) fn assertion(form: &Form) -> Assertion {
    let of = |name: &str| form.get(name).to_owned();
    Assertion {
        id: of("id"),
        client_data: of("client_data"),
        authenticator_data: of("authenticator_data"),
        signature: of("signature"),
        user_handle: of("user_handle"),
    }
}

fn registration(form: &Form) -> Registration {
    let of = |name: &str| form.get(name).to_owned();
    Registration { client_data: of("client_data"), attestation: of("attestation") }
}

fn json(options: String, cookies: Vec<HeaderValue>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (headers, Body::from(options)).into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// `POST /{realm}/passkey/options`
pub(crate) async fn ask_sign_in(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    _form: Form,
) -> Result<Response, Failure> {
    let realm = realm(&name)?;
    let asked = door.login(move |login| login.ask_passkey(realm, &view.guest.visit).map_err(of));
    let (options, token) = asked.await?;
    Ok(json(options, vec![cookie::set(cookie::ATTEMPT, token.reveal())]))
}

/// `POST /{realm}/passkey`
pub(crate) async fn sign_in(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Failure> {
    let realm = realm(&name)?;
    let (sent, guest) = (assertion(&form), view.guest.clone());
    let done = door.login(move |login| Ok(login.sign_in_by_passkey(guest.attempt(), &sent, &guest.visit)));
    match done.await? {
        Ok(next) => Ok(step(realm, &next)),
        Err(error) => crate::sign_in::after_passkey(&view, realm, error),
    }
}

/// `POST /{realm}/second-factor/options`
pub(crate) async fn ask_second(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    _form: Form,
) -> Result<Response, Failure> {
    realm(&name)?;
    let asked = door
        .login(move |login| login.ask_second_passkey(view.guest.attempt(), &view.guest.visit).map_err(of));
    Ok(json(asked.await?, Vec::new()))
}

/// `POST /{realm}/app/passkey/options`
pub(crate) async fn ask_first(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    _form: Form,
) -> Result<Response, Failure> {
    realm(&name)?;
    let asked =
        door.login(move |login| login.ask_first_passkey(view.guest.attempt(), &view.guest.visit).map_err(of));
    Ok(json(asked.await?, Vec::new()))
}

/// `POST /{realm}/app/passkey`: the recovery codes are in the answer, and nowhere else ever again.
pub(crate) async fn first(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Failure> {
    realm(&name)?;
    let guest = view.guest.clone();
    let done = door.login(move |login| {
        let sent = registration(&form);
        login.enrol_passkey(guest.attempt(), &sent, form.get("name"), &guest.visit).map_err(of)
    });
    Ok(enrolled(&view, done.await?))
}

/// `POST /{realm}/account/passkey/options`
pub(crate) async fn ask_new(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let asked = with(&door, &view.guest, realm(&name)?, Some(&form), |login, who, visit| {
        login.ask_new_passkey(who, visit)
    });
    let (options, token) = asked.await?.1.map_err(of)?;
    Ok(json(options, vec![cookie::set(cookie::ATTEMPT, token.reveal())]))
}

/// `POST /{realm}/account/passkey`
pub(crate) async fn add(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let (attempt, typed) = (view.guest.attempt().to_owned(), form.clone());
    let added = with(&door, &view.guest, realm, Some(&form), move |login, who, visit| {
        login.add_passkey(who, &attempt, &registration(&typed), typed.get("name"), visit)
    });
    added.await?.1.map_err(of)?;
    Ok(go(&format!("/{}/account", realm.name()), vec![cookie::remove(cookie::ATTEMPT)]))
}

/// `POST /{realm}/step-up/options`
pub(crate) async fn ask_step_up(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let asked = with(&door, &view.guest, realm(&name)?, Some(&form), |login, who, visit| {
        login.ask_step_up(who, visit)
    });
    let (options, token) = asked.await?.1.map_err(of)?;
    Ok(json(options, vec![cookie::set(cookie::ATTEMPT, token.reveal())]))
}
