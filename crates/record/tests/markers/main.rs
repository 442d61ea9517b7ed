//! F1, E3, X7: a thief with everything but the root key reads nothing. A thousand words that nobody else says are put
//! wherever a patient's data may stand; afterwards no file, row, error text or trace holds one of them in any spelling.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

mod resources;

use access::act::{Act, Actor};
use record::{
    change::{Change, Wish},
    error::Error,
    history::{HistoryRequest, Scope},
    search::SearchRequest,
    sign_in::Pass,
};
use resources::Words;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, Once, PoisonError},
};
use testkit::{
    chance::{self, Chance},
    finder::Finder,
    house::{ENGINES, Engine, House},
};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

/// Words at least.
const MANY: usize = 1_000;

/// Everything that was traced or logged, at the finest level.
static TRACED: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTEN: Once = Once::new();

struct Trace;

impl Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        TRACED.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Trace {
    type Writer = Trace;
    fn make_writer(&'a self) -> Trace {
        Trace
    }
}

fn listen() {
    LISTEN.call_once(|| {
        // Takes what libraries `log` as well, as the server does.
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(Trace)
            .with_ansi(false)
            .init();
        tracing::trace!("traces are heard");
    });
}

#[test]
fn no_word_of_a_patient_stands_in_what_sqlite_keeps_or_anything_says() {
    keep_silent(Engine::Sqlite);
}

#[test]
fn no_word_of_a_patient_stands_in_what_postgresql_keeps_or_anything_says() {
    keep_silent(Engine::Postgres);
}

fn keep_silent(engine: Engine) {
    listen();
    let seed = chance::seed();
    println!("{} {seed}", chance::VARIABLE);
    let mut words = Words::new(Chance::new(seed));
    let house = House::new(engine);
    let mut said = Vec::new();
    let made = live(&house, &mut words, &mut said);
    ask(&house, &mut words, &made, &mut said);
    fail(&house, &mut words, &mut said);
    let finder = Finder::new(words.all.clone());
    assert!(words.all.len() >= MANY, "only {} words", words.all.len());
    for text in &said {
        assert_eq!(finder.find(text.as_bytes()), None, "an error text says it: {text}");
    }
    look(&house, &finder, "while it runs");
    let house = house.reopen();
    look(&house, &finder, "after it was opened again");
    for (kind, id) in &made {
        let delete =
            Wish::Delete { resource_type: kind.clone(), id: Some(id.clone()), query: None, if_match: None };
        house.record.commit(&house.operator(), "delete", &[delete.into()]).unwrap();
    }
    look(&house, &finder, "after everything was deleted");
    let traced = TRACED.lock().unwrap_or_else(PoisonError::into_inner);
    let heard = if engine == Engine::Sqlite { "traces are heard" } else { "tokio_postgres" };
    assert!(String::from_utf8_lossy(&traced).contains(heard), "nothing was heard of {heard}");
    assert_eq!(finder.find(&traced), None, "a trace says it");
}

/// Stores, changes and deletes resources full of words; which there are.
fn live(house: &House, words: &mut Words, said: &mut Vec<String>) -> BTreeSet<(String, String)> {
    let mut made = BTreeSet::new();
    for _ in 0..8 {
        let patient = words.word();
        let resources = [
            words.patient(&patient),
            words.observation(&patient),
            words.document(&patient),
            words.medication_request(&patient),
            words.organization(),
            words.binary(),
        ];
        let changes: Vec<Change> = resources.iter().cloned().map(put).collect();
        let act = named(house, words);
        let done =
            house.record.commit(&act, "transaction", &changes).unwrap_or_else(|e| panic!("{:?}", e.issues()));
        made.extend(done.into_iter().map(|done| (done.resource_type, done.id)));
        // Other words in their place: the old ones must go from the index, and stay sealed in the history.
        let mut again = words.patient(&patient);
        again["id"] = patient.as_str().into();
        house.record.commit(&act, "update", &[put(again)]).unwrap();
        let observation = resources[1]["id"].as_str().unwrap().to_owned();
        let delete = Wish::Delete {
            resource_type: "Observation".into(),
            id: Some(observation.clone()),
            query: None,
            if_match: None,
        };
        house.record.commit(&act, "delete", &[delete.into()]).unwrap();
        made.remove(&("Observation".to_owned(), observation));
    }
    let (system, value) = (words.word(), words.word());
    let patient = json!({"resourceType": "Patient", "identifier": [{"system": format!("urn:{system}"), "value": value}]});
    let if_none_exist = Some(format!("identifier=urn:{system}|{value}"));
    for _ in 0..2 {
        let wish = Wish::Create { resource: patient.clone(), if_none_exist: if_none_exist.clone() };
        let done = house.record.commit(&named(house, words), "create", &[wish.into()]).unwrap().remove(0);
        made.insert((done.resource_type, done.id));
    }
    let wish = Wish::Create {
        resource: json!({"resourceType": "Observation", "status": "final", "code": {"text": words.word()},
        "subject": {"reference": format!("Patient?identifier={}", words.word())}}),
        if_none_exist: None,
    };
    said.extend(told(house.record.commit(&named(house, words), "create", &[wish.into()])));
    let pass = Pass { actor: named(house, words).actor, expires: house.now() };
    house.record.issue(&words.word(), &pass).unwrap();
    made
}

