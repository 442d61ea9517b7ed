//! The rules of the house that no compiler knows. Each check is a function over the [`Repo`]; all stand in [`run`].
//!
//! Words that a check looks for are written in two halves here, so that the checks need no exception for themselves.

mod documents;
mod purity;
mod secrets;
mod size;
mod words;

use crate::finding::Finding;
use crate::house;
use crate::metadata::Metadata;
use crate::repo::Repo;

/// All checks over the working tree.
pub(crate) fn run() -> anyhow::Result<Vec<Finding>> {
    let repo = Repo::read()?;
    let mut findings = house::check(&Metadata::ours()?);
    findings.extend(house::check_page(repo.file("ARCHITECTURE.md").map(|file| file.text.as_str())));
    findings.extend(size::check(&repo));
    findings.extend(words::check(&repo));
    findings.extend(purity::check(&repo));
    findings.extend(secrets::check(&repo));
    findings.extend(documents::check(&repo));
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::errors;
    use crate::repo::File;

    /// A repository with one file.
    pub(super) fn repo_of(path: &str, text: &str) -> Repo {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        Repo { root: "/".into(), files: vec![file] }
    }

    /// What a check says of that file: the line and what is wrong.
    pub(super) fn said(check: fn(&Repo) -> Vec<Finding>, path: &str, text: &str) -> Vec<(usize, String)> {
        check(&repo_of(path, text)).into_iter().map(|finding| (finding.line, finding.what)).collect()
    }

    fn holds(check: fn(&Repo) -> Vec<Finding>) {
        let errors = errors(&check(&Repo::read().unwrap()));
        assert!(errors.is_empty(), "{errors}");
    }

    #[test]
    fn files_are_short() {
        holds(size::check);
    }

    #[test]
    fn names_and_words_are_those_of_the_house() {
        holds(words::check);
    }

    #[test]
    fn pure_rooms_are_pure_and_sql_stays_in_the_store() {
        holds(purity::check);
    }

    #[test]
    fn no_secret_is_in_the_repository() {
        holds(secrets::check);
    }

    #[test]
    fn documents_are_whole() {
        holds(documents::check);
    }
}
