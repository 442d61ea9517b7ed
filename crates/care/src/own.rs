//! What patients write down about themselves: allergies, a blood group, whom to call in an emergency. It bears the patient's mark until a
//! clinician has looked at it ([`crate::entry`]).
//!
//! Whom to call is a RelatedPerson and not a part of the Patient: a patient may write the one, and not their own name and birth date.

pub mod paper;

use crate::{
    chart::{Chart, Resource},
    coding,
    entry::{self, BLOOD_GROUP},
    vitals::{
        measure::Measure,
        resource::{By, PRESSURE, concept, instant, observations},
        save::{Saved, once},
        typed::{About, Set},
    },
    writing,
};
use access::act::Act;
use record::{Record, error::Error};
use serde_json::{Value, json};

/// The longest text of a field, in characters.
pub const LONGEST: usize = 120;

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It must not be empty.
    Empty,
    /// It is too long.
    Long,
    /// It is none of those that can be chosen.
    Choice,
    /// It is no phone number.
    Phone,
    /// It is no number.
    Number,
    /// No living body has that value: a slip of the hand, or another unit.
    Range,
    /// It is no day, or one to come.
    Day,
    /// It stands on another line already.
    Twice,
}

/// Blood groups: the word in forms, the SNOMED CT code, what that is called.
pub const BLOOD_GROUPS: [(&str, &str, &str); 8] = [
    ("o+", "278147001", "Blood group O Rh(D) positive"),
    ("o-", "278148006", "Blood group O Rh(D) negative"),
    ("a+", "278149003", "Blood group A Rh(D) positive"),
    ("a-", "278152006", "Blood group A Rh(D) negative"),
    ("b+", "278150003", "Blood group B Rh(D) positive"),
    ("b-", "278153001", "Blood group B Rh(D) negative"),
    ("ab+", "278151004", "Blood group AB Rh(D) positive"),
    ("ab-", "278154007", "Blood group AB Rh(D) negative"),
];

/// How bad a reaction was, as FHIR has it.
pub const SEVERITIES: [&str; 3] = ["mild", "moderate", "severe"];

/// Somebody to call in an emergency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The id of the RelatedPerson.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// The name.
    pub name: String,
    /// What they are to the patient.
    pub relation: String,
    /// The phone number.
    pub phone: String,
}

