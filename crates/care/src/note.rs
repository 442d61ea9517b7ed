//! Clinicians' notes: a `Composition` that is being written (`preliminary`), is signed (`final`) and then stays as it is, gets an addendum,
//! or turns out to have been entered in error. Nothing that was typed is lost, whoever was quicker.
//!
//! Source: <https://hl7.org/fhir/R4/composition.html>

pub mod merge;
pub mod template;
pub mod text;
pub mod write;

use crate::{chart::Chart, coding, when::When};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashSet;
use template::Template;

pub(crate) const LOINC: &str = "http://loinc.org";

/// Why a status is what it is.
const REASON: &str = "http://hl7.org/fhir/StructureDefinition/event-statusReason";

/// Who took a note back and when, as nothing in a Composition says it.
const WITHDRAWN: &str = "urn:keepwell:extension:entered-in-error";

/// How deep sections of other programs' notes are followed.
const DEEPEST: usize = 8;

/// How far a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is being written.
    Preliminary,
    /// Somebody stands for it, and it stays as it is.
    Signed,
    /// It should not be there.
    Withdrawn,
}

impl Status {
    pub(crate) fn of(value: &Value) -> Status {
        match value.get("status").and_then(Value::as_str) {
            Some("final" | "amended") => Status::Signed,
            Some("entered-in-error") => Status::Withdrawn,
            _ => Status::Preliminary,
        }
    }
}

/// Who did something with a note, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deed {
    /// Who; empty where it is not said.
    pub by: String,
    /// When.
    pub at: Option<Timestamp>,
}

/// What stands under one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The key of its heading; empty where it is none of the template's.
    pub key: &'static str,
    /// The heading, as the note itself says it.
    pub title: String,
    /// The text.
    pub text: String,
}

/// A note.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// How far it is.
    pub status: Status,
    /// What it is called.
    pub title: String,
    /// The template it follows, where it is one of ours.
    pub template: Option<&'static Template>,
    /// What kind it is, in the note's own words.
    pub what: String,
    /// When it was last written.
    pub when: Option<When>,
    /// The same to the second, where it is known so.
    pub at: Option<Timestamp>,
    /// Who wrote it.
    pub by: Vec<String>,
    /// Who signed it.
    pub signed: Option<Deed>,
    /// Who took it back.
    pub withdrawn: Option<Deed>,
    /// Why.
    pub why: String,
    /// The id of the Encounter that it is about.
    pub visit: String,
    /// The id of the note that it is added to; empty where it stands for itself.
    pub appends: String,
    /// What it says.
    pub parts: Vec<Part>,
    /// Where it comes from.
    pub source: String,
    /// Whether our form can change it without losing anything: it follows a template, and is nothing but text.
    pub is_ours: bool,
}

impl Note {
    /// Whether it can be written on: it is not signed, and our form can hold it.
    pub fn is_open(&self) -> bool {
        self.status == Status::Preliminary && self.is_ours
    }

    /// What stands under a heading.
    pub fn text(&self, key: &str) -> &str {
        self.parts.iter().find(|part| part.key == key).map_or("", |part| part.text.as_str())
    }
}

/// The notes of a chart, newest first, those that are added to others among them.
pub fn of(chart: &Chart) -> Vec<Note> {
    let notes = chart.of_type("Composition").map(|resource| note(chart, &resource.id, &resource.value));
    let mut found: Vec<Note> = notes.collect();
    found.sort_by(|a, b| b.when.cmp(&a.when).then_with(|| b.id.cmp(&a.id)));
    found
}

/// What was added to a note, oldest first.
pub fn addenda<'n>(notes: &'n [Note], id: &str) -> Vec<&'n Note> {
    let mut found: Vec<&Note> = notes.iter().filter(|note| note.appends == id).collect();
    found.reverse();
    found
}

/// Leaves of the notes those that are signed: what a patient reads. What is being written is nobody's word yet, and what was entered
/// in error may be about somebody else; so may what was added to it.
pub fn keep_signed(chart: &mut Chart) {
    let notes: Vec<(&str, &Value)> =
        chart.of_type("Composition").map(|resource| (resource.id.as_str(), &resource.value)).collect();
    let hidden = hidden(&notes);
    chart.resources.retain(|resource| resource.kind != "Composition" || !hidden.contains(&resource.id));
}

/// Of all notes of a record, the ids of those that [`keep_signed`] leaves out.
pub fn unsigned(notes: &[Value]) -> HashSet<String> {
    let id = |note: &Value| note.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let ids: Vec<String> = notes.iter().map(id).collect();
    hidden(&ids.iter().map(String::as_str).zip(notes).collect::<Vec<_>>())
}

fn hidden(notes: &[(&str, &Value)]) -> HashSet<String> {
    let is_open = |note: &Value| Status::of(note) != Status::Signed;
    let open: HashSet<&str> = notes.iter().filter(|(_, note)| is_open(note)).map(|(id, _)| *id).collect();
    let stays = |note: &Value| is_open(note) || open.contains(appends(note).as_str());
    notes.iter().filter(|(_, note)| stays(note)).map(|(id, _)| (*id).to_owned()).collect()
}