/// Reads and searches with words in every place.
fn ask(house: &House, words: &mut Words, made: &BTreeSet<(String, String)>, said: &mut Vec<String>) {
    for (kind, id) in made {
        house.record.read(&named(house, words), kind, id).unwrap();
        let scope = Scope::Instance { resource_type: kind.clone(), id: id.clone() };
        house.record.history(&named(house, words), &scope, &HistoryRequest::default()).unwrap();
    }
    for (kind, query) in [
        ("Patient", "name"),
        ("Patient", "name:exact"),
        ("Patient", "family:contains"),
        ("Patient", "identifier"),
        ("Patient", "identifier:not"),
        ("Patient", "address-city"),
        ("Patient", "general-practitioner:identifier"),
        ("Observation", "code"),
        ("Observation", "subject"),
        ("Observation", "subject:Patient"),
        ("Observation", "subject:Patient.name"),
        ("Patient", "_has:Observation:patient:code"),
        ("Patient", "_profile"),
        ("Patient", "_id"),
        ("Organization", "name"),
    ] {
        // A word that is there, and one that is not.
        for word in [words.known(), words.word()] {
            said.extend(told(search(house, words, kind, &format!("{query}={word}&_count=1"))));
        }
    }
}

fn search(house: &House, words: &mut Words, kind: &str, query: &str) -> Result<(), Error> {
    let request =
        SearchRequest { resource_type: kind.into(), query: query.into(), lenient: false, compartment: None };
    let page = house.record.search(&named(house, words), &request)?;
    match page.next {
        Some(next) => {
            house.record.search(&named(house, words), &SearchRequest { query: next, ..request }).map(drop)
        }
        None => Ok(()),
    }
}

