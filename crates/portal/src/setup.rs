//! The first run.

use crate::{
    failure::{nowhere, of},
    page::{Field, FormPage},
    signed_in::step,
};
use axum::{extract::State, response::Response};
use login::{attempt::Step, error::Error, realm::Realm, setup::First};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form, guest::Guest};

fn page() -> FormPage {
    let fields = vec![
        Field::new("setup", "Set-up token", "text", "off")
            .hint("It was printed where Keepwell was started, and begins with kw_"),
        Field::new("facility", "Name of your facility", "text", "organization"),
        Field::new("name", "Your full name", "text", "name"),
        Field::new("email", "Your e-mail", "email", "username"),
        Field::new("password", "Password", "password", "new-password")
            .hint("At least 8 characters. A few words that you can remember are best"),
    ];
    FormPage {
        title: "Set Keepwell up".into(),
        lead: vec![
            "You become the first administrator. Administrators run the system and see no health record."
                .into(),
        ],
        fields,
        action: "/setup".into(),
        button: "Go on",
        ..FormPage::default()
    }
}

/// `GET /setup`
pub(crate) async fn show(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Failure> {
    match door.login(move |login| login.is_set_up(guest.visit.now).map_err(of)).await? {
        true => Err(nowhere()),
        false => Ok(page().show()),
    }
}

/// `POST /setup`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Failure> {
    let typed = form.clone();
    let done = door.login(move |login| {
        let first = First {
            token: typed.get("setup"),
            name: typed.get("name"),
            email: typed.get("email"),
            password: typed.get("password"),
            facility: typed.get("facility"),
        };
        Ok(login.set_up(&first, &guest.visit))
    });
    // What opens everything is not written back into a page.
    let mut again = page().typed(&form);
    again.fields.iter_mut().filter(|field| field.name == "setup").for_each(|field| field.value.clear());
    match done.await? {
        Ok(token) => Ok(step(Realm::Admin, &Step::Enrol(token))),
        Err(Error::Denied) => {
            let text = "this is not the newest set-up token; look where Keepwell was started";
            again.again(Error::Invalid { field: "setup", text })
        }
        Err(error) => again.again(error),
    }
}
