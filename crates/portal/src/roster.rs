//! Staff from a list, and invitations that a second person confirms.

use crate::{
    failure::{Answer, of},
    page::{Field, FormPage, go, render},
    signed_in::with,
    tasks::{Ask, Done, Item, Section, Tasks, change},
};
use axum::{extract::State, http::StatusCode, response::Response};
use login::{
    Login,
    error::Error,
    realm::Realm,
    roster::{By, Invited, Unlisted},
    session::{FRESH, Who},
    staff_list::{self, Fault},
    visit::Visit,
};
use record::Record;
use std::sync::Arc;
use web::{door::Door, form::Form, guest::Guest};

const LIST: &str = "/admin/staff/list";
const WAITING: &str = "/admin/staff/waiting";

/// How many faults are told at once.
const TOLD: usize = 20;

fn page(token: String) -> FormPage {
    let hint = "As a spreadsheet writes it (CSV). The first line names the columns: name, email or phone, role, facility, practitioner. At most 200 people";
    FormPage {
        title: "Invite everybody on a list".into(),
        lead: vec![
            "Paste the list. All of them are invited, or nobody, if one line will not do.".into(),
            "A role is its short name, such as nurse or front-desk; a facility its ID or name, and nothing where there is one only.".into(),
        ],
        fields: vec![Field::new("list", "The list", "textarea", "off").hint(hint)],
        action: LIST.into(),
        button: "Make the invitations",
        links: vec![("/admin/staff".to_owned(), "Facilities and staff")],
        token,
        ..FormPage::default()
    }
}

/// `GET /admin/staff/list`
pub(crate) async fn show(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Answer> {
    let (who, _) = with(&door, &guest, Realm::Admin, None, |_, _, _| Ok(())).await?;
    Ok(page(who.form_token).show())
}

/// `POST /admin/staff/list`: the links are in the answer, and nowhere else ever again.
pub(crate) async fn take(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let list = form.get("list").to_owned();
    let (who, done) = with(&door, &guest, Realm::Admin, Some(&form), move |login, who, visit| {
        // Before the list is looked at, so that it need not be typed twice.
        who.require_step_up(FRESH, visit.now)?;
        let rows = match staff_list::parse(&list) {
            Ok(rows) => rows,
            Err(faults) => return Ok(Err(faults)),
        };
        match login.invite_all(By::Administrator(who), rows, visit) {
            Ok(invited) => Ok(Ok(invited)),
            Err(Unlisted::Lines(faults)) => Ok(Err(faults)),
            Err(Unlisted::Other(error)) => Err(error),
        }
    })
    .await?;
    match done {
        Ok(Ok(invited)) => Ok(render(StatusCode::OK, &links(door.origin(), &invited))),
        Ok(Err(faults)) => Ok(page(who.form_token).typed(&form).wrong("list", told(&faults))),
        Err(Error::StepUp) => Ok(go("/admin/step-up", Vec::new())),
        Err(error) => Err(of(error).into()),
    }
}

fn told(faults: &[Fault]) -> String {
    let mut lines: Vec<String> = faults.iter().take(TOLD).map(Fault::to_string).collect();
    if let Some(more) = faults.len().checked_sub(TOLD).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    format!("nobody was invited. {}", lines.join("; "))
}

fn links(origin: &str, invited: &[Invited]) -> Tasks {
    let item = |one: &Invited| {
        let waits = if one.waits { " (a second person must confirm it first)" } else { "" };
        let name = format!("{}, {}{waits}", one.row.name, one.row.contact);
        Item { lines: vec![name, format!("{origin}/invitation/{}", one.token.reveal())], asks: Vec::new() }
    };
    let lead = "Give each link to the person whom it is for, and to nobody else. It opens once, within a day, and is not shown again.";
    Tasks {
        title: "Invitations",
        sections: vec![Section::new("Links", &[lead]).of(invited.iter().map(item).collect(), "")],
        links: vec![("/admin/staff", "Facilities and staff")],
        ..Tasks::default()
    }
}

/// Invitations that wait, with a way to answer each by that action.
pub(crate) fn waiting(
    login: &Login,
    who: &Who,
    action: &'static str,
    visit: &Visit,
) -> Result<Section, Error> {
    let waiting = login.waiting_invitations(who, visit)?.into_iter().map(|(id, invitation)| {
        let staff = &invitation.staff;
        let practitioner = staff.practitioner.as_deref().unwrap_or("nobody");
        let lines = vec![
            format!("{}, {}", invitation.name, invitation.email()),
            format!(
                "As {} at {}; known to the record as {practitioner}",
                staff.roles.join(", "),
                invitation.facility_name
            ),
        ];
        let yes = Ask { choice: "confirm".into(), ..Ask::new(action, &id, Vec::new(), "Confirm it") };
        let no = Ask {
            choice: "withdraw".into(),
            plain: true,
            ..Ask::new(action, &id, Vec::new(), "Withdraw it")
        };
        Item { lines, asks: vec![yes, no] }
    });
    let lead = "Each gives somebody a way into charts that its maker may not give alone. Find out whether this person is who is meant.";
    Ok(Section::new("Invitations to confirm", &[lead]).of(waiting.collect(), "There is none."))
}

/// Answers one, as a form of [`waiting`] asks.
pub(crate) fn answer(login: &Login, form: &Form, who: &Who, visit: &Visit) -> Result<Done, Error> {
    let confirmed = form.get("choice") == "confirm";
    login.answer_invitation(who, form.get("about"), confirmed, visit).map(|()| Done::Go)
}

fn look(login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    Ok(Tasks {
        title: "Invitations that wait",
        sections: vec![waiting(login, who, WAITING, visit)?],
        links: vec![("/admin/staff", "Facilities and staff")],
        ..Tasks::default()
    })
}

/// `GET /admin/staff/waiting`
pub(crate) async fn show_waiting(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Answer> {
    crate::tasks::show(&door, &guest, Realm::Admin, look).await
}

/// `POST /admin/staff/waiting`
pub(crate) async fn take_waiting(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    let at = (Realm::Admin, WAITING, WAITING);
    change(&door, &guest, at, &form, (look, None), move |login, _, who, visit| {
        answer(login, &typed, who, visit)
    })
    .await
}
