//! A document's file, as it is downloaded. What is in it came from outside: no browser of ours opens it as a page of this house.
//! How it is looked at without, says [`look`].
//!
//! The patient takes it as it is, as PDF or as FHIR. What staff take says on every page who took it, when and why; what has no pages that
//! could say it, such as a file that a password locks, leaves as it is, and the log alone says so. What has them and could not be marked
//! does not leave.

pub(crate) mod look;

use super::{sheet::escaped, unopened};
use crate::{
    failure::Answer,
    page::go,
    signed_in::{realm, with_record},
    view::View,
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use fhir::outcome::{Issue, IssueCode};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::{Record, attachment::Attachment, error::Error};
use std::{collections::HashMap, sync::Arc};
use web::{
    door::Door,
    failure::Failure,
    viewer::{Unmade, Viewer},
};

/// What is named as it was stored, with the ending of its file's name; everything else is bytes.
const KNOWN: [(&str, &str); 6] = [
    (PDF, "pdf"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("text/plain", "txt"),
    ("application/dicom", "dcm"),
    (FHIR, "json"),
];

/// What FHIR resources are in JSON.
const FHIR: &str = "application/fhir+json";

/// In which form a document leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// As it was stored.
    Original,
    /// As PDF.
    Pdf,
    /// As FHIR, with what files it.
    Fhir,
    /// With a mark on every page.
    Marked,
}

impl Taken {
    /// Its name in a form and an address.
    pub(super) fn name(self) -> &'static str {
        match self {
            Taken::Original => "original",
            Taken::Pdf => "pdf",
            Taken::Fhir => "fhir",
            Taken::Marked => "marked",
        }
    }

    /// The key of its words.
    pub(super) fn key(self) -> &'static str {
        match self {
            Taken::Original => "as-original",
            Taken::Pdf => "as-pdf",
            Taken::Fhir => "as-fhir",
            Taken::Marked => "as-marked",
        }
    }
}

/// In which forms documents leave; the first is the one of somebody who says nothing.
pub(super) fn forms(realm: Realm) -> &'static [Taken] {
    if realm == Realm::Clinic { &[Taken::Marked] } else { &[Taken::Original, Taken::Pdf, Taken::Fhir] }
}

/// The form of that name, where it is open there.
pub(super) fn form_of(realm: Realm, name: &str) -> Taken {
    let forms = forms(realm);
    forms.iter().copied().find(|taken| taken.name() == name).unwrap_or(forms[0])
}

/// Who takes it, when and why.
pub(super) fn mark(name: &str, role: &str, purpose: &str, when: &str) -> String {
    format!("{name} · {role} · {when} · {purpose}")
}

/// A document in that form.
pub(super) async fn made(
    file: Attachment,
    taken: Taken,
    mark: &str,
    viewer: Option<&Viewer>,
) -> Result<Attachment, Error> {
    let mark = if taken == Taken::Marked { mark } else { "" };
    let words = || std::str::from_utf8(&file.bytes).ok().filter(|_| file.content_type.starts_with("text/"));
    match taken {
        Taken::Original => Ok(file),
        Taken::Fhir => {
            Ok(Attachment { bytes: care::documents::as_fhir(&file)?, content_type: FHIR.to_owned(), ..file })
        }
        Taken::Marked if words().is_some() => {
            let bytes = format!("{mark}\n\n{}\n\n{mark}\n", words().unwrap_or_default()).into_bytes();
            Ok(Attachment { bytes, ..file })
        }
        Taken::Pdf if file.content_type == PDF => Ok(file),
        Taken::Pdf | Taken::Marked => {
            let made = match viewer {
                Some(viewer) => viewer.paper(&file.bytes, mark).await,
                None => Err(Unmade::Silent),
            };
            match made {
                Ok(bytes) => Ok(Attachment { bytes, content_type: PDF.to_owned(), ..file }),
                Err(Unmade::Undrawn) => Ok(file),
                Err(Unmade::Long) => {
                    Err(Error::Unprocessable(vec![Issue::error(IssueCode::Processing, LONG)]))
                }
                Err(Unmade::Silent) => Err(Error::Busy(SILENT.to_owned())),
            }
        }
    }
}

/// What somebody is told of a document with too many pages.
const LONG: &str =
    "this document has more than 60 pages, so it is not marked as one file; look at its pages one by one";

/// What somebody is told where nobody has drawn it.
const SILENT: &str = "the pages of the document could not be drawn in time; try again in a moment";

/// What a PDF is.
const PDF: &str = "application/pdf";