/// Provokes errors with words in what is at fault.
fn fail(house: &House, words: &mut Words, said: &mut Vec<String>) {
    for (kind, query) in [
        ("Patient", "birthdate=W"),
        ("Patient", "birthdate=ge2020,W"),
        ("Patient", "name=%zzW"),
        ("Patient", r"name=\W"),
        ("Patient", "identifier=a|b|W"),
        ("Patient", "active:missing=W"),
        ("Patient", "_count=W"),
        ("Patient", "_sort=W"),
        ("Patient", "_total=W"),
        ("Patient", "_summary=W"),
        ("Patient", "_include=Patient:W"),
        ("Patient", "_lastUpdated=W"),
        ("Patient", "_cursor=W"),
        ("Patient", "name=W&_cursor=x"),
        ("Observation", "value-quantity=W|a|b"),
        ("Observation", "subject:Patient=Group/W"),
        ("Observation", "subject=W W"),
        ("Observation", "subject:Patient.birthdate=W"),
        ("Observation", "subject:Patient.name:exact=W"),
        ("RiskAssessment", "probability=W"),
        ("Observation", "code-value-quantity=W$1"),
    ] {
        let query = query.replace('W', &words.word());
        said.extend(told(search(house, words, kind, &query)));
    }
    for broken in words.broken() {
        said.extend(told(house.record.commit(&named(house, words), "create", &[create(broken.clone())])));
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"fullUrl": format!("urn:uuid:{}", words.word()),
            "resource": broken, "request": {"method": "POST", "url": "Patient", "ifNoneExist": format!("identifier={}", words.word())}}]});
        let answer =
            record::bundle::Answer { base: "http://localhost/fhir/R4", representation: true, lenient: false };
        said.extend(told(house.record.bundle(&named(house, words), bundle, answer)));
    }
    for text in ["{\"a\":\"W\\q\"}", "{\"W\":1,\"W\":2}", "[\"W\"", "{\"W\"}", "\"W\u{1}\"", "Wabc"] {
        let text = text.replace('W', &words.word());
        said.push(fhir::json::parse(text.as_bytes(), fhir::json::Limits::default()).unwrap_err().to_string());
    }
    let stranger =
        Act { actor: Actor { scopes: Vec::new(), ..named(house, words).actor }, ..house.operator() };
    said.extend(told(house.record.read(&stranger, "Patient", &words.word())));
    said.extend(told(house.record.read(&named(house, words), "Patient", &words.word())));
    said.extend(told(house.record.vread(&named(house, words), "Patient", &words.known(), 9)));
    let at =
        HistoryRequest { at: Some(words.word()), since: Some(words.word()), ..HistoryRequest::default() };
    said.extend(told(house.record.history(&named(house, words), &Scope::System, &at)));
    let conditional = Wish::Update {
        resource_type: "Patient".into(),
        id: Some(words.word()),
        query: None,
        resource: json!({"resourceType": "Patient", "id": words.known()}),
        if_match: Some(7),
        if_none_match: true,
    };
    said.extend(told(house.record.commit(&named(house, words), "update", &[conditional.into()])));
}

/// Everything that an error says to anyone.
fn told<T>(result: Result<T, Error>) -> Vec<String> {
    let Err(error) = result else { return Vec::new() };
    let issues = error.issues();
    let issues = issues.iter().map(|issue| format!("{issue:?}"));
    issues.chain([error.to_string(), format!("{error:?}")]).collect()
}

/// An operator whose name nobody may read either.
fn named(house: &House, words: &mut Words) -> Act {
    let act = house.operator();
    Act { actor: Actor { name: words.word(), ..act.actor }, ..act }
}

fn create(resource: Value) -> Change {
    Wish::Create { resource, if_none_exist: None }.into()
}

fn put(resource: Value) -> Change {
    let named = |name: &str| resource[name].as_str().unwrap().to_owned();
    let (resource_type, id) = (named("resourceType"), Some(named("id")));
    Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false }.into()
}

/// Looks through every row and every file.
fn look(house: &House, finder: &Finder, when: &str) {
    let mut rows = 0;
    for table in house.tables() {
        for row in house.rows(&format!("SELECT * FROM {table}")) {
            rows += 1;
            for cell in &row {
                assert_eq!(finder.find(cell), None, "a row of {table}, {when}");
            }
        }
    }
    assert!(rows > 300, "only {rows} rows");
    let mut files: Vec<PathBuf> = house.files().into_iter().map(|(path, _)| path).collect();
    files.extend(cluster_files(house));
    let is_there = |end: &str| files.iter().any(|path| path.to_string_lossy().ends_with(end));
    assert!(is_there("keyring") && (is_there("keepwell.db-wal") || is_there("PG_VERSION")), "{files:?}");
    for path in files {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        assert_eq!(finder.find(&bytes), None, "{}, {when}", path.display());
    }
}

/// What the PostgreSQL server itself keeps: this database's files, the write-ahead log, the server's log.
fn cluster_files(house: &House) -> Vec<PathBuf> {
    if house.path() != PathBuf::new() {
        return Vec::new();
    }
    house.rows("SELECT 'x' FROM (SELECT pg_switch_wal()) AS s");
    let cell = |sql: &str| String::from_utf8(house.rows(sql)[0][0].clone()).unwrap();
    let data = PathBuf::from(cell("SELECT setting FROM pg_settings WHERE name = 'data_directory'"));
    let own =
        data.join("base").join(cell("SELECT oid::text FROM pg_database WHERE datname = current_database()"));
    let mut files = Vec::new();
    for folder in [own, data.join("pg_wal"), data.join("global"), data.join("pg_stat_tmp"), data.join("log")]
    {
        collect(&folder, &mut files);
    }
    assert!(files.len() > 100, "the server's files cannot be read: {files:?}");
    files.extend(data.parent().map(|parent| parent.join("log")));
    files
}

