//! [update](https://hl7.org/fhir/R4/http.html#update), also [conditional](https://hl7.org/fhir/R4/http.html#cond-update).

use crate::{Api, answer, condition, content, create::only, negotiate::Wants, place::Place};
use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use fhir::outcome::{Issue, IssueCode};
use record::change::{Change, Wish};
use serde_json::Value;
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

/// `PUT Patient/a`
pub(crate) async fn update(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    put(&api, caller, wants, place, None, &headers, body).await
}

/// `PUT Patient?identifier=…`
pub(crate) async fn conditional(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let query = query.filter(|query| !query.is_empty()).ok_or_else(|| {
        Failure::invalid(
            IssueCode::Required,
            "say which resource: PUT to an address with an id, or with a search after `?`",
        )
    })?;
    put(&api, caller, wants, place, Some(query), &headers, body).await
}

async fn put(
    api: &Api,
    caller: Caller,
    wants: Wants,
    place: Place,
    query: Option<String>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let act = api.door.sign_in(caller).await?;
    let (if_match, if_none_match) = (condition::if_match(headers)?, condition::if_none_match_any(headers)?);
    let is_wrapped = content::is_wrapped(&place.kind, headers)?;
    let sent = content::read(api, &place.kind, headers, body).await?;
    let done = api.door.work(act, move |record, act| {
        let mut resource = sent.resource(&place.kind)?;
        let id = query.is_none().then_some(place.id);
        if let Some(id) = &id {
            if is_wrapped {
                resource["id"] = Value::from(id.as_str());
            }
            same_id(&resource, id)?;
        }
        let wish = Wish::Update { resource_type: place.kind, id, query, resource, if_match, if_none_match };
        only(record.commit(act, "update", &[Change::from(wish)])?)
    });
    Ok(answer::written(api, done.await?, wants))
}

fn same_id(resource: &Value, id: &str) -> Result<(), Failure> {
    let text = match resource.get("id").and_then(Value::as_str) {
        Some(found) if found == id => return Ok(()),
        Some(_) => "the resource's id and the id in the address must be the same",
        None => "the resource must have the id that stands in the address",
    };
    let issue = Issue::error(IssueCode::Invalid, text).at("id");
    Err(Failure::with(StatusCode::BAD_REQUEST, vec![issue]))
}
