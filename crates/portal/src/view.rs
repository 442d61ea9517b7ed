//! A page inside its frame: who reads it, in which language, where they are, and where else they can go.

use crate::{
    page::render,
    words::{Language, Words},
};
use askama::Template;
use axum::{
    extract::{FromRef, FromRequestParts, State},
    http::{Method, StatusCode, header, request::Parts},
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
    /// The path of the page, without its query; of a form, that of the page it stood on.
    pub(crate) path: String,
    /// Whether it was opened, and no form was sent: then it may be opened again.
    pub(crate) is_opened: bool,
}

impl View {
    /// A frame for whoever is not signed in, at the door of that realm.
    pub(crate) fn outside(&self, realm: Option<Realm>) -> Frame<'_> {
        Frame { view: self, realm, who: None, is_wide: false }
    }

    /// A frame for somebody who is signed in.
    pub(crate) fn of<'a>(&'a self, who: &'a Who) -> Frame<'a> {
        Frame { view: self, realm: Some(who.realm), who: Some(who), is_wide: false }
    }
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
        let door = Arc::<Door>::from_ref(state);
        let is_opened = parts.method == Method::GET;
        let path = (!is_opened).then(|| came_from(parts, door.origin())).flatten();
        Ok(View { guest, words, is_opened, path: path.unwrap_or_else(|| parts.uri.path().to_owned()) })
    }
}

/// The path of the page that a form stood on: its answer may have no page at its own address to come back to.
fn came_from(parts: &Parts, origin: &str) -> Option<String> {
    let page = parts.headers.get(header::REFERER)?.to_str().ok()?.strip_prefix(origin)?;
    let path = page.split(['?', '#']).next().unwrap_or_default();
    path.starts_with('/').then(|| path.to_owned())
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
            places: self.who.map(|who| places(words, who, &self.view.path)).unwrap_or_default(),
            path: &self.view.path,
            languages: Language::ALL,
            is_wide: self.is_wide,
            content,
        };
        render(status, &shell)
    }
}

/// Address, key of its words, icon.
type Way = (&'static str, &'static str, &'static str);

/// Where patients can go.
const OF_PATIENTS: &[Way] = &[
    ("/patient", "place-home", "home"),
    ("/patient/sharing", "place-sharing", "share"),
    ("/patient/apps", "place-apps", "apps"),
    ("/patient/account", "place-account", "person"),
];

/// Where staff can go.
const OF_STAFF: &[Way] = &[
    ("/clinic", "place-today", "home"),
    ("/clinic/patients", "place-find", "search"),
    ("/clinic/desk", "place-desk", "desk"),
    ("/clinic/apps", "place-apps", "apps"),
    ("/clinic/account", "place-account", "person"),
];

/// Where those can go who run the house (`r`), its privacy officers (`p`), or everybody of the administration (both and the rest).
const OF_ADMINISTRATION: &[(Way, &str)] = &[
    (("/admin/welcome", "place-welcome", "plans"), "r"),
    (("/admin/staff", "place-staff", "desk"), "r"),
    (("/admin/roles", "place-roles", "lock"), "r"),
    (("/admin/clients", "place-clients", "apps"), "r"),
    (("/admin/elsewhere", "place-elsewhere", "elsewhere"), "r"),
    (("/admin/pages", "place-pages", "documents"), "r"),
    (("/admin/emergencies", "place-emergencies", "alarm"), "rp"),
    (("/admin/disputes", "place-disputes", "eye"), "p"),
    (("/admin/log", "place-log", "log"), "rp"),
    (("/admin/house", "place-house", "server"), "r"),
    (("/admin/account", "place-account", "person"), "rp-"),
];

fn is_in(who: &Who, role: &str) -> bool {
    who.account.admin.as_ref().is_some_and(|admin| admin.roles.iter().any(|name| name == role))
}

/// Whether somebody runs the house; a privacy officer alone does not.
pub(crate) fn administers(who: &Who) -> bool {
    is_in(who, "administrator")
}

/// What of administration is open to somebody.
fn of_administration(who: &Who) -> Vec<Way> {
    let kinds = [(administers(who), 'r'), (is_in(who, "privacy-officer"), 'p'), (true, '-')];
    let is_open = |to: &str| kinds.iter().any(|(is_one, kind)| *is_one && to.contains(*kind));
    OF_ADMINISTRATION.iter().filter(|(_, to)| is_open(to)).map(|(way, _)| *way).collect()
}

/// The first page of administration that somebody may open, once there is nothing left of the first steps.
pub(crate) fn home_of_administration(who: &Who) -> &'static str {
    let ways = of_administration(who);
    ways.iter().map(|(to, ..)| *to).find(|to| *to != "/admin/welcome").unwrap_or("/admin/account")
}

/// Where somebody can go, in their own realm.
fn places(words: Words, who: &Who, path: &str) -> Vec<Place> {
    let all = match who.realm {
        Realm::Patient => OF_PATIENTS.to_vec(),
        Realm::Clinic => OF_STAFF.to_vec(),
        Realm::Admin => of_administration(who),
    };
    // The place that leads here, or to a page before this one; the home leads to itself alone.
    let under = |to: &str| path.strip_prefix(to).is_some_and(|rest| rest.starts_with('/'));
    let is_home = |to: &str| to == "/patient" || to == "/clinic";
    let place = |(to, key, icon): &Way| Place {
        to: (*to).to_owned(),
        words: words.say(key),
        icon,
        is_here: *to == path || !is_home(to) && under(to),
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