/// Fields with the fault of each.
pub type Faults = Vec<(&'static str, Fault)>;

/// What is written down.
#[derive(Clone, Debug, PartialEq)]
pub enum Own {
    /// An allergy or an intolerance.
    Allergy {
        /// What against.
        what: String,
        /// What happens; may be empty.
        reaction: String,
        /// One of [`SEVERITIES`], or empty.
        severity: String,
    },
    /// A blood group: the word of one of [`BLOOD_GROUPS`].
    BloodGroup(String),
    /// Somebody to call.
    Contact {
        /// The name.
        name: String,
        /// What they are to the patient; may be empty.
        relation: String,
        /// The phone number.
        phone: String,
    },
}

impl Own {
    /// Reads a form; `what` says which: `allergy`, `blood-group` or `contact`.
    ///
    /// # Errors
    /// Every fault, with its field.
    pub fn read(what: &str, get: impl Fn(&str) -> String) -> Result<Own, Faults> {
        let mut faults = Faults::new();
        let mut text = |name: &'static str, wanted: bool| {
            let kept = writing::line(&get(name));
            if kept.is_empty() && wanted {
                faults.push((name, Fault::Empty));
            }
            if kept.chars().count() > LONGEST {
                faults.push((name, Fault::Long));
            }
            kept
        };
        let own = match what {
            "allergy" => Own::Allergy {
                what: text("what", true),
                reaction: text("reaction", !get("severity").is_empty()),
                severity: text("severity", false),
            },
            "blood-group" => Own::BloodGroup(text("blood-group", true)),
            _ => Own::Contact {
                name: text("name", true),
                relation: text("relation", false),
                phone: text("phone", true),
            },
        };
        match &own {
            Own::Allergy { severity, .. }
                if !severity.is_empty() && !SEVERITIES.contains(&severity.as_str()) =>
            {
                faults.push(("severity", Fault::Choice));
            }
            Own::BloodGroup(word) if !word.is_empty() && group(word).is_none() => {
                faults.push(("blood-group", Fault::Choice));
            }
            Own::Contact { phone, .. } if !phone.is_empty() && !is_phone(phone) => {
                faults.push(("phone", Fault::Phone));
            }
            _ => {}
        }
        if faults.is_empty() { Ok(own) } else { Err(faults) }
    }

    /// The type of resource that it becomes.
    pub fn kind(&self) -> &'static str {
        match self {
            Own::Allergy { .. } => "AllergyIntolerance",
            Own::BloodGroup(_) => "Observation",
            Own::Contact { .. } => "RelatedPerson",
        }
    }

    fn resource(&self, act: &Act, patient: &str, key: &str) -> Value {
        let whose = json!({"reference": format!("Patient/{patient}")});
        let mut by = whose.clone();
        if act.actor.role == "proxy" {
            by["display"] = act.actor.name.as_str().into();
        }
        match self {
            Own::Allergy { what, reaction, severity } => {
                let mut made = allergy(what, reaction, severity);
                made["id"] = format!("{key}-allergy").into();
                made["patient"] = whose;
                made["recordedDate"] = instant(act.at).into();
                made["recorder"] = by.clone();
                made["asserter"] = by;
                made
            }
            Own::BloodGroup(word) => {
                let (_, code, display) = group(word).unwrap_or_default();
                let category = "http://terminology.hl7.org/CodeSystem/observation-category";
                let mut named = concept("http://loinc.org", BLOOD_GROUP, "ABO and Rh group [Type] in Blood");
                named["text"] = "Blood group".into();
                json!({
                    "resourceType": "Observation", "id": format!("{key}-{BLOOD_GROUP}"), "status": "preliminary",
                    "category": [concept(category, "survey", "Survey")], "code": named, "subject": whose,
                    "effectiveDateTime": instant(act.at), "performer": writing::authors(act, patient),
                    "valueCodeableConcept": concept("http://snomed.info/sct", code, display),
                    "method": {"text": NOT_LAB_VERIFIED},
                })
            }
            Own::Contact { name, relation, phone } => {
                let role = "http://terminology.hl7.org/CodeSystem/v2-0131";
                let mut relations = vec![concept(role, "C", "Emergency Contact")];
                if !relation.is_empty() {
                    relations.push(json!({"text": relation}));
                }
                json!({
                    "resourceType": "RelatedPerson", "id": format!("{key}-contact"), "active": true, "patient": whose,
                    "relationship": relations, "name": [{"text": name}], "telecom": [{"system": "phone", "value": phone}],
                })
            }
        }
    }
}

/// How a blood group that a patient reports came about.
pub const NOT_LAB_VERIFIED: &str = "Self-reported, not lab-verified";

fn group(word: &str) -> Option<(&'static str, &'static str, &'static str)> {
    BLOOD_GROUPS.into_iter().find(|(found, _, _)| *found == word)
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (4..=15).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || "+ -()/".contains(c))
}

/// The members of an allergy that somebody types.
fn allergy(what: &str, reaction: &str, severity: &str) -> Value {
    let status = |which: &str, word: &str| {
        let system = format!("http://terminology.hl7.org/CodeSystem/allergyintolerance-{which}");
        json!({"coding": [{"system": system, "code": word}]})
    };
    let mut made = json!({
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": status("clinical", "active"),
        "verificationStatus": status("verification", "unconfirmed"),
        "code": {"text": what},
    });
    if !reaction.is_empty() {
        made["reaction"] = json!([{"manifestation": [{"text": reaction}]}]);
        if !severity.is_empty() {
            made["reaction"][0]["severity"] = severity.into();
        }
    }
    made
}

/// Stores what a patient has written down, once however often the form is sent, as one entry of the log.
///
/// # Errors
/// As [`Record::commit`]; [`Error::Refused`] for whoever is not the patient and does not act for them.
pub fn store(record: &Record, act: &Act, patient: &str, own: &Own, key: &str) -> Result<Saved, Error> {
    mine(record, act, patient, own.kind())?;
    let made = [own.resource(act, patient, key)];
    once(
        record,
        act,
        patient,
        ("entry", &[own.kind()]),
        &made,
        &["code", "reaction", "valueCodeableConcept", "name", "telecom"],
    )
}

