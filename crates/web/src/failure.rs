//! How errors are said: the one mapping from the kernel's errors to a status and an
//! [OperationOutcome](https://hl7.org/fhir/R4/operationoutcome.html).
//!
//! A handler returns a [`Failure`]; the [gate](crate::gate) writes the body, because it knows the correlation id. A door
//! that shows pages takes the failure out of the response's extensions before and writes a page instead.

#[cfg(test)]
mod tests;

use crate::request_id::RequestId;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use fhir::outcome::{Issue, IssueCode, outcome};
use std::sync::Arc;

/// A request that was not done.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// What the client is told. At least one; never patient data.
    pub issues: Vec<Issue>,
    /// Headers that go with the status.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What the log is told beside it. Never patient data either.
    pub cause: Option<String>,
}

impl Failure {
    /// A failure with one issue of severity `error`.
    pub fn new(status: StatusCode, code: IssueCode, diagnostics: impl Into<String>) -> Failure {
        Failure::with(status, vec![Issue::error(code, diagnostics)])
    }

    /// A failure with its issues.
    pub fn with(status: StatusCode, issues: Vec<Issue>) -> Failure {
        Failure { status, issues, headers: Vec::new(), cause: None }
    }

    /// 400: the client can mend it.
    pub fn invalid(code: IssueCode, diagnostics: impl Into<String>) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, code, diagnostics)
    }

    /// 401: no token, or none that is valid.
    pub fn sign_in(diagnostics: &'static str, challenge: &'static str) -> Failure {
        Failure::new(StatusCode::UNAUTHORIZED, IssueCode::Login, diagnostics)
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// 503: later it may go.
    pub fn busy(diagnostics: impl Into<String>) -> Failure {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, IssueCode::Transient, diagnostics)
            .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// 500: our fault. `cause` goes to the log; the client gets nothing but the correlation id.
    pub fn fault(cause: impl Into<String>) -> Failure {
        let text = "something went wrong on our side and was logged; give the request id to whoever runs this server";
        let issue = Issue::fatal(IssueCode::Exception, text);
        Failure { cause: Some(cause.into()), ..Failure::with(StatusCode::INTERNAL_SERVER_ERROR, vec![issue]) }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Failure {
        self.headers.push((name, value));
        self
    }

    /// The OperationOutcome as JSON. The first issue's text ends with the correlation id.
    pub fn body(&self, id: &RequestId) -> Vec<u8> {
        let mut issues = self.issues.clone();
        match issues.first_mut() {
            Some(first) if first.diagnostics.is_empty() => first.diagnostics = format!("request id {id}"),
            Some(first) => first.diagnostics.push_str(&format!(" (request id {id})")),
            None => issues.push(Issue::error(IssueCode::Processing, format!("request id {id}"))),
        }
        fhir::json::render(&outcome(&issues))
    }
}

/// Status and texts are the kernel's own, so that an entry of a batch says the same as a request for itself.
impl From<record::error::Error> for Failure {
    fn from(error: record::error::Error) -> Failure {
        use record::error::Error as E;
        let status = StatusCode::from_u16(error.status().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let failure = Failure::with(status, error.issues());
        match error {
            E::Gone { version } => failure.header(header::ETAG, etag(version)),
            E::Busy(_) => failure.header(header::RETRY_AFTER, HeaderValue::from_static("1")),
            E::Fault(source) => Failure::fault(record::error::chain(source.as_ref())),
            _ => failure,
        }
    }
}

/// `W/"3"`
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("W/\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("W/\"0\""))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers.iter().cloned());
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
