//! The first steps: what an administrator still has to do between a blank server and the first patient, as far as it can be read off what
//! there is.

use crate::{
    failure::{Answer, of},
    page::go,
    signed_in::with,
    view::View,
    words::Words,
};
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use login::{
    first_steps::{FirstSteps, Place},
    home::Home,
    realm::Realm,
};
use std::sync::Arc;
use web::{
    door::Door,
    form::Form,
    installation::{Installation, Reach, RootKey},
};

/// Where the list is.
pub(crate) const HERE: &str = "/admin/welcome";

/// How a step stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Done,
    Waits,
    Open,
    /// Nobody can tell from here, or there is nothing to do.
    Told,
}

/// A step.
struct Step {
    /// What its sentences are named by.
    name: &'static str,
    state: Standing,
    /// What is said beside why it is needed.
    facts: Vec<String>,
    /// Where it is done: address and words.
    link: Option<(&'static str, String)>,
    /// Whether it is done here, by saying so.
    says: bool,
}

impl Step {
    fn new(name: &'static str, state: Standing) -> Step {
        Step { name, state, facts: Vec::new(), link: None, says: false }
    }

    fn fact(mut self, fact: String) -> Step {
        self.facts.push(fact);
        self
    }

    fn link(self, to: &'static str, words: String) -> Step {
        Step { link: Some((to, words)), ..self }
    }

    /// The end of the key of its state's words, and its class.
    fn word(&self) -> &'static str {
        match self.state {
            Standing::Done => "done",
            Standing::Waits => "waits",
            Standing::Open => "open",
            Standing::Told => "told",
        }
    }
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct Page {
    w: Words,
    token: String,
    lead: String,
    steps: Vec<Step>,
    done: usize,
    needed: usize,
    put_away: bool,
    is_done: bool,
}

/// What the page is made of.
struct Found {
    steps: FirstSteps,
    home: Home,
    installation: Installation,
    is_demo: bool,
    has_courier: bool,
}

/// Somebody who is needed, and the way to invite them in that role.
fn person(w: Words, found: &Found, name: &'static str, place: Place, to: &'static str) -> Step {
    let state = match place {
        Place::Filled => Standing::Done,
        Place::Invited => Standing::Waits,
        // Visitors of a demo walk in by themselves.
        Place::Empty if found.is_demo => Standing::Told,
        Place::Empty => Standing::Open,
    };
    let step = Step::new(name, state);
    match place {
        Place::Filled => step,
        Place::Invited => step.fact(w.say("step-invited")).link(to, w.say("step-invite-again")),
        Place::Empty if found.is_demo => step.fact(w.say("step-demo-people")),
        Place::Empty => step.link(to, w.say("step-invite")),
    }
}

fn key(w: Words, found: &Found) -> Step {
    let how = match found.installation.root {
        RootKey::File => "step-key-file",
        RootKey::Passphrase => "step-key-passphrase",
    };
    match &found.steps.key {
        Some(said) => Step::new("key", Standing::Done)
            .fact(w.values("step-key-said", &[("name", &said.by), ("when", &w.minute(said.at))])),
        None if found.is_demo => Step::new("key", Standing::Told).fact(w.say("step-demo-keep")),
        None => Step { says: true, ..Step::new("key", Standing::Open) }
            .fact(w.say(how))
            .link("/help/operations#keys", w.say("step-key-help")),
    }
}

fn home(w: Words, found: &Found) -> Step {
    let step = match &found.steps.home {
        Some(said) => {
            let country = crate::home::country(w, found.home.country);
            let when = w.minute(said.at);
            let values = [
                ("country", &*country),
                ("zone", found.home.zone.name()),
                ("name", &said.by),
                ("when", &when),
            ];
            Step::new("home", Standing::Done).fact(w.values("step-home-now", &values))
        }
        None if found.is_demo => Step::new("home", Standing::Told).fact(w.say("step-home-utc")),
        None => Step::new("home", Standing::Open).fact(w.say("step-home-utc")),
    };
    let words = if found.steps.home.is_some() { "home-change" } else { "step-home-say" };
    step.link(crate::home::HERE, w.say(words))
}

fn address(w: Words, found: &Found) -> Step {
    let fact = match found.installation.reach {
        Reach::Tls => "step-address-tls",
        Reach::Proxy => "step-address-proxy",
        Reach::Machine => "step-address-machine",
    };
    let is_safe = found.installation.reach != Reach::Machine;
    let step = Step::new("address", if is_safe { Standing::Done } else { Standing::Told }).fact(w.say(fact));
    if is_safe || found.is_demo {
        step
    } else {
        step.link("/help/operations#settings", w.say("step-address-help"))
    }
}

fn steps(w: Words, found: &Found) -> Vec<Step> {
    let state = &found.steps;
    let facility = match state.facility {
        true => Step::new("facility", Standing::Done),
        false if found.is_demo => Step::new("facility", Standing::Told).fact(w.say("step-demo-facility")),
        false => Step::new("facility", Standing::Open).link("/admin/staff", w.say("place-staff")),
    };
    let backup = Step::new("backup", Standing::Told);
    let backup = match found.is_demo {
        true => backup.fact(w.say("step-demo-keep")),
        false => backup
            .fact(w.say("step-backup-unseen"))
            .link("/help/operations#backup-and-restore", w.say("step-backup-help")),
    };
    let post = if found.has_courier { "step-post-files" } else { "step-post-none" };
    let patient = match state.patient {
        true => Step::new("patient", Standing::Done),
        false => Step::new("patient", Standing::Open).fact(w.say("step-patient-where")),
    };
    vec![
        home(w, found),
        facility,
        key(w, found),
        person(w, found, "second", state.second, "/admin/staff?role=administrator#invite"),
        person(w, found, "desk", state.desk, "/admin/staff?role=front-desk#invite"),
        person(w, found, "clinician", state.clinician, "/admin/staff?role=physician#invite"),
        backup,
        address(w, found),
        Step::new("post", Standing::Told).fact(w.say(post)),
        patient,
    ]
}

impl Page {
    fn new(w: Words, token: String, found: &Found) -> Page {
        let steps = steps(w, found);
        let needed = steps.iter().filter(|step| step.state != Standing::Told).count();
        let done = steps.iter().filter(|step| step.state == Standing::Done).count();
        let is_done = found.is_demo || found.steps.are_done();
        let lead = match is_done {
            true if found.is_demo => w.say("first-steps-demo"),
            true => w.say("first-steps-over"),
            false => w.say("first-steps-lead"),
        };
        Page { w, token, lead, steps, done, needed, put_away: found.steps.put_away, is_done }
    }

