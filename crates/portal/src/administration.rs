//! Facilities and staff, for administrators.

use crate::{
    failure::{Answer, of},
    page::go,
    signed_in::{with, with_record},
    tasks::below,
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use fhir::json;
use login::{
    Login,
    account::Status,
    error::Error,
    facility::{Entering, Facility},
    invitation::Invite,
    realm::Realm,
    roster::By,
    session::Who,
    visit::Visit,
};
use record::{Record, change::Wish, error::Error as Below};
use std::{collections::HashMap, sync::Arc};
use web::{door::Door, form::Form};

#[derive(Template)]
#[template(path = "staff.html")]
struct StaffPage {
    w: Words,
    token: String,
    error: String,
    /// The link of an invitation that was just made.
    link: String,
    /// Whether a second person must confirm it first.
    waits: bool,
    facilities: Vec<Facility>,
    /// Names and titles of the roles that people are invited into.
    roles: Vec<(String, String)>,
    name: String,
    email: String,
    /// The role that is chosen already.
    role: String,
}

impl StaffPage {
    fn show(&self, view: &View, who: &Who, status: StatusCode) -> Response {
        view.of(who).show(status, &self.w.say("place-staff"), self)
    }
}

/// What the page shows beside the person's own name.
type Lists = (Vec<Facility>, Vec<(String, String)>);

fn lists(login: &Login, visit: &Visit) -> Result<Lists, Error> {
    let roles = login.roles(visit.now)?.into_iter().map(|listed| listed.role);
    let of_people =
        roles.filter(|role| [Realm::Clinic, Realm::Admin].iter().any(|realm| role.realm == realm.of_roles()));
    Ok((login.facilities(visit.now)?, of_people.map(|role| (role.name, role.title)).collect()))
}

fn page(w: Words, who: &Who, (facilities, roles): Lists) -> StaffPage {
    StaffPage {
        w,
        token: who.form_token.clone(),
        error: String::new(),
        link: String::new(),
        waits: false,
        facilities,
        roles,
        name: String::new(),
        email: String::new(),
        role: String::new(),
    }
}

/// `GET /admin/staff`: with `role`, that one is chosen already.
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Query(asked): Query<HashMap<String, String>>,
    view: View,
) -> Result<Response, Answer> {
    let list = |login: &Login, _: &Who, visit: &Visit| lists(login, visit);
    let (who, shown) = with(&door, &view.guest, Realm::Admin, None, list).await?;
    let role = asked.get("role").cloned().unwrap_or_default();
    let page = StaffPage { role, ..page(view.words, &who, shown.map_err(of)?) };
    Ok(page.show(&view, &who, StatusCode::OK))
}

/// Does something, and shows the page again with what came of it: the link of an invitation, and whether it waits.
async fn change<W>(door: &Door, view: &View, form: &Form, work: W) -> Result<Response, Answer>
where
    W: FnOnce(&Login, &Who, &Visit) -> Result<(String, bool), Error> + Send + 'static,
{
    change_with(door, view, form, move |login, _, who, visit| work(login, who, visit)).await
}

