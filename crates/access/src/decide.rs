//! The decision: default deny, one function, one page.

use crate::{
    act::Act,
    grant::{Filter, Grant, Types},
    scope::{Context, Permission, Scope},
};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish<'a> {
    /// The SMART permission that the operation falls under.
    pub permission: Permission,
    /// The type that it names; `None` for all types (system history, `_include=*`).
    pub resource_type: Option<&'a str>,
}

/// Why it was refused. The door says no more than this; the audit entry says all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("your access does not allow this operation on this type of resource")]
pub struct Refused;

/// Decides, and mints the grant.
///
/// `system/` scopes reach everything of the types they name; `patient/` and `user/` scopes reach one patient's compartment, and
/// nothing at all where no patient is bound (care relationships come with accounts).
///
/// The grant reaches every type on which its kind of scope gives the same permission, not only the one that the wish names:
/// a search may lead from one to another (`Observation?subject:Patient.name=…`).
///
/// # Errors
/// [`Refused`] where no scope covers the wish.
pub fn decide(act: &Act, wish: Wish<'_>) -> Result<Grant, Refused> {
    let grants = act.actor.scopes.iter().filter(|scope| scope.grants(wish.permission));
    let (system, own): (Vec<&Scope>, Vec<&Scope>) =
        grants.partition(|scope| scope.context == Context::System);
    let covers = |scopes: &[&Scope]| match wish.resource_type {
        Some(name) => scopes.iter().any(|scope| scope.covers(name, wish.permission)),
        None => !scopes.is_empty(),
    };
    if covers(&system) {
        return Ok(Grant { act: act.clone(), types: types(&system), filter: Filter::Everything });
    }
    match &act.actor.patient {
        Some(id) if covers(&own) => {
            Ok(Grant { act: act.clone(), types: types(&own), filter: Filter::Patient { id: id.clone() } })
        }
        _ => Err(Refused),
    }
}

fn types(scopes: &[&Scope]) -> Types {
    let named: Option<Vec<String>> = scopes.iter().map(|s| s.resource_type.clone()).collect();
    named.map_or(Types::All, Types::Only)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Actor, Purpose};

    fn act(scopes: &[&str], patient: Option<&str>) -> Act {
        Act {
            actor: Actor {
                id: "a1".into(),
                name: "Test".into(),
                role: "test".into(),
                scopes: scopes.iter().map(|s| s.parse().unwrap()).collect(),
                patient: patient.map(Into::into),
            },
            purpose: Purpose::Treat,
            request: "r1".into(),
            at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn read(name: &str) -> Wish<'_> {
        Wish { permission: Permission::Read, resource_type: Some(name) }
    }

    #[test]
    fn nothing_is_allowed_without_a_scope() {
        assert!(decide(&act(&[], None), read("Patient")).is_err());
        assert!(decide(&act(&["system/Observation.r"], None), read("Patient")).is_err());
        assert!(decide(&act(&["system/Patient.cuds"], None), read("Patient")).is_err());
    }

    #[test]
    fn a_patient_scope_without_a_patient_reaches_nothing() {
        assert!(decide(&act(&["patient/*.cruds"], None), read("Patient")).is_err());
    }

    #[test]
    fn a_patient_scope_reaches_one_compartment() {
        let grant = decide(&act(&["patient/*.r"], Some("p1")), read("Observation")).unwrap();
        assert_eq!(grant.filter(), &Filter::Patient { id: "p1".into() });
    }

    #[test]
    fn a_wish_for_all_types_reaches_only_the_types_that_are_named() {
        let wish = Wish { permission: Permission::Search, resource_type: None };
        let grant = decide(&act(&["system/Patient.s", "system/Observation.r"], None), wish).unwrap();
        assert!(grant.reaches("Patient") && !grant.reaches("Observation"));
    }

    #[test]
    fn a_wish_for_one_type_reaches_the_others_of_the_same_permission_and_context() {
        let act = act(
            &["system/Patient.s", "system/Observation.rs", "system/Condition.r", "patient/Encounter.s"],
            Some("p1"),
        );
        let wish = Wish { permission: Permission::Search, resource_type: Some("Observation") };
        let grant = decide(&act, wish).unwrap();
        assert!(grant.reaches("Patient") && grant.reaches("Observation"));
        assert!(!grant.reaches("Condition") && !grant.reaches("Encounter"));
    }

    #[test]
    fn a_narrow_system_scope_does_not_widen_through_a_patient_scope() {
        let act = act(&["system/Organization.r", "patient/*.rs"], Some("p1"));
        assert_eq!(decide(&act, read("Organization")).unwrap().filter(), &Filter::Everything);
        assert_eq!(decide(&act, read("Observation")).unwrap().filter(), &Filter::Patient { id: "p1".into() });
    }
}
