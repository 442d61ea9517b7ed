//! [vread](https://hl7.org/fhir/R4/http.html#vread): one version.

use crate::{Api, answer, negotiate::Offer, place::Place};
use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

pub(crate) async fn vread(
    State(api): State<Arc<Api>>,
    caller: Caller,
    offer: Offer,
    place: Place,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    offer.check_read(&place.kind, query.as_deref())?;
    let work =
        api.door.run(caller, move |record, act| record.vread(act, &place.kind, &place.id, place.version));
    answer::shown(work.await?, offer, &headers)
}
