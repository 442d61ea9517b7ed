//! What anybody may read: the front page, and what is promised.

use crate::{
    failure::of,
    own_words::{self, Own},
    page::go,
    signed_in::cookies,
    view::{Frame, View},
    words::Words,
};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use login::{Login, page_text::Part, realm::Realm};
use std::sync::Arc;
use web::{
    door::Door,
    failure::Failure,
    form::Form,
    installation::{Installation, Reach, RootKey},
};

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    w: Words,
    /// In a demo: word, name and realm of those in whose place a visitor walks.
    visitors: Vec<(String, String, &'static str)>,
}

/// A page of what is built in and of the house's own words.
#[derive(Template)]
#[template(path = "public.html")]
struct Page {
    heading: String,
    blocks: Vec<Block>,
}

/// A part of it.
#[derive(Default)]
struct Block {
    heading: String,
    built_in: Vec<String>,
    facts: Vec<String>,
    own: Option<Own>,
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
    let signed = door.login(move |login| login.walk_as(&word, &visit).map_err(of)).await?;
    let to = match signed.realm {
        Realm::Patient => "/patient",
        Realm::Clinic => "/clinic",
        Realm::Admin => "/admin",
    };
    Ok(go(to, cookies(&signed)))
}

/// The sentences `NAME-1`, `NAME-2` …, as many as there are.
fn sentences(w: Words, name: &str) -> Vec<String> {
    let sentence = |at: u8| {
        let key = format!("{name}-{at}");
        let said = w.say(&key);
        (said != key).then_some(said)
    };
    (1..=20).map_while(sentence).collect()
}

fn shown(view: &View, name: &str, blocks: Vec<Block>) -> Response {
    let heading = view.words.say(&format!("foot-{name}"));
    let page = Page { heading: heading.clone(), blocks };
    Frame { view, realm: None, who: None, is_wide: false }.show(StatusCode::OK, &heading, &page)
}

/// A page of parts about which the house may say something itself: with a heading each where there are several, but none over the first one.
async fn with_own(door: &Door, view: &View, name: &str, parts: &'static [Part]) -> Result<Response, Failure> {
    let (w, now) = (view.words, view.guest.visit.now);
    let blocks = door.login(move |login| {
        let mut blocks = Vec::new();
        for part in parts {
            let own = own_words::own(login, w, *part, now).map_err(of)?;
            let is_first = parts.first() == Some(part);
            let heading = if is_first { String::new() } else { own_words::title(w, *part) };
            // A notice that is built in stays; what stands in for words that nobody has written gives way to them.
            match own {
                Some(own) if own_words::is_added(*part) => {
                    blocks.push(Block { heading, built_in: sentences(w, part.name()), ..Block::default() });
                    let heading = own_words::title(w, *part);
                    blocks.push(Block { heading, own: Some(own), ..Block::default() });
                }
                Some(own) => blocks.push(Block { heading, own: Some(own), ..Block::default() }),
                None => {
                    blocks.push(Block { heading, built_in: sentences(w, part.name()), ..Block::default() })
                }
            }
        }
        Ok(blocks)
    });
    Ok(shown(view, name, blocks.await?))
}

/// `GET /about`
pub(crate) async fn about(State(door): State<Arc<Door>>, view: View) -> Result<Response, Failure> {
    with_own(&door, &view, "about", &[Part::About, Part::Mission]).await
}

/// `GET /contact`
pub(crate) async fn contact(State(door): State<Arc<Door>>, view: View) -> Result<Response, Failure> {
    with_own(&door, &view, "contact", &[Part::Contact, Part::Grievance]).await
}

/// `GET /privacy`
pub(crate) async fn privacy(State(door): State<Arc<Door>>, view: View) -> Result<Response, Failure> {
    with_own(&door, &view, "privacy", &[Part::Privacy]).await
}

/// `GET /accessibility`
pub(crate) async fn accessibility(State(door): State<Arc<Door>>, view: View) -> Result<Response, Failure> {
    with_own(&door, &view, "accessibility", &[Part::Accessibility]).await
}

/// What holds of this server, sentence by sentence, as its settings have it.
fn set_up(w: Words, login: &Login, installation: &Installation) -> Vec<String> {
    let settings = login.settings();
    let reach = match installation.reach {
        Reach::Tls => w.say("protect-reach-tls"),
        Reach::Proxy => w.say("protect-reach-proxy"),
        Reach::Machine => w.say("protect-reach-machine"),
    };
    let factor = if login.has_passkeys() { "protect-factor-passkeys" } else { "protect-factor-app" };
    let (patients, staff) = (settings.idle_patient.as_mins(), settings.idle_staff.as_mins());
    let idle = [("patients", patients.to_string()), ("staff", staff.to_string())];
    let idle = idle.each_ref().map(|(name, value)| (*name, value.as_str()));
    let key = match installation.root {
        RootKey::File => w.say("protect-key-file"),
        RootKey::Passphrase => w.say("protect-key-passphrase"),
    };
    let minutes = settings.glass.as_mins();
    let glass = match minutes % 60 {
        0 => w.count("protect-glass-hours", minutes / 60),
        _ => w.count("protect-glass-minutes", minutes),
    };
    let sent = settings.codes_for_patients && login.has_courier();
    let scanner = if installation.scanner { "protect-scanner" } else { "protect-no-scanner" };
    let all = [
        Some(reach),
        Some(w.say(factor)),
        sent.then(|| w.say("protect-factor-sent")),
        Some(w.values("protect-idle", &idle)),
        Some(key),
        Some(glass),
        Some(w.say(scanner)),
        login.is_demo().then(|| w.say("protect-demo")),
    ];
    all.into_iter().flatten().collect()
}

/// `GET /protection`: what holds everywhere, and what holds here.
pub(crate) async fn protection(State(door): State<Arc<Door>>, view: View) -> Result<Response, Failure> {
    let (w, installation) = (view.words, door.installation());
    let facts = door.login(move |login| Ok(set_up(w, login, &installation))).await?;
    let everywhere = Block { built_in: sentences(w, "protection"), ..Block::default() };
    let here = Block { heading: w.say("protect-set"), facts, ..Block::default() };
    Ok(shown(&view, "protection", vec![everywhere, here]))
}

/// `GET /status`: that the server answers, and nothing that anybody could use against it.
pub(crate) async fn status(State(door): State<Arc<Door>>, view: View) -> Result<Response, Failure> {
    let (w, since) = (view.words, door.installation().since);
    let is_demo = door.login(|login| Ok(login.is_demo())).await?;
    let version = w.with("status-version", "version", env!("CARGO_PKG_VERSION"));
    let facts = vec![version, w.with("status-since", "since", w.minute(since))];
    let demo = is_demo.then(|| w.say("status-demo"));
    let built_in = sentences(w, "status").into_iter().chain(demo).collect();
    Ok(shown(&view, "status", vec![Block { built_in, facts, ..Block::default() }]))
}
