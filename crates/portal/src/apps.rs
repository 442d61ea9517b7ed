//! The apps that somebody let in: see them, and take it back.

use crate::{
    account::minute,
    consent::leading,
    failure::{Answer, of},
    page::{go, render},
    signed_in::{realm, with, with_record},
    tasks::below,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use login::{error::Error, oauth::connection::ConnectedApp, realm::Realm, session::Who};
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
    /// What a patient may start from their own record: id and name.
    startable: Vec<(String, String)>,
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
    let list = with(&door, &guest, realm, None, |login, who, visit| {
        let startable = match own(who) {
            Some(_) => login.startable_apps(who, visit.now)?,
            None => Vec::new(),
        };
        Ok((login.connected_apps(who, visit.now)?, startable))
    });
    let (who, shown) = list.await?;
    let (apps, startable) = shown.map_err(of)?;
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
        startable,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The record of whoever is signed in as a patient.
fn own(who: &Who) -> Option<String> {
    who.account.patient.as_ref().filter(|_| who.realm == Realm::Patient)?.patient.clone()
}

/// `POST /{realm}/apps/start`: an app, from the chart of the patient whom the form is about; patients start it from their own.
pub(crate) async fn start(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    guest: Guest,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let typed = form.clone();
    let done = with_record(&door, &guest, realm, Some(&form), move |login, record, who, visit| {
        let app = typed.get("app");
        if !login.startable_apps(who, visit.now)?.iter().any(|(id, _)| id == app) {
            return Err(Error::Ended);
        }
        let patient = match who.realm {
            Realm::Patient => own(who).ok_or(Error::Refused)?,
            _ => typed.get("about").to_owned(),
        };
        // Whoever does not see the chart starts nothing from it; the look is signed.
        let unseen = below("about", "you see no such chart");
        record.read(&login.act_of(who, visit)?, "Patient", &patient).map_err(unseen)?;
        login.start_app(who, app, &patient, visit)
    });
    let (called, to) = done.await?.1.map_err(of)?;
    Ok(leading(format!("{called} starts"), vec![(to, "Go on to the app")]))
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
