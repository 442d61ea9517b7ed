//! Who writes, as a resource names them, and what they may write.

use access::{
    act::Act,
    decide::{Wish, decide},
    scope::Permission,
};
use serde_json::{Value, json};

/// Whether somebody's role lets them store and change resources of that type at all. Whose, the kernel asks when it is done.
pub fn may(act: &Act, kind: &str) -> bool {
    let allows = |permission| decide(act, Wish { permission, resource_type: Some(kind) }).is_ok();
    allows(Permission::Create) && allows(Permission::Update)
}

/// A line that somebody typed, as it is kept: without what stands around it, and without characters that nobody sees.
///
/// ```
/// assert_eq!(care::writing::line(" City\u{7} Lab "), "City Lab");
/// ```
pub fn line(typed: &str) -> String {
    typed.trim().chars().filter(|c| !c.is_control()).collect()
}

/// The longest key of a form.
const KEY: usize = 48;

/// Whether a text can be the key of a form, with which the ids of what it makes begin: so the same form sent twice makes one of each.
pub fn is_key(key: &str) -> bool {
    (1..=KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether that is the patient, or somebody who acts for them, and nobody of the staff.
pub fn is_own(act: &Act, patient: &str) -> bool {
    let is_of_staff = act.actor.standing.as_ref().is_some_and(|standing| standing.is_of_staff());
    !is_of_staff && act.actor.patient.as_deref() == Some(patient)
}

/// The References that stand for who writes: the patient, with the name of whoever acts for them; a clinician by their Practitioner and
/// their name, or by the name alone where the record has no Practitioner of theirs.
pub fn authors(act: &Act, patient: &str) -> Vec<Value> {
    let named = json!({"display": act.actor.name});
    if is_own(act, patient) {
        let own = json!({"reference": format!("Patient/{patient}")});
        return if act.actor.role == "proxy" { vec![own, named] } else { vec![own] };
    }
    vec![clinician(act)]
}

/// The Reference that stands for a clinician.
pub fn clinician(act: &Act) -> Value {
    let known_as = act.actor.standing.iter().flat_map(|standing| &standing.known_as);
    let mut people =
        known_as.filter(|(kind, _)| ["Practitioner", "PractitionerRole"].contains(&kind.as_str()));
    let person = people.next().map(|(kind, id)| format!("{kind}/{id}"));
    match person {
        Some(reference) => json!({"reference": reference, "display": act.actor.name}),
        None => json!({"display": act.actor.name}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::house::{Engine, House};

    #[test]
    fn a_key_is_what_an_id_may_begin_with() {
        assert!(is_key("01-ab") && is_key(&"k".repeat(KEY)));
        for bad in ["", "a b", "a/b", "../x", "é", &"k".repeat(KEY + 1)] {
            assert!(!is_key(bad), "{bad}");
        }
    }

    #[test]
    fn c1_a_nurse_writes_vital_signs_and_the_front_desk_does_not() {
        let house = House::new(Engine::Sqlite);
        let staff = |role: &str| house.staff(role, &["Practitioner/n", "Organization/o"]);
        for (role, kind, may_write) in [
            ("nurse", "Observation", true),
            ("physician", "Observation", true),
            ("nurse", "AllergyIntolerance", true),
            ("front-desk", "Observation", false),
            ("pharmacist", "Observation", false),
            ("researcher", "Observation", false),
            ("laboratory", "AllergyIntolerance", false),
        ] {
            assert_eq!(may(&staff(role), kind), may_write, "{role} {kind}");
        }
        let nurse = staff("nurse");
        assert_eq!(authors(&nurse, "p")[0]["reference"], "Practitioner/n");
        let own = house.patient("p");
        assert_eq!(authors(&own, "p"), [json!({"reference": "Patient/p"})]);
        assert!(!is_own(&own, "q") && !is_own(&nurse, "p"));
    }
}
