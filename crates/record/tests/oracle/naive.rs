//! The naive reading of <https://hl7.org/fhir/R4/search.html>: every resource is looked at, nothing is clever.
//!
//! It shares with the kernel what `r4` extracts from a resource and how `fhir` folds a text, and nothing else.

use crate::{
    query::{Clause, Path, Wanted, targets},
    world::BASE,
};
use fhir::{phonetic, text::normalize};
use jiff::{
    ToSpan,
    civil::{Date, date},
};
use r4::{
    definitions::SearchKind,
    index::{self, IndexValue, SearchParam, Target, compartment},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// A resource as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) value: Value,
    /// Microseconds since the epoch.
    pub(crate) updated: i64,
}

/// Everything that exists (or that somebody may see), by type and id.
pub(crate) type World = BTreeMap<(String, String), Row>;

/// The longest text that the kernel promises to find across references.
const LONG: usize = 16;
/// Over how many types the kernel follows a reference that names none.
const MANY_TYPES: usize = 12;

/// What a patient may see: their own compartment.
pub(crate) fn compartment_of(world: &World, patient: &str) -> World {
    let is_in = |row: &Row| compartment::patients(&row.value).unwrap().iter().any(|link| link.id == patient);
    let own = |row: &Row| is_in(row) || refers_by_url(&row.value, patient);
    world.iter().filter(|(_, row)| own(row)).map(|(name, row)| (name.clone(), row.clone())).collect()
}

/// `http://this.server/Patient/a` is `Patient/a`.
fn refers_by_url(resource: &Value, patient: &str) -> bool {
    let kind = resource["resourceType"].as_str().unwrap_or_default();
    let mut found = false;
    for param in compartment::patient_params(kind) {
        let see = &mut |value: IndexValue<'_>| found |= local(&value) == Some(("Patient", patient));
        param.values(resource, see).unwrap();
    }
    found
}

/// The members of an owner's compartment among resources of that type.
pub(crate) fn is_within(owner: &(String, String), kind: &str, id: &str, row: &Row) -> bool {
    if owner.0 == kind {
        return owner.1 == id;
    }
    let refers = |param: &&'static SearchParam| {
        values(param, row).iter().any(|v| local(v) == Some((&owner.0, &owner.1)))
    };
    compartment::params(&owner.0, kind).iter().any(refers)
}

/// Whether the kernel says, in its documentation, that it does not answer this.
pub(crate) fn is_refused(kind: &str, clause: &Clause) -> bool {
    refuses(kind, &clause.path, clause, false)
}

fn refuses(kind: &str, path: &Path, clause: &Clause, across: bool) -> bool {
    match path {
        Path::Own(code) => match index::param(kind, code) {
            Some(param) if param.is_phonetic && clause.modifier.as_deref() != Some("missing") => {
                clause.modifier.is_some()
                    || clause.values.iter().any(|value| phonetic::keys(plain(value)).is_empty())
            }
            Some(param)
                if param.kind == SearchKind::String && clause.modifier.as_deref() != Some("missing") =>
            {
                let is_exact = clause.modifier.as_deref() == Some("exact");
                let folded = clause.values.iter().map(|value| normalize(plain(value)));
                let (mut empty, mut long) = (false, false);
                folded.for_each(|text| {
                    empty |= text.is_empty();
                    long |= text.chars().count() > LONG;
                });
                (empty && !is_exact) || (across && (long || clause.modifier.is_some()))
            }
            _ => false,
        },
        Path::Chain { code, target, next } => {
            let Some(param) = index::param(kind, code) else { return true };
            let targets = param.targets.len();
            let is_wide = target.is_none() && (targets == 0 || targets > MANY_TYPES);
            is_wide
                || kinds_of(param, target.as_deref(), next)
                    .iter()
                    .all(|kind| refuses(kind, next, clause, true))
        }
        Path::Has { source, next, .. } => refuses(source, next, clause, true),
    }
}

