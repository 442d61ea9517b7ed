//! Where the house is: an administrator says its country and its time zone, on whose clocks all pages tell times from then on.

use crate::{
    failure::{Answer, of},
    page::go,
    signed_in::with,
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use jiff::Timestamp;
use login::{
    Login,
    home::{Country, Fault, Home, SaidHome, Saved},
    realm::Realm,
    roster::By,
    session::Who,
    visit::Visit,
    zone::Zone,
};
use std::{collections::HashMap, sync::Arc};
use web::{door::Door, form::Form};

/// Where it is said.
pub(crate) const HERE: &str = "/admin/home";

#[derive(Template)]
#[template(path = "home.html")]
struct Page {
    w: Words,
    token: String,
    version: i64,
    saved: bool,
    /// How it stands: what, and who said so.
    now: Vec<(String, String)>,
    /// What another administrator has said meanwhile.
    theirs: String,
    /// Code, words, whether it is chosen.
    countries: Vec<(&'static str, String, bool)>,
    zone: String,
    zones: Vec<&'static str>,
    country_error: String,
    zone_error: String,
}

/// What a country is called.
pub(crate) fn country(w: Words, country: Option<Country>) -> String {
    country.map_or_else(
        || w.say("home-nobody"),
        |country| w.say(&format!("country-{}", country.code().to_lowercase())),
    )
}

/// How it stands: country, time zone, what the clocks show, and who said so.
pub(crate) fn facts(w: Words, said: &SaidHome, now: Timestamp) -> Vec<(String, String)> {
    // What this node tells times by may be a minute older.
    let there = Words(w.0, said.home.zone);
    let origin = match said.at {
        Some(at) => w.values("home-said", &[("name", &said.by), ("when", &there.minute(at))]),
        None => w.say("house-default"),
    };
    vec![
        (w.say("home-country"), country(w, said.home.country)),
        (w.say("home-zone"), said.home.zone.name().to_owned()),
        (w.say("home-clock"), there.minute(now)),
        (w.say("house-origin"), origin),
    ]
}

impl Page {
    fn new(w: Words, who: &Who, said: &SaidHome, now: Timestamp) -> Page {
        let zone = if said.at.is_some() { said.home.zone.name().to_owned() } else { String::new() };
        Page {
            w,
            token: who.form_token.clone(),
            version: said.version,
            saved: false,
            now: facts(w, said, now),
            theirs: String::new(),
            countries: countries(w, said.home.country),
            zone,
            zones: zones(),
            country_error: String::new(),
            zone_error: String::new(),
        }
    }

    /// As it was typed.
    fn typed(self, form: &Form) -> Page {
        let chosen = Country::of_code(form.get("country"));
        Page { countries: countries(self.w, chosen), zone: form.get("zone").trim().to_owned(), ..self }
    }

    /// With what is wrong.
    fn wrong(self, fault: Fault) -> Page {
        let w = self.w;
        match fault {
            Fault::Country => Page { country_error: w.say("home-no-country"), ..self },
            Fault::NoZone(country) if country.zones().is_empty() => {
                Page { zone_error: w.say("home-no-zone"), ..self }
            }
            Fault::NoZone(country) => {
                Page { zone_error: w.with("home-which-zone", "zones", country.zones().join(", ")), ..self }
            }
            Fault::Zone(None) => Page { zone_error: w.say("home-unknown-zone"), ..self },
            // It stands in the field already: saving again takes it.
            Fault::Zone(Some(near)) => Page {
                zone_error: w.values("home-near-zone", &[("typed", &self.zone), ("near", near.name())]),
                zone: near.name().to_owned(),
                ..self
            },
        }
    }

    fn show(&self, view: &View, who: &Who, status: StatusCode) -> Response {
        view.of(who).show(status, &self.w.say("home-title"), self)
    }
}

fn countries(w: Words, chosen: Option<Country>) -> Vec<(&'static str, String, bool)> {
    let of = |one: Country| (one.code(), country(w, Some(one)), chosen == Some(one));
    Country::ALL.into_iter().map(of).collect()
}

/// Those of the countries that are known first.
fn zones() -> Vec<&'static str> {
    let first: Vec<&str> = Country::ALL.iter().flat_map(|country| country.zones()).copied().collect();
    let others = Zone::all().map(Zone::name).filter(|name| !first.contains(name));
    first.iter().copied().chain(others).collect()
}

/// `GET /admin/home`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Query(asked): Query<HashMap<String, String>>,
    view: View,
) -> Result<Response, Answer> {
    let read = |login: &Login, who: &Who, visit: &Visit| login.home_to_edit(who, visit);
    let (who, said) = with(&door, &view.guest, Realm::Admin, None, read).await?;
    let page = Page::new(view.words, &who, &said.map_err(of)?, view.guest.visit.now);
    Ok(Page { saved: asked.contains_key("saved"), ..page }.show(&view, &who, StatusCode::OK))
}

/// What came of a form.
enum Came {
    Saved(Home),
    Wrong(Fault, SaidHome),
    Meanwhile(SaidHome),
}

/// `POST /admin/home`: where somebody else has said it meanwhile, that is shown, and nothing is saved yet.
pub(crate) async fn save(State(door): State<Arc<Door>>, view: View, form: Form) -> Result<Response, Answer> {
    let typed = form.clone();
    let work = move |login: &Login, who: &Who, visit: &Visit| {
        let said = login.home_to_edit(who, visit)?;
        let home = match Home::read(typed.get("country"), typed.get("zone")) {
            Ok(home) => home,
            Err(fault) => return Ok(Came::Wrong(fault, said)),
        };
        let version = typed.get("version").parse().unwrap_or_default();
        Ok(match login.move_home(By::Administrator(who), home, version, visit)? {
            Saved::Done => Came::Saved(home),
            Saved::Meanwhile(theirs) => Came::Meanwhile(theirs),
        })
    };
    let (who, came) = with(&door, &view.guest, Realm::Admin, Some(&form), work).await?;
    let (w, now) = (view.words, view.guest.visit.now);
    let page = |said: &SaidHome| Page::new(w, &who, said, now).typed(&form);
    match came.map_err(of)? {
        Came::Saved(home) => {
            door.moved(home);
            Ok(go(&format!("{HERE}?saved=yes"), Vec::new()))
        }
        Came::Wrong(fault, said) => {
            let version = form.get("version").parse().unwrap_or(said.version);
            let page = Page { version, ..page(&said).wrong(fault) };
            Ok(page.show(&view, &who, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Came::Meanwhile(theirs) => {
            let page = Page { theirs: theirs.by.clone(), ..page(&theirs) };
            Ok(page.show(&view, &who, StatusCode::CONFLICT))
        }
    }
}
