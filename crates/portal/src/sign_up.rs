//! Sign-up for patients.

use crate::{
    factor::at_code,
    page::{Field, FormPage},
    signed_in::step,
    view::View,
    words::Words,
};
use axum::{extract::State, response::Response};
use login::{attempt::Step, error::Error, realm::Realm, sign_up::Newcomer};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

fn page(w: Words) -> FormPage {
    let fields = vec![
        Field::new("name", w.say("full-name"), "text", "name"),
        Field::new("contact", w.say("contact"), "text", "username").hint(w.say("contact-hint")),
        Field::new("password", w.say("password"), "password", "new-password")
            .hint(w.say("password-new-hint")),
        Field::new("single", w.say("single-factor"), "checkbox", "off").optional(),
    ];
    FormPage {
        title: w.say("sign-up"),
        lead: vec![w.say("sign-up-lead")],
        fields,
        action: "/patient/sign-up".into(),
        button: w.say("go-on"),
        links: vec![("/patient/sign-in".into(), w.say("have-account"))],
        ..FormPage::default()
    }
}

fn code_page(w: Words) -> FormPage {
    FormPage {
        title: w.say("enter-code"),
        lead: vec![w.say("enter-code-lead")],
        fields: vec![Field::code(w.say("code"))],
        action: "/patient/sign-up/code".into(),
        button: w.say("go-on"),
        links: vec![("/patient/sign-up".into(), w.say("start-again"))],
        ..FormPage::default()
    }
}

/// `GET /patient/sign-up`
pub(crate) async fn show(view: View) -> Response {
    page(view.words).show(&view.outside(Some(Realm::Patient)))
}

/// `POST /patient/sign-up`
pub(crate) async fn take(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Failure> {
    let (typed, visit) = (form.clone(), view.guest.visit.clone());
    let begun = door.login(move |login| {
        let newcomer = Newcomer {
            name: typed.get("name"),
            contact: typed.get("contact"),
            password: typed.get("password"),
            single_factor: !typed.get("single").is_empty(),
        };
        Ok(login.sign_up(&newcomer, &visit))
    });
    match begun.await? {
        Ok(token) => Ok(step(Realm::Patient, &Step::Confirm(token))),
        Err(Error::Unsupported(text)) => {
            let error = Error::Invalid { field: "", text };
            page(view.words).typed(&form).again(&view.outside(Some(Realm::Patient)), error)
        }
        Err(error) => page(view.words).typed(&form).again(&view.outside(Some(Realm::Patient)), error),
    }
}

/// `GET /patient/sign-up/code`
pub(crate) async fn show_code(view: View) -> Response {
    code_page(view.words).show(&view.outside(Some(Realm::Patient)))
}

/// `POST /patient/sign-up/code`
pub(crate) async fn take_code(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Failure> {
    let guest = view.guest.clone();
    let confirmed =
        door.login(move |login| Ok(login.confirm(guest.attempt(), form.get("code"), &guest.visit)));
    match confirmed.await? {
        Ok(next) => Ok(step(Realm::Patient, &next)),
        Err(error) => code_page(view.words).again(&view.outside(Some(Realm::Patient)), at_code(error)),
    }
}
