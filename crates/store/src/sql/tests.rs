//! Every shape of a search is understood by both engines (law 5).

use super::*;
use crate::select::{Compare, Holder, Look, Position};
use crate::trial::Trial;
use access::{
    act::{Glass, Standing},
    refine::{Criterion, Value},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

const COMPARES: [Compare; 9] = [
    Compare::Eq,
    Compare::Ne,
    Compare::Gt,
    Compare::Lt,
    Compare::Ge,
    Compare::Le,
    Compare::Sa,
    Compare::Eb,
    Compare::Ap,
];

fn looks() -> Vec<Look> {
    let token = |system: Option<&str>, code: Option<&str>, no_system| Look::Token {
        system: system.map(str::to_owned),
        code: code.map(str::to_owned),
        no_system,
    };
    vec![
        token(Some("s"), Some("c"), false),
        token(None, Some("c"), false),
        token(None, Some("c"), true),
        token(Some("s"), None, false),
        Look::Text("t".into()),
        Look::Start("t".into()),
        Look::Uri("u".into()),
    ]
}

/// Every kind of test that stands alone.
fn simple() -> Vec<Test> {
    let mut all = vec![Test::Never];
    all.extend(looks().into_iter().map(|look| Test::Has { param: 7, look }));
    all.extend(COMPARES.map(|compare| Test::Range { param: 7, unit: None, compare, low: 1, high: 2 }));
    let unit = Some((Some("s".to_owned()), "c".to_owned()));
    all.push(Test::Range { param: 7, unit, compare: Compare::Ap, low: 1, high: 2 });
    all.push(Test::Refers { param: 7, resource_type: "Patient".into(), id: "a".into() });
    let holders = [Holder::Term, Holder::Span, Holder::Link];
    all.extend((0..=3).map(|many| Test::Present { param: 7, holders: holders[..many].to_vec() }));
    all.push(Test::Id { resource_type: "Patient".into(), id: "a".into() });
    all.extend(COMPARES.map(|compare| Test::Updated { compare, low: 1, high: 2 }));
    all.push(Test::Changed { resource_type: "Observation".into(), after: 1, until: 2 });
    all
}

/// Every kind of test, those that hold others with each of these inside.
fn all() -> Vec<Test> {
    let simple = simple();
    let mut all = simple.clone();
    for test in &simple {
        let (param, resource_type) = (7, "Patient".to_owned());
        all.push(Test::Not(Box::new(test.clone())));
        all.push(Test::Any(vec![test.clone(), Test::Never]));
        all.push(Test::Chain { param, resource_type: resource_type.clone(), tests: vec![test.clone()] });
        all.push(Test::ReferredBy { param, resource_type, tests: vec![test.clone()] });
    }
    let refers = Test::Refers { param: 7, resource_type: "Group".into(), id: "a".into() };
    let has = Test::Has { param: 7, look: Look::Uri("u".into()) };
    all.push(Test::Any(vec![refers.clone(), refers.clone()]));
    all.push(Test::Any(vec![refers, has.clone(), has]));
    all.push(Test::Any(Vec::new()));
    all
}

/// What kind a test is; a new one does not compile here until it stands among the above.
fn kind(test: &Test) -> &'static str {
    match test {
        Test::Any(_) => "any",
        Test::Not(_) => "not",
        Test::Has { .. } => "has",
        Test::Range { .. } => "range",
        Test::Refers { .. } => "refers",
        Test::Chain { .. } => "chain",
        Test::ReferredBy { .. } => "referred by",
        Test::Present { .. } => "present",
        Test::Id { .. } => "id",
        Test::Updated { .. } => "updated",
        Test::Changed { .. } => "changed",
        Test::Never => "never",
    }
}

fn orders() -> [Order; 5] {
    [
        Order::Stored,
        Order::Updated { descending: false },
        Order::Updated { descending: true },
        Order::Span { param: 7, descending: false },
        Order::Span { param: 7, descending: true },
    ]
}

/// A refinement with a value of every kind.
fn understood(_: &str, _: &str) -> Option<Vec<Criterion>> {
    let token = Value::Token { system: Some("s".into()), code: Some("c".into()), no_system: false };
    let resource = Value::Resource { resource_type: "Patient".into(), id: "a".into() };
    Some(vec![
        Criterion { param: 7, any: vec![token] },
        Criterion { param: 8, any: vec![resource, Value::Uri("u".into())] },
    ])
}

/// Grants of every kind, resolved.
fn reaches(blinder: &Blinder) -> Vec<Reach> {
    let glass = Glass { patient: "a".into(), until: Timestamp::MAX };
    let known_as =
        vec![("Practitioner".to_owned(), "b".to_owned()), ("Organization".to_owned(), "o".to_owned())];
    let standings = [
        Standing { by_tie: true, known_as: known_as.clone(), ..Standing::default() },
        Standing {
            by_tie: true,
            known_as,
            glass: Some(glass),
            labels: vec!["PSY".into()],
            ..Standing::default()
        },
        Standing::default(),
    ];
    let mut reaches = Vec::new();
    for scopes in [
        &["system/*.rs"][..],
        &["system/Observation.rs", "system/Patient.rs"],
        &["patient/*.rs"],
        &["patient/Observation.rs", "patient/Patient.rs"],
        &["user/*.rs"],
        &["user/Observation.rs", "user/Practitioner.rs"],
        &["user/*.rs", "patient/*.rs", "system/Practitioner.rs"],
        &["patient/Observation.rs?category=a&code=b", "patient/Observation.rs?category=c"],
        &["user/Observation.rs?category=a", "system/Observation.rs?category=b"],
    ] {
        let by_care = scopes.iter().any(|scope| !scope.starts_with("system"));
        for standing in standings.iter().map(Some).filter(|_| by_care).chain([None]) {
            let grant = crate::trial::granted(scopes, Some("a"), standing).understood(&understood);
            reaches.push(Reach::new(blinder, &grant, |key| Some(3 + i64::from(key.0[0]))));
        }
    }
    // And as if nothing that it depends on were there.
    reaches.push(Reach::new(
        blinder,
        &crate::trial::granted(&["user/*.rs"], None, Some(&standings[0])),
        |_| None,
    ));
    reaches.dedup();
    reaches
}

