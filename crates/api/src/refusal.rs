//! What the sign-in refuses, as an OperationOutcome.

use crate::parameters::invalid;
use axum::http::{HeaderValue, StatusCode, header};
use fhir::outcome::IssueCode;
use login::error::Error;
use web::failure::Failure;

/// The one mapping of this door.
pub(crate) fn of(error: Error) -> Failure {
    let text = error.to_string();
    match error {
        Error::Invalid { field, text } => invalid(field, text),
        Error::Role(_) => invalid("as-if-role", &text),
        Error::Unsupported(_) | Error::Password(_) => {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::NotSupported, text)
        }
        Error::Denied | Error::Refused | Error::NotSetUp | Error::StepUp => {
            Failure::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, text)
        }
        Error::Ended => Failure::new(StatusCode::NOT_FOUND, IssueCode::NotFound, text),
        Error::Throttled { seconds } => {
            let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, IssueCode::Throttled, text);
            match HeaderValue::from_str(&seconds.to_string()) {
                Ok(value) => failure.header(header::RETRY_AFTER, value),
                Err(_) => failure,
            }
        }
        Error::Outside(_) => Failure::new(StatusCode::BAD_GATEWAY, IssueCode::Transient, text),
        Error::Busy(_) => Failure::busy(text),
        Error::Fault(source) => Failure::fault(format!("sign-in: {source}")),
    }
}
