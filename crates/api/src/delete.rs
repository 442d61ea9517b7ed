//! [delete](https://hl7.org/fhir/R4/http.html#delete), also [conditional](https://hl7.org/fhir/R4/http.html#3.1.0.7.1).

use crate::{Api, answer, condition, create::only, negotiate::Wants, place::Place};
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use fhir::outcome::IssueCode;
use record::change::{Change, Wish};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

/// `DELETE Patient/a`
pub(crate) async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let if_match = condition::if_match(&headers)?;
    let wish = Wish::Delete { resource_type: place.kind, id: Some(place.id), query: None, if_match };
    remove(&api, caller, wants, wish).await
}

/// `DELETE Patient?identifier=…`: one match at most.
pub(crate) async fn conditional(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let query = query.filter(|query| !query.is_empty()).ok_or_else(|| {
        Failure::invalid(
            IssueCode::Required,
            "say which resource: an address with an id, or a search after `?`",
        )
    })?;
    let if_match = condition::if_match(&headers)?;
    let wish = Wish::Delete { resource_type: place.kind, id: None, query: Some(query), if_match };
    remove(&api, caller, wants, wish).await
}

async fn remove(api: &Api, caller: Caller, wants: Wants, wish: Wish) -> Result<Response, Failure> {
    let done = api.door.run(caller, move |record, act| record.commit(act, "delete", &[Change::from(wish)]));
    Ok(answer::written(api, only(done.await?)?, wants))
}
