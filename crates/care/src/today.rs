//! Whom a clinician meets: who is booked for a day, and who is in their care.

use crate::{banner::Age, coding, name::Name, when::When};
use access::act::Act;
use fhir::json;
use jiff::civil::Date;
use record::{
    Record,
    error::Error,
    search::{Mode, PageEntry, SearchRequest},
};
use serde_json::Value;

/// How many stand on a list.
pub const MOST: usize = 100;

/// A patient on a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The patient's id.
    pub id: String,
    /// The name.
    pub name: Name,
    /// When they were born.
    pub born: Option<When>,
    /// How old they are.
    pub age: Option<Age>,
    /// `male`, `female` …; empty where it is not recorded.
    pub gender: String,
}

/// Somebody who is booked.
#[derive(Clone, Debug, PartialEq)]
pub struct Booked {
    /// When.
    pub when: Option<When>,
    /// `booked`, `arrived`, `fulfilled` …
    pub status: String,
    /// What for.
    pub what: String,
    /// Who; `None` where the actor may see the appointment and not the patient.
    pub person: Option<Person>,
}

/// Who is booked on that day, earliest first.
///
/// # Errors
/// As [`Record::search`].
pub fn booked(record: &Record, act: &Act, today: Date) -> Result<Vec<Booked>, Error> {
    let query = format!("date={today}&_include=Appointment:patient&_count={MOST}");
    let entries = search(record, act, "Appointment", &query)?;
    let people: Vec<Person> = entries
        .iter()
        .filter(|(mode, kind, _)| *mode == Mode::Include && kind == "Patient")
        .map(|(_, _, value)| person(value, today))
        .collect();
    let matches = entries.iter().filter(|(mode, _, _)| *mode == Mode::Match);
    let mut found: Vec<Booked> = matches.map(|(_, _, value)| appointment(value, &people)).collect();
    found.sort_by(|a, b| a.when.cmp(&b.when));
    Ok(found)
}

/// Who is in the actor's care, by name; with `name`, only those whose name begins so.
///
/// # Errors
/// As [`Record::search`].
pub fn in_care(record: &Record, act: &Act, name: &str, today: Date) -> Result<Vec<Person>, Error> {
    let by_name = match name.trim() {
        "" => String::new(),
        name => format!("name={}&", record::find::exact(name)),
    };
    let query = format!("{by_name}_sort=-_lastUpdated&_count={MOST}");
    let entries = search(record, act, "Patient", &query)?;
    let mut found: Vec<Person> = entries.iter().map(|(_, _, value)| person(value, today)).collect();
    found.sort_by(|a, b| (&a.name.family, &a.name.given).cmp(&(&b.name.family, &b.name.given)));
    Ok(found)
}

type Read = (Mode, String, Value);

fn search(record: &Record, act: &Act, kind: &str, query: &str) -> Result<Vec<Read>, Error> {
    let request =
        SearchRequest { resource_type: kind.into(), query: query.into(), lenient: false, compartment: None };
    let read = |entry: PageEntry| {
        let limits = json::Limits { depth: json::MAX_DEPTH, values: usize::MAX };
        let value = json::parse(&entry.body, limits).map_err(|error| Error::Fault(Box::new(error)))?;
        Ok((entry.mode, entry.resource_type, value))
    };
    record.search(act, &request)?.entries.into_iter().map(read).collect()
}

fn person(value: &Value, today: Date) -> Person {
    let text = |member: &str| value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let born = When::first(value, &["birthDate"]);
    Person {
        id: text("id"),
        name: Name::of(value),
        age: born.as_ref().and_then(|born| born.years_until(today)).map(Age::Years),
        born,
        gender: text("gender"),
    }
}

fn appointment(value: &Value, people: &[Person]) -> Booked {
    let who = value.get("participant").and_then(Value::as_array).into_iter().flatten();
    let who = who.filter_map(|who| who.pointer("/actor/reference")?.as_str()?.strip_prefix("Patient/"));
    let described = value.get("description").and_then(Value::as_str).unwrap_or_default();
    let what = coding::of(value, &["reasonCode", "serviceType", "appointmentType"]);
    Booked {
        when: When::first(value, &["start"]),
        status: value.get("status").and_then(Value::as_str).unwrap_or_default().to_owned(),
        what: if described.is_empty() { what } else { described.to_owned() },
        person: who.into_iter().find_map(|id| people.iter().find(|person| person.id == id)).cloned(),
    }
}
