//! Registering a patient: what a clerk typed is checked here and becomes a Patient. Nothing is guessed: what is not known stays away or is said to be
//! unknown, and an age becomes a year that is marked as estimated.
//!
//! Source: <http://hl7.org/fhir/R4/patient.html>

pub mod alike;

use access::{
    act::Act,
    decide::{Wish as Asked, decide},
    scope::Permission,
};
use jiff::civil::Date;
use record::{
    Record,
    change::{Change, Wish},
    error::Error,
    find::exact,
};
use serde_json::{Map, Value, json};

/// Says of a `birthDate` that it was estimated from an age (`valueBoolean`). R4 has no extension of its own for that.
pub const ESTIMATED: &str = "urn:keepwell:extension:estimated-birth-date";

/// Says why there is no `birthDate`.
const ABSENT: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// The longest text of a field, in characters.
const LONGEST: usize = 120;

/// The oldest age that is believed, in years.
const OLDEST: i16 = 130;

/// FHIR's four.
pub const GENDERS: [&str; 4] = ["female", "male", "other", "unknown"];

/// Languages of which one may be chosen.
pub const LANGUAGES: [&str; 13] =
    ["te", "hi", "en", "ta", "kn", "ml", "mr", "bn", "gu", "pa", "or", "as", "ur"];

/// Why a field is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no name.
    Name,
    /// A name without a letter.
    Letters,
    /// A text that is too long.
    Long,
    /// Neither a birth date, nor an age, nor that both are unknown.
    Born,
    /// Two of them.
    Both,
    /// No date.
    Date,
    /// A day that has not been.
    Future,
    /// No age.
    Age,
    /// A choice that is none.
    Choice,
    /// No phone number.
    Phone,
}

/// What is wrong, by field.
pub type Faults = Vec<(&'static str, Fault)>;

/// When somebody was born, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Born {
    /// `1990`, `1990-05` or `1990-05-31`.
    Known(String),
    /// In that year, by an age that somebody said.
    About(i16),
    /// Nobody knows.
    Unknown,
}

/// Somebody who is to be registered.
#[derive(Clone, PartialEq, Eq)]
pub struct Newcomer {
    given: String,
    family: String,
    other_name: String,
    born: Born,
    gender: String,
    phone: String,
    identifier: String,
    address: Vec<(&'static str, String)>,
    language: String,
}

impl std::fmt::Debug for Newcomer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// A number that a patient is known by: system, what it is called, value.
pub type Numbered<'a> = (&'a str, &'a str, &'a str);

/// Whether somebody's role lets them register patients.
pub fn may(act: &Act) -> bool {
    decide(act, Asked { permission: Permission::Create, resource_type: Some("Patient") }).is_ok()
}

/// Why somebody can register nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Their role does not.
    Role,
    /// The record has no organization of theirs, with which patients would be registered.
    NoOrganization,
}

/// The organization with which somebody registers patients: the one where they work.
///
/// # Errors
/// What is in the way.
pub fn place(act: &Act, organization: Option<String>) -> Result<String, Obstacle> {
    match may(act) {
        true => organization.ok_or(Obstacle::NoOrganization),
        false => Err(Obstacle::Role),
    }
}

/// Reads what was typed. `phone` writes a phone number as the house writes them, if it is one.
///
/// # Errors
/// Every fault, with the field that it is about.
pub fn check(
    fields: &[(String, String)],
    today: Date,
    phone: &dyn Fn(&str) -> Option<String>,
) -> Result<Newcomer, Faults> {
    let get = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim());
    let mut faults = Faults::new();
    let mut text = |name: &'static str| {
        let value = get(name).split_whitespace().collect::<Vec<_>>().join(" ");
        if value.chars().count() > LONGEST {
            faults.push((name, Fault::Long));
        }
        value
    };
    let (given, family, other_name) = (text("given"), text("family"), text("name_other"));
    let identifier = text("identifier");
    let address = ["line", "city", "district", "state", "postal_code"].map(|name| (name, text(name)));
    if given.is_empty() && family.is_empty() {
        faults.push(("given", Fault::Name));
    }
    for (name, value) in [("given", &given), ("family", &family), ("name_other", &other_name)] {
        if !value.is_empty() && !value.chars().any(char::is_alphabetic) {
            faults.push((name, Fault::Letters));
        }
    }
    let born = born((get("birth_date"), get("age"), get("birth_unknown")), today);
    let born = born.unwrap_or_else(|fault| {
        faults.push(fault);
        Born::Unknown
    });
    let gender = get("gender").to_owned();
    if !GENDERS.contains(&gender.as_str()) {
        faults.push(("gender", Fault::Choice));
    }
    let language = get("language").to_owned();
    if !language.is_empty() && !LANGUAGES.contains(&language.as_str()) {
        faults.push(("language", Fault::Choice));
    }
    let number = Some(get("phone")).filter(|typed| !typed.is_empty()).map(phone);
    if number == Some(None) {
        faults.push(("phone", Fault::Phone));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let phone = number.flatten().unwrap_or_default();
    Ok(Newcomer {
        given,
        family,
        other_name,
        born,
        gender,
        phone,
        identifier,
        address: address.into(),
        language,
    })
}

