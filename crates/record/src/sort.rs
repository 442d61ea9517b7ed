//! `_sort` where the index has no order: texts and codes are stored blind, so matches are opened and put in order here,
//! up to a bound. One date, number, quantity or `_lastUpdated` key is left to the index.
//!
//! Source: <https://hl7.org/fhir/R4/search.html#sort>

use crate::{
    Record, cursor,
    error::Error,
    facts,
    search::{Ready, name, stored_value},
};
use access::grant::Grant;
use fhir::{
    decimal,
    outcome::{Issue, IssueCode},
    query::{Query, result::Sort},
    text,
};
use r4::{
    definitions::SearchKind,
    index::{self, IndexValue, SearchParam},
};
use serde_json::Value;
use std::cmp::Ordering;
use store::{
    read::Stored,
    select::{Order, Position, Select},
};

/// How many matches are opened at most to put them in order.
pub(crate) const MOST: usize = 5_000;

/// One key of an order that is made here.
#[derive(Debug)]
pub(crate) struct Key {
    by: By,
    descending: bool,
}

#[derive(Debug)]
enum By {
    Id,
    Updated,
    Param(&'static SearchParam),
}

/// A value that can be compared. Numbers before texts; they never meet under one parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Number(i64),
    Text(String),
}

/// The order that a query asks for: the index's, or keys to sort by here. What is not known becomes an issue.
pub(crate) fn order(resource_type: &str, query: &Query, issues: &mut Vec<Issue>) -> (Order, Vec<Key>) {
    let mut keys = Vec::new();
    for sort in &query.result.sort {
        match key(resource_type, sort) {
            Some(key) => keys.push(key),
            None => issues.push(Issue::error(
                IssueCode::NotSupported,
                // The key stands in a value, so it is not repeated.
                format!("_sort: {resource_type} has no such search parameter to sort by; /metadata lists those that there are"),
            )),
        }
    }
    match keys.as_slice() {
        [] => (Order::Stored, keys),
        [Key { by: By::Updated, descending }] => (Order::Updated { descending: *descending }, Vec::new()),
        [Key { by: By::Param(param), descending }] if in_index(param) => {
            (Order::Span { param: param.number, descending: *descending }, Vec::new())
        }
        _ => (Order::Stored, keys),
    }
}

fn in_index(param: &SearchParam) -> bool {
    matches!(param.kind, SearchKind::Date | SearchKind::Number | SearchKind::Quantity)
}

fn key(resource_type: &str, sort: &Sort) -> Option<Key> {
    let by = match sort.code.as_str() {
        "_id" => By::Id,
        "_lastUpdated" => By::Updated,
        code => By::Param(
            index::param(resource_type, code)
                .filter(|p| !matches!(p.kind, SearchKind::Composite | SearchKind::Special))?,
        ),
    };
    Some(Key { by, descending: sort.descending })
}

impl Record {
    /// A page in an order that is made here. A position is a row and its version: what it says there is not repeated in the cursor.
    pub(crate) fn sorted_page(
        &self,
        grant: &Grant,
        ready: &Ready,
        keys: &[Key],
        limit: usize,
    ) -> Result<(Vec<(Position, Stored)>, bool), Error> {
        let whole = Ready {
            select: Select { after: None, ..ready.select.clone() },
            finish: Vec::new(),
            sort: Vec::new(),
            issues: Vec::new(),
        };
        let (rows, more) = self.page(grant, &whole, MOST)?;
        if more {
            let what = format!(
                "_sort by a text or code opens every match, and more than {MOST} match: narrow the search, or sort by a date"
            );
            return Err(Error::TooCostly(what));
        }
        let mut ranked = Vec::with_capacity(rows.len());
        for (_, stored) in rows {
            let resource = stored_value(&stored)?;
            if ready.finish.iter().all(|finish| finish.holds(&resource)) {
                let ranks: Vec<Option<Rank>> =
                    keys.iter().map(|key| rank(self, key, &stored, &resource)).collect();
                ranked.push((ranks, stored));
            }
        }
        if let Some(after) = ready.select.after {
            let (end, rid) = (self.ranks_at(grant, keys, after)?, after.rid);
            ranked.retain(|(ranks, stored)| compare(keys, &end, ranks).then(rid.cmp(&stored.rid)).is_lt());
        }
        ranked.sort_by(|(a, x), (b, y)| compare(keys, a, b).then(x.rid.cmp(&y.rid)));
        let more = ranked.len() > limit;
        let page = ranked.into_iter().take(limit);
        let page = page.map(|(_, stored)| (Position { key: stored.version, rid: stored.rid }, stored));
        Ok((page.collect(), more))
    }

    /// Where the row that ended a page stood, also if it was changed or deleted since: versions stay.
    fn ranks_at(&self, grant: &Grant, keys: &[Key], after: Position) -> Result<Vec<Option<Rank>>, Error> {
        let stored =
            self.store.version_of(grant, after.rid, after.key)?.peek().clone().ok_or_else(cursor::refused)?;
        let resource = stored_value(&stored)?;
        Ok(keys.iter().map(|key| rank(self, key, &stored, &resource)).collect())
    }
}

/// Matches without a value come last, whichever the direction.
fn compare(keys: &[Key], a: &[Option<Rank>], b: &[Option<Rank>]) -> Ordering {
    let one = |((key, a), b): ((&Key, &Option<Rank>), &Option<Rank>)| match (a, b) {
        (Some(a), Some(b)) if key.descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    keys.iter().zip(a).zip(b).map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The lowest value of an ascending key, the highest of a descending one.
fn rank(record: &Record, key: &Key, stored: &Stored, resource: &Value) -> Option<Rank> {
    match key.by {
        By::Id => Some(Rank::Text(name(&stored.body).1)),
        // Not the number of the change: what one transaction wrote has one time, and is put in order by the next key.
        By::Updated => Some(Rank::Number(stored.updated)),
        By::Param(param) => {
            let mut best: Option<Rank> = None;
            let answered = param.values(resource, &mut |value| {
                let Some(rank) = of_value(record, param, &value, key.descending) else { return };
                let better = best.as_ref().is_none_or(|b| if key.descending { rank > *b } else { rank < *b });
                if better {
                    best = Some(rank);
                }
            });
            answered.ok().and(best)
        }
    }
}

fn of_value(record: &Record, param: &SearchParam, value: &IndexValue<'_>, descending: bool) -> Option<Rank> {
    let end = |low: i64, high: i64| Some(Rank::Number(if descending { high } else { low }));
    match value {
        IndexValue::Text(raw) if param.kind == SearchKind::String => Some(Rank::Text(text::normalize(raw))),
        IndexValue::Token { code, system } => code.or(*system).map(|text| Rank::Text(text.to_owned())),
        IndexValue::Uri(uri) => Some(Rank::Text((*uri).to_owned())),
        IndexValue::Reference(_) => {
            facts::local(record, value).map(|local| Rank::Text(format!("{}/{}", local.type_name, local.id)))
        }
        IndexValue::Date(span) => end(span.low, span.high),
        IndexValue::Number { low, high } | IndexValue::Quantity { low, high, .. } => {
            end(decimal::order_key(*low), decimal::order_key(*high))
        }
        _ => None,
    }
}
