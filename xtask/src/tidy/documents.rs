//! Documents: decisions are short and numbered without gaps, links lead somewhere.

use crate::finding::Finding;
use crate::repo::{File, Repo};
use std::collections::BTreeMap;
use std::path::Path;

const DECISIONS: &str = "docs/decisions/";
/// About a page.
const DECISION_LINES: usize = 60;

/// Runs both checks.
pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let mut findings = decisions(repo);
    for file in repo.ending(&["md"]) {
        findings.extend(links(repo, file));
    }
    findings
}

fn decisions(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut numbers = BTreeMap::<usize, &str>::new();
    for file in repo.files.iter().filter(|file| file.path.starts_with(DECISIONS) && file.ending() == "md") {
        let mut wrong = |what: String, cure: &str| findings.push(Finding::error(&file.path, 0, what, cure));
        let lines = file.text.lines().count();
        if lines > DECISION_LINES {
            wrong(format!("{lines} lines"), "a decision is under a page: at most 60 lines");
        }
        let name = &file.path[DECISIONS.len()..];
        let number =
            name.split_once('-').filter(|(number, _)| number.len() == 4).and_then(|(n, _)| n.parse().ok());
        match number {
            None if name == "README.md" => {}
            None => wrong(format!("`{name}` has no number"), "call it NNNN-title.md"),
            Some(number) => {
                if let Some(other) = numbers.insert(number, &file.path) {
                    wrong(format!("has the number of {other}"), "take the next free number");
                }
            }
        }
    }
    for (expected, (number, path)) in (1..).zip(&numbers) {
        if *number != expected {
            let what = format!("number {expected} is missing before it");
            findings.push(Finding::error(path, 0, what, "number decisions without gaps, from 0001"));
            break;
        }
    }
    findings
}

fn links(repo: &Repo, file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fenced = false;
    for (at, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for target in targets(line) {
            if !exists(repo, file, target) {
                let what = format!("the link to {target} leads nowhere");
                findings.push(Finding::error(&file.path, at + 1, what, "mend the path or write the page"));
            }
        }
    }
    findings
}

/// The targets of a line's links, `[text](target)` and `[name]: target`.
fn targets(line: &str) -> Vec<&str> {
    // What stands between backticks is text.
    let mut found = Vec::new();
    for (at, _) in line.match_indices("](") {
        let in_code = line[..at].matches('`').count() % 2 == 1;
        let target = line[at + 2..].split([')', ' ']).next().unwrap_or_default();
        if !in_code {
            found.push(target);
        }
    }
    let reference = line.strip_prefix('[').and_then(|line| line.split_once("]: "));
    found.extend(reference.and_then(|(_, target)| target.split_whitespace().next()));
    found
}

fn exists(repo: &Repo, file: &File, target: &str) -> bool {
    let target = target.trim_start_matches('<').trim_end_matches('>');
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    if elsewhere || path.is_empty() {
        return true;
    }
    match path.strip_prefix('/') {
        Some(from_root) => repo.root.join(from_root).exists(),
        None => repo.root.join(&file.path).parent().unwrap_or(Path::new("")).join(path).exists(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(names: &[&str]) -> Vec<String> {
        let file = |name: &&str| File { path: format!("{DECISIONS}{name}"), text: "# A\n".to_owned() };
        let repo = Repo { root: "/".into(), files: names.iter().map(file).collect() };
        check(&repo).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn decisions_are_numbered_without_gaps() {
        assert!(decided(&["0001-a.md", "0002-b.md", "README.md"]).is_empty());
        assert_eq!(decided(&["0001-a.md", "0003-b.md"]), ["number 2 is missing before it"]);
        assert_eq!(decided(&["0002-a.md"]), ["number 1 is missing before it"]);
        assert_eq!(decided(&["0001-a.md", "0001-b.md"]), ["has the number of docs/decisions/0001-a.md"]);
        assert_eq!(decided(&["about.md"]), ["`about.md` has no number"]);
    }

    #[test]
    fn a_long_decision_is_found() {
        let said = crate::tidy::tests::said(check, "docs/decisions/0001-a.md", &"\n".repeat(61));
        assert_eq!(said, [(0, "61 lines".to_owned())]);
    }

    #[test]
    fn links_must_lead_somewhere() {
        let text = "[a](Cargo.toml) [b](crates/ledger#c) [d](https://example.org) [e](#f)\n[g](gone.md)\n\n[h]: /gone/too\n```\n[i](not/a/link)\n```\n`[j](code)`\n";
        let file = File { path: "README.md".to_owned(), text: text.to_owned() };
        let repo = Repo { root: crate::repo::root(), files: vec![file] };
        let found: Vec<_> = check(&repo).into_iter().map(|finding| finding.line).collect();
        assert_eq!(found, [2, 4]);
    }
}
