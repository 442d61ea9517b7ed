//! The sign-in page of each realm.

use crate::{
    consent::asked_before,
    federation::ways,
    page::{Field, FormPage},
    passkey::Ask,
    signed_in::{realm, step},
    view::View,
    words::Words,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use login::{Login, error::Error, realm::Realm, sign_in::Credentials};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

/// What a realm offers beside the password.
#[derive(Default)]
struct Offers {
    passkeys: bool,
    ways: Vec<(String, String)>,
}

fn offers(w: Words, login: &Login, realm: Realm) -> Offers {
    Offers { passkeys: login.has_passkeys(), ways: ways(w, login, realm) }
}

fn page(w: Words, realm: Realm, offers: Offers) -> FormPage {
    let title = match realm {
        Realm::Patient => "sign-in-patient",
        Realm::Clinic => "sign-in-clinic",
        Realm::Admin => "sign-in-admin",
    };
    let identifier = match realm {
        Realm::Patient => w.say("identifier"),
        Realm::Clinic | Realm::Admin => w.say("email"),
    };
    let mut fields = vec![
        Field::new("identifier", identifier, "text", "username"),
        Field::new("password", w.say("password"), "password", "current-password"),
    ];
    if realm == Realm::Clinic {
        let field = Field::new("facility", w.say("facility-id"), "text", "off");
        fields.push(field.hint(w.say("facility-id-hint")).optional());
    }
    let links = match realm {
        Realm::Patient => vec![("/patient/sign-up".to_owned(), w.say("no-account"))],
        Realm::Clinic | Realm::Admin => Vec::new(),
    };
    let action = format!("/{}/sign-in", realm.name());
    FormPage {
        title: w.say(title),
        fields,
        action,
        button: w.say("sign-in"),
        links,
        ways: offers.ways,
        passkey: offers.passkeys.then(|| Ask::sign_in(w, realm)),
        ..FormPage::default()
    }
}

/// `GET /{realm}/sign-in`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
) -> Result<Response, Failure> {
    let (realm, w) = (realm(&name)?, view.words);
    let offers = door.login(move |login| Ok(offers(w, login, realm))).await?;
    let mut page = page(w, realm, offers);
    if let Some(request) = asked_before(&view.guest, Realm::Patient).filter(|_| realm == Realm::Patient) {
        page.links.push((format!("/clinic/consent/{request}"), w.say("asked-clinic")));
    }
    Ok(page.show(&view.outside(Some(realm))))
}

/// The page again, after a passkey that was not taken.
pub(crate) fn after_passkey(view: &View, realm: Realm, error: Error) -> Result<Response, Failure> {
    let offers = Offers { passkeys: true, ..Offers::default() };
    page(view.words, realm, offers).again(&view.outside(Some(realm)), error)
}

/// The page again, after what went wrong elsewhere: the password still works.
pub(crate) async fn again(door: &Door, view: &View, realm: Realm, error: Error) -> Result<Response, Failure> {
    let w = view.words;
    let offers = door.login(move |login| Ok(offers(w, login, realm))).await?;
    page(w, realm, offers).again(&view.outside(Some(realm)), error)
}

/// `POST /{realm}/sign-in`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Failure> {
    let (realm, w) = (realm(&name)?, view.words);
    let (typed, visit) = (form.clone(), view.guest.visit.clone());
    let begun = door.login(move |login| {
        let credentials = Credentials {
            identifier: typed.get("identifier"),
            password: typed.get("password"),
            facility: typed.get("facility"),
        };
        Ok((login.begin(realm, &credentials, &visit), offers(w, login, realm)))
    });
    match begun.await? {
        (Ok(next), _) => Ok(step(realm, &next)),
        (Err(Error::NotSetUp), _) => Err(crate::failure::of(Error::NotSetUp)),
        (Err(error), offers) => page(w, realm, offers).typed(&form).again(&view.outside(Some(realm)), error),
    }
}
