//! Every part that pages are made of, in every state: what a new page is built from, and what is looked at when the look changes.

use crate::{
    page::{Field, FormPage},
    view::View,
    words::Words,
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use web::failure::Failure;

/// The colours, as `portal.css` calls them: the ground, and the writing on it.
const COLOURS: [(&str, &str); 12] = [
    ("paper", "ink"),
    ("sheet", "ink"),
    ("shade", "soft-ink"),
    ("act", "on-act"),
    ("act-strong", "on-act"),
    ("well", "on-well"),
    ("tell-soft", "tell"),
    ("warn-soft", "warn"),
    ("wrong-soft", "wrong"),
    ("good-soft", "good"),
    ("theirs-soft", "theirs"),
    ("sheet", "act"),
];

/// How a chart's head looks: its class, that of its allergies, and what it says of them.
const BANNERS: [(&str, &str, &str); 4] = [
    ("severe", "severe", "Penicillin: severe"),
    ("", "some", "Pollen: mild"),
    ("", "none", "None known"),
    ("", "unknown", "Not recorded"),
];

#[derive(Template)]
#[template(path = "design.html")]
struct Design {
    w: Words,
    /// A form as it is made everywhere: a plain field, one that went wrong, one with a tick.
    form: String,
    failed: String,
    qr: String,
}

impl Design {
    fn colours(&self) -> [(&'static str, &'static str); 12] {
        COLOURS
    }

    fn banners(&self) -> [(&'static str, &'static str, &'static str); 4] {
        BANNERS
    }
}

fn form(w: Words, error: &str) -> Result<String, Failure> {
    let wrong = Field {
        error: w.told("enter the date as year-month-day, such as 1990-05-31"),
        value: "31 May".into(),
        ..Field::new("birth_date", w.say("birth-date"), "text", "off").hint(w.say("birth-date-hint"))
    };
    let fields = vec![
        Field::new("full_name", w.say("full-name"), "text", "off").optional(),
        wrong,
        Field::new("all", w.say("proxy-all"), "checkbox", "off").optional(),
    ];
    let page = FormPage {
        w,
        title: w.say("design-form"),
        error: error.to_owned(),
        // It goes to where a choice of language goes, which changes nothing without one.
        action: "/language".into(),
        fields: if error.is_empty() { fields } else { Vec::new() },
        button: w.say("go-on"),
        ..FormPage::default()
    };
    // A page has one first heading.
    Ok(page.render_inside()?.replace("<h1>", "<h2>").replace("</h1>", "</h2>"))
}

/// `GET /design`
pub(crate) async fn show(view: View) -> Result<Response, Failure> {
    let w = view.words;
    let denied = w.error(&login::error::Error::Denied);
    let page = Design { w, form: form(w, "")?, failed: form(w, &denied)?, qr: crate::qr::draw("shlink:/")? };
    Ok(view.outside(None).show(StatusCode::OK, &w.say("design"), &page))
}
