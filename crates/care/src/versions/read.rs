//! A resource as leaves: each element that says something by itself, with where it stands and how it is read.

use super::Step;
use crate::{amount::Amount, coding, name::Name};
use serde_json::{Map, Value};

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) place: Vec<Step>,
    pub(super) text: String,
    /// As it is written: what is compared.
    pub(super) raw: Value,
}

/// What no reader asks for: where it lies, its number, and the house's own words for people who see no pages.
const UNSAID: [&str; 4] = ["resourceType", "id", "text", "versionId"];

/// The leaves of a resource.
pub(super) fn leaves(resource: &Value, called: &dyn Fn(&Value) -> String) -> Vec<Leaf> {
    let mut all = Vec::new();
    for (element, value) in resource.as_object().into_iter().flatten() {
        match element.as_str() {
            unsaid if UNSAID.contains(&unsaid) => {}
            "meta" => meta(value, called, &mut all),
            _ => walk(&mut Vec::new(), element, value, called, &mut all),
        }
    }
    all
}

/// Of the house's own notes, what people set: labels, tags, profiles, where it comes from.
fn meta(value: &Value, called: &dyn Fn(&Value) -> String, all: &mut Vec<Leaf>) {
    for (element, value) in value.as_object().into_iter().flatten() {
        if !["versionId", "lastUpdated"].contains(&element.as_str()) {
            walk(&mut Vec::new(), element, value, called, all);
        }
    }
}

fn walk(
    place: &mut Vec<Step>,
    element: &str,
    value: &Value,
    called: &dyn Fn(&Value) -> String,
    all: &mut Vec<Leaf>,
) {
    if let Value::Array(items) = value {
        return items.iter().for_each(|item| walk(place, element, item, called, all));
    }
    place.push(Step { element: element.to_owned(), which: which(value) });
    match (value.as_object(), said(value, called)) {
        (Some(object), None) => {
            for (element, value) in object.iter().filter(|(element, _)| *element != "id") {
                walk(place, element, value, called, all);
            }
        }
        (_, said) => {
            let text = said.unwrap_or_else(|| plain(value));
            // What tells a leaf from others is the leaf itself.
            let last = place.len().saturating_sub(1);
            let steps = place.iter().enumerate().map(|(at, step)| match at == last {
                true => Step { which: String::new(), ..step.clone() },
                false => step.clone(),
            });
            all.push(Leaf { place: steps.collect(), text, raw: value.clone() });
        }
    }
    place.pop();
}

/// What tells an object from its neighbours in a list.
fn which(value: &Value) -> String {
    let Some(object) = value.as_object() else { return String::new() };
    let concept =
        ["code", "type", "relationship"].iter().find_map(|member| object.get(*member)).map(coding::first);
    let words = concept.filter(|concept| concept.is_object()).map(coding::words).unwrap_or_default();
    let text = |member: &str| object.get(member).and_then(Value::as_str).unwrap_or_default();
    match (words.is_empty(), text("url"), text("linkId")) {
        (false, _, _) => words,
        (_, url, "") => url.rsplit(['/', ':']).next().unwrap_or_default().to_owned(),
        (_, _, link) => link.to_owned(),
    }
}

/// What an object says as a whole, where it is of a kind that does; all else is read element by element.
fn said(value: &Value, called: &dyn Fn(&Value) -> String) -> Option<String> {
    let object = value.as_object()?;
    let only = |known: &[&str]| object.keys().all(|key| known.contains(&key.trim_start_matches('_')));
    let has = |member: &str| object.contains_key(member);
    let words = if has("reference") || has("identifier") && only(&["identifier", "display", "type"]) {
        called(value)
    } else if only(&["coding", "text", "id", "extension"]) && (has("coding") || has("text")) {
        coding::words(value)
    } else if has("code") && only(&["system", "version", "code", "display", "userSelected"]) {
        text(object, "display").or_else(|| text(object, "code"))?
    } else if has("value") && only(&["value", "comparator", "unit", "system", "code"]) {
        let amount = Amount::read(value)?;
        format!("{}{} {}", amount.comparator, amount.digits, amount.unit).trim().to_owned()
    } else if only(&["start", "end"]) {
        format!("{} – {}", text(object, "start").unwrap_or_default(), text(object, "end").unwrap_or_default())
    } else if (has("family") || has("given"))
        && only(&["use", "text", "family", "given", "prefix", "suffix", "period"])
    {
        let mut person = Map::new();
        person.insert("name".into(), Value::Array(vec![value.clone()]));
        Name::of(&Value::Object(person)).spoken()
    } else if has("value") && only(&["use", "type", "system", "value", "period", "rank", "assigner"]) {
        text(object, "value")?
    } else {
        return None;
    };
    Some(words).filter(|words| !words.is_empty())
}

fn text(object: &Map<String, Value>, member: &str) -> Option<String> {
    object.get(member).and_then(Value::as_str).map(str::to_owned)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
