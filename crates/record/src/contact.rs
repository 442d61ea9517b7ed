//! The contact that a chart holds, for a code that is sent to it: who claims to be a patient is sent it there, and never shown it.

use crate::{
    Record,
    error::Error,
    find::{exact, whole},
    read::touch,
    search::{name, parse, stored_value},
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    scope::Permission,
};
use serde_json::Value;

/// The most words of a name that are looked at.
const WORDS: usize = 5;

/// What somebody says of themselves.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// A record number, or another identifier that stands in the chart.
    pub identifier: &'a str,
    /// Their name.
    pub name: &'a str,
    /// Their birth date, `1990-05-31`.
    pub birth_date: &'a str,
}

/// The one patient whom a claim fits.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// The id of the Patient.
    pub patient: String,
    /// Where a message may reach them, as the chart has it: e-mail addresses, then phone numbers.
    pub to: Vec<String>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Record {
    /// The patient whom a claim fits, if it is exactly one, with the contacts in their chart. The log's entry names them.
    ///
    /// Whoever calls has asked whether this person may claim anything at all, and tells nobody what came of it.
    ///
    /// # Errors
    /// Where the store fails. A claim that is none fits nobody.
    pub fn contact(&self, act: &Act, claim: &Claim<'_>) -> Result<Option<Contact>, Error> {
        let words: Vec<&str> = claim.name.split_whitespace().take(WORDS).collect();
        let is_date = claim.birth_date.trim().parse::<jiff::civil::Date>().is_ok();
        let mut found = None;
        if is_date && !words.is_empty() && !claim.identifier.trim().is_empty() {
            let mut query =
                format!("identifier={}&birthdate=eq{}", exact(claim.identifier), exact(claim.birth_date));
            words.iter().for_each(|word| query.push_str(&format!("&name={}", exact(word))));
            let ready = self.ready("Patient", &parse(&query)?, false)?;
            let (mut rows, _) = self.page(&whole(act, Permission::Search)?, &ready, 2)?;
            found = rows.pop().filter(|_| rows.is_empty()).map(|(_, stored)| stored);
        }
        let shape = "Patient?birthdate&identifier&name";
        let mut entry = Entry::new(act, "contact of a chart", shape, Outcome::Done);
        touch(&mut entry, found.iter());
        self.store.witness(entry)?;
        let Some(stored) = found else { return Ok(None) };
        let to = contacts(&stored_value(&stored)?, act.at);
        Ok(Some(Contact { patient: name(&stored.body).1, to }))
    }
}

/// E-mail addresses, then phone numbers; none that is over.
fn contacts(chart: &Value, now: jiff::Timestamp) -> Vec<String> {
    let today = now.to_string();
    let all = || chart["telecom"].as_array().into_iter().flatten();
    let holds = |point: &&Value| {
        let end = point.pointer("/period/end").and_then(Value::as_str);
        point["use"] != "old" && end.is_none_or(|end| end >= &today[..end.len().min(today.len())])
    };
    let of = |system: &'static str| all().filter(move |point| point["system"] == system).filter(holds);
    let values = of("email").chain(of("sms")).chain(of("phone")).filter_map(|point| point["value"].as_str());
    values.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_come_first_and_what_is_over_is_left_out() {
        let now = "2026-06-01T00:00:00Z".parse().unwrap();
        let chart = json!({"telecom": [
            {"system": "phone", "value": "+1"},
            {"system": "email", "value": "old@a", "use": "old"},
            {"system": "email", "value": "past@a", "period": {"end": "2026-05-31"}},
            {"system": "email", "value": "year@a", "period": {"end": "2026"}},
            {"system": "email", "value": "next@a", "period": {"end": "2027-01-01"}},
            {"system": "fax", "value": "+2"}, {"system": "email"}, 5]});
        assert_eq!(contacts(&chart, now), ["year@a", "next@a", "+1"]);
        assert!(contacts(&json!({}), now).is_empty());
    }
}
