//! [Binary](https://hl7.org/fhir/R4/binary.html#rest): its own content in and out, not wrapped in JSON.
//!
//! In the store it is a resource like others, with its content in base64.

use crate::content::text;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use fhir::{
    json::{self, Limits},
    outcome::IssueCode,
};
use serde_json::{Value, json};
use web::failure::Failure;

const X_SECURITY_CONTEXT: HeaderName = HeaderName::from_static("x-security-context");

/// What the headers say about a Binary's content.
pub(crate) struct Raw {
    content_type: String,
    security_context: Option<String>,
}

impl Raw {
    /// # Errors
    /// 400 where the headers are no text, or there is no content type to keep.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Raw, Failure> {
        let content_type =
            text(headers, header::CONTENT_TYPE)?.map(str::trim).filter(|text| !text.is_empty());
        let missing =
            || Failure::invalid(IssueCode::Required, "say what the content is: send a Content-Type");
        Ok(Raw {
            content_type: content_type.ok_or_else(missing)?.to_owned(),
            security_context: text(headers, X_SECURITY_CONTEXT)?.map(str::to_owned),
        })
    }

    /// The resource around that content.
    pub(crate) fn wrap(self, content: &[u8]) -> Value {
        let mut binary = json!({"resourceType": "Binary", "contentType": self.content_type});
        if let Some(reference) = self.security_context {
            binary["securityContext"] = json!({"reference": reference});
        }
        if !content.is_empty() {
            binary["data"] = Value::String(STANDARD.encode(content));
        }
        binary
    }
}

/// The content of a stored Binary as it is.
///
/// Somebody may have stored a page with scripts in it, so it is handed to browsers as a download that may do nothing.
///
/// # Errors
/// 500 where the resource is not what a Binary must be.
pub(crate) fn unwrap(body: &[u8]) -> Result<Response, Failure> {
    let broken = || Failure::fault("a stored Binary cannot be unwrapped");
    let binary = json::parse(body, Limits::default()).map_err(|_| broken())?;
    let encoded = binary.get("data").and_then(Value::as_str).unwrap_or_default();
    let packed: String = encoded.split_ascii_whitespace().collect();
    let content = STANDARD.decode(packed).map_err(|_| broken())?;
    let kind = binary.get("contentType").and_then(Value::as_str).unwrap_or_default();
    let kind = HeaderValue::from_str(kind).ok().filter(|kind| !kind.is_empty());
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(pairs: &[(HeaderName, &'static str)]) -> Result<Raw, Failure> {
        let pair =
            |(name, value): &(HeaderName, &'static str)| (name.clone(), HeaderValue::from_static(value));
        Raw::of(&pairs.iter().map(pair).collect())
    }

    #[test]
    fn content_comes_out_as_it_went_in() {
        let headers = [(header::CONTENT_TYPE, "image/png"), (X_SECURITY_CONTEXT, "Patient/a")];
        let binary = raw(&headers).unwrap().wrap(b"\x89PNG");
        assert_eq!(
            binary,
            json!({"resourceType": "Binary", "contentType": "image/png",
                "securityContext": {"reference": "Patient/a"}, "data": "iVBORw=="})
        );
        let response = unwrap(&json::render(&binary)).unwrap();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "image/png");
        assert_eq!(response.headers()[header::CONTENT_DISPOSITION], "attachment");
    }

    #[test]
    fn content_must_say_what_it_is() {
        assert!(raw(&[]).is_err());
        assert!(raw(&[(header::CONTENT_TYPE, " ")]).is_err());
    }

    #[test]
    fn what_is_no_base64_is_our_fault_and_not_shown() {
        let failure = unwrap(br#"{"resourceType":"Binary","data":"***"}"#).unwrap_err();
        assert_eq!(failure.status.as_u16(), 500);
    }
}
