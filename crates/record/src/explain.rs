//! "What would Dr B see of this patient, and which rule or consent says so": asked of the conditions that every query is restricted by, also
//! for a consent or a role that is only being considered.

use crate::{Record, error::Error, facts, search::name};
use access::{
    act::{Act, Actor},
    audit::{Entry, Outcome},
    consent::Effect,
    decide::Wish,
    scope::Permission,
};
use serde_json::Value;
use store::explain::{Considered, Explained, kind_number};

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

/// What somebody would see of a patient's record, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// By type, in alphabetical order.
    pub sights: Vec<Sight>,
    /// Denials first, then permissions, then care relationships.
    pub reasons: Vec<Reason>,
}

impl Record {
    /// What `subject` would see of a patient by searching, under the purpose and at the time of `act`. With `consent`, as if that
    /// Consent were stored. Whoever asks must reach all consents of the patient: the patient, a privacy officer, an operator.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Refused`], [`Error::Invalid`] for a consent that could not be kept to.
    pub fn explain(
        &self,
        act: &Act,
        subject: &Act,
        patient: &str,
        consent: Option<&Value>,
    ) -> Result<Explanation, Error> {
        let grant = self.decide(act, "explain", Permission::Search, Some("Consent"), "Patient")?;
        let subject = Act { at: act.at, ..subject.clone() };
        let reaches = self.grant(&subject, Wish { permission: Permission::Search, resource_type: None });
        let Ok(reaches) = reaches else { return Ok(Explanation::default()) };
        let index = consent.map(|consent| facts::index(self, consent)).transpose()?;
        let considered = index
            .as_ref()
            .map(|index| Considered { id: consent.and_then(|consent| consent["id"].as_str()), index });
        let found = match self.store.explain(&grant, &reaches, patient, considered) {
            Err(store::error::Error::Refused) => {
                self.refuse(act, "explain", "Patient")?;
                return Err(Error::Refused);
            }
            found => found?,
        };
        let mut entry = Entry::new(act, "explain", "Patient", Outcome::Done);
        entry.patients.extend(found.peek().iter().map(|(owner, _)| *owner));
        let (_, explained) = self.store.sign(entry, found)?.ok_or(Error::NotFound)?;
        Ok(told(explained))
    }
}

/// Whom an explanation is about, as an act of theirs.
pub fn subject(actor: Actor, act: &Act, purpose: access::act::Purpose) -> Act {
    Act { actor, purpose, ..act.clone() }
}

fn told(explained: Explained) -> Explanation {
    let types = crate::capability::resource_types();
    let name_of = |kind: i64| types.iter().map(|t| t.name).find(|name| kind_number(name) == kind);
    let mut sights: Vec<Sight> = explained
        .sights
        .into_iter()
        .map(|sight| Sight {
            resource_type: name_of(sight.kind).unwrap_or("?").to_owned(),
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
