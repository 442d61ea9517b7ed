//! Finding a patient by what identifies them, without opening their chart: whether there is such a record, and no more.

use crate::{
    Record,
    error::Error,
    read::touch,
    search::{name, parse, stored_value},
};
use access::{
    act::{Act, Actor},
    audit::{Entry, Outcome},
    decide::{Wish, decide},
    grant::Grant,
    scope::Permission,
};
use fhir::outcome::{Issue, IssueCode};
use serde_json::Value;
use store::{batch::Op, read::Stored};

/// How many records one look-up tells of: twins share a phone and a birth date.
const MOST: usize = 4;

/// What is known of the patient who is looked for.
#[derive(Clone, Copy)]
pub enum Clue<'c> {
    /// A whole identifier: a record number, a national or health id.
    Identifier(&'c str),
    /// A phone number and the birth date (`1990-05-31`).
    Phone {
        /// The number, as the record has it.
        phone: &'c str,
        /// The day.
        birth_date: &'c str,
    },
}

/// There is such a record.
#[derive(Clone, PartialEq, Eq)]
pub struct Sight {
    /// The patient's id, by which access is asked for. It opens nothing.
    pub patient: String,
    /// Initials.
    pub initials: String,
    /// The year of birth; empty where it is not recorded.
    pub born: String,
    /// Whether the chart is open to whoever asks.
    pub open: bool,
}

impl std::fmt::Debug for Sight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Clue<'_> {
    /// The search that it is, and its shape.
    fn query(&self) -> Result<(String, &'static str), Error> {
        let empty = || {
            let text = "enter a whole identifier, or a phone number with a birth date";
            Error::Invalid(vec![Issue::error(IssueCode::Value, text)])
        };
        match self {
            Clue::Identifier(value) if !value.trim().is_empty() => {
                Ok((format!("identifier={}", exact(value)), "Patient?identifier"))
            }
            Clue::Phone { phone, birth_date } if !phone.trim().is_empty() => {
                let date: Vec<&str> = birth_date.trim().split('-').collect();
                let whole = matches!(date[..], [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2);
                if !whole {
                    return Err(empty());
                }
                let query = format!("phone={}&birthdate=eq{}", exact(phone), exact(birth_date));
                Ok((query, "Patient?birthdate&phone"))
            }
            _ => Err(empty()),
        }
    }
}

/// A value that means itself in a query.
pub fn exact(value: &str) -> String {
    let mut out = String::new();
    for c in value.trim().chars() {
        if matches!(c, ',' | '|' | '$' | '\\') {
            out.push_str("%5C");
        }
        let mut bytes = [0; 4];
        for byte in c.encode_utf8(&mut bytes).bytes() {
            match byte {
                b if b.is_ascii_alphanumeric() || b == b'-' => out.push(char::from(b)),
                b => out.push_str(&format!("%{b:02X}")),
            }
        }
    }
    out
}

impl Record {
    /// Whether there is a record of such a patient: those whom the clue fits, and `known`, whom somebody else knows to be meant.
    /// One entry in the log names them all.
    ///
    /// # Errors
    /// [`Error::Refused`] for an act that may not search patients, [`Error::Invalid`] for a clue that is none.
    pub fn find(&self, act: &Act, clue: &Clue<'_>, known: Option<&str>) -> Result<Vec<Sight>, Error> {
        let (query, shape) = clue.query()?;
        let own = self.decide(act, "look-up", Permission::Read, Some("Patient"), shape)?;
        let wide = |permission: Permission| whole(act, permission);
        let ready = self.ready("Patient", &parse(&query)?, false)?;
        let (rows, _) = self.page(&wide(Permission::Search)?, &ready, MOST)?;
        let mut found: Vec<Stored> = rows.into_iter().map(|(_, stored)| stored).collect();
        if let Some(id) = known.filter(|id| !found.iter().any(|stored| name(&stored.body).1 == **id)) {
            let read = self.store.read(&wide(Permission::Read)?, "Patient", id, None)?;
            found.extend(read.peek().clone().filter(|stored| !stored.erased && stored.op != Op::Delete));
        }
        let mut sights = Vec::with_capacity(found.len());
        for stored in &found {
            let (_, patient) = name(&stored.body);
            let open = self.store.read(&own, "Patient", &patient, None)?.peek().is_some();
            sights.push(sight(patient, &stored_value(stored)?, open));
        }
        let mut entry = Entry::new(act, "look-up", shape, Outcome::Done);
        touch(&mut entry, found.iter());
        self.store.witness(entry)?;
        Ok(sights)
    }
}

/// The look at all patients that a look-up takes for somebody: what it shows of them is made here, and nothing else of it leaves.
pub(crate) fn whole(act: &Act, permission: Permission) -> Result<Grant, Error> {
    let scopes = "system/Patient.rs".parse().into_iter().collect();
    let actor = Actor { scopes, patient: None, standing: None, ..act.actor.clone() };
    let wish = Wish { permission, resource_type: Some("Patient") };
    decide(&Act { actor, ..act.clone() }, wish).map_err(|_| Error::Refused)
}

pub(crate) fn sight(patient: String, resource: &Value, open: bool) -> Sight {
    let given = resource.pointer("/name/0/given/0").and_then(Value::as_str);
    let family = resource.pointer("/name/0/family").and_then(Value::as_str);
    let initials =
        [given, family].into_iter().flatten().filter_map(|part| part.chars().next()).flat_map(|c| [c, '.']);
    let born = resource.get("birthDate").and_then(Value::as_str).unwrap_or_default();
    Sight { patient, initials: initials.collect(), born: born.chars().take(4).collect(), open }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clue_means_itself_whatever_it_holds() {
        assert_eq!(exact(" MRN-1|2,3 "), "MRN-1%5C%7C2%5C%2C3");
        assert_eq!(exact("a&_include=*"), "a%26%5Finclude%3D%2A");
        assert!(Clue::Identifier("  ").query().is_err());
        for birth_date in ["", "1990", "1990-05", "1990-5-31"] {
            assert!(Clue::Phone { phone: "+911", birth_date }.query().is_err(), "{birth_date}");
        }
    }

    #[test]
    fn a_sight_is_initials_and_a_year() {
        let resource = serde_json::json!({
            "name": [{ "family": "Rao", "given": ["Asha"] }], "birthDate": "1990-05-31",
            "telecom": [{ "system": "phone", "value": "+919876543210" }]
        });
        let sight = sight("a".into(), &resource, false);
        assert_eq!((sight.initials.as_str(), sight.born.as_str()), ("A.R.", "1990"));
    }
}
