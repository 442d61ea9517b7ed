//! Care relationships: who treats whom, from when until when, as the record itself says it.
//!
//! A relationship comes from an Encounter, Appointment, CareTeam, EpisodeOfCare or ServiceRequest, lasts [`AFTER_US`] longer
//! than what it comes from (the letter has to be written), and has an end. What was cancelled or entered in error ties nobody.
//!
//! Being registered with an organization (`Patient.managingOrganization`) is a relationship of its own, [`REGISTRATION`]: it lasts until it is
//! changed, and is that of roles which register, such as the front desk.

use fhir::{
    reference::{self, Local, Reference},
    time::{DAY_US, Span, parse_date_time},
};
use serde_json::Value;

/// The pseudo-type under which records know an organization as the place where a patient is registered: it has no end, so it opens
/// nothing to those who treat.
pub const REGISTRATION: &str = "Registration";

/// How long a relationship outlives the encounter, appointment or order that made it: 90 days.
pub const AFTER_US: i64 = 90 * DAY_US;

/// How long before an appointment its people may prepare it: 7 days.
pub const BEFORE_US: i64 = 7 * DAY_US;

/// One care relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie<'r> {
    /// Who cares: type and id of a Practitioner, PractitionerRole, Organization or CareTeam of this house, or [`REGISTRATION`] and the id of
    /// an Organization.
    pub who: (&'r str, &'r str),
    /// For whom: the id of a Patient of this house.
    pub patient: &'r str,
    /// The first microsecond.
    pub since: i64,
    /// The last microsecond; `i64::MAX` while no end is known.
    pub until: i64,
}

/// The relationships that a resource makes. `bases` are this house's own addresses, for absolute references.
///
/// ```
/// let encounter = serde_json::json!({
///     "resourceType": "Encounter", "status": "in-progress", "subject": {"reference": "Patient/p"},
///     "participant": [{"individual": {"reference": "Practitioner/b"}}],
/// });
/// let ties = access::tie::ties(&encounter, &[]);
/// assert_eq!((ties[0].who, ties[0].patient), (("Practitioner", "b"), "p"));
/// ```
pub fn ties<'r>(resource: &'r Value, bases: &[&str]) -> Vec<Tie<'r>> {
    let read = Reader { resource, bases };
    match resource["resourceType"].as_str() {
        Some("Encounter") => read.encounter(),
        Some("EpisodeOfCare") => read.episode(),
        Some("CareTeam") => read.care_team(),
        Some("Appointment") => read.appointment(),
        Some("ServiceRequest") => read.referral(),
        Some("Patient") => read.registration(),
        _ => Vec::new(),
    }
}

#[derive(Clone, Copy)]
struct Reader<'r, 'b> {
    resource: &'r Value,
    bases: &'b [&'b str],
}

