//! Many at once on the same few resources: no update is lost, no version is given twice, and the index says at the end what
//! the resources say. On one kernel, and on two over one database, of which one has all keys. A second one with keys of its
//! own is kept out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

use record::{
    change::{Change, Done, DoneKind, Wish},
    error::Error,
    history::{HistoryRequest, Scope},
    search::SearchRequest,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};
use testkit::{
    chance::{self, Chance},
    house::{ENGINES, Engine, House},
};

const THREADS: usize = 8;
/// What each thread does.
const ACTIONS: usize = 70;
/// Resources that all threads write.
const SHARED: usize = 20;
/// Identifiers that conditional operations meet at.
const MET: usize = 4;

#[test]
fn no_update_is_lost_on_one_kernel() {
    for engine in ENGINES {
        let house = House::new(engine);
        run(&[&house], "Patient");
    }
}

/// As a command does beside a running server, on what belongs to no patient: there is no key to make for it.
#[test]
fn no_update_is_lost_on_two_kernels_over_one_database() {
    for engine in ENGINES {
        let first = House::new(engine);
        let second = first.beside();
        run(&[&first, &second], "Organization");
    }
}

#[test]
fn one_node_serves_a_database_and_nothing_that_was_written_becomes_unreadable() {
    let mut first = House::new(Engine::Postgres);
    let put = |house: &House, id: &str| {
        let resource = json!({"resourceType": "Patient", "id": id, "name": [{"family": id}]});
        let (resource_type, id) = ("Patient".to_owned(), Some(id.to_owned()));
        let wish =
            Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
        house.record.commit(&house.operator(), "update", &[wish.into()])
    };
    let reads = |house: &House, id: &str| house.record.read(&house.operator(), "Patient", id).is_ok();
    put(&first, "asha").unwrap();
    let refused = first.second_node().map(drop).unwrap_err();
    assert!(refused.to_string().contains("another Keepwell serves this database"), "{refused}");
    put(&first, "ben").unwrap();

    // The first ends; the other goes on, with keys as they are then.
    let other = first.copy_of_keys();
    let closed = first.close();
    let second = other.start().unwrap();
    assert!(reads(&second, "asha") && reads(&second, "ben"));
    put(&second, "chitra").unwrap();
    let newest = second.copy_of_keys();
    drop(second);
    // The first has no key for whom the second wrote: it is refused, and makes none.
    let refused = closed.start().map(drop).unwrap_err();
    assert!(refused.to_string().contains("no key for 1 of the patients"), "{refused}");
    first = newest.start().unwrap();
    assert!(["asha", "ben", "chitra"].iter().all(|id| reads(&first, id)));
    put(&first, "dev").unwrap();
    assert_eq!(first.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
}

/// What one thread knows it has written: the resource, its new version, and the word in it (`None` for a deletion).
type Written = (String, i64, Option<String>);

fn run(nodes: &[&House], kind: &str) {
    let seed = chance::seed();
    println!("{} {seed}", chance::VARIABLE);
    let words = AtomicUsize::new(0);
    let written: Vec<Written> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|at| {
                let mut thread = Thread {
                    house: nodes[at % nodes.len()],
                    kind,
                    words: &words,
                    chance: Chance::new(seed ^ at as u64),
                    written: Vec::new(),
                };
                scope.spawn(move || {
                    (0..ACTIONS).for_each(|_| thread.act());
                    thread.written
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    for node in nodes {
        check(node, kind, &written);
    }
    nodes[0].whole_log();
    let report = nodes[0].record.verify(None, true, &mut |_| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
}

struct Thread<'a> {
    house: &'a House,
    kind: &'a str,
    words: &'a AtomicUsize,
    chance: Chance,
    written: Vec<Written>,
}

impl Thread<'_> {
    fn act(&mut self) {
        let id = format!("s{}", self.chance.below(SHARED));
        match self.chance.below(9) {
            0 | 1 => self.commit(|me| vec![me.put(&id, None)]),
            2 => self.commit_if_unchanged(&id),
            3 => self.commit(|me| vec![me.delete(&id, None)]),
            4 => self.transaction(),
            5 => self.conditional_create(),
            6 => self.conditional_update(),
            7 => {
                let query = Some(format!("identifier=urn:met|{}", self.chance.below(MET)));
                let delete =
                    Wish::Delete { resource_type: self.kind.into(), id: None, query, if_match: None };
                self.commit(|_| vec![(delete.into(), None)]);
            }
            _ => self.read(&id),
        }
    }

    /// A word that nobody has written yet.
    fn word(&self) -> String {
        self.words.fetch_add(1, Ordering::Relaxed).to_string()
    }

    fn resource(&self, met: Option<usize>) -> (Value, String) {
        let word = self.word();
        let mut identifiers = vec![json!({"system": "urn:word", "value": word})];
        identifiers.extend(met.map(|met| json!({"system": "urn:met", "value": met.to_string()})));
        (json!({"resourceType": self.kind, "identifier": identifiers}), word)
    }

    fn put(&self, id: &str, if_match: Option<i64>) -> (Change, Option<String>) {
        let (mut resource, word) = self.resource(None);
        resource["id"] = id.into();
        let (resource_type, id) = (self.kind.to_owned(), Some(id.to_owned()));
        (
            Wish::Update { resource_type, id, query: None, resource, if_match, if_none_match: false }.into(),
            Some(word),
        )
    }

    fn delete(&self, id: &str, if_match: Option<i64>) -> (Change, Option<String>) {
        (
            Wish::Delete { resource_type: self.kind.into(), id: Some(id.into()), query: None, if_match }
                .into(),
            None,
        )
    }

    /// Commits, and remembers what was done.
    fn try_commit(&mut self, changes: Vec<(Change, Option<String>)>) -> Result<Vec<Done>, Error> {
        let (changes, words): (Vec<Change>, Vec<Option<String>>) = changes.into_iter().unzip();
        let done = self.house.record.commit(&self.house.operator(), "transaction", &changes)?;
        for (done, word) in done.iter().zip(words) {
            if matches!(done.kind, DoneKind::Created | DoneKind::Updated | DoneKind::Deleted) {
                self.written.push((done.id.clone(), done.version, word));
            }
        }
        Ok(done)
    }

    fn commit(&mut self, changes: impl FnOnce(&Self) -> Vec<(Change, Option<String>)>) {
        let changes = changes(self);
        match self.try_commit(changes) {
            Ok(_) => {}
            Err(error) => panic!("{error}: {error:?}"),
        }
    }

    fn commit_if_unchanged(&mut self, id: &str) {
        let Ok(shown) = self.house.record.read(&self.house.operator(), self.kind, id) else { return };
        let change = if self.chance.one_in(3) {
            self.delete(id, Some(shown.version))
        } else {
            self.put(id, Some(shown.version))
        };
        match self.try_commit(vec![change]) {
            Ok(done) => assert_eq!(done[0].version, shown.version + 1, "somebody came between"),
            Err(Error::Precondition(_)) => {}
            Err(error) => panic!("{error}: {error:?}"),
        }
    }

    fn transaction(&mut self) {
        let first = self.chance.below(SHARED);
        self.commit(|me| {
            (0..3).map(|step| me.put(&format!("s{}", (first + step * 5) % SHARED), None)).collect()
        });
    }

    fn conditional_create(&mut self) {
        let met = self.chance.below(MET);
        let (resource, word) = self.resource(Some(met));
        let wish = Wish::Create { resource, if_none_exist: Some(format!("identifier=urn:met|{met}")) };
        self.commit(|_| vec![(wish.into(), Some(word))]);
    }

    fn conditional_update(&mut self) {
        let met = self.chance.below(MET);
        let (resource, word) = self.resource(Some(met));
        let (resource_type, query) = (self.kind.to_owned(), Some(format!("identifier=urn:met|{met}")));
        let wish =
            Wish::Update { resource_type, id: None, query, resource, if_match: None, if_none_match: false };
        self.commit(|_| vec![(wish.into(), Some(word))]);
    }

    fn read(&mut self, id: &str) {
        match self.house.record.read(&self.house.operator(), self.kind, id) {
            Ok(_) | Err(Error::NotFound | Error::Gone { .. }) => {}
            Err(error) => panic!("{error}: {error:?}"),
        }
        find(self.house, self.kind, &format!("identifier=urn:met|{}", self.chance.below(MET)));
    }
}

fn find(house: &House, kind: &str, query: &str) -> Vec<(String, Value)> {
    let request =
        SearchRequest { resource_type: kind.into(), query: query.into(), lenient: false, compartment: None };
    let page = house.record.search(&house.operator(), &request).unwrap();
    let value = |body: &[u8]| fhir::json::parse(body, fhir::json::Limits::default()).unwrap();
    page.entries.into_iter().map(|entry| (entry.id, value(&entry.body))).collect()
}

fn word_of(value: &Value) -> String {
    value["identifier"][0]["value"].as_str().unwrap().to_owned()
}

fn check(house: &House, kind: &str, written: &[Written]) {
    let mut chains: BTreeMap<&str, BTreeMap<i64, &Option<String>>> = BTreeMap::new();
    for (id, version, word) in written {
        let other = chains.entry(id).or_default().insert(*version, word);
        assert_eq!(other, None, "version {version} of {id} was given twice");
    }
    for (id, chain) in &chains {
        let versions: Vec<i64> = chain.keys().copied().collect();
        assert_eq!(
            versions,
            (1..=versions.len() as i64).collect::<Vec<_>>(),
            "{id}: a successful update is gone"
        );
        let scope = Scope::Instance { resource_type: kind.into(), id: (*id).into() };
        let request = HistoryRequest { count: Some(1_000), ..HistoryRequest::default() };
        let past = house.record.history(&house.operator(), &scope, &request).unwrap();
        assert_eq!(past.entries.len(), chain.len(), "{id}: the history has other versions than were written");
        for entry in &past.entries {
            let shown = entry
                .body
                .as_ref()
                .map(|body| fhir::json::parse(body, fhir::json::Limits::default()).unwrap());
            assert_eq!(
                &&shown.as_ref().map(word_of),
                chain.get(&entry.version).unwrap(),
                "version {} of {id}",
                entry.version
            );
        }
        let newest = chain.values().next_back().unwrap();
        for (version, word) in chain.iter().filter_map(|(version, word)| Some((version, word.as_ref()?))) {
            let found = find(house, kind, &format!("identifier=urn:word|{word}"));
            let is_found = found.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>();
            let expected = if newest.as_ref() == Some(word) { vec![*id] } else { vec![] };
            assert_eq!(is_found, expected, "the word of version {version} of {id}");
        }
    }
    for met in 0..MET {
        let found = find(house, kind, &format!("identifier=urn:met|{met}"));
        assert!(
            found.len() <= 1,
            "{} resources share an identifier that was asked for before each create",
            found.len()
        );
    }
}
