//! Why something about signing in was not done. Each text says what the person can do, and none says who has an account.

use crate::password::{self, hash};
use std::error::Error as StdError;

/// Why it was not done. Nothing was changed but counters.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Identifier, password or code are not right: which of them is nobody's business.
    #[error("that did not match; check what you typed and try again")]
    Denied,
    /// Too many tries.
    #[error("there were too many tries; wait {seconds} seconds and try again")]
    Throttled {
        /// Until the next try.
        seconds: i64,
    },
    /// The password cannot be chosen.
    #[error(transparent)]
    Password(#[from] password::Fault),
    /// A field cannot be taken as it is.
    #[error("{text}")]
    Invalid {
        /// The field's name.
        field: &'static str,
        /// What to do.
        text: &'static str,
    },
    /// A role cannot be kept as it was written.
    #[error("the role cannot be kept: {0}")]
    Role(#[from] access::role::check::Fault),
    /// A link, a code or an attempt that was used, or has ended.
    #[error("this was used already, or has ended; start again")]
    Ended,
    /// Nobody has set the house up yet.
    #[error(
        "nobody can sign in before this server is set up; whoever runs it finds the address and a token where it was started"
    )]
    NotSetUp,
    /// The session may not do this.
    #[error("your role does not allow this")]
    Refused,
    /// The second factor was proven too long ago.
    #[error("confirm that it is you: enter a code of your second factor")]
    StepUp,
    /// It cannot be done here.
    #[error("{0}")]
    Unsupported(&'static str),
    /// Another server than ours did not do its part.
    #[error("{0}")]
    Outside(&'static str),
    /// Later it may go.
    #[error("{0}")]
    Busy(String),
    /// Our fault.
    #[error("an internal error: it was logged under the request id")]
    Fault(#[source] Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// The field of a form that it is about; empty where none is to blame.
    pub fn field(&self) -> &'static str {
        match self {
            Error::Invalid { field, .. } => field,
            Error::Role(fault) => fault.member(),
            Error::Password(_) => "password",
            _ => "",
        }
    }
}

impl From<store::error::Error> for Error {
    fn from(error: store::error::Error) -> Error {
        use store::error::Error as Below;
        match error {
            Below::Stale => Error::Busy("this was changed elsewhere at the same moment; try again".into()),
            Below::Busy | Below::Full => Error::Busy(error.to_string()),
            other => Error::Fault(Box::new(other)),
        }
    }
}

impl From<hash::Error> for Error {
    fn from(error: hash::Error) -> Error {
        match error {
            hash::Error::Busy => Error::Busy(error.to_string()),
            other => Error::Fault(Box::new(other)),
        }
    }
}
