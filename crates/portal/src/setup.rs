//! The first run.

use crate::{
    failure::{nowhere, of},
    page::{Field, FormPage},
    signed_in::step,
    view::View,
    words::Words,
};
use axum::{extract::State, response::Response};
use login::{attempt::Step, error::Error, realm::Realm, setup::First};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

fn page(w: Words) -> FormPage {
    let fields = vec![
        Field::new("setup", w.say("setup-token"), "text", "off").hint(w.say("setup-token-hint")),
        Field::new("facility", w.say("setup-facility"), "text", "organization"),
        Field::new("name", w.say("full-name"), "text", "name"),
        Field::new("email", w.say("your-email"), "email", "username"),
        Field::new("password", w.say("password"), "password", "new-password")
            .hint(w.say("password-new-hint")),
    ];
    FormPage {
        title: w.say("setup"),
        lead: vec![w.say("setup-lead")],
        fields,
        action: "/setup".into(),
        button: w.say("go-on"),
        ..FormPage::default()
    }
}

/// `GET /setup`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Failure> {
    let now = view.guest.visit.now;
    match door.login(move |login| login.is_set_up(now).map_err(of)).await? {
        true => Err(nowhere()),
        false => Ok(page(view.words).show(&view.outside(Some(Realm::Admin)))),
    }
}

/// `POST /setup`
pub(crate) async fn take(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Failure> {
    let (typed, visit) = (form.clone(), view.guest.visit.clone());
    let done = door.pages(move |login, record| {
        let first = First {
            token: typed.get("setup"),
            name: typed.get("name"),
            email: typed.get("email"),
            password: typed.get("password"),
            facility: typed.get("facility"),
        };
        let done = login.set_up(&first, &visit);
        if done.is_ok() {
            // Without it, nobody could be registered there. Where it fails, the administrator is set up all the same, and finds a button.
            let entering = login.first_entering(first.email, &visit);
            let _ = entering.and_then(|it| crate::administration::enter_record(login, record, it, &visit));
        }
        Ok(done)
    });
    // What opens everything is not written back into a page.
    let frame = view.outside(Some(Realm::Admin));
    let mut again = page(view.words).typed(&form);
    again.fields.iter_mut().filter(|field| field.name == "setup").for_each(|field| field.value.clear());
    match done.await? {
        Ok(token) => Ok(step(Realm::Admin, &Step::Enrol(token))),
        Err(Error::Denied) => {
            let text = "this is not the newest set-up token; look where Keepwell was started";
            again.again(&frame, Error::Invalid { field: "setup", text })
        }
        Err(error) => again.again(&frame, error),
    }
}
