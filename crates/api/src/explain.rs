//! `POST Patient/{id}/$explain-access`: what would somebody see of this patient, and which relationship or Consent says so; as things
//! stand, and with a Consent or a changed role that is only being considered. Whether the caller may know is the kernel's to say.

use crate::{
    Api, answer, content,
    negotiate::Wants,
    parameters::{self, Parameters, invalid, parts, value},
    place::Place,
    refusal,
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use fhir::{reference, time};
use login::{
    Login,
    stand_in::{Somebody, StandIn},
};
use record::explain::{Comparison, Explanation, View};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

const KNOWN: [&str; 6] = ["account", "facility", "role", "known-as", "consent", "as-if-role"];

/// Words of a role that stand once.
const WORDS: [&str; 2] = ["relationship", "purpose"];

/// Lists of words: the parameter's name, and the role's member.
const LISTS: [(&str, &str); 3] = [("scope", "scopes"), ("label", "labels"), ("mask", "masks")];

pub(crate) async fn explain(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let act = api.door.sign_in(caller).await?;
    let sent = content::read(&api, "Parameters", &headers, body).await?;
    let told = api.door.pages(move |login, record| {
        let sent = sent.resource("Parameters")?;
        let asked = Parameters::of(&sent);
        asked.only(&KNOWN)?;
        let somebody = somebody(login, asked, &place.id, act.at)?;
        let (other, consent) = (considered(&somebody, asked)?, asked.resource("consent")?);
        let now = somebody.act(&act);
        let now = View { subject: &now, consent: None };
        if other.is_none() && consent.is_none() {
            return Ok(seen(&somebody, &record.explain(&act, &place.id, now)?));
        }
        let then = other.as_ref().unwrap_or(&somebody).act(&act);
        let then = View { subject: &then, consent };
        let compared = record.compare(&act, &place.id, now, then)?;
        Ok(would_be_seen(&somebody, other.as_ref(), &compared))
    });
    Ok(answer::json(StatusCode::OK, told.await?, wants))
}

fn somebody(
    login: &Login,
    asked: Parameters<'_>,
    patient: &str,
    now: jiff::Timestamp,
) -> Result<StandIn, Failure> {
    let known_as: Vec<(String, String)> = asked
        .texts("known-as")?
        .into_iter()
        .map(|text| {
            reference::local(text).ok_or_else(|| invalid("known-as", "write it like Practitioner/ID"))
        })
        .map(|local| local.map(|local| (local.type_name.to_owned(), local.id.to_owned())))
        .collect::<Result<_, _>>()?;
    let somebody = match (asked.text("account")?, asked.text("role")?) {
        (Some(id), None) if known_as.is_empty() => {
            Somebody::Account { id, facility: asked.text("facility")? }
        }
        (None, Some(name)) if asked.text("facility")?.is_none() => {
            Somebody::Role { name, known_as: &known_as }
        }
        _ => {
            let text = "say whose access is meant: an `account` (and its `facility`), or a `role` (and whom records know it as, `known-as`)";
            return Err(invalid("account", text));
        }
    };
    login.stand_in(somebody, patient, now).map_err(refusal::of)
}

/// A role with what is being considered about it.
fn considered(now: &StandIn, asked: Parameters<'_>) -> Result<Option<StandIn>, Failure> {
    let Some(changes) = asked.parts("as-if-role")? else { return Ok(None) };
    let lists = LISTS.iter().map(|(name, _)| *name);
    changes.only(&WORDS.into_iter().chain(lists).collect::<Vec<_>>())?;
    let mut members = Map::new();
    for name in WORDS {
        if let Some(word) = changes.text(name)? {
            members.insert(name.into(), word.into());
        }
    }
    for (name, member) in LISTS {
        let words = changes.texts(name)?;
        // One empty text empties the list; none leaves it as it is.
        if !words.is_empty() {
            members
                .insert(member.into(), words.into_iter().filter(|word| !word.is_empty()).collect::<Value>());
        }
    }
    now.with_changes(members).map(Some).map_err(refusal::of)
}

fn role(somebody: &StandIn) -> Vec<Value> {
    somebody.role.iter().map(|role| value("role", "Code", role.name.as_str())).collect()
}

/// As things stand.
fn seen(somebody: &StandIn, explained: &Explanation) -> Vec<u8> {
    let mut told = role(somebody);
    told.extend(explained.sights.iter().map(|sight| {
        let said = vec![
            value("type", "Code", sight.resource_type.as_str()),
            value("total", "Integer", sight.all),
            value("shown", "Integer", sight.shown),
        ];
        parts("sight", said)
    }));
    told.extend(reasons("now", explained));
    parameters::answer(told)
}

/// As things stand, and as they would.
fn would_be_seen(somebody: &StandIn, other: Option<&StandIn>, compared: &Comparison) -> Vec<u8> {
    let mut told = role(somebody);
    let changes = other.map(|other| somebody.changes_to(other)).filter(|changes| !changes.is_empty());
    told.extend(changes.map(|changes| value("role-changes", "String", changes)));
    told.extend(sights(compared));
    told.extend(reasons("now", &compared.now).chain(reasons("then", &compared.then)));
    parameters::answer(told)
}

/// By type: what is seen now and would be then, what would newly be seen, and what no longer.
fn sights(compared: &Comparison) -> impl Iterator<Item = Value> {
    compared.now.sights.iter().zip(&compared.then.sights).map(|(now, then)| {
        let difference =
            compared.differences.iter().find(|difference| difference.resource_type == now.resource_type);
        parts(
            "sight",
            vec![
                value("type", "Code", now.resource_type.as_str()),
                value("total", "Integer", now.all),
                value("shown", "Integer", now.shown),
                value("then", "Integer", then.shown),
                value("gained", "Integer", difference.map_or(0, |difference| difference.gained)),
                value("lost", "Integer", difference.map_or(0, |difference| difference.lost)),
            ],
        )
    })
}

/// What has a say, `now` or `then`.
fn reasons(when: &'static str, explained: &Explanation) -> impl Iterator<Item = Value> {
    explained.reasons.iter().map(move |reason| {
        let mut said = vec![
            value("when", "Code", when),
            value("kind", "Code", reason.kind()),
            value("partial", "Boolean", reason.is_partial),
        ];
        // The Consent that is only being considered has no place yet.
        let reference = |source: &str| json!({"reference": source});
        said.extend(reason.source.as_deref().map(|source| value("source", "Reference", reference(source))));
        let ends = (reason.until != i64::MAX).then(|| time::render_instant(reason.until));
        said.extend(ends.map(|ends| value("until", "Instant", ends)));
        parts("reason", said)
    })
}