impl<'r> Reader<'r, '_> {
    fn encounter(self) -> Vec<Tie<'r>> {
        let Some(span) = self.course(
            &["planned", "arrived", "triaged", "in-progress", "onleave"],
            &["finished"],
            &self.resource["period"],
        ) else {
            return Vec::new();
        };
        let people = items(&self.resource["participant"]).map(|participant| &participant["individual"]);
        let who = people.chain([&self.resource["serviceProvider"]]);
        self.between(who, [&self.resource["subject"]], span)
    }

    fn episode(self) -> Vec<Tie<'r>> {
        let (open, ended) = (["planned", "waitlist", "active", "onhold"], ["finished"]);
        let Some(span) = self.course(&open, &ended, &self.resource["period"]) else { return Vec::new() };
        let who = [&self.resource["careManager"], &self.resource["managingOrganization"]];
        let who = who.into_iter().chain(items(&self.resource["team"]));
        self.between(who, [&self.resource["patient"]], span)
    }

    fn care_team(self) -> Vec<Tie<'r>> {
        if self.status() != Some("active") {
            return Vec::new();
        }
        let subject = [&self.resource["subject"]];
        let whole = period(&self.resource["period"]);
        let mut ties = Vec::new();
        if let Some(span) = whole.within() {
            ties.extend(self.between(items(&self.resource["managingOrganization"]), subject, span));
        }
        for participant in items(&self.resource["participant"]) {
            let own = period(&participant["period"]);
            let stated = if own == Stated::Nothing { whole } else { own };
            if let Some(span) = stated.within() {
                ties.extend(self.between([&participant["member"]], subject, span));
            }
        }
        ties
    }

    fn appointment(self) -> Vec<Tie<'r>> {
        let live = ["pending", "booked", "arrived", "fulfilled", "checked-in"];
        let (Some(start), Some(end)) = (moment(&self.resource["start"]), moment(&self.resource["end"]))
        else {
            return Vec::new();
        };
        if !self.status().is_some_and(|status| live.contains(&status)) {
            return Vec::new();
        }
        let span = Span { low: start.low.saturating_sub(BEFORE_US), high: end.high.saturating_add(AFTER_US) };
        let comes = |participant: &&Value| participant["status"] != "declined";
        let actors: Vec<&Value> = items(&self.resource["participant"])
            .filter(comes)
            .map(|participant| &participant["actor"])
            .collect();
        self.between(actors.iter().copied(), actors.iter().copied(), span)
    }

    fn referral(self) -> Vec<Tie<'r>> {
        let orders =
            ["directive", "order", "original-order", "reflex-order", "filler-order", "instance-order"];
        let live = ["active", "on-hold", "completed"];
        let is_order = self.resource["intent"].as_str().is_some_and(|intent| orders.contains(&intent));
        if !is_order || !self.status().is_some_and(|status| live.contains(&status)) {
            return Vec::new();
        }
        let Some(since) = moment(&self.resource["authoredOn"]) else { return Vec::new() };
        let planned = match period(&self.resource["occurrencePeriod"]) {
            Stated::Span(span) if span.high < i64::MAX => Some(span.high),
            _ => moment(&self.resource["occurrenceDateTime"]).map(|at| at.high),
        };
        let until = planned.unwrap_or(since.high).max(since.high).saturating_add(AFTER_US);
        let who = items(&self.resource["performer"]);
        self.between(who, [&self.resource["subject"]], Span { low: since.low, high: until })
    }

    fn registration(self) -> Vec<Tie<'r>> {
        let (Some(patient), Some(who)) = (
            self.resource["id"].as_str(),
            self.named(&self.resource["managingOrganization"]).filter(|who| who.type_name == "Organization"),
        ) else {
            return Vec::new();
        };
        vec![Tie { who: (REGISTRATION, who.id), patient, since: i64::MIN, until: i64::MAX }]
    }

    fn status(self) -> Option<&'r str> {
        self.resource["status"].as_str()
    }

    /// From when until when, where the status says that it takes or took place at all.
    fn course(self, open: &[&str], ended: &[&str], stated: &Value) -> Option<Span> {
        let (status, stated) = (self.status()?, period(stated));
        if open.contains(&status) {
            return stated.within();
        }
        // What has ended without saying when ties nobody: there would be no end.
        let Stated::Span(span) = stated else { return None };
        let end = if span.high < i64::MAX { span.high } else { span.low };
        (ended.contains(&status) && end > i64::MIN)
            .then_some(Span { low: span.low, high: end.saturating_add(AFTER_US) })
    }

    fn named(self, reference: &'r Value) -> Option<Local<'r>> {
        match reference::parse(reference["reference"].as_str()?, self.bases)? {
            Reference::Local(local) | Reference::Absolute { local: Some(local), .. } => Some(local),
            _ => None,
        }
    }

    fn between(
        self,
        who: impl IntoIterator<Item = &'r Value>,
        patients: impl IntoIterator<Item = &'r Value>,
        span: Span,
    ) -> Vec<Tie<'r>> {
        let patients: Vec<&str> = patients
            .into_iter()
            .filter_map(|patient| self.named(patient))
            .filter(|patient| patient.type_name == "Patient")
            .map(|patient| patient.id)
            .collect();
        let cares = ["Practitioner", "PractitionerRole", "Organization", "CareTeam"];
        let who =
            who.into_iter().filter_map(|who| self.named(who)).filter(|who| cares.contains(&who.type_name));
        who.flat_map(|who| {
            let tie = move |patient: &&'r str| Tie {
                who: (who.type_name, who.id),
                patient,
                since: span.low,
                until: span.high,
            };
            patients.iter().map(tie).collect::<Vec<_>>()
        })
        .collect()
    }
}

/// The elements of an array; nothing of what is none.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What a Period says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stated {
    Nothing,
    /// It was said, and cannot be: it ends before it begins.
    Impossible,
    Span(Span),
}

impl Stated {
    /// For what is open: without a period, for as long as it is open.
    fn within(self) -> Option<Span> {
        match self {
            Stated::Nothing => Some(Span { low: i64::MIN, high: i64::MAX }),
            Stated::Impossible => None,
            Stated::Span(span) if span.high == i64::MAX => Some(span),
            Stated::Span(span) => Some(Span { high: span.high.saturating_add(AFTER_US), ..span }),
        }
    }
}

fn period(value: &Value) -> Stated {
    let (start, end) = (&value["start"], &value["end"]);
    if start.is_null() && end.is_null() {
        return Stated::Nothing;
    }
    Span::period(moment(start), moment(end)).map_or(Stated::Impossible, Stated::Span)
}

fn moment(value: &Value) -> Option<Span> {
    parse_date_time(value.as_str()?, 0).ok().map(|moment| moment.span)
}

#[cfg(test)]
mod tests;
