//! What anybody may read: the front page, and what is promised.

use crate::{
    page::go,
    signed_in::cookies,
    view::{Frame, View},
    words::Words,
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use login::realm::Realm;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    w: Words,
    /// In a demo: word, name and realm of those in whose place a visitor walks.
    visitors: Vec<(String, String, &'static str)>,
}

/// A page of paragraphs.
#[derive(Template)]
#[template(path = "text.html")]
struct Text {
    heading: String,
    paragraphs: Vec<String>,
}

/// `GET /`
pub(crate) async fn front(State(door): State<Arc<Door>>, view: View) -> Result<Response, Failure> {
    let visitors = door.login(|login| Ok(login.settings().visitors.clone())).await?;
    let visitors = visitors.into_iter().map(|one| (one.word, one.name, one.realm.name())).collect();
    let page = Front { w: view.words, visitors };
    let frame = Frame { view: &view, realm: None, who: None, is_wide: false };
    Ok(frame.show(StatusCode::OK, &view.words.say("front-title"), &page))
}

/// `POST /visit`: in a demo, walks in the place of somebody synthetic.
pub(crate) async fn visit(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Failure> {
    let (word, visit) = (form.get("as").to_owned(), view.guest.visit.clone());
    let signed = door.login(move |login| login.walk_as(&word, &visit).map_err(crate::failure::of)).await?;
    let to = match signed.realm {
        Realm::Patient => "/patient",
        Realm::Clinic => "/clinic",
        Realm::Admin => "/admin",
    };
    Ok(go(to, cookies(&signed)))
}

/// A page whose sentences are `NAME-1`, `NAME-2` …, as many as there are.
fn text(view: &View, name: &str) -> Response {
    let words = view.words;
    let sentence = |at: u8| {
        let key = format!("{name}-{at}");
        let said = words.say(&key);
        (said != key).then_some(said)
    };
    let heading = words.say(&format!("foot-{name}"));
    let page = Text { heading: heading.clone(), paragraphs: (1..=20).map_while(sentence).collect() };
    Frame { view, realm: None, who: None, is_wide: false }.show(StatusCode::OK, &heading, &page)
}

/// `GET /privacy`
pub(crate) async fn privacy(view: View) -> Response {
    text(&view, "privacy")
}

/// `GET /protection`
pub(crate) async fn protection(view: View) -> Response {
    text(&view, "protection")
}

/// `GET /accessibility`
pub(crate) async fn accessibility(view: View) -> Response {
    text(&view, "accessibility").into_response()
}
