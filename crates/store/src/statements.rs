//! Law 5: one SQL text for both engines. Every statement of this room is prepared on both.
//!
//! Nobody keeps a list that could be forgotten: the texts are taken from the source files. What `sql.rs` builds is prepared
//! in its own tests, the bulk writes of `dialect.rs` here.

use crate::{
    dialect::Bulk,
    plain::Plain,
    schema::{LEAF, LINK, RESOURCE, SPAN, TERM, VERSION},
    trial::Trial,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Statements of one engine each, texts under construction, and the schema, which every test runs.
const ELSEWHERE: [&str; 11] = [
    "dialect.rs",
    "sql.rs",
    "condition.rs",
    "driver.rs",
    "schema.rs",
    "reach.rs",
    "part.rs",
    "cared.rs",
    "refined.rs",
    "write.rs",
    "explain.rs",
];

const VERBS: [&str; 4] = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "];

/// All source files of this room but its tests.
fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true => sources(&path, out),
            false if ["tests.rs", "trial.rs", "statements.rs"].contains(&name.as_str()) => {}
            false if ELSEWHERE.contains(&name.as_str()) => {}
            false => out.push(path),
        }
    }
}

/// The string literals of a source text, their line continuations joined.
fn strings(source: &str) -> Vec<String> {
    let mut out = Vec::new();
    for line in source.replace("\\\n", "\u{1}").lines() {
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        let mut parts = code.replace("'\"'", "").replace("\\\"", "\u{2}");
        parts = parts.replace('\u{2}', "");
        out.extend(parts.split('"').skip(1).step_by(2).map(joined));
    }
    out
}

/// A continued line begins at its first letter.
fn joined(literal: &str) -> String {
    let mut parts = literal.split('\u{1}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.trim_start())
}

fn statements() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let all = files.iter().flat_map(|path| strings(&fs::read_to_string(path).unwrap()));
    all.filter(|text| VERBS.iter().any(|verb| text.starts_with(verb))).collect()
}

#[test]
fn every_statement_is_understood_by_both_engines() {
    let texts = statements();
    assert!(texts.len() > 20, "{texts:#?}");
    for mut trial in Trial::both() {
        // The benchmark's control makes its own table.
        Plain::create(&trial.database).unwrap();
        for text in &texts {
            let lock = trial.conn.for_update();
            let sql = text
                .replace("{lock}", lock)
                .replace("{COMPARTMENT}", "1")
                .replace("({})", "(?1, ?2)")
                .replace("({marks})", "(?1, ?2, ?3, ?4)");
            assert!(!sql.contains('{'), "say in this test how the statement is filled in: {sql}");
            trial.conn.prepare(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
    }
}

#[test]
fn every_bulk_write_is_understood_by_both_engines() {
    for mut trial in Trial::both() {
        for table in [&RESOURCE, &VERSION, &TERM, &SPAN, &LINK, &LEAF] {
            for mode in [Bulk::Insert, Bulk::Ensure, Bulk::Delete] {
                trial.conn.prepare_bulk(table, mode).unwrap();
            }
        }
        // There is nothing to update where every column is of the key.
        for table in [&RESOURCE, &VERSION, &LEAF] {
            trial.conn.prepare_bulk(table, Bulk::Upsert).unwrap();
        }
    }
}

#[test]
fn a_statement_that_an_engine_does_not_understand_is_refused() {
    for mut trial in Trial::both() {
        assert!(trial.conn.prepare("SELECT nothing FROM head").is_err());
        assert!(trial.conn.prepare("SELECT rid FROM resource WHERE rid = ?1 ANDALSO 1 = 1").is_err());
    }
}

#[test]
fn continued_lines_and_quotes_are_read_as_the_compiler_does() {
    let source =
        "let a = \"SELECT 1 \\\n        FROM x\"; // \"no\"\n// \"SELECT 2\"\nf('\"', \"a\\\"b\", \"c\");";
    assert_eq!(strings(source), ["SELECT 1 FROM x", "no", "ab", "c"]);
}
