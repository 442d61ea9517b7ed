//! [read](https://hl7.org/fhir/R4/http.html#read), also [conditional](https://hl7.org/fhir/R4/http.html#cread).

use crate::{Api, answer, negotiate::Offer, place::Place};
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

pub(crate) async fn read(
    State(api): State<Arc<Api>>,
    caller: Caller,
    offer: Offer,
    place: Place,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    offer.check_read(&place.kind, query.as_deref())?;
    let shown = api.door.run(caller, move |record, act| record.read(act, &place.kind, &place.id)).await?;
    answer::shown(shown, offer, &headers)
}
