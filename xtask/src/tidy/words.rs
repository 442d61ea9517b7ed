//! Names and words: room pages, module names, leftovers, claims, obsolete ciphers.

use crate::finding::Finding;
use crate::repo::{File, Repo, line_at};
use crate::rust::{Source, parts, words};

/// Module names that say nothing.
const EMPTY_NAMES: &[&str] = &["manager", "managers", "helper", "helpers", "util", "utils", "common", "misc"];
/// Open ends. A masked identifier like four of the letter before a number is none.
const LEFTOVERS: &[&str] =
    &[concat!("FIX", "ME"), concat!("X", "XX"), concat!("TO", "DO"), concat!("HA", "CK")];
/// What must not be claimed (requirement X12).
const OVERCLAIM: &str = concat!("tamper", "proof");
/// Ciphers that protect nothing (X1, X13), as a part of a name.
const CIPHER_PARTS: &[&str] = &["ecb", "3des", "des3", "rc4", "arcfour"];
/// The same, as a piece of a name with its separators dropped.
const CIPHER_PIECES: &[&str] = &[
    concat!("blow", "fish"),
    concat!("triple", "des"),
    concat!("des", "ede"),
    concat!("pkcs1", "v15"),
    concat!("pkcs1", "padding"),
    // As aws-lc-rs calls encryption with it; signing and reading keys of that form have other names.
    concat!("pkcs1", "public"),
    concat!("pkcs1", "private"),
    concat!("des", "forlegacy"),
];

/// Runs the checks of words and names.
pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.ending(&["rs"]) {
        let source = Source::read(&file.text);
        findings.extend(room_page(file));
        findings.extend(module_name(file));
        findings.extend(leftovers(file, &source));
        findings.extend(ciphers(file, &source));
    }
    for file in repo.ending(&["rs", "md", "html", "ftl", "js", "mjs", "ts", "toml"]) {
        findings.extend(claims(file));
    }
    findings.extend(repo.file("Cargo.lock").map(locked_ciphers).unwrap_or_default());
    findings
}

/// A room's first lines say what it is, may use and never does.
fn room_page(file: &File) -> Option<Finding> {
    let root = file.path.strip_suffix("/src/lib.rs")?;
    let page: String = file.text.lines().take_while(|line| line.starts_with("//!")).collect();
    let page = page.to_lowercase();
    let missing: Vec<&str> = ["may use", "never"].into_iter().filter(|words| !page.contains(words)).collect();
    let cure = "open lib.rs with `//!` lines: what this room is, `May use: …`, `Never: …`";
    (!missing.is_empty()).then(|| {
        let what = format!("{root} does not begin with a page that says \"{}\"", missing.join("\" and \""));
        Finding::error(&file.path, 1, what, cure)
    })
}

fn module_name(file: &File) -> Option<Finding> {
    let (_, inside) = file.path.split_once("src/")?;
    let name = inside.split(['/', '.']).find(|name| EMPTY_NAMES.contains(name))?;
    let cure = "name it after what the clinician or the specification calls its subject";
    Some(Finding::error(&file.path, 0, format!("`{name}` says nothing about what is inside"), cure))
}

fn leftovers(file: &File, source: &Source<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |offset: usize, what: String, cure: &str| {
        findings.push(Finding::error(&file.path, line_at(source.text, offset), what, cure));
    };
    for range in &source.comments {
        for (at, word) in words(&source.text[range.clone()]) {
            if LEFTOVERS.contains(&word) {
                found(range.start + at, format!("a {word} is left"), "do it, or open an issue and remove it");
            }
        }
    }
    for (at, _) in source.code.match_indices("#[ignore") {
        found(at, "an ignored test".to_owned(), "make it run, or remove it: nothing is skipped");
    }
    for (at, word) in words(&source.code) {
        let after = source.code[at + word.len()..].trim_start();
        if ["todo", "unimplemented"].contains(&word) && after.starts_with('!') {
            found(
                at,
                format!("a {word}! is left"),
                "do it, or return an error that says it is not supported",
            );
        }
        if word == "mod" {
            let name = words(after).next().map_or("", |(_, name)| name);
            if EMPTY_NAMES.contains(&name) && after.starts_with(name) {
                found(at, format!("`{name}` says nothing about what is inside"), "name it after its subject");
            }
        }
    }
    findings
}

