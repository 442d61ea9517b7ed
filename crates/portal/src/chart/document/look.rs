//! A document as it is looked at: a page of it as a picture, drawn anew, with the words that stand on it. For staff a mark stands across the
//! picture: who looked, when and why. The file itself stays here unless it is downloaded.

use super::{Taken, forms};
use crate::{
    chart::{
        Drawn, Opened, page,
        sheet::{Section, Sheet, escaped},
        unopened,
    },
    failure::Answer,
    page::go,
    signed_in::{realm, with_record},
    view::View,
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use care::documents::Document;
use login::{Login, realm::Realm, session::Who, visit::Visit};
use record::{Record, attachment::Attachment};
use std::{collections::HashMap, sync::Arc};
use web::{door::Door, failure::Failure, viewer};

/// The picture comes with the page: whoever loads the page loads nothing else.
pub(crate) const LOOK_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; manifest-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "chart/document.html")]
struct Page {
    s: Sheet,
    title: String,
    /// Where the file is downloaded, in each of its forms; none where it stays here.
    downloads: Vec<(String, String)>,
    /// What is shown instead of a page, where there is none.
    nothing: String,
    /// Which page of how many, in words.
    place: String,
    pages: usize,
    before: String,
    after: String,
    picture: Option<Shown>,
    words: String,
    is_marked: bool,
    /// Where the patient types the values that stand on it; empty where nobody does.
    values: String,
    /// Where the patient takes it back, with what the form carries; `None` for what is not theirs.
    take_back: Option<(String, String)>,
}

/// A picture as the page holds it.
pub(crate) struct Shown {
    pub(crate) data: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A picture that was drawn, as a page holds it.
pub(crate) fn pictured(media_type: &str, bytes: &[u8], (width, height): (u32, u32)) -> Shown {
    Shown { data: format!("data:{media_type};base64,{}", STANDARD.encode(bytes)), width, height }
}

/// `GET /{realm}/chart/{patient}/documents/{id}/look`
pub(crate) async fn look(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient, id)): Path<(String, String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let realm = realm(&name)?;
    let (of, document, w) = (patient.clone(), id.clone(), view.words);
    let work = move |login: &Login, record: &Record, who: &Who, visit: &Visit| {
        let act = login.act_on_chart(who, &of, visit).map_err(crate::failure::of)?;
        let file = record.attachment(&act, &of, &document)?;
        let mark = super::mark(&act.actor.name, &act.actor.role, act.purpose.code(), &w.stamp(visit.now));
        Ok::<_, Failure>((file, mark))
    };
    let (who, found) = with_record(&door, &view.guest, realm, None, work).await?;
    let (file, mark) = found.or_else(|failure| unopened(&view, (realm, &who), failure))?;
    let at = asked.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let Attachment { title, bytes, may_leave, .. } = file;
    let is_marked = realm == Realm::Clinic;
    let seen = match door.viewer() {
        Some(viewer) => viewer.see(bytes, at, if is_marked { mark } else { String::new() }).await,
        None => Err(viewer::Fault::Kind),
    };
    if seen == Err(viewer::Fault::Page) {
        return Ok(go(&format!("/{name}/chart/{patient}/documents/{}/look", escaped(&id)), Vec::new()));
    }
    let mut response = page(&door, &view, (realm, &patient, Section::Documents), |s, opened: &Opened| {
        // Nothing runs beside what a stranger may have drawn.
        let s = Sheet { since: None, ..s };
        let mut page = drawn(s, (&id, title, at), (may_leave, is_marked), seen);
        let is_own =
            |document: &Document| document.id == id && document.is_patients && document.from.is_empty();
        let may = |kind| realm == Realm::Patient && opened.chart.may_write(&[kind]);
        let writes = may("DocumentReference");
        if may("Observation") {
            page.values = page.s.to(&format!("values/new?document={}", escaped(&id)));
        }
        page.take_back = (writes && care::documents::of(&opened.chart).iter().any(is_own)).then(|| {
            let action = page.s.to(&format!("documents/{}/take-back", escaped(&id)));
            (action, opened.who.form_token.clone())
        });
        Ok(Drawn { title: page.title.clone(), page })
    })
    .await?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(LOOK_POLICY));
    Ok(response)
}

fn drawn(
    s: Sheet,
    (id, title, at): (&str, String, usize),
    (may_leave, is_marked): (bool, bool),
    seen: Result<viewer::Seen, viewer::Fault>,
) -> Page {
    let here = format!("documents/{}", escaped(id));
    let form = |(at, taken): (usize, &Taken)| {
        let key = if at == 0 { "look-download" } else { taken.key() };
        (s.to(&format!("{here}?as={}", taken.name())), s.w.say(key))
    };
    let downloads = forms(s.realm).iter().enumerate().map(form).collect();
    let way = |page: usize| s.to(&format!("{here}/look?page={page}"));
    let nothing = match &seen {
        Ok(_) => String::new(),
        Err(viewer::Fault::Kind) => s.w.say("look-kind"),
        Err(_) => s.w.say("look-broken"),
    };
    let seen = seen.ok();
    let pages = seen.as_ref().map_or(0, |seen| seen.pages);
    let (words, picture) = seen.map(|seen| (seen.words, seen.picture)).unwrap_or_default();
    Page {
        title: if title.is_empty() { s.w.say("document") } else { title },
        downloads: if may_leave { downloads } else { Vec::new() },
        nothing,
        place: s.w.values("look-page", &[("page", &at.to_string()), ("pages", &pages.to_string())]),
        pages,
        before: if at > 1 { way(at - 1) } else { String::new() },
        after: if at < pages { way(at + 1) } else { String::new() },
        picture: picture.map(|it| pictured(it.media_type, &it.bytes, (it.width, it.height))),
        words,
        is_marked,
        values: String::new(),
        take_back: None,
        s,
    }
}
