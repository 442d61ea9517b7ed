//! Who may see what, read off the rules one resource at a time.

use super::world::World;
use access::{
    act::{Act, Standing},
    consent::{Effect, Rule, rules},
    directory, label,
    scope::{Context, Permission, Scope},
    tie::ties,
};
use serde_json::Value;

/// Everything about the present that decides.
pub(crate) struct Policy<'w> {
    ties: Vec<access::tie::Tie<'w>>,
    /// The rules of each consent.
    consents: Vec<Vec<Rule<'w>>>,
}

/// What a resource is to the rules.
pub(crate) struct Subject<'w> {
    kind: &'w str,
    id: &'w str,
    owner: Option<&'w str>,
    patients: Vec<&'w str>,
    labels: Vec<&'w str>,
}

impl<'w> Policy<'w> {
    pub(crate) fn of(world: &'w World) -> Policy<'w> {
        Policy {
            ties: world.values().flat_map(|resource| ties(resource, &[])).collect(),
            consents: world.values().map(|resource| rules(resource, &[]).unwrap()).collect(),
        }
    }

    /// Whether somebody may see a resource by reading or searching.
    pub(crate) fn shows(&self, act: &Act, resource: &'w Value) -> bool {
        let subject = Subject::of(resource);
        let covers = |scope: &&Scope| {
            scope.covers(subject.kind, Permission::Search)
                && scope.conditions().iter().all(|(name, values)| matches(resource, name, values))
        };
        act.actor.scopes.iter().filter(covers).any(|scope| {
            match (scope.context, &act.actor.standing, &act.actor.patient) {
                (Context::System, ..) => true,
                (Context::User, Some(standing), _) => self.opens(act, standing, &subject),
                (Context::Patient, Some(standing), Some(patient)) if standing.is_of_staff() => {
                    subject.owner == Some(patient) && self.opens(act, standing, &subject)
                }
                (_, _, Some(patient)) => subject.patients.contains(&patient.as_str()),
                _ => false,
            }
        })
    }

    fn opens(&self, act: &Act, standing: &Standing, subject: &Subject<'_>) -> bool {
        if directory::holds(subject.kind) {
            return true;
        }
        let Some(owner) = subject.owner else { return false };
        let at = act.at.as_microsecond();
        if standing.glass.as_ref().is_some_and(|glass| glass.patient == owner && act.at <= glass.until) {
            return true;
        }
        let is_me = |who: (&str, &str)| {
            standing.known_as.iter().any(|(kind, id)| (kind.as_str(), id.as_str()) == who)
        };
        let applies = |rule: &&Rule<'_>| {
            rule.patient == owner
                && rule.who.is_none_or(is_me)
                && rule.purpose.is_none_or(|purpose| purpose == act.purpose.code())
                && (rule.since..=rule.until).contains(&at)
                && rule.resource_type.is_none_or(|kind| kind == subject.kind)
                && rule.item.is_none_or(|item| item == (subject.kind, subject.id))
                && rule.label.is_none_or(|label| subject.labels.contains(&label))
        };
        // Whoever looks is let in by a permission to look; whoever takes along is kept from that as well.
        let (lets, denies) = match act.looks {
            true => ([Effect::Permit, Effect::PermitLooking], [Effect::Deny; 2]),
            false => ([Effect::Permit; 2], [Effect::Deny, Effect::DenyTaking]),
        };
        let is_denied = self.consents.iter().any(|consent| {
            let of = |effects: [Effect; 2]| {
                consent.iter().filter(applies).filter(move |rule| effects.contains(&rule.effect))
            };
            of(denies).any(|deny| !of(lets).any(|permit| permit.depth > deny.depth))
        });
        let permits: Vec<&Rule<'_>> = self
            .consents
            .iter()
            .flatten()
            .filter(applies)
            .filter(|rule| lets.contains(&rule.effect))
            .collect();
        let is_tied = standing.by_tie
            && self
                .ties
                .iter()
                .any(|tie| tie.patient == owner && is_me(tie.who) && (tie.since..=tie.until).contains(&at));
        let granted = |code: &str| {
            standing.labels.iter().any(|seen| seen == code)
                || permits.iter().any(|permit| permit.label == Some(code) || permit.item.is_some())
        };
        let sensitive = subject.labels.iter().filter(|code| label::is_sensitive(code));
        !is_denied && (is_tied || !permits.is_empty()) && sensitive.into_iter().all(|code| granted(code))
    }
}

/// Whether a resource has one of these values, as people read `code=urn:t|c1,c2` and `subject=Patient/p1`.
fn matches(resource: &Value, name: &str, values: &[String]) -> bool {
    let has = |coding: &Value, value: &str| match value.split_once('|') {
        None => coding["code"] == value,
        Some((system, "")) => coding["system"] == system,
        Some(("", code)) => coding["code"] == code && coding["system"].is_null(),
        Some((system, code)) => coding["code"] == code && coding["system"] == system,
    };
    let all = |codings: &Value, value: &str| {
        codings.as_array().into_iter().flatten().any(|coding| has(coding, value))
    };
    let refers = |reference: &Value, value: &str| {
        reference["reference"].as_str().is_some_and(|to| to == value || to.ends_with(&format!("/{value}")))
    };
    values.iter().any(|value| match name {
        "code" => ["code", "medicationCodeableConcept"].iter().any(|at| all(&resource[*at]["coding"], value)),
        "class" => has(&resource["class"], value),
        "_security" => all(&resource["meta"]["security"], value),
        "patient" => ["subject", "patient"].iter().any(|at| refers(&resource[*at], value)),
        "performer" => resource["performer"].as_array().into_iter().flatten().any(|one| refers(one, value)),
        other => panic!("{other} is not read here"),
    })
}

impl<'w> Subject<'w> {
    fn of(resource: &'w Value) -> Subject<'w> {
        let text = |value: &'w Value| value.as_str().unwrap_or_default();
        let (kind, id) = (text(&resource["resourceType"]), text(&resource["id"]));
        let named = |value: &'w Value| value["reference"].as_str()?.strip_prefix("Patient/");
        let mut patients: Vec<&str> = match kind {
            "Patient" => vec![id],
            "Appointment" => {
                let people = resource["participant"].as_array().unwrap().iter();
                people.filter_map(|participant| named(&participant["actor"])).collect()
            }
            _ => [&resource["subject"], &resource["patient"]].into_iter().filter_map(named).collect(),
        };
        patients.dedup();
        let labels = resource["meta"]["security"].as_array().into_iter().flatten();
        Subject {
            kind,
            id,
            owner: patients.first().copied(),
            labels: labels.filter_map(|label| label["code"].as_str()).collect(),
            patients,
        }
    }
}
