//! The words of a resource, and where some of them stand.

use super::Said;
use crate::{chart::Chart, note};
use base64::{Engine, engine::general_purpose::STANDARD};
use fhir::text;
use serde_json::Value;

/// Members whose text is no word for people: addresses, types, keys, and what is said of the resource and not in it.
const UNSAID: [&str; 13] = [
    "resourceType",
    "id",
    "meta",
    "reference",
    "type",
    "system",
    "url",
    "contentType",
    "hash",
    "language",
    "use",
    "status",
    "data",
];

/// How much stands on either side of a word, in characters.
const BESIDE: usize = 60;

/// A text of a resource.
pub(super) struct Text {
    text: String,
    pub(super) is_in_file: bool,
}

/// A word and where it stands, in bytes.
pub(super) struct Word {
    pub(super) text: String,
    at: usize,
}

/// All texts of a resource, in the order in which they stand; the text of a file comes last.
pub(super) fn of(chart: &Chart, resource: &Value) -> Vec<Text> {
    let mut all = Vec::new();
    walk(chart, resource, &mut all);
    all.extend(file_texts(resource).map(|text| Text { text, is_in_file: true }));
    all
}

fn walk(chart: &Chart, value: &Value, all: &mut Vec<Text>) {
    let mut say = |text: &str| all.push(Text { text: text.to_owned(), is_in_file: false });
    match value {
        Value::String(text) => say(text),
        Value::Number(number) => say(&number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| walk(chart, item, all)),
        Value::Object(members) => {
            // A name that the chart knows and the reference does not say.
            if members.contains_key("reference") && !members.contains_key("display") {
                say(&chart.called(Some(value)));
            }
            for (member, value) in members {
                match (member.as_str(), value) {
                    ("div", Value::String(narrative)) => {
                        all.push(Text { text: note::text::plain(narrative), is_in_file: false });
                    }
                    // `type` is a concept in most places, and the type of what a reference leads to in others.
                    ("type", Value::Object(_) | Value::Array(_)) => walk(chart, value, all),
                    (unsaid, _) if UNSAID.contains(&unsaid) => {}
                    _ => walk(chart, value, all),
                }
            }
        }
        Value::Bool(_) | Value::Null => {}
    }
}

/// The texts of a document's file, as far as the document holds them itself.
fn file_texts(resource: &Value) -> impl Iterator<Item = String> {
    let contents = resource.get("content").and_then(Value::as_array).into_iter().flatten();
    contents.filter_map(|content| {
        let attachment = content.get("attachment")?;
        let text = |member: &str| attachment.get(member).and_then(Value::as_str);
        let bytes = text("contentType").filter(|kind| kind.starts_with("text/plain")).and(text("data"))?;
        String::from_utf8(STANDARD.decode(bytes).ok()?).ok()
    })
}

/// The words of a text: parted by spaces and by what parts words, with apostrophes, points and hyphens within.
pub(super) fn all(text: &str) -> impl Iterator<Item = Word> {
    let parts = |c: char| c.is_whitespace() || "/,;:()[]{}<>|\"“”„«»…".contains(c);
    text.split(parts)
        .scan(0, move |next, word| {
            let at = *next;
            // What parts two words is one character; how long it is, the text says.
            let behind = at + word.len();
            *next =
                behind + text.get(behind..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            Some(Word { text: word.to_owned(), at })
        })
        .filter(|word| !word.text.is_empty())
}

/// A word as words are compared; more than one where a dash stands in it.
pub(super) fn folded(word: &str) -> Vec<String> {
    text::normalize(word).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// What is said around the first of the words that are asked for; `None` where one of them stands nowhere.
pub(super) fn said(texts: &[Text], asked: &[String]) -> Option<Said> {
    let mut missing: Vec<&String> = asked.iter().collect();
    let mut first: Option<Said> = None;
    for text in texts {
        for word in all(&text.text) {
            let own = folded(&word.text);
            let begins = |asked: &&String| own.iter().any(|own| own.starts_with(asked.as_str()));
            if first.is_none() && asked.iter().any(|asked| begins(&asked)) {
                first = Some(around(text, &word));
            }
            missing.retain(|asked| !begins(asked));
        }
        if missing.is_empty() {
            return first;
        }
    }
    None
}

fn around(text: &Text, word: &Word) -> Said {
    let (before, rest) = text.text.split_at(word.at);
    let (found, after) = rest.split_at(word.text.len());
    let start = before.char_indices().rev().nth(BESIDE - 1).map_or(0, |(at, _)| at);
    let end = after.char_indices().nth(BESIDE).map_or(after.len(), |(at, _)| at);
    let mut said = Said {
        before: before[start..].to_owned(),
        found: found.to_owned(),
        after: after[..end].to_owned(),
        is_in_file: text.is_in_file,
    };
    if start > 0 {
        // Not in the middle of a word.
        let cut =
            said.before.find(char::is_whitespace).map_or(String::new(), |at| said.before[at..].to_owned());
        said.before = format!("…{cut}");
    }
    if end < after.len() {
        let cut =
            said.after.rfind(char::is_whitespace).map_or(String::new(), |at| said.after[..at].to_owned());
        said.after = format!("{cut}…");
    }
    said
}
