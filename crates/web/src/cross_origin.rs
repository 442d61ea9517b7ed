//! Apps that run in a browser, from addresses of their own: <https://fetch.spec.whatwg.org/#http-cors-protocol>.
//!
//! Any page may call what takes bearer tokens and no cookies: without a token it learns no more than anybody, and a browser sends
//! none along by itself. Pages that take cookies never stand behind this.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// What a page of another origin may send and read.
const ALWAYS: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "content-location, etag, last-modified, location, retry-after, x-request-id",
    ),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
];

/// What a browser is told that asks first.
const ASKED: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "accept, authorization, content-type, if-match, if-modified-since, if-none-exist, if-none-match, prefer, x-request-id",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];

/// Answers browsers that ask, and lets them read what comes back.
pub async fn allow(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    for (name, value) in ALWAYS.into_iter().chain(ASKED.into_iter().filter(|_| asks)) {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
