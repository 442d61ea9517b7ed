//! A page inside its frame: who reads it, in which language, where they are, and where else they can go.

use crate::{
    page::render,
    words::{Language, Words},
};
use askama::Template;
use axum::{
    extract::{FromRef, FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use login::{realm::Realm, session::Who};
use std::sync::Arc;
use web::{door::Door, failure::Failure, guest::Guest};

/// A request for a page, with what its frame wants to know.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) guest: Guest,
    pub(crate) words: Words,
    /// The path of the page, without its query.
    pub(crate) path: String,
}

impl<S> FromRequestParts<S> for View
where
    S: Send + Sync,
    Arc<Door>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<View, Failure> {
        let guest = Guest::from_request_parts(parts, state).await?;
        let Ok(words) = Words::from_request_parts(parts, state).await;
        Ok(View { guest, words, path: parts.uri.path().to_owned() })
    }
}

/// A place that a frame leads to.
pub(crate) struct Place {
    pub(crate) to: String,
    pub(crate) words: String,
    pub(crate) icon: &'static str,
    pub(crate) is_here: bool,
}

/// The page around a page.
#[derive(Template)]
#[template(path = "shell.html")]
struct Shell<'a> {
    w: Words,
    title: &'a str,
    realm: &'static str,
    name: &'a str,
    token: &'a str,
    places: Vec<Place>,
    path: &'a str,
    languages: [Language; 3],
    is_wide: bool,
    content: String,
}

/// Who reads, and how the page lies in its frame.
pub(crate) struct Frame<'a> {
    pub(crate) view: &'a View,
    pub(crate) realm: Option<Realm>,
    pub(crate) who: Option<&'a Who>,
    /// Whether it holds tables that want the whole width.
    pub(crate) is_wide: bool,
}

impl Frame<'_> {
    /// The page with its headers.
    pub(crate) fn show(&self, status: StatusCode, title: &str, content: &impl Template) -> Response {
        let Ok(content) = content.render() else {
            return axum::response::IntoResponse::into_response(Failure::fault("a page could not be made"));
        };
        let words = self.view.words;
        let shell = Shell {
            w: words,
            title,
            realm: self.realm.map(Realm::name).unwrap_or("public"),
            name: self.who.map(|who| who.account.name.as_str()).unwrap_or_default(),
            token: self.who.map(|who| who.form_token.as_str()).unwrap_or_default(),
            places: places(words, self.realm.filter(|_| self.who.is_some()), &self.view.path),
            path: &self.view.path,
            languages: Language::ALL,
            is_wide: self.is_wide,
            content,
        };
        render(status, &shell)
    }
}

/// Where somebody of that realm can go: address, key of its words, icon.
fn places(words: Words, realm: Option<Realm>, path: &str) -> Vec<Place> {
    let all: &[(&str, &str, &'static str)] = match realm {
        Some(Realm::Patient) => &[
            ("/patient", "place-home", "home"),
            ("/patient/sharing", "place-sharing", "share"),
            ("/patient/apps", "place-apps", "apps"),
            ("/patient/account", "place-account", "person"),
        ],
        Some(Realm::Clinic) => &[
            ("/clinic", "place-today", "home"),
            ("/clinic/patients", "place-find", "search"),
            ("/clinic/desk", "place-desk", "desk"),
            ("/clinic/account", "place-account", "person"),
        ],
        Some(Realm::Admin) => &[
            ("/admin/staff", "place-staff", "desk"),
            ("/admin/emergencies", "place-emergencies", "alarm"),
            ("/admin/account", "place-account", "person"),
        ],
        None => &[],
    };
    let place = |(to, key, icon): &(&str, &str, &'static str)| Place {
        to: (*to).to_owned(),
        words: words.say(key),
        icon,
        is_here: *to == path,
    };
    all.iter().map(place).collect()
}

/// `POST /language`: remembers a choice, and goes back to where it was made.
pub(crate) async fn choose(State(_): State<Arc<Door>>, form: web::form::Form) -> Response {
    let to = form.get("to");
    // An address of ours, and no other host's: `//host` and `/\host` are.
    let is_ours = to.starts_with('/') && !to[1..].starts_with(['/', '\\']) && to.is_ascii();
    let cookie = Language::named(form.get("language"))
        .map(|language| web::cookie::set(crate::words::COOKIE, language.code()));
    crate::page::go(if is_ours { to } else { "/" }, cookie.into_iter().collect())
}
