//! Pages while others write: what stays as it is comes exactly once, in every order; what is new since the first page does
//! not come at all.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

use record::{
    change::{Change, Wish},
    search::SearchRequest,
};
use serde_json::json;
use std::collections::BTreeMap;
use testkit::{
    chance::{self, Chance},
    house::{ENGINES, House},
};

const PEOPLE: usize = 45;

fn put(id: String, chance: &mut Chance) -> Change {
    let resource = json!({"resourceType": "Patient", "id": id, "active": true, "birthDate": format!("19{:02}", chance.below(30)),
        "name": [{"family": *chance.pick(&["Rao", "Raoul", "Müller", "O'Brien"])}]});
    let (resource_type, id) = ("Patient".to_owned(), Some(id));
    Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false }.into()
}

fn delete(id: &str) -> Change {
    Wish::Delete { resource_type: "Patient".into(), id: Some(id.into()), query: None, if_match: None }.into()
}

/// Every third person is never touched.
fn is_steady(id: &str) -> bool {
    id.strip_prefix('p').is_some_and(|number| number.parse::<usize>().unwrap() % 3 == 0)
}

#[test]
fn what_stays_as_it_is_comes_exactly_once_while_others_write() {
    let seed = chance::seed();
    println!("{} {seed}", chance::VARIABLE);
    for engine in ENGINES {
        for sort in [
            "",
            "_lastUpdated",
            "-_lastUpdated",
            "birthdate",
            "-birthdate",
            "name",
            "-name,birthdate",
            "_id",
            "-_id",
        ] {
            for filter in ["", "name=o,r,m", "active=true"] {
                let mut chance = Chance::new(seed);
                let house = House::new(engine);
                let people: Vec<Change> = (0..PEOPLE).map(|n| put(format!("p{n}"), &mut chance)).collect();
                house.record.commit(&house.operator(), "transaction", &people).unwrap();
                let seen = walk(&house, &mut chance, sort, filter);
                let what = format!("_sort={sort}&{filter} on {engine:?}");
                for n in (0..PEOPLE).step_by(3) {
                    assert_eq!(seen.get(&format!("p{n}")), Some(&1), "p{n} in {what}");
                }
                assert!(
                    seen.keys().all(|id| id.starts_with('p')),
                    "{what} shows what is newer than its first page"
                );
            }
        }
    }
}

/// Goes through all pages, and changes something between them; how often everybody was shown.
fn walk(house: &House, chance: &mut Chance, sort: &str, filter: &str) -> BTreeMap<String, usize> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let sort = if sort.is_empty() { String::new() } else { format!("_sort={sort}&") };
    let mut query = format!("{sort}{filter}&_count=4");
    for page in 0.. {
        let request =
            SearchRequest { resource_type: "Patient".into(), query, lenient: false, compartment: None };
        let found = house.record.search(&house.operator(), &request).unwrap();
        for entry in found.entries {
            *seen.entry(entry.id).or_default() += 1;
        }
        let Some(next) = found.next else { break };
        query = next;
        let shown: Vec<&String> = seen.keys().filter(|id| !is_steady(id)).collect();
        let id = |chance: &mut Chance| format!("p{}", chance.below(PEOPLE));
        let mut changes = vec![put(format!("new{page}"), chance)];
        if !shown.is_empty() {
            changes.push(delete(chance.pick::<&String>(&shown)));
        }
        let (other, third) = (id(chance), id(chance));
        if !is_steady(&other) {
            changes.push(delete(&other));
        }
        if !is_steady(&third) {
            changes.push(put(third, chance));
        }
        for change in changes {
            house.record.commit(&house.operator(), "update", &[change]).unwrap();
        }
        assert!(page < 200, "the pages do not end");
    }
    seen
}
