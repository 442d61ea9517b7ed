//! Files that people add to a record: each a Binary under the patient's key and the DocumentReference that files it, in one transaction.
//!
//! A form that is sent twice adds its files once: their ids are made from the form's own key, and what is there already stays.
//!
//! Source: <https://hl7.org/fhir/R4/documentreference.html>

pub mod kind;

use crate::writing;
use access::act::Act;
use base64::{Engine, engine::general_purpose::STANDARD};
use fhir::text;
use kind::{Kind, Refusal};
use record::{Record, change::Wish, error::Error};
use serde_json::{Value, json};

/// The types that are written for a file.
pub const TYPES: [&str; 2] = ["Binary", "DocumentReference"];

/// The longest file, in bytes.
pub const LONGEST: usize = 20 << 20;

/// The most files at once.
pub const MOST: usize = 10;

/// What papers are called by LOINC; the last is for what is none of the others.
pub const PAPERS: [(&str, &str); 7] = [
    ("11502-2", "Laboratory report"),
    ("18748-4", "Diagnostic imaging study"),
    ("18842-5", "Discharge summary"),
    ("57133-1", "Referral note"),
    ("57833-6", "Prescription for medication"),
    ("51851-4", "Administrative note"),
    ("34109-9", "Note"),
];

/// A file, as it was sent.
pub struct File<'u> {
    /// Its name on the device it comes from; only the title is made of it, where none is given.
    pub name: &'u str,
    /// What stands in it.
    pub bytes: &'u [u8],
    /// Its words, where somebody has read them: it is found by them, and they are kept in the document beside it.
    pub words: &'u str,
    /// Its first page, small, where somebody has drawn it: media type and bytes.
    pub picture: Option<(&'u str, &'u [u8])>,
}

/// Files to add.
pub struct Upload<'u> {
    /// The id of the patient whose record it is.
    pub patient: &'u str,
    /// Name and day of birth as somebody of the staff reads them on the paper: the guard against the wrong chart.
    pub on_paper: Option<(&'u str, &'u str)>,
    /// The key of the form.
    pub key: &'u str,
    /// What the document is called; where it is empty, as its file.
    pub title: &'u str,
    /// One of [`PAPERS`].
    pub paper: &'u str,
    /// The document that these take the place of; empty for none.
    pub replaces: &'u str,
    /// The files.
    pub files: &'u [File<'u>],
}

/// What adding files is called in the log.
const OPERATION: &str = "upload";

/// The most of a file's words that are kept with its document, in bytes: some thirty pages. A document is read with every list of documents.
const WORDS: usize = 64 << 10;

/// The largest small picture that is kept with its document, in bytes.
const PICTURE: usize = 16 << 10;

/// The longest title, in characters.
const TITLE: usize = 200;

