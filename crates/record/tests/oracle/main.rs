//! The search oracle: over generated resources and queries, the kernel on either engine must find what a naive reading of
//! the specification finds, page by page, for whoever asks, also after updates and deletions.
//!
//! A failure prints its seed; `KEEPWELL_SEED=… cargo test -p record --test oracle` runs the same again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::explicit_auto_deref,
    clippy::collapsible_match,
    clippy::type_complexity,
    reason = "a test stops where it fails, and says what it did"
)]

mod naive;
mod query;
mod world;

use access::act::Act;
use naive::{Row, World};
use query::{Asker, Clause};
use r4::{
    definitions::SearchKind,
    index::{self, IndexValue, SearchParam},
};
use record::{
    change::{Change, Wish},
    error::Error,
    search::{Mode, Page, SearchRequest},
};
use std::{cmp::Ordering, collections::BTreeSet};
use testkit::{
    chance::{self, Chance},
    house::{Engine, House},
};
use world::{IDS, TYPES};

/// How often the world changes and is asked again.
const ROUNDS: usize = 4;
/// Questions of each kind in a round.
const BY_OPERATOR: usize = 400;
const BY_PATIENT: usize = 200;
const BY_NARROW: usize = 80;
/// Threads that ask at once.
const THREADS: usize = 4;

#[test]
fn search_agrees_with_a_naive_reading_on_sqlite() {
    agree(Engine::Sqlite);
}

#[test]
fn search_agrees_with_a_naive_reading_on_postgresql() {
    agree(Engine::Postgres);
}

fn agree(engine: Engine) {
    let seed = chance::seed();
    let mut chance = Chance::new(seed);
    let house = House::new(engine);
    let mut world = World::new();
    for round in 0..ROUNDS {
        change(&house, &mut world, &mut chance, round);
        let asker = Asker::new(&world);
        let said = |by: &str| format!("{} {seed} (round {round}, {by}, {engine:?})", chance::VARIABLE);
        let kinds: Vec<&'static str> = TYPES.iter().map(|(kind, _)| *kind).collect();
        let all = Eyes { kinds: &kinds, seen: &world };
        ask_all(&house, &asker, all, &mut chance, BY_OPERATOR, &said("operator"), || house.operator());
        for patient in [IDS[0], IDS[2], "nobody"] {
            let seen = naive::compartment_of(&world, patient);
            let own = Eyes { kinds: &kinds, seen: &seen };
            ask_all(&house, &asker, own, &mut chance, BY_PATIENT / 3, &said(patient), || {
                house.patient(patient)
            });
        }
        let kinds = ["Patient", "Observation", "Encounter"];
        let seen = world.iter().filter(|((kind, _), _)| kinds.contains(&kind.as_str()));
        let seen = &seen.map(|(name, row)| (name.clone(), row.clone())).collect();
        let narrow = Eyes { kinds: &kinds, seen };
        let scopes =
            ["system/Patient.rs", "system/Observation.rs", "system/Encounter.rs", "system/Condition.r"];
        let report = house.record.verify(None, true, &mut |_| {}).unwrap();
        assert!(report.is_sound(), "{}: {:?}", said("verify"), report.faults);
        ask_all(&house, &asker, narrow, &mut chance, BY_NARROW, &said("narrow"), || {
            house.act("clerk", &scopes, None)
        });
        // Whatever was changed, in whatever order: the index holds what the bodies yield, row by row.
        assert_eq!(house.record.verify(None, true, &mut |_| {}).unwrap().faults, [], "{}", said("verify"));
    }
}

/// What somebody may see: which types they may search, and what there is of these and others.
#[derive(Clone, Copy)]
struct Eyes<'a> {
    kinds: &'a [&'static str],
    seen: &'a World,
}

