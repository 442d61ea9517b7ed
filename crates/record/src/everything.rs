//! [Patient/$everything](https://hl7.org/fhir/R4/patient-operation-everything.html): one patient's record as far as the actor may
//! see it, in one look and under one entry of the log. Charts are drawn from it.

use crate::{
    Record, capability,
    error::Error,
    read::touch,
    search::{Mode, PageEntry, page_entry, stored_value, within},
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    grant::Grant,
    scope::Permission,
};
use r4::index::compartment;
use serde_json::Value;
use std::collections::BTreeSet;
use store::{
    read::Stored,
    select::{Order, Select},
};

/// Resources of one type at most.
pub const MOST: usize = 5_000;

/// Those who are named in a record, at most.
const MOST_NAMED: usize = 500;

/// What is fetched beside the record, so that it can be read: who wrote it, where.
const NAMED: [&str; 5] = ["Practitioner", "PractitionerRole", "Organization", "Location", "Medication"];

/// Which part of a record.
#[derive(Clone, Debug)]
pub struct EverythingRequest<'a> {
    /// The patient's id.
    pub patient: &'a str,
    /// Only these types; none means all that belong to a patient.
    pub types: &'a [&'a str],
    /// Only what changed at or after this, microseconds.
    pub since: Option<i64>,
    /// The word by which the log names the look.
    pub operation: &'a str,
}

/// A record as it was seen.
#[derive(Clone, Debug, Default)]
pub struct Everything {
    /// The Patient first, then what belongs to them by type, then whom it names.
    pub entries: Vec<PageEntry>,
    /// How many more there are that consents or labels keep back.
    pub restricted: u64,
    /// Types of which only the first [`MOST`] are here.
    pub cut: Vec<String>,
    /// Types of which consents or labels keep something back.
    pub partly: Vec<String>,
    /// Types that the actor's role does not reach. That nothing of them is here says nothing about the patient.
    pub beyond: Vec<String>,
}

impl Record {
    /// The record of a patient.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such patient for this actor, [`Error::Refused`].
    pub fn everything(&self, act: &Act, request: &EverythingRequest<'_>) -> Result<Everything, Error> {
        let operation = request.operation;
        let grant = self.decide(act, operation, Permission::Search, Some("Patient"), "Patient")?;
        let mut entry = Entry::new(act, operation, "Patient", Outcome::Done);
        let (patient, _) = self.of_type(&grant, request, "Patient", 1)?;
        if patient.is_empty() {
            self.store.witness(entry)?;
            return Err(Error::NotFound);
        }
        let mut seen = Everything::default();
        let mut rows = patient;
        for member in members(request.types) {
            if !grant.reaches(member) {
                seen.beyond.push(member.to_owned());
                continue;
            }
            let (found, more) = self.of_type(&grant, request, member, MOST)?;
            rows.extend(found);
            let restricted = self.store.withheld(&grant, &select(request, member, 0))?.unsigned_abs();
            seen.restricted += restricted;
            if restricted > 0 {
                seen.partly.push(member.to_owned());
            }
            if more {
                seen.cut.push(member.to_owned());
            }
        }
        let named = self.named(&grant, &rows)?;
        touch(&mut entry, rows.iter().chain(&named));
        self.store.witness(entry)?;
        let since = request.since.unwrap_or(i64::MIN);
        rows.retain(|stored| stored.updated >= since);
        let rows = rows.into_iter().map(|stored| page_entry(act, Mode::Match, stored));
        let named = named.into_iter().map(|stored| page_entry(act, Mode::Include, stored));
        seen.entries = rows.chain(named).collect::<Result<_, Error>>()?;
        Ok(seen)
    }

    fn of_type(
        &self,
        grant: &Grant,
        request: &EverythingRequest<'_>,
        member: &str,
        most: usize,
    ) -> Result<(Vec<Stored>, bool), Error> {
        let found = self.store.search(grant, &select(request, member, most))?;
        let found = found.peek();
        Ok((found.rows.iter().map(|(_, stored)| stored.clone()).collect(), found.more))
    }

    /// Whom the record names, as far as the actor may see them.
    fn named(&self, grant: &Grant, rows: &[Stored]) -> Result<Vec<Stored>, Error> {
        let mut names = BTreeSet::new();
        for stored in rows {
            collect(&stored_value(stored)?, &mut names);
        }
        let names: Vec<(&str, &str)> =
            names.iter().take(MOST_NAMED).filter_map(|name| name.split_once('/')).collect();
        Ok(self.store.read_many(grant, &names)?.peek().clone())
    }
}

/// The types that belong to a patient, the Patient itself left out.
fn members<'a>(types: &'a [&'a str]) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    match types {
        [] => Box::new(capability::names().into_iter().filter(|name| is_member(name))),
        named => Box::new(named.iter().copied().filter(|name| is_member(name))),
    }
}

fn is_member(name: &str) -> bool {
    name != "Patient" && !compartment::params("Patient", name).is_empty()
}

fn select(request: &EverythingRequest<'_>, member: &str, limit: usize) -> Select {
    Select {
        resource_type: member.to_owned(),
        tests: vec![within("Patient", request.patient, member)],
        order: Order::Stored,
        after: None,
        newest_rid: i64::MAX,
        limit,
    }
}

/// Relative references to those who are named.
fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                match inner.as_str().filter(|_| key == "reference") {
                    Some(text) if NAMED.iter().any(|kind| is_to(text, kind)) => {
                        names.insert(text.to_owned());
                    }
                    _ => collect(inner, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}

fn is_to(reference: &str, kind: &str) -> bool {
    reference.split_once('/').is_some_and(|(found, id)| found == kind && !id.contains('/'))
}
