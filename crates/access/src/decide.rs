//! The decision: default deny, one function, one page.

use crate::{
    act::{Act, Standing},
    grant::{Grant, Part, Types, Whose},
    refine::Refinement,
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
/// - `system/` scopes reach everything of the types they name.
/// - `user/` scopes reach the directory, and of patients' records what care relationships, consents and labels leave
///   ([`Whose::Cared`]); for an actor without a [standing](crate::act::Standing), what `patient/` scopes reach.
/// - `patient/` scopes reach one patient's compartment, and nothing at all where no patient is bound. In the hands of staff (an app that
///   was started from a chart) they reach no more of it than `user/` scopes do.
///
/// A refined scope (`?category=laboratory`) reaches of its type what matches, in each of these ways; a scope without a refinement for the
/// same type and context goes before it.
///
/// The grant reaches every type on which the scopes give the same permission, not only the one that the wish names: a search may
/// lead from one to another (`Observation?subject:Patient.name=…`).
///
/// # Errors
/// [`Refused`] where no scope covers the wish.
pub fn decide(act: &Act, wish: Wish<'_>) -> Result<Grant, Refused> {
    let of = |context: Context| -> Vec<&Scope> {
        let scopes = act.actor.scopes.iter();
        scopes.filter(|scope| scope.context == context && scope.grants(wish.permission)).collect()
    };
    let (system, mut user, mut own) = (of(Context::System), of(Context::User), of(Context::Patient));
    if act.actor.standing.is_none() {
        own.append(&mut user);
    }
    // Who may only look may not write either.
    let takes = !(act.looks && matches!(wish.permission, Permission::Read | Permission::Search));
    let everyone = parts(&system, || Some(Whose::Everyone));
    let cared = parts(&user, || {
        let (standing, at) = (act.actor.standing.clone()?, act.at.as_microsecond());
        Some(Whose::Cared { standing, only: None, purpose: act.purpose.code(), at, takes })
    });
    let mine = parts(&own, || {
        let (id, at) = (act.actor.patient.clone()?, act.at.as_microsecond());
        Some(match act.actor.standing.clone().filter(Standing::is_of_staff) {
            Some(standing) => {
                Whose::Cared { standing, only: Some(id), purpose: act.purpose.code(), at, takes }
            }
            None => {
                let standing = act.actor.standing.as_ref();
                Whose::Patient {
                    id,
                    hides: standing.map(|standing| standing.hides.clone()).unwrap_or_default(),
                }
            }
        })
    });
    let grant = Grant { act: act.clone(), parts: [everyone, cared, mine].concat() };
    let is_covered = match wish.resource_type {
        Some(name) => grant.reaches(name),
        None => !grant.parts.is_empty(),
    };
    if is_covered { Ok(grant) } else { Err(Refused) }
}

/// One part for whole types, and one for each type of which scopes reach no more than what their refinements leave.
fn parts(scopes: &[&Scope], whose: impl FnOnce() -> Option<Whose>) -> Vec<Part> {
    let Some(whose) = Some(scopes).filter(|scopes| !scopes.is_empty()).and_then(|_| whose()) else {
        return Vec::new();
    };
    let (refined, whole): (Vec<&Scope>, Vec<&Scope>) = scopes.iter().partition(|scope| scope.is_refined());
    let named: Option<Vec<String>> = whole.iter().map(|s| s.resource_type.clone()).collect();
    let types = named.map_or(Types::All, Types::Only);
    let mut some: Vec<Part> = Vec::new();
    for (kind, scope) in refined.iter().filter_map(|scope| Some((scope.resource_type.clone()?, scope))) {
        let refinement = Refinement::new(scope.refinement().join("&"));
        let only = Types::Only(vec![kind]);
        match some.iter_mut().find(|part| part.types == only) {
            Some(part) => part.refined.iter_mut().for_each(|all| all.push(refinement.clone())),
            None => {
                some.push(Part { types: only, whose: whose.clone(), refined: Some(vec![refinement]) });
            }
        }
    }
    some.retain(|part| match &part.types {
        Types::Only(kinds) => !kinds.iter().all(|kind| types.holds(kind)),
        Types::All => true,
    });
    let whole = (!whole.is_empty()).then_some(Part { types, whose, refined: None });
    whole.into_iter().chain(some).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Actor, Glass, Purpose, Standing};
    use crate::refine::{Criterion, Value};

    fn act(scopes: &[&str], patient: Option<&str>) -> Act {
        Act {
            actor: Actor {
                id: "a1".into(),
                name: "Test".into(),
                role: "test".into(),
                scopes: scopes.iter().map(|s| s.parse().unwrap()).collect(),
                patient: patient.map(Into::into),
                standing: None,
            },
            purpose: Purpose::Treat,
            request: "r1".into(),
            at: jiff::Timestamp::UNIX_EPOCH,
            looks: false,
        }
    }

    fn whose(grant: &Grant) -> Vec<&Whose> {
        grant.parts().iter().map(|part| &part.whose).collect()
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
        assert_eq!(whose(&grant), [&Whose::Patient { id: "p1".into(), hides: vec![] }]);
    }

    #[test]
    fn a_wish_for_all_types_reaches_only_the_types_that_are_named() {
        let wish = Wish { permission: Permission::Search, resource_type: None };
        let grant = decide(&act(&["system/Patient.s", "system/Observation.r"], None), wish).unwrap();
        assert!(grant.reaches("Patient") && !grant.reaches("Observation"));
    }

    #[test]
    fn a_wish_for_one_type_reaches_the_others_of_the_same_permission() {
        let act = act(
            &["system/Patient.s", "system/Observation.rs", "system/Condition.r", "patient/Encounter.s"],
            Some("p1"),
        );
        let wish = Wish { permission: Permission::Search, resource_type: Some("Observation") };
        let grant = decide(&act, wish).unwrap();
        assert!(grant.reaches("Patient") && grant.reaches("Observation") && grant.reaches("Encounter"));
        assert!(!grant.reaches("Condition"));
    }

    #[test]
    fn a_narrow_system_scope_does_not_widen_through_a_patient_scope() {
        let act = act(&["system/Organization.r", "patient/*.rs"], Some("p1"));
        for wish in ["Organization", "Observation"] {
            let grant = decide(&act, read(wish)).unwrap();
            let [everyone, mine] = grant.parts() else { panic!("{grant:?}") };
            assert_eq!(
                (&everyone.whose, &everyone.types),
                (&Whose::Everyone, &Types::Only(vec!["Organization".into()]))
            );
            assert_eq!(
                (&mine.whose, &mine.types),
                (&Whose::Patient { id: "p1".into(), hides: vec![] }, &Types::All)
            );
        }
    }

    #[test]
    fn a_refined_scope_is_a_part_of_its_own_that_lets_nothing_through_until_it_is_understood() {
        let lab = "patient/Observation.rs?category=laboratory";
        let vital = "patient/Observation.rs?category=vital-signs";
        let all = decide(&act(&["patient/Patient.r", lab, vital], Some("p1")), read("Observation")).unwrap();
        let [plain, some] = all.parts() else { panic!("{all:?}") };
        assert_eq!((&plain.types, &plain.refined), (&Types::Only(vec!["Patient".into()]), &None));
        let refined = some.refined.clone().unwrap();
        assert_eq!((refined.len(), refined[0].criteria()), (2, None));
        let criteria = |_: &str, query: &str| {
            let values = vec![Value::Uri(query.to_owned())];
            (query == "category=laboratory").then(|| vec![Criterion { param: 7, any: values }])
        };
        let read_so = all.understood(&criteria);
        let refined = read_so.parts()[1].refined.clone().unwrap();
        assert!(refined[0].criteria().is_some() && refined[1].criteria().is_none());
        let empty = read_so.understood(&|_, _| Some(Vec::new()));
        assert!(empty.parts()[1].refined.as_ref().unwrap().iter().all(|one| one.criteria().is_none()));
        for plain in ["patient/Observation.rs", "patient/*.rs"] {
            let grant = decide(&act(&[lab, plain], Some("p1")), read("Observation")).unwrap();
            assert!(grant.parts().iter().all(|part| part.refined.is_none()), "{plain} goes before");
        }
        let mixed = decide(&act(&["system/*.rs", lab], Some("p1")), read("Observation")).unwrap();
        assert!(mixed.is_whole() && mixed.parts().len() == 2);
    }

    #[test]
    fn user_scopes_go_by_care_where_the_actor_has_a_standing() {
        let mut act = act(&["user/*.rs", "patient/Observation.c"], Some("p1"));
        assert_eq!(
            whose(&decide(&act, read("Observation")).unwrap()),
            [&Whose::Patient { id: "p1".into(), hides: vec![] }]
        );
        act.actor.standing = Some(Standing { by_tie: true, ..Standing::default() });
        let grant = decide(&act, read("Observation")).unwrap();
        assert!(matches!(whose(&grant)[..], [Whose::Cared { purpose: "TREAT", at: 0, .. }]));
    }

    #[test]
    fn a_chart_that_staff_open_an_app_on_is_still_reached_by_care_alone() {
        let mut act = act(&["patient/*.rs"], Some("p1"));
        let known_as = vec![("Practitioner".into(), "b".into())];
        act.actor.standing = Some(Standing { by_tie: true, known_as, ..Standing::default() });
        let grant = decide(&act, read("Observation")).unwrap();
        assert!(matches!(whose(&grant)[..], [Whose::Cared { only: Some(id), .. }] if id == "p1"));
    }

    #[test]
    fn broken_glass_is_whole_again_when_its_time_is_over() {
        let glass = Glass { patient: "p".into(), until: jiff::Timestamp::from_second(10).unwrap() };
        let standing = Standing { glass: Some(glass), ..Standing::default() };
        assert_eq!(Whose::glass(&standing, 10_000_000), Some("p"));
        assert_eq!(Whose::glass(&standing, 10_000_001), None);
    }
}
