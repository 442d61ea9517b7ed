//! What becomes of a single entry after it was written: marked as entered in error, withdrawn by the patient, accepted or denied by a
//! clinician. Each is a new version; nothing is ever deleted.

use crate::{
    chart::{Chart, Resource},
    coding,
    results::{self, Point},
    vitals::{flowsheet, resource::instant},
    writing,
};
use access::act::Act;
use record::{
    Record,
    change::{Change, Wish},
    error::Error,
};
use serde_json::{Value, json};

/// The LOINC code of a blood group: a patient can report it, and a click cannot confirm it.
pub const BLOOD_GROUP: &str = "882-1";

/// The longest reason, in characters.
pub const LONGEST: usize = 300;
/// The shortest one.
pub const SHORTEST: usize = 3;

/// What somebody does with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A clinician: it should never have stood there.
    Error,
    /// A clinician answers for what the patient reported.
    Accept,
    /// A clinician finds that what the patient reported is not so.
    Deny,
    /// Whoever reported it takes it back.
    Withdraw,
}

/// How far an entry of the patient's own has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No clinician has looked at it.
    Waiting,
    /// A clinician has accepted it.
    Accepted,
    /// A clinician has denied it, or marked it as an error.
    Denied,
    /// The patient has taken it back.
    Withdrawn,
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `vitals` or `allergies`, as addresses name it.
    pub place: &'static str,
    /// Its id.
    pub id: String,
    /// Its version: a deed is about this one.
    pub version: i64,
    /// The first code of what it is; of an allergy none.
    pub key: String,
    /// What it is, as the record calls it.
    pub name: String,
    /// A measurement, as it is read; `None` for an allergy.
    pub point: Option<Point>,
    /// The row of the flowsheet, where it has one.
    pub row: Option<usize>,
    /// Whether the patient reported it.
    pub is_own: bool,
    /// How far it has come.
    pub state: State,
    /// Why it was denied, withdrawn or marked.
    pub reason: String,
}

impl Entry {
    /// The deeds that are open, to the patient (`is_patient`) or to a clinician.
    pub fn deeds(&self, is_patient: bool) -> Vec<Deed> {
        match (is_patient, self.is_own, self.state) {
            (true, true, State::Waiting) => vec![Deed::Withdraw],
            (false, true, State::Waiting) if self.key == BLOOD_GROUP => vec![Deed::Deny],
            (false, true, State::Waiting) => vec![Deed::Accept, Deed::Deny],
            (false, _, State::Accepted) | (false, false, State::Waiting) => vec![Deed::Error],
            _ => Vec::new(),
        }
    }
}

/// The type of resource that a place of addresses stands for.
pub fn kind(place: &str) -> Option<&'static str> {
    match place {
        "vitals" => Some("Observation"),
        "allergies" => Some("AllergyIntolerance"),
        _ => None,
    }
}

/// The entry of that place and id, if it is one about which something can be done here.
pub fn find(chart: &Chart, place: &str, id: &str) -> Option<Entry> {
    read(chart, chart.get(kind(place)?, id)?)
}

/// What the patient has reported, newest first.
pub fn own(chart: &Chart) -> Vec<Entry> {
    let mut found: Vec<(i64, Entry)> = Vec::new();
    for resource in chart.of_type("Observation").chain(chart.of_type("AllergyIntolerance")) {
        let when = results::when(&resource.value)
            .or_else(|| crate::when::When::first(&resource.value, &["recordedDate"]))
            .map_or(i64::MIN, |when| when.order);
        found.extend(read(chart, resource).filter(|entry| entry.is_own).map(|entry| (when, entry)));
    }
    found.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.name.cmp(&other.name)));
    found.into_iter().map(|(_, entry)| entry).collect()
}

fn read(chart: &Chart, resource: &Resource) -> Option<Entry> {
    let value = &resource.value;
    let is_allergy = resource.kind == "AllergyIntolerance";
    let row = flowsheet::row(value).filter(|_| !is_allergy);
    let is_own = reported(chart, value, is_allergy);
    // Results of a laboratory are its own affair.
    if !is_allergy && row.is_none() && !is_own {
        return None;
    }
    Some(Entry {
        place: if is_allergy { "allergies" } else { "vitals" },
        id: resource.id.clone(),
        version: version(value),
        key: value.get("code").filter(|_| !is_allergy).map(coding::code).unwrap_or_default().to_owned(),
        name: coding::of(value, &["code"]),
        point: (!is_allergy).then(|| results::point(chart, &resource.id, value)),
        row,
        is_own,
        state: state(chart, value, is_allergy),
        reason: flowsheet::reason(value),
    })
}