fn collect(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, out) } else { out.push(path) }
    }
}

/// X1: equal resources look nothing alike where they are stored.
#[test]
fn two_equal_resources_have_unrelated_bytes() {
    for engine in ENGINES {
        let house = House::new(engine);
        let mut words = Words::new(Chance::new(1));
        let patient = words.patient("same");
        for _ in 0..2 {
            house.record.commit(&house.operator(), "create", &[create(patient.clone())]).unwrap();
        }
        let bodies = house.rows("SELECT body FROM version ORDER BY seq");
        assert_unrelated(&bodies[0][0], &bodies[1][0]);
        let leaves = house.rows("SELECT entry FROM leaf ORDER BY seq");
        assert_unrelated(&leaves[0][0], &leaves[1][0]);
    }
}

/// X2: two installations have nothing in common but the form of their files.
#[test]
fn two_houses_share_no_key_and_no_term() {
    for engine in ENGINES {
        let houses = [House::new(engine), House::new(engine)];
        let patient = Words::new(Chance::new(1)).patient("same");
        for house in &houses {
            house.record.commit(&house.operator(), "update", &[put(patient.clone())]).unwrap();
        }
        for (table, column) in
            [("term", "term"), ("span", "scope"), ("resource", "key"), ("version", "body"), ("leaf", "entry")]
        {
            let cells = houses.each_ref().map(|house| {
                let rows = house.rows(
                    &format!("SELECT {column} FROM {table} WHERE {column}::text <> '0'")
                        .replace("::text", if engine == Engine::Sqlite { "" } else { "::text" }),
                );
                rows.into_iter().flatten().filter(|cell| cell != b"0").collect::<BTreeSet<_>>()
            });
            assert!(table == "span" || !cells[0].is_empty(), "no {column} in {table}");
            assert!(cells[0].is_disjoint(&cells[1]), "{table}.{column} on {engine:?}");
        }
        let keys = houses.each_ref().map(|house| std::fs::read(house.folder.join("keyring")).unwrap());
        let secrets = keys.each_ref().map(|bytes| secret_parts(bytes));
        assert!(secrets[0].len() > 4, "the keyring holds few secrets: {}", secrets[0].len());
        for a in &secrets[0] {
            secrets[1].iter().for_each(|b| assert_unrelated(a, b));
        }
        let roots = houses
            .each_ref()
            .map(|house| secret_parts(&std::fs::read(house.folder.join("root.key")).unwrap()));
        assert!(!roots[0].is_empty() && roots[0].iter().all(|a| roots[1].iter().all(|b| a != b)));
        assert_ne!(houses[0].record.store().verifier_key(), houses[1].record.store().verifier_key());
    }
}

/// The long unbroken texts of a file (encoded keys), and what stands in the keyring's frames after the header: wrapped keys.
fn secret_parts(bytes: &[u8]) -> Vec<Vec<u8>> {
    let texts =
        bytes.split(|b| !(b.is_ascii_alphanumeric() || b"-_".contains(b))).filter(|part| part.len() >= 20);
    let frames = bytes.windows(4).enumerate().filter(|(_, w)| w == b"KWF1").map(|(at, _)| at).skip(1);
    let frames: Vec<usize> = frames.chain([bytes.len()]).collect();
    // A frame begins with its mark, kind and length: nine bytes.
    let wrapped = frames.windows(2).map(|ends| bytes[ends[0] + 9..ends[1]].to_vec());
    texts.map(<[u8]>::to_vec).chain(wrapped).collect()
}

/// No eight bytes in a row that look random are in both.
fn assert_unrelated(a: &[u8], b: &[u8]) {
    let windows = |bytes: &[u8]| -> BTreeSet<Vec<u8>> {
        let random = |w: &&[u8]| w.iter().collect::<BTreeSet<_>>().len() >= 6;
        bytes.windows(8).filter(random).map(<[u8]>::to_vec).collect()
    };
    let (a, b) = (windows(a), windows(b));
    assert!(!a.is_empty() && !b.is_empty(), "nothing to compare");
    assert_eq!(a.intersection(&b).next(), None, "shared bytes");
}
