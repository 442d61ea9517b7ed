//! [create](https://hl7.org/fhir/R4/http.html#create), also [conditional](https://hl7.org/fhir/R4/http.html#ccreate).

use crate::{Api, answer, condition, content, negotiate::Wants, place::Place};
use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use record::change::{Change, Done, Wish};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

pub(crate) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let act = api.door.sign_in(caller).await?;
    let if_none_exist = condition::if_none_exist(&headers)?;
    let sent = content::read(&api, &place.kind, &headers, body).await?;
    let done = api.door.work(act, move |record, act| {
        let resource = sent.resource(&place.kind)?;
        let change = Change::from(Wish::Create { resource, if_none_exist });
        only(record.commit(act, "create", &[change])?)
    });
    Ok(answer::written(&api, done.await?, wants))
}

/// What came of the one change of a commit.
pub(crate) fn only(done: Vec<Done>) -> Result<Done, Failure> {
    done.into_iter().next().ok_or_else(|| Failure::fault("a commit of one change came to nothing"))
}