/// As [`change`], with the kernel beside the sign-in.
async fn change_with<W>(door: &Door, view: &View, form: &Form, work: W) -> Result<Response, Answer>
where
    W: FnOnce(&Login, &Record, &Who, &Visit) -> Result<(String, bool), Error> + Send + 'static,
{
    let done = with_record(door, &view.guest, Realm::Admin, Some(form), move |login, record, who, visit| {
        let outcome = work(login, record, who, visit);
        Ok::<_, Error>((outcome, lists(login, visit)?))
    });
    let (who, done) = done.await?;
    let (outcome, shown) = done.map_err(of)?;
    let page = page(view.words, &who, shown);
    match outcome {
        Ok((link, _)) if link.is_empty() => Ok(go("/admin/staff", Vec::new())),
        Ok((link, waits)) => Ok(StaffPage { link, waits, ..page }.show(view, &who, StatusCode::OK)),
        Err(Error::StepUp) => Ok(go("/admin/step-up", Vec::new())),
        Err(error @ Error::Invalid { .. }) => {
            let (name, email) = (form.get("name").to_owned(), form.get("email").to_owned());
            let role = form.get("role").to_owned();
            let page = StaffPage { error: view.words.error(&error), name, email, role, ..page };
            Ok(page.show(view, &who, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(of(error).into()),
    }
}

/// `POST /admin/staff`: the link is in the answer, and nowhere else ever again.
pub(crate) async fn invite(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let (typed, origin) = (form.clone(), door.origin().to_owned());
    change(&door, &view, &form, move |login, who, visit| {
        let invite = Invite {
            facility: typed.get("facility"),
            name: typed.get("name"),
            email: typed.get("email"),
            roles: vec![typed.get("role").to_owned()],
            practitioner: Some(typed.get("practitioner").trim().to_owned()).filter(|id| !id.is_empty()),
        };
        let token = login.invite(who, invite, visit)?;
        let waits = login.invitation_waits(token.reveal(), visit)?;
        Ok((format!("{origin}/invitation/{}", token.reveal()), waits))
    })
    .await
}

/// `POST /admin/accounts`: a form without `open` suspends.
pub(crate) async fn set_status(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let identifier = form.get("identifier").to_owned();
    let status = if form.get("open") == "yes" { Status::Active } else { Status::Suspended };
    change(&door, &view, &form, move |login, who, visit| {
        login.set_status(who, &identifier, status, visit).map(|()| Default::default())
    })
    .await
}

/// `POST /admin/facilities`
pub(crate) async fn found(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let name = form.get("facility").to_owned();
    change_with(&door, &view, &form, move |login, record, who, visit| {
        let facility = login.found(By::Administrator(who), &name, visit)?;
        let entering = login.entering(By::Administrator(who), &facility.id, visit)?;
        enter_record(login, record, entering, visit).map(|()| Default::default())
    })
    .await
}

/// `POST /admin/facilities/enter`: makes the Organization of a facility that has none.
pub(crate) async fn enter(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let id = form.get("facility").to_owned();
    change_with(&door, &view, &form, move |login, record, who, visit| {
        let entering = login.entering(By::Administrator(who), &id, visit)?;
        enter_record(login, record, entering, visit).map(|()| Default::default())
    })
    .await
}

/// Stores the Organization of a facility, and remembers it. Done twice, it is the same.
pub(crate) fn enter_record(
    login: &Login,
    record: &Record,
    entering: Option<Entering>,
    visit: &Visit,
) -> Result<(), Error> {
    let Some(entering) = entering else { return Ok(()) };
    let resource = json::parse(&entering.body, json::Limits::default())
        .map_err(|error| Error::Fault(Box::new(error)))?;
    let wish = Wish::Update {
        resource_type: "Organization".into(),
        id: Some(entering.id.clone()),
        query: None,
        resource,
        if_match: None,
        if_none_match: true,
    };
    match record.commit(&entering.act, "update", &[wish.into()]) {
        // It was stored before something went wrong.
        Ok(_) | Err(Below::Precondition(_)) => login.entered(&entering, visit),
        Err(error) => Err(below("facility", "the facility could not be entered into the record")(error)),
    }
}

/// `POST /admin/facilities/open`
pub(crate) async fn set_open(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let (id, open) = (form.get("facility").to_owned(), form.get("open") == "yes");
    change(&door, &view, &form, move |login, who, visit| {
        login.set_open(who, &id, open, visit).map(|()| Default::default())
    })
    .await
}

/// `POST /admin/facilities/record`
pub(crate) async fn set_organization(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let (id, organization) = (form.get("facility").to_owned(), form.get("organization").to_owned());
    change(&door, &view, &form, move |login, who, visit| {
        login.set_organization(who, &id, &organization, visit).map(|()| Default::default())
    })
    .await
}
