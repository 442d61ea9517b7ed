//! The patients whose charts are open to somebody, found by name or identifier: a search within their reach, not a look-up.

use crate::{page::Field, tasks::below, words::Words};
use fhir::json;
use login::{Login, error::Error, session::Who, visit::Visit};
use record::{
    Record,
    find::exact,
    search::{Page, SearchRequest},
};
use serde_json::Value;

/// How many are shown; whoever means another one types more.
const MOST: usize = 20;

/// What such a search needs.
pub(crate) const TEXT: &str = "enter a name, or a whole record number";

/// A patient whose chart is open.
pub(crate) struct Mine {
    pub(crate) id: String,
    /// Name, birth date and id, as the person may see them.
    pub(crate) line: String,
}

/// The field to search by.
pub(crate) fn field(w: Words) -> Field {
    Field::new("patient", w.say("mine"), "text", "off").hint(w.say("mine-hint"))
}

/// Finds them. It is signed as a search.
pub(crate) fn find(
    login: &Login,
    record: &Record,
    who: &Who,
    text: &str,
    visit: &Visit,
) -> Result<Vec<Mine>, Error> {
    if text.trim().is_empty() {
        return Err(Error::Invalid { field: "patient", text: TEXT });
    }
    let act = login.act_of(who, visit)?;
    let mut found: Vec<Mine> = Vec::new();
    for name in ["identifier", "name"] {
        let request = SearchRequest {
            resource_type: "Patient".into(),
            query: format!("{name}={}&_count={MOST}", exact(text)),
            lenient: false,
            compartment: None,
        };
        let page: Page = match record.search(&act, &request) {
            // A record number may hold no letter or digit that a name is found by.
            Err(record::error::Error::Invalid(_)) => continue,
            page => page.map_err(below("patient", TEXT))?,
        };
        for entry in page.entries {
            let resource = json::parse(&entry.body, json::Limits::default())
                .map_err(|error| Error::Fault(Box::new(error)))?;
            if !found.iter().any(|mine| mine.id == entry.id) {
                found.push(Mine { line: line(&resource, &entry.id), id: entry.id });
            }
        }
    }
    found.truncate(MOST);
    Ok(found)
}

/// Whether somebody may open the chart; that they did is signed.
pub(crate) fn opens(
    login: &Login,
    record: &Record,
    who: &Who,
    patient: &str,
    visit: &Visit,
) -> Result<(), Error> {
    let act = login.act_about(who, patient, visit)?;
    match record.read(&act, "Patient", patient) {
        Ok(_) => Ok(()),
        Err(error) => Err(below("patient", "no such chart is open to you")(error)),
    }
}

fn line(resource: &Value, id: &str) -> String {
    let name = &resource["name"][0];
    let given = name["given"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let parts: Vec<&str> = given.chain(name["family"].as_str()).collect();
    let name = match (parts.is_empty(), name["text"].as_str()) {
        (true, text) => text.unwrap_or("No name").to_owned(),
        (false, _) => parts.join(" "),
    };
    let born = resource["birthDate"].as_str().map(|date| format!(", born {date}")).unwrap_or_default();
    format!("{name}{born}, record {id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_is_told_by_name_birth_date_and_record() {
        let resource = serde_json::json!({"name": [{"family": "Rao", "given": ["Asha", "K"]}], "birthDate": "1980-01-31"});
        assert_eq!(line(&resource, "a"), "Asha K Rao, born 1980-01-31, record a");
        assert_eq!(line(&serde_json::json!({"name": [{"text": "Baby Rao"}]}), "b"), "Baby Rao, record b");
        assert_eq!(line(&serde_json::json!({}), "c"), "No name, record c");
    }
}
