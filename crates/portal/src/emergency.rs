//! What others did in emergencies, for who reviews it.

use crate::{
    failure::Answer,
    page::Field,
    tasks::{Ask, Done, Item, Section, Tasks, change},
    view::View,
    words::Words,
};
use axum::{extract::State, response::Response};
use login::{Login, break_glass::Verdict, error::Error, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, form::Form};

const HOME: &str = "/admin/emergencies";

fn look(w: Words, login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let open = login.unreviewed(who, visit)?.into_iter().map(|(id, glass)| {
        let lines = vec![
            w.values(
                "emergency-who",
                &[
                    ("name", &glass.name),
                    ("role", &w.of_code("role", &glass.role, &glass.role).to_lowercase()),
                    ("record", &glass.patient),
                ],
            ),
            w.values(
                "emergency-when",
                &[("from", &w.minute(glass.since)), ("until", &w.minute(glass.until))],
            ),
            format!("“{}”", glass.reason),
        ];
        let fields = vec![
            Field::new("unjustified", w.say("emergency-unjustified"), "checkbox", "off"),
            Field::new("note", w.say("emergency-note"), "text", "off").hint(w.say("emergency-note-hint")),
        ];
        Item { lines, asks: vec![Ask::new(HOME, &id, fields, w.say("emergency-save"))] }
    });
    let months = login.glass_statistics(who, visit)?.into_iter().map(|month| {
        let text = w.values(
            "emergency-month",
            &[
                ("month", &month.month),
                ("name", &month.name),
                ("broken", &month.broken.to_string()),
                ("reviewed", &month.reviewed.to_string()),
                ("unjustified", &month.unjustified.to_string()),
            ],
        );
        Item { lines: vec![text], asks: Vec::new() }
    });
    let sections = vec![
        Section::new(w.say("to-review"), vec![w.say("to-review-lead")])
            .of(open.collect(), w.say("to-review-none")),
        Section::new(w.say("emergency-months"), Vec::new())
            .of(months.collect(), w.say("emergency-months-none")),
    ];
    let links = vec![("/admin/account", w.say("account"))];
    Ok(Tasks { title: w.say("place-emergencies"), sections, links, ..Tasks::default() })
}

/// `GET /admin/emergencies`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    crate::tasks::show(&door, &view, Realm::Admin, look).await
}

/// `POST /admin/emergencies`
pub(crate) async fn review(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let typed = form.clone();
    change(&door, &view, (Realm::Admin, HOME, HOME), &form, (look, None), move |login, _, who, visit| {
        let unjustified = typed.get("unjustified") == "yes";
        let verdict = if unjustified { Verdict::Unjustified } else { Verdict::Justified };
        login.review(who, typed.get("about"), verdict, typed.get("note"), visit).map(|()| Done::Go)
    })
    .await
}
