//! The apps that people may let in, and the systems that come with keys of their own: which wait for a word, and which have it. Only who runs
//! the house lets one in.

use crate::{
    failure::Answer,
    tasks::{self, Ask, Done, Item, Section, Tasks},
    view::View,
    words::Words,
};
use axum::{extract::State, response::Response};
use login::{
    Login,
    error::Error,
    oauth::client::{Client, Status},
    realm::Realm,
    session::Who,
    visit::Visit,
};
use record::Record;
use std::sync::Arc;
use web::{door::Door, form::Form};

const HOME: &str = "/admin/clients";

/// What a button chooses.
const APPROVE: &str = "approve";

/// An app as a line: what it says of itself, and what it would get.
fn item(w: Words, client: Client) -> Item {
    let kind = match (client.backend, client.public) {
        (true, _) => "client-backend",
        (false, true) => "client-public",
        (false, false) => "client-keys",
    };
    let mut lines = vec![client.name.clone(), w.say(kind), w.with("client-scope", "scope", &client.scope)];
    if !client.redirect_uris.is_empty() {
        lines.push(w.with("client-answers", "addresses", client.redirect_uris.join(" ")));
    }
    lines.push(w.with("client-id", "id", &client.id));
    lines.push(w.with("since-when", "since", w.minute(client.created)));
    let ask = |choice: &str, plain| Ask {
        choice: choice.to_owned(),
        plain,
        ..Ask::new(HOME, &client.id, Vec::new(), w.with(&format!("client-{choice}"), "name", &client.name))
    };
    let asks = match client.status {
        Status::Pending => vec![ask(APPROVE, false), ask("revoke", true)],
        Status::Approved => vec![ask("revoke", true)],
        Status::Revoked => vec![ask(APPROVE, true)],
    };
    Item { lines, asks }
}

fn look(w: Words, login: &Login, _: &Record, who: &Who, visit: &Visit) -> Result<Tasks, Error> {
    let all = login.clients_to_judge(who, visit)?;
    let of = |status| {
        all.iter().filter(|client| client.status == status).map(|one| item(w, one.clone())).collect()
    };
    let part = |status, key: &str, lead: Vec<String>| {
        Section::new(w.say(key), lead).of(of(status), w.say("clients-none"))
    };
    Ok(Tasks {
        title: w.say("place-clients"),
        sections: vec![
            part(Status::Pending, "clients-waiting", vec![w.say("clients-lead")]),
            part(Status::Approved, "clients-approved", Vec::new()),
            part(Status::Revoked, "clients-revoked", Vec::new()),
        ],
        ..Tasks::default()
    })
}

/// `GET /admin/clients`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    tasks::show(&door, &view, Realm::Admin, look).await
}

/// `POST /admin/clients`
pub(crate) async fn judge(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let id = form.get("about").to_owned();
    let status = if form.get("choice") == APPROVE { Status::Approved } else { Status::Revoked };
    let work = move |login: &Login, _: &Record, who: &Who, visit: &Visit| {
        login.judge_client(who, &id, status, visit).map(|_| Done::Go)
    };
    tasks::change(&door, &view, (Realm::Admin, HOME, HOME), &form, (look, None), work).await
}
