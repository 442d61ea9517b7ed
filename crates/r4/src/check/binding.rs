//! Codes of [required bindings](https://hl7.org/fhir/R4/terminologies.html#required).

use serde_json::Value;

use super::shape::Role;
use crate::definitions::{Codes, ValueSet};

/// The most codes an issue lists; beyond, it names the value set only.
const MAX_LISTED: usize = 24;

/// Whether `value` is in the value set, or the set can't tell.
pub(super) fn holds(role: Role, value: &Value, set: &ValueSet) -> bool {
    match role {
        Role::CodeableConcept => concept_holds(value, set),
        Role::Coding => coding_holds(value, set),
        Role::Primitive(_) => value.as_str().is_none_or(|code| code_holds(code, set)),
        _ => true,
    }
}

/// What to do instead.
pub(super) fn say(set: &ValueSet) -> String {
    match &set.codes {
        Codes::Listed(codes) if codes.len() <= MAX_LISTED => {
            let mut names: Vec<&str> = codes.iter().map(|c| &*c.code).collect();
            names.dedup();
            format!("must be one of {} ({})", names.join(", "), set.url)
        }
        Codes::MediaType => "must be a media type such as text/plain".to_owned(),
        _ => format!("must be a code of {}", set.url),
    }
}

fn code_holds(code: &str, set: &ValueSet) -> bool {
    match &set.codes {
        Codes::MediaType => is_media_type(code),
        _ => set.has_code(code) != Some(false),
    }
}

fn coding_holds(coding: &Value, set: &ValueSet) -> bool {
    let text = |name: &str| coding.get(name).and_then(Value::as_str).unwrap_or_default();
    set.has(text("system"), text("code")) != Some(false)
}

/// One coding must be of the set. A concept that is extensions alone says why there is no code.
fn concept_holds(concept: &Value, set: &ValueSet) -> bool {
    match concept.get("coding").and_then(Value::as_array) {
        Some(codings) => codings.iter().any(|coding| coding_holds(coding, set)),
        None => !matches!(set.codes, Codes::Listed(_)) || concept.get("text").is_none(),
    }
}

/// `type/subtype`, parameters behind `;` (BCP 13, RFC 6838), or one of FHIR's own short names for its formats
/// (<https://hl7.org/fhir/R4/http.html#parameters>), which its own CapabilityStatements use.
fn is_media_type(text: &str) -> bool {
    if matches!(text, "xml" | "json" | "ttl" | "html") {
        return true;
    }
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    let is_token = |part: &str| {
        (1..=127).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}
