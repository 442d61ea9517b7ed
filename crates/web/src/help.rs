//! The documents of this very version, for anyone, without a network: `/help` and `/help/{page}`.
//!
//! They are the Markdown files of the repository, built in, and made into pages once, when the house opens. Nothing in them
//! comes from the records or from a caller, and no page holds a script.

mod documents;
mod markdown;

#[cfg(test)]
mod tests;

use crate::route::{Needs, Route};
use axum::{
    Router,
    extract::Path,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use documents::{DOCUMENTS, Document, Reader};
use std::{collections::BTreeMap, fmt::Write, sync::Arc};

/// What this module serves.
pub const ROUTES: &[Route] = &[
    Route { method: "GET", template: "/help", operation: "help", needs: Needs::Nothing },
    Route { method: "GET", template: "/help/{page}", operation: "help page", needs: Needs::Nothing },
];

const STYLE: &str = include_str!("help/style.css");

/// A picture of the documents.
struct Picture {
    /// Its name below `/help/`.
    name: &'static str,
    /// Its path in the repository.
    path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! picture {
    ($name:literal, $path:literal, $kind:literal) => {
        Picture { name: $name, path: $path, kind: $kind, bytes: include_bytes!(concat!("../../../", $path)) }
    };
}

const PICTURES: [Picture; 3] = [
    picture!("house.svg", "docs/house.svg", "image/svg+xml"),
    picture!("chart.png", "docs/pictures/chart.png", "image/png"),
    picture!("home.png", "docs/pictures/home.png", "image/png"),
];

const ROLES: &str = include_str!("../../../docs/roles.csv");
/// The published matrix of roles, as a table for a spreadsheet: its place below `/help/`, and in the repository.
const ROLES_AT: (&str, &str) = ("roles.csv", "docs/roles.csv");

/// Only our own style and picture, and nothing that runs, frames or sends.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Pages change with the program only; a browser asks again.
const BRIEFLY: HeaderValue = HeaderValue::from_static("no-cache");
/// The name changes with the content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The router of [`ROUTES`].
pub fn router() -> Router {
    let pages = Arc::new(pages());
    let home = Arc::clone(&pages);
    Router::new().route("/help", get(async move || answer(&home, ""))).route(
        "/help/{page}",
        get(async move |page: Result<Path<String>, _>| {
            answer(&pages, page.as_ref().map_or("?", |Path(page)| page.as_str()))
        }),
    )
}

/// Something below `/help/`.
struct Page {
    kind: &'static str,
    keep: HeaderValue,
    body: Arc<str>,
}

impl Page {
    fn html(body: String) -> Page {
        Page { kind: "text/html; charset=utf-8", keep: BRIEFLY, body: body.into() }
    }
}

/// Everything by its name below `/help/`; the index has none.
fn pages() -> BTreeMap<String, Page> {
    let mut pages = BTreeMap::new();
    pages.insert(String::new(), Page::html(whole("Keepwell: help", &index())));
    for document in DOCUMENTS {
        let body = match document.path {
            "LICENSE" => format!("<h1>Licence</h1>\n<pre>{}</pre>\n", escaped(document.text)),
            _ => markdown::html(document),
        };
        pages.insert(document.page.to_owned(), Page::html(whole(document.title, &body)));
    }
    let style = Page { kind: "text/css; charset=utf-8", keep: FOR_EVER, body: STYLE.into() };
    pages.insert(style_name(), style);
    let roles = Page { kind: "text/csv; charset=utf-8", keep: BRIEFLY, body: ROLES.into() };
    pages.insert(ROLES_AT.0.to_owned(), roles);
    pages
}

fn answer(pages: &BTreeMap<String, Page>, name: &str) -> Response {
    if let Some(picture) = PICTURES.iter().find(|picture| picture.name == name) {
        return (headers(picture.kind, BRIEFLY), picture.bytes).into_response();
    }
    let Some(page) = pages.get(name) else {
        let body = "<h1>No such page</h1>\n<p>Nothing of that name is in this version's documents. All there are stand on the \
                    <a href=\"/help\">first page</a>.</p>\n";
        return (
            StatusCode::NOT_FOUND,
            headers("text/html; charset=utf-8", BRIEFLY),
            whole("No such page", body),
        )
            .into_response();
    };
    (headers(page.kind, page.keep.clone()), page.body.to_string()).into_response()
}

fn headers(kind: &'static str, keep: HeaderValue) -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ]
}

/// A page around its content.
fn whole(title: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"/help/{style}\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">To the content</a>\n\
         <header><nav aria-label=\"Help\"><a href=\"/help\">Keepwell help</a></nav></header>\n\
         <main id=\"content\">\n{content}</main>\n\
         <footer>Keepwell {version}. Keepwell is not a medical device.</footer>\n</body>\n</html>\n",
        title = escaped(title),
        style = style_name(),
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// The first page: which document is for whom.
fn index() -> String {
    let mut html = "<h1>Keepwell help</h1>\n<p>These documents belong to the version that you are using. They are part of the \
                    program, so they need no network.</p>\n"
        .to_owned();
    for reader in Reader::ALL {
        let _ = write!(html, "<h2>{}</h2>\n<ul>\n", reader.said());
        for Document { page, title, about, .. } in
            DOCUMENTS.iter().filter(|document| document.reader == reader)
        {
            let _ = writeln!(
                html,
                "<li><a href=\"/help/{page}\">{}</a>: {}</li>",
                escaped(title),
                escaped(about)
            );
        }
        html.push_str("</ul>\n");
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `style-` and FNV-1a of its text: another text, another name.
fn style_name() -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("style-{:016x}.css", STYLE.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}
