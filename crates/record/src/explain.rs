//! "What would Dr B see of this patient, and which rule or consent says so": asked of the conditions that every query is restricted by, also
//! for a consent or a role that is only being considered.

use crate::{Record, error::Error, facts, search::name};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    consent::Effect,
    decide::Wish,
    grant::Grant,
    scope::Permission,
};
use fhir::outcome::{Issue, IssueCode};
use serde_json::Value;
use store::{
    explain::{Considered, Explained, Looked, kind_number},
    index::Index,
};

/// How much of one type somebody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The resource type.
    pub resource_type: String,
    /// How many there are of the patient.
    pub all: i64,
    /// How many of them somebody sees.
    pub shown: i64,
}

/// Something that has a say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The resource that says so, `Encounter/e`; `None` for a consent that is only being considered.
    pub source: Option<String>,
    /// What a consent does; `None` for a care relationship.
    pub effect: Option<Effect>,
    /// Whether it is about a part of the record alone.
    pub is_partial: bool,
    /// Until when, microseconds since the epoch; `i64::MAX` without an end.
    pub until: i64,
}

impl Reason {
    /// What it is, in one word: `relationship`, `permit`, `permit-looking`, `deny` or `deny-taking`.
    pub fn kind(&self) -> &'static str {
        match self.effect {
            None => "relationship",
            Some(Effect::Permit) => "permit",
            Some(Effect::Deny) => "deny",
            Some(Effect::PermitLooking) => "permit-looking",
            Some(Effect::DenyTaking) => "deny-taking",
        }
    }
}

/// What somebody would see of a patient's record, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// By type, in alphabetical order.
    pub sights: Vec<Sight>,
    /// Denials first, then permissions, then care relationships.
    pub reasons: Vec<Reason>,
}

/// What comes into somebody's sight of one type, and what goes out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The resource type.
    pub resource_type: String,
    /// How many would newly be seen.
    pub gained: i64,
    /// How many would be seen no longer.
    pub lost: i64,
}

/// What somebody sees now, and would see then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// As things stand.
    pub now: Explanation,
    /// As they would stand.
    pub then: Explanation,
    /// What differs, by type in alphabetical order.
    pub differences: Vec<Difference>,
}

/// Somebody looks, and how things stand when they do.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Who looks.
    pub subject: &'a Act,
    /// A Consent as if it were stored.
    pub consent: Option<&'a Value>,
}

impl Record {
    /// What `subject` would see of a patient on pages of this house, under the purpose of `subject` and at the time of `act`. Whoever asks must
    /// reach all consents of the patient: the patient, a privacy officer, an operator.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Refused`]; [`Error::Unprocessable`] and [`Error::Invalid`] for a consent that could not be stored or
    /// kept to.
    pub fn explain(&self, act: &Act, patient: &str, view: View<'_>) -> Result<Explanation, Error> {
        let looked = self.looked(act, patient, &[view])?;
        Ok(looked.views.into_iter().next().map(told).unwrap_or_default())
    }

    /// What two views show, and how they differ: before a Consent or a role is saved, say. One look, one entry in the log.
    ///
    /// # Errors
    /// As [`Record::explain`].
    pub fn compare(
        &self,
        act: &Act,
        patient: &str,
        now: View<'_>,
        then: View<'_>,
    ) -> Result<Comparison, Error> {
        let looked = self.looked(act, patient, &[now, then])?;
        let mut differences: Vec<Difference> = looked
            .moves
            .into_iter()
            .map(|step| Difference {
                resource_type: name_of(step.kind).to_owned(),
                gained: step.gained,
                lost: step.lost,
            })
            .collect();
        differences.sort_by(|a, b| a.resource_type.cmp(&b.resource_type));
        let mut views = looked.views.into_iter().map(told);
        let (now, then) = (views.next().unwrap_or_default(), views.next().unwrap_or_default());
        Ok(Comparison { now, then, differences })
    }

    fn looked(&self, act: &Act, patient: &str, views: &[View<'_>]) -> Result<Looked, Error> {
        let asker = self.decide(act, "explain", Permission::Search, Some("Consent"), "Patient")?;
        let indexes: Vec<Option<Index>> = views
            .iter()
            .map(|view| view.consent.map(|consent| self.considered(consent, patient)).transpose())
            .collect::<Result<_, _>>()?;
        let grants: Vec<Option<Grant>> = views
            .iter()
            .map(|view| {
                let subject = Act { at: act.at, looks: true, ..view.subject.clone() };
                // Whose scopes allow no search at all sees nothing, and that is an answer.
                self.grant(&subject, Wish { permission: Permission::Search, resource_type: None }).ok()
            })
            .collect();
        let looks: Vec<store::explain::View<'_>> = views
            .iter()
            .zip(&indexes)
            .zip(&grants)
            .map(|((view, index), grant)| store::explain::View {
                subject: grant.as_ref(),
                considered: index
                    .as_ref()
                    .map(|index| Considered { id: view.consent.and_then(|c| c["id"].as_str()), index }),
            })
            .collect();
        let found = match self.store.explain(&asker, patient, &looks) {
            Err(store::error::Error::Refused) => {
                self.refuse(act, "explain", "Patient")?;
                return Err(Error::Refused);
            }
            found => found?,
        };
        let mut entry = Entry::new(act, "explain", "Patient", Outcome::Done);
        entry.patients.extend(found.peek().iter().map(|(owner, _)| *owner));
        Ok(self.store.sign(entry, found)?.ok_or(Error::NotFound)?.1)
    }

    /// What a Consent of this patient would stand in the index with: one that could not be stored is not considered either.
    fn considered(&self, consent: &Value, patient: &str) -> Result<Index, Error> {
        let issues: Vec<Issue> = r4::check::check(consent).into_iter().filter(Issue::is_error).collect();
        if !issues.is_empty() {
            return Err(Error::Unprocessable(issues));
        }
        if consent["resourceType"] != "Consent" || !facts::patients(self, consent)?.contains(&patient) {
            let issue = Issue::error(
                IssueCode::Invalid,
                "what is considered must be a Consent of the patient whose record it is about",
            );
            return Err(Error::Invalid(vec![issue.at("Consent.patient")]));
        }
        facts::index(self, consent)
    }
}

/// The name of a type by its number.
pub(crate) fn name_of(kind: i64) -> &'static str {
    let types = r4::definitions().model.types().iter();
    types.map(|t| &*t.name).find(|name| kind_number(name) == kind).unwrap_or("?")
}

fn told(explained: Explained) -> Explanation {
    let mut sights: Vec<Sight> = explained
        .sights
        .into_iter()
        .map(|sight| Sight {
            resource_type: name_of(sight.kind).to_owned(),
            all: sight.all,
            shown: sight.shown,
        })
        .collect();
    sights.sort_by(|a, b| a.resource_type.cmp(&b.resource_type));
    let reasons = explained.reasons.into_iter().map(|reason| Reason {
        source: reason.source.map(|stored| {
            let (kind, id) = name(&stored.body);
            format!("{kind}/{id}")
        }),
        effect: reason.effect,
        is_partial: reason.is_partial,
        until: reason.until,
    });
    Explanation { sights, reasons: reasons.collect() }
}
