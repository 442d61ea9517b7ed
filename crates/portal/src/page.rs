//! A page with one form, and what every page is sent with.

use crate::{
    passkey::{Ask, INTEGRITY},
    view::Frame,
    words::Words,
};
use askama::Template;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use login::error::Error;
use web::{failure::Failure, form::Form};

/// As below, and our script runs and asks us.
const POLICY_WITH_SCRIPT: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; \
     img-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Nothing is loaded but our stylesheet, our mark and what an app of it is called, nothing runs, nobody frames us, and forms go to us alone.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; manifest-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// The policy of a page whose form is answered by a step to an app's address: some browsers ask the policy for that step too.
pub(crate) fn policy_with_answers_to(source: &str) -> String {
    POLICY.replace("form-action 'self'", &format!("form-action 'self' {source}"))
}

/// With `no-referrer`, browsers would send our own forms without their origin.
const REFERRER: &str = "same-origin";

const STYLESHEET: &str = include_str!("../assets/portal.css");

/// `GET /assets/portal.css`
pub(crate) async fn stylesheet() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, STYLESHEET).into_response()
}

/// A page with one form.
#[derive(Template, Default)]
#[template(path = "form.html")]
pub(crate) struct FormPage {
    /// What its frame says around it; set as it is shown.
    pub(crate) w: Words,
    pub(crate) title: String,
    /// Paragraphs before the form.
    pub(crate) lead: Vec<String>,
    /// What went wrong, where no field is to blame.
    pub(crate) error: String,
    /// A QR code, as SVG that we made.
    pub(crate) qr: String,
    /// What to type where the QR code cannot be read.
    pub(crate) secret: String,
    pub(crate) action: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) button: String,
    /// What a form of a session carries; empty where nobody is signed in.
    pub(crate) token: String,
    /// Other ways to go on: address and words.
    pub(crate) links: Vec<(String, String)>,
    /// Other ways to sign in: address and words.
    pub(crate) ways: Vec<(String, String)>,
    /// A form that the script for passkeys shows.
    pub(crate) passkey: Option<Ask>,
    /// A second form without fields: address and button.
    pub(crate) other: Option<(String, String)>,
}

/// A field with its label.
#[derive(Clone, Default)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    /// The type of the `input`: `text`, `email`, `password`, `checkbox`; or `textarea`.
    pub(crate) kind: &'static str,
    pub(crate) autocomplete: &'static str,
    pub(crate) hint: String,
    pub(crate) value: String,
    pub(crate) error: String,
    /// Whether it may stay empty.
    pub(crate) optional: bool,
}

impl Field {
    pub(crate) fn new(
        name: &'static str,
        label: impl Into<String>,
        kind: &'static str,
        autocomplete: &'static str,
    ) -> Field {
        Field { name, label: label.into(), kind, autocomplete, ..Field::default() }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Field {
        Field { hint: hint.into(), ..self }
    }

    pub(crate) fn optional(self) -> Field {
        Field { optional: true, ..self }
    }

    /// The code of an app, or one that was sent.
    pub(crate) fn code(label: impl Into<String>) -> Field {
        Field::new("code", label, "text", "one-time-code")
    }

    fn is_numeric(&self) -> bool {
        self.autocomplete == "one-time-code"
    }

    fn is_checkbox(&self) -> bool {
        self.kind == "checkbox"
    }

    fn is_checked(&self) -> bool {
        !self.value.is_empty()
    }

    /// What the field is described by, for those who hear the page.
    fn described(&self) -> String {
        let parts = [("hint", !self.hint.is_empty()), ("error", !self.error.is_empty())];
        let there = parts.iter().filter(|(_, there)| *there).map(|(part, _)| format!("{}-{part}", self.name));
        there.collect::<Vec<_>>().join(" ")
    }
}

impl FormPage {
    /// Puts what was typed back into the fields, but never a password or a code.
    pub(crate) fn typed(mut self, form: &Form) -> FormPage {
        for field in self.fields.iter_mut().filter(|f| f.kind != "password" && !f.is_numeric()) {
            field.value = form.get(field.name).to_owned();
        }
        self
    }

    pub(crate) fn show(self, frame: &Frame<'_>) -> Response {
        self.render(frame, StatusCode::OK)
    }

    fn render(self, frame: &Frame<'_>, status: StatusCode) -> Response {
        let page = FormPage { w: frame.view.words, ..self };
        let response = frame.show(status, &page.title, &page);
        if page.passkey.is_some() { with_script(response) } else { response }
    }

    /// The form alone, to stand in another page.
    pub(crate) fn render_inside(&self) -> Result<String, Failure> {
        Template::render(self).map_err(|_| Failure::fault("a form could not be made"))
    }

    fn integrity(&self) -> &'static str {
        INTEGRITY
    }

    /// The page again, with that error at that field.
    pub(crate) fn wrong(mut self, frame: &Frame<'_>, name: &str, text: String) -> Response {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.error = text;
        }
        self.render(frame, StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// The page again, with what went wrong at the field that it is about. What no form can mend is a failure.
    pub(crate) fn again(mut self, frame: &Frame<'_>, error: Error) -> Result<Response, Failure> {
        let text = frame.view.words.error(&error);
        let (status, blamed) = match &error {
            Error::Invalid { field, .. } => (StatusCode::UNPROCESSABLE_ENTITY, *field),
            Error::Password(_) => (StatusCode::UNPROCESSABLE_ENTITY, "password"),
            Error::Denied => (StatusCode::UNPROCESSABLE_ENTITY, ""),
            Error::Outside(_) => (StatusCode::BAD_GATEWAY, ""),
            Error::Throttled { .. } => (StatusCode::TOO_MANY_REQUESTS, ""),
            _ => return Err(crate::failure::of(error)),
        };
        match self.fields.iter_mut().find(|field| field.name == blamed) {
            Some(field) => field.error = text,
            None => self.error = text,
        }
        let mut response = self.render(frame, status);
        if let Error::Throttled { seconds } = error
            && let Ok(value) = HeaderValue::from_str(&seconds.to_string())
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        Ok(response)
    }
}

/// A whole page with its headers, as [`Frame::show`] makes it.
pub(crate) fn render(status: StatusCode, page: &impl Template) -> Response {
    let Ok(text) = page.render() else {
        return Failure::fault("a page could not be made").into_response();
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    dress(&mut response);
    response
}

/// A page on which the script for passkeys runs.
pub(crate) fn with_script(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(POLICY_WITH_SCRIPT);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// Allows what a page of our own shows in small beside what it already allows: pictures that stand in it.
pub(crate) fn with_pictures(mut response: Response) -> Response {
    let policy =
        response.headers().get(header::CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok());
    let wider = policy.unwrap_or(POLICY).replace("img-src 'self'", "img-src 'self' data:");
    if let Ok(policy) = HeaderValue::from_str(&wider) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn dress(response: &mut Response) {
    let all: [(HeaderName, &'static str); 3] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, REFERRER),
    ];
    for (name, value) in all {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

/// Goes on at another address, which is ours.
pub(crate) fn go(to: &str, cookies: Vec<HeaderValue>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/")));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(REFERRER));
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}
