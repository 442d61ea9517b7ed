//! What patients write about themselves: the list of it, allergies, and the general details that a clinic also reads.

use super::{
    Drawn, Opened,
    entry::{called, progress},
    may_not, page, page_as,
    sheet::{Section, Sheet, escaped},
};
use crate::{
    failure::{Answer, nowhere},
    page::go,
    signed_in::{realm, with_record},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::{
    entry::{self, BLOOD_GROUP, Deed},
    own::{self, BLOOD_GROUPS, Fault, Own, SEVERITIES},
    results,
    vitals::save::{self, Saved, is_key},
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::{Record, error::Error};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

#[derive(Template)]
#[template(path = "chart/own.html")]
struct Page {
    s: Sheet,
    token: String,
    key: String,
    heading: String,
    lead: String,
    error: String,
    /// Ways to go on: address and words.
    links: Vec<(String, String)>,
    parts: Vec<Part>,
}

/// A part with its heading.
#[derive(Default)]
struct Part {
    heading: String,
    none: String,
    lines: Vec<Line>,
    form: Option<Ask>,
}

/// Something that is written down.
#[derive(Default)]
struct Line {
    to: String,
    name: String,
    text: String,
    tags: Vec<String>,
    /// Id and version of what a button takes off the list.
    remove: Option<(String, i64)>,
}

/// A form.
#[derive(Default)]
struct Ask {
    action: String,
    choice: &'static str,
    version: i64,
    fields: Vec<Input>,
    button: String,
}

/// A field.
#[derive(Default)]
struct Input {
    name: &'static str,
    label: String,
    value: String,
    error: String,
    is_optional: bool,
    /// What a `select` offers: value, words.
    options: Vec<(String, String)>,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed {
    fields: Vec<(String, String)>,
    faults: own::Faults,
    error: &'static str,
}

impl Typed {
    fn get(&self, name: &str) -> String {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn input(&self, w: Words, name: &'static str, is_optional: bool) -> Input {
        let fault = self.faults.iter().find(|(field, _)| *field == name).map(|(_, fault)| match fault {
            Fault::Empty => "own-fault-empty",
            Fault::Long => "own-fault-long",
            Fault::Choice => "fault-choice",
            Fault::Phone => "own-fault-phone",
        });
        Input {
            name,
            label: w.say(&format!("field-{name}")),
            value: self.get(name),
            error: fault.map(|key| w.say(key)).unwrap_or_default(),
            is_optional,
            options: Vec::new(),
        }
    }
}

impl Page {
    fn new(s: Sheet, opened: &Opened, view: &View, heading: &str, typed: &Typed) -> Page {
        let kept = typed.get("key");
        let is_kept = is_key(&kept) && typed.error.is_empty();
        Page {
            token: opened.who.form_token.clone(),
            key: if is_kept { kept } else { save::key(&view.guest.visit.request) },
            heading: s.w.say(heading),
            lead: s.w.say(&format!("{heading}-lead")),
            error: if typed.error.is_empty() { String::new() } else { s.w.say(typed.error) },
            links: Vec::new(),
            parts: Vec::new(),
            s,
        }
    }

    fn drawn(self) -> Drawn<Page> {
        Drawn { title: self.heading.clone(), page: self }
    }
}

/// The way to the list of what the patient has written.
fn list(patient: &str) -> Response {
    go(&format!("/patient/chart/{patient}/entries"), Vec::new())
}

/// `GET /patient/chart/{patient}/entries`
pub(crate) async fn entries(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page(&door, &view, at, |s, opened| {
        let line = |entry: entry::Entry| Line {
            to: s.to(&format!("entries/{}/{}", entry.place, escaped(&entry.id))),
            name: called(s.w, &entry),
            text: entry
                .point
                .as_ref()
                .map(|p| format!("{} · {}", p.text, s.w.moment_or(&p.when)))
                .unwrap_or_default(),
            tags: vec![s.w.say(&format!("entry-state-{}", progress(&entry)))],
            remove: None,
        };
        let lines = entry::own(&opened.chart).into_iter().map(line).collect();
        let part = Part { none: s.w.say("entries-none"), lines, ..Part::default() };
        let mut links = vec![(s.to("details"), s.w.say("section-details"))];
        for (kind, place, words) in [
            ("Observation", "vitals/new", "vitals-new"),
            ("AllergyIntolerance", "allergies/new", "allergy-new"),
        ] {
            if opened.chart.may_write(&[kind]) {
                links.push((s.to(place), s.w.say(words)));
            }
        }
        let mut page = Page::new(s, opened, &view, "section-entries", &Typed::default());
        (page.parts, page.links) = (vec![part], links);
        Ok(page.drawn())
    })
    .await
}

fn allergy_form(w: Words, typed: &Typed, (action, version): (String, i64)) -> Part {
    let mut severity = typed.input(w, "severity", true);
    severity.options = [""]
        .into_iter()
        .chain(SEVERITIES)
        .map(|word| {
            (word.to_owned(), w.say(if word.is_empty() { "severity-unknown" } else { word_of(word) }))
        })
        .collect();
    let fields = vec![typed.input(w, "what", false), typed.input(w, "reaction", true), severity];
    let form = Ask { action, choice: "allergy", version, fields, button: w.say("save") };
    Part { form: Some(form), ..Part::default() }
}

fn word_of(severity: &str) -> &'static str {
    match severity {
        "mild" => "severity-mild",
        "moderate" => "severity-moderate",
        _ => "severity-severe",
    }
}

fn drawn_allergy(s: Sheet, opened: &Opened, view: &View, typed: &Typed) -> Result<Drawn<Page>, Failure> {
    if !opened.chart.may_write(&["AllergyIntolerance"]) {
        return Err(may_not());
    }
    let part = allergy_form(s.w, typed, (s.to("allergies/new"), 0));
    let mut page = Page::new(s, opened, view, "allergy-new", typed);
    page.parts = vec![part];
    Ok(page.drawn())
}

/// `GET /patient/chart/{patient}/allergies/new`
pub(crate) async fn allergy(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
) -> Result<Response, Answer> {
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page(&door, &view, at, |s, opened| drawn_allergy(s, opened, &view, &Typed::default())).await
}

/// Stores what the form says; what is wrong with it, or `None` where it is stored.
async fn stored(
    door: &Door,
    view: &View,
    (realm, patient, what): (Realm, &str, &str),
    form: &Form,
) -> Result<Option<Typed>, Answer> {
    let typed = |faults, error| Some(Typed { fields: form.fields().to_vec(), faults, error });
    let (own, key) = (Own::read(what, |name| form.get(name).to_owned()), form.get("key").to_owned());
    let own = match own {
        Ok(own) if is_key(&key) => own,
        Ok(_) => return Ok(typed(Vec::new(), "vitals-resend")),
        Err(faults) => return Ok(typed(faults, "")),
    };
    let id = patient.to_owned();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
        Ok::<_, Failure>(own::store(record, &act, &id, &own, &key)?)
    };
    let (_, outcome) = with_record(door, &view.guest, realm, Some(form), work).await?;
    Ok(match outcome? {
        Saved::New | Saved::Again => None,
        Saved::Before => typed(Vec::new(), "own-before"),
    })
}

/// The status of a form that is shown again.
fn status(typed: &Typed) -> StatusCode {
    if typed.error.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::CONFLICT }
}

/// `POST /patient/chart/{patient}/allergies/new`
pub(crate) async fn take_allergy(
    State(door): State<Arc<Door>>,
    view: View,
    Path(patient): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let Some(typed) = stored(&door, &view, (Realm::Patient, &patient, "allergy"), &form).await? else {
        return Ok(list(&patient));
    };
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page_as(status(&typed), &door, &view, at, |s, opened| drawn_allergy(s, opened, &view, &typed)).await
}

fn drawn_edit(
    s: Sheet,
    opened: &Opened,
    view: &View,
    id: &str,
    typed: &Typed,
) -> Result<Drawn<Page>, Failure> {
    let entry = entry::find(&opened.chart, "allergies", id).ok_or_else(nowhere)?;
    if !opened.chart.may_write(&["AllergyIntolerance"]) || !entry.deeds(true).contains(&Deed::Withdraw) {
        return Err(may_not());
    }
    let kept = Typed { fields: own::fields(&opened.chart, id), ..Typed::default() };
    let shown = if typed.fields.is_empty() { &kept } else { typed };
    let action = s.to(&format!("allergies/{}/edit", escaped(id)));
    let part = allergy_form(s.w, shown, (action, entry.version));
    let mut page = Page::new(s, opened, view, "allergy-edit", typed);
    page.parts = vec![part];
    Ok(page.drawn())
}

/// `GET /patient/chart/{patient}/allergies/{id}/edit`
pub(crate) async fn edit(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page(&door, &view, at, |s, opened| drawn_edit(s, opened, &view, &id, &Typed::default())).await
}

/// `POST /patient/chart/{patient}/allergies/{id}/edit`
pub(crate) async fn take_edit(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let mut typed = Typed { fields: form.fields().to_vec(), ..Typed::default() };
    match Own::read("allergy", |name| form.get(name).to_owned()) {
        Err(faults) => typed.faults = faults,
        Ok(own) => {
            let version = form.get("version").parse().unwrap_or_default();
            let at = (patient.clone(), id.clone());
            let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
                let act = login.act_on_chart(who, &at.0, visit).map_err(crate::failure::of)?;
                match own::edit_allergy(record, &act, &at.0, (&at.1, version), &own) {
                    Ok(()) => Ok(true),
                    Err(Error::Precondition(_)) => Ok(false),
                    Err(error) => Err(Failure::from(error)),
                }
            };
            if with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?.1? {
                return Ok(list(&patient));
            }
            typed.error = "entry-stale";
        }
    }
    let at = (Realm::Patient, patient.as_str(), Section::Entries);
    page_as(status(&typed), &door, &view, at, |s, opened| drawn_edit(s, opened, &view, &id, &typed)).await
}