/// The texts of every search, page and count, in every order, with every driver, for every reach.
fn searches(blinder: &Blinder) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    let tests = all();
    let kinds: BTreeSet<&str> = tests.iter().map(kind).collect();
    assert_eq!(kinds.len(), 12);
    for test in &tests {
        for reach in &reaches(blinder) {
            for order in orders() {
                // The reach and the order do not know of each other.
                if order != Order::Stored && !matches!(test, Test::Has { .. }) {
                    continue;
                }
                for (after, newest_rid) in [(None, i64::MAX), (Some(Position { key: 1, rid: 2 }), 9)] {
                    let tests =
                        vec![test.clone(), Test::Id { resource_type: "Observation".into(), id: "a".into() }];
                    let select = Select {
                        resource_type: "Observation".into(),
                        tests,
                        order,
                        after,
                        newest_rid,
                        limit: 5,
                    };
                    let mut driven = drivers(blinder, &select.tests);
                    driven.extend(Driver::of_reach(reach, &select.resource_type));
                    for driver in std::iter::once(None).chain(driven.iter().map(Some)) {
                        let mut page = Sql::new(blinder);
                        page.page(&select, reach, driver);
                        let mut count = Sql::new(blinder);
                        count.count(&select, reach, driver);
                        texts.extend([page.text, count.text]);
                    }
                    if !driven.is_empty() {
                        let mut estimates = Sql::new(blinder);
                        estimates.estimates(&driven, reach, 100);
                        texts.insert(estimates.text);
                    }
                }
            }
        }
    }
    texts
}

/// What is asked before something is written, and when somebody wants to know why.
fn decisions(blinder: &Blinder) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for reach in reaches(blinder) {
        let mut take = |build: &dyn Fn(&mut Sql<'_>)| {
            let mut sql = Sql::new(blinder);
            build(&mut sql);
            assert_eq!(sql.text.matches('?').count(), sql.args().len());
            texts.extend(Some(sql.text).filter(|text| !text.is_empty()));
        };
        take(&|sql| reach.sees(sql, 3, "Observation"));
        take(&|sql| reach.admits(sql, 3, "Observation"));
        take(&|sql| {
            reach.reasons(sql, 3);
        });
        if let Some(withheld) = reach.withheld("Observation") {
            take(&|sql| withheld.sees(sql, 3, "Observation"));
        }
    }
    texts
}

/// The texts of every read that is no search.
fn reads(blinder: &Blinder) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    let key = blinder.key("Observation", "a");
    for reach in &reaches(blinder) {
        let mut take = |build: &dyn Fn(&mut Sql<'_>)| {
            let mut sql = Sql::new(blinder);
            build(&mut sql);
            assert_eq!(sql.text.matches('?').count(), sql.args().len());
            texts.insert(sql.text);
        };
        for version in [None, Some(0), Some(3)] {
            take(&|sql| sql.one(key, version, "Observation", reach));
        }
        take(&|sql| sql.version(3, 2, reach));
        take(&|sql| sql.change(Concern::Owner(3), 2, 4, reach));
        take(&|sql| sql.one(key, None, "Practitioner", reach));
        for many in [1, 2, 64] {
            take(&|sql| sql.rows(&vec![1; many], reach));
            take(&|sql| sql.keyed(&vec![key; many], reach));
            take(&|sql| sql.referring(7, "Observation", &vec![1; many], 5, reach));
        }
        for of in [PastOf::Resource(key), PastOf::Type("Observation".into()), PastOf::Everything] {
            for (since, until) in [(None, None), (Some(1), None), (None, Some(1)), (Some(1), Some(2))] {
                let past = Past { of: of.clone(), before: 9, since, until, limit: 5 };
                take(&|sql| sql.history(&past, reach));
            }
        }
    }
    texts
}

#[test]
fn every_search_and_read_is_understood_by_both_engines() {
    for mut trial in Trial::both() {
        let blinder = trial.keys.blinder().clone();
        let texts: BTreeSet<String> =
            searches(&blinder).into_iter().chain(reads(&blinder)).chain(decisions(&blinder)).collect();
        assert!(texts.len() > 2_500, "{}", texts.len());
        for text in &texts {
            trial.conn.prepare(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }
}

#[test]
fn every_search_runs_and_finds_nothing_in_an_empty_house() {
    for mut trial in Trial::both() {
        let blinder = trial.keys.blinder().clone();
        for test in all() {
            for order in orders() {
                let (after, tests) = (Some(Position { key: 1, rid: 2 }), vec![test.clone()]);
                let select = Select {
                    resource_type: "Observation".into(),
                    tests,
                    order,
                    after,
                    newest_rid: 9,
                    limit: 5,
                };
                let every = reaches(&blinder);
                let Some(reach) = every.last() else { panic!("no reaches") };
                let mut sql = Sql::new(&blinder);
                sql.page(&select, reach, drivers(&blinder, &select.tests).first());
                let found = trial.conn.query(sql.text(), &sql.args(), |row| row.int(0)).unwrap();
                assert_eq!(found, [0_i64; 0], "{}", sql.text());
            }
        }
    }
}
