//! What somebody sees who has a patient's card or link: no account, a PIN, and then what counts, on one page that prints. It works on a phone
//! that knows nothing but how to open an address, and without scripts.
//!
//! What stands behind `#` in the QR code is for programs that read health links ([`login::link`]); a browser never sends it.

mod document;
mod page;

pub(crate) use document::document;

use crate::{
    failure::{Answer, of},
    page::{Field, FormPage},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use care::{chart::Chart, patient_summary};
use login::{
    Login,
    error::Error,
    link::{Closed, Opening, Opens},
};
use record::Record;
use std::sync::Arc;
use web::{door::Door, failure::Failure, form::Form};

/// That a link does not open: one page, whatever the reason.
#[derive(Template)]
#[template(path = "text.html")]
struct Gone {
    heading: String,
    paragraphs: Vec<String>,
}

fn gone(view: &View) -> Response {
    let w = view.words;
    let heading = w.say("link-gone");
    let page =
        Gone { heading: heading.clone(), paragraphs: vec![w.say("link-gone-why"), w.say("link-gone-do")] };
    view.outside(None).show(StatusCode::NOT_FOUND, &heading, &page)
}

/// The form that asks for the PIN.
fn asks(w: Words, token: &str, opens: Opens) -> FormPage {
    let (title, lead) = match opens {
        Opens::Card => ("section-card", "link-lead-card"),
        Opens::Share => ("link-share", "link-lead-share"),
    };
    FormPage {
        title: w.say(title),
        lead: vec![w.say(lead), w.say("link-lead-pin"), w.say("link-lead-log")],
        action: format!("/card/{token}"),
        fields: vec![
            Field::new("pin", w.say("link-pin"), "text", "one-time-code"),
            Field::new("from", w.say("link-from"), "text", "organization")
                .hint(w.say("link-from-hint"))
                .optional(),
        ],
        button: w.say("link-open"),
        ..FormPage::default()
    }
}

/// `GET /card/{token}`
pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    view: View,
    Path(token): Path<String>,
) -> Result<Response, Answer> {
    let (known, visit) = (token.clone(), view.guest.visit.clone());
    let opens = door.login(move |login| login.opens(&known, &visit).map_err(of)).await?;
    Ok(match opens {
        Some(opens) => asks(view.words, &token, opens).show(&view.outside(None)),
        None => gone(&view),
    })
}

/// `POST /card/{token}`
pub(crate) async fn open(
    State(door): State<Arc<Door>>,
    view: View,
    Path(token): Path<String>,
    form: Form,
) -> Result<Response, Answer> {
    let (known, sent, visit) = (token.clone(), form.clone(), view.guest.visit.clone());
    let work = move |login: &Login, record: &Record| {
        let (opens, from) = (login.opens(&known, &visit).map_err(of)?, sent.get("from"));
        // Somebody who comes back from a document has no PIN to type again.
        let opened = match sent.get("ticket") {
            "" => login.open_link(&known, sent.get("pin"), (from, true), &visit),
            ticket => login.go_on(&known, ticket, true, &visit),
        };
        Ok((opens, opened.map(|opening| looked(record, opening))))
    };
    let (opens, opened) = door.pages(work).await?;
    let frame = view.outside(None);
    match (opens, opened) {
        (_, Ok(seen)) => {
            let (opening, chart) = seen?;
            Ok(page::show(&view, &token, &opening, &chart))
        }
        (Some(opens), Err(Closed::Pin { left: left @ 1.. })) => {
            let text = view.words.count("link-wrong", left);
            Ok(asks(view.words, &token, opens).typed(&form).wrong(&frame, "pin", text))
        }
        (Some(opens), Err(Closed::Error(error @ Error::Throttled { .. }))) => {
            Ok(asks(view.words, &token, opens).typed(&form).again(&frame, error)?)
        }
        (_, Err(Closed::Error(error))) => Err(of(error).into()),
        (_, Err(Closed::Gone | Closed::Pin { .. })) => Ok(gone(&view)),
    }
}

/// What the link shows now. The look is in the log.
fn looked(record: &Record, opening: Opening) -> Result<(Opening, Chart), Failure> {
    let (act, patient) = (&opening.act, &opening.link.patient);
    let chart = Chart::open(record, act, patient, &patient_summary::TYPES, "health link")?;
    Ok((opening, chart))
}