fn contacts(s: &Sheet, opened: &Opened, typed: &Typed) -> Part {
    let may = s.realm == Realm::Patient && opened.chart.may_write(&["RelatedPerson"]);
    let line = |contact: own::Contact| Line {
        name: contact.name,
        text: [contact.relation, contact.phone]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        remove: may.then_some((contact.id, contact.version)),
        ..Line::default()
    };
    let fields = || {
        vec![
            typed.input(s.w, "name", false),
            typed.input(s.w, "relation", true),
            typed.input(s.w, "phone", false),
        ]
    };
    let form = || Ask {
        action: s.to("details"),
        choice: "contact",
        version: 0,
        fields: fields(),
        button: s.w.say("contact-add"),
    };
    Part {
        heading: s.w.say("contacts"),
        none: s.w.say("contacts-none"),
        lines: own::contacts(&opened.chart).into_iter().map(line).collect(),
        form: may.then(form),
    }
}

fn blood(s: &Sheet, opened: &Opened, typed: &Typed) -> Part {
    let may = s.realm == Realm::Patient && opened.chart.may_write(&["Observation"]);
    let mut choice = typed.input(s.w, "blood-group", false);
    choice.options = [(String::new(), s.w.say("not-recorded"))]
        .into_iter()
        .chain(BLOOD_GROUPS.iter().map(|(word, _, _)| ((*word).to_owned(), word.to_uppercase())))
        .collect();
    let form = Ask {
        action: s.to("details"),
        choice: "blood-group",
        version: 0,
        fields: vec![choice],
        button: s.w.say("save"),
    };
    Part {
        heading: s.w.say("measured-882-1"),
        none: s.w.say("not-recorded"),
        lines: newest(s, opened, &[BLOOD_GROUP]),
        form: may.then_some(form),
    }
}