/// The types that a chain is followed to: the one that is named, or those that know what follows.
fn kinds_of(param: &SearchParam, target: Option<&str>, next: &Path) -> Vec<String> {
    let knows = |kind: &&str| match next {
        Path::Own(code) => code == "_id" || code == "_lastUpdated" || index::param(kind, code).is_some(),
        Path::Chain { code, .. } => index::param(kind, code).is_some(),
        Path::Has { .. } => true,
    };
    let all = targets(param).into_iter().filter(knows);
    all.filter(|kind| target.is_none_or(|target| target == *kind)).map(str::to_owned).collect()
}

/// Whether a clause holds for a resource.
pub(crate) fn holds(world: &World, (kind, id): (&str, &str), row: &Row, clause: &Clause) -> bool {
    follows(world, (kind, id), row, &clause.path, clause)
}

fn follows(world: &World, (kind, id): (&str, &str), row: &Row, path: &Path, clause: &Clause) -> bool {
    match path {
        Path::Own(code) => own(kind, id, row, code, clause),
        Path::Chain { code, target, next } => {
            let Some(param) = index::param(kind, code) else { return false };
            let kinds = kinds_of(param, target.as_deref(), next);
            values(param, row).iter().filter_map(local).any(|(kind, id)| {
                let there = world.get(&(kind.to_owned(), id.to_owned()));
                kinds.iter().any(|k| k == kind)
                    && there.is_some_and(|there| follows(world, (kind, id), there, next, clause))
            })
        }
        Path::Has { source, code, next } => {
            let Some(param) = index::param(source, code) else { return false };
            world.iter().filter(|((of, _), _)| of == source).any(|((of, other), there)| {
                let refers = values(param, there).iter().any(|value| local(value) == Some((kind, id)));
                refers && follows(world, (of, other), there, next, clause)
            })
        }
    }
}

fn own(kind: &str, id: &str, row: &Row, code: &str, clause: &Clause) -> bool {
    let any = |fits: &dyn Fn(&Wanted) -> bool| clause.values.iter().any(fits);
    match code {
        "_id" => return any(&|wanted| plain(wanted) == id),
        "_lastUpdated" => return any(&|wanted| compare_dates((row.updated, row.updated), wanted)),
        _ => {}
    }
    let Some(param) = index::param(kind, code) else { return false };
    let found = values(param, row);
    match clause.modifier.as_deref() {
        Some("missing") => any(&|wanted| (plain(wanted) == "true") == found.is_empty()),
        // Each word of what is asked for sounds as some word of the names.
        None if param.is_phonetic => {
            let texts = found.iter().filter_map(|value| match value {
                IndexValue::Text(raw) => Some(phonetic::keys(raw)),
                _ => None,
            });
            let known: Vec<String> = texts.flatten().collect();
            any(&|wanted| phonetic::keys(plain(wanted)).iter().all(|key| known.contains(key)))
        }
        Some("not") => !any(&|wanted| found.iter().any(|value| token(value, wanted))),
        modifier => any(&|wanted| found.iter().any(|value| fits(param, modifier, value, wanted))),
    }
}

