//! The search oracle: over generated resources and queries, the kernel on either engine must find what a naive reading of
//! the specification finds, page by page, for whoever asks, also after updates and deletions.
//!
//! A failure prints its seed; `KEEPWELL_SEED=… cargo test -p record --test oracle` runs the same again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::explicit_auto_deref, clippy::collapsible_match, reason = "a test stops where it fails, and says what it did")]

mod naive;
mod query;
mod world;

use access::act::Act;
use naive::{Row, World};
use query::{Asker, Clause};
use r4::{
    definitions::SearchKind,
    index::{self, IndexValue},
};
use record::{
    change::{Change, Wish},
    error::Error,
    search::{Mode, Page, SearchRequest},
};
use std::collections::BTreeSet;
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
            ask_all(&house, &asker, own, &mut chance, BY_PATIENT / 3, &said(patient), || house.patient(patient));
        }
        let kinds = ["Patient", "Observation", "Encounter"];
        let seen = world.iter().filter(|((kind, _), _)| kinds.contains(&kind.as_str()));
        let seen = &seen.map(|(name, row)| (name.clone(), row.clone())).collect();
        let narrow = Eyes { kinds: &kinds, seen };
        let scopes = ["system/Patient.rs", "system/Observation.rs", "system/Encounter.rs", "system/Condition.r"];
        ask_all(&house, &asker, narrow, &mut chance, BY_NARROW, &said("narrow"), || house.act("clerk", &scopes, None));
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
        let done = house.record.commit(&house.operator(), "transaction", some).unwrap_or_else(|e| panic!("{:?}", e.issues()));
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
    Wish::Delete { resource_type: kind.to_owned(), id: Some(id.to_owned()), query: None, if_match: None }.into()
}

/// One search with what it must find.
struct Question {
    kind: &'static str,
    query: String,
    compartment: Option<(String, String)>,
    /// `_sort`: the parameter, and whether the highest comes first.
    sort: Option<(String, bool)>,
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
    let sort = chance.one_in(3).then(|| (sortable(chance, kind), chance.one_in(2)));
    let expected = (!clauses.iter().any(|clause| naive::is_refused(kind, clause))).then(|| {
        let fits = |id: &str, row: &Row| {
            compartment.as_ref().is_none_or(|owner| naive::is_within(owner, kind, id, row))
                && clauses.iter().all(|clause| naive::holds(seen, (kind, id), row, clause))
        };
        let all = seen.iter().filter(|((of, _), _)| of == kind);
        all.filter(|((_, id), row)| fits(id, row)).map(|((_, id), _)| id.clone()).collect()
    });
    let mut parts: Vec<String> = clauses.iter().map(|clause| clause.render(chance)).collect();
    parts.extend(sort.iter().map(|(code, down)| format!("_sort={}{code}", if *down { "-" } else { "" })));
    parts.extend(chance.one_in(3).then(|| "_total=accurate".to_owned()));
    Question { kind, query: parts.join("&"), compartment, sort, expected }
}

fn sortable(chance: &mut Chance, kind: &str) -> String {
    let has_order = |k: SearchKind| matches!(k, SearchKind::Date | SearchKind::Number | SearchKind::Quantity);
    let mut codes: Vec<&str> = index::params(kind).iter().filter(|p| has_order(p.kind)).map(|p| p.code).collect();
    codes.push("_lastUpdated");
    (*chance.pick(&codes)).to_owned()
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
            .map(|some| scope.spawn(|| some.iter().filter_map(|(q, size)| fault(house, eyes.seen, q, *size, &act)).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{said}: {} of {count} differ\n{}", faults.len(), faults.join("\n"));
}

/// What is wrong with the kernel's answer; `None` where it is right.
fn fault(house: &House, seen: &World, question: &Question, size: usize, act: &(impl Fn() -> Act + Sync)) -> Option<String> {
    let whole = walk(house, question, 1_000, act);
    let named = || format!("{}?{} {:?}", question.kind, question.query, question.compartment);
    let (expected, whole) = match (&question.expected, whole) {
        (None, Err(Error::Invalid(_))) => return None,
        (None, other) => return Some(format!("{} should be refused, but: {:?}", named(), other.map(|(ids, _)| ids))),
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
    if let Some((code, down)) = &question.sort {
        let keys: Vec<i64> = ids.iter().map(|id| order_key(seen, question.kind, id, code, *down)).collect();
        if !keys.is_sorted_by(|a, b| if *down { a >= b } else { a <= b }) {
            return Some(format!("{}: the order is {ids:?}", named()));
        }
    }
    match walk(house, question, size, act) {
        Ok((paged, total)) if paged == ids && total.is_none_or(|total| total == ids.len() as u64) => None,
        other => Some(format!("{} in pages of {size}: {:?}, not {ids:?}", named(), other.map_err(|e| e.to_string()))),
    }
}

/// All pages: the ids in their order, and the total that the first page names.
fn walk(house: &House, question: &Question, size: usize, act: impl Fn() -> Act) -> Result<(Vec<String>, Option<u64>), Error> {
    let mut query = format!("{}&_count={size}", question.query);
    let (mut ids, mut total) = (Vec::new(), None);
    for page in 0.. {
        let (resource_type, compartment) = (question.kind.to_owned(), question.compartment.clone());
        let request = SearchRequest { resource_type, query: query.clone(), lenient: false, compartment };
        let Page { entries, total: of_page, next, .. } = house.record.search(&act(), &request)?;
        assert!(entries.len() <= size && entries.iter().all(|e| e.mode == Mode::Match && e.resource_type == question.kind));
        total = if page == 0 { of_page } else { total };
        ids.extend(entries.into_iter().map(|entry| entry.id));
        match next {
            Some(next) => query = next,
            None => break,
        }
    }
    Ok((ids, total))
}

/// Where a resource stands in the order; those without a value stand last.
fn order_key(world: &World, kind: &str, id: &str, code: &str, down: bool) -> i64 {
    let row = &world[&(kind.to_owned(), id.to_owned())];
    if code == "_lastUpdated" {
        return row.updated;
    }
    let range = |value: &IndexValue<'_>| match value {
        IndexValue::Date(span) => Some((span.low, span.high)),
        IndexValue::Number { low, high } | IndexValue::Quantity { low, high, .. } => {
            Some((fhir::decimal::order_key(*low), fhir::decimal::order_key(*high)))
        }
        _ => None,
    };
    let values = naive::values(index::param(kind, code).unwrap(), row);
    let ranges = values.iter().filter_map(range);
    match down {
        true => ranges.map(|(_, high)| high).max().unwrap_or(i64::MIN),
        false => ranges.map(|(low, _)| low).min().unwrap_or(i64::MAX),
    }
}
