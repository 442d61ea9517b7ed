//! File sizes. (Function sizes are clippy's `too_many_lines`.)

use crate::allow::Allowed;
use crate::finding::{Finding, Weight};
use crate::repo::Repo;
use std::collections::BTreeMap;

/// From here on a file smells.
const SMELL: usize = 400;
/// No file is longer.
const LIMIT: usize = 600;
/// The files that people read and write.
const SOURCES: &[&str] = &["rs", "html", "css", "js", "mjs", "ts"];

/// Finds long files; the exceptions stand in `xtask/allow/file-size.txt`.
pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut long = BTreeMap::new();
    for file in repo.ending(SOURCES) {
        let lines = file.text.lines().count();
        let what = format!("{lines} lines");
        if lines > LIMIT {
            let cure = format!("cut it where its subjects part: {LIMIT} lines at most, 200 read well");
            long.insert(file.path.clone(), (lines, Finding::error(&file.path, 0, what, cure)));
        } else if lines > SMELL {
            findings.push(Finding::warning(&file.path, 0, what, "look whether it holds two subjects"));
        }
    }
    findings.extend(Allowed::read(repo, "file-size").judge(long));
    findings.sort_by_key(|finding| finding.weight == Weight::Error);
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::{repo_of, said};

    #[test]
    fn a_file_over_the_limit_is_found() {
        assert!(said(check, "crates/a/src/b.rs", &"\n".repeat(400)).is_empty());
        assert_eq!(said(check, "crates/a/src/b.rs", &"\n".repeat(601)), [(0, "601 lines".to_owned())]);
        assert!(said(check, "docs/a.md", &"\n".repeat(601)).is_empty());
    }

    #[test]
    fn a_smell_is_a_warning() {
        let found = check(&repo_of("crates/a/src/b.rs", &"\n".repeat(401)));
        assert_eq!(found[0].weight, Weight::Warning);
    }
}