    fn progress(&self) -> String {
        let (done, needed) = (self.done.to_string(), self.needed.to_string());
        self.w.values("first-steps-progress", &[("done", &done), ("needed", &needed)])
    }
}

/// `GET /admin/welcome`
pub(crate) async fn show(State(door): State<Arc<Door>>, view: View) -> Result<Response, Answer> {
    let installation = door.installation();
    let (who, found) = with(&door, &view.guest, Realm::Admin, None, move |login, who, visit| {
        let (steps, home) = (login.first_steps(who, visit)?, login.home(visit.now)?.home);
        Ok(Found { steps, home, installation, is_demo: login.is_demo(), has_courier: login.has_courier() })
    })
    .await?;
    let page = Page::new(view.words, who.form_token.clone(), &found.map_err(of)?);
    Ok(view.of(&who).show(StatusCode::OK, &view.words.say("place-welcome"), &page))
}

/// `POST /admin/welcome/key`: there is a copy of the root key, somebody says.
pub(crate) async fn say_key(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let work = |login: &login::Login, who: &_, visit: &_| login.say_key_is_kept(who, visit);
    let (_, said) = with(&door, &view.guest, Realm::Admin, Some(&form), work).await?;
    said.map_err(of)?;
    Ok(go(HERE, Vec::new()))
}

/// `POST /admin/welcome/away`: puts the list away; without `away` it comes back.
pub(crate) async fn put_away(
    State(door): State<Arc<Door>>,
    view: View,
    form: Form,
) -> Result<Response, Answer> {
    let away = form.get("away") == "yes";
    let work = move |login: &login::Login, who: &_, visit: &_| login.put_first_steps_away(who, away, visit);
    let (_, done) = with(&door, &view.guest, Realm::Admin, Some(&form), work).await?;
    done.map_err(of)?;
    Ok(go(HERE, Vec::new()))
}