fn fits(param: &SearchParam, modifier: Option<&str>, value: &IndexValue<'_>, wanted: &Wanted) -> bool {
    match (param.kind, value) {
        (SearchKind::String, IndexValue::Text(raw)) => match modifier {
            Some("exact") => *raw == plain(wanted),
            Some("contains") => normalize(raw).contains(&normalize(plain(wanted))),
            _ => normalize(raw).starts_with(&normalize(plain(wanted))),
        },
        (SearchKind::Token, value) => token(value, wanted),
        (SearchKind::Reference, value) if modifier == Some("identifier") => match value {
            IndexValue::Reference(Target::Identifier { system, value }) => {
                token(&IndexValue::Token { system: *system, code: *value }, wanted)
            }
            _ => false,
        },
        (SearchKind::Reference, value) => refers(value, modifier, plain(wanted)),
        (SearchKind::Uri, IndexValue::Uri(uri)) => *uri == plain(wanted),
        (SearchKind::Date, IndexValue::Date(span)) => compare_dates((span.low, span.high), wanted),
        (SearchKind::Number, IndexValue::Number { low, high }) => number((*low, *high), wanted),
        (SearchKind::Quantity, IndexValue::Quantity { low, high, system, code, unit }) => {
            let Wanted::Ordered { unit: asked, .. } = wanted else { return false };
            let is_unit = match asked {
                None => true,
                // "where the unit - either the code or the stated human unit - are 'mg'"
                Some((of, asked)) if of.is_empty() => *code == Some(asked) || *unit == Some(asked),
                Some((of, asked)) => *system == Some(of) && *code == Some(asked),
            };
            is_unit && number((*low, *high), wanted)
        }
        _ => false,
    }
}

fn token(value: &IndexValue<'_>, wanted: &Wanted) -> bool {
    let (IndexValue::Token { system, code }, Wanted::Token { system: of, code: asked }) = (value, wanted)
    else {
        return false;
    };
    match of.as_deref() {
        None => *code == Some(asked),
        Some("") => system.is_none() && *code == Some(asked),
        Some(of) => *system == Some(of) && (asked.is_empty() || *code == Some(asked)),
    }
}

fn refers(value: &IndexValue<'_>, modifier: Option<&str>, asked: &str) -> bool {
    let named = asked.strip_prefix(BASE).map_or(asked, |rest| rest.trim_start_matches('/'));
    match (local(value), value) {
        (Some((kind, id)), _) => {
            let is_named = named == format!("{kind}/{id}") || named == id;
            is_named && modifier.is_none_or(|of| of == kind)
        }
        (None, IndexValue::Reference(Target::Url(url))) => *url == asked && modifier.is_none(),
        (None, IndexValue::Reference(Target::Canonical { url, version })) => {
            let whole = version.map(|version| format!("{url}|{version}"));
            modifier.is_none() && (*url == asked || whole.as_deref() == Some(asked))
        }
        _ => false,
    }
}

/// The resource of this server that a value refers to. "A relative reference resolving to the same value as a specified
/// absolute URL, or vice versa, qualifies as a match."
pub(crate) fn local<'a>(value: &IndexValue<'a>) -> Option<(&'a str, &'a str)> {
    match value {
        IndexValue::Reference(Target::Local { type_name, id }) => Some((type_name, id)),
        IndexValue::Reference(Target::Url(url)) => url.strip_prefix(BASE)?.strip_prefix('/')?.split_once('/'),
        _ => None,
    }
}

fn compare_dates(value: (i64, i64), wanted: &Wanted) -> bool {
    let Wanted::Ordered { prefix, text, .. } = wanted else { return false };
    let (low, high) = span(text);
    let slack = if *prefix == "ap" { ((high - low) / 10).max(86_400_000_000) } else { 0 };
    compare(prefix, value, (low - slack, high + slack), (low, high))
}

/// The ranges of the value and of what is searched for; `bound` is what the ordering prefixes compare with.
fn compare<T: PartialOrd + Copy>(prefix: &str, value: (T, T), search: (T, T), bound: (T, T)) -> bool {
    let within = search.0 <= value.0 && value.1 <= search.1;
    match prefix {
        "ne" => !within,
        "gt" => value.1 > bound.1,
        "lt" => value.0 < bound.0,
        "ge" => value.1 > bound.1 || within,
        "le" => value.0 < bound.0 || within,
        "sa" => value.0 > bound.1,
        "eb" => value.1 < bound.0,
        "ap" => value.0 <= search.1 && search.0 <= value.1,
        _ => within,
    }
}

