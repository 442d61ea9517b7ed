//! [Parameters](https://hl7.org/fhir/R4/parameters.html): what operations take and give.

use fhir::outcome::{Issue, IssueCode};
use serde_json::{Map, Value, json};
use web::failure::Failure;

/// The parameters of a request, or the parts of one of them.
#[derive(Clone, Copy)]
pub(crate) struct Parameters<'a>(&'a [Value]);

impl<'a> Parameters<'a> {
    /// Those of a Parameters resource.
    pub(crate) fn of(resource: &'a Value) -> Parameters<'a> {
        Parameters(resource["parameter"].as_array().map(Vec::as_slice).unwrap_or_default())
    }

    /// The parts of the one parameter of that name.
    pub(crate) fn parts(self, name: &str) -> Result<Option<Parameters<'a>>, Failure> {
        let parts = |parameter: &'a Value| parameter["part"].as_array().map(|parts| Parameters(parts));
        let Some(found) = self.one(name)? else { return Ok(None) };
        parts(found).map(Some).ok_or_else(|| invalid(name, "it must have parts"))
    }

    /// The texts of all parameters of that name, whatever FHIR calls their type.
    pub(crate) fn texts(self, name: &str) -> Result<Vec<&'a str>, Failure> {
        let text = |parameter: &'a Value| match parameter.get("valueReference") {
            Some(reference) => reference["reference"].as_str(),
            None => ["valueString", "valueCode", "valueId", "valueUri"]
                .iter()
                .find_map(|kind| parameter.get(kind)?.as_str()),
        };
        let all = self.0.iter().filter(|parameter| parameter["name"] == name);
        all.map(|parameter| text(parameter).ok_or_else(|| invalid(name, "it must be a text or a reference")))
            .collect()
    }

    /// The one text of that name.
    pub(crate) fn text(self, name: &str) -> Result<Option<&'a str>, Failure> {
        match self.texts(name)?.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(invalid(name, "it may stand once")),
        }
    }

    /// The one resource of that name.
    pub(crate) fn resource(self, name: &str) -> Result<Option<&'a Value>, Failure> {
        let Some(found) = self.one(name)? else { return Ok(None) };
        found.get("resource").map(Some).ok_or_else(|| invalid(name, "it must be a resource"))
    }

    /// Refuses what the operation does not know.
    pub(crate) fn only(self, known: &[&str]) -> Result<(), Failure> {
        let is_known =
            |parameter: &&Value| parameter["name"].as_str().is_some_and(|name| known.contains(&name));
        if self.0.iter().all(|parameter| is_known(&parameter)) {
            return Ok(());
        }
        let text = format!("this operation takes the parameters {}", known.join(", "));
        let issue = Issue::error(IssueCode::NotSupported, text);
        Err(Failure::with(axum::http::StatusCode::BAD_REQUEST, vec![issue.at("Parameters.parameter.name")]))
    }

    fn one(self, name: &str) -> Result<Option<&'a Value>, Failure> {
        let mut found = self.0.iter().filter(|parameter| parameter["name"] == name);
        match (found.next(), found.next()) {
            (one, None) => Ok(one),
            _ => Err(invalid(name, "it may stand once")),
        }
    }
}

/// 400 about one parameter.
pub(crate) fn invalid(name: &str, text: &str) -> Failure {
    let issue = Issue::error(IssueCode::Invalid, text);
    let place = format!("Parameters.parameter.where(name='{name}')");
    Failure::with(axum::http::StatusCode::BAD_REQUEST, vec![issue.at(place)])
}

/// A parameter of an answer.
pub(crate) fn value(name: &str, kind: &str, value: impl Into<Value>) -> Value {
    let mut parameter = Map::new();
    parameter.insert("name".into(), name.into());
    parameter.insert(format!("value{kind}"), value.into());
    Value::Object(parameter)
}

/// A parameter of an answer, in parts.
pub(crate) fn parts(name: &str, parts: Vec<Value>) -> Value {
    json!({"name": name, "part": parts})
}

/// An answer.
pub(crate) fn answer(parameters: Vec<Value>) -> Vec<u8> {
    let mut answer = json!({"resourceType": "Parameters"});
    // FHIR knows no empty list.
    if !parameters.is_empty() {
        answer["parameter"] = Value::Array(parameters);
    }
    fhir::json::render(&answer)
}
