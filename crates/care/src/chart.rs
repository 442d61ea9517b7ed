//! A patient's chart: everything that somebody may see of a record, fetched in one look.

use crate::writing;
use access::act::Act;
use fhir::json;
use record::{
    Record,
    error::Error,
    everything::{Everything, EverythingRequest},
};
use serde_json::Value;
use std::collections::HashMap;

/// One resource of a chart.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its type.
    pub kind: String,
    /// Its logical id.
    pub id: String,
    /// The resource.
    pub value: Value,
}

/// What is written from pages.
const WRITTEN: [&str; 9] = [
    "AllergyIntolerance",
    "Binary",
    "CarePlan",
    "Composition",
    "DocumentReference",
    "Goal",
    "Observation",
    "Procedure",
    "RelatedPerson",
];

/// A chart, opened for somebody.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// The patient's id.
    pub id: String,
    /// The Patient resource.
    pub patient: Value,
    /// What belongs to the patient.
    pub resources: Vec<Resource>,
    /// How many more there are that consents or labels keep back.
    pub restricted: u64,
    /// Types of which not everything could be fetched at once.
    pub cut: Vec<String>,
    /// Types of which consents or labels keep something back.
    pub partly: Vec<String>,
    /// Types that the reader's role does not reach.
    pub beyond: Vec<String>,
    /// Types that the reader's role writes: what a page offers to do hangs on it, and the kernel asks again.
    pub writes: Vec<&'static str>,
    pub(crate) names: HashMap<String, String>,
}

impl Chart {
    /// Opens the chart of `patient`, with these types or, where none is named, all. The log names the look by `operation`.
    ///
    /// # Errors
    /// As [`Record::everything`].
    pub fn open(
        record: &Record,
        act: &Act,
        patient: &str,
        types: &[&str],
        operation: &str,
    ) -> Result<Chart, Error> {
        let types: Vec<String> = types.iter().map(|kind| (*kind).to_owned()).collect();
        let request = EverythingRequest { patient, types: &types, since: None, operation };
        let chart = Chart::of(patient, record.everything(act, &request)?)?;
        Ok(Chart { writes: WRITTEN.into_iter().filter(|kind| writing::may(act, kind)).collect(), ..chart })
    }

    /// Whether the reader's role writes all of these types.
    pub fn may_write(&self, kinds: &[&str]) -> bool {
        kinds.iter().all(|kind| self.writes.contains(kind))
    }

    /// A chart of what was fetched.
    ///
    /// # Errors
    /// Where a stored resource cannot be read, which is a fault.
    pub fn of(patient: &str, seen: Everything) -> Result<Chart, Error> {
        let mut chart = Chart {
            id: patient.to_owned(),
            restricted: seen.restricted,
            cut: seen.cut,
            partly: seen.partly,
            beyond: seen.beyond,
            ..Chart::default()
        };
        for entry in seen.entries {
            let limits = json::Limits { depth: json::MAX_DEPTH, values: usize::MAX };
            let value = json::parse(&entry.body, limits).map_err(|error| Error::Fault(Box::new(error)))?;
            chart.add(entry.resource_type, entry.id, value);
        }
        Ok(chart)
    }

    /// Takes one resource in: as part of the record, or for its name.
    pub(crate) fn add(&mut self, kind: String, id: String, value: Value) {
        let reference = format!("{kind}/{id}");
        match kind.as_str() {
            "Patient" if id == self.id => self.patient = value,
            "Practitioner" | "Patient" => {
                self.names.insert(reference, crate::name::Name::of(&value).spoken());
            }
            "RelatedPerson" => {
                self.names.insert(reference, crate::name::Name::of(&value).spoken());
                self.resources.push(Resource { kind, id, value });
            }
            "Organization" | "Location" => {
                let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
                self.names.insert(reference, name.to_owned());
            }
            "Medication" => {
                let words = crate::coding::of(&value, &["code"]);
                self.names.insert(reference, words);
            }
            _ => self.resources.push(Resource { kind, id, value }),
        }
    }

    /// The resources of one type.
    pub fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// Whether the reader sees all there is of that type. Where not, that nothing is here says nothing.
    pub fn shows_all(&self, kind: &str) -> bool {
        !self.partly.iter().chain(&self.beyond).any(|unseen| unseen == kind)
    }

    /// One resource.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.kind == kind && resource.id == id)
    }

    /// What a `Reference` is called: by what it says, else by what it leads to; empty where neither is known.
    pub fn called(&self, reference: Option<&Value>) -> String {
        let Some(reference) = reference else { return String::new() };
        let text = |member: &str| reference.get(member).and_then(Value::as_str);
        let found = text("reference").and_then(|to| self.names.get(to)).filter(|name| !name.is_empty());
        found.map(String::as_str).or(text("display")).unwrap_or_default().to_owned()
    }

    /// Whether a reference leads to the patient: then the patient said it.
    pub(crate) fn is_patient(&self, reference: Option<&Value>) -> bool {
        let to = reference.and_then(|reference| reference.get("reference")).and_then(Value::as_str);
        to.and_then(|to| to.strip_prefix("Patient/")) == Some(&self.id)
    }

    /// Where a resource comes from: the house that it was brought from, else the organization that it names, else the system that sent it.
    pub fn source(&self, resource: &Value) -> String {
        if let Some(house) = crate::elsewhere::from(resource) {
            return house.to_owned();
        }
        let named = ["serviceProvider", "custodian", "managingOrganization"];
        let named = named.iter().map(|member| self.called(resource.get(*member)));
        let through = || {
            let to = resource.get("encounter").or_else(|| resource.get("context"))?.get("reference")?;
            let visit = self.get("Encounter", to.as_str()?.strip_prefix("Encounter/")?)?;
            Some(self.called(visit.value.get("serviceProvider")))
        };
        let sent = || {
            let source = resource.get("meta")?.get("source")?.as_str()?;
            let host = source.split_once("://").map_or(source, |(_, rest)| rest);
            Some(host.split(['/', '#']).next().unwrap_or(host).to_owned())
        };
        let mut found = named.chain(through()).filter(|name| !name.is_empty());
        found.next().or_else(sent).unwrap_or_default()
    }
}
