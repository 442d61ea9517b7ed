//! `$reveal`: a resource about a person without the masks of the caller's role, as a look of its own in the audit log.

use crate::{Api, answer, negotiate::Offer, place::Place};
use axum::{extract::State, http::HeaderMap, response::Response};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

pub(crate) async fn reveal(
    State(api): State<Arc<Api>>,
    caller: Caller,
    offer: Offer,
    place: Place,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let shown = api.door.run(caller, move |record, act| record.reveal(act, &place.kind, &place.id)).await?;
    answer::shown(shown, offer, &headers)
}
