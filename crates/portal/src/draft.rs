//! What somebody had typed when their session ended under them: shown once they are back, to send again or to throw away.

use crate::{
    failure::{Answer, of},
    page::go,
    signed_in::{realm, with},
    view::{Frame, View},
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use login::draft::Draft;
use std::sync::Arc;
use web::{door::Door, form::Form};

#[derive(Template)]
#[template(path = "draft.html")]
struct DraftPage {
    w: Words,
    realm: &'static str,
    token: String,
    draft: Draft,
}

/// What goes along with a note or a public text and was not typed.
const UNTYPED: [&str; 5] = ["version", "template", "visit", "appends", "part"];

impl DraftPage {
    /// What was typed, by the names that its form had for it where there are such.
    fn typed(&self) -> Vec<(String, &str)> {
        let named = |name: &str| self.w.of_code("typed", name, &self.w.of_code("heading", name, name));
        let fields = self.draft.fields.iter().filter(|(name, _)| !UNTYPED.contains(&name.as_str()));
        fields.map(|(name, value)| (named(name), value.as_str())).collect()
    }
}

/// `GET /{realm}/draft`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let kept = with(&door, &view.guest, realm, None, |login, who, visit| login.draft(who, visit));
    let (who, kept) = kept.await?;
    let Some(draft) = kept.map_err(of)? else { return Ok(go(&format!("/{name}"), Vec::new())) };
    let page = DraftPage { w: view.words, realm: realm.name(), token: who.form_token.clone(), draft };
    let frame = Frame { view: &view, realm: Some(realm), who: Some(&who), is_wide: false };
    Ok(frame.show(StatusCode::OK, &view.words.say("draft-title"), &page))
}

/// `POST /{realm}/draft`
pub(crate) async fn drop(
    State(door): State<Arc<Door>>,
    Path(name): Path<String>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let done = with(&door, &view.guest, realm, Some(&form), |login, who, visit| login.drop_draft(who, visit));
    done.await?.1.map_err(of)?;
    Ok(go(&format!("/{name}"), Vec::new()))
}
