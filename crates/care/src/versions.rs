//! What is different between two versions of something, in lines that people can read (F9); what was changed in a record; and bringing an
//! earlier version back.
//!
//! Lists are compared by what stands in them and not by where it stands, so that one more entry at the top is one difference and not many.
//! Nothing that differs is left out: what cannot be put in better words stands as it is written in the resource.

mod read;

use crate::{name::Name, writing};
use access::act::Act;
use fhir::json;
use record::{
    Record,
    change::{Change, Wish},
    changes::{Changed, Changes, ChangesRequest, Place},
    error::Error,
};
use serde_json::Value;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: elements from the outermost inwards, each as FHIR names it, with what tells it from its neighbours: `component`, `Systolic`.
    pub place: Vec<Step>,
    /// What stood there; empty where nothing did.
    pub before: Vec<String>,
    /// What stands there now; empty where nothing does.
    pub after: Vec<String>,
}

/// A step of a place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// The element.
    pub element: String,
    /// Which of several: words of its code, its type or its name; mostly empty.
    pub which: String,
}

/// What is different. `called` says what a reference is called, where that is known.
pub fn differences(before: &Value, after: &Value, called: &dyn Fn(&Value) -> String) -> Vec<Difference> {
    let (old, new) = (read::leaves(before, called), read::leaves(after, called));
    let mut places: Vec<&Vec<Step>> = Vec::new();
    for leaf in new.iter().chain(&old) {
        if !places.contains(&&leaf.place) {
            places.push(&leaf.place);
        }
    }
    let of = |leaves: &[read::Leaf], place: &Vec<Step>| -> Vec<read::Leaf> {
        leaves.iter().filter(|leaf| leaf.place == *place).cloned().collect()
    };
    places.into_iter().filter_map(|place| difference(place, of(&old, place), of(&new, place))).collect()
}

fn difference(place: &[Step], mut old: Vec<read::Leaf>, mut new: Vec<read::Leaf>) -> Option<Difference> {
    old.retain(|leaf| match new.iter().position(|other| other.raw == leaf.raw) {
        Some(at) => {
            new.remove(at);
            false
        }
        None => true,
    });
    if old.is_empty() && new.is_empty() {
        return None;
    }
    let texts =
        |leaves: &[read::Leaf]| -> Vec<String> { leaves.iter().map(|leaf| leaf.text.clone()).collect() };
    let (mut before, mut after) = (texts(&old), texts(&new));
    if before == after {
        // The words are the same, and what lies behind them is not.
        let exact = |leaves: &[read::Leaf]| leaves.iter().map(|leaf| leaf.raw.to_string()).collect();
        (before, after) = (exact(&old), exact(&new));
    }
    Some(Difference { place: place.to_vec(), before, after })
}

/// What something is called on a list of changes; empty where it has no words of its own.
pub fn title(resource: &Value) -> String {
    let members =
        ["medicationCodeableConcept", "vaccineCode", "code", "type", "category", "serviceType", "class"];
    let text = |member: &str| resource.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = || match resource.get("name") {
        Some(Value::Array(_)) => Name::of(resource).spoken(),
        _ => text("name"),
    };
    let titles = [text("title"), crate::coding::of(resource, &members), text("description")];
    titles.into_iter().chain(std::iter::once_with(name)).find(|title| !title.is_empty()).unwrap_or_default()
}

/// One change, ready to be read.
#[derive(Clone, Debug)]
pub struct Read {
    /// What the kernel tells of it.
    pub change: Changed,
    /// The resource after it.
    pub after: Option<Value>,
    /// The resource before it.
    pub before: Option<Value>,
}

impl Read {
    /// What it is about, as it is called now, or was.
    pub fn title(&self) -> String {
        self.after.as_ref().or(self.before.as_ref()).map(title).unwrap_or_default()
    }
}

/// A page of what was changed in a record, or in one resource of it.
///
/// # Errors
/// As [`Record::changes`].
pub fn changes(
    record: &Record,
    act: &Act,
    request: &ChangesRequest<'_>,
) -> Result<(Vec<Read>, Option<Place>), Error> {
    let Changes { changes, next } = record.changes(act, request)?;
    let read = |change: Changed| {
        let after = change.after.as_deref().map(value).transpose()?;
        let before = change.before.as_deref().map(value).transpose()?;
        Ok(Read { change, after, before })
    };
    Ok((changes.into_iter().map(read).collect::<Result<_, Error>>()?, next))
}

/// Makes an earlier version the newest one, as a new version; what stood in between stays in the history.
///
/// # Errors
/// [`Error::Precondition`] where it is not of version `now` any more; [`Error::Gone`] where the earlier version is a removal;
/// [`Error::NotFound`] where it is not of that patient.
pub fn bring_back(
    record: &Record,
    act: &Act,
    patient: &str,
    (kind, id): (&str, &str),
    (version, now): (i64, i64),
) -> Result<(), Error> {
    let earlier = value(&record.vread(act, kind, id, version)?.body)?;
    if !is_of(&earlier, kind, patient) {
        return Err(Error::NotFound);
    }
    let wish = Wish::Update {
        resource_type: kind.to_owned(),
        id: Some(id.to_owned()),
        query: None,
        resource: earlier,
        if_match: Some(now),
        if_none_match: false,
    };
    record.commit(act, "bring-back", &[Change::from(wish)]).map(drop)
}

/// Whether the actor's role may bring something of that type back.
pub fn may_bring_back(act: &Act, kind: &str) -> bool {
    writing::may(act, kind)
}

/// A page about one patient changes nothing of another.
fn is_of(resource: &Value, kind: &str, patient: &str) -> bool {
    let own = format!("Patient/{patient}");
    let is = |member: &str| {
        resource.get(member).and_then(|to| to.get("reference")).and_then(Value::as_str) == Some(&own)
    };
    match kind {
        "Patient" => resource.get("id").and_then(Value::as_str) == Some(patient),
        _ => ["subject", "patient", "beneficiary", "individual"].into_iter().any(is),
    }
}

fn value(body: &[u8]) -> Result<Value, Error> {
    let limits = json::Limits { depth: json::MAX_DEPTH, values: usize::MAX };
    json::parse(body, limits).map_err(|error| Error::Fault(Box::new(error)))
}

#[cfg(test)]
mod tests;
