//! Masking: what a role sees of a person's identifiers, phone numbers, birth date and the like (F10).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// An element that is masked, wherever a resource about a person has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mask {
    /// Identifiers: the last four characters stay.
    Identifier,
    /// Phone numbers and e-mail addresses: the last two characters stay.
    Telecom,
    /// The birth date: the year stays.
    BirthDate,
    /// The address: country and state stay.
    Address,
    /// The name goes.
    Name,
    /// The photograph goes.
    Photo,
}

/// The types that are masked: those about persons who receive care, or who are there for them.
pub const PERSONS: [&str; 3] = ["Patient", "RelatedPerson", "Person"];

/// `SUBSETTED`: says that this is not the whole resource, so that nobody stores it back.
const SUBSETTED: &str = "SUBSETTED";

/// Masks a resource about a person; `false` and untouched where there is nothing to mask.
///
/// ```
/// use access::mask::{Mask, apply};
/// let mut patient = serde_json::json!({"resourceType": "Patient", "identifier": [{"value": "ABC1234567"}], "birthDate": "1980-05-04"});
/// assert!(apply(&mut patient, &[Mask::Identifier, Mask::BirthDate]));
/// assert_eq!(patient["identifier"][0]["value"], "XXXXXX4567");
/// assert_eq!(patient["birthDate"], "1980");
/// ```
pub fn apply(resource: &mut Value, masks: &[Mask]) -> bool {
    let is_person = resource["resourceType"].as_str().is_some_and(|kind| PERSONS.contains(&kind));
    let Some(object) = resource.as_object_mut().filter(|_| is_person && !masks.is_empty()) else {
        return false;
    };
    masks.iter().for_each(|mask| mask.cover(object));
    // The narrative repeats all of it, and so may what is contained.
    for repeats in ["text", "contained", "extension"] {
        object.remove(repeats);
    }
    let tag =
        json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": SUBSETTED});
    let meta = object.entry("meta").or_insert_with(|| json!({}));
    match meta.get_mut("tag").and_then(Value::as_array_mut) {
        Some(tags) => tags.push(tag),
        None => {
            if let Some(meta) = meta.as_object_mut() {
                meta.insert("tag".into(), json!([tag]));
            }
        }
    }
    true
}

/// Whether a resource says of itself that it is not whole.
pub fn is_masked(resource: &Value) -> bool {
    let tags = resource["meta"]["tag"].as_array();
    tags.is_some_and(|tags| tags.iter().any(|tag| tag["code"] == SUBSETTED))
}

impl Mask {
    fn cover(self, object: &mut Map<String, Value>) {
        match self {
            Mask::Identifier => each(object, "identifier", |identifier| keep_end(identifier, 4)),
            Mask::Telecom => each(object, "telecom", |contact| keep_end(contact, 2)),
            Mask::Address => each(object, "address", |address| {
                let kept = |(name, _): &(String, Value)| ["country", "state"].contains(&name.as_str());
                *address = std::mem::take(address).into_iter().filter(kept).collect();
            }),
            Mask::BirthDate => {
                object.remove("_birthDate");
                if let Some(Value::String(date)) = object.get_mut("birthDate") {
                    *date = date.chars().take(4).collect();
                }
            }
            Mask::Name => drop(object.remove("name")),
            Mask::Photo => drop(object.remove("photo")),
        }
        // Whom to call stands there in full.
        if matches!(self, Mask::Telecom | Mask::Name) {
            object.remove("contact");
        }
    }
}

fn each(object: &mut Map<String, Value>, name: &str, mut change: impl FnMut(&mut Map<String, Value>)) {
    if let Some(Value::Array(values)) = object.get_mut(name) {
        values.iter_mut().filter_map(Value::as_object_mut).for_each(&mut change);
    }
}

fn keep_end(object: &mut Map<String, Value>, kept: usize) {
    object.retain(|name, _| !name.starts_with('_') && name != "extension" && name != "assigner");
    if let Some(Value::String(value)) = object.get_mut("value") {
        let length = value.chars().count();
        let covered = length.saturating_sub(kept).max(length.div_ceil(2));
        *value = value.chars().enumerate().map(|(at, c)| if at < covered { 'X' } else { c }).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_is_nowhere_else_in_the_resource() {
        let mut patient = json!({
            "resourceType": "Patient", "text": {"div": "<div>SECRET-1234</div>"},
            "identifier": [{"value": "SECRET-1234", "_value": {"id": "SECRET"}}],
            "telecom": [{"system": "phone", "value": "SECRET-77"}],
            "contact": [{"telecom": [{"value": "SECRET"}]}],
            "address": [{"line": ["SECRET"], "country": "IN"}],
            "name": [{"family": "SECRET"}], "photo": [{"url": "SECRET"}],
            "birthDate": "1999-12-31", "_birthDate": {"extension": [{"valueDateTime": "1999-12-31T10:00:00Z"}]},
            "extension": [{"valueString": "SECRET"}],
        });
        let all = [Mask::Identifier, Mask::Telecom, Mask::BirthDate, Mask::Address, Mask::Name, Mask::Photo];
        assert!(apply(&mut patient, &all));
        let text = patient.to_string();
        assert!(!text.contains("SECRET") && !text.contains("12-31") && text.contains("IN"), "{text}");
        assert!(is_masked(&patient));
    }

    #[test]
    fn a_short_value_is_shown_no_more_than_a_long_one() {
        let mut patient =
            json!({"resourceType": "Patient", "identifier": [{"value": "एक12"}, {"value": "123456"}, {}]});
        apply(&mut patient, &[Mask::Identifier]);
        assert_eq!(patient["identifier"][0]["value"], "XX12");
        assert_eq!(patient["identifier"][1]["value"], "XXX456");
    }

    #[test]
    fn resources_about_nobody_stay_whole() {
        let mut organization = json!({"resourceType": "Organization", "telecom": [{"value": "1"}]});
        let before = organization.clone();
        assert!(!apply(&mut organization, &[Mask::Telecom]));
        assert_eq!(organization, before);
        assert!(!apply(&mut json!({"resourceType": "Patient"}), &[]));
    }
}
