//! [batch and transaction](https://hl7.org/fhir/R4/http.html#transaction).

use crate::{
    Api, answer, content,
    negotiate::{Return, Wants},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use record::bundle::Answer;
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

pub(crate) async fn bundle(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let act = api.door.sign_in(caller).await?;
    let sent = content::read(&api, "Bundle", &headers, body).await?;
    let base = api.door.base().to_owned();
    // Whoever sends many resources has them; they come back only to those who ask.
    let representation = wants.says_representation && wants.back == Return::Representation;
    let done = api.door.work(act, move |record, act| {
        let bundle = sent.resource("Bundle")?;
        let answer = Answer { base: &base, representation, lenient: wants.lenient };
        Ok(record.bundle(act, bundle, answer)?)
    });
    Ok(answer::json(StatusCode::OK, done.await?, wants))
}
