//! The apps that somebody let in: see them, and take it back.

use crate::{
    account::minute,
    failure::{Answer, of},
    page::{go, render},
    signed_in::{realm, with},
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
use web::{door::Door, form::Form, guest::Guest};

#[derive(Template)]
#[template(path = "apps.html")]
struct AppsPage {
    title: &'static str,
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
    guest: Guest,
    headers: HeaderMap,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let list = with(&door, &guest, realm, None, |login, who, visit| login.connected_apps(who, visit.now));
    let (who, apps) = list.await?;
    let apps = apps.map_err(of)?;
    if headers.get(header::ACCEPT).is_some_and(|kind| kind == "application/json") {
        let body = json!({"token": who.form_token, "apps": apps.iter().map(as_json).collect::<Vec<_>>()});
        return Ok(([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response());
    }
    let line = |app: ConnectedApp| Line { since: minute(app.since), seen: minute(app.seen), app };
    let page = AppsPage {
        title: "Connected apps",
        realm: realm.name(),
        token: who.form_token.clone(),
        apps: apps.into_iter().map(line).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /{realm}/apps/disconnect`
pub(crate) async fn disconnect(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let app = form.get("app").to_owned();
    let done =
        with(&door, &guest, realm, Some(&form), move |login, who, visit| login.disconnect(who, &app, visit));
    let (_, done) = done.await?;
    done.map_err(of)?;
    Ok(go(&format!("/{}/apps", realm.name()), Vec::new()))
}
