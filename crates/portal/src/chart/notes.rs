//! Notes: the list, and one to read, with what was added to it below.

pub(crate) mod act;
pub(crate) mod beside;
pub(crate) mod form;

use super::{
    Drawn, Opened, page,
    sheet::{Section, Sheet},
};
use crate::{
    failure::{Answer, nowhere},
    signed_in::realm,
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use care::note::{self, Deed, Note, Part, Status};
use std::sync::Arc;
use web::{door::Door, failure::Failure};

#[derive(Template)]
#[template(path = "chart/notes.html")]
struct Notes {
    s: Sheet,
    /// What a new note begins from: address and words.
    templates: Vec<(String, String)>,
    lines: Vec<Line>,
}

/// A note on the list.
struct Line {
    to: String,
    title: String,
    state: Mark,
    kind: String,
    when: String,
    by: String,
    /// Who signed it, or who took it back and why.
    said: String,
    added: usize,
    is_withdrawn: bool,
}

/// How far a note is: a class and a word.
struct Mark {
    class: &'static str,
    words: String,
}

fn state(w: Words, status: Status) -> Mark {
    let (class, key) = match status {
        Status::Preliminary => ("", "note-open"),
        Status::Signed => ("now", "note-signed"),
        Status::Withdrawn => ("severe", "note-withdrawn"),
    };
    Mark { class, words: w.say(key) }
}

/// What a note is, in words.
fn kind(w: Words, note: &Note) -> String {
    note.template.map_or_else(|| note.what.clone(), |template| w.say(&format!("template-{}", template.key)))
}

/// To the minute, and in which time, where that is known.
fn when(w: Words, note: &Note) -> String {
    note.at.map_or_else(|| w.moment_or(&note.when), |at| w.minute(at))
}

fn heading(w: Words, part: &Part) -> String {
    match part.key {
        "" => part.title.clone(),
        key => w.say(&format!("heading-{key}")),
    }
}

/// Who did something and when.
fn told(w: Words, key: &str, deed: &Deed) -> String {
    let by = if deed.by.is_empty() { w.say("nobody-known") } else { deed.by.clone() };
    let at = deed.at.map(|at| w.minute(at)).unwrap_or_default();
    w.values(key, &[("by", &by), ("when", &at)])
}

/// Who signed it, or who took it back and why.
fn stands(w: Words, note: &Note) -> Vec<String> {
    let signed = note.signed.as_ref().map(|deed| told(w, "note-signed-by", deed));
    let says = note.withdrawn.is_some() || !note.why.is_empty();
    let withdrawn = (note.status == Status::Withdrawn && says).then(|| {
        let deed = note.withdrawn.clone().unwrap_or_default();
        format!("{} {}", told(w, "note-withdrawn-by", &deed), w.with("note-because", "why", &note.why))
    });
    signed.into_iter().chain(withdrawn).collect()
}

/// `GET /{realm}/chart/{patient}/notes`
pub(crate) async fn notes(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Notes);
    page(&door, &view, at, |s, opened| {
        let w = s.w;
        let all = note::of(&opened.chart);
        let is_added = |note: &Note| all.iter().any(|other| other.id == note.appends);
        let line = |note: &Note| Line {
            to: s.to(&format!("notes/{}", note.id)),
            title: note.title.clone(),
            state: state(w, note.status),
            kind: kind(w, note),
            when: when(w, note),
            by: note.by.join(", "),
            said: stands(w, note).pop().unwrap_or_default(),
            added: note::addenda(&all, &note.id).len(),
            is_withdrawn: note.status == Status::Withdrawn,
        };
        let lines = all.iter().filter(|note| !is_added(note)).map(line).collect();
        let begin = |template: &note::template::Template| {
            let to = s.to(&format!("notes/new?template={}", template.key));
            (to, w.say(&format!("template-{}", template.key)))
        };
        let templates =
            note::template::Template::all().filter(|_| opened.writes_notes()).map(begin).collect();
        Ok(Drawn { title: w.say("section-notes"), page: Notes { templates, lines, s } })
    })
    .await
}

#[derive(Template)]
#[template(path = "chart/note.html")]
struct Reading {
    s: Sheet,
    note: Shown,
    added: Vec<Shown>,
    /// The note that this one was added to: address and title.
    base: Option<(String, String)>,
    /// Where an addendum begins; empty where none may.
    add: String,
    /// What is said before all else.
    notice: String,
    /// What is wrong with a reason.
    error: String,
    typed: String,
    token: String,
}

/// A note as it is read.
struct Shown {
    to: String,
    title: String,
    state: Mark,
    kind: String,
    /// Who wrote it, who signed it, who took it back.
    lines: Vec<String>,
    parts: Vec<(String, String)>,
    version: i64,
    is_withdrawn: bool,
    /// Whether the reader may go on writing it, and sign it.
    is_open: bool,
    /// Whether it is being written by another program.
    is_foreign: bool,
    may_withdraw: bool,
}

fn shown(s: &Sheet, opened: &Opened, note: &Note) -> Shown {
    let w = s.w;
    let written = Deed { by: note.by.join(", "), at: note.at };
    let mut lines = match note.at {
        Some(_) => vec![told(w, "note-written-by", &written)],
        None => vec![w.values("note-written-by", &[("by", &written.by), ("when", &when(w, note))])],
    };
    lines.extend(stands(w, note));
    let is_preliminary = note.status == Status::Preliminary;
    Shown {
        to: s.to(&format!("notes/{}", note.id)),
        title: note.title.clone(),
        state: state(w, note.status),
        kind: kind(w, note),
        lines,
        parts: note.parts.iter().map(|part| (heading(w, part), part.text.clone())).collect(),
        version: note.version,
        is_withdrawn: note.status == Status::Withdrawn,
        is_open: opened.writes_notes() && note.is_open(),
        is_foreign: is_preliminary && !note.is_ours,
        may_withdraw: opened.writes_notes() && note.status != Status::Withdrawn,
    }
}

/// What is said on a note's page beside the note.
#[derive(Default)]
struct Say {
    notice: String,
    error: String,
    typed: String,
}

fn drawn(s: Sheet, opened: &Opened, id: &str, say: Say) -> Result<Drawn<Reading>, Failure> {
    let all = note::of(&opened.chart);
    let note = all.iter().find(|note| note.id == id).ok_or_else(nowhere)?;
    let base = all.iter().find(|other| other.id == note.appends);
    let may_add = opened.writes_notes() && note.status == Status::Signed && note.appends.is_empty();
    let add = s.to(&format!("notes/new?appends={}", note.id));
    let page = Reading {
        note: shown(&s, opened, note),
        added: note::addenda(&all, id).into_iter().map(|note| shown(&s, opened, note)).collect(),
        base: base.map(|base| (s.to(&format!("notes/{}", base.id)), base.title.clone())),
        add: if may_add { add } else { String::new() },
        notice: say.notice,
        error: say.error,
        typed: say.typed,
        token: opened.who.form_token.clone(),
        s,
    };
    Ok(Drawn { title: page.note.title.clone(), page })
}

/// `GET /{realm}/chart/{patient}/notes/{id}`
pub(crate) async fn note(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient, id)): Path<(String, String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Notes);
    page(&door, &view, at, |s, opened| drawn(s, opened, &id, Say::default())).await
}
