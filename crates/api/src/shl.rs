//! [SMART Health Links](https://hl7.org/fhir/uv/smart-health-cards-and-links/STU1/links-specification.html): what programs ask for that have
//! read a patient's QR code. They bring the link, and the PIN that travels apart from it; they get files that are sealed with a key that
//! stands in the QR code.
//!
//! Any page may call this, as the specification wants: it takes no cookies, and without the link there is nothing.

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::from_fn,
    response::Response,
    routing::{get, post},
};
use care::{
    chart::Chart,
    patient_summary::{self, Extent},
};
use fhir::json::{self, Limits};
use login::{
    Login,
    error::Error,
    link::{Closed, Opening, Opens},
};
use record::Record;
use serde_json::{Value, json};
use std::sync::Arc;
use web::{
    door::Door,
    failure::Failure,
    guest::Guest,
    route::{Needs, Route},
};

/// The longest request.
const LONGEST: usize = 8 << 10;

/// What a request may hold.
const LIMITS: Limits = Limits { depth: 4, values: 64 };

/// All of them.
pub const TABLE: &[Route] = &[
    Route {
        method: "POST",
        template: "/shl/{token}",
        operation: "files of a health link",
        needs: Needs::Link,
    },
    Route {
        method: "GET",
        template: "/shl/{token}/{ticket}",
        operation: "a file of a health link",
        needs: Needs::Link,
    },
];

/// The router of [`TABLE`], to be put behind a [`web::gate::Gate`]. The door must have a sign-in.
pub fn router(door: Arc<Door>) -> Router {
    let router =
        Router::new().route("/shl/{token}", post(manifest)).route("/shl/{token}/{ticket}", get(file));
    router.with_state(door).layer(from_fn(web::cross_origin::allow))
}

/// What a program asks for.
#[derive(Default, PartialEq, Eq)]
pub struct Asked {
    /// Who it says that it is; nobody has checked that.
    pub recipient: String,
    /// The PIN; empty where there is none.
    pub passcode: String,
    /// How many characters may be embedded.
    pub embedded_most: Option<u64>,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// Reads a manifest request.
///
/// # Errors
/// What is wrong with it, and what to send.
pub fn asked(bytes: &[u8]) -> Result<Asked, &'static str> {
    if bytes.len() > LONGEST {
        return Err("the request is too long");
    }
    let value =
        json::parse(bytes, LIMITS).map_err(|_| "send a JSON object with `recipient` and `passcode`")?;
    let text = |name: &str| match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err("`recipient` and `passcode` are strings"),
    };
    let embedded_most = match value.get("embeddedLengthMax") {
        None | Some(Value::Null) => None,
        Some(most) => Some(most.as_u64().ok_or("`embeddedLengthMax` is a whole number of characters")?),
    };
    let recipient = text("recipient")?.filter(|name| !name.trim().is_empty());
    let recipient = recipient.ok_or("say in `recipient` who asks: the patient reads it")?;
    Ok(Asked { recipient, passcode: text("passcode")?.unwrap_or_default(), embedded_most })
}

/// `POST /shl/{token}`
async fn manifest(
    State(door): State<Arc<Door>>,
    guest: Guest,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    if !is_json(request.headers()) {
        return Ok(said(StatusCode::BAD_REQUEST, &json!({"error": "send the request as application/json"})));
    }
    let body = door.gate().room().read(request.into_body(), None).await?;
    let asked = match asked(&body.bytes) {
        Ok(asked) => asked,
        Err(error) => return Ok(said(StatusCode::BAD_REQUEST, &json!({"error": error}))),
    };
    let origin = door.origin().to_owned();
    let done = door.pages(move |login, record| {
        let opened = login.open_link(&token, &asked.passcode, (&asked.recipient, false), &guest.visit);
        let opening = match opened {
            Ok(opening) => opening,
            Err(closed) => return closed_as(closed),
        };
        let sealed = sealed(record, &opening)?;
        let mut entry = json!({
            "contentType": "application/fhir+json",
            "fhirVersion": "4.0.1",
            "status": "can-change",
            "lastUpdated": guest.visit.now.to_string(),
        });
        if asked.embedded_most.is_some_and(|most| sealed.len() as u64 > most) {
            entry["location"] = format!("{origin}/shl/{token}/{}", opening.ticket).into();
        } else {
            entry["embedded"] = sealed.into();
        }
        Ok(said(StatusCode::OK, &json!({"files": [entry]})))
    });
    done.await
}

