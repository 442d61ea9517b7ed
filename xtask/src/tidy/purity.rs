//! What stands where: no I/O in the pure rooms (law 7), no SQL outside the store (law 5).

use crate::finding::Finding;
use crate::house::PURE;
use crate::repo::{File, Repo, line_at};
use crate::rust::{Source, words};

/// Modules of the standard library that do I/O.
const IO_MODULES: &[&str] = &["fs", "net", "thread", "process", "env", "os"];
/// Crates that do.
const IO_CRATES: &[&str] = &["tokio", "rusqlite", "postgres", "tokio_postgres", "reqwest", "axum", "hyper"];
/// Beginnings of statements, each with the word that must follow somewhere.
const SQL: &[(&str, &str)] = &[
    (concat!("SEL", "ECT "), ""),
    (concat!("INSERT", " INTO"), ""),
    (concat!("UPD", "ATE "), " SET "),
    (concat!("DELETE", " FROM"), ""),
    (concat!("CREATE", " TABLE"), ""),
];

/// Runs both checks.
pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.ending(&["rs"]) {
        let source = Source::read(&file.text);
        if file.room().is_some_and(|room| PURE.contains(&room)) && !file.is_test() {
            findings.extend(io(file, &source));
        }
        // Tests go behind the store's back with statements of their own, as a thief or a tampering operator would.
        if !matches!(file.room(), Some("store" | "testkit")) && !file.is_test() {
            findings.extend(sql(file, &source));
        }
    }
    findings
}

fn io(file: &File, source: &Source<'_>) -> Vec<Finding> {
    let code = &source.code;
    let mut found = Vec::new();
    for (at, word) in words(code) {
        let after = code[at + word.len()..].trim_start();
        if IO_CRATES.contains(&word) && after.starts_with("::") {
            found.push((at, word.to_owned()));
        } else if let Some(path) = after.strip_prefix("::").filter(|_| word == "std") {
            let named = std_modules(path);
            found.extend(
                named.into_iter().filter(|m| IO_MODULES.contains(m)).map(|m| (at, format!("std::{m}"))),
            );
        }
    }
    let cure = "take bytes as an argument; rooms above do the I/O (law 7)";
    let outside_tests = found.into_iter().filter(|(at, _)| !source.in_test(*at));
    let place = |at| line_at(source.text, at);
    outside_tests
        .map(|(at, what)| Finding::error(&file.path, place(at), format!("`{what}` in a pure room"), cure))
        .collect()
}

/// The modules named after `std::`: one, or those of the group `{…}`.
fn std_modules(path: &str) -> Vec<&str> {
    let path = path.trim_start();
    let Some(group) = path.strip_prefix('{') else {
        return words(path).next().map(|(_, word)| word).into_iter().collect();
    };
    let (mut depth, mut names, mut expected) = (0_i32, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expected = true,
            c if c.is_alphanumeric() && expected && depth == 0 => {
                names.extend(words(&group[at..]).next().map(|(_, word)| word));
                expected = false;
            }
            _ => {}
        }
    }
    names
}

fn sql(file: &File, source: &Source<'_>) -> Vec<Finding> {
    let is_sql = |text: &str| SQL.iter().any(|(verb, rest)| text.contains(verb) && text.contains(rest));
    let cure = "move the statement into `crates/store`, the only SQL in the house (law 5)";
    let found = source.strings.iter().filter(|range| is_sql(&source.text[(*range).clone()]));
    found
        .map(|range| {
            Finding::error(&file.path, line_at(source.text, range.start), "SQL outside the store", cure)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::said;

    #[test]
    fn io_in_a_pure_room_is_found_however_it_is_written() {
        for text in [
            "\nuse std::fs;",
            "\nuse std::{collections::{self, BTreeMap}, fs::File};",
            "\nlet x = std :: net::TcpStream;",
            "\nuse tokio::sync;",
        ] {
            assert_eq!(said(check, "crates/fhir/src/a.rs", text)[0].0, 2, "{text}");
        }
    }

    #[test]
    fn what_is_no_io_passes() {
        for text in [
            "use std::{collections::{fs, net}, fmt}; // std::fs",
            "let s = \"std::fs\";",
            "#[cfg(test)]\nmod tests { use std::fs; }",
        ] {
            assert!(said(check, "crates/fhir/src/a.rs", text).is_empty(), "{text}");
        }
        assert!(said(check, "crates/store/src/a.rs", "use std::fs;").is_empty());
        assert!(said(check, "crates/fhir/tests/a.rs", "use std::fs;").is_empty());
    }

    #[test]
    fn sql_is_found_outside_the_store_only() {
        for (verb, rest) in SQL {
            let text = format!("f(\"{verb} x{rest}\")");
            assert_eq!(
                said(check, "crates/record/src/a.rs", &text),
                [(1, "SQL outside the store".to_owned())]
            );
            assert!(said(check, "crates/store/src/a.rs", &text).is_empty());
        }
        let comment = format!("// {} x", SQL[1].0);
        for text in ["f(\"<select name=a>\")", "f(\"UPDATE the page\")", &comment] {
            assert!(said(check, "crates/record/src/a.rs", text).is_empty(), "{text}");
        }
    }
}
