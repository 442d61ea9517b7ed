//! Adding files to a record: papers and photographs, by the patient, who acts for them, or the clinic.
//!
//! Whoever uploads for the clinic says whose name and day of birth stand on the paper, before it goes into this chart (D1).

use super::{
    Drawn, Opened, may_not, page, page_as,
    sheet::{Section, Sheet},
    unopened,
};
use crate::{
    failure::Answer,
    page::go,
    signed_in::{realm, with, with_record},
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use care::upload::{
    self, Fault, File, PAPERS, Upload,
    kind::{Kind, Refusal},
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::{Record, error::Error};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};
use web::{
    door::Door,
    failure::Failure,
    form::Form,
    scanner::{Scanner, Verdict},
    viewer::Picture,
};

/// How long the words of all files of a form may take.
const READING: Duration = Duration::from_secs(30);

#[derive(Template)]
#[template(path = "chart/upload.html")]
struct UploadPage {
    s: Sheet,
    heading: String,
    token: String,
    /// What makes the same form sent twice one upload.
    key: String,
    title: String,
    paper: String,
    replaces: String,
    name: String,
    born: String,
    /// Which field is wrong, and why.
    wrong: &'static str,
    error: String,
}

impl UploadPage {
    fn new(s: Sheet, opened: &Opened, key: String, replaces: String) -> UploadPage {
        let heading = s.w.say(if replaces.is_empty() { "upload" } else { "upload-newer" });
        UploadPage {
            s,
            heading,
            token: opened.who.form_token.clone(),
            key,
            title: String::new(),
            paper: PAPERS[PAPERS.len() - 1].0.to_owned(),
            replaces,
            name: String::new(),
            born: String::new(),
            wrong: "",
            error: String::new(),
        }
    }

    fn papers(&self) -> Vec<(&'static str, String)> {
        PAPERS.iter().map(|(code, display)| (*code, self.s.w.of_code("paper", code, display))).collect()
    }

    fn is_chosen(&self, code: &str) -> bool {
        self.paper == code
    }

    fn is_of_staff(&self) -> bool {
        self.s.realm == Realm::Clinic
    }

    fn error_of(&self, field: &str) -> &str {
        if self.wrong == field { &self.error } else { "" }
    }
}

/// `GET /{realm}/chart/{patient}/upload`
pub(crate) async fn show_upload(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let replaces = asked.get("replaces").cloned().unwrap_or_default();
    page(&door, &view, (realm(&name)?, &patient, Section::Documents), |s, opened| {
        if !opened.chart.may_write(&upload::TYPES) {
            return Err(may_not());
        }
        let page = UploadPage::new(s, opened, opened.fresh_id.clone(), replaces);
        Ok(Drawn { title: page.heading.clone(), page })
    })
    .await
}

/// What is wrong with what was sent: the field, the key of a sentence, and the file that it names.
type Wrong = (&'static str, &'static str, String);

/// `POST /{realm}/chart/{patient}/upload`
pub(crate) async fn upload(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    // Nobody's file is read before it is known whose form it is.
    with(&door, &view.guest, realm, Some(&form), |_, _, _| Ok(())).await?.1.map_err(crate::failure::of)?;
    let read = read(&door, &form).await;
    let (sent, id, scanner) = (form.clone(), patient.clone(), door.scanner());
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &id, visit).map_err(crate::failure::of)?;
        let files = sent.files("file");
        let files = files.iter().zip(&read).map(|(file, read)| File {
            name: &file.name,
            bytes: &file.bytes,
            words: &read.words,
            picture: read.picture.as_ref().map(|picture| (picture.media_type, picture.bytes.as_slice())),
        });
        let files: Vec<File<'_>> = files.collect();
        let upload = Upload {
            patient: &id,
            on_paper: (realm == Realm::Clinic).then(|| (sent.get("name"), sent.get("born"))),
            key: sent.get("key"),
            title: sent.get("title"),
            paper: sent.get("paper"),
            replaces: sent.get("replaces"),
            files: &files,
        };
        let outcome = upload::add(record, &act, &upload, &|bytes| is_bad(scanner, bytes));
        wrong(outcome, &files)
    };
    let (who, outcome) = with_record(&door, &view.guest, realm, Some(&form), work).await?;
    let Some((field, key, file)) = outcome.or_else(|failure| unopened(&view, (realm, &who), failure))? else {
        return Ok(go(&format!("/{name}/chart/{patient}/documents"), Vec::new()));
    };
    let at = (realm, patient.as_str(), Section::Documents);
    page_as(StatusCode::UNPROCESSABLE_ENTITY, &door, &view, at, |s, opened| {
        let typed = |field: &str| form.get(field).to_owned();
        let page = UploadPage {
            title: typed("title"),
            paper: typed("paper"),
            name: typed("name"),
            born: typed("born"),
            wrong: field,
            error: s.w.with(key, "file", file),
            ..UploadPage::new(s, opened, typed("key"), typed("replaces"))
        };
        Ok(Drawn { title: page.heading.clone(), page })
    })
    .await
}

