//! Putting real names where a transaction's entries named each other by `fullUrl`:
//! <https://hl7.org/fhir/R4/http.html#trules>, "the server SHALL update all links".

use super::is_urn;
use serde_json::Value;

/// Elements of type `uri`, `url`, `oid` or `uuid` that can name a resource. `canonical` ones are not to be replaced.
const URI_NAMES: &[&str] = &[
    "url",
    "uri",
    "valueUri",
    "valueUrl",
    "valueOid",
    "valueUuid",
    "source",
    "sourceUri",
    "targetUri",
    "eventUri",
    "definitionUri",
    "instantiatesUri",
    "policy",
    "authority",
    "endpoint",
    "address",
    "location",
];

/// Replaces what equals a known `fullUrl` by its new name; says whether anything changed.
///
/// `new_name` gives the new name (`Patient/a`) for a `fullUrl` that got one. Replaced are:
///
/// - the text of every Reference;
/// - elements of type `uri`, `url`, `oid` and `uuid`, told by their names, but only `urn:uuid:` and `urn:oid:` texts in them: an ordinary URL
///   there may be a name in its own right, such as a StructureDefinition's `url`, that must not change;
/// - `href` and `src` in a narrative (`div`).
///
/// Texts are compared whole and as they stand. An Identifier's `value` is a string, not a uri, and stays.
pub fn replace_full_urls(resource: &mut Value, new_name: &impl Fn(&str) -> Option<String>) -> bool {
    let Value::Object(members) = resource else { return false };
    let mut changed = false;
    for (name, member) in members {
        changed |= match member {
            Value::String(text) => replace_in(name, text, new_name),
            Value::Array(items) => items.iter_mut().fold(false, |changed, item| {
                changed
                    | match item {
                        Value::String(text) => replace_in(name, text, new_name),
                        other => replace_full_urls(other, new_name),
                    }
            }),
            other => replace_full_urls(other, new_name),
        };
    }
    changed
}

fn replace_in(name: &str, text: &mut String, new_name: &impl Fn(&str) -> Option<String>) -> bool {
    let replaced = match name {
        "reference" => new_name(text),
        "div" => narrative(text, new_name),
        _ if URI_NAMES.contains(&name) && is_urn(text) => new_name(text),
        _ => None,
    };
    match replaced {
        Some(new) => {
            *text = new;
            true
        }
        None => false,
    }
}

/// The narrative with new names in its `href` and `src` attributes; `None` if it has none to replace.
fn narrative(div: &str, new_name: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(equals) = div[at..].find('=').map(|found| at + found) {
        at = equals + 1;
        let Some((start, end)) = quoted(div, at) else { continue };
        if !names_link(&div[..equals]) {
            continue;
        }
        at = end;
        // A name with markup in it would break out of its attribute.
        let new = new_name(&div[start..end]).filter(|new| !new.contains(['<', '>', '&', '"', '\'']));
        if let Some(new) = new {
            out.push_str(&div[copied..start]);
            out.push_str(&new);
            copied = end;
        }
    }
    (copied > 0).then(|| out + &div[copied..])
}

/// Whether the attribute name at the end of `tag` is `href` or `src`.
fn names_link(tag: &str) -> bool {
    let tag = tag.trim_end();
    ["href", "src"]
        .iter()
        .filter_map(|a| tag.strip_suffix(a))
        .any(|before| before.ends_with(char::is_whitespace))
}

/// Start and end of the quoted text that follows `at`.
fn quoted(div: &str, at: usize) -> Option<(usize, usize)> {
    let rest = div[at..].trim_start();
    let quote = rest.chars().next().filter(|&c| c == '"' || c == '\'')?;
    let start = div.len() - rest.len() + 1;
    let length = div[start..].find(quote)?;
    Some((start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn new_name(full_url: &str) -> Option<String> {
        match full_url {
            "urn:uuid:1" => Some("Patient/a".to_owned()),
            "http://x.example/fhir/Observation/2" => Some("Observation/b".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn references_and_uris_get_the_new_name() {
        let mut resource = json!({
            "resourceType": "Thing",
            "subject": {"reference": "urn:uuid:1"},
            "other": [{"reference": "http://x.example/fhir/Observation/2"}, {"reference": "urn:uuid:9"}],
            "content": [{"attachment": {"url": "urn:uuid:1"}}],
            "policy": ["urn:uuid:1", "urn:uuid:3"],
            "text": {"div": "<div>a = b <a class='x' href=\"urn:uuid:1\">p</a><img src = 'urn:uuid:1'/> urn:uuid:1</div>"},
        });
        assert!(replace_full_urls(&mut resource, &new_name));
        assert_eq!(
            resource,
            json!({
                "resourceType": "Thing",
                "subject": {"reference": "Patient/a"},
                "other": [{"reference": "Observation/b"}, {"reference": "urn:uuid:9"}],
                "content": [{"attachment": {"url": "Patient/a"}}],
                "policy": ["Patient/a", "urn:uuid:3"],
                "text": {"div": "<div>a = b <a class='x' href=\"Patient/a\">p</a><img src = 'Patient/a'/> urn:uuid:1</div>"},
            })
        );
    }

    #[test]
    fn names_in_their_own_right_stay() {
        let mut resource = json!({
            "url": "http://x.example/fhir/Observation/2",
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}],
            "instantiatesCanonical": ["urn:uuid:1"],
            "text": {"div": "<div title=\"urn:uuid:1\" data-href=\"urn:uuid:1\">href='urn:uuid:1</div>"},
        });
        let before = resource.clone();
        assert!(!replace_full_urls(&mut resource, &new_name));
        assert_eq!(resource, before);
    }

    #[test]
    fn a_new_name_cannot_break_out_of_the_narrative() {
        let evil = |_: &str| Some("\"><script>".to_owned());
        assert_eq!(narrative("<a href=\"urn:uuid:1\"/>", &evil), None);
    }

    proptest! {
        #[test]
        fn any_narrative_is_walked_to_its_end(div in "\\PC{0,40}|[a-z<>=\"' é]{0,60}") {
            prop_assert_eq!(narrative(&div, &|_| None), None);
            let _ = narrative(&div, &|_| Some("x".to_owned()));
        }
    }
}