/// Changes the world in transactions: everything is new in the first round, later most of it stays.
fn change(house: &House, world: &mut World, chance: &mut Chance, round: usize) {
    let mut changes = Vec::new();
    for (kind, many) in TYPES {
        for id in &IDS[..*many] {
            let exists = world.contains_key(&((*kind).to_owned(), (*id).to_owned()));
            match (round, chance.below(6)) {
                (0, 0) | (1.., 2..) => {}
                (1.., 1) if exists => changes.push(delete(kind, id)),
                _ => changes.push(put(kind, id, world::resource(chance, kind, id))),
            }
        }
    }
    for at in (1..changes.len()).rev() {
        changes.swap(at, chance.below(at + 1));
    }
    for some in changes.chunks(1 + chance.below(30)) {
        let done = house
            .record
            .commit(&house.operator(), "transaction", some)
            .unwrap_or_else(|e| panic!("{:?}", e.issues()));
        for (change, done) in some.iter().zip(done) {
            let name = (done.resource_type.clone(), done.id.clone());
            match change.wish.resource() {
                Some(value) => drop(world.insert(name, Row { value: value.clone(), updated: done.updated })),
                None => drop(world.remove(&name)),
            }
        }
    }
}

fn put(kind: &str, id: &str, resource: serde_json::Value) -> Change {
    let (resource_type, id) = (kind.to_owned(), Some(id.to_owned()));
    Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false }.into()
}

fn delete(kind: &str, id: &str) -> Change {
    Wish::Delete { resource_type: kind.to_owned(), id: Some(id.to_owned()), query: None, if_match: None }
        .into()
}

