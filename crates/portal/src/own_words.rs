//! What the house says of itself in its own words: as anybody reads it, and as an administrator writes it. Plain text: a line that is left
//! empty begins a paragraph, and nothing in it is taken for HTML.

use crate::{
    failure::{Answer, nowhere, of},
    page::go,
    signed_in::with,
    view::View,
    words::{Language, Words},
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
    error::Error,
    page_text::{PageText, Part, Saved},
    realm::Realm,
    roster::By,
    session::Who,
    visit::Visit,
};
use std::{collections::HashMap, sync::Arc};
use web::{door::Door, form::Text};

/// Where the list is.
const LIST: &str = "/admin/pages";

/// The house's own text, as a page shows it.
pub(crate) struct Own {
    /// Its language.
    pub(crate) language: Language,
    /// That it is another language than the reader's; empty where it is theirs.
    pub(crate) note: String,
    /// Paragraphs of lines.
    pub(crate) paragraphs: Vec<Vec<String>>,
}

fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let parts = lines.split(|line| line.is_empty()).filter(|part| !part.is_empty());
    parts.map(|part| part.iter().map(|line| (*line).to_owned()).collect()).collect()
}

/// What the house says about that, in the reader's language or else in the first that it is written in.
pub(crate) fn own(login: &Login, w: Words, part: Part, now: Timestamp) -> Result<Option<Own>, Error> {
    let others = Language::ALL.into_iter().filter(|language| *language != w.0);
    for language in [w.0].into_iter().chain(others) {
        let text = login.page_text(part, language.code(), now)?.text;
        if text.is_empty() {
            continue;
        }
        let note = match language == w.0 {
            true => String::new(),
            false => w.with("own-other-language", "language", language.own_name()),
        };
        return Ok(Some(Own { language, note, paragraphs: paragraphs(&text) }));
    }
    Ok(None)
}

/// What it is about.
pub(crate) fn title(w: Words, part: Part) -> String {
    w.say(&format!("own-{}", part.name()))
}

/// The list of what can be written.
#[derive(Template)]
#[template(path = "own-words.html")]
struct List {
    w: Words,
    saved: bool,
    parts: Vec<Listed>,
}

struct Listed {
    title: String,
    /// Where it is read.
    at: &'static str,
    /// Address, language, and whether something is written in it.
    languages: Vec<(String, Language, bool)>,
}

/// Where a part is read.
fn place(part: Part) -> &'static str {
    match part {
        Part::About | Part::Mission => "/about",
        Part::Contact | Part::Grievance => "/contact",
        Part::Privacy => "/privacy",
        Part::Accessibility => "/accessibility",
    }
}

fn listed(w: Words, login: &Login, who: &Who, visit: &Visit) -> Result<Vec<Listed>, Error> {
    let mut all = Vec::new();
    for part in Part::ALL {
        let mut languages = Vec::new();
        for language in Language::ALL {
            let text = login.page_text_to_edit(who, *part, language.code(), visit)?.text;
            let to = format!("{LIST}/edit?part={}&language={}", part.name(), language.code());
            languages.push((to, language, !text.is_empty()));
        }
        all.push(Listed { title: title(w, *part), at: place(*part), languages });
    }
    Ok(all)
}

/// `GET /admin/pages`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Query(asked): Query<HashMap<String, String>>,
    view: View,
) -> Result<Response, Answer> {
    let w = view.words;
    let list = move |login: &Login, who: &Who, visit: &Visit| listed(w, login, who, visit);
    let (who, parts) = with(&door, &view.guest, Realm::Admin, None, list).await?;
    let page = List { w, saved: asked.contains_key("saved"), parts: parts.map_err(of)? };
    Ok(view.of(&who).show(StatusCode::OK, &w.say("place-pages"), &page))
}

/// One text in one language, to be written.
#[derive(Template)]
#[template(path = "own-words-edit.html")]
struct Edit {
    w: Words,
    token: String,
    part: Part,
    language: Language,
    text: String,
    version: i64,
    error: String,
    /// What somebody else has written meanwhile.
    theirs: Option<PageText>,
}

