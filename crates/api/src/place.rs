//! What a path names: type, id, version, and the type inside a compartment.

use crate::Api;
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{StatusCode, request::Parts},
};
use fhir::{outcome::IssueCode, reference};
use std::sync::Arc;
use web::failure::Failure;

/// The named parts of a path, all well-formed; the types among them exist in R4.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// The resource type.
    pub(crate) kind: String,
    /// The logical id; empty where the path has none.
    pub(crate) id: String,
    /// The version; 0 where the path has none.
    pub(crate) version: i64,
    /// The type searched inside the compartment of `kind/id`.
    pub(crate) member: Option<String>,
}

impl FromRequestParts<Arc<Api>> for Place {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Place, Failure> {
        let params = RawPathParams::from_request_parts(parts, api).await;
        let params = params
            .map_err(|_| Failure::invalid(IssueCode::Invalid, "the path is not percent-encoded UTF-8"))?;
        let mut place = Place::default();
        for (name, text) in &params {
            match name {
                "type" => place.kind = known_type(api, text)?,
                "id" => place.id = id(text)?,
                "version" => place.version = version(text)?,
                "member" => place.member = Some(known_type(api, text)?),
                _ => {}
            }
        }
        Ok(place)
    }
}

fn known_type(api: &Api, text: &str) -> Result<String, Failure> {
    if api.types.contains(text) {
        return Ok(text.to_owned());
    }
    Err(match text {
        "*" => not_supported("search over all types of a compartment is not supported: name one type"),
        _ if text.starts_with('$') => no_operation(),
        _ if reference::is_type_name(text) => {
            let text =
                format!("{text} is no resource type of FHIR R4; names are case-sensitive, as in Patient");
            Failure::new(StatusCode::NOT_FOUND, IssueCode::NotSupported, text)
        }
        _ => nothing("an address begins with a resource type of FHIR R4, as in Patient"),
    })
}

fn id(text: &str) -> Result<String, Failure> {
    match text {
        _ if reference::is_id(text) => Ok(text.to_owned()),
        _ if text.starts_with('$') => Err(no_operation()),
        _ => Err(nothing("an id is 1 to 64 of the characters A-Z, a-z, 0-9, '-' and '.'")),
    }
}

fn version(text: &str) -> Result<i64, Failure> {
    let is_number = !text.starts_with(['0', '+', '-']);
    let version = text.parse().ok().filter(|_| is_number);
    version.ok_or_else(|| nothing("a version is a whole number from 1; _history lists those there are"))
}

/// 403 for an operation that there is not: what is not known is not allowed.
pub(crate) fn no_operation() -> Failure {
    let text = "this operation is not supported here, or not in this way; /metadata lists what is";
    Failure::new(StatusCode::FORBIDDEN, IssueCode::Forbidden, text)
}

fn nothing(text: &'static str) -> Failure {
    Failure::new(StatusCode::NOT_FOUND, IssueCode::NotFound, text)
}

fn not_supported(text: &'static str) -> Failure {
    Failure::new(StatusCode::NOT_FOUND, IssueCode::NotSupported, text)
}
