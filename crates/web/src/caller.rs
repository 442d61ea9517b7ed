//! Who is calling: the bearer token of a request, before anyone has looked whether it is valid.

use crate::{failure::Failure, request_id::RequestId};
use access::{
    act::{Actor, Purpose},
    grant::Whose,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use jiff::Timestamp;
use std::fmt;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN: usize = 256;

/// A request's token and correlation id. Extracting it fails with 401 where no token stands; whether the token is valid is
/// asked by the [`Door`](crate::door::Door), which alone leads into the kernel.
///
/// See [RFC 6750](https://www.rfc-editor.org/rfc/rfc6750#section-2.1). Tokens in a URL or a form are not taken.
#[derive(Clone)]
pub struct Caller {
    pub(crate) token: String,
    pub(crate) request: RequestId,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sealed, request {}", self.request)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Failure> {
        let token = token(&parts.headers)?.to_owned();
        let request = parts.extensions.get::<RequestId>().cloned();
        let request = request.ok_or_else(|| Failure::fault("a route stands outside the gate"))?;
        Ok(Caller { token, request })
    }
}

fn token(headers: &HeaderMap) -> Result<&str, Failure> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = all.next() else {
        return Err(Failure::sign_in("send a token: `Authorization: Bearer …`", "Bearer realm=\"keepwell\""));
    };
    let read = |text: &'_ str| -> Option<usize> {
        let (scheme, token) = text.split_once(' ')?;
        let is_token = token.starts_with("kw_") && token.bytes().all(|b| b.is_ascii_graphic());
        (scheme.eq_ignore_ascii_case("bearer") && is_token && token.len() <= MAX_TOKEN)
            .then_some(scheme.len() + 1)
    };
    let text = first.to_str().unwrap_or_default();
    match (read(text), all.next()) {
        (Some(at), None) => Ok(&text[at..]),
        _ => Err(invalid_token()),
    }
}

/// 401 for a token that is malformed, unknown, revoked or run out: which of them is nobody's business.
pub(crate) fn invalid_token() -> Failure {
    Failure::sign_in(
        "the token is not valid here; ask whoever runs this server for a new one",
        "Bearer realm=\"keepwell\", error=\"invalid_token\"",
    )
}

/// Why an actor acts, where nothing else says so.
pub(crate) fn purpose(actor: &Actor, at: Timestamp) -> Purpose {
    let glass = actor.standing.as_ref().and_then(|standing| Whose::glass(standing, at.as_microsecond()));
    match (glass, access::role::built_in(&actor.role)) {
        (Some(_), _) => Purpose::Etreat,
        (None, Some(role)) => role.purpose,
        (None, None) if actor.role == "operator" => Purpose::Sysadmin,
        (None, None) => Purpose::Treat,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read(values: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        token(&headers).ok().map(str::to_owned)
    }

    #[test]
    fn one_bearer_token_is_read() {
        assert_eq!(read(&[b"Bearer kw_a"]).as_deref(), Some("kw_a"));
        assert_eq!(read(&[b"bearer kw_a"]).as_deref(), Some("kw_a"));
    }

    #[test]
    fn anything_else_is_no_sign_in() {
        let long = format!("Bearer kw_{}", "a".repeat(300));
        let all: [&[&[u8]]; 10] = [
            &[],
            &[b""],
            &[b"Bearer"],
            &[b"Bearer "],
            &[b"Basic kw_a"],
            &[b"Bearer a"],
            &[b"Bearer kw_a b"],
            &[b"Bearer kw_\xff"],
            &[b"Bearer kw_a", b"Bearer kw_a"],
            &[long.as_bytes()],
        ];
        for bad in all {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
