//! What the patient decided: from a FHIR [Consent](https://hl7.org/fhir/R4/consent.html) to rules that a query can hold a row
//! against.
//!
//! Only active consents of scope `patient-privacy` count. A provision's exceptions go before what they are exceptions of;
//! between consents that contradict each other, deny wins. What cannot be held against a row (`code`, `dataPeriod`,
//! actors that are no resource of this house) makes a permission void and leaves a denial as wide as the rest of it says: hiding too
//! much can be mended.

use fhir::{
    reference::{self, Local, Reference},
    time::{Span, parse_date_time},
};
use serde_json::Value;

/// The most rules that one consent may come to: every actor × purpose × class × label × item is one.
pub const MOST_RULES: usize = 1_000;

/// How deep exceptions of exceptions may go.
const DEEPEST: u8 = 8;

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Lets in, to look and to take along.
    Permit,
    /// Keeps out.
    Deny,
    /// Lets in to look, on this house's own pages, and not to take anything along.
    PermitLooking,
    /// Keeps from taking anything along.
    DenyTaking,
}

impl Effect {
    /// Whether it lets somebody in.
    pub fn permits(self) -> bool {
        matches!(self, Effect::Permit | Effect::PermitLooking)
    }

    /// Whether it has a say where somebody only looks, or takes along what they read.
    pub fn is_about(self, takes: bool) -> bool {
        match self {
            Effect::Permit | Effect::Deny => true,
            Effect::PermitLooking => !takes,
            Effect::DenyTaking => takes,
        }
    }
}

/// One rule of a consent. `None` means "any".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'r> {
    /// Whose record: the id of a Patient of this house.
    pub patient: &'r str,
    /// What it does.
    pub effect: Effect,
    /// How deep it stands: an exception is one deeper than what it is an exception of.
    pub depth: u8,
    /// Whom it is about: type and id of a resource of this house.
    pub who: Option<(&'r str, &'r str)>,
    /// For which purpose: a code of [v3-PurposeOfUse](https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html).
    pub purpose: Option<&'r str>,
    /// Resources of which type.
    pub resource_type: Option<&'r str>,
    /// Resources with this security label.
    pub label: Option<&'r str>,
    /// This resource alone.
    pub item: Option<(&'r str, &'r str)>,
    /// From this microsecond.
    pub since: i64,
    /// To this one.
    pub until: i64,
}

/// A consent that cannot be kept to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too many combinations.
    #[error(
        "a Consent may come to {MOST_RULES} combinations of actor, purpose, class, label and item; split it into several"
    )]
    TooMany,
    /// Exceptions nested too deeply.
    #[error("a Consent's provisions may be nested {DEEPEST} deep")]
    TooDeep,
}

/// The rules of a resource; none where it is no Consent that is in force. `bases` are this house's own addresses.
///
/// # Errors
/// [`Error`], which a commit refuses.
///
/// ```
/// use access::consent::{rules, Effect};
/// let consent = serde_json::json!({
///     "resourceType": "Consent", "status": "active", "patient": {"reference": "Patient/p"},
///     "scope": {"coding": [{"code": "patient-privacy"}]},
///     "provision": {"type": "deny", "securityLabel": [{"code": "PSY"}]},
/// });
/// let rules = rules(&consent, &[]).unwrap();
/// assert_eq!((rules[0].effect, rules[0].label, rules[0].who), (Effect::Deny, Some("PSY"), None));
/// ```
pub fn rules<'r>(resource: &'r Value, bases: &[&str]) -> Result<Vec<Rule<'r>>, Error> {
    let is_privacy = codes(&resource["scope"]).any(|code| code == "patient-privacy");
    if resource["resourceType"] != "Consent" || resource["status"] != "active" || !is_privacy {
        return Ok(Vec::new());
    }
    let named = |reference: &'r Value| local(reference, bases);
    let Some(patient) = named(&resource["patient"]).filter(|patient| patient.type_name == "Patient") else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    let whole = Provision {
        who: Stated::Any,
        purposes: Stated::Any,
        classes: Stated::Any,
        labels: Stated::Any,
        items: Stated::Any,
        span: Span { low: i64::MIN, high: i64::MAX },
        actions: Actions::ALL,
        is_whole: true,
    };
    provision(&resource["provision"], &whole, patient.id, 0, bases, &mut out)?;
    Ok(out)
}

