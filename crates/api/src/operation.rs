//! Operations that there are not: default deny. Whoever is signed in is refused, and that is an entry in the audit log.

use crate::{Api, place};
use axum::{
    extract::State,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::Response,
};
use fhir::outcome::IssueCode;
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

/// `POST [type]/$…` and `POST [type]/[id]/$…`, where no other route is meant.
pub(crate) async fn unknown(
    State(api): State<Arc<Api>>,
    caller: Caller,
    method: Method,
    uri: Uri,
) -> Result<Response, Failure> {
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    if !name.starts_with('$') {
        let text = format!("this address does not have the method {method}; a search is POST _search");
        return Err(Failure::new(StatusCode::METHOD_NOT_ALLOWED, IssueCode::NotSupported, text)
            .header(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS")));
    }
    // What was asked for is no word of ours: it stands in no entry.
    api.door.run(caller, |record, act| record.refuse(act, "unknown operation", "$")).await?;
    Err(place::no_operation())
}