fn born((date, age, unknown): (&str, &str, &str), today: Date) -> Result<Born, (&'static str, Fault)> {
    match (date.is_empty(), age.is_empty(), unknown.is_empty()) {
        (true, true, true) => Err(("birth_date", Fault::Born)),
        (true, true, false) => Ok(Born::Unknown),
        (true, false, true) => {
            let years: Option<i16> = age.parse().ok().filter(|years| (0..=OLDEST).contains(years));
            years.map(|years| Born::About(today.year() - years)).ok_or(("age", Fault::Age))
        }
        (false, true, true) => known(date, today).map_err(|fault| ("birth_date", fault)),
        _ => Err(("birth_date", Fault::Both)),
    }
}

/// A year, a month or a day that has been.
fn known(typed: &str, today: Date) -> Result<Born, Fault> {
    let parts: Vec<&str> = typed.split('-').collect();
    let number = |part: &str, digits: usize| {
        let is_one = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        is_one.then(|| part.parse::<i16>().ok()).flatten()
    };
    let small = |part: &str| number(part, 2).and_then(|part| i8::try_from(part).ok());
    let first = match parts[..] {
        [year] => number(year, 4).map(|year| (year, 1, 1)),
        [year, month] => number(year, 4).zip(small(month)).map(|(year, month)| (year, month, 1)),
        [year, month, day] => {
            number(year, 4).zip(small(month)).zip(small(day)).map(|((year, month), day)| (year, month, day))
        }
        _ => None,
    };
    let date = first.and_then(|(year, month, day)| Date::new(year, month, day).ok()).ok_or(Fault::Date)?;
    match date {
        date if date > today => Err(Fault::Future),
        date if date.year() < today.year() - OLDEST => Err(Fault::Date),
        _ => Ok(Born::Known(typed.to_owned())),
    }
}

impl Newcomer {
    /// Their name, as it is spoken.
    pub fn called(&self) -> String {
        let parts = [self.given.as_str(), self.family.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The Patient, in the care of that organization and known by these numbers.
    pub fn resource(&self, organization: &str, numbers: &[Numbered<'_>]) -> Value {
        let mut out = Map::new();
        let mut put = |member: &str, value: Value| drop(out.insert(member.to_owned(), value));
        put("resourceType", json!("Patient"));
        let given_out = numbers.iter().map(|(system, called, value)| {
            json!({"use": "official", "type": {"text": called}, "system": system, "value": value})
        });
        let brought =
            Some(&self.identifier).filter(|value| !value.is_empty()).map(|value| json!({"value": value}));
        let identifiers: Vec<Value> = given_out.chain(brought).collect();
        if !identifiers.is_empty() {
            put("identifier", identifiers.into());
        }
        put("active", json!(true));
        put("name", self.names());
        if !self.phone.is_empty() {
            put("telecom", json!([{"system": "phone", "value": self.phone}]));
        }
        put("gender", json!(self.gender));
        let extension =
            |url: &str, member: &str, value: Value| json!({"extension": [{"url": url, member: value}]});
        match &self.born {
            Born::Known(date) => put("birthDate", json!(date)),
            Born::About(year) => {
                put("birthDate", json!(format!("{year:04}")));
                put("_birthDate", extension(ESTIMATED, "valueBoolean", json!(true)));
            }
            Born::Unknown => put("_birthDate", extension(ABSENT, "valueCode", json!("asked-unknown"))),
        }
        if let Some(address) = self.address() {
            put("address", json!([address]));
        }
        if !self.language.is_empty() {
            let coding = json!({"system": "urn:ietf:bcp:47", "code": self.language});
            put("communication", json!([{"language": {"coding": [coding]}, "preferred": true}]));
        }
        put("managingOrganization", json!({"reference": format!("Organization/{organization}")}));
        Value::Object(out)
    }

    /// The official name, whole and in its parts; and the same in another script.
    fn names(&self) -> Value {
        let mut official = json!({"use": "official", "text": self.called()});
        if !self.family.is_empty() {
            official["family"] = json!(self.family);
        }
        if !self.given.is_empty() {
            official["given"] = self.given.split(' ').map(|part| json!(part)).collect();
        }
        match self.other_name.is_empty() {
            true => json!([official]),
            false => json!([official, {"use": "usual", "text": self.other_name}]),
        }
    }

    fn address(&self) -> Option<Value> {
        let mut out = Map::new();
        for (name, value) in self.address.iter().filter(|(_, value)| !value.is_empty()) {
            match *name {
                "line" => out.insert("line".into(), json!([value])),
                "postal_code" => out.insert("postalCode".into(), json!(value)),
                name => out.insert(name.into(), json!(value)),
            };
        }
        if out.is_empty() {
            return None;
        }
        out.insert("use".into(), json!("home"));
        Some(Value::Object(out))
    }
}

/// Stores a Patient, once for the number that it is known by: the id, also where it was stored before.
///
/// # Errors
/// As [`Record::commit`]; nothing was stored then.
pub fn store(
    record: &Record,
    act: &Act,
    patient: &Value,
    (system, _, value): Numbered<'_>,
) -> Result<String, Error> {
    let query = format!("identifier={}%7C{}", exact(system), exact(value));
    let wish = Wish::Create { resource: patient.clone(), if_none_exist: Some(query) };
    let done = record.commit(act, "register", &[Change::from(wish)])?;
    let missing = || Error::Fault("a commit of one change did not answer it".into());
    done.into_iter().next().map(|done| done.id).ok_or_else(missing)
}

#[cfg(test)]
mod tests;
