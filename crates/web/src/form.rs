//! Forms that browsers send to our pages. Reading one asks first whether a page of ours sent it, so no handler can forget that.

use crate::{door::Door, failure::Failure};
use axum::{
    body::Body,
    extract::{FromRef, FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use fhir::outcome::IssueCode;
use std::sync::Arc;

/// The longest form.
const LONGEST: usize = 64 << 10;

/// The longest form that somebody writes at length: a letter of which is nine bytes on its way, in some scripts.
const LONGEST_TEXT: usize = 4 << 20;

/// The most fields.
const FIELDS: usize = 64;

/// A form's fields, in their order.
#[derive(Clone, Default)]
pub struct Form(Vec<(String, String)>);

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Form {
    /// The field of that name; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All fields, in their order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    /// Reads `a=1&b=2`, percent-encoded UTF-8.
    ///
    /// ```
    /// let form = web::form::Form::parse(b"name=Asha+R%C3%A1o&x").unwrap();
    /// assert_eq!((form.get("name"), form.get("x"), form.get("y")), ("Asha R\u{e1}o", "", ""));
    /// assert!(web::form::Form::parse(b"a=%ff").is_none());
    /// ```
    pub fn parse(bytes: &[u8]) -> Option<Form> {
        let text = std::str::from_utf8(bytes).ok()?;
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        };
        let fields: Vec<_> = pairs.map(pair).collect::<Option<_>>()?;
        (fields.len() <= FIELDS).then_some(Form(fields))
    }
}

fn decoded(text: &str) -> Option<String> {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        match first {
            b'+' => out.push(b' '),
            b'%' => {
                let (digits, more) = more.split_at_checked(2)?;
                let digits =
                    std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                rest = more;
            }
            byte => out.push(*byte),
        }
    }
    String::from_utf8(out).ok()
}

/// A form that somebody writes at length, such as a note.
#[derive(Clone, Debug, Default)]
pub struct Text(pub Form);

impl<S> FromRequest<S> for Form
where
    S: Send + Sync,
    Arc<Door>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Form, Failure> {
        Form::read(request, &Arc::<Door>::from_ref(state), LONGEST).await
    }
}

impl<S> FromRequest<S> for Text
where
    S: Send + Sync,
    Arc<Door>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request(request: Request<Body>, state: &S) -> Result<Text, Failure> {
        Form::read(request, &Arc::<Door>::from_ref(state), LONGEST_TEXT).await.map(Text)
    }
}

impl Form {
    async fn read(request: Request<Body>, door: &Door, longest: usize) -> Result<Form, Failure> {
        if !is_ours(request.headers(), door.origin()) {
            let text =
                "this form was not sent from a page of this server; open the page here and send it again";
            return Err(Failure::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, text));
        }
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        if kind.as_deref() != Some("application/x-www-form-urlencoded") {
            return Err(Failure::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                IssueCode::NotSupported,
                "send a form",
            ));
        }
        let body = door.gate().room().read(request.into_body(), None).await?;
        if body.bytes.len() > longest {
            return Err(Failure::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                IssueCode::TooLong,
                "the form is too long",
            ));
        }
        Form::parse(&body.bytes)
            .ok_or_else(|| Failure::invalid(IssueCode::Structure, "the form cannot be read"))
    }
}

/// Whether a browser says that a page of ours sent it: by `Sec-Fetch-Site`, or where it does not know that, by `Origin`.
/// Whoever says neither is no browser that we know.
fn is_ours(headers: &HeaderMap, origin: &str) -> bool {
    let read = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (read("sec-fetch-site"), read("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(sent)) => sent.eq_ignore_ascii_case(origin),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_form_of_another_site_is_none_of_ours() {
        let ours = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| {
                (header::HeaderName::from_static(name), HeaderValue::from_static(value))
            });
            is_ours(&headers.collect(), "https://here.example")
        };
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:8080")]));
        assert!(ours(&[("origin", "https://HERE.example")]));
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!ours(&[("sec-fetch-site", site), ("origin", "https://here.example")]), "{site}");
        }
        for origin in
            ["https://evil.example", "null", "", "http://here.example", "https://here.example.evil.example"]
        {
            assert!(!ours(&[("origin", origin)]), "{origin}");
        }
        assert!(!ours(&[]));
    }

    #[test]
    fn a_form_that_is_none_is_refused() {
        for bad in [&b"a=%"[..], b"a=%1", b"a=%zz", b"a=%+1", b"\xff", b"%ff=1"] {
            assert!(Form::parse(bad).is_none(), "{bad:?}");
        }
        assert!(Form::parse("a=1&".repeat(65).as_bytes()).is_none());
    }
}
