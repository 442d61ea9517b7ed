//! Sign-up for patients.

use crate::{
    factor::at_code,
    page::{Field, FormPage},
    signed_in::step,
};
use axum::{extract::State, response::Response};
use login::{attempt::Step, error::Error, realm::Realm, sign_up::Newcomer};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form, guest::Guest};

fn page() -> FormPage {
    let fields = vec![
        Field::new("name", "Your full name", "text", "name"),
        Field::new("contact", "E-mail or phone", "text", "username").hint("We send a code there"),
        Field::new("password", "Password", "password", "new-password")
            .hint("At least 8 characters. A few words that you can remember are best"),
        Field::new(
            "single",
            "I do without a second factor; my password has at least 15 characters",
            "checkbox",
            "off",
        )
        .optional(),
    ];
    FormPage {
        title: "Sign up".into(),
        lead: vec![
            "Your account opens no health record at first. Staff will check that it is you before it does."
                .into(),
        ],
        fields,
        action: "/patient/sign-up".into(),
        button: "Go on",
        links: vec![("/patient/sign-in".into(), "I have an account")],
        ..FormPage::default()
    }
}

fn code_page() -> FormPage {
    FormPage {
        title: "Enter the code".into(),
        lead: vec!["We sent six digits to the address that you gave. They are good for ten minutes.".into()],
        fields: vec![Field::code("Code")],
        action: "/patient/sign-up/code".into(),
        button: "Go on",
        links: vec![("/patient/sign-up".into(), "Start again")],
        ..FormPage::default()
    }
}

/// `GET /patient/sign-up`
pub(crate) async fn show() -> Response {
    page().show()
}

/// `POST /patient/sign-up`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Failure> {
    let typed = form.clone();
    let begun = door.login(move |login| {
        let newcomer = Newcomer {
            name: typed.get("name"),
            contact: typed.get("contact"),
            password: typed.get("password"),
            single_factor: !typed.get("single").is_empty(),
        };
        Ok(login.sign_up(&newcomer, &guest.visit))
    });
    match begun.await? {
        Ok(token) => Ok(step(Realm::Patient, &Step::Confirm(token))),
        Err(Error::Unsupported(text)) => page().typed(&form).again(Error::Invalid { field: "", text }),
        Err(error) => page().typed(&form).again(error),
    }
}

/// `GET /patient/sign-up/code`
pub(crate) async fn show_code() -> Response {
    code_page().show()
}

/// `POST /patient/sign-up/code`
pub(crate) async fn take_code(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Failure> {
    let confirmed =
        door.login(move |login| Ok(login.confirm(guest.attempt(), form.get("code"), &guest.visit)));
    match confirmed.await? {
        Ok(next) => Ok(step(Realm::Patient, &next)),
        Err(error) => code_page().again(at_code(error)),
    }
}