/// One search with what it must find.
struct Question {
    kind: &'static str,
    query: String,
    compartment: Option<(String, String)>,
    /// `_sort`: parameters, and whether the highest comes first.
    sort: Vec<(String, bool)>,
    /// `_include`, or `_revinclude` where the flag says so: the type that refers and its parameter.
    include: Option<(bool, &'static str, String)>,
    /// `None` where the kernel must refuse.
    expected: Option<BTreeSet<String>>,
}

fn question(asker: &Asker<'_>, Eyes { kinds, seen }: Eyes<'_>, chance: &mut Chance) -> Question {
    let kind = *chance.pick(kinds);
    let clauses: Vec<Clause> = (0..chance.below(4)).map(|_| asker.clause(chance, kind, 2)).collect();
    let compartment = chance.one_in(6).then(|| {
        let owner = *chance.pick(&["Patient", "Encounter", "Practitioner"]);
        (owner.to_owned(), (*chance.pick(IDS)).to_owned())
    });
    let sort: Vec<(String, bool)> =
        (0..chance.below(4).saturating_sub(1)).map(|_| (sortable(chance, kind), chance.one_in(2))).collect();
    let include = if chance.one_in(4) { include(chance, kind) } else { None };
    let expected = (!clauses.iter().any(|clause| naive::is_refused(kind, clause))).then(|| {
        let fits = |id: &str, row: &Row| {
            compartment.as_ref().is_none_or(|owner| naive::is_within(owner, kind, id, row))
                && clauses.iter().all(|clause| naive::holds(seen, (kind, id), row, clause))
        };
        let all = seen.iter().filter(|((of, _), _)| of == kind);
        all.filter(|((_, id), row)| fits(id, row)).map(|((_, id), _)| id.clone()).collect()
    });
    let mut parts: Vec<String> = clauses.iter().map(|clause| clause.render(chance)).collect();
    let keys: Vec<String> =
        sort.iter().map(|(code, down)| format!("{}{code}", if *down { "-" } else { "" })).collect();
    parts.extend((!keys.is_empty()).then(|| format!("_sort={}", keys.join(","))));
    parts.extend(chance.one_in(3).then(|| "_total=accurate".to_owned()));
    Question { kind, query: parts.join("&"), compartment, sort, include, expected }
}

fn sortable(chance: &mut Chance, kind: &str) -> String {
    let in_index = |k: SearchKind| matches!(k, SearchKind::Date | SearchKind::Number | SearchKind::Quantity);
    // What the index has in order is asked for as often as all the rest.
    let by_index = chance.one_in(2);
    let params =
        index::params(kind).iter().filter(|p| query::is_supported(p) && (!by_index || in_index(p.kind)));
    let codes: Vec<&str> = params.map(|p| p.code).chain(["_lastUpdated", "_id"]).collect();
    (*chance.pick(&codes)).to_owned()
}

/// Something that comes with the matches: what they refer to, or what refers to them.
fn include(chance: &mut Chance, kind: &'static str) -> Option<(bool, &'static str, String)> {
    let reverse = chance.one_in(2);
    let refers =
        |p: &&SearchParam| p.kind == SearchKind::Reference && (!reverse || query::targets(p).contains(&kind));
    let sources = TYPES.iter().map(|(source, _)| *source).filter(|source| reverse || *source == kind);
    let all: Vec<(&str, &str)> = sources
        .flat_map(|source| index::params(source).iter().filter(refers).map(move |p| (source, p.code)))
        .collect();
    (!all.is_empty()).then(|| *chance.pick(&all)).map(|(source, code)| (reverse, source, code.to_owned()))
}

/// Asks `count` questions with the eyes of `act`, which see `seen`.
fn ask_all(
    house: &House,
    asker: &Asker<'_>,
    eyes: Eyes<'_>,
    chance: &mut Chance,
    count: usize,
    said: &str,
    act: impl Fn() -> Act + Sync,
) {
    let questions: Vec<(Question, usize)> = (0..count)
        .map(|_| {
            let question = question(asker, eyes, chance);
            let matches = question.expected.as_ref().map_or(0, BTreeSet::len);
            (question, 1 + matches / (1 + chance.below(4)))
        })
        .collect();
    let faults: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = questions
            .chunks(count.div_ceil(THREADS))
            .map(|some| {
                scope.spawn(|| {
                    some.iter()
                        .filter_map(|(q, size)| fault(house, eyes.seen, q, *size, &act))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{said}: {} of {count} differ\n{}", faults.len(), faults.join("\n"));
}

/// What is wrong with the kernel's answer; `None` where it is right.
fn fault(
    house: &House,
    seen: &World,
    question: &Question,
    size: usize,
    act: &(impl Fn() -> Act + Sync),
) -> Option<String> {
    let whole = walk(house, question, 1_000, act);
    let named = || format!("{}?{} {:?}", question.kind, question.query, question.compartment);
    let (expected, whole) = match (&question.expected, whole) {
        (None, Err(Error::Invalid(_))) => return None,
        (None, other) => {
            return Some(format!("{} should be refused, but: {:?}", named(), other.map(|(ids, _)| ids)));
        }
        (Some(_), Err(error)) => return Some(format!("{}: {error}: {:?}", named(), error.issues())),
        (Some(expected), Ok(found)) => (expected, found),
    };
    let (ids, total) = whole;
    if ids.len() != expected.len() || ids.iter().any(|id| !expected.contains(id)) {
        let missed: Vec<_> = expected.iter().filter(|id| !ids.contains(id)).collect();
        let extra: Vec<_> = ids.iter().filter(|id| !expected.contains(*id)).collect();
        let example = missed.first().copied().or(extra.first().copied());
        let example = example.and_then(|id| seen.get(&(question.kind.to_owned(), id.clone())));
        let example = example.map(|row| row.value.to_string()).unwrap_or_default();
        return Some(format!("{}: missed {missed:?}, found too much {extra:?}, such as {example}", named()));
    }
    if total != Some(ids.len() as u64) {
        return Some(format!("{}: the total is {total:?}, not {}", named(), ids.len()));
    }
    let ranks = |id: &String| {
        question.sort.iter().map(|(code, down)| rank(seen, question.kind, id, code, *down)).collect()
    };
    let ranks: Vec<Vec<Option<Rank>>> = ids.iter().map(ranks).collect();
    if !ranks.is_sorted_by(|a, b| compare(&question.sort, a, b).is_le()) {
        return Some(format!("{}: the order is {ids:?} by {ranks:?}", named()));
    }
    if let Some(difference) = includes(house, seen, question, &ids, act) {
        return Some(format!("{}: {difference}", named()));
    }
    match walk(house, question, size, act) {
        Ok((paged, total)) if paged == ids && total.is_none_or(|total| total == ids.len() as u64) => None,
        other => Some(format!(
            "{} in pages of {size}: {:?}, not {ids:?}",
            named(),
            other.map_err(|e| e.to_string())
        )),
    }
}

/// All pages: the ids in their order, and the total that the first page names.
fn walk(
    house: &House,
    question: &Question,
    size: usize,
    act: impl Fn() -> Act,
) -> Result<(Vec<String>, Option<u64>), Error> {
    let mut query = format!("{}&_count={size}", question.query);
    let (mut ids, mut total) = (Vec::new(), None);
    for page in 0.. {
        let (resource_type, compartment) = (question.kind.to_owned(), question.compartment.clone());
        let request = SearchRequest { resource_type, query: query.clone(), lenient: false, compartment };
        let Page { entries, total: of_page, next, .. } = house.record.search(&act(), &request)?;
        assert!(
            entries.len() <= size
                && entries.iter().all(|e| e.mode == Mode::Match && e.resource_type == question.kind)
        );
        total = if page == 0 { of_page } else { total };
        ids.extend(entries.into_iter().map(|entry| entry.id));
        match next {
            Some(next) => query = next,
            None => break,
        }
    }
    Ok((ids, total))
}

/// What is wrong with what comes with the matches.
fn includes(
    house: &House,
    seen: &World,
    question: &Question,
    ids: &[String],
    act: impl Fn() -> Act,
) -> Option<String> {
    let (reverse, source, code) = question.include.as_ref()?;
    let param = index::param(source, code)?;
    let is_match = |kind: &str, id: &str| kind == question.kind && ids.iter().any(|of| of == id);
    let mut expected = BTreeSet::new();
    for ((kind, id), row) in seen.iter().filter(|((kind, _), _)| kind == source) {
        let referred = naive::values(param, row);
        let mut referred = referred.iter().filter_map(naive::local);
        if *reverse && referred.by_ref().any(|(kind, id)| is_match(kind, id)) {
            expected.insert((kind.clone(), id.clone()));
        } else if !reverse && is_match(kind, id) {
            let names = referred.map(|(kind, id)| (kind.to_owned(), id.to_owned()));
            expected.extend(names.filter(|name| seen.contains_key(name)));
        }
    }
    expected.retain(|(kind, id)| !is_match(kind, id));
    let name = if *reverse { "_revinclude" } else { "_include" };
    let request = SearchRequest {
        resource_type: question.kind.to_owned(),
        query: format!("{}&_count=1000&{name}={source}:{code}", question.query),
        lenient: false,
        compartment: question.compartment.clone(),
    };
    let page = house.record.search(&act(), &request).map_err(|e| format!("{name}={source}:{code}: {e}"));
    let entries = match page {
        Ok(page) => page.entries.into_iter().filter(|entry| entry.mode == Mode::Include),
        Err(error) => return Some(error),
    };
    let found: Vec<(String, String)> = entries.map(|entry| (entry.resource_type, entry.id)).collect();
    let once: BTreeSet<(String, String)> = found.iter().cloned().collect();
    let is_right = once == expected && once.len() == found.len();
    (!is_right).then(|| format!("{name}={source}:{code} brings {found:?}, not {expected:?}"))
}

/// A value in an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Number(i64),
    Text(String),
}

/// Where a resource stands by one key: its lowest value, or its highest where that comes first.
fn rank(world: &World, kind: &str, id: &str, code: &str, down: bool) -> Option<Rank> {
    let row = &world[&(kind.to_owned(), id.to_owned())];
    match code {
        "_lastUpdated" => return Some(Rank::Number(row.updated)),
        "_id" => return Some(Rank::Text(id.to_owned())),
        _ => {}
    }
    let param = index::param(kind, code).unwrap();
    let one = |value: &IndexValue<'_>| match value {
        IndexValue::Date(span) => Some(Rank::Number(if down { span.high } else { span.low })),
        IndexValue::Number { low, high } | IndexValue::Quantity { low, high, .. } => {
            Some(Rank::Number(fhir::decimal::order_key(if down { *high } else { *low })))
        }
        IndexValue::Text(text) if param.kind == SearchKind::String => {
            Some(Rank::Text(fhir::text::normalize(text)))
        }
        IndexValue::Token { system, code } => code.or(*system).map(|text| Rank::Text(text.to_owned())),
        IndexValue::Uri(uri) => Some(Rank::Text((*uri).to_owned())),
        value => naive::local(value).map(|(kind, id)| Rank::Text(format!("{kind}/{id}"))),
    };
    let values = naive::values(param, row);
    let ranks = values.iter().filter_map(one);
    if down { ranks.max() } else { ranks.min() }
}

/// By the first key that tells them apart; what has no value stands last either way.
fn compare(sort: &[(String, bool)], a: &[Option<Rank>], b: &[Option<Rank>]) -> Ordering {
    let one = |((_, down), (a, b)): (&(String, bool), (&Option<Rank>, &Option<Rank>))| match (a, b) {
        (Some(a), Some(b)) if *down => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
        (None, None) => Ordering::Equal,
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    };
    sort.iter().zip(a.iter().zip(b)).map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
