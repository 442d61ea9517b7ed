//! Why an app did not get what it asked for, in the words of the OAuth specifications.
//! <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>, <https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2>

use crate::error::Error as Below;

/// An error code that a program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Something is missing, doubled or malformed.
    InvalidRequest,
    /// The client is unknown, not approved, or did not prove who it is.
    InvalidClient,
    /// A code or a refresh token that is not good, or not any more.
    InvalidGrant,
    /// The client may not do this.
    UnauthorizedClient,
    /// A kind of grant that there is not here.
    UnsupportedGrantType,
    /// A kind of response that there is not here.
    UnsupportedResponseType,
    /// Nothing of what was asked for can be given.
    InvalidScope,
    /// The person said no.
    AccessDenied,
    /// The person must be asked, and the app does not want that.
    InteractionRequired,
    /// A redirect address that cannot be registered.
    InvalidRedirectUri,
    /// A registration that cannot be taken.
    InvalidClientMetadata,
    /// Later it may go.
    TemporarilyUnavailable,
    /// Our fault.
    ServerError,
}

impl Code {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Code::InvalidRequest => "invalid_request",
            Code::InvalidClient => "invalid_client",
            Code::InvalidGrant => "invalid_grant",
            Code::UnauthorizedClient => "unauthorized_client",
            Code::UnsupportedGrantType => "unsupported_grant_type",
            Code::UnsupportedResponseType => "unsupported_response_type",
            Code::InvalidScope => "invalid_scope",
            Code::AccessDenied => "access_denied",
            Code::InteractionRequired => "interaction_required",
            Code::InvalidRedirectUri => "invalid_redirect_uri",
            Code::InvalidClientMetadata => "invalid_client_metadata",
            Code::TemporarilyUnavailable => "temporarily_unavailable",
            Code::ServerError => "server_error",
        }
    }
}

/// An error code with what the client can do. Never a value that was sent.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct OauthError {
    /// For the program.
    pub code: Code,
    /// For whoever wrote it: printable ASCII, as the specification wants it.
    pub text: String,
    /// For the log, where it is our fault.
    pub cause: Option<String>,
}

impl OauthError {
    /// One with its text.
    pub fn new(code: Code, text: impl Into<String>) -> OauthError {
        OauthError { code, text: text.into(), cause: None }
    }

    pub(crate) fn request(text: impl Into<String>) -> OauthError {
        OauthError::new(Code::InvalidRequest, text)
    }

    /// Which of all the things that a client may have got wrong is told, because it proved nothing yet and learns nothing of
    /// others by it.
    pub(crate) fn client(text: impl Into<String>) -> OauthError {
        OauthError::new(Code::InvalidClient, text)
    }

    pub(crate) fn grant(text: impl Into<String>) -> OauthError {
        OauthError::new(Code::InvalidGrant, text)
    }
}

impl From<Below> for OauthError {
    fn from(error: Below) -> OauthError {
        match error {
            Below::Busy(_) | Below::Throttled { .. } => {
                OauthError::new(Code::TemporarilyUnavailable, error.to_string())
            }
            Below::Fault(source) => {
                let text = "an internal error: it was logged under the request id";
                OauthError { cause: Some(source.to_string()), ..OauthError::new(Code::ServerError, text) }
            }
            other => OauthError::request(other.to_string()),
        }
    }
}

impl From<store::error::Error> for OauthError {
    fn from(error: store::error::Error) -> OauthError {
        Below::from(error).into()
    }
}
