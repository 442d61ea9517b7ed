//! Whom a clinician meets: who is booked for a day, and who is in their care.

use crate::{banner::Age, coding, name::Name, when::When};
use access::{act::Act, tie::REGISTRATION};
use fhir::json;
use jiff::{Timestamp, Zoned, civil::Date};
use record::{
    Record,
    change::Wish,
    error::Error,
    search::{Mode, PageEntry, SearchRequest},
};
use serde_json::Value;

/// How many stand on a list.
pub const MOST: usize = 100;

/// Where an appointment may stand, each step after the other.
const STEPS: [&str; 4] = ["booked", "arrived", "checked-in", "fulfilled"];

/// Somebody who was expected, and did not come.
const ABSENT: &str = "noshow";

/// What came of a change of status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// It stands there now.
    Done,
    /// Somebody else changed it meanwhile, or there is no such step from where it stands: nothing was done.
    Before,
}

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
    /// The Appointment's id.
    pub id: String,
    /// Its version, on which a change of its status builds.
    pub version: i64,
    /// When.
    pub when: Option<When>,
    /// `booked`, `arrived`, `fulfilled` …
    pub status: String,
    /// What for.
    pub what: String,
    /// Who; `None` where the actor may see the appointment and not the patient.
    pub person: Option<Person>,
}

/// Who is booked on the day that it is there now, earliest first.
///
/// # Errors
/// As [`Record::search`].
pub fn booked(record: &Record, act: &Act, now: &Zoned) -> Result<Vec<Booked>, Error> {
    let (today, (from, until)) = (now.date(), day_of(now)?);
    let query = format!("date=ge{from}&date=lt{until}&_include=Appointment:patient&_count={MOST}");
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

/// What may be done with an appointment that stands so: to which status, the next step first. Who did not come ties nobody any more, so only
/// those with whom patients are registered say it, who can take it back.
pub fn steps(act: &Act, status: &str) -> Vec<&'static str> {
    let at = STEPS.iter().position(|step| *step == status);
    let next = at.and_then(|at| STEPS.get(at + 1)).copied();
    let registers = act.actor.standing.iter().flat_map(|standing| &standing.known_as);
    let registers = registers.into_iter().any(|(kind, _)| kind == REGISTRATION);
    next.into_iter().chain((status == STEPS[0] && registers).then_some(ABSENT)).collect()
}

/// Where an appointment stood before the step that led here.
pub fn undo(status: &str) -> Option<&'static str> {
    match STEPS.iter().position(|step| *step == status) {
        Some(at) => at.checked_sub(1).and_then(|at| STEPS.get(at)).copied(),
        None => (status == ABSENT).then_some(STEPS[0]),
    }
}

/// Sets an appointment's status, by one step or one step back, on the version that was seen. Done twice, it is the same.
///
/// # Errors
/// As [`Record::commit`]; [`Error::NotFound`] where there is no such appointment.
pub fn mark(record: &Record, act: &Act, (id, version): (&str, i64), to: &str) -> Result<Marked, Error> {
    let now = record.now(act, "appointment", "Appointment", id)?.ok_or(Error::NotFound)?;
    let status = now.value.get("status").and_then(Value::as_str).unwrap_or_default();
    if status == to {
        return Ok(Marked::Done);
    }
    if now.version != version || !(steps(act, status).contains(&to) || undo(status) == Some(to)) {
        return Ok(Marked::Before);
    }
    let mut resource = now.value.clone();
    resource["status"] = to.into();
    let wish = Wish::Update {
        resource_type: "Appointment".into(),
        id: Some(id.to_owned()),
        query: None,
        resource,
        if_match: Some(version),
        if_none_match: false,
    };
    match record.commit(act, "update", &[wish.into()]) {
        Ok(_) => Ok(Marked::Done),
        Err(Error::Precondition(_)) => Ok(Marked::Before),
        Err(error) => Err(error),
    }
}

