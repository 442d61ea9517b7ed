//! What could not be done, as a page. The gate still logs it, under the id that the page shows.

use crate::{view::View, words::Words};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use fhir::outcome::IssueCode;
use login::{error::Error, realm::Realm};
use std::sync::Arc;
use web::{door::Door, failure::Failure, request_id::RequestId};

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    w: Words,
    title: String,
    text: String,
    request: String,
    /// The realm at whose door it was.
    realm: Option<&'static str>,
}

/// What came of a change that builds on one version; `None` where somebody else was before.
pub(crate) fn unless_changed<T>(outcome: Result<T, record::error::Error>) -> Result<Option<T>, Failure> {
    match outcome {
        Err(record::error::Error::Precondition(_)) => Ok(None),
        outcome => Ok(Some(outcome?)),
    }
}

/// What is told instead of a page.
pub(crate) enum Answer {
    Failure(Failure),
    Response(Box<Response>),
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Answer {
        Answer::Failure(failure)
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Answer {
        Answer::Response(Box::new(response))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Answer::Failure(failure) => failure.into_response(),
            Answer::Response(response) => *response,
        }
    }
}

/// The failure that an error of the sign-in is, where no form shows it.
pub(crate) fn of(error: Error) -> Failure {
    let text = error.to_string();
    match error {
        Error::Denied
        | Error::Invalid { .. }
        | Error::Password(_)
        | Error::Role(_)
        | Error::Unsupported(_) => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, IssueCode::Invalid, text),
        Error::Throttled { .. } => Failure::new(StatusCode::TOO_MANY_REQUESTS, IssueCode::Throttled, text),
        Error::Ended => Failure::new(StatusCode::GONE, IssueCode::Expired, text),
        Error::NotSetUp | Error::Refused | Error::StepUp => {
            Failure::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, text)
        }
        Error::Outside(_) => Failure::new(StatusCode::BAD_GATEWAY, IssueCode::Transient, text),
        Error::Busy(_) => Failure::busy(text),
        Error::Fault(source) => Failure::fault(format!("sign-in: {source}")),
    }
}

/// 404 for an address that leads nowhere.
pub(crate) fn nowhere() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, IssueCode::NotFound, "there is no such page here")
}

/// Turns failures into pages.
pub(crate) async fn as_pages(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let (mut parts, body) = request.into_parts();
    let view = View::from_request_parts(&mut parts, &door).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    let Ok(view) = view else { return response };
    let Some(failure) = response.extensions().get::<Arc<Failure>>().cloned() else { return response };
    let text = failure.issues.first().map(|issue| issue.diagnostics.clone()).unwrap_or_default();
    let w = view.words;
    let title = w.say(match failure.status {
        StatusCode::NOT_FOUND => "failed-not-found",
        StatusCode::GONE => "failed-ended",
        StatusCode::FORBIDDEN => "failed-closed",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => "failed-busy",
        status if status.is_server_error() => "failed-fault",
        _ => "failed",
    });
    let realm = view.path.split('/').nth(1).and_then(Realm::named);
    let page = FailurePage { w, text: w.told(&text), request: id, realm: realm.map(Realm::name), title };
    let mut page = view.outside(realm).show(failure.status, &page.title, &page);
    page.headers_mut().extend(failure.headers.iter().cloned());
    page.extensions_mut().insert(failure);
    page
}
