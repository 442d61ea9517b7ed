//! N10 begins here: a process that writes is killed at any moment, again and again. What it acknowledged is there, what it
//! did not is there whole or not at all, and the audit log is unbroken.
//!
//! The writer is this same program, started again with [`FOLDER`] set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

use record::change::{Change, DoneKind, Wish};
use record::error::Error;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};
use testkit::{
    chance::{self, Chance},
    house::{Engine, House},
};

/// Names the folder of the house to the process that writes in it.
const FOLDER: &str = "KEEPWELL_CRASH_FOLDER";
/// The first transaction's number for the process that writes.
const FIRST: &str = "KEEPWELL_CRASH_FIRST";
/// How often the writer is killed.
const ROUNDS: usize = 50;
/// Threads of the writer, so that several transactions share a commit.
const WRITERS: usize = 3;
/// Resources that every transaction after the first rewrites, all three with its number.
const SHARED: [&str; 3] = ["shared-0", "shared-1", "shared-2"];

/// What stands in the name of a writer's test, so that the killed process runs this and nothing else.
#[test]
fn a_writer_works_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let first: usize = std::env::var(FIRST).unwrap().parse().unwrap();
    let house = House::visit(Path::new(&folder));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let house = &house;
            scope.spawn(move || {
                (first..).step_by(10).for_each(|number| write(house, writer, number + writer))
            });
        }
    });
}

/// One transaction of three new resources and three that are there; acknowledged on standard output when it is done.
fn write(house: &House, writer: usize, number: usize) {
    let own = (0..3).map(|part| person(format!("t{number}-{part}"), number));
    let shared = SHARED.iter().map(|id| person(format!("{id}-{writer}"), number));
    let changes: Vec<Change> = own.chain(shared).collect();
    let done = house.record.commit(&house.operator(), "transaction", &changes).unwrap();
    assert!(done[..3].iter().all(|done| done.kind == DoneKind::Created));
    say(&format!("w {number}"));
    if number.is_multiple_of(7) {
        let id = Some(format!("t{number}-2"));
        let delete = Wish::Delete { resource_type: "Patient".into(), id, query: None, if_match: None };
        house.record.commit(&house.operator(), "delete", &[delete.into()]).unwrap();
        say(&format!("d {number}"));
    }
    if number.is_multiple_of(3) {
        house.record.read(&house.operator(), "Patient", &format!("t{number}-0")).unwrap();
        say(&format!("r {number}"));
    }
}

/// A line that the killer can read, past the test program's own output.
fn say(line: &str) {
    let mut out = std::io::stderr().lock();
    out.write_all(format!("ack {line}\n").as_bytes()).and_then(|()| out.flush()).unwrap();
}

fn person(id: String, number: usize) -> Change {
    let resource = json!({"resourceType": "Patient", "id": id, "identifier": [{"system": "urn:n", "value": number.to_string()}],
        "name": [{"family": "x".repeat(200 + number % 500)}]});
    let (resource_type, id) = ("Patient".to_owned(), Some(id));
    Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false }.into()
}

/// What the writers acknowledged.
#[derive(Default)]
struct Acknowledged {
    written: BTreeSet<usize>,
    deleted: BTreeSet<usize>,
    actions: u64,
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    let seed = chance::seed();
    println!("{} {seed}", chance::VARIABLE);
    let mut chance = Chance::new(seed);
    let mut house = House::new(Engine::Sqlite);
    let mut all = Acknowledged::default();
    for round in 0..ROUNDS {
        let first = 1 + round * 100_000;
        let folder = house.folder.clone();
        let closed = house.close();
        let wait = Duration::from_millis(chance.below(120) as u64);
        let lines = killed_after(&folder, first, wait, !chance.one_in(10));
        for line in lines {
            all.actions += 1;
            match line.split_once(' ') {
                Some(("w", number)) => drop(all.written.insert(number.parse().unwrap())),
                Some(("d", number)) => drop(all.deleted.insert(number.parse().unwrap())),
                _ => {}
            }
        }
        house = closed.open();
        check(&house, &all, first);
        all.actions = house.whole_log();
    }
    let report = house.record.verify(None, true, &mut |_| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert!(all.written.len() > ROUNDS, "only {} transactions were acknowledged", all.written.len());
}

/// Starts a writer, kills it, and hands out what it had acknowledged. The wait starts with the first acknowledgement, or
/// with the process, to kill it while it opens.
fn killed_after(folder: &Path, first: usize, wait: Duration, after_first: bool) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_writer_works_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(FIRST, first.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pipe = BufReader::new(child.stderr.take().unwrap());
    let (sender, lines) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        pipe.lines().map_while(Result::ok).for_each(|line| sender.send(line).unwrap())
    });
    let mut all = Vec::new();
    if after_first {
        all.extend(lines.recv_timeout(Duration::from_secs(60)));
        assert!(!all.is_empty(), "the writer did not begin");
    }
    // Nobody sends here: this waits.
    let (_keep, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(wait);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    all.extend(lines.try_iter());
    // A line without its end was cut off by the kill; its action may still count.
    let acks: Vec<String> =
        all.iter().filter_map(|line| line.strip_prefix("ack ")).map(str::to_owned).collect();
    let other: Vec<&String> =
        all.iter().filter(|line| !"ack ".starts_with(&line[..line.len().min(4)])).collect();
    assert!(other.is_empty(), "the writer failed: {other:?}");
    acks
}

