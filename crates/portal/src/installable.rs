//! What lets a telephone put the house among its apps: a name, our mark, and where to begin. <https://www.w3.org/TR/appmanifest/>
//!
//! There is no service worker: nothing of a record stays on the telephone, and without a network there is no page.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

const MANIFEST: &str = include_str!("../assets/manifest.webmanifest");
const MARK: &str = include_str!("../assets/icon.svg");
const SMALL: &[u8] = include_bytes!("../assets/icon-192.png");
const LARGE: &[u8] = include_bytes!("../assets/icon-512.png");

fn file(kind: &'static str, content: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=3600")], content).into_response()
}

/// `GET /manifest.webmanifest`
pub(crate) async fn manifest() -> Response {
    file("application/manifest+json", MANIFEST)
}

/// `GET /assets/icon.svg`
pub(crate) async fn mark() -> Response {
    file("image/svg+xml", MARK)
}

/// `GET /assets/icon-192.png`
pub(crate) async fn small() -> Response {
    file("image/png", SMALL)
}

/// `GET /assets/icon-512.png`
pub(crate) async fn large() -> Response {
    file("image/png", LARGE)
}