/// When that day begins there, and when the next one does.
fn day_of(now: &Zoned) -> Result<(Timestamp, Timestamp), Error> {
    let day = || Ok((now.start_of_day()?.timestamp(), now.tomorrow()?.start_of_day()?.timestamp()));
    day().map_err(|error: jiff::Error| Error::Fault(Box::new(error)))
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
    let text = |path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or_default();
    Booked {
        id: text("/id").to_owned(),
        version: text("/meta/versionId").parse().unwrap_or_default(),
        when: When::first(value, &["start"]),
        status: value.get("status").and_then(Value::as_str).unwrap_or_default().to_owned(),
        what: if described.is_empty() { what } else { described.to_owned() },
        person: who.into_iter().find_map(|id| people.iter().find(|person| person.id == id)).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use testkit::house::{ENGINES, House};

    fn put(house: &House, value: Value) {
        let text = |member: &str| value[member].as_str().unwrap_or_default().to_owned();
        let wish = Wish::Update {
            resource_type: text("resourceType"),
            id: Some(text("id")),
            query: None,
            resource: value,
            if_match: None,
            if_none_match: false,
        };
        house.record.commit(&house.operator(), "update", &[wish.into()]).unwrap();
    }

    #[test]
    fn c8_the_desk_marks_who_has_come_and_takes_it_back_and_nobody_overwrites_another() {
        for engine in ENGINES {
            let house = House::new(engine);
            let today = house.now().to_zoned(jiff::tz::TimeZone::UTC);
            let day = today.date();
            put(
                &house,
                json!({"resourceType": "Patient", "id": "p", "managingOrganization": {"reference": "Organization/o"}}),
            );
            let actor = |reference: &str| json!({"actor": {"reference": reference}, "status": "accepted"});
            put(
                &house,
                json!({"resourceType": "Appointment", "id": "a", "status": "booked", "description": "Cough",
                    "start": format!("{day}T09:00:00Z"), "end": format!("{day}T09:15:00Z"),
                    "participant": [actor("Patient/p"), actor("Practitioner/n")]}),
            );
            let clerk = house.staff("front-desk", &["Practitioner/d", "Organization/o", "Registration/o"]);
            let nurse = house.staff("nurse", &["Practitioner/n"]);
            let seen = |act: &Act| booked(&house.record, act, &today).unwrap().remove(0);
            let go = |act: &Act, version: i64, to: &str| mark(&house.record, act, ("a", version), to);
            let first = seen(&clerk);
            assert_eq!((first.status.as_str(), first.id.as_str()), ("booked", "a"), "{engine:?}");
            assert_eq!(steps(&clerk, "booked"), ["arrived", "noshow"]);
            assert_eq!(go(&clerk, first.version, "arrived").unwrap(), Marked::Done);
            assert_eq!(go(&clerk, first.version, "arrived").unwrap(), Marked::Done, "pressed twice");
            assert_eq!(go(&nurse, first.version, "checked-in").unwrap(), Marked::Before, "on an old page");
            let second = seen(&clerk);
            assert_eq!(second.status, "arrived");
            assert_eq!(
                go(&clerk, second.version, "fulfilled").unwrap(),
                Marked::Before,
                "no step is left out"
            );
            assert_eq!(go(&clerk, second.version, "checked-in").unwrap(), Marked::Done);
            let third = seen(&nurse);
            assert_eq!((third.status.as_str(), undo(&third.status)), ("checked-in", Some("arrived")));
            assert_eq!(go(&clerk, third.version, "arrived").unwrap(), Marked::Done);
            assert_eq!(go(&clerk, seen(&clerk).version, "booked").unwrap(), Marked::Done);
            assert_eq!(go(&clerk, seen(&clerk).version, "noshow").unwrap(), Marked::Done);
            assert_eq!(
                go(&clerk, seen(&clerk).version, "booked").unwrap(),
                Marked::Done,
                "they came after all"
            );
            let stranger = house.staff("front-desk", &["Practitioner/x", "Organization/y", "Registration/y"]);
            assert!(matches!(go(&stranger, 1, "arrived"), Err(Error::NotFound)), "{engine:?}");
        }
    }

    #[test]
    fn a15_the_list_of_a_day_is_of_the_day_where_the_house_is() {
        let house = House::new(testkit::house::Engine::Sqlite);
        let book = |id: &str, start: &str| {
            let who = json!({"actor": {"reference": "Practitioner/n"}, "status": "accepted"});
            put(
                &house,
                json!({"resourceType": "Appointment", "id": id, "status": "booked", "start": start,
                    "end": start, "participant": [who]}),
            );
        };
        // The first and the last minute of 23 November in India, and what lies around them.
        book("before", "2026-11-22T18:29:59Z");
        book("first", "2026-11-22T18:30:00Z");
        book("last", "2026-11-23T23:59:59+05:30");
        book("after", "2026-11-24T00:00:00+05:30");
        let on = |moment: &str, zone: &str| {
            let now = moment.parse::<Timestamp>().unwrap().in_tz(zone).unwrap();
            let found = booked(&house.record, &house.operator(), &now).unwrap();
            found.into_iter().map(|one| one.id).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(on("2026-11-22T18:29:00Z", "Asia/Kolkata"), "before", "a minute before midnight");
        assert_eq!(on("2026-11-22T18:30:00Z", "Asia/Kolkata"), "first last", "at midnight");
        assert_eq!(on("2026-11-23T18:29:00Z", "Asia/Kolkata"), "first last");
        assert_eq!(on("2026-11-22T18:30:00Z", "UTC"), "before first");
        // The longest day of the year has 25 hours: its last one is of it.
        book("long", "2026-11-02T04:30:00Z");
        assert_eq!(on("2026-11-01T04:30:00Z", "America/New_York"), "long");
    }

    #[test]
    fn c8_a_step_back_undoes_the_step_that_led_here() {
        let house = House::new(testkit::house::Engine::Sqlite);
        let nurse = house.staff("nurse", &["Practitioner/n"]);
        for (status, next, back) in [
            ("booked", vec!["arrived"], None),
            ("arrived", vec!["checked-in"], Some("booked")),
            ("checked-in", vec!["fulfilled"], Some("arrived")),
            ("fulfilled", vec![], Some("checked-in")),
            ("noshow", vec![], Some("booked")),
            ("cancelled", vec![], None),
        ] {
            assert_eq!((steps(&nurse, status), undo(status)), (next, back), "{status}");
        }
    }
}
