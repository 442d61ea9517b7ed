//! The documents of a chart: each with its first page in small, and a way to take several along at once.

use super::{
    Drawn, Opened,
    document::{form_of, forms, made, mark},
    page, page_as,
    sheet::{Section, Sheet, escaped},
    unopened,
};
use crate::{
    failure::Answer,
    page::{go, with_pictures},
    signed_in::{realm, with, with_record},
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use care::{
    documents::Document,
    takeout::folder::{Folder, MOST},
};
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::{Record, error::Error};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

/// The most that the small pictures of one page may weigh, in bytes: it loads on an old phone.
const PICTURES: usize = 48 << 10;

#[derive(Template)]
#[template(path = "chart/documents.html")]
struct DocumentsPage {
    s: Sheet,
    token: String,
    heading: String,
    /// What was not done, and why.
    error: String,
    adds: bool,
    /// Whether several can be taken along at once.
    takes: bool,
    /// The forms in which they can be taken.
    forms: Vec<(&'static str, String)>,
    rows: Vec<Row>,
}

struct Row {
    document: Document,
    /// Where it is looked at; empty where there is no file.
    look: String,
    /// Where a newer one is added; empty where nobody may.
    replace: String,
    /// What its file is, and how large.
    format: String,
    size: String,
    /// The other house that it was brought from.
    from: String,
}

/// `GET /{realm}/chart/{patient}/documents`
pub(crate) async fn documents(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Documents);
    Ok(with_pictures(page(&door, &view, at, |s, opened| Ok(drawn(s, opened, ""))).await?))
}

fn drawn(s: Sheet, opened: &Opened, error: &str) -> Drawn<DocumentsPage> {
    let adds = opened.chart.may_write(&care::upload::TYPES);
    let mut weight = 0;
    let row = |mut document: Document| {
        weight += document.picture.len();
        if weight > PICTURES {
            document.picture.clear();
        }
        let here = format!("documents/{}/look", escaped(&document.id));
        let media = document.content_type.replace('/', "-");
        Row {
            look: if document.has_file { s.to(&here) } else { String::new() },
            replace: match adds && !document.is_superseded {
                true => s.to(&format!("upload?replaces={}", escaped(&document.id))),
                false => String::new(),
            },
            format: s.w.of_code("media", &media, &document.content_type),
            size: document.size.map(size).unwrap_or_default(),
            from: match document.from.as_str() {
                "" => String::new(),
                house => s.w.with("brought-from", "house", house),
            },
            document,
        }
    };
    let rows: Vec<Row> = care::documents::of(&opened.chart).into_iter().map(row).collect();
    let heading = s.w.say("section-documents");
    let page = DocumentsPage {
        token: opened.who.form_token.clone(),
        heading: heading.clone(),
        error: if error.is_empty() { String::new() } else { s.w.say(error) },
        adds,
        takes: rows.iter().filter(|row| row.document.has_file).count() > 1,
        forms: forms(s.realm).iter().map(|form| (form.name(), s.w.say(form.key()))).collect(),
        rows,
        s,
    };
    Drawn { title: heading, page }
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// `POST /{realm}/chart/{patient}/documents`: those that were chosen, as one file. Each of them is a line of its own in the log.
pub(crate) async fn take_documents(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let taken = form_of(realm, form.get("as"));
    let fields = form.fields().iter().filter(|(name, _)| name == "document");
    let chosen: Vec<String> = fields.map(|(_, id)| id.clone()).take(MOST + 1).collect();
    let Some(first) = chosen.first().filter(|_| chosen.len() <= MOST) else {
        let at = (realm, patient.as_str(), Section::Documents);
        with(&door, &view.guest, realm, Some(&form), |_, _, _| Ok(()))
            .await?
            .1
            .map_err(crate::failure::of)?;
        let shown = page_as(StatusCode::UNPROCESSABLE_ENTITY, &door, &view, at, |s, opened| {
            Ok(drawn(s, opened, "take-none"))
        });
        return Ok(with_pictures(shown.await?));
    };
    let streaming = door.streaming()?;
    let (of, first, w) = (patient.clone(), first.clone(), view.words);
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let mut act = login.act_on_chart(who, &of, visit).map_err(crate::failure::of)?;
        act.looks = false;
        // What is not there, or may not leave, is known before a byte is sent.
        let file = record.attachment(&act, &of, &first)?;
        let mark = mark(&act.actor.name, &act.actor.role, act.purpose.code(), &w.stamp(visit.now));
        Ok::<_, Failure>((act, mark, file))
    };
    let (who, found) = with_record(&door, &view.guest, realm, Some(&form), work).await?;
    let (act, mark, first) = found.or_else(|failure| unopened(&view, (realm, &who), failure))?;
    let (viewer, runtime) = (door.viewer().cloned(), tokio::runtime::Handle::current());
    let now = view.guest.visit.now;
    let body = streaming.body(move |record, out| {
        let mut folder = Folder::new(out, now);
        let rest = chosen.iter().skip(1).map(|id| record.attachment(&act, &patient, id));
        for file in std::iter::once(Ok(first)).chain(rest) {
            let file = file?;
            let title = file.title.clone();
            match runtime.block_on(made(file, taken, &mark, viewer.as_ref())) {
                Ok(file) => folder.put(&file.title, &file.content_type, &file.bytes)?,
                // In its place stands why it is not there.
                Err(Error::Unprocessable(why)) => {
                    let why: Vec<String> = why.iter().map(|issue| w.told(&issue.diagnostics)).collect();
                    folder.put(&title, "text/plain", why.join("\n").as_bytes())?;
                }
                Err(error) => return Err(error),
            }
        }
        folder.finish().map(drop)
    });
    let mut response = body.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // No name of anybody stands in it: lists of downloads are seen by others.
        (header::CONTENT_DISPOSITION, "attachment; filename=\"documents.zip\""),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// `POST /patient/chart/{patient}/documents/{id}/take-back`: of what the patient has added.
pub(crate) async fn take_back(
    State(door): State<Arc<Door>>,
    view: View,
    Path((patient, id)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Answer> {
    let of = patient.clone();
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &of, visit).map_err(crate::failure::of)?;
        Ok::<_, Failure>(care::documents::take_back(record, &act, &of, &id)?)
    };
    let (who, done) = with_record(&door, &view.guest, Realm::Patient, Some(&form), work).await?;
    done.or_else(|failure| unopened(&view, (Realm::Patient, &who), failure))?;
    Ok(go(&format!("/patient/chart/{patient}/documents"), Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_by_people() {
        assert_eq!([900, 1_001, 2_340_000].map(size), ["900 B", "2 kB", "2.3 MB"]);
    }
}
