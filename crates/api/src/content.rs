//! Bodies that come in: content type, size, JSON.

use crate::{Api, binary};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, StatusCode, header},
};
use fhir::{
    json::{self, Limits},
    outcome::{Issue, IssueCode},
};
use serde_json::Value;
use web::{body::Bounded, failure::Failure};

/// A body that was read, not yet parsed.
pub(crate) struct Sent {
    body: Bounded,
    /// For a Binary that came as its own content: what it is.
    raw: Option<binary::Raw>,
}

/// Reads the body of a request that brings a resource of that type, or a Bundle.
///
/// # Errors
/// 415 for what is not FHIR JSON (unless it is a Binary's content), 413 and 503 where it does not fit.
pub(crate) async fn read(api: &Api, kind: &str, headers: &HeaderMap, body: Body) -> Result<Sent, Failure> {
    let raw = match media(headers)? {
        Media::Json => None,
        _ if kind == "Binary" => Some(binary::Raw::of(headers)?),
        _ => return Err(unsupported("send the resource as Content-Type: application/fhir+json")),
    };
    Ok(Sent { body: bounded(api, headers, body).await?, raw })
}

/// Whether the body will be a Binary's own content, which cannot say its id.
///
/// # Errors
/// 400 and 415 for a content type that cannot be read.
pub(crate) fn is_wrapped(kind: &str, headers: &HeaderMap) -> Result<bool, Failure> {
    Ok(kind == "Binary" && media(headers)? != Media::Json)
}

/// Reads the body of a `_search`.
///
/// # Errors
/// 415 for what is no form, 413 and 503 where it does not fit, 400 where it is no text.
pub(crate) async fn read_form(api: &Api, headers: &HeaderMap, body: Body) -> Result<String, Failure> {
    if media(headers)? != Media::Form {
        return Err(unsupported("send the search as Content-Type: application/x-www-form-urlencoded"));
    }
    let sent = bounded(api, headers, body).await?;
    let text = std::str::from_utf8(&sent.bytes)
        .map_err(|_| Failure::invalid(IssueCode::Invalid, "the form is not percent-encoded UTF-8"))?;
    Ok(text.trim().to_owned())
}

impl Sent {
    /// The resource of type `kind`. Takes long for a long body: call it on a blocking thread.
    ///
    /// # Errors
    /// 400 for what is no JSON, with line and column, or of another type.
    pub(crate) fn resource(self, kind: &str) -> Result<Value, Failure> {
        let Sent { body, raw } = self;
        if let Some(raw) = raw {
            return Ok(raw.wrap(&body.bytes));
        }
        let value = json::parse(&body.bytes, Limits::default()).map_err(|error| {
            let text = format!("the body cannot be read as JSON: {error}");
            Failure::with(StatusCode::BAD_REQUEST, vec![Issue::fatal(IssueCode::Structure, text)])
        })?;
        match value.get("resourceType").and_then(Value::as_str) {
            Some(found) if found == kind => Ok(value),
            Some(_) => {
                let issue =
                    Issue::error(IssueCode::Invalid, format!("the address wants a resource of type {kind}"));
                Err(Failure::with(StatusCode::BAD_REQUEST, vec![issue.at("resourceType")]))
            }
            None => Err(Failure::invalid(
                IssueCode::Structure,
                "the body must be a JSON object with a resourceType",
            )),
        }
    }
}

async fn bounded(api: &Api, headers: &HeaderMap, body: Body) -> Result<Bounded, Failure> {
    let identity = |value: &axum::http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(header::CONTENT_ENCODING).iter().all(identity) {
        return Err(unsupported("send the body without Content-Encoding"));
    }
    let announced = text(headers, header::CONTENT_LENGTH)?.and_then(|length| length.parse().ok());
    api.door.gate().room().read(body, announced).await
}

/// The one value of a header; 400 where it stands twice or is no text.
pub(crate) fn text(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Failure> {
    let bad = || {
        Failure::invalid(IssueCode::Invalid, format!("the header {name} must stand once and be plain text"))
    };
    let mut all = headers.get_all(&name).iter();
    let Some(first) = all.next() else { return Ok(None) };
    match (first.to_str(), all.next()) {
        (Ok(text), None) => Ok(Some(text)),
        _ => Err(bad()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Media {
    Json,
    Form,
    Other,
}

fn media(headers: &HeaderMap) -> Result<Media, Failure> {
    let Some(text) = text(headers, header::CONTENT_TYPE)? else { return Ok(Media::Other) };
    let mut parts = text.split(';').map(str::trim);
    let found = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "application/fhir+json" | "application/json" | "application/json+fhir" => Media::Json,
        "application/x-www-form-urlencoded" => Media::Form,
        _ => return Ok(Media::Other),
    };
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "charset" if !value.eq_ignore_ascii_case("utf-8") => {
                return Err(unsupported("send the body in UTF-8"));
            }
            "fhirversion" if !matches!(value, "4.0" | "4.0.1") => {
                return Err(unsupported("send FHIR version 4.0"));
            }
            _ => {}
        }
    }
    Ok(found)
}

fn unsupported(text: &'static str) -> Failure {
    Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, IssueCode::NotSupported, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(values: &[&[u8]]) -> Result<Media, u16> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_TYPE, HeaderValue::from_bytes(value).unwrap());
        }
        media(&headers).map_err(|failure| failure.status.as_u16())
    }

    #[test]
    fn fhir_json_is_known_by_its_names() {
        for text in
            ["application/fhir+json", "application/json; charset=UTF-8", "APPLICATION/JSON;charset=\"utf-8\""]
        {
            assert_eq!(of(&[text.as_bytes()]), Ok(Media::Json), "{text}");
        }
        assert_eq!(of(&[b"application/x-www-form-urlencoded"]), Ok(Media::Form));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert_eq!(of(&[]), Ok(Media::Other));
        assert_eq!(of(&[b"application/fhir+xml"]), Ok(Media::Other));
        assert_eq!(of(&[b"application/json; charset=latin1"]), Err(415));
        assert_eq!(of(&[b"application/fhir+json; fhirVersion=5.0"]), Err(415));
        assert_eq!(of(&[b"application/json\xff"]), Err(400));
        assert_eq!(of(&[b"application/json", b"text/html"]), Err(400));
    }
}