/// The newest value of each of these.
fn newest(s: &Sheet, opened: &Opened, codes: &[&str]) -> Vec<Line> {
    let all = results::of(&opened.chart);
    let line = |code: &&str| {
        let series = all.iter().find(|series| series.key == **code)?;
        let point = series.newest()?;
        let mut tags = Vec::new();
        if point.is_patients {
            tags.push(s.w.say("by-patient"));
            if *code == BLOOD_GROUP {
                tags.push(s.w.say("not-lab-verified"));
            }
        }
        Some(Line {
            to: s.to(&format!("entries/vitals/{}", escaped(&point.id))),
            name: s.name(series),
            text: format!("{} · {}", point.text, s.w.date_or(&point.when)),
            tags,
            remove: None,
        })
    };
    codes.iter().filter_map(line).collect()
}

fn drawn_details(s: Sheet, opened: &Opened, view: &View, typed: &Typed) -> Drawn<Page> {
    let body = Part {
        heading: s.w.say("body"),
        none: s.w.say("not-recorded"),
        lines: newest(&s, opened, &["8302-2", "29463-7", "39156-5"]),
        form: None,
    };
    let parts = vec![contacts(&s, opened, typed), blood(&s, opened, typed), body];
    let may = opened.chart.may_write(&["Observation"]);
    let links = may.then(|| (s.to("vitals/new"), s.w.say("vitals-new"))).into_iter().collect();
    let mut page = Page::new(s, opened, view, "section-details", typed);
    (page.parts, page.links) = (parts, links);
    page.drawn()
}

/// `GET /{realm}/chart/{patient}/details`
pub(crate) async fn details(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Details);
    page(&door, &view, at, |s, opened| Ok(drawn_details(s, opened, &view, &Typed::default()))).await
}

/// `POST /{realm}/chart/{patient}/details`: the patient writes; whoever else tries is refused below, and that is signed.
pub(crate) async fn take_details(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let wrong = match form.get("choice") {
        "remove" => removed(&door, &view, (realm, &patient), &form).await?,
        "blood-group" => stored(&door, &view, (realm, &patient, "blood-group"), &form).await?,
        _ => stored(&door, &view, (realm, &patient, "contact"), &form).await?,
    };
    let Some(typed) = wrong else {
        return Ok(go(&format!("/{name}/chart/{patient}/details"), Vec::new()));
    };
    let at = (realm, patient.as_str(), Section::Details);
    page_as(status(&typed), &door, &view, at, |s, opened| Ok(drawn_details(s, opened, &view, &typed))).await
}

async fn removed(
    door: &Door,
    view: &View,
    (realm, patient): (Realm, &str),
    form: &Form,
) -> Result<Option<Typed>, Answer> {
    let (of, id) = (patient.to_owned(), form.get("about").to_owned());
    let version = form.get("version").parse().unwrap_or_default();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &of, visit).map_err(crate::failure::of)?;
        match own::remove_contact(record, &act, &of, (&id, version)) {
            Ok(()) => Ok(None),
            Err(Error::Precondition(_)) => Ok(Some(Typed { error: "entry-stale", ..Typed::default() })),
            Err(error) => Err(Failure::from(error)),
        }
    };
    Ok(with_record(door, &view.guest, realm, Some(form), work).await?.1?)
}