fn check(house: &House, all: &Acknowledged, first: usize) {
    assert!(house.whole_log() >= all.actions, "an acknowledged action has no audit entry");
    let found = everything(house, "Patient");
    for number in &all.written {
        let parts = (0..3).filter(|part| found.contains_key(&format!("t{number}-{part}"))).count();
        let is_deleted = all.deleted.contains(number);
        assert!(
            parts == 3 || (parts == 2 && number.is_multiple_of(7)),
            "transaction {number} was acknowledged; {parts} of 3 are there"
        );
        assert!(!(is_deleted && parts == 3), "the deletion in {number} was acknowledged and did not happen");
    }
    // What this round's writer did and was not acknowledged is whole too.
    let mut parts: BTreeMap<usize, usize> = BTreeMap::new();
    for id in found.keys().filter_map(|id| id.strip_prefix('t')) {
        let number: usize = id.split_once('-').unwrap().0.parse().unwrap();
        *parts.entry(number).or_default() += 1;
    }
    for (number, parts) in parts.into_iter().filter(|(number, _)| *number >= first) {
        assert!(
            parts == 3 || (parts == 2 && number.is_multiple_of(7)),
            "{parts} of 3 of transaction {number} are there"
        );
    }
    for writer in 0..WRITERS {
        let states: Vec<Option<&(String, i64)>> =
            SHARED.iter().map(|id| found.get(&format!("{id}-{writer}"))).collect();
        assert!(states.windows(2).all(|pair| pair[0] == pair[1]), "rewritten together, but {states:?}");
        let Some((number, version)) = states[0] else { continue };
        let newest = all.written.iter().rfind(|n| (*n - 1) % 10 == writer);
        let newest = newest.copied().unwrap_or_default();
        assert!(
            number.parse::<usize>().unwrap() >= newest,
            "an acknowledged update of writer {writer} is gone"
        );
        for id in SHARED {
            let (act, id) = (house.operator(), format!("{id}-{writer}"));
            assert!(house.record.vread(&act, "Patient", &id, *version).is_ok());
            assert!(matches!(house.record.vread(&act, "Patient", &id, version + 1), Err(Error::NotFound)));
        }
    }
}

/// Every live resource of a type: its number and version. Found by the index and opened, so both are sound.
fn everything(house: &House, kind: &str) -> BTreeMap<String, (String, i64)> {
    let mut found = BTreeMap::new();
    let mut query = "identifier=urn:n|&_count=1000".to_owned();
    loop {
        let request = record::search::SearchRequest {
            resource_type: kind.into(),
            query,
            lenient: false,
            compartment: None,
        };
        let page = house.record.search(&house.operator(), &request).unwrap();
        for entry in page.entries {
            let value: Value = fhir::json::parse(&entry.body, fhir::json::Limits::default()).unwrap();
            let number = value["identifier"][0]["value"].as_str().unwrap().to_owned();
            let version = value["meta"]["versionId"].as_str().unwrap().parse().unwrap();
            found.insert(entry.id, (number, version));
        }
        match page.next {
            Some(next) => query = next,
            None => return found,
        }
    }
}
