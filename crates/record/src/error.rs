//! The one error of the kernel. Each door maps it in one `match`.

use fhir::outcome::Issue;
use std::error::Error as StdError;

/// Why a use case did not happen. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request itself is malformed.
    #[error("the request is not well-formed")]
    Invalid(Vec<Issue>),
    /// The resource breaks the rules of FHIR.
    #[error("the resource breaks the rules of FHIR R4")]
    Unprocessable(Vec<Issue>),
    /// There is no such resource, or the actor may not know of it.
    #[error("there is no such resource")]
    NotFound,
    /// It was deleted.
    #[error("the resource was deleted; its history is still there")]
    Gone {
        /// The version that deleted it.
        version: i64,
    },
    /// The patient to whom it belonged was erased.
    #[error("the record was erased: nothing of it can be read any more, by anybody")]
    Erased,
    /// Somebody else changed it at the same time, again and again.
    #[error("{0}")]
    Conflict(String),
    /// A version or condition named in the request does not hold.
    #[error("{0}")]
    Precondition(String),
    /// A condition that must select one resource selects several.
    #[error("the condition matches several resources: make it narrower")]
    MultipleMatches,
    /// The actor may not. It is signed.
    #[error("your access does not allow this operation on this type of resource")]
    Refused,
    /// The database is busy or full; try again later.
    #[error("{0}")]
    Busy(String),
    /// Keepwell does not do this (yet).
    #[error("{0}")]
    Unsupported(String),
    /// It would take too long to answer.
    #[error("{0}")]
    TooCostly(String),
    /// Our fault.
    #[error("an internal error: it was logged under the request id")]
    Fault(#[source] Box<dyn StdError + Send + Sync>),
}

/// An error with all its sources on one line, for the log.
pub fn chain(error: &dyn StdError) -> String {
    store::error::chain(error)
}

impl From<store::error::Error> for Error {
    fn from(error: store::error::Error) -> Error {
        use store::error::Error as Below;
        match error {
            Below::Stale => {
                Error::Conflict("the record is being changed by others at the same time: try again".into())
            }
            Below::Refused => Error::Refused,
            Below::Erased | Below::Beside => Error::Conflict(error.to_string()),
            Below::Unreachable(_) => {
                Error::Busy("the database cannot be reached just now; try again in a moment".into())
            }
            Below::Busy | Below::Full | Below::Served => Error::Busy(error.to_string()),
            other => Error::Fault(Box::new(other)),
        }
    }
}