/// The type that is written for a note.
pub const TYPES: [&str; 1] = ["Composition"];

fn note(chart: &Chart, id: &str, value: &Value) -> Note {
    let text = |member: &str| value.get(member).and_then(Value::as_str).unwrap_or_default();
    let kind = value.get("type").unwrap_or(&Value::Null);
    let template = Template::of(kind);
    let authors = value.get("author").and_then(Value::as_array).into_iter().flatten();
    let version = value.pointer("/meta/versionId").and_then(Value::as_str).and_then(|v| v.parse().ok());
    let what = coding::words(kind);
    let title = text("title");
    Note {
        id: id.to_owned(),
        version: version.unwrap_or_default(),
        status: Status::of(value),
        title: if title.is_empty() { what.clone() } else { title.to_owned() },
        template,
        what,
        when: When::first(value, &["date"]),
        at: text("date").parse().ok(),
        by: authors.map(|who| chart.called(Some(who))).filter(|name| !name.is_empty()).collect(),
        signed: attested(chart, value),
        withdrawn: extension(value, WITHDRAWN).map(|by| Deed {
            by: chart.called(extension(by, "by").and_then(|by| by.get("valueReference"))),
            at: extension(by, "at").and_then(|at| at.get("valueDateTime")?.as_str()?.parse().ok()),
        }),
        why: extension(value, REASON)
            .and_then(|reason| reason.get("valueCodeableConcept"))
            .map(coding::words)
            .unwrap_or_default(),
        visit: local(value.get("encounter"), "Encounter"),
        appends: appends(value),
        parts: parts(value),
        source: chart.source(value),
        is_ours: is_ours(value),
    }
}

/// Who stands for it: the legal signature before any other.
fn attested(chart: &Chart, value: &Value) -> Option<Deed> {
    let all = || value.get("attester").and_then(Value::as_array).into_iter().flatten();
    let is_legal = |attester: &&Value| attester.get("mode").and_then(Value::as_str) == Some("legal");
    let found = all().find(is_legal).or_else(|| all().next())?;
    let at = found.get("time").and_then(Value::as_str).and_then(|at| at.parse().ok());
    Some(Deed { by: chart.called(found.get("party")), at })
}

fn extension<'v>(value: &'v Value, url: &str) -> Option<&'v Value> {
    let mut all = value.get("extension").and_then(Value::as_array).into_iter().flatten();
    all.find(|extension| extension.get("url").and_then(Value::as_str) == Some(url))
}

/// The id that a reference to that type leads to; empty where it leads elsewhere.
fn local(reference: Option<&Value>, kind: &str) -> String {
    let to = reference.and_then(|reference| reference.get("reference")?.as_str());
    let found = to.and_then(fhir::reference::local).filter(|local| local.type_name == kind);
    found.map(|local| local.id.to_owned()).unwrap_or_default()
}

/// The id of the note that this one is added to.
pub(crate) fn appends(value: &Value) -> String {
    let mut all = value.get("relatesTo").and_then(Value::as_array).into_iter().flatten();
    let found = all.find(|relation| relation.get("code").and_then(Value::as_str) == Some("appends"));
    local(found.and_then(|relation| relation.get("targetReference")), "Composition")
}

/// Whose note it is.
pub(crate) fn subject(value: &Value) -> String {
    local(value.get("subject"), "Patient")
}

/// What a note says, sections within sections one after the other.
pub fn parts(value: &Value) -> Vec<Part> {
    let template = value.get("type").and_then(Template::of);
    let mut found = Vec::new();
    gather(value, template, &mut found, 0);
    found
}

fn gather(value: &Value, template: Option<&'static Template>, found: &mut Vec<Part>, depth: usize) {
    for section in sections(value) {
        let narrative = section.pointer("/text/div").and_then(Value::as_str);
        let title = section.get("title").and_then(Value::as_str);
        let named = || section.get("code").map(coding::words).unwrap_or_default();
        let part = Part {
            key: template.and_then(|template| template.heading(section)).map_or("", |heading| heading.key),
            title: title.map(str::to_owned).unwrap_or_else(named),
            text: narrative.map(text::plain).unwrap_or_default(),
        };
        if !part.text.is_empty() || !part.title.is_empty() {
            found.push(part);
        }
        if depth < DEEPEST {
            gather(section, template, found, depth + 1);
        }
    }
}

pub(crate) fn sections(value: &Value) -> impl Iterator<Item = &Value> {
    value.get("section").and_then(Value::as_array).into_iter().flatten()
}

/// Whether nothing is lost where our form writes it again.
pub(crate) fn is_ours(value: &Value) -> bool {
    let Some(template) = value.get("type").and_then(Template::of) else { return false };
    let mut seen = Vec::new();
    sections(value).all(|section| {
        let heading = template.heading(section).filter(|heading| !seen.contains(&heading.key));
        let narrative = section.pointer("/text/div").and_then(Value::as_str);
        seen.extend(heading.map(|heading| heading.key));
        heading.is_some() && section.get("section").is_none() && narrative.is_none_or(text::is_plain)
    })
}

#[cfg(test)]
mod tests;
