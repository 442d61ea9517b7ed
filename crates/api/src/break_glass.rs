//! `POST Patient/{id}/$break-glass`: in an emergency, somebody who treats opens the record of one patient through their app. By the same
//! rules as on the page: a reason, a second factor proven now (the code of their authenticator app, for this one request), the patient told at
//! once, and a review.

use crate::{
    Api, answer, content,
    negotiate::Wants,
    parameters::{self, Parameters, value},
    place::Place,
    refusal,
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

/// `POST Patient/{id}/$break-glass`
pub(crate) async fn break_glass(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    api.door.sign_in(caller.clone()).await?;
    let sent = content::read(&api, "Parameters", &headers, body).await?;
    let done = api.door.by_app(caller, "break-glass", move |login, _, who, visit| {
        let sent = sent.resource("Parameters")?;
        let asked = Parameters::of(&sent);
        asked.only(&["reason", "code"])?;
        let (reason, code) =
            (asked.text("reason")?.unwrap_or_default(), asked.text("code")?.unwrap_or_default());
        login.break_glass_by_app(who, &place.id, (reason, code), visit).map_err(refusal::of)
    });
    let until = value("until", "Instant", done.await?.to_string());
    Ok(answer::json(StatusCode::OK, parameters::answer(vec![until]), wants))
}