/// `GET /shl/{token}/{ticket}`: for half an hour after the manifest.
async fn file(
    State(door): State<Arc<Door>>,
    guest: Guest,
    Path((token, ticket)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let done =
        door.pages(move |login: &Login, record| match login.go_on(&token, &ticket, false, &guest.visit) {
            Ok(opening) => Ok(answered(StatusCode::OK, "application/jose", sealed(record, &opening)?)),
            Err(closed) => closed_as(closed),
        });
    done.await
}

/// The patient's summary as far as the link reaches, sealed. The look is in the log.
fn sealed(record: &Record, opening: &Opening) -> Result<String, Failure> {
    let (act, link) = (&opening.act, &opening.link);
    let chart = Chart::open(record, act, &link.patient, &patient_summary::TYPES, "health link")?;
    let extent = match link.opens {
        Opens::Card => Extent::Summary,
        Opens::Share => Extent::Everything,
    };
    let document = json::render(&patient_summary::document(&chart, extent, act.at));
    opening
        .sealed("application/fhir+json", &document)
        .map_err(|error| Failure::fault(format!("a link: {error}")))
}

fn closed_as(closed: Closed) -> Result<Response, Failure> {
    match closed {
        Closed::Gone => {
            let error =
                "there is no such link: it has ended, was stopped, or never was; ask the patient for another";
            Ok(said(StatusCode::NOT_FOUND, &json!({"error": error})))
        }
        Closed::Pin { left } => Ok(said(StatusCode::UNAUTHORIZED, &json!({"remainingAttempts": left}))),
        Closed::Error(Error::Throttled { seconds }) => {
            let error = "this link is asked for too often; wait and try again";
            let mut response = said(StatusCode::TOO_MANY_REQUESTS, &json!({"error": error}));
            if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            Ok(response)
        }
        Closed::Error(Error::Busy(text)) => Err(Failure::busy(text)),
        Closed::Error(error) => Err(Failure::fault(format!("a link: {error:?}"))),
    }
}

fn said(status: StatusCode, value: &Value) -> Response {
    answered(status, "application/json", value.to_string())
}

fn answered(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Passcode realm=\"keepwell\""));
    }
    response
}

fn is_json(headers: &HeaderMap) -> bool {
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sent.split(';').next().is_some_and(|sent| sent.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_within_bounds() {
        let read = asked(
            br#"{"recipient": "City Hospital", "passcode": "123", "embeddedLengthMax": 10, "other": [1]}"#,
        );
        let whole =
            Asked { recipient: "City Hospital".into(), passcode: "123".into(), embedded_most: Some(10) };
        assert_eq!(read, Ok(whole));
        assert_eq!(asked(br#"{"recipient": "x"}"#).map(|asked| asked.passcode), Ok(String::new()));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"recipient": " "}"#,
            r#"{"recipient": 7}"#,
            r#"{"recipient": "x", "passcode": 123456}"#,
            r#"{"recipient": "x", "embeddedLengthMax": -1}"#,
            r#"{"recipient": "x", "recipient": "y"}"#,
            r#"{"recipient": "x", "a": [[[[[1]]]]]}"#,
        ] {
            assert!(asked(bad.as_bytes()).is_err(), "{bad}");
        }
        let long = format!(r#"{{"recipient": "{}"}}"#, "x".repeat(LONGEST));
        assert!(asked(long.as_bytes()).is_err());
    }
}