/// What was read in a file: its words, by which it is found, and its first page in small.
#[derive(Clone, Default)]
struct Read {
    words: String,
    picture: Option<Picture>,
}

/// That of each file: nothing where there is none, or where reading it takes too long.
async fn read(door: &Door, form: &Form) -> Vec<Read> {
    let until = Instant::now() + READING;
    let mut all = Vec::new();
    for file in form.files("file").into_iter().take(upload::MOST) {
        let mut read = Read::default();
        if let (Some(viewer), Ok(kind)) = (door.viewer(), Kind::of(&file.bytes)) {
            if matches!(kind, Kind::Pdf | Kind::Text) {
                read.words = timeout_at(until, viewer.words(&file.bytes)).await.unwrap_or_default();
            }
            read.picture = timeout_at(until, viewer.small(&file.bytes)).await.ok().flatten();
        }
        all.push(read);
    }
    all.resize(form.files("file").len(), Read::default());
    all
}

/// What came of it: what is wrong with what was sent is told with its form, and nothing was added.
fn wrong(outcome: Result<(), Fault>, files: &[File<'_>]) -> Result<Option<Wrong>, Failure> {
    let nameless = |field, key| Ok(Some((field, key, String::new())));
    match outcome {
        Ok(()) => Ok(None),
        Err(Fault::Files) => nameless("file", "upload-files"),
        Err(Fault::File(at, refusal)) => {
            let name = files.get(at).map_or("", |file| file.name);
            Ok(Some(("file", sentence(refusal), name.to_owned())))
        }
        Err(Fault::Field("name")) => nameless("name", "upload-not-theirs"),
        Err(Fault::Field("title")) => nameless("title", "upload-title-long"),
        Err(Fault::Field("paper")) => nameless("paper", "upload-paper"),
        Err(Fault::Field(_)) => nameless("file", "upload-again"),
        Err(Fault::Record(Error::Conflict(_))) => nameless("file", "upload-changed"),
        Err(Fault::Record(error)) => Err(error.into()),
    }
}

/// Whether the scanner, where there is one, found something. Without its word nothing is kept.
pub(super) fn is_bad(scanner: Option<Scanner>, bytes: &[u8]) -> Result<bool, Error> {
    let Some(scanner) = scanner else { return Ok(false) };
    let silent = "the virus scanner does not answer, so nothing was kept; try again in a few minutes";
    let verdict = scanner.scan(bytes).map_err(|_| Error::Busy(silent.to_owned()))?;
    Ok(verdict == Verdict::Found)
}

fn sentence(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Empty => "upload-empty",
        Refusal::TooLong => "upload-long",
        Refusal::Program => "upload-program",
        Refusal::Archive => "upload-archive",
        Refusal::Markup => "upload-markup",
        Refusal::Unknown => "upload-unknown",
        Refusal::Malware => "upload-malware",
    }
}