/// The values of one element of a provision.
#[derive(Clone, Debug)]
enum Stated<T> {
    /// Not said, here or above.
    Any,
    /// These, and whether there were others, which cannot be told.
    These(Vec<T>, bool),
}

impl<T: Copy> Stated<T> {
    fn options(&self, effect: Effect) -> Vec<Option<T>> {
        match self {
            Stated::Any => vec![None],
            Stated::These(_, true) if !effect.permits() => vec![None],
            Stated::These(values, _) => self::some(values),
        }
    }

    /// Somebody who is not here cannot be kept out, and is no reason to keep out everybody.
    fn people(&self) -> Vec<Option<T>> {
        match self {
            Stated::Any => vec![None],
            Stated::These(values, _) => self::some(values),
        }
    }
}

fn some<T: Copy>(values: &[T]) -> Vec<Option<T>> {
    values.iter().copied().map(Some).collect()
}

/// A provision with what it takes over from those around it.
#[derive(Clone, Debug)]
struct Provision<'r> {
    who: Stated<(&'r str, &'r str)>,
    purposes: Stated<&'r str>,
    classes: Stated<&'r str>,
    labels: Stated<&'r str>,
    items: Stated<(&'r str, &'r str)>,
    span: Span,
    actions: Actions,
    /// Whether a rule says all that the provision says.
    is_whole: bool,
}

/// What of [consentaction](https://hl7.org/fhir/R4/codesystem-consent-action.html) a provision is about. `access` alone is to look and to
/// take nothing along, as the code's definition says.
#[derive(Clone, Copy, Debug)]
struct Actions {
    looking: bool,
    taking: bool,
}

impl Actions {
    const ALL: Actions = Actions { looking: true, taking: true };

    /// Those that are stated; what stands around where none is.
    fn stated(stated: &Value, around: Actions) -> Actions {
        if stated.is_null() {
            return around;
        }
        let any =
            |wanted: &[&str]| items(stated).any(|action| codes(action).any(|code| wanted.contains(&code)));
        Actions { looking: any(&["access", "use"]), taking: any(&["use", "collect", "disclose"]) }
    }

    fn effect(self, kind: &str) -> Option<Effect> {
        match (kind, self.looking, self.taking) {
            ("permit", true, true) => Some(Effect::Permit),
            ("permit", true, false) => Some(Effect::PermitLooking),
            ("deny", true, _) => Some(Effect::Deny),
            ("deny", false, true) => Some(Effect::DenyTaking),
            // Only about correcting, say, or to store what nobody may look at.
            _ => None,
        }
    }
}

fn provision<'r>(
    stated: &'r Value,
    around: &Provision<'r>,
    patient: &'r str,
    depth: u8,
    bases: &[&str],
    out: &mut Vec<Rule<'r>>,
) -> Result<(), Error> {
    if depth > DEEPEST {
        return Err(Error::TooDeep);
    }
    let own = around.within(stated, bases);
    let effect = stated["type"].as_str().and_then(|kind| own.actions.effect(kind));
    if let Some(effect) = effect.filter(|effect| own.is_whole || !effect.permits()) {
        own.multiply(patient, effect, depth, out)?;
    }
    items(&stated["provision"]).try_for_each(|inner| provision(inner, &own, patient, depth + 1, bases, out))
}

