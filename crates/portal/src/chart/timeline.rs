//! Everything in one line.

use super::{
    Drawn, page,
    sheet::{Section, Sheet},
};
use crate::{failure::Answer, signed_in::realm, view::View};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use care::timeline::{self, Event, Filter, KINDS};
use std::{collections::HashMap, sync::Arc};
use web::door::Door;

#[derive(Template)]
#[template(path = "chart/timeline.html")]
struct Timeline {
    s: Sheet,
    kinds: Vec<(String, String)>,
    chosen_kind: String,
    sources: Vec<String>,
    chosen_source: String,
    is_oldest_first: bool,
    events: Vec<Event>,
}

/// `GET /{realm}/chart/{patient}/timeline`
pub(crate) async fn timeline(
    State(door): State<Arc<Door>>,
    view: View,
    Path((name, patient)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Answer> {
    let at = (realm(&name)?, patient.as_str(), Section::Timeline);
    page(&door, &view, at, |s, opened| {
        let given = |key: &str| asked.get(key).map(String::as_str).filter(|value| !value.is_empty());
        let (kind, source) = (given("kind"), given("source"));
        let (mut events, sources) = timeline::of(&opened.chart, &Filter { kind, source }, s.w.rules());
        let is_oldest_first = given("order") == Some("oldest");
        if is_oldest_first {
            events.reverse();
        }
        let kinds =
            KINDS.into_iter().map(|kind| (kind.to_owned(), s.w.of_code("kind", kind, kind))).collect();
        let page = Timeline {
            kinds,
            chosen_kind: kind.unwrap_or_default().to_owned(),
            sources: sources.into_iter().collect(),
            chosen_source: source.unwrap_or_default().to_owned(),
            is_oldest_first,
            events,
            s,
        };
        Ok(Drawn { title: page.s.w.say("section-timeline"), page })
    })
    .await
}
