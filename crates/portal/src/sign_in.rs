//! The sign-in page of each realm.

use crate::{
    federation::ways,
    page::{Field, FormPage},
    passkey::Ask,
    signed_in::{realm, step},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use login::{Login, error::Error, realm::Realm, sign_in::Credentials};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form, guest::Guest};

/// What a realm offers beside the password.
#[derive(Default)]
struct Offers {
    passkeys: bool,
    ways: Vec<(String, String)>,
}

fn offers(login: &Login, realm: Realm) -> Offers {
    Offers { passkeys: login.has_passkeys(), ways: ways(login, realm) }
}

fn page(realm: Realm, offers: Offers) -> FormPage {
    let title = match realm {
        Realm::Patient => "Sign in to your record",
        Realm::Clinic => "Staff sign-in",
        Realm::Admin => "Administration sign-in",
    };
    let identifier = match realm {
        Realm::Patient => {
            Field::new("identifier", "E-mail, phone, health ID or record number", "text", "username")
        }
        Realm::Clinic | Realm::Admin => Field::new("identifier", "E-mail", "text", "username"),
    };
    let mut fields = vec![identifier, Field::new("password", "Password", "password", "current-password")];
    if realm == Realm::Clinic {
        let hint = "Only if you work at several: KF and ten digits";
        fields.push(Field::new("facility", "Facility ID", "text", "off").hint(hint).optional());
    }
    let links = match realm {
        Realm::Patient => vec![("/patient/sign-up".to_owned(), "I have no account yet")],
        Realm::Clinic | Realm::Admin => Vec::new(),
    };
    let action = format!("/{}/sign-in", realm.name());
    FormPage {
        title: title.into(),
        fields,
        action,
        button: "Sign in",
        links,
        ways: offers.ways,
        passkey: offers.passkeys.then(|| Ask::sign_in(realm)),
        ..FormPage::default()
    }
}

/// `GET /{realm}/sign-in`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let realm = realm(&name)?;
    let offers = door.login(move |login| Ok(offers(login, realm))).await?;
    Ok(page(realm, offers).show())
}

/// The page again, after a passkey that was not taken.
pub(crate) fn after_passkey(realm: Realm, error: Error) -> Result<Response, Failure> {
    page(realm, Offers { passkeys: true, ..Offers::default() }).again(error)
}

/// The page again, after what went wrong elsewhere: the password still works.
pub(crate) async fn again(door: &Door, realm: Realm, error: Error) -> Result<Response, Failure> {
    let offers = door.login(move |login| Ok(offers(login, realm))).await?;
    page(realm, offers).again(error)
}

/// `POST /{realm}/sign-in`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Failure> {
    let realm = realm(&name)?;
    let typed = form.clone();
    let begun = door.login(move |login| {
        let credentials = Credentials {
            identifier: typed.get("identifier"),
            password: typed.get("password"),
            facility: typed.get("facility"),
        };
        Ok((login.begin(realm, &credentials, &guest.visit), offers(login, realm)))
    });
    match begun.await? {
        (Ok(next), _) => Ok(step(realm, &next)),
        (Err(Error::NotSetUp), _) => Err(crate::failure::of(Error::NotSetUp)),
        (Err(error), offers) => page(realm, offers).typed(&form).again(error),
    }
}
