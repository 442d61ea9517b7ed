//! Whose chart it is: what stands at the head of every page of it, so that nobody takes it for another's.

use crate::{
    allergies::{self, Known},
    chart::Chart,
    coding,
    name::Name,
    when::When,
};
use jiff::civil::Date;
use serde_json::Value;

/// How old somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// In whole years.
    Years(i16),
    /// In whole months, below the age of two.
    Months(i16),
}

/// An identifier with the short name of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// The code of its kind (`MR`, `NI` …); empty where it has none.
    pub kind: String,
    /// What the kind is called; empty where it is not said.
    pub label: String,
    /// The identifier.
    pub value: String,
}

/// The banner.
#[derive(Clone, Debug)]
pub struct Banner {
    /// The patient's id.
    pub id: String,
    /// The name.
    pub name: Name,
    /// When they were born.
    pub born: Option<When>,
    /// How old they are, or were.
    pub age: Option<Age>,
    /// `male`, `female`, `other` or `unknown`; empty where it is not recorded.
    pub gender: String,
    /// Identifiers, the record number first.
    pub identifiers: Vec<Labelled>,
    /// Whether they have died.
    pub is_dead: bool,
    /// When, where it is known.
    pub died: Option<When>,
    /// Allergies, in sight on every page.
    pub allergies: Known,
}

impl Banner {
    /// The banner of a chart that was opened with `AllergyIntolerance` among its types.
    pub fn of(chart: &Chart, today: Date) -> Banner {
        let patient = &chart.patient;
        let born = When::first(patient, &["birthDate"]);
        let died = When::first(patient, &["deceasedDateTime"]);
        let until = died.as_ref().and_then(When::date).unwrap_or(today);
        Banner {
            id: chart.id.clone(),
            name: Name::of(patient),
            age: born.as_ref().and_then(|born| age(born, until)),
            born,
            gender: patient.get("gender").and_then(Value::as_str).unwrap_or_default().to_owned(),
            identifiers: identifiers(patient),
            is_dead: died.is_some() || patient.get("deceasedBoolean").and_then(Value::as_bool) == Some(true),
            died,
            allergies: allergies::of(chart),
        }
    }
}

fn age(born: &When, until: Date) -> Option<Age> {
    let years = born.years_until(until)?;
    let months = born.months_until(until).filter(|_| years < 2).map(Age::Months);
    Some(months.unwrap_or(Age::Years(years)))
}

fn identifiers(patient: &Value) -> Vec<Labelled> {
    let all = patient.get("identifier").and_then(Value::as_array).into_iter().flatten();
    let read = |identifier: &Value| {
        let kind = identifier.get("type");
        Some(Labelled {
            kind: kind.map(coding::code).unwrap_or_default().to_owned(),
            label: kind.map(coding::words).unwrap_or_default(),
            value: identifier.get("value")?.as_str()?.to_owned(),
        })
    };
    let mut found: Vec<Labelled> = all.filter_map(read).collect();
    found.sort_by_key(|identifier| identifier.kind != "MR");
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    fn banner(patient: Value) -> Banner {
        Banner::of(&Chart { id: "p".into(), patient, ..Chart::default() }, date(2026, 7, 14))
    }

    #[test]
    fn the_age_of_the_dead_stands_still_and_that_of_infants_is_in_months() {
        let dead = banner(json!({"birthDate": "1945-07-14", "deceasedDateTime": "2001-01-01"}));
        assert_eq!((dead.age, dead.is_dead), (Some(Age::Years(55)), true));
        assert_eq!(banner(json!({"birthDate": "2026-01-15"})).age, Some(Age::Months(5)));
        assert_eq!(banner(json!({"birthDate": "1990"})).age, Some(Age::Years(36)));
        assert_eq!(banner(json!({})).age, None);
    }

    #[test]
    fn the_record_number_comes_first() {
        let kind = |code: &str| json!({"coding": [{"code": code}]});
        let found = banner(
            json!({"identifier": [{"type": kind("NI"), "value": "2"}, {"type": kind("MR"), "value": "1"}]}),
        );
        assert_eq!(
            found.identifiers.iter().map(|found| found.value.as_str()).collect::<Vec<_>>(),
            ["1", "2"]
        );
    }
}