/// Nothing in it runs, loads or sends, even where somebody opens it in a browser.
const POLICY: &str =
    "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Characters of a title in a file's name, at most.
const NAME: usize = 80;

/// `GET /{realm}/chart/{patient}/documents/{id}`
pub(crate) async fn document(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient, id)): Path<(String, String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let (of, document, w) = (patient.clone(), id.clone(), view.words);
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let mut act = login.act_on_chart(who, &of, visit).map_err(crate::failure::of)?;
        act.looks = false;
        let mark = mark(&act.actor.name, &act.actor.role, act.purpose.code(), &w.stamp(visit.now));
        Ok::<_, Failure>((record.attachment(&act, &of, &document)?, mark))
    };
    let realm = realm(&name)?;
    let taken = form_of(realm, asked.get("as").map(String::as_str).unwrap_or_default());
    let (who, found) = with_record(&door, &view.guest, realm, None, work).await?;
    match found {
        Ok((file, mark)) => {
            let file = made(file, taken, &mark, door.viewer()).await.map_err(Failure::from)?;
            Ok(download(file))
        }
        // What may be looked at alone is looked at.
        Err(failure) if failure.status == StatusCode::FORBIDDEN && realm == Realm::Clinic => {
            Ok(go(&format!("/{name}/chart/{patient}/documents/{}/look", escaped(&id)), Vec::new()))
        }
        Err(failure) => unopened(&view, (realm, &who), failure),
    }
}

pub(crate) fn download(file: Attachment) -> Response {
    let stored = file.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = KNOWN.into_iter().find(|(kind, _)| *kind == stored);
    let (kind, ending) = known.unwrap_or(("application/octet-stream", "bin"));
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let disposition = HeaderValue::from_str(&disposition(&file.title, ending));
    let plain = HeaderValue::from_static("attachment; filename=\"document.bin\"");
    headers.insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(plain));
    response
}

/// A name that is nothing but a name: letters, digits, spaces, hyphens. The ending is that of what it is, never of what it says.
fn disposition(title: &str, ending: &str) -> String {
    let kept = title.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).take(NAME);
    let words: Vec<String> = kept.collect::<String>().split_whitespace().map(str::to_owned).collect();
    let name = words.join(" ");
    let name = if name.is_empty() { "document" } else { &name };
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let escaped = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let full: String = name.bytes().map(escaped).collect();
    format!("attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{full}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_nothing_but_a_name() {
        let told = disposition("../a\"; x=\r\n\u{202e}fdp.exe", "pdf");
        assert_eq!(told, "attachment; filename=\"a x fdp exe.pdf\"; filename*=UTF-8''a%20x%20fdp%20exe.pdf");
        assert!(disposition("", "bin").contains("\"document.bin\""));
        assert!(disposition("జ్వరం", "txt").contains("filename*=UTF-8''%E0%B0%9C"));
    }

    #[tokio::test]
    async fn d4_what_staff_take_is_marked_or_has_no_pages_or_stays() {
        let file = |bytes: &[u8]| Attachment {
            patient: "p".into(),
            title: "t".into(),
            content_type: PDF.into(),
            bytes: bytes.into(),
            document: b"{}".to_vec(),
            may_leave: true,
        };
        let viewer = Viewer::in_this_process();
        // Locked or broken: nobody can draw it, and whoever treats the patient needs it.
        let locked = made(file(b"%PDF-1.7 locked"), Taken::Marked, "m", Some(&viewer)).await.unwrap();
        assert_eq!(locked.bytes, b"%PDF-1.7 locked");
        let mute = Viewer::program("/nowhere/at/all".into());
        for viewer in [Some(&mute), None] {
            let kept = made(file(b"%PDF-1.7 locked"), Taken::Marked, "m", viewer).await;
            assert!(matches!(kept, Err(Error::Busy(_))));
            // What asks for no mark needs nobody to draw it.
            assert!(made(file(b"%PDF-1.7"), Taken::Pdf, "m", viewer).await.is_ok());
        }
    }

    #[test]
    fn what_could_run_in_a_browser_is_only_bytes() {
        for kind in ["text/html", "image/svg+xml", "application/javascript", "", "text/plain\r\nx: y"] {
            let file = Attachment {
                patient: "p".into(),
                title: "t".into(),
                content_type: kind.into(),
                bytes: vec![1],
                document: Vec::new(),
                may_leave: true,
            };
            let response = download(file);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/octet-stream", "{kind}");
        }
    }
}
