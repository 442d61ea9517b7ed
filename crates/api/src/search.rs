//! [search](https://hl7.org/fhir/R4/http.html#search) of a type, or of a type inside a
//! [compartment](https://hl7.org/fhir/R4/http.html#vsearch); by query or by form.

use crate::{Api, answer, content, negotiate::Wants, place::Place};
use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use record::{bundle::searchset, search::SearchRequest};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

/// `GET Observation?code=…`, `GET Patient/a/Observation?code=…`
pub(crate) async fn by_query(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (request, path) = request(place, query.unwrap_or_default(), wants);
    let base = api.door.base().to_owned();
    let found = api.door.run(caller, move |record, act| {
        let page = record.search(act, &request)?;
        Ok(searchset(&page, &base, &with_query(&path, &request.query), &path))
    });
    Ok(answer::json(StatusCode::OK, found.await?, wants))
}

/// `POST Observation/_search`: the form, and what the address has after its `?`, are one query.
pub(crate) async fn by_form(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let act = api.door.sign_in(caller).await?;
    let form = content::read_form(&api, &headers, body).await?;
    let wants = wants.and_form(&form)?;
    let parts = [query.unwrap_or_default(), form];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let (request, path) = request(place, parts.join("&"), wants);
    let base = api.door.base().to_owned();
    let found = api.door.work(act, move |record, act| {
        let page = record.search(act, &request)?;
        Ok(searchset(&page, &base, &with_query(&path, &request.query), &path))
    });
    Ok(answer::json(StatusCode::OK, found.await?, wants))
}

/// The search, and the path below the base by which it can be asked for again.
fn request(place: Place, query: String, wants: Wants) -> (SearchRequest, String) {
    let Place { kind, id, member, .. } = place;
    let (path, resource_type, compartment) = match member {
        Some(member) => (format!("{kind}/{id}/{member}"), member, Some((kind, id))),
        None => (kind.clone(), kind, None),
    };
    (SearchRequest { resource_type, query, lenient: wants.lenient, compartment }, path)
}

fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
