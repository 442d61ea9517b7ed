//! Looks that patients find wrong, for the privacy officer.

use crate::{
    failure::Answer,
    page::Field,
    tasks::{Ask, Done, Item, Section, Tasks, change},
    view::View,
    words::Words,
};
use axum::{extract::State, response::Response};
use login::{Login, error::Error, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, form::Form};

const HOME: &str = "/admin/disputes";

fn look(w: Words, login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let items = login.open_disputes(who, visit)?.into_iter().map(|(id, dispute)| {
        let line = &dispute.line;
        let at = line.at.map(|at| w.minute(at)).unwrap_or_default();
        let role = w.of_code("role", &line.role, &line.role).to_lowercase();
        let lines = vec![
            w.values(
                "dispute-line-of",
                &[
                    ("line", &line.number.to_string()),
                    ("record", &dispute.patient),
                    ("name", &line.name),
                    ("role", &role),
                    ("at", &at),
                ],
            ),
            format!("“{}”", dispute.text),
            w.with("dispute-due", "due", w.minute(dispute.due)),
        ];
        let fields = vec![
            Field::new("wrong", w.say("dispute-look-was-wrong"), "checkbox", "off"),
            Field::new("text", w.say("dispute-found"), "text", "off").hint(w.say("dispute-found-hint")),
        ];
        Item { lines, asks: vec![Ask::new(HOME, &id, fields, w.say("dispute-answer"))] }
    });
    let section = Section::new(w.say("disputes-open"), vec![w.say("disputes-lead")]);
    let links = vec![("/admin/account", w.say("account"))];
    let sections = vec![section.of(items.collect(), w.say("disputes-none"))];
    Ok(Tasks { title: w.say("place-disputes"), sections, links, ..Tasks::default() })
}

/// `GET /admin/disputes`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    crate::tasks::show(&door, &view, Realm::Admin, look).await
}

/// `POST /admin/disputes`
pub(crate) async fn answer(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    change(&door, &view, (Realm::Admin, HOME, HOME), &form, (look, None), move |login, _, who, visit| {
        let found = (typed.get("wrong") == "yes", typed.get("text"));
        login.answer_dispute(who, typed.get("about"), found, visit).map(|()| Done::Go)
    })
    .await
}
