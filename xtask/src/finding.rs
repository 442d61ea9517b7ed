//! What a check found: where, what is wrong, and what to do about it.

use std::fmt;
use std::process::ExitCode;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The check fails.
    Error,
    /// Worth a look; the check passes.
    Warning,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) weight: Weight,
    /// A path from the repository's root, or the name of a crate.
    pub(crate) place: String,
    /// The line, counted from 1; 0 when it is about the whole file.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) what: String,
    /// What a person does about it.
    pub(crate) cure: String,
}

impl Finding {
    /// An error at a line of a file (0: the whole file).
    pub(crate) fn error(place: &str, line: usize, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { weight: Weight::Error, place: place.to_owned(), line, what: what.into(), cure: cure.into() }
    }

    /// The same as a warning.
    pub(crate) fn warning(
        place: &str,
        line: usize,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self { weight: Weight::Warning, ..Self::error(place, line, what, cure) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = if self.weight == Weight::Error { "error" } else { "warning" };
        write!(f, "{weight}: {}", self.place)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}\n    do: {}", self.what, self.cure)
    }
}

/// Prints the findings, errors last, and says whether the check passed.
pub(crate) fn report(findings: &[Finding]) -> anyhow::Result<ExitCode> {
    let (errors, warnings): (Vec<_>, Vec<_>) = findings.iter().partition(|f| f.weight == Weight::Error);
    for finding in warnings.iter().chain(&errors) {
        println!("{finding}");
    }
    println!("{} errors, {} warnings", errors.len(), warnings.len());
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The errors among the findings as text, for a test to show.
#[cfg(test)]
pub(crate) fn errors(findings: &[Finding]) -> String {
    let errors = findings.iter().filter(|finding| finding.weight == Weight::Error);
    errors.map(|finding| format!("\n{finding}")).collect()
}