/// Refuses, and signs that, whoever is not the patient and does not act for them.
fn mine(record: &Record, act: &Act, patient: &str, kind: &str) -> Result<(), Error> {
    if writing::is_own(act, patient) {
        return Ok(());
    }
    record.refuse(act, "entry", kind)?;
    Err(Error::Refused)
}

/// Puts another text in place of that of an allergy which the patient wrote and no clinician has looked at.
///
/// # Errors
/// As [`entry::act_on`].
pub fn edit_allergy(
    record: &Record,
    act: &Act,
    patient: &str,
    (id, version): (&str, i64),
    own: &Own,
) -> Result<(), Error> {
    let Own::Allergy { what, reaction, severity } = own else { return Err(Error::NotFound) };
    let chart = Chart::open(record, act, patient, &["AllergyIntolerance"], "chart")?;
    let kept = editable(&chart, (record, act, patient), ("allergies", id, version))?;
    let mut value = kept.value.clone();
    let new = allergy(what, reaction, severity);
    for member in ["code", "reaction"] {
        match new.get(member) {
            Some(new) => value[member] = new.clone(),
            None => drop(value.as_object_mut().map(|members| members.shift_remove(member))),
        }
    }
    record.commit(act, "entry", &[entry::put(kept, value)]).map(|_| ())
}

/// Puts other values in place of those of a measurement which the patient wrote and no clinician has looked at. What was computed from it
/// goes.
///
/// # Errors
/// As [`entry::act_on`]; [`Error::NotFound`] where the set has no value of what the entry is about.
pub fn edit_vital(
    record: &Record,
    act: &Act,
    patient: &str,
    (id, version): (&str, i64),
    (set, about): (&Set, &About),
) -> Result<(), Error> {
    let chart = Chart::open(record, act, patient, &["Observation"], "chart")?;
    let kept = editable(&chart, (record, act, patient), ("vitals", id, version))?;
    let by = By { patient, performers: Vec::new(), is_own: true, key: "k" };
    let made = observations(set, about, &by);
    let is_it =
        |made: &&Value| made.get("code").map(coding::code) == kept.value.get("code").map(coding::code);
    let new = made.iter().find(is_it).ok_or(Error::NotFound)?;
    let mut value = kept.value.clone();
    for member in ["valueQuantity", "component", "interpretation", "referenceRange"] {
        match new.get(member) {
            Some(new) => value[member] = new.clone(),
            None => drop(value.as_object_mut().map(|members| members.shift_remove(member))),
        }
    }
    let mut changes = vec![entry::put(kept, value)];
    changes.extend(entry::derived(&chart, id, act, patient));
    record.commit(act, "entry", &changes).map(|_| ())
}

/// What a form of one measurement asks, and the digits that stand there; none for what is not measured.
pub fn measured(chart: &Chart, id: &str) -> Vec<(Measure, String)> {
    let Some(kept) = chart.get("Observation", id) else { return Vec::new() };
    let is = |value: &Value, code: &str| value.get("code").is_some_and(|found| coding::has(found, code));
    let digits =
        |value: &Value| value.pointer("/valueQuantity/value").map(ToString::to_string).unwrap_or_default();
    let parts = kept.value.get("component").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let of = |measure: Measure| match measure {
        Measure::Systolic | Measure::Diastolic if is(&kept.value, PRESSURE) => {
            Some(parts.iter().find(|part| is(part, measure.code())).map(digits).unwrap_or_default())
        }
        measure => is(&kept.value, measure.code()).then(|| digits(&kept.value)),
    };
    Measure::ALL.into_iter().filter_map(|measure| Some((measure, of(measure)?))).collect()
}

