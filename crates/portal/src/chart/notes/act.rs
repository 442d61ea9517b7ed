//! Signing a note as it was read, and taking one back.

use super::{Say, drawn};
use crate::{
    chart::{open, sheet::Section, show},
    failure::Answer,
    page::go,
    signed_in::with_record,
    view::View,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::note::write::{self, Saved};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

/// `POST /clinic/chart/{patient}/notes/{id}/sign`
pub(crate) async fn sign_note(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let read: i64 = form.get("version").parse().unwrap_or_default();
    let (to, note) = (patient.clone(), id.clone());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &to, visit).map_err(crate::failure::of)?;
        Ok::<_, Failure>(write::sign(record, &act, &to, &note, read)?)
    };
    let saved = with_record(&door, &view.guest, Realm::Clinic, Some(&form), work).await?.1?;
    match saved {
        Saved::Stale => {
            let say = Say { notice: view.words.say("note-read-again"), ..Say::default() };
            again(&door, &view, (&patient, &id), StatusCode::CONFLICT, say).await
        }
        _ => Ok(go(&format!("/clinic/chart/{patient}/notes/{id}"), Vec::new())),
    }
}

/// `POST /clinic/chart/{patient}/notes/{id}/error`
pub(crate) async fn withdraw_note(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let (to, note, why) = (patient.clone(), id.clone(), form.get("why").to_owned());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &to, visit).map_err(crate::failure::of)?;
        Ok::<_, Failure>(write::withdraw(record, &act, &to, &note, &why)?)
    };
    let saved = with_record(&door, &view.guest, Realm::Clinic, Some(&form), work).await?.1?;
    match saved {
        Saved::Empty | Saved::Long => {
            let typed = form.get("why").to_owned();
            let say = Say { error: view.words.say("note-why-wrong"), typed, ..Say::default() };
            again(&door, &view, (&patient, &id), StatusCode::UNPROCESSABLE_ENTITY, say).await
        }
        Saved::Stale => {
            let say = Say {
                notice: view.words.say("note-read-again"),
                typed: form.get("why").to_owned(),
                ..Say::default()
            };
            again(&door, &view, (&patient, &id), StatusCode::CONFLICT, say).await
        }
        _ => Ok(go(&format!("/clinic/chart/{patient}/notes/{id}"), Vec::new())),
    }
}

/// The note's page again, with what is to be said.
async fn again(
    door: &Door,
    view: &View,
    (patient, id): (&str, &str),
    status: StatusCode,
    say: Say,
) -> Result<Response, Answer> {
    let (sheet, opened) = open(door, view, (Realm::Clinic, patient, Section::Notes)).await?;
    let drawn = drawn(sheet, &opened, id, say)?;
    Ok(show(view, Realm::Clinic, &opened, status, &drawn))
}
