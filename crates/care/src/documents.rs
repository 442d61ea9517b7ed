//! Documents: letters, reports, scans, photographs.

use crate::{chart::Chart, coding, when::When, writing};
use access::act::Act;
use base64::{Engine, engine::general_purpose::STANDARD};
use record::{Record, attachment::Attachment, change::Wish, error::Error};
use serde_json::{Value, json};

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
    /// Its first page, small, as an address that holds it; empty where there is none.
    pub picture: String,
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
        picture: picture(value).unwrap_or_default(),
        from: crate::elsewhere::from(value).unwrap_or_default().to_owned(),
        what,
    }
}

/// The largest small picture that a list shows, in characters of base64.
const PICTURE: usize = 22 << 10;

/// A small picture that stands beside the file in its document. Only what is one, by its first bytes, is shown as one.
fn picture(document: &Value) -> Option<String> {
    let beside = document.get("content")?.as_array()?.iter().skip(1);
    beside.filter_map(|content| content.get("attachment")).find_map(|file| {
        let (media, data) = (file.get("contentType")?.as_str()?, file.get("data")?.as_str()?);
        let begins = [("image/png", "iVBORw0KGgo"), ("image/jpeg", "/9j/")];
        let is_one = begins.iter().any(|(kind, first)| *kind == media && data.starts_with(first));
        let is_base64 = || data.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        (is_one && data.len() <= PICTURE && is_base64()).then(|| format!("data:{media};base64,{data}"))
    })
}

/// A document with its file as FHIR, in one Bundle: the DocumentReference as it is kept, and the Binary that it names.
///
/// # Errors
/// [`Error::Fault`] for a document that is none, which the record does not hold.
pub fn as_fhir(file: &Attachment) -> Result<Vec<u8>, Error> {
    let fault = |error| Error::Fault(Box::new(error));
    let document: Value = serde_json::from_slice(&file.document).map_err(fault)?;
    let url = document.pointer("/content/0/attachment/url").and_then(Value::as_str);
    let binary = url.and_then(|url| url.strip_prefix("Binary/")).map(|id| {
        json!({"resource": {"resourceType": "Binary", "id": id, "contentType": file.content_type,
            "data": STANDARD.encode(&file.bytes)}})
    });
    let entries: Vec<Value> = std::iter::once(json!({"resource": document})).chain(binary).collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    serde_json::to_vec_pretty(&bundle).map_err(fault)
}

/// Takes back a document that the patient has added: it stands in no list any more, and the history keeps it.
///
/// # Errors
/// As [`Record::commit`]; [`Error::Refused`] for whoever is not the patient and does not act for them; [`Error::NotFound`] for a document
/// that is not there, or that somebody else has written.
pub fn take_back(record: &Record, act: &Act, patient: &str, id: &str) -> Result<(), Error> {
    if !writing::is_own(act, patient) {
        record.refuse(act, "entry", "DocumentReference")?;
        return Err(Error::Refused);
    }
    let whose = format!("Patient/{patient}");
    let names =
        |who: Option<&Value>| who.and_then(|who| who.get("reference")?.as_str()) == Some(whose.as_str());
    let is_own = |value: &Value| {
        let author = value.get("author").map(coding::first);
        names(value.get("subject")) && names(author) && status(value) != "entered-in-error"
    };
    let now = record.there(act, "entry", ("DocumentReference", id), is_own)?;
    let mut resource = now.value;
    resource["status"] = "entered-in-error".into();
    let wish = Wish::Update {
        resource_type: "DocumentReference".to_owned(),
        id: Some(id.to_owned()),
        query: None,
        resource,
        if_match: Some(now.version),
        if_none_match: false,
    };
    record.commit(act, "entry", &[wish.into()]).map(|_| ())
}