impl<'r> Provision<'r> {
    fn within(&self, stated: &'r Value, bases: &[&str]) -> Provision<'r> {
        let person = |actor: &'r Value| local(&actor["reference"], bases);
        let who = take(&self.who, &stated["actor"], |actor| person(actor).map(|l| (l.type_name, l.id)));
        let purposes = take(&self.purposes, &stated["purpose"], |coding| coding["code"].as_str());
        let classes = take(&self.classes, &stated["class"], |coding| {
            coding["code"].as_str().filter(|code| reference::is_type_name(code))
        });
        let labels = take(&self.labels, &stated["securityLabel"], |coding| coding["code"].as_str());
        let item = |data: &'r Value| {
            let is_instance = data["meaning"] == "instance";
            local(&data["reference"], bases).filter(|_| is_instance).map(|l| (l.type_name, l.id))
        };
        let items = take(&self.items, &stated["data"], item);
        let is_told = stated["code"].is_null() && stated["dataPeriod"].is_null();
        let (span, is_sound) = self.narrowed(&stated["period"]);
        Provision {
            who,
            purposes,
            classes,
            labels,
            items,
            span,
            actions: Actions::stated(&stated["action"], self.actions),
            is_whole: self.is_whole && is_told && is_sound,
        }
    }

    fn narrowed(&self, period: &Value) -> (Span, bool) {
        if period.is_null() {
            return (self.span, true);
        }
        let end = |name: &str| period[name].as_str().map(|text| parse_date_time(text, 0).map(|m| m.span));
        let (Ok(start), Ok(end)) = (end("start").transpose(), end("end").transpose()) else {
            return (self.span, false);
        };
        match Span::period(start, end) {
            Some(own) => {
                let both = Span { low: self.span.low.max(own.low), high: self.span.high.min(own.high) };
                (both, both.low <= both.high)
            }
            None => (self.span, false),
        }
    }

    fn multiply(
        &self,
        patient: &'r str,
        effect: Effect,
        depth: u8,
        out: &mut Vec<Rule<'r>>,
    ) -> Result<(), Error> {
        let (who, purposes) = (self.who.people(), self.purposes.options(effect));
        let (classes, labels) = (self.classes.options(effect), self.labels.options(effect));
        let items = self.items.options(effect);
        let lengths = [who.len(), purposes.len(), classes.len(), labels.len(), items.len()];
        let many = lengths.iter().fold(1_usize, |all, each| all.saturating_mul(*each));
        if many.saturating_add(out.len()) > MOST_RULES {
            return Err(Error::TooMany);
        }
        let Span { low: since, high: until } = self.span;
        for who in who {
            for purpose in &purposes {
                for resource_type in &classes {
                    for label in &labels {
                        out.extend(items.iter().map(|item| Rule {
                            patient,
                            effect,
                            depth,
                            who,
                            purpose: *purpose,
                            resource_type: *resource_type,
                            label: *label,
                            item: *item,
                            since,
                            until,
                        }));
                    }
                }
            }
        }
        Ok(())
    }
}

/// What an element says; what stands around it where it says nothing.
fn take<'r, T: Copy>(
    around: &Stated<T>,
    stated: &'r Value,
    read: impl Fn(&'r Value) -> Option<T>,
) -> Stated<T> {
    match stated.as_array() {
        Some(stated) => {
            let told: Vec<T> = stated.iter().filter_map(read).collect();
            let is_part = told.len() < stated.len();
            Stated::These(told, is_part)
        }
        None => around.clone(),
    }
}

fn local<'r>(reference: &'r Value, bases: &[&str]) -> Option<Local<'r>> {
    match reference::parse(reference["reference"].as_str()?, bases)? {
        Reference::Local(local) | Reference::Absolute { local: Some(local), .. } => Some(local),
        _ => None,
    }
}

/// The codes of a CodeableConcept.
fn codes(concept: &Value) -> impl Iterator<Item = &str> {
    items(&concept["coding"]).filter_map(|coding| coding["code"].as_str())
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests;
