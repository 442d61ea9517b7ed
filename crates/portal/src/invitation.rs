//! What an invited person sees.

use crate::{
    failure::of,
    page::{Field, FormPage},
    signed_in::step,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use login::invitation::Invitation;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form, guest::Guest};

fn page(token: &str, invitation: &Invitation) -> FormPage {
    let hint = "At least 8 characters. If you have a Keepwell account already, enter its password";
    let email = Field {
        value: invitation.email(),
        ..Field::new("email", "You will sign in with", "readonly", "username")
    };
    FormPage {
        title: format!("Welcome to {}", invitation.facility_name),
        lead: vec![format!("{}, choose a password. Nobody else will ever know it.", invitation.name)],
        fields: vec![email, Field::new("password", "Password", "password", "new-password").hint(hint)],
        action: format!("/invitation/{token}"),
        button: "Go on",
        ..FormPage::default()
    }
}

/// `GET /invitation/{token}`: looking does not use it up.
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(token): Path<String>,
    guest: Guest,
) -> Result<Response, Failure> {
    let asked = token.clone();
    let invitation = door.login(move |login| login.invitation(&asked, &guest.visit).map_err(of)).await?;
    Ok(page(&token, &invitation).show())
}

/// `POST /invitation/{token}`
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    Path(token): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Failure> {
    let asked = token.clone();
    let accepted = door.login(move |login| {
        let invitation = login.invitation(&asked, &guest.visit).map_err(of)?;
        Ok((login.accept(&asked, form.get("password"), &guest.visit), invitation))
    });
    match accepted.await? {
        (Ok(next), invitation) => Ok(step(invitation.realm, &next)),
        (Err(error), invitation) => page(&token, &invitation).again(error),
    }
}
