//! Storing a set of vital signs: all of it or nothing, under one entry of the log, and once however often the form is sent.

use super::{
    resource::{By, observations},
    typed::{About, Set},
};
use crate::{chart::Chart, writing};
use access::act::Act;
use record::{
    Record,
    change::{Change, Wish},
    error::Error,
};
use serde_json::Value;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is stored.
    New,
    /// The same form was stored before with the same values: nothing was done.
    Again,
    /// The same form was stored before, with other values: nothing was done, and those who sent it must be told.
    Before,
}

/// Stores a set of that patient.
///
/// # Errors
/// As [`Record::commit`]; nothing was stored then.
pub fn save(
    record: &Record,
    act: &Act,
    patient: &str,
    (set, about): (&Set, &About),
    key: &str,
) -> Result<Saved, Error> {
    let by = By {
        patient,
        performers: writing::authors(act, patient),
        is_own: writing::is_own(act, patient),
        key,
    };
    let made = observations(set, about, &by);
    let mut members = vec!["code", "valueQuantity", "valueCodeableConcept", "component"];
    // Without a time that was typed, each was measured when it was sent.
    if set.is_timed {
        members.push("effectiveDateTime");
    }
    once(record, act, patient, ("vitals", &["Observation"]), &made, &members)
}

/// Stores new resources of some types, all or none; where any of them is there already, nothing is done, and it is said whether all are there
/// with the same `members`.
///
/// # Errors
/// As [`Record::commit`]; nothing was stored then.
pub(crate) fn once(
    record: &Record,
    act: &Act,
    patient: &str,
    (operation, kinds): (&str, &[&'static str]),
    made: &[Value],
    members: &[&str],
) -> Result<Saved, Error> {
    match record.commit(act, operation, &made.iter().map(create).collect::<Vec<_>>()) {
        Ok(_) => Ok(Saved::New),
        Err(Error::Precondition(_)) => {
            let chart = Chart::open(record, act, patient, kinds, "chart")?;
            let is_same = |made: &Value| {
                let text = |member: &str| made.get(member).and_then(Value::as_str).unwrap_or_default();
                chart.get(text("resourceType"), text("id")).is_some_and(|kept| {
                    members.iter().all(|member| kept.value.get(*member) == made.get(*member))
                })
            };
            Ok(if made.iter().all(is_same) { Saved::Again } else { Saved::Before })
        }
        Err(error) => Err(error),
    }
}

/// A new resource under an id of ours; where there is one of that id, nothing is done at all.
pub(crate) fn create(resource: &Value) -> Change {
    let text = |member: &str| resource.get(member).and_then(Value::as_str).map(str::to_owned);
    Change::from(Wish::Update {
        resource_type: text("resourceType").unwrap_or_default(),
        id: text("id"),
        query: None,
        resource: resource.clone(),
        if_match: None,
        if_none_match: true,
    })
}
