//! [history](https://hl7.org/fhir/R4/http.html#history) of one resource, of a type, of everything; newest first.

use crate::{Api, answer, negotiate::Wants, place::Place};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use fhir::{
    outcome::{Issue, IssueCode},
    query::{self, Query},
};
use record::{
    bundle::history_bundle,
    history::{HistoryRequest, Scope},
};
use std::sync::Arc;
use web::{caller::Caller, failure::Failure};

/// `GET Patient/a/_history`
pub(crate) async fn instance(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let path = format!("{}/{}/_history", place.kind, place.id);
    let scope = Scope::Instance { resource_type: place.kind, id: place.id };
    page(&api, caller, wants, scope, path, query.unwrap_or_default()).await
}

/// `GET Patient/_history`
pub(crate) async fn of_type(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    place: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let path = format!("{}/_history", place.kind);
    page(&api, caller, wants, Scope::Type(place.kind), path, query.unwrap_or_default()).await
}

/// `GET _history`
pub(crate) async fn system(
    State(api): State<Arc<Api>>,
    caller: Caller,
    wants: Wants,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    page(&api, caller, wants, Scope::System, "_history".to_owned(), query.unwrap_or_default()).await
}

async fn page(
    api: &Api,
    caller: Caller,
    wants: Wants,
    scope: Scope,
    path: String,
    query: String,
) -> Result<Response, Failure> {
    let request = request(&query, wants.lenient)?;
    let base = api.door.base().to_owned();
    let found = api.door.run(caller, move |record, act| {
        let page = record.history(act, &scope, &request)?;
        let own = link(&base, &path, &query, None);
        let next = page.next_cursor.as_deref().map(|cursor| link(&base, &path, &query, Some(cursor)));
        let mut links = vec![("self", own.as_str())];
        links.extend(next.as_deref().map(|next| ("next", next)));
        Ok(history_bundle(&page, &base, &links))
    });
    Ok(answer::json(StatusCode::OK, found.await?, wants))
}

fn request(raw: &str, lenient: bool) -> Result<HistoryRequest, Failure> {
    let mut query =
        query::parse(raw).map_err(|error| Failure::invalid(IssueCode::Value, error.to_string()))?;
    let request = HistoryRequest {
        count: query.result.count.map(|count| count as usize),
        since: one(&mut query, "_since"),
        at: one(&mut query, "_at"),
        cursor: one(&mut query, "_cursor"),
    };
    let unknown = query.clauses.iter().map(|clause| {
        let text = format!("parameter {}: a history takes _count, _since and _at", clause.name());
        Issue::error(IssueCode::NotSupported, text)
    });
    let mut issues: Vec<Issue> = unknown.collect();
    if !query.result.sort.is_empty() {
        issues.push(Issue::error(IssueCode::NotSupported, "_sort: a history is always newest first"));
    }
    if issues.is_empty() || lenient {
        return Ok(request);
    }
    Err(Failure::with(StatusCode::BAD_REQUEST, issues))
}

/// The first value of a parameter. A space is taken for the `+` of a time zone that it was before decoding.
fn one(query: &mut Query, name: &str) -> Option<String> {
    let clauses = query.take(name);
    Some(clauses.first()?.values.first()?.text().replace(' ', "+"))
}

fn link(base: &str, path: &str, query: &str, cursor: Option<&str>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let own = |part: &&str| !part.is_empty() && (cursor.is_none() || !part.starts_with("_cursor="));
    parts.extend(query.split('&').filter(own).map(str::to_owned));
    parts.extend(cursor.map(|cursor| format!("_cursor={cursor}")));
    if parts.is_empty() { format!("{base}/{path}") } else { format!("{base}/{path}?{}", parts.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_takes_its_own_parameters_and_no_others() {
        let request = |text| request(text, false);
        let read = request("_count=5&_since=2024-01-01T00:00:00+05:30&_cursor=c").unwrap();
        assert_eq!(read.count, Some(5));
        assert_eq!(read.since.as_deref(), Some("2024-01-01T00:00:00+05:30"));
        assert_eq!(read.cursor.as_deref(), Some("c"));
        for bad in ["name=a", "_sort=date", "_list=a", "%zz=1"] {
            assert_eq!(request(bad).unwrap_err().status, StatusCode::BAD_REQUEST, "{bad}");
        }
        assert!(super::request("name=a", true).is_ok());
    }

    #[test]
    fn the_next_page_is_asked_for_the_same_way() {
        assert_eq!(link("b", "_history", "", None), "b/_history");
        assert_eq!(link("b", "_history", "_count=5&_cursor=a", None), "b/_history?_count=5&_cursor=a");
        assert_eq!(link("b", "_history", "_count=5&_cursor=a", Some("z")), "b/_history?_count=5&_cursor=z");
    }
}
