//! Hard-coded secrets (requirement X2): private keys anywhere, long literals under a secret's name outside tests.
//! Exceptions (a published test vector) stand in `xtask/allow/secrets.txt`, counted per file.

use crate::allow::Allowed;
use crate::finding::Finding;
use crate::repo::{File, Repo, line_at};
use crate::rust::{Source, parts, words};
use std::collections::BTreeMap;

/// Parts of a name that speak of secrets.
const SECRET_NAMES: &[&str] = &[
    "key",
    "keys",
    "secret",
    "secrets",
    "token",
    "tokens",
    "password",
    "passphrase",
    "credential",
    "credentials",
];
/// Shorter literals are labels and headers.
const SHORTEST: usize = 32;
/// How many numbers make an array of bytes suspect.
const FEWEST_BYTES: usize = 16;

/// Finds what looks like a secret.
pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let mut found = BTreeMap::new();
    for file in &repo.files {
        let secrets = if file.ending() == "lock" { Vec::new() } else { secrets_in(file) };
        if let Some((line, what)) = secrets.first() {
            let cure = "make the key when the program or test runs; if this protects nothing, write `path count why` into xtask/allow/secrets.txt";
            let what = format!("{what} ({} in this file)", secrets.len());
            found.insert(file.path.clone(), (secrets.len(), Finding::error(&file.path, *line, what, cure)));
        }
    }
    Allowed::read(repo, "secrets").judge(found)
}

/// Lines and kinds of all secrets of a file.
fn secrets_in(file: &File) -> Vec<(usize, String)> {
    let mut found = private_keys(&file.text);
    if file.ending() == "rs" {
        if !file.is_test() {
            found.extend(rust_literals(&Source::read(&file.text)));
        }
    } else if !file.is_test() && file.ending() != "md" {
        found.extend(settings(&file.text));
    }
    found.sort();
    found
}

fn private_keys(text: &str) -> Vec<(usize, String)> {
    let begins = text.match_indices("-----BEGIN ");
    let keys = begins.filter(|(at, mark)| {
        let label = text[at + mark.len()..].split("-----").next().unwrap_or_default();
        label.len() < 40 && label.ends_with("PRIVATE KEY")
    });
    keys.map(|(at, _)| (line_at(text, at), "a private key".to_owned())).collect()
}

fn rust_literals(source: &Source<'_>) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for range in &source.strings {
        let name = assigned_name(&source.code[..range.start]);
        if is_secret_name(name) && is_material(&source.text[range.clone()]) {
            found.push((range.start, name));
        }
    }
    for (at, _) in source.code.match_indices('[') {
        let inside = source.code[at + 1..].split([']', '[']).next().unwrap_or_default();
        let numbers =
            inside.split(',').filter(|n| n.trim().starts_with(|c: char| c.is_ascii_digit())).count();
        let name = assigned_name(&source.code[..at]);
        if numbers >= FEWEST_BYTES && is_secret_name(name) {
            found.push((at, name));
        }
    }
    let outside_tests = found.into_iter().filter(|(at, _)| !source.in_test(*at));
    outside_tests.map(|(at, name)| (line_at(source.text, at), format!("a literal for `{name}`"))).collect()
}

/// The name that a literal after this code is given to: that of the `let`, `const`, `static`, field or argument.
fn assigned_name(before: &str) -> &str {
    let mut depth = 0_i32;
    let opens = before.char_indices().rev().find(|(_, c)| {
        depth += i32::from(matches!(c, ']' | ')')) - i32::from(matches!(c, '[' | '('));
        depth < 0 || (depth == 0 && matches!(c, ';' | '{' | '}' | ','))
    });
    let statement = opens.map_or(before, |(at, _)| &before[at + 1..]);
    // `b"`, `r#"` and `&` stand between, and a type may: the name is the first word that is no keyword.
    let keywords = ["let", "const", "static", "pub", "crate", "mut", "super", "in"];
    let assigns = statement.contains('=') || statement.contains(':');
    words(statement)
        .map(|(_, word)| word)
        .find(|word| assigns && !keywords.contains(word))
        .unwrap_or_default()
}

/// `name = literal` and `name: literal` in settings, scripts and templates.
fn settings(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some((left, right)) = line.split_once(['=', ':']) else { continue };
        let Some((_, name)) = words(left).last() else { continue };
        let value = right.trim().trim_matches(|c: char| matches!(c, '"' | '\'' | ',' | ';' | '`'));
        if is_secret_name(name) && is_material(value) {
            found.push((at + 1, format!("a literal for `{name}`")));
        }
    }
    found
}

fn is_secret_name(name: &str) -> bool {
    parts(name).iter().any(|part| SECRET_NAMES.contains(&part.as_str()))
}

/// Whether a text could be key material: long, hexadecimal or Base64 with digits and letters of both cases.
fn is_material(text: &str) -> bool {
    let text = text.trim();
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
    let base64 =
        text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'='));
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    text.len() >= SHORTEST && (text.bytes().all(|byte| byte.is_ascii_hexdigit()) || (base64 && mixed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::said;

    const HEX: &str = "00112233445566778899aabbccddeeff";
    const BASE64: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo012345abc";

    fn lines(path: &str, text: &str) -> Vec<usize> {
        said(check, path, text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn a_private_key_is_found_anywhere() {
        let pem = format!("\n-----{} EC PRIVATE KEY-----\nMIIB", "BEGIN");
        for path in ["README.md", "crates/a/src/tests.rs", "crates/a/src/b.rs", "keepwell.toml"] {
            assert_eq!(lines(path, &pem), [2], "{path}");
        }
        assert!(lines("a.md", "-----BEGIN CERTIFICATE-----").is_empty());
    }

    #[test]
    fn a_literal_under_a_secrets_name_is_found() {
        for text in [
            format!("const SIGNING_KEY: &str = \"{HEX}\";"),
            format!("let token = \"{BASE64}\";"),
            format!("Settings {{ client_secret: b\"{HEX}\" }}"),
            format!("const KEY: [u8; 16] = [{}];", "0x01, ".repeat(16)),
        ] {
            assert_eq!(lines("crates/a/src/b.rs", &text), [1], "{text}");
            assert!(lines("crates/a/src/b/tests.rs", &text).is_empty(), "{text}");
            assert!(lines("crates/a/src/b.rs", &format!("#[cfg(test)]\nmod tests {{ {text} }}")).is_empty());
        }
        assert_eq!(lines("keepwell.toml", &format!("[a]\nroot_key = \"{HEX}\"")), [2]);
    }

    #[test]
    fn what_is_no_secret_passes() {
        for text in [
            format!("const EMPTY_ROOT: &str = \"{HEX}\";"),
            "let token_url = \"http://example.org/a/rather/long/path\";".to_owned(),
            "let key = \"AUniqueAndTellingLabelForThisThing\";".to_owned(),
            format!("let key = derive(); let root = \"{HEX}\";"),
        ] {
            assert!(lines("crates/a/src/b.rs", &text).is_empty(), "{text}");
        }
    }
}
