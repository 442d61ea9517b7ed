//! Finding a patient is not opening a chart: `POST Patient/$look-up` says whether there is such a record, and `POST
//! Patient/{id}/$request-access` asks its patient. For somebody of the staff through their app, by the same rules, throttles and entries
//! in the log as on the pages.

use crate::{
    Api, answer, content,
    negotiate::Wants,
    parameters::{self, Parameters, parts, value},
    place::Place,
    refusal,
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use fhir::{
    json,
    outcome::{Issue, outcome},
};
use record::find::{Clue, Sight};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

/// `POST Patient/$look-up`
pub(crate) async fn look_up(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    api.door.sign_in(caller.clone()).await?;
    let sent = content::read(&api, "Parameters", &headers, body).await?;
    let told = api.door.by_app(caller, "look-up", move |login, record, who, visit| {
        let sent = sent.resource("Parameters")?;
        let asked = Parameters::of(&sent);
        asked.only(&["identifier", "phone", "birth-date"])?;
        let text = |name| asked.text(name).map(Option::unwrap_or_default);
        let (identifier, phone, birth_date) = (text("identifier")?, text("phone")?, text("birth-date")?);
        let looked = login.look_up(who, identifier, visit).map_err(refusal::of)?;
        let clue = match identifier.trim().is_empty() {
            true => Clue::Phone { phone, birth_date },
            false => Clue::Identifier(identifier),
        };
        let found = record.find(&looked.act, &clue, looked.patient.as_deref())?;
        Ok(parameters::answer(found.iter().map(sight).collect()))
    });
    Ok(answer::json(StatusCode::OK, told.await?, wants))
}

fn sight(sight: &Sight) -> serde_json::Value {
    let mut said = vec![value("patient", "Id", sight.patient.as_str()), value("open", "Boolean", sight.open)];
    let texts = [("initials", &sight.initials), ("born", &sight.born)];
    // FHIR knows no empty text.
    said.extend(
        texts
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| value(name, "String", text.as_str())),
    );
    parts("sight", said)
}

/// `POST Patient/{id}/$request-access`
pub(crate) async fn request_access(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    api.door.sign_in(caller.clone()).await?;
    let sent = content::read(&api, "Parameters", &headers, body).await?;
    let done = api.door.by_app(caller, "access asked for", move |login, _, who, visit| {
        let sent = sent.resource("Parameters")?;
        let asked = Parameters::of(&sent);
        asked.only(&["reason"])?;
        let reason = asked.text("reason")?.unwrap_or_default();
        login.request_access(who, &place.id, reason, visit).map_err(refusal::of)
    });
    done.await?;
    let said = "the patient is asked; until they allow it, the record stays closed";
    Ok(answer::json(StatusCode::OK, json::render(&outcome(&[Issue::information(said)])), wants))
}
