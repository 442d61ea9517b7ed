//! The sign-in page of each realm.

use crate::{
    page::{Field, FormPage},
    passkey::Ask,
    signed_in::{realm, step},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use login::{error::Error, realm::Realm, sign_in::Credentials};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form, guest::Guest};

fn page(realm: Realm, has_passkeys: bool) -> FormPage {
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
        passkey: has_passkeys.then(|| Ask::sign_in(realm)),
        ..FormPage::default()
    }
}

/// `GET /{realm}/sign-in`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let realm = realm(&name)?;
    let has_passkeys = door.login(|login| Ok(login.has_passkeys())).await?;
    Ok(page(realm, has_passkeys).show())
}

/// The page again, after a passkey that was not taken.
pub(crate) fn after_passkey(realm: Realm, error: Error) -> Result<Response, Failure> {
    page(realm, true).again(error)
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
        Ok((login.begin(realm, &credentials, &guest.visit), login.has_passkeys()))
    });
    match begun.await? {
        (Ok(next), _) => Ok(step(realm, &next)),
        (Err(Error::NotSetUp), _) => Err(crate::failure::of(Error::NotSetUp)),
        (Err(error), has_passkeys) => page(realm, has_passkeys).typed(&form).again(error),
    }
}
