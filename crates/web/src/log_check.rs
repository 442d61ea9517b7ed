//! The check of the audit log that somebody starts on a page: one at a time in this process, beside the requests. How it went is in memory
//! alone; that it was started is in the log.

use crate::gate::Gate;
use access::oversight::Oversight;
use jiff::Timestamp;
use record::{Record, log::LogReport};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a check stands.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum LogCheck {
    /// None was started since the process began.
    #[default]
    None,
    /// It is at work.
    Running {
        /// Who started it, and when.
        by: Started,
        /// Entries that are done.
        done: u64,
        /// Entries in all, as far as known.
        of: u64,
    },
    /// It is over.
    Done {
        /// Who started it, and when.
        by: Started,
        /// When it was over.
        ended: Timestamp,
        /// What came of it; `None` where the database could not be read through.
        report: Option<LogReport>,
    },
}

/// Who started a check, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// Their name.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// The one check of this process.
pub struct LogChecks {
    record: Arc<Record>,
    gate: Arc<Gate>,
    state: Mutex<LogCheck>,
}

impl LogChecks {
    pub(crate) fn new(record: Arc<Record>, gate: Arc<Gate>) -> LogChecks {
        LogChecks { record, gate, state: Mutex::default() }
    }

    /// How it stands.
    pub fn now(&self) -> LogCheck {
        self.held().clone()
    }

    /// Starts one, unless one is at work; `false` where one is. `leave` is asked first, and signs: without it nothing starts.
    ///
    /// # Errors
    /// What `leave` fails with.
    pub fn start<E>(
        self: &Arc<LogChecks>,
        by: Started,
        leave: impl FnOnce(&Record) -> Result<Oversight, E>,
    ) -> Result<bool, E> {
        // Taken at once, so that of two who press at the same time one starts.
        let before = {
            let mut state = self.held();
            if matches!(*state, LogCheck::Running { .. }) {
                return Ok(false);
            }
            std::mem::replace(&mut *state, LogCheck::Running { by: by.clone(), done: 0, of: 0 })
        };
        let oversight = leave(&self.record).inspect_err(|_| *self.held() = before)?;
        let checks = Arc::clone(self);
        let over = Over { checks: Arc::clone(self), by, report: None };
        // Not one of the runtime's threads: closing the house does not wait for a check.
        let thread = std::thread::Builder::new().name("log check".into());
        if let Err(error) = thread.spawn(move || checks.run(&oversight, over)) {
            tracing::error!(%error, "no thread for the check of the audit log");
        }
        Ok(true)
    }

    fn run(&self, oversight: &Oversight, mut over: Over) {
        match self.record.verify_log(oversight, &mut |done, of| self.tell(done, of)) {
            Ok(report) => {
                if report.faults > 0 {
                    let (entries, faults) = (report.entries, report.faults);
                    tracing::error!(entries, faults, "the audit log does not hold; run `keepwell verify`");
                }
                over.report = Some(report);
            }
            Err(error) => {
                let error = record::error::chain(&error);
                tracing::error!(error, "the audit log could not be checked to its end");
            }
        }
    }

    fn tell(&self, now: u64, all: u64) {
        if let LogCheck::Running { done, of, .. } = &mut *self.held() {
            (*done, *of) = (now, all.max(now));
        }
    }

    fn held(&self) -> MutexGuard<'_, LogCheck> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down that a check is over when it goes, whatever became of its thread: nobody waits for it for ever.
struct Over {
    checks: Arc<LogChecks>,
    by: Started,
    report: Option<LogReport>,
}

impl Drop for Over {
    fn drop(&mut self) {
        let (by, report) = (self.by.clone(), self.report.take());
        *self.checks.held() = LogCheck::Done { by, ended: self.checks.gate.now(), report };
    }
}
