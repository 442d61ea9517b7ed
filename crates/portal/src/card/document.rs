//! A document that a link opens: a page of it as a picture, and the file where it may be taken along. It goes on with the ticket that the page
//! before holds; nothing stays in the browser.

use super::gone;
use crate::{
    chart::{
        download,
        look::{LOOK_POLICY, Shown, pictured},
    },
    failure::{Answer, of},
    view::{Frame, View},
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use care::{chart::Chart, emergency};
use login::{
    Login,
    link::{Closed, Opening, Opens},
};
use record::{Record, attachment::Attachment, error::Error};
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form, viewer};

#[derive(Template)]
#[template(path = "card/document.html")]
struct Page {
    w: Words,
    title: String,
    token: String,
    ticket: String,
    about: String,
    may_leave: bool,
    nothing: String,
    place: String,
    at: usize,
    pages: usize,
    picture: Option<Shown>,
    words: String,
}

/// `POST /card/{token}/document`
pub(crate) async fn document(
    State(door): State<Arc<Door>>,
    view: View,
    Path(token): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let takes = form.get("choice") == "download";
    let (known, sent, visit) = (token.clone(), form.clone(), view.guest.visit.clone());
    let w = view.words;
    let work =
        move |login: &Login, record: &Record| match login.go_on(&known, sent.get("ticket"), !takes, &visit) {
            Ok(opening) => {
                let file = file(record, &opening, sent.get("about"))?;
                let mark = format!("{} · {}", opening.act.actor.name, w.stamp(visit.now));
                Ok(Some((opening.ticket, file, mark)))
            }
            Err(Closed::Error(error)) => Err(of(error)),
            Err(Closed::Gone | Closed::Pin { .. }) => Ok(None),
        };
    let Some((ticket, file, mark)) = door.pages(work).await? else { return Ok(gone(&view)) };
    if takes {
        return Ok(download(file));
    }
    let at = form.get("page").parse().unwrap_or(1);
    let Attachment { title, bytes, may_leave, .. } = file;
    let seen = match door.viewer() {
        Some(viewer) => viewer.see(bytes, at, mark).await,
        None => Err(viewer::Fault::Kind),
    };
    let nothing = match &seen {
        Ok(_) => String::new(),
        Err(viewer::Fault::Kind) => w.say("look-kind"),
        Err(_) => w.say("look-broken"),
    };
    let (pages, words, picture) = match seen {
        Ok(seen) => (
            seen.pages,
            seen.words,
            seen.picture.map(|it| pictured(it.media_type, &it.bytes, (it.width, it.height))),
        ),
        Err(_) => (0, String::new(), None),
    };
    let page = Page {
        title: if title.is_empty() { w.say("document") } else { title },
        place: w.values("look-page", &[("page", &at.to_string()), ("pages", &pages.to_string())]),
        about: form.get("about").to_owned(),
        token,
        ticket,
        may_leave,
        nothing,
        at,
        pages,
        picture,
        words,
        w,
    };
    let frame = Frame { view: &view, realm: None, who: None, is_wide: false };
    let mut response = frame.show(StatusCode::OK, &page.title, &page);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(LOOK_POLICY));
    Ok(response)
}

/// The file, through the act of the link. An emergency card opens of all documents those alone that lay something down.
fn file(record: &Record, opening: &Opening, id: &str) -> Result<Attachment, Failure> {
    let (act, patient) = (&opening.act, &opening.link.patient);
    if opening.link.opens == Opens::Card {
        let chart = Chart::open(record, act, patient, &["DocumentReference"], "health link")?;
        if !emergency::of(&chart).directives.iter().any(|one| one.document == id) {
            return Err(Error::NotFound.into());
        }
    }
    Ok(record.attachment(act, patient, id)?)
}
