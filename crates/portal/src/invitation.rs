//! What an invited person sees.

use crate::{
    failure::of,
    page::{Field, FormPage},
    signed_in::step,
    view::View,
    words::Words,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use login::invitation::Invitation;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

fn page(w: Words, token: &str, invitation: &Invitation) -> FormPage {
    let email = Field {
        value: invitation.email(),
        ..Field::new("email", w.say("invited-email"), "readonly", "username")
    };
    FormPage {
        title: w.with("invited", "facility", &invitation.facility_name),
        lead: vec![w.with("invited-lead", "name", &invitation.name)],
        fields: vec![
            email,
            Field::new("password", w.say("password"), "password", "new-password").hint(w.say("invited-hint")),
        ],
        action: format!("/invitation/{token}"),
        button: w.say("go-on"),
        ..FormPage::default()
    }
}

/// `GET /invitation/{token}`: looking does not use it up.
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(token): Path<String>,
    view: View,
) -> Result<Response, Failure> {
    let (asked, visit) = (token.clone(), view.guest.visit.clone());
    let invitation = door.login(move |login| login.invitation(&asked, &visit).map_err(of)).await?;
    Ok(page(view.words, &token, &invitation).show(&view.outside(Some(invitation.realm))))
}

/// `POST /invitation/{token}`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    Path(token): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Failure> {
    let (asked, visit) = (token.clone(), view.guest.visit.clone());
    let accepted = door.login(move |login| {
        let invitation = login.invitation(&asked, &visit).map_err(of)?;
        Ok((login.accept(&asked, form.get("password"), &visit), invitation))
    });
    match accepted.await? {
        (Ok(next), invitation) => Ok(step(invitation.realm, &next)),
        (Err(error), invitation) => {
            let outside = view.outside(Some(invitation.realm));
            page(view.words, &token, &invitation).again(&outside, error)
        }
    }
}
