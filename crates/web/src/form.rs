//! Forms that browsers send to our pages. Reading one asks first whether a page of ours sent it, so no handler can forget that; and one
//! with files in it is read only from somebody who is signed in, because it may be long.

use crate::{
    body::Bounded,
    door::Door,
    failure::Failure,
    guest::Guest,
    multipart::{self, Sent},
};
use axum::{
    body::Body,
    extract::{FromRef, FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use fhir::outcome::IssueCode;
use login::realm::Realm;
use std::sync::Arc;

/// The longest form.
const LONGEST: usize = 64 << 10;

/// The longest form that somebody writes at length: a letter of which is nine bytes on its way, in some scripts.
const LONGEST_TEXT: usize = 4 << 20;

/// The most fields.
const FIELDS: usize = 64;

/// A form's fields, in their order, and its files.
#[derive(Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    files: Vec<Sent>,
    /// What the files lie in: as long as they are held, they count as room that is taken.
    _body: Option<Arc<Bounded>>,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Form {
    /// The field of that name; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All fields, in their order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The files that came in the field of that name, in their order.
    pub fn files(&self, field: &str) -> Vec<&Sent> {
        self.files.iter().filter(|file| file.field == field).collect()
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
        (fields.len() <= FIELDS).then_some(Form { fields, ..Form::default() })
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
        if let Some(boundary) = kind.and_then(multipart::boundary) {
            return with_files(door, request, &boundary).await;
        }
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
            return Err(too_long("the form is too long"));
        }
        Form::parse(&body.bytes).ok_or_else(unreadable)
    }
}

fn too_long(text: &'static str) -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, IssueCode::TooLong, text)
}

fn unreadable() -> Failure {
    Failure::invalid(IssueCode::Structure, "the form cannot be read")
}

async fn with_files(door: &Door, request: Request<Body>, boundary: &str) -> Result<Form, Failure> {
    let (mut parts, body) = request.into_parts();
    let guest = Guest::of(&mut parts, door)?;
    if !is_signed_in(door, guest).await? {
        let text = "sign in first, then send the files";
        return Err(Failure::new(StatusCode::UNAUTHORIZED, IssueCode::Login, text));
    }
    let Some(body) = door.gate().room().read_or_drain(body).await? else {
        return Err(too_long(
            "the files are longer than 30 megabytes together, and nothing was kept; send fewer at once, or a smaller picture",
        ));
    };
    let read = multipart::parse(body.bytes.clone(), boundary, FIELDS).await;
    let (fields, files) = read.ok_or_else(unreadable)?;
    if fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > LONGEST {
        return Err(too_long("the form is too long"));
    }
    Ok(Form { fields, files, _body: Some(Arc::new(body)) })
}

async fn is_signed_in(door: &Door, guest: Guest) -> Result<bool, Failure> {
    let tokens: Vec<(Realm, String)> =
        Realm::ALL.into_iter().filter_map(|realm| Some((realm, guest.session(realm)?.to_owned()))).collect();
    door.login(move |login| {
        for (realm, token) in tokens {
            let who = login.who(realm, &token, &guest.visit);
            if who.map_err(|error| Failure::fault(format!("a session: {error}")))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    })
    .await
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
