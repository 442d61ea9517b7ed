//! The one write path: every write of every door ends here.

use crate::{
    Record,
    change::{Change, Done, DoneKind, Wish},
    error::Error,
    read::touch,
    show,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
};
use fhir::outcome::{Issue, IssueCode};
use store::{batch::Commit, body, error::Error as Below};

/// How often a commit is prepared again because somebody else was quicker.
const ATTEMPTS: usize = 20;

impl Record {
    /// Commits all wishes or none, under one audit entry.
    ///
    /// # Errors
    /// Every error of the kernel; nothing was changed then.
    pub fn commit(&self, act: &Act, operation: &str, changes: &[Change]) -> Result<Vec<Done>, Error> {
        self.commit_by(act, operation, changes, false)
    }

    /// As [`Record::commit`]; `by_house` where the house itself writes down how it serves somebody's Subscription.
    pub(crate) fn commit_by(
        &self,
        act: &Act,
        operation: &str,
        changes: &[Change],
        by_house: bool,
    ) -> Result<Vec<Done>, Error> {
        let shape = match changes {
            [one] => one.wish.resource_type().to_owned(),
            _ => "Bundle".to_owned(),
        };
        checked(changes)?;
        let fresh: Vec<String> = changes.iter().map(|_| (self.settings.fresh_id)()).collect();
        for _ in 0..ATTEMPTS {
            let plan = self.plan(act, operation, changes, &fresh, by_house)?;
            if changes.iter().any(|change| {
                matches!(change.wish, Wish::Update { .. })
                    && !show::is_whole(act, change.wish.resource_type())
            }) {
                self.refuse(act, operation, &shape)?;
                return Err(Error::Unprocessable(vec![masked()]));
            }
            let mut entry = Entry::new(act, operation, shape.as_str(), Outcome::Done);
            touch(&mut entry, plan.shown.iter());
            let written =
                match self.store.commit(Commit { puts: plan.puts, conditions: plan.conditions, entry }) {
                    Err(Below::Stale) => continue,
                    Err(Below::Refused) => {
                        self.refuse(act, operation, &shape)?;
                        return Err(Error::Refused);
                    }
                    other => other?,
                };
            let finish = |planned: crate::plan::Planned| {
                let mut done = planned.done;
                if let Some((at, text)) = planned.put
                    && let Some(row) = written.get(at)
                {
                    (done.version, done.updated) = (row.version, row.updated);
                    if done.kind != DoneKind::Deleted {
                        done.body = body::decode(&text, row.version, row.updated);
                    }
                }
                done.body = show::body(act, done.body)?;
                Ok(done)
            };
            return plan.done.into_iter().map(finish).collect();
        }
        Err(Below::Stale.into())
    }
}

/// What keeps a resource from being stored, as [`Record::commit`] would say it: for whoever sorts what came before any of it is stored.
pub fn faults(resource: &serde_json::Value) -> Vec<Issue> {
    r4::check::check(resource).into_iter().filter(Issue::is_error).collect()
}

/// Structural validation of everything that is to be stored; pure, before anything else.
fn checked(changes: &[Change]) -> Result<(), Error> {
    let mut issues: Vec<Issue> = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        let Some(resource) = change.wish.resource() else { continue };
        let found = faults(resource).into_iter();
        issues.extend(found.map(|issue| match changes.len() {
            1 => issue,
            _ => in_entry(issue, at),
        }));
    }
    if issues.is_empty() { Ok(()) } else { Err(Error::Unprocessable(issues)) }
}

fn in_entry(issue: Issue, at: usize) -> Issue {
    let place =
        issue.expression.as_deref().and_then(|e| e.split_once('.')).map(|(_, rest)| format!(".{rest}"));
    Issue { expression: Some(format!("Bundle.entry[{at}].resource{}", place.unwrap_or_default())), ..issue }
}

impl Wish {
    /// The type that it is about; empty where the resource does not say.
    pub fn resource_type(&self) -> &str {
        match self {
            Wish::Create { resource, .. } => {
                resource.get("resourceType").and_then(|t| t.as_str()).unwrap_or_default()
            }
            Wish::Update { resource_type, .. } | Wish::Delete { resource_type, .. } => resource_type,
        }
    }

    /// The resource to be stored.
    pub fn resource(&self) -> Option<&serde_json::Value> {
        match self {
            Wish::Create { resource, .. } | Wish::Update { resource, .. } => Some(resource),
            Wish::Delete { .. } => None,
        }
    }
}

impl Error {
    /// The HTTP status that stands for it, also inside a batch response.
    pub fn status(&self) -> (u16, &'static str) {
        match self {
            Error::Invalid(_) | Error::Unsupported(_) => (400, "400 Bad Request"),
            Error::Refused => (403, "403 Forbidden"),
            Error::NotFound => (404, "404 Not Found"),
            Error::Conflict(_) => (409, "409 Conflict"),
            Error::Gone { .. } | Error::Erased => (410, "410 Gone"),
            Error::Precondition(_) | Error::MultipleMatches => (412, "412 Precondition Failed"),
            Error::Unprocessable(_) => (422, "422 Unprocessable Entity"),
            Error::TooCostly(_) => (400, "400 Bad Request"),
            Error::Fault(_) => (500, "500 Internal Server Error"),
            Error::Busy(_) => (503, "503 Service Unavailable"),
        }
    }

    /// What the caller is told.
    pub fn issues(&self) -> Vec<Issue> {
        let code = match self {
            Error::Invalid(issues) | Error::Unprocessable(issues) => return issues.clone(),
            Error::Unsupported(_) => IssueCode::NotSupported,
            Error::Refused => IssueCode::Forbidden,
            Error::NotFound => IssueCode::NotFound,
            Error::Gone { .. } | Error::Erased => IssueCode::Deleted,
            Error::Conflict(_) | Error::Precondition(_) => IssueCode::Conflict,
            Error::MultipleMatches => IssueCode::MultipleMatches,
            Error::TooCostly(_) => IssueCode::TooCostly,
            Error::Fault(_) => IssueCode::Exception,
            Error::Busy(_) => IssueCode::Transient,
        };
        vec![Issue::error(code, self.to_string())]
    }
}

/// What is seen masked would be stored masked.
fn masked() -> Issue {
    let text = "your role sees persons masked and cannot store one back: ask somebody who sees them whole";
    Issue::error(IssueCode::BusinessRule, text)
}
