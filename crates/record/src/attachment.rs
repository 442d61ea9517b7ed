//! The file of a document, as somebody downloads it: through the document, never by its own name. [`store::attachment`] says why.

use crate::{
    Record,
    error::Error,
    read::touch,
    search::{stored_value, value_of},
    show,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    scope::Permission,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use store::{attachment::Attached, read::Stored};

/// A file that leaves the house.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The id of the patient whose it is.
    pub patient: String,
    /// What the document is called; empty where it does not say.
    pub title: String,
    /// Its media type, as whoever stored it said: not to be trusted.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The document that files it, as JSON, as the actor sees it.
    pub document: Vec<u8>,
    /// Whether it may be taken along, and not looked at alone.
    pub may_leave: bool,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// What it is called in the log.
fn operation(act: &Act) -> &'static str {
    if act.looks { "document-look" } else { "document" }
}

impl Record {
    /// The file of a document (`DocumentReference/ID`) of that patient: its first attachment, from the document itself or from a Binary of
    /// this house. The look is one entry in the log. Whether it is looked at or taken along, the act says.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such document for this actor, or no file that may be handed out by it; [`Error::Refused`],
    /// also where it may be looked at alone.
    pub fn attachment(&self, act: &Act, patient: &str, document: &str) -> Result<Attachment, Error> {
        let attached = |looks: bool| {
            let (act, kind) = (Act { looks, ..act.clone() }, "DocumentReference");
            let grant = self.decide(&act, operation(&act), Permission::Read, Some(kind), kind)?;
            Ok::<_, Error>(self.store.attached(&grant, document, &file_of)?)
        };
        let found = attached(act.looks)?;
        let has_file = |found: &Option<Attached>| found.as_ref().map(|found| found.file.is_some());
        let may_leave = !act.looks || has_file(attached(false)?.peek()) == has_file(found.peek());
        if !act.looks && found.peek().is_none() && attached(true)?.peek().is_some() {
            self.refuse(act, operation(act), "DocumentReference")?;
            return Err(Error::Refused);
        }
        let mut entry = Entry::new(act, operation(act), "DocumentReference", Outcome::Done);
        if let Some(Attached { document, file }) = found.peek() {
            touch(&mut entry, std::iter::once(document).chain(file));
        }
        let found = self.store.sign(entry, found)?.ok_or(Error::NotFound)?;
        let file = attachment(patient, &found.document, found.file.as_ref())?.ok_or(Error::NotFound)?;
        let document = show::body(act, found.document.body)?;
        Ok(Attachment { may_leave, document, ..file })
    }
}

/// What a document of that patient holds; `None` where it has no file, or is not about the patient.
pub(crate) fn attachment(
    patient: &str,
    document: &Stored,
    file: Option<&Stored>,
) -> Result<Option<Attachment>, Error> {
    let whole = stored_value(document)?;
    let subject = whole["subject"]["reference"].as_str().and_then(fhir::reference::local);
    if subject.is_none_or(|s| (s.type_name, s.id) != ("Patient", patient)) {
        return Ok(None);
    }
    let attachment = &whole["content"][0]["attachment"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let file = match (file, attachment["data"].as_str()) {
        (Some(file), _) => stored_value(file)?,
        (None, Some(data)) => serde_json::json!({"contentType": attachment["contentType"], "data": data}),
        (None, None) => return Ok(None),
    };
    let data = file["data"].as_str().unwrap_or_default();
    Ok(Some(Attachment {
        may_leave: true,
        document: Vec::new(),
        patient: patient.to_owned(),
        title: text(&attachment["title"]),
        content_type: text(&file["contentType"]),
        bytes: STANDARD.decode(data).map_err(|error| Error::Fault(Box::new(error)))?,
    }))
}

/// The Binary that a DocumentReference names by a relative reference, without a version.
pub(crate) fn file_of(body: &[u8]) -> Option<String> {
    let document = value_of(body).ok()?;
    let id = document["content"][0]["attachment"]["url"].as_str()?.strip_prefix("Binary/")?;
    (!id.is_empty() && !id.contains('/')).then(|| id.to_owned())
}
