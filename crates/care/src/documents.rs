//! Documents: letters, reports, scans, photographs.

use crate::{chart::Chart, coding, when::When};
use serde_json::Value;

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The id of its DocumentReference.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What kind it is.
    pub what: String,
    /// When it was written.
    pub when: Option<When>,
    /// Who wrote it.
    pub by: String,
    /// Whether the patient brought it.
    pub is_patients: bool,
    /// Where it comes from.
    pub source: String,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes, where that is said.
    pub size: Option<u64>,
    /// Whether there is a file to download: in a Binary of this house, or in the document itself.
    pub has_file: bool,
    /// Whether a newer one took its place.
    pub is_superseded: bool,
    /// The other house that it was brought from; empty for what is this house's own.
    pub from: String,
}

/// The documents of a chart, newest first.
pub fn of(chart: &Chart) -> Vec<Document> {
    let mut found: Vec<Document> = chart
        .of_type("DocumentReference")
        .filter(|resource| status(&resource.value) != "entered-in-error")
        .map(|resource| document(chart, &resource.id, &resource.value))
        .collect();
    found.sort_by(|a, b| b.when.cmp(&a.when));
    found
}

fn status(value: &Value) -> &str {
    value.get("status").and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn document(chart: &Chart, id: &str, value: &Value) -> Document {
    let file = value.pointer("/content/0/attachment").unwrap_or(&Value::Null);
    let text = |member: &str| file.get(member).and_then(Value::as_str).unwrap_or_default();
    let author = value.get("author").map(coding::first);
    let described = value.get("description").and_then(Value::as_str).unwrap_or_default();
    let what = coding::of(value, &["type"]);
    let title = [text("title"), described, what.as_str()].into_iter().find(|words| !words.is_empty());
    Document {
        id: id.to_owned(),
        title: title.unwrap_or_default().to_owned(),
        when: When::first(value, &["date"]).or_else(|| When::parse(text("creation"))),
        by: chart.called(author),
        is_patients: chart.is_patient(author),
        source: chart.source(value),
        content_type: text("contentType").to_owned(),
        size: file.get("size").and_then(Value::as_u64),
        has_file: text("url").starts_with("Binary/") || !text("data").is_empty(),
        is_superseded: status(value) == "superseded",
        from: crate::elsewhere::from(value).unwrap_or_default().to_owned(),
        what,
    }
}