/// What stands in an allergy, by the names of the fields that it was typed into.
pub fn fields(chart: &Chart, id: &str) -> Vec<(String, String)> {
    let Some(kept) = chart.get("AllergyIntolerance", id) else { return Vec::new() };
    let reaction = kept.value.pointer("/reaction/0").unwrap_or(&Value::Null);
    let severity = reaction.get("severity").and_then(Value::as_str).unwrap_or_default();
    let fields = [
        ("what", coding::of(&kept.value, &["code"])),
        ("reaction", coding::of(reaction, &["manifestation"])),
        ("severity", severity.to_owned()),
    ];
    fields.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

/// The resource of an entry that its writer may still change.
fn editable<'c>(
    chart: &'c Chart,
    (record, act, patient): (&Record, &Act, &str),
    (place, id, version): (&str, &str, i64),
) -> Result<&'c Resource, Error> {
    let found = entry::find(chart, place, id).ok_or(Error::NotFound)?;
    if found.version != version {
        return Err(Error::Precondition("it was changed since".into()));
    }
    if !found.deeds(writing::is_own(act, patient)).contains(&entry::Deed::Withdraw) {
        record.refuse(act, "entry", entry::kind(place).unwrap_or_default())?;
        return Err(Error::Refused);
    }
    chart.get(entry::kind(place).unwrap_or_default(), id).ok_or(Error::NotFound)
}

/// Whom to call in an emergency.
pub fn contacts(chart: &Chart) -> Vec<Contact> {
    let text = |value: &Value, pointer: &str| {
        value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let read = |resource: &Resource| {
        let value = &resource.value;
        let is_active = value.get("active").and_then(Value::as_bool) != Some(false);
        if !is_active || !coding::any_has(value.get("relationship"), "C") {
            return None;
        }
        let relations = value.get("relationship").and_then(Value::as_array).into_iter().flatten();
        let mut own_words = relations.filter_map(|it| it.get("text").and_then(Value::as_str));
        Some(Contact {
            id: resource.id.clone(),
            version: entry::version(value),
            name: crate::name::Name::of(value).spoken(),
            relation: own_words.next_back().unwrap_or_default().to_owned(),
            phone: text(value, "/telecom/0/value"),
        })
    };
    chart.of_type("RelatedPerson").filter_map(read).collect()
}

/// Takes somebody off the list of whom to call; the history keeps them.
///
/// # Errors
/// As [`entry::act_on`].
pub fn remove_contact(
    record: &Record,
    act: &Act,
    patient: &str,
    (id, version): (&str, i64),
) -> Result<(), Error> {
    mine(record, act, patient, "RelatedPerson")?;
    let chart = Chart::open(record, act, patient, &["RelatedPerson"], "chart")?;
    let found = contacts(&chart).into_iter().find(|contact| contact.id == id).ok_or(Error::NotFound)?;
    if found.version != version {
        return Err(Error::Precondition("it was changed since".into()));
    }
    let kept = chart.get("RelatedPerson", id).ok_or(Error::NotFound)?;
    let mut value = kept.value.clone();
    value["active"] = false.into();
    record.commit(act, "entry", &[entry::put(kept, value)]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(what: &str, fields: &[(&str, &str)]) -> Result<Own, Faults> {
        let get = |name: &str| {
            fields.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value).to_owned()
        };
        Own::read(what, get)
    }

    #[test]
    fn what_patients_write_is_read_and_what_is_wrong_with_it_is_named() {
        let long = "x".repeat(121);
        assert_eq!(
            read("allergy", &[("what", " Penicillin\u{7} ")]),
            Ok(Own::Allergy { what: "Penicillin".into(), reaction: String::new(), severity: String::new() })
        );
        for (what, fields, fault) in [
            ("allergy", vec![("what", " ")], ("what", Fault::Empty)),
            ("allergy", vec![("what", long.as_str())], ("what", Fault::Long)),
            ("allergy", vec![("what", "Nuts"), ("severity", "severe")], ("reaction", Fault::Empty)),
            (
                "allergy",
                vec![("what", "Nuts"), ("reaction", "r"), ("severity", "deadly")],
                ("severity", Fault::Choice),
            ),
            ("blood-group", vec![("blood-group", "c+")], ("blood-group", Fault::Choice)),
            ("blood-group", vec![], ("blood-group", Fault::Empty)),
            ("contact", vec![("name", "Ravi"), ("phone", "call me")], ("phone", Fault::Phone)),
            ("contact", vec![("name", "Ravi"), ("phone", "12")], ("phone", Fault::Phone)),
            ("contact", vec![("phone", "+91 98765 43210")], ("name", Fault::Empty)),
        ] {
            assert_eq!(read(what, &fields), Err(vec![fault]), "{what} {fields:?}");
        }
        assert!(read("contact", &[("name", "Ravi"), ("phone", "+91 98765 43210")]).is_ok());
    }
}