fn ciphers(file: &File, source: &Source<'_>) -> Vec<Finding> {
    let cure = "AES-256-GCM seals; RSA encrypts with OAEP (requirements X1, X13)";
    let mut named: Vec<(usize, &str)> = words(&source.code).filter(|(_, word)| is_obsolete(word)).collect();
    for range in &source.strings {
        let text = &source.text[range.clone()];
        let whole = text.split_whitespace().filter(|word| is_obsolete(word));
        named.extend(whole.map(|word| (range.start, word)));
    }
    let finding = |(at, word): (usize, &str)| {
        Finding::error(
            &file.path,
            line_at(source.text, at),
            format!("`{word}` names an obsolete cipher"),
            cure,
        )
    };
    // The lists themselves, here and in the licence check, are made of names.
    let own = file.path.starts_with("xtask/src/");
    if own { Vec::new() } else { named.into_iter().map(finding).collect() }
}

fn is_obsolete(name: &str) -> bool {
    let flat: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let bare = |part: &String| CIPHER_PARTS.contains(&part.trim_matches(|c: char| !c.is_alphanumeric()));
    CIPHER_PARTS.contains(&flat.as_str())
        || parts(name).iter().any(bare)
        || CIPHER_PIECES.iter().any(|piece| flat.contains(piece))
}

fn locked_ciphers(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let name = line.strip_prefix("name = \"").and_then(|rest| rest.strip_suffix('"'));
        if let Some(name) = name.filter(|name| is_obsolete(name) || *name == "des") {
            let what = format!("the crate `{name}` is an obsolete cipher");
            findings.push(Finding::error(&file.path, at + 1, what, "find what brings it in and drop that"));
        }
    }
    findings
}

fn claims(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let flat: String =
            line.to_lowercase().chars().filter(|c| !matches!(c, '-' | ' ' | '\u{2011}')).collect();
        if flat.contains(OVERCLAIM) {
            let what = "claims more than a log can do";
            findings.push(Finding::error(&file.path, at + 1, what, "say `tamper-evident` (requirement X12)"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::said;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        said(check, path, text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn a_room_opens_with_its_page() {
        let good = "//! What it is.\n//!\n//! May use: nothing. Never: I/O.\n";
        assert!(lines("crates/a/src/lib.rs", good).is_empty());
        assert_eq!(
            said(check, "crates/a/src/lib.rs", "//! What it is. May use: all.\nfn never() {}"),
            [(1, "crates/a does not begin with a page that says \"never\"".to_owned())]
        );
    }

    #[test]
    fn a_name_that_says_nothing_is_found() {
        assert_eq!(lines("crates/a/src/utils.rs", ""), [0]);
        assert_eq!(lines("crates/a/src/common/b.rs", ""), [0]);
        assert_eq!(lines("crates/a/src/b.rs", "\nmod helpers {}"), [2]);
        assert!(lines("crates/a/src/commons_bundle.rs", "mod utility {}").is_empty());
    }

    #[test]
    fn leftovers_are_found_in_code_and_comments_and_not_in_text() {
        let text = format!(
            "// {} later\nfn f() {{ {}!() }}\n#[ignore]\nfn g() {{ \"todo!\" }}",
            LEFTOVERS[0], "todo"
        );
        assert_eq!(lines("crates/a/src/b.rs", &text), [1, 3, 2]);
        assert!(lines("crates/a/src/b.rs", "// front desk sees XXXX1234\nlet ignored = todo;").is_empty());
    }

    #[test]
    fn obsolete_ciphers_are_found_by_name() {
        for name in
            ["Aes256Ecb", "aes_256_ecb", "AES_ECB_128", "TripleDes", "Pkcs1v15Encrypt", "BlowfishCbc", "Rc4"]
        {
            assert_eq!(lines("crates/a/src/b.rs", &format!("\nuse x::{name};")), [2], "{name}");
        }
        for text in ["\"AES-256-ECB\"", "\"DES-EDE3-CBC\"", "\"a 3DES cipher\""] {
            assert_eq!(lines("crates/a/src/b.rs", text), [1], "{text}");
        }
        for text in ["aes_256_gcm(recbound, described, sdes3x)", "// never ECB", "\"describes\""] {
            assert!(lines("crates/a/src/b.rs", text).is_empty(), "{text}");
        }
        assert_eq!(lines("Cargo.lock", "[[package]]\nname = \"des\"\n[[package]]\nname = \"serde\""), [2]);
    }

    #[test]
    fn a_log_is_evident_not_proof() {
        for claim in [concat!("Tamper-", "Proof"), concat!("tamper", " proof"), concat!("tamper", "proof")] {
            assert_eq!(lines("README.md", &format!("fine\nour {claim} log")), [2], "{claim}");
        }
        assert!(lines("README.md", "a tamper-evident log, and a proof").is_empty());
    }
}
