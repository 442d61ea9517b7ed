//! [Patient/$everything](https://hl7.org/fhir/R4/patient-operation-everything.html): one patient's record as far as the actor may
//! see it, in one look and under one entry of the log. Charts are drawn from it.

use crate::{
    Record, capability,
    error::Error,
    read::touch,
    search::{self, Mode, Page, PageEntry, page_entry, stored_value, within},
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    grant::Grant,
    scope::Permission,
};
use fhir::{
    outcome::{Issue, IssueCode, Severity},
    query::result::ResultParameters,
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
pub(crate) const NAMED: [&str; 5] =
    ["Practitioner", "PractitionerRole", "Organization", "Location", "Medication"];

/// Which part of a record.
#[derive(Clone, Debug)]
pub struct EverythingRequest<'a> {
    /// The patient's id.
    pub patient: &'a str,
    /// Only these types; none means all that belong to a patient.
    pub types: &'a [String],
    /// Only what changed at or after this, microseconds.
    pub since: Option<i64>,
    /// The word by which the log names the look.
    pub operation: &'a str,
}

/// What the parameters of `$everything` ask for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    types: Vec<String>,
    since: Option<i64>,
    /// What a lenient caller's question leaves out.
    pub issues: Vec<Issue>,
}

impl Asked {
    /// Reads `_type=A,B&_since=instant`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is not understood, unless the caller is lenient.
    pub fn parse(query: &str, lenient: bool) -> Result<Asked, Error> {
        let mut query = search::parse(query)?;
        let mut asked = Asked::default();
        for value in query.take("_type").iter().flat_map(|clause| &clause.values) {
            let kind = value.text();
            if !capability::is_resource_type(&kind) {
                let text = "_type: name resource types, such as Observation,Condition";
                return Err(Error::Invalid(vec![Issue::error(IssueCode::Value, text)]));
            }
            asked.types.push(kind.into_owned());
        }
        if let Some(value) = query.take("_since").first().and_then(|clause| clause.values.first()) {
            // A space is the `+` of a time zone that it was before decoding.
            let moment = value.text().replace(' ', "+").parse::<jiff::Timestamp>().map_err(|_| {
                let text = "_since: give an instant, such as 2026-01-31T08:00:00Z";
                Error::Invalid(vec![Issue::error(IssueCode::Value, text)])
            })?;
            asked.since = Some(moment.as_microsecond());
        }
        // How the answer looks is the door's affair; all else would change what is in it.
        let ResultParameters { format, pretty, .. } = query.result.clone();
        let plain = ResultParameters { format, pretty, ..ResultParameters::default() };
        let text =
            "$everything takes _type and _since here; search a type to page through it, or to filter it";
        let is_more = !query.clauses.is_empty() || query.result != plain;
        let mut unknown: Vec<Issue> =
            is_more.then(|| Issue::error(IssueCode::NotSupported, text)).into_iter().collect();
        if !unknown.is_empty() && !lenient {
            return Err(Error::Invalid(unknown));
        }
        unknown.iter_mut().for_each(|issue| issue.severity = Severity::Warning);
        asked.issues = unknown;
        Ok(asked)
    }

    /// Whether nothing is asked for but the whole.
    pub fn is_plain(&self) -> bool {
        self.types.is_empty() && self.since.is_none()
    }

    /// The request that it is, about that patient.
    pub fn of<'a>(&'a self, patient: &'a str, operation: &'a str) -> EverythingRequest<'a> {
        EverythingRequest { patient, types: &self.types, since: self.since, operation }
    }
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
    /// Types that the actor's role does not reach, or that are not shared with them. That nothing of them is here says nothing about the patient.
    pub beyond: Vec<String>,
}

impl Everything {
    /// As a page of a search: what is kept back, and where it was cut, is said in an OperationOutcome.
    pub fn page(self, mut issues: Vec<Issue>) -> Page {
        let told = |text: String| Issue {
            severity: Severity::Information,
            ..Issue::warning(IssueCode::Suppressed, text)
        };
        if self.restricted > 0 {
            let text = "more are restricted, by the patient or because they are sensitive";
            issues.push(told(format!("{} {text}", self.restricted)));
        }
        for kind in &self.cut {
            let text = format!("only the first {MOST} of {kind} are here: search {kind} for all of them");
            issues.push(Issue::warning(IssueCode::TooCostly, text));
        }
        let matches = self.entries.iter().filter(|entry| entry.mode == Mode::Match).count();
        Page { entries: self.entries, total: Some(matches as u64), next: None, issues }
    }
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
        let in_part = self.store.opens_in_part(&grant, request.patient)?;
        for member in members(request.types) {
            if !grant.reaches(member) {
                seen.beyond.push(member.to_owned());
                continue;
            }
            let (found, more) = self.of_type(&grant, request, member, MOST)?;
            if in_part && found.is_empty() {
                seen.beyond.push(member.to_owned());
            }
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
pub(crate) fn members(types: &[String]) -> Box<dyn Iterator<Item = &str> + '_> {
    match types {
        [] => Box::new(capability::names().into_iter().filter(|name| is_member(name))),
        named => Box::new(named.iter().map(String::as_str).filter(|name| is_member(name))),
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
pub(crate) fn collect(value: &Value, names: &mut BTreeSet<String>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_takes_types_and_a_beginning_and_says_what_it_does_not_take() {
        let asked = Asked::parse(
            "_type=Observation%2CCondition&_since=2026-01-31T08:00:00+05:30&_format=json",
            false,
        );
        let asked = asked.unwrap();
        assert_eq!(asked.types, ["Observation", "Condition"]);
        assert_eq!(
            asked.since,
            Some("2026-01-31T02:30:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond())
        );
        for bad in ["_type=Horse", "_since=lately", "_count=5", "_sort=date", "code=a", "start=2020", "%zz=1"]
        {
            assert!(matches!(Asked::parse(bad, false), Err(Error::Invalid(_))), "{bad}");
        }
        let lenient = Asked::parse("code=a&_type=Condition", true).unwrap();
        assert_eq!((lenient.types.len(), lenient.issues.len()), (1, 1));
        assert!(lenient.issues.iter().all(|issue| issue.severity == Severity::Warning));
    }
}
