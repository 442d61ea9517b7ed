//! [Patient/$summary](https://hl7.org/fhir/uv/ips/STU2/OperationDefinition-summary.html): one patient's summary as a document, as far as the
//! record is open: what somebody needs to know who has never seen this patient.

use crate::{Api, answer, negotiate::Wants, place::Place};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use care::{
    chart::Chart,
    patient_summary::{self, Extent},
};
use fhir::{
    json,
    outcome::{Issue, IssueCode},
};
use record::{error::Error, everything::Asked};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

/// `GET Patient/{id}/$summary`
pub(crate) async fn summary(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let found = api.door.run(caller, move |record, act| {
        let is_plain = Asked::parse(&query.unwrap_or_default(), false).is_ok_and(|asked| asked.is_plain());
        if !is_plain && !wants.lenient {
            let text = "$summary takes no parameters here: it is the patient's summary as it is now";
            return Err(Error::Invalid(vec![Issue::error(IssueCode::NotSupported, text)]));
        }
        let chart = Chart::open(record, act, &place.id, &patient_summary::TYPES, "summary")?;
        Ok(json::render(&patient_summary::document(&chart, Extent::Summary, act.at)))
    });
    Ok(answer::json(StatusCode::OK, found.await?, wants))
}