/// First and last microsecond of a date or time, read with a calendar library.
fn span(text: &str) -> (i64, i64) {
    let micros = |day: Date| i64::from(date(1970, 1, 1).until(day).unwrap().get_days()) * 86_400_000_000;
    let part = |from: usize, to: usize| text[from..to].parse::<i16>().unwrap();
    let Some((day, time)) = text.split_once('T') else {
        let year = part(0, 4);
        let month = if text.len() > 4 { part(5, 7) } else { 1 };
        let day = if text.len() > 7 { part(8, 10) } else { 1 };
        let first = Date::new(year, month as i8, day as i8).unwrap();
        let length = match text.len() {
            4 => 1.year(),
            7 => 1.month(),
            _ => 1.day(),
        };
        // The last day of all has no next one.
        let last = first.checked_add(length).map_or(253_402_300_800_000_000, micros);
        return (micros(first), last - 1);
    };
    let (clock, offset) = match time.find(['Z', '+', '-']) {
        Some(at) => (&time[..at], &time[at..]),
        None => (time, "Z"),
    };
    let minutes = match offset {
        "Z" => 0,
        offset => {
            let whole: i64 = offset[1..3].parse::<i64>().unwrap() * 60 + offset[4..6].parse::<i64>().unwrap();
            if offset.starts_with('-') { -whole } else { whole }
        }
    };
    let mut parts = clock.split([':', '.']);
    let mut number = || parts.next().map(|part| part.parse::<i64>().unwrap());
    let (hour, minute, second) = (number().unwrap(), number().unwrap(), number());
    let fraction = clock.split_once('.').map(|(_, digits)| &digits[..digits.len().min(6)]);
    let unit = match (second, fraction) {
        (None, _) => 60_000_000,
        (Some(_), None) => 1_000_000,
        (Some(_), Some(digits)) => 10_i64.pow(6 - digits.len() as u32),
    };
    let of_day = ((hour * 60 + minute - minutes) * 60 + second.unwrap_or(0)) * 1_000_000;
    let low = micros(day.parse().unwrap())
        + of_day
        + fraction.map_or(0, |digits| digits.parse::<i64>().unwrap() * unit);
    (low, low + unit - 1)
}

fn number(value: (f64, f64), wanted: &Wanted) -> bool {
    let Wanted::Ordered { prefix, text, .. } = wanted else { return false };
    let exact: f64 = text.parse().unwrap();
    let (low, end) = around(text);
    // What is searched for ends before its end; a number with more digits than a double keeps still finds itself.
    let range = (low.min(exact), end.next_down().max(exact));
    let search = match *prefix {
        "" | "eq" | "ne" => range,
        "ap" => (range.0.min(exact - exact.abs() / 10.0), range.1.max(exact + exact.abs() / 10.0)),
        _ => (exact, exact),
    };
    compare(prefix, value, search, (exact, exact))
}

/// What the digits leave open: `100` is from 99.5 to before 100.5; `1e2` counts two figures.
fn around(text: &str) -> (f64, f64) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, ""));
    let mut power: i32 = exponent.parse().unwrap_or(0);
    power -= mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
    let mut digits: i128 = mantissa.replace('.', "").parse().unwrap();
    if !exponent.is_empty() && digits.abs() < 10 {
        (digits, power) = (digits * 10, power - 1);
    }
    let end = |tenths: i128| format!("{tenths}e{}", power - 1).parse::<f64>().unwrap();
    (end(digits * 10 - 5), end(digits * 10 + 5))
}

/// What a resource has for a parameter.
pub(crate) fn values<'a>(param: &'static SearchParam, row: &'a Row) -> Vec<IndexValue<'a>> {
    let mut out = Vec::new();
    param.values(&row.value, &mut |value| out.push(value)).unwrap();
    out
}

fn plain(wanted: &Wanted) -> &str {
    match wanted {
        Wanted::Text(text) => text,
        Wanted::Token { code, .. } => code,
        Wanted::Ordered { text, .. } => text,
    }
}
