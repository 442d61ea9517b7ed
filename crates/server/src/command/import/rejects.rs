//! The file of rejects: one line for each thing that was refused, with where it stood and an OperationOutcome that says why.
//! It holds no resource; the operator has that in the file that was loaded.

use crate::folder;
use fhir::outcome::{self, Issue, IssueCode};
use record::error::Error;
use serde_json::json;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// The file, made at the first reject.
pub(super) struct Rejects {
    path: PathBuf,
    open: Mutex<(Option<File>, u64)>,
}

/// Where something stood: the line of NDJSON or the entry of a bundle, from 1; `None` for the whole file.
pub(super) type Place = Option<usize>;

impl Rejects {
    /// A file that does not exist until something is refused.
    pub(super) fn new(path: PathBuf) -> Rejects {
        Rejects { path, open: Mutex::default() }
    }

    /// Notes a reject.
    ///
    /// # Errors
    /// Where the disk is full.
    pub(super) fn add(&self, file: &str, place: Place, outcome: serde_json::Value) -> anyhow::Result<()> {
        let line = json!({"file": file, "entry": place, "outcome": outcome});
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.0.is_none() {
            open.0 = Some(folder::private_file(&self.path)?);
        }
        if let Some(file) = &mut open.0 {
            writeln!(file, "{line}")?;
        }
        open.1 += 1;
        Ok(())
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// The file, if there is any reject.
    pub(super) fn path(&self) -> Option<&Path> {
        (self.count() > 0).then_some(&self.path)
    }
}

/// Why the kernel refused it, as an OperationOutcome; `None` where the refusal is not the resource's fault and the import must
/// stop.
pub(super) fn outcome_of(error: &Error) -> Option<serde_json::Value> {
    let one = |code| Some(outcome::outcome(&[Issue::error(code, error.to_string())]));
    match error {
        Error::Invalid(issues) | Error::Unprocessable(issues) => Some(outcome::outcome(issues)),
        Error::NotFound => one(IssueCode::NotFound),
        Error::Gone { .. } | Error::Erased => one(IssueCode::Deleted),
        Error::Conflict(_) | Error::Precondition(_) => one(IssueCode::Conflict),
        Error::MultipleMatches => one(IssueCode::MultipleMatches),
        Error::Unsupported(_) => one(IssueCode::NotSupported),
        Error::TooCostly(_) => one(IssueCode::TooCostly),
        Error::Refused | Error::Busy(_) | Error::Fault(_) => None,
    }
}

/// An OperationOutcome about a file that holds no FHIR.
pub(super) fn unreadable(what: &str) -> serde_json::Value {
    outcome::outcome(&[Issue::error(IssueCode::Structure, what)])
}