/// The version of a resource as it was read.
pub(crate) fn version(value: &Value) -> i64 {
    let text = value.pointer("/meta/versionId").and_then(Value::as_str);
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn reported(chart: &Chart, value: &Value, is_allergy: bool) -> bool {
    match is_allergy {
        true => chart.is_patient(value.get("asserter")) || chart.is_patient(value.get("recorder")),
        false => {
            let performers = value.get("performer").and_then(Value::as_array);
            performers.into_iter().flatten().any(|who| chart.is_patient(Some(who)))
        }
    }
}

fn state(chart: &Chart, value: &Value, is_allergy: bool) -> State {
    let status = value.get("status").and_then(Value::as_str).unwrap_or_default();
    let verified = value.get("verificationStatus").map(coding::code).unwrap_or_default();
    match if is_allergy { verified } else { status } {
        "entered-in-error" | "cancelled" if is_by_patient(chart, value) => State::Withdrawn,
        "entered-in-error" | "cancelled" | "refuted" => State::Denied,
        "preliminary" | "registered" | "unconfirmed" => State::Waiting,
        _ => State::Accepted,
    }
}

/// Whether the patient wrote the last note.
fn is_by_patient(chart: &Chart, value: &Value) -> bool {
    let notes = value.get("note").and_then(Value::as_array);
    notes.and_then(|notes| notes.last()).is_some_and(|note| chart.is_patient(note.get("authorReference")))
}

/// Does a deed to one version of an entry; what was derived from a value that goes, goes with it. All of it is one change and one entry of
/// the log, beside the look that it begins with.
///
/// # Errors
/// [`Error::NotFound`] where there is no such entry of that patient for this actor; [`Error::Precondition`] where it was changed since;
/// [`Error::Refused`] for a deed that is not open.
pub fn act_on(
    record: &Record,
    act: &Act,
    patient: &str,
    (place, id, version): (&str, &str, i64),
    (deed, reason): (Deed, &str),
) -> Result<(), Error> {
    let kind = kind(place).ok_or(Error::NotFound)?;
    let chart = Chart::open(record, act, patient, &[kind], "chart")?;
    let entry = find(&chart, place, id).ok_or(Error::NotFound)?;
    if entry.version != version {
        return Err(Error::Precondition("it was changed since".into()));
    }
    if !entry.deeds(writing::is_own(act, patient)).contains(&deed) {
        record.refuse(act, "entry", kind)?;
        return Err(Error::Refused);
    }
    let mut changes = Vec::new();
    for resource in chart.of_type(kind) {
        let why = match resource.id == id {
            true if reason.is_empty() => TAKEN_BACK,
            true => reason,
            false if deed != Deed::Accept && is_derived(&resource.value, id) => DERIVED,
            false => continue,
        };
        changes.push(put(resource, after(&resource.value, kind, act, patient, (deed, why))));
    }
    record.commit(act, "entry", &changes).map(|_| ())
}

/// What stands in the place of a reason where none was asked for.
pub const TAKEN_BACK: &str = "Taken back";

/// Why a value goes that was computed from one that does.
pub const DERIVED: &str = "It was computed from a value that does not count any more";

fn is_derived(value: &Value, id: &str) -> bool {
    let from = value.get("derivedFrom").and_then(Value::as_array).into_iter().flatten();
    let mut from = from.filter_map(|from| from.get("reference")?.as_str()?.strip_prefix("Observation/"));
    let is_error = value.get("status").and_then(Value::as_str) == Some("entered-in-error");
    !is_error && from.any(|from| from == id)
}

/// What was computed from a value that goes, going with it.
pub(crate) fn derived(chart: &Chart, id: &str, act: &Act, patient: &str) -> Vec<Change> {
    let gone = chart.of_type("Observation").filter(|resource| is_derived(&resource.value, id));
    let deed = (Deed::Withdraw, DERIVED);
    gone.map(|resource| put(resource, after(&resource.value, "Observation", act, patient, deed))).collect()
}

/// A new version of a resource, in place of the one that it was made of.
pub(crate) fn put(resource: &Resource, value: Value) -> Change {
    Change::from(Wish::Update {
        resource_type: resource.kind.clone(),
        id: Some(resource.id.clone()),
        query: None,
        if_match: Some(version(&resource.value)),
        resource: value,
        if_none_match: false,
    })
}

/// The resource after the deed.
fn after(value: &Value, kind: &str, act: &Act, patient: &str, (deed, reason): (Deed, &str)) -> Value {
    let mut value = value.clone();
    let Some(members) = value.as_object_mut() else { return value };
    let is_allergy = kind == "AllergyIntolerance";
    let word = match (deed, is_allergy) {
        (Deed::Accept, true) => "confirmed",
        (Deed::Accept, false) => "final",
        (Deed::Deny, true) => "refuted",
        _ => "entered-in-error",
    };
    match is_allergy {
        true => {
            let system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
            let status = json!({"coding": [{"system": system, "code": word}]});
            members.insert("verificationStatus".into(), status);
            if word == "entered-in-error" {
                members.shift_remove("clinicalStatus");
            }
        }
        false => {
            members.insert("status".into(), word.into());
        }
    }
    if deed == Deed::Accept {
        // Whoever accepts answers for it from now on; that the patient said it stays.
        match is_allergy {
            true => {
                members.insert("recorder".into(), writing::clinician(act));
            }
            false => add(members, "performer", writing::clinician(act)),
        }
        return value;
    }
    let mut note = json!({"time": instant(act.at), "text": reason});
    let by = writing::authors(act, patient).into_iter().next().unwrap_or_default();
    match by.get("reference").is_some() {
        true => note["authorReference"] = by,
        false => note["authorString"] = act.actor.name.as_str().into(),
    }
    add(members, "note", note);
    value
}

fn add(members: &mut serde_json::Map<String, Value>, name: &str, value: Value) {
    let list = members.entry(name).or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.push(value);
    }
}

/// A reason as it is kept, or `None` for one that says nothing or far too much.
///
/// ```
/// use care::entry::reason;
/// assert_eq!(reason("  typed for\u{7} the wrong patient "), Some("typed for the wrong patient".into()));
/// assert_eq!(reason("x"), None);
/// ```
pub fn reason(typed: &str) -> Option<String> {
    let kept = writing::line(typed);
    (SHORTEST..=LONGEST).contains(&kept.chars().count()).then_some(kept)
}