impl Edit {
    fn new(w: Words, who: &Who, (part, language): (Part, Language), kept: PageText) -> Edit {
        let (text, version) = (kept.text, kept.version);
        let token = who.form_token.clone();
        Edit { w, token, part, language, text, version, error: String::new(), theirs: None }
    }

    fn title(&self) -> String {
        let (part, language) = (title(self.w, self.part), self.language.own_name());
        self.w.values("own-title", &[("part", &part), ("language", language)])
    }

    fn lead(&self) -> String {
        let key = if is_added(self.part) { "own-lead-added" } else { "own-lead-instead" };
        self.w.say(key)
    }

    fn show(&self, view: &View, who: &Who, status: StatusCode) -> Response {
        view.of(who).show(status, &self.title(), self)
    }
}

/// Whether what is built in stays beside the house's own words.
pub(crate) fn is_added(part: Part) -> bool {
    matches!(part, Part::Privacy | Part::Accessibility)
}

/// The text that is meant; without a name, the first one in the reader's language.
fn meant(w: Words, part: Option<&str>, language: Option<&str>) -> Option<(Part, Language)> {
    let part = part.map_or(Some(Part::About), Part::named)?;
    Some((part, language.map_or(Some(w.0), Language::named)?))
}

/// `GET /admin/pages/edit`
pub(crate) async fn edit(
    State(door): State<Arc<Door>>,
    Query(asked): Query<HashMap<String, String>>,
    view: View,
) -> Result<Response, Answer> {
    let asked = |name: &str| asked.get(name).map(String::as_str);
    let at = meant(view.words, asked("part"), asked("language")).ok_or_else(nowhere);
    let (who, kept) = with(&door, &view.guest, Realm::Admin, None, move |login, who, visit| {
        let read = |(part, language): (Part, Language)| {
            let kept = login.page_text_to_edit(who, part, language.code(), visit)?;
            Ok::<_, Error>(((part, language), kept))
        };
        Ok(at.map(read))
    })
    .await?;
    let (at, kept) = kept.map_err(of)??.map_err(of)?;
    Ok(Edit::new(view.words, &who, at, kept).show(&view, &who, StatusCode::OK))
}

/// `POST /admin/pages/edit`: where somebody else has written meanwhile, both texts are shown, and nothing is saved yet.
pub(crate) async fn save(
    State(door): State<Arc<Door>>,
    view: View,
    Text(form): Text,
) -> Result<Response, Answer> {
    let at = meant(view.words, Some(form.get("part")), Some(form.get("language"))).ok_or_else(nowhere);
    let (typed, version) = (form.get("text").to_owned(), form.get("version").parse().unwrap_or(0));
    let (who, saved) = with(&door, &view.guest, Realm::Admin, Some(&form), move |login, who, visit| {
        let write = |(part, language): (Part, Language)| {
            let saved = login.write_page_text(
                By::Administrator(who),
                (part, language.code()),
                &typed,
                version,
                visit,
            );
            ((part, language), typed, saved)
        };
        Ok(at.map(write))
    })
    .await?;
    let (at, text, saved) = saved.map_err(of)??;
    let page = |version| Edit::new(view.words, &who, at, PageText { text, version, ..PageText::default() });
    match saved {
        Ok(Saved::Done) => Ok(go("/admin/pages?saved=yes", Vec::new())),
        Ok(Saved::Meanwhile(theirs)) => {
            let page = Edit { theirs: Some(theirs.clone()), ..page(theirs.version) };
            Ok(page.show(&view, &who, StatusCode::CONFLICT))
        }
        Err(error @ Error::Invalid { .. }) => {
            let page = Edit { error: view.words.error(&error), ..page(version) };
            Ok(page.show(&view, &who, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(error) => Err(of(error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p10_an_empty_line_begins_a_paragraph() {
        assert_eq!(paragraphs("a\nb\n\n \n\nc\n"), [vec!["a", "b"], vec!["c"]]);
        assert!(paragraphs(" \n ").is_empty());
    }
}
