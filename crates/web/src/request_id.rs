//! The correlation id: one name for a request in the response, the log, the audit entry and what the user is shown.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::{fmt, sync::Arc};

/// The header that carries it, in and out.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// 1 to 64 letters, digits and dashes, so that it may stand in any header, log line or text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Reads one; `None` for any other text.
    ///
    /// ```
    /// use web::request_id::RequestId;
    ///
    /// assert_eq!(RequestId::parse("4f-1").unwrap().to_string(), "4f-1");
    /// assert!(RequestId::parse("a\nb").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<RequestId> {
        let is_id =
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_id.then(|| RequestId(text.into()))
    }

    /// The one the client sent, if it sent exactly one that is well-formed.
    pub fn sent(headers: &HeaderMap) -> Option<RequestId> {
        let mut all = headers.get_all(X_REQUEST_ID).iter();
        let first = all.next()?.to_str().ok()?;
        if all.next().is_some() { None } else { RequestId::parse(first) }
    }

    /// For a request whose id could not be made.
    pub(crate) fn none() -> RequestId {
        RequestId("none".into())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a header's value.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_well_formed_id_is_taken_over() {
        let sent = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(X_REQUEST_ID, HeaderValue::from_str(value).unwrap());
            }
            RequestId::sent(&headers)
        };
        assert_eq!(sent(&["Abc-9"]).unwrap().as_str(), "Abc-9");
        let long = "a".repeat(65);
        for bad in [&[][..], &[""], &["a b"], &["<script>"], &["a", "b"], &[&long]] {
            assert_eq!(sent(bad), None, "{bad:?}");
        }
    }
}
