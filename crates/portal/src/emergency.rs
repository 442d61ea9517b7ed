//! What others did in emergencies, for who reviews it.

use crate::{
    failure::Answer,
    page::Field,
    tasks::{Ask, Done, Item, Section, Tasks, change, minute},
};
use axum::{extract::State, response::Response};
use login::{Login, break_glass::Verdict, error::Error, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, form::Form, guest::Guest};

const HOME: &str = "/admin/emergencies";

fn look(login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let open = login.unreviewed(who, visit)?.into_iter().map(|(id, glass)| {
        let lines = vec![
            format!("{} ({}) opened the record {}", glass.name, glass.role, glass.patient),
            format!("from {} to {}", minute(glass.since), minute(glass.until)),
            format!("“{}”", glass.reason),
        ];
        let fields = vec![
            Field::new("unjustified", "There was no emergency", "checkbox", "off"),
            Field::new("note", "What you found", "text", "off").hint("3 to 500 characters"),
        ];
        Item { lines, asks: vec![Ask::new(HOME, &id, fields, "Save the review")] }
    });
    let months = login.glass_statistics(who, visit)?.into_iter().map(|month| {
        let text = format!(
            "{}, {}: {} broken, {} reviewed, {} unjustified",
            month.month, month.name, month.broken, month.reviewed, month.unjustified
        );
        Item { lines: vec![text], asks: Vec::new() }
    });
    let lead = [
        "Say of each whether there was an emergency. What was unjustified is over at once. Nobody reviews their own.",
    ];
    let sections = vec![
        Section::new("To review", &lead).of(open.collect(), "There is nothing to review."),
        Section::new("Who did how often", &[]).of(months.collect(), "Nobody has broken the glass yet."),
    ];
    let links = vec![("/admin/staff", "Facilities and staff"), ("/admin/account", "Your account")];
    Ok(Tasks { title: "Emergencies", sections, links, ..Tasks::default() })
}

/// `GET /admin/emergencies`
pub(crate) async fn show(State(door): State<Arc<Door>>, guest: Guest) -> Result<Response, Answer> {
    crate::tasks::show(&door, &guest, Realm::Admin, look).await
}

/// `POST /admin/emergencies`
pub(crate) async fn review(
    State(door): State<Arc<Door>>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    change(&door, &guest, (Realm::Admin, HOME, HOME), &form, (look, None), move |login, _, who, visit| {
        let unjustified = typed.get("unjustified") == "yes";
        let verdict = if unjustified { Verdict::Unjustified } else { Verdict::Justified };
        login.review(who, typed.get("about"), verdict, typed.get("note"), visit).map(|()| Done::Go)
    })
    .await
}
