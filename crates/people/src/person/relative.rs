//! RelatedPerson: parents in a child's chart, the carer in an elder's, husband and wife in each other's.

use super::{Person, Shown, Tie};
use crate::dice;
use crate::person::patient::record_number;
use crate::place;
use crate::value::object;
use crate::value::{hl7, set, to};
use crate::when::Day;
use serde_json::Value;

/// The reference of the relative at position `kin` of the block, in the chart of patient `n`.
pub(crate) fn reference(seed: u64, n: usize, kin: usize) -> String {
    format!("RelatedPerson/{}", id(seed, n, kin))
}

/// The logical id behind [`reference`].
pub(crate) fn id(seed: u64, n: usize, kin: usize) -> String {
    dice::id(seed, n as u64, 1 + kin as u64)
}

/// Whether the chart of `person` keeps a RelatedPerson for somebody who is that to them.
pub(crate) fn is_kept(person: &Person, tie: Tie, as_of: Day) -> bool {
    match tie {
        Tie::Mother | Tie::Father => person.age(as_of) < 18,
        Tie::Spouse => person.n.is_multiple_of(2),
        Tie::Child => person.age(as_of) >= 65,
        Tie::Parent => false,
    }
}

/// What the relation is called.
pub(crate) fn relationship(tie: Tie, female: bool) -> Value {
    let (code, display) = match (tie, female) {
        (Tie::Mother, _) => ("MTH", "mother"),
        (Tie::Father, _) => ("FTH", "father"),
        (Tie::Spouse, true) => ("WIFE", "wife"),
        (Tie::Spouse, false) => ("HUSB", "husband"),
        (Tie::Child, true) => ("DAUC", "daughter"),
        (Tie::Child, false) => ("SONC", "son"),
        (Tie::Parent, _) => ("PRN", "parent"),
    };
    hl7("v3-RoleCode", code, display)
}

/// Everything of the resource but type, id and meta. `other` is who stands in the chart of `patient`.
pub(crate) fn body(patient: &str, other: &Person, tie: Tie) -> Value {
    let mut name = object!({"use": "official", "text": other.full_name()});
    set(&mut name, "family", other.family_name().map(Value::from));
    set(&mut name, "given", Some(Value::from([other.given.latin])));
    let mut relative = object!({
        "identifier": [record_number(other)],
        "active": other.died.is_none(),
        "patient": to(patient),
        "relationship": [relationship(tie, other.female)],
        "name": [name],
        "telecom": [place::telecom(other.house, other.phone, "mobile")],
        "gender": other.gender.code(),
        "address": [other.home.address("home")],
    });
    let full = other.shown == Shown::Full;
    set(&mut relative, "birthDate", full.then(|| Value::from(other.born.to_string())));
    relative
}
