//! Facilities and staff, for administrators.

use crate::{
    failure::{Answer, of},
    page::{go, render},
    signed_in::with,
};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use login::{
    Login, account::Status, error::Error, facility::Facility, invitation::Invite, realm::Realm, session::Who,
    visit::Visit,
};
use std::sync::Arc;
use web::{door::Door, form::Form, guest::Guest};

/// The roles that people are invited into, until roles are data.
const ROLES: [&str; 5] = ["physician", "nurse", "front-desk", "pharmacist", "laboratory"];

#[derive(Template)]
#[template(path = "staff.html")]
struct StaffPage {
    title: &'static str,
    token: String,
    error: String,
    /// The link of an invitation that was just made.
    link: String,
    facilities: Vec<Facility>,
    roles: [&'static str; 5],
    name: String,
    email: String,
}

fn page(who: &Who, facilities: Vec<Facility>) -> StaffPage {
    StaffPage {
        title: "Facilities and staff",
        token: who.form_token.clone(),
        error: String::new(),
        link: String::new(),
        facilities,
        roles: ROLES,
        name: String::new(),
        email: String::new(),
    }
}

/// `GET /admin/staff`
pub(crate) async fn show(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Answer> {
    let list = |login: &Login, _: &Who, visit: &Visit| login.facilities(visit.now);
    let (who, facilities) = with(&door, &guest, Realm::Admin, None, list).await?;
    Ok(render(StatusCode::OK, &page(&who, facilities.map_err(of)?)))
}

/// Does something, and shows the page again with what came of it.
async fn change<W>(door: &Door, guest: &Guest, form: &Form, work: W) -> Result<Response, Answer>
where
    W: FnOnce(&Login, &Who, &Visit) -> Result<String, Error> + Send + 'static,
{
    let done = with(door, guest, Realm::Admin, Some(form), move |login, who, visit| {
        let outcome = work(login, who, visit);
        Ok((outcome, login.facilities(visit.now)?))
    });
    let (who, done) = done.await?;
    let (outcome, facilities) = done.map_err(of)?;
    let page = page(&who, facilities);
    match outcome {
        Ok(link) if link.is_empty() => Ok(go("/admin/staff", Vec::new())),
        Ok(link) => Ok(render(StatusCode::OK, &StaffPage { link, ..page })),
        Err(Error::StepUp) => Ok(go("/admin/step-up", Vec::new())),
        Err(error @ Error::Invalid { .. }) => {
            let (name, email) = (form.get("name").to_owned(), form.get("email").to_owned());
            let page = StaffPage { error: error.to_string(), name, email, ..page };
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(of(error).into()),
    }
}

/// `POST /admin/staff`: the link is in the answer, and nowhere else ever again.
pub(crate) async fn invite(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let (typed, origin) = (form.clone(), door.origin().to_owned());
    change(&door, &guest, &form, move |login, who, visit| {
        let roles =
            ROLES.iter().filter(|role| **role == typed.get("role")).map(|role| (*role).to_owned()).collect();
        let invite = Invite {
            facility: typed.get("facility"),
            name: typed.get("name"),
            email: typed.get("email"),
            roles,
            practitioner: Some(typed.get("practitioner").trim().to_owned()).filter(|id| !id.is_empty()),
        };
        Ok(format!("{origin}/invitation/{}", login.invite(who, invite, visit)?.reveal()))
    })
    .await
}

/// `POST /admin/accounts`: a form without `open` suspends.
pub(crate) async fn set_status(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let identifier = form.get("identifier").to_owned();
    let status = if form.get("open") == "yes" { Status::Active } else { Status::Suspended };
    change(&door, &guest, &form, move |login, who, visit| {
        login.set_status(who, &identifier, status, visit).map(|()| String::new())
    })
    .await
}

/// `POST /admin/facilities`
pub(crate) async fn found(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let name = form.get("facility").to_owned();
    change(&door, &guest, &form, move |login, who, visit| {
        login.found(who, &name, visit).map(|_| String::new())
    })
    .await
}

/// `POST /admin/facilities/open`
pub(crate) async fn set_open(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let (id, open) = (form.get("facility").to_owned(), form.get("open") == "yes");
    change(&door, &guest, &form, move |login, who, visit| {
        login.set_open(who, &id, open, visit).map(|()| String::new())
    })
    .await
}

/// `POST /admin/facilities/record`
pub(crate) async fn set_organization(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let (id, organization) = (form.get("facility").to_owned(), form.get("organization").to_owned());
    change(&door, &guest, &form, move |login, who, visit| {
        login.set_organization(who, &id, &organization, visit).map(|()| String::new())
    })
    .await
}
