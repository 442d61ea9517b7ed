//! Responses: headers around text that the kernel has rendered.

use crate::{
    Api, binary, condition,
    negotiate::{Offer, Return, Wants},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use fhir::{
    json::{self, Limits},
    outcome::{Issue, outcome},
};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use record::{
    change::{Done, DoneKind},
    read::Shown,
};
use web::failure::{Failure, etag};

/// FHIR's own media type.
const FHIR_JSON: HeaderValue = HeaderValue::from_static("application/fhir+json");

/// The longest text that is laid out for people, in bytes.
const MAX_PRETTY: usize = 1 << 20;

/// JSON as it is, or laid out for people.
pub(crate) fn json(status: StatusCode, body: Vec<u8>, wants: Wants) -> Response {
    let body = if wants.pretty { pretty(body) } else { body };
    rendered(status, body.into())
}

/// JSON that is laid out already.
pub(crate) fn rendered(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, FHIR_JSON);
    response
}

/// One version of a resource: 200, or 304 where the client has it.
pub(crate) fn shown(shown: Shown, offer: Offer, headers: &HeaderMap) -> Result<Response, Failure> {
    let (version, updated) = (shown.version, shown.updated);
    let mut response = if condition::has_it(headers, &shown) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else if shown.resource_type == "Binary" && !offer.is_json() {
        binary::unwrap(&shown.body)?
    } else {
        json(StatusCode::OK, shown.body, offer.json()?)
    };
    stamp(response.headers_mut(), version, updated);
    Ok(response)
}

/// What came of a write.
pub(crate) fn written(api: &Api, done: Done, wants: Wants) -> Response {
    let (status, word) = match done.kind {
        DoneKind::Created => (StatusCode::CREATED, "created"),
        DoneKind::Updated => (StatusCode::OK, "updated"),
        DoneKind::Unchanged => (StatusCode::OK, "already there and left as it was"),
        DoneKind::Deleted => (StatusCode::NO_CONTENT, "deleted"),
        DoneKind::NothingToDelete => (StatusCode::NO_CONTENT, "not there, so there was nothing to delete"),
    };
    let mut response = match wants.back {
        _ if status == StatusCode::NO_CONTENT && wants.back != Return::Outcome => empty(status),
        Return::Minimal => empty(status),
        Return::Representation => json(status, done.body, wants),
        Return::Outcome => {
            let said = outcome(&[Issue::information(format!("the resource was {word}"))]);
            let status = if status == StatusCode::NO_CONTENT { StatusCode::OK } else { status };
            json(status, json::render(&said), wants)
        }
    };
    let headers = response.headers_mut();
    if done.version > 0 {
        stamp(headers, done.version, done.updated);
    }
    if matches!(done.kind, DoneKind::Created | DoneKind::Updated | DoneKind::Unchanged) {
        let place =
            format!("{}/{}/{}/_history/{}", api.door.base(), done.resource_type, done.id, done.version);
        let name = if done.kind == DoneKind::Created { header::LOCATION } else { header::CONTENT_LOCATION };
        put(headers, name, &place);
    }
    response
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// ETag and Last-Modified.
fn stamp(headers: &mut HeaderMap, version: i64, updated_us: i64) {
    headers.insert(header::ETAG, etag(version));
    let date = Timestamp::from_microsecond(updated_us).ok();
    if let Some(date) = date.and_then(|at| DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()) {
        put(headers, header::LAST_MODIFIED, &date);
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// Laid out for people, who do not read megabytes: what is longer than [`MAX_PRETTY`] stays as it is.
pub(crate) fn pretty(body: Vec<u8>) -> Vec<u8> {
    if body.len() > MAX_PRETTY {
        return body;
    }
    let Ok(value) = json::parse(&body, Limits::default()) else { return body };
    serde_json::to_vec_pretty(&value).unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_laid_out_for_people_keeps_its_digits() {
        let text = pretty(br#"{"value":107.50,"big":1E400}"#.to_vec());
        assert_eq!(String::from_utf8(text).unwrap(), "{\n  \"value\": 107.50,\n  \"big\": 1E400\n}");
    }

    #[test]
    fn a_version_is_stamped_with_etag_and_time() {
        let mut headers = HeaderMap::new();
        stamp(&mut headers, 3, 784_111_777_500_000);
        assert_eq!(headers[header::ETAG], "W/\"3\"");
        assert_eq!(headers[header::LAST_MODIFIED], "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