/// Why an upload was not taken.
#[derive(Debug)]
pub enum Fault {
    /// There is no file, or more than [`MOST`].
    Files,
    /// A file is not taken: the first such, counted from 0.
    File(usize, Refusal),
    /// Its kind is none of [`PAPERS`], its key no id, its title too long.
    Field(&'static str),
    /// The kernel did not take it.
    Record(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Record(error)
    }
}

/// Whether what somebody read on a paper names this patient: each word of the name is one of theirs, and the day of birth is theirs. Where
/// the record has no day of birth, or a year alone, it goes as far as that.
fn is_theirs(patient: &Value, name: &str, born: &str) -> bool {
    let mut known = Vec::new();
    for name in patient.get("name").and_then(Value::as_array).into_iter().flatten() {
        let given = name.get("given").and_then(Value::as_array).into_iter().flatten();
        let all = given.chain(name.get("family")).chain(name.get("text")).filter_map(Value::as_str);
        all.for_each(|part| known.extend(text::normalize(part).split(' ').map(str::to_owned)));
    }
    let typed = text::normalize(name);
    let mut words = typed.split(' ').filter(|word| !word.is_empty()).peekable();
    let named = words.peek().is_some() && words.all(|word| known.iter().any(|known| known == word));
    let on_record = patient.get("birthDate").and_then(Value::as_str).unwrap_or_default();
    named && (on_record.is_empty() || born.trim().starts_with(on_record))
}

/// Adds files to a record. Done twice with one key, it is the same. `is_bad` asks whoever knows more of bad files than this room does;
/// that one was refused is written down.
///
/// # Errors
/// As [`Fault`] says. Nothing is added then.
pub fn add(
    record: &Record,
    act: &Act,
    upload: &Upload<'_>,
    is_bad: &dyn Fn(&[u8]) -> Result<bool, Error>,
) -> Result<(), Fault> {
    let patient = record.there(act, OPERATION, ("Patient", upload.patient), |_| true)?.value;
    if upload.on_paper.is_some_and(|(name, born)| !is_theirs(&patient, name, born)) {
        return Err(Fault::Field("name"));
    }
    let checked = check(upload).and_then(|kinds| {
        for (at, file) in upload.files.iter().enumerate() {
            if is_bad(file.bytes)? {
                return Err(Fault::File(at, Refusal::Malware));
            }
        }
        Ok(kinds)
    });
    if let Err(Fault::File(_, Refusal::Malware)) = &checked {
        record.refuse(act, OPERATION, "DocumentReference")?;
    }
    let kinds = checked?;
    let mut wishes = Vec::new();
    // The documents first: one that is there already says that the form was sent before.
    for (at, file) in upload.files.iter().enumerate() {
        wishes.push(put("DocumentReference", &name(upload, at), document(act, upload, at, kinds[at], file)));
    }
    for (at, file) in upload.files.iter().enumerate() {
        let binary = json!({"contentType": kinds[at].media_type(), "data": STANDARD.encode(file.bytes),
            "securityContext": {"reference": format!("Patient/{}", upload.patient)}});
        wishes.push(put("Binary", &name(upload, at), binary));
    }
    if !upload.replaces.is_empty() {
        wishes.push(superseded(record, act, upload)?);
    }
    let changes: Vec<_> = wishes.into_iter().map(Into::into).collect();
    match record.commit(act, OPERATION, &changes) {
        Ok(_) => Ok(()),
        // Either the form was sent before, or the document that is replaced was changed in between.
        Err(Error::Precondition(text)) => {
            match record.now(act, OPERATION, "DocumentReference", &name(upload, 0))? {
                Some(_) => Ok(()),
                None => Err(Error::Conflict(text).into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn check(upload: &Upload<'_>) -> Result<Vec<Kind>, Fault> {
    if upload.files.is_empty() || upload.files.len() > MOST {
        return Err(Fault::Files);
    }
    if !writing::is_key(upload.key) {
        return Err(Fault::Field("key"));
    }
    if upload.title.chars().count() > TITLE {
        return Err(Fault::Field("title"));
    }
    if !PAPERS.iter().any(|(code, _)| *code == upload.paper) {
        return Err(Fault::Field("paper"));
    }
    let kinds = upload.files.iter().enumerate();
    kinds.map(|(at, file)| Kind::of(file.bytes).map_err(|refusal| Fault::File(at, refusal))).collect()
}

fn name(upload: &Upload<'_>, at: usize) -> String {
    format!("{}-{}", upload.key, at + 1)
}

fn put(kind: &str, id: &str, mut resource: Value) -> Wish {
    (resource["resourceType"], resource["id"]) = (kind.into(), id.into());
    Wish::Update {
        resource_type: kind.to_owned(),
        id: Some(id.to_owned()),
        query: None,
        resource,
        if_match: None,
        if_none_match: true,
    }
}

fn document(act: &Act, upload: &Upload<'_>, at: usize, kind: Kind, file: &File<'_>) -> Value {
    let subject = json!({"reference": format!("Patient/{}", upload.patient)});
    let display = PAPERS.iter().find(|(code, _)| *code == upload.paper).map_or("", |(_, display)| display);
    let mut document = json!({
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": upload.paper, "display": display}]},
        "subject": subject,
        "date": act.at.to_string(),
        "author": writing::authors(act, upload.patient),
        "content": [{"attachment": {
            "contentType": kind.media_type(),
            "url": format!("Binary/{}", name(upload, at)),
            "size": file.bytes.len(),
            "title": title(upload, at),
            "creation": act.at.to_string(),
        }}],
    });
    let beside = |media: &str, bytes: &[u8], title: &str| json!({"attachment": {"contentType": media, "data": STANDARD.encode(bytes), "title": title}});
    let words = kept(file.words);
    let words = (!words.is_empty()).then(|| beside("text/plain", words.as_bytes(), "Text of the file"));
    let picture = file.picture.filter(|(_, bytes)| bytes.len() <= PICTURE);
    let picture = picture.map(|(media, bytes)| beside(media, bytes, "First page of the file"));
    if let Some(contents) = document["content"].as_array_mut() {
        contents.extend(words.into_iter().chain(picture));
    }
    if !upload.replaces.is_empty() {
        document["relatesTo"] = json!([{"code": "replaces",
            "target": {"reference": format!("DocumentReference/{}", upload.replaces)}}]);
    }
    document
}

/// The words of a file as they are kept: with one space or line between them, as far as [`WORDS`].
fn kept(words: &str) -> String {
    let mut kept = String::new();
    for line in words.lines() {
        for (at, word) in line.split_whitespace().enumerate() {
            let word: String = word.chars().filter(|c| !c.is_control()).collect();
            if kept.len() + word.len() >= WORDS {
                return kept;
            }
            match at {
                0 if kept.is_empty() => {}
                0 => kept.push('\n'),
                _ => kept.push(' '),
            }
            kept.push_str(&word);
        }
    }
    kept
}

/// The title that was typed, with the number of the page where there are several; else the name of the file without its ending.
fn title(upload: &Upload<'_>, at: usize) -> String {
    let typed = upload.title.trim();
    let base = upload.files[at].name.rsplit(['/', '\\']).next().unwrap_or_default();
    let own = base.rsplit_once('.').map_or(base, |(stem, _)| stem).trim();
    let shown: String = own.chars().filter(|c| !c.is_control() && !is_unseen(*c)).take(TITLE).collect();
    match (typed, upload.files.len()) {
        ("", _) if shown.is_empty() => format!("{}", at + 1),
        ("", _) => shown,
        (typed, 1) => typed.to_owned(),
        (typed, all) => format!("{typed} ({}/{all})", at + 1),
    }
}

/// Whether it turns the direction of what follows, or joins, and is never seen itself: `fdp.exe` reads as `exe.pdf` behind one.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The document that a new one takes the place of, as it will be: still there, and marked.
fn superseded(record: &Record, act: &Act, upload: &Upload<'_>) -> Result<Wish, Fault> {
    let subject = format!("Patient/{}", upload.patient);
    let is_theirs = |document: &Value| document["subject"]["reference"].as_str() == Some(subject.as_str());
    let now = record.there(act, OPERATION, ("DocumentReference", upload.replaces), is_theirs)?;
    let mut resource = now.value;
    resource["status"] = "superseded".into();
    Ok(Wish::Update {
        resource_type: "DocumentReference".into(),
        id: Some(upload.replaces.to_owned()),
        query: None,
        resource,
        if_match: Some(now.version),
        if_none_match: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_a_paper_of_somebody_else_is_told_from_the_patients_own() {
        let asha = json!({"birthDate": "1990-05-31", "name": [
            {"family": "Räo", "given": ["Asha", "Lakshmi"]}, {"text": "ఆశ రావు"}]});
        for (name, born) in [
            ("asha rao", "1990-05-31"),
            ("RAO, Asha", "1990-05-31"),
            ("Lakshmi", "1990-05-31"),
            ("ఆశ", "1990-05-31 "),
        ] {
            assert!(is_theirs(&asha, name, born), "{name}");
        }
        for (name, born) in [
            ("", "1990-05-31"),
            (" , ", "1990-05-31"),
            ("Asha Rao", ""),
            ("Asha Rao", "1991-05-31"),
            ("Asha Testri", "1990-05-31"),
            ("Ash", "1990-05-31"),
        ] {
            assert!(!is_theirs(&asha, name, born), "{name} {born}");
        }
        let year = json!({"birthDate": "1990", "name": [{"text": "Mononym"}]});
        assert!(is_theirs(&year, "mononym", "1990-02-01") && !is_theirs(&year, "mononym", "1989-02-01"));
        assert!(is_theirs(&json!({"name": [{"text": "X"}]}), "x", ""));
        assert!(!is_theirs(&json!({}), "x", "1990-01-01"));
    }

    #[test]
    fn the_words_of_a_file_are_kept_as_far_as_they_go() {
        assert_eq!(kept("  Sugar\t102\u{0}  mg/dL \n\n fasting\r\n"), "Sugar 102 mg/dL\nfasting");
        assert_eq!(kept(" \n "), "");
        let long = kept(&"ज्वर ".repeat(WORDS));
        assert!(long.len() < WORDS && long.len() > WORDS - 32 && long.ends_with("ज्वर"), "{}", long.len());
    }

    #[test]
    fn a_document_is_called_as_somebody_says_or_as_its_file() {
        let files = [
            File { name: "C:\\scans\\blood\u{202e} test.fdp.pdf", bytes: b"", words: "", picture: None },
            File { name: ".pdf", bytes: b"", words: "", picture: None },
        ];
        let upload = |title| Upload {
            patient: "p",
            on_paper: None,
            key: "k",
            title,
            paper: "",
            replaces: "",
            files: &files,
        };
        assert_eq!(title(&upload(""), 0), "blood test.fdp");
        assert_eq!(title(&upload(""), 1), "2");
        assert_eq!(title(&upload(" Blood "), 0), "Blood (1/2)");
    }
}
