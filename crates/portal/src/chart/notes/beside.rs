//! Somebody else was quicker: what stands in the record now beside what was typed, with a form that saves both. Nothing is lost.

use super::{kind, stands, when};
use crate::{
    chart::{Drawn, Opened, sheet::Sheet},
    words::Words,
};
use askama::Template;
use care::note::{
    self, Note, Part, Status,
    merge::{self, Side},
    template::Template as Kind,
    write::Draft,
};

#[derive(Template)]
#[template(path = "chart/note-beside.html")]
pub(super) struct Beside {
    s: Sheet,
    /// The note that the form writes: the same one, or a new one where that one takes no more.
    id: String,
    version: i64,
    title: String,
    lead: String,
    button: String,
    /// What is in the record now; none where it is not there any more.
    now: Option<Now>,
    typed: Draft,
    sides: Vec<Side>,
    /// Whether two texts are put together; else what was typed becomes something of its own.
    is_merge: bool,
    token: String,
}

/// The note as it is now.
struct Now {
    to: String,
    title: String,
    kind: String,
    lines: Vec<String>,
}

impl Beside {
    fn heading(&self, key: &str) -> String {
        self.s.w.say(&format!("heading-{key}"))
    }
}

/// The page for a note that was changed, signed or taken back since its form was opened. `base` is what the form began from.
pub(super) fn drawn(
    s: Sheet,
    opened: &Opened,
    id: &str,
    typed: &Draft,
    base: Option<&[Part]>,
) -> Drawn<Beside> {
    let (w, typed) = (s.w, typed.cleaned());
    let note = note::of(&opened.chart).into_iter().find(|note| note.id == id);
    let open = note.as_ref().filter(|note| note.is_open());
    let signed = note.as_ref().filter(|note| note.status == Status::Signed);
    let (word, typed) = match (open, signed) {
        (Some(_), _) => ("beside", typed),
        (None, Some(signed)) => ("locked", added(w, typed, signed)),
        (None, None) => ("gone", typed),
    };
    let keys = typed.template.headings.iter().map(|heading| heading.key);
    let theirs = open.map_or(&[][..], |note| &note.parts);
    let sides = merge::beside(keys, base.filter(|_| open.is_some()), theirs, &typed.parts);
    let title = w.say(&format!("note-{word}-title"));
    let page = Beside {
        id: open.map_or_else(|| opened.fresh_id.clone(), |note| note.id.clone()),
        version: open.map_or(0, |note| note.version),
        lead: w.say(&format!("note-{word}-lead")),
        button: w.say(&format!("note-{word}-save")),
        title: title.clone(),
        is_merge: open.is_some(),
        now: note.as_ref().map(|note| now(&s, note)),
        sides,
        typed,
        token: opened.who.form_token.clone(),
        s,
    };
    Drawn { title, page }
}

fn now(s: &Sheet, note: &Note) -> Now {
    let written = [("by", note.by.join(", ")), ("when", when(s.w, note))];
    let written = written.each_ref().map(|(name, value)| (*name, value.as_str()));
    let lines = std::iter::once(s.w.values("note-written-by", &written)).chain(stands(s.w, note));
    Now {
        to: s.to(&format!("notes/{}", note.id)),
        title: note.title.clone(),
        kind: kind(s.w, note),
        lines: lines.collect(),
    }
}

/// What was typed, as something that is added to a signed note: all of it under the one heading that there is.
fn added(w: Words, typed: Draft, signed: &Note) -> Draft {
    let Some(template) = Kind::named("addendum").filter(|kind| *kind != typed.template) else {
        return Draft { appends: signed.appends.clone(), ..typed };
    };
    let said = |part: &Part| format!("{}\n{}", w.say(&format!("heading-{}", part.key)), part.text);
    let text = typed.parts.iter().map(said).collect::<Vec<_>>().join("\n\n");
    let part = |heading: &note::template::Heading| Part {
        key: heading.key,
        title: w.say(&format!("heading-{}", heading.key)),
        text: text.clone(),
    };
    Draft {
        title: w.say("template-addendum"),
        appends: signed.id.clone(),
        parts: template.headings.iter().take(1).map(part).collect(),
        template,
        ..typed
    }
}
