//! The apps that somebody let in: see them, and take it back.

use crate::{
    failure::{Answer, of},
    page::go,
    signed_in::{realm, with},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use login::oauth::connection::ConnectedApp;
use serde_json::{Value, json};
use std::sync::Arc;
use web::{door::Door, form::Form};

#[derive(Template)]
#[template(path = "apps.html")]
struct AppsPage {
    w: Words,
    realm: &'static str,
    token: String,
    apps: Vec<Line>,
}

struct Line {
    app: ConnectedApp,
    since: String,
    seen: String,
}

fn as_json(app: &ConnectedApp) -> Value {
    json!({
        "client_id": app.client, "name": app.name, "since": app.since.to_string(), "last_used": app.seen.to_string(), "may": app.may,
    })
}

/// `GET /{realm}/apps`: a page, or JSON for whoever accepts nothing else.
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    headers: HeaderMap,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let list =
        with(&door, &view.guest, realm, None, |login, who, visit| login.connected_apps(who, visit.now));
    let (who, apps) = list.await?;
    let apps = apps.map_err(of)?;
    if headers.get(header::ACCEPT).is_some_and(|kind| kind == "application/json") {
        let body = json!({"token": who.form_token, "apps": apps.iter().map(as_json).collect::<Vec<_>>()});
        return Ok(([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response());
    }
    let w = view.words;
    let line = |app: ConnectedApp| Line { since: w.minute(app.since), seen: w.minute(app.seen), app };
    let page = AppsPage {
        w,
        realm: realm.name(),
        token: who.form_token.clone(),
        apps: apps.into_iter().map(line).collect(),
    };
    Ok(view.of(&who).show(StatusCode::OK, &w.say("apps"), &page))
}

/// `POST /{realm}/apps/disconnect`
pub(crate) async fn disconnect(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let app = form.get("app").to_owned();
    let done = with(&door, &view.guest, realm, Some(&form), move |login, who, visit| {
        login.disconnect(who, &app, visit)
    });
    let (_, done) = done.await?;
    done.map_err(of)?;
    Ok(go(&format!("/{}/apps", realm.name()), Vec::new()))
}
