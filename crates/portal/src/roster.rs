//! Staff from a list, and invitations that a second person confirms.

use crate::{
    failure::{Answer, of},
    page::{Field, FormPage, go},
    signed_in::with,
    tasks::{Ask, Done, Item, Section, Tasks, change},
    view::View,
    words::Words,
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
use web::{door::Door, form::Form};

const LIST: &str = "/admin/staff/list";
const WAITING: &str = "/admin/staff/waiting";

/// How many faults are told at once.
const TOLD: usize = 20;

fn page(w: Words, token: String) -> FormPage {
    FormPage {
        title: w.say("roster"),
        lead: vec![w.say("roster-lead"), w.say("roster-how")],
        fields: vec![Field::new("list", w.say("roster-list"), "textarea", "off").hint(w.say("roster-hint"))],
        action: LIST.into(),
        button: w.say("roster-make"),
        links: vec![("/admin/staff".to_owned(), w.say("place-staff"))],
        token,
        ..FormPage::default()
    }
}

/// `GET /admin/staff/list`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    let (who, _) = with(&door, &view.guest, Realm::Admin, None, |_, _, _| Ok(())).await?;
    Ok(page(view.words, who.form_token.clone()).show(&view.of(&who)))
}

/// `POST /admin/staff/list`: the links are in the answer, and nowhere else ever again.
pub(crate) async fn take(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let list = form.get("list").to_owned();
    let (who, done) = with(&door, &view.guest, Realm::Admin, Some(&form), move |login, who, visit| {
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
    let w = view.words;
    match done {
        Ok(Ok(invited)) => Ok(links(w, door.origin(), &invited).show(&view, &who, StatusCode::OK)),
        Ok(Err(faults)) => {
            let page = page(w, who.form_token.clone()).typed(&form);
            Ok(page.wrong(&view.of(&who), "list", told(w, &faults)))
        }
        Err(Error::StepUp) => Ok(go("/admin/step-up", Vec::new())),
        Err(error) => Err(of(error).into()),
    }
}

fn told(w: Words, faults: &[Fault]) -> String {
    let mut lines: Vec<String> = faults.iter().take(TOLD).map(Fault::to_string).collect();
    if let Some(more) = faults.len().checked_sub(TOLD).filter(|more| *more > 0) {
        lines.push(w.count("roster-more", more));
    }
    w.with("roster-wrong", "lines", lines.join("; "))
}

fn links(w: Words, origin: &str, invited: &[Invited]) -> Tasks {
    let item = |one: &Invited| {
        let key = if one.waits { "invited-line-waits" } else { "invited-line" };
        let name = w.values(key, &[("name", &one.row.name), ("contact", &one.row.contact)]);
        Item { lines: vec![name, format!("{origin}/invitation/{}", one.token.reveal())], asks: Vec::new() }
    };
    Tasks {
        title: w.say("invitations"),
        sections: vec![
            Section::new(w.say("invitation-links"), vec![w.say("invitation-links-lead")])
                .of(invited.iter().map(item).collect(), String::new()),
        ],
        links: vec![("/admin/staff", w.say("place-staff"))],
        ..Tasks::default()
    }
}

/// Invitations that wait, with a way to answer each by that action.
pub(crate) fn waiting(
    w: Words,
    login: &Login,
    who: &Who,
    action: &'static str,
    visit: &Visit,
) -> Result<Section, Error> {
    let waiting = login.waiting_invitations(who, visit)?.into_iter().map(|(id, invitation)| {
        let staff = &invitation.staff;
        let practitioner = staff.practitioner.clone().unwrap_or_else(|| w.say("nobody"));
        let lines = vec![
            w.values("invited-line", &[("name", &invitation.name), ("contact", &invitation.email())]),
            w.values(
                "invited-as",
                &[
                    ("roles", &staff.roles.join(", ")),
                    ("facility", &invitation.facility_name),
                    ("practitioner", &practitioner),
                ],
            ),
        ];
        let yes = Ask {
            choice: "confirm".into(),
            ..Ask::new(action, &id, Vec::new(), w.say("invitation-confirm"))
        };
        let no = Ask {
            choice: "withdraw".into(),
            plain: true,
            ..Ask::new(action, &id, Vec::new(), w.say("invitation-withdraw"))
        };
        Item { lines, asks: vec![yes, no] }
    });
    Ok(Section::new(w.say("invitations-to-confirm"), vec![w.say("invitations-to-confirm-lead")])
        .of(waiting.collect(), w.say("none")))
}

/// Answers one, as a form of [`waiting`] asks.
pub(crate) fn answer(login: &Login, form: &Form, who: &Who, visit: &Visit) -> Result<Done, Error> {
    let confirmed = form.get("choice") == "confirm";
    login.answer_invitation(who, form.get("about"), confirmed, visit).map(|()| Done::Go)
}

fn look(w: Words, login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    Ok(Tasks {
        title: w.say("invitations-waiting"),
        sections: vec![waiting(w, login, who, WAITING, visit)?],
        links: vec![("/admin/staff", w.say("place-staff"))],
        ..Tasks::default()
    })
}

/// `GET /admin/staff/waiting`
pub(crate) async fn show_waiting(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    crate::tasks::show(&door, &view, Realm::Admin, look).await
}

/// `POST /admin/staff/waiting`
pub(crate) async fn take_waiting(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    let at = (Realm::Admin, WAITING, WAITING);
    change(&door, &view, at, &form, (look, None), move |login, _, who, visit| {
        answer(login, &typed, who, visit)
    })
    .await
}
