//! Allowlists that may only shrink: `xtask/allow/NAME.txt`.
//!
//! One exception per line: `key count why`. The count is how much is allowed, and it must be exactly what is there: more
//! is an error, and so is an entry that allows more than is still needed. So every mending is pocketed.

use crate::finding::Finding;
use crate::repo::Repo;
use std::collections::BTreeMap;

/// The exceptions of one rule.
#[derive(Debug)]
pub(crate) struct Allowed {
    place: String,
    entries: BTreeMap<String, Entry>,
    malformed: Vec<usize>,
}

#[derive(Debug)]
struct Entry {
    count: usize,
    line: usize,
}

impl Allowed {
    /// The allowlist `name`; a list that is not there is empty.
    pub(crate) fn read(repo: &Repo, name: &str) -> Self {
        let place = format!("xtask/allow/{name}.txt");
        let text = repo.file(&place).map_or("", |file| file.text.as_str());
        Self::parse(&place, text)
    }

    fn parse(place: &str, text: &str) -> Self {
        let mut allowed = Self { place: place.to_owned(), entries: BTreeMap::new(), malformed: Vec::new() };
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut words = line.split_whitespace();
            let entry = (words.next(), words.next().and_then(|count| count.parse().ok()), words.next());
            match entry {
                (Some(key), Some(count), Some(_why)) => {
                    allowed.entries.insert(key.to_owned(), Entry { count, line: at + 1 });
                }
                _ => allowed.malformed.push(at + 1),
            }
        }
        allowed
    }

    /// Judges what was found under each key against the list. `found` maps a key to (how much, the error if it is not
    /// allowed).
    pub(crate) fn judge(&self, found: BTreeMap<String, (usize, Finding)>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self
            .malformed
            .iter()
            .map(|line| Finding::error(&self.place, *line, "not `key count why`", "give all three"))
            .collect();
        for (key, entry) in &self.entries {
            match found.get(key).map_or(0, |(count, _)| *count) {
                0 => findings.push(Finding::error(
                    &self.place,
                    entry.line,
                    format!("{key} needs no exception any more"),
                    "remove the line",
                )),
                count if count < entry.count => findings.push(Finding::error(
                    &self.place,
                    entry.line,
                    format!("{key} is allowed {} and needs {count}", entry.count),
                    format!("lower it to {count}: the list only shrinks"),
                )),
                _ => {}
            }
        }
        for (key, (count, finding)) in found {
            if self.entries.get(&key).is_none_or(|entry| entry.count < count) {
                findings.push(finding);
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(list: &str, found: &[(&str, usize)]) -> Vec<String> {
        let found = found.iter().map(|(key, count)| {
            ((*key).to_owned(), (*count, Finding::error(key, 0, format!("has {count}"), "mend it")))
        });
        let findings = Allowed::parse("list", list).judge(found.collect());
        findings.iter().map(|finding| finding.what.clone()).collect()
    }

    #[test]
    fn an_exact_entry_allows() {
        assert!(
            judge("# comment\n\na.rs 612 a table that reads best in one piece\n", &[("a.rs", 612)])
                .is_empty()
        );
    }

    #[test]
    fn what_is_not_listed_or_has_grown_is_found() {
        assert_eq!(judge("", &[("a.rs", 612)]), ["has 612"]);
        assert_eq!(judge("a.rs 611 why", &[("a.rs", 612)]), ["has 612"]);
    }

    #[test]
    fn an_entry_that_allows_too_much_must_shrink() {
        assert_eq!(judge("a.rs 613 why", &[("a.rs", 612)]), ["a.rs is allowed 613 and needs 612"]);
        assert_eq!(judge("a.rs 613 why", &[]), ["a.rs needs no exception any more"]);
    }

    #[test]
    fn an_entry_without_a_reason_is_refused() {
        assert_eq!(judge("a.rs 612", &[("a.rs", 612)]), ["not `key count why`", "has 612"]);
    }
}
