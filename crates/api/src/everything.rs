//! [Patient/$everything](https://hl7.org/fhir/R4/patient-operation-everything.html): one patient's record, as far as it is open.

use crate::{Api, answer, negotiate::Wants, place::Place};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use record::{bundle::searchset, everything};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

/// `GET Patient/{id}/$everything?_type=…&_since=…`
pub(crate) async fn everything(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let base = api.door.base().to_owned();
    let found = api.door.run(caller, move |record, act| {
        let query = query.unwrap_or_default();
        let asked = everything::Asked::parse(&query, wants.lenient)?;
        let page = record.everything(act, &asked.of(&place.id, "everything"))?.page(asked.issues);
        let own = format!("Patient/{}/$everything", place.id);
        let with_query = if query.is_empty() { own.clone() } else { format!("{own}?{query}") };
        Ok(searchset(&page, &base, &with_query, &own))
    });
    Ok(answer::json(StatusCode::OK, found.await?, wants))
}
