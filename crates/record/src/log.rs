//! The audit log as what it is, a signed ledger: how long it is, what was signed over it, its lines, and whether they hold. For who watches
//! over the house and who runs it; whoever runs it is told the frame of each line ([`access::oversight`]).

use crate::{Record, capability::is_resource_type, error::Error};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    oversight::{LOG, Oversight, Told, oversee},
};
use store::{
    oversight::Extent,
    verify::{
        Progress, Report,
        fault::{Place, What},
    },
};

/// How many lines are opened at a time.
const STEP: usize = 200;

/// How often it does so for one page that lists some alone.
const MOST_STEPS: usize = 50;

/// Requests are signed when they end: an entry may stand this much further on than its time says. Microseconds.
const SLACK: i64 = 3_600_000_000;

/// Which part of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// Only lines of those whose name or role has this in it, whatever the case.
    pub who: String,
    /// Only lines whose word for what was done has this in it.
    pub operation: String,
    /// Only lines of this time: from, and up to but not including; microseconds since the epoch.
    pub time: Option<(i64, i64)>,
    /// Only lines before this one, where it goes on; `None` begins with the newest.
    pub before: Option<i64>,
    /// At most so many lines.
    pub count: usize,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its number.
    pub number: i64,
    /// What the reader is told of it; `None` where it does not open any more, which a check names.
    pub said: Option<Said>,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// When, in microseconds since the epoch.
    pub at: i64,
    /// The name as it was then; `None` where the reader is not told it.
    pub name: Option<String>,
    /// The role as it was then.
    pub role: String,
    /// The word of the log for what was done.
    pub operation: String,
    /// Whether they might not: then nothing was shown or changed.
    pub is_refused: bool,
    /// Whether it could not be done.
    pub is_failed: bool,
    /// The type of resource that it was about, where it names one.
    pub kind: Option<String>,
}

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// How many entries there are.
    pub entries: u64,
    /// When the newest was signed, in microseconds since the epoch; with it a checkpoint was.
    pub newest: Option<i64>,
    /// The newest checkpoint, as text.
    pub checkpoint: String,
    /// The key that outsiders check it with.
    pub verifier: String,
    /// Newest first.
    pub lines: Vec<LogLine>,
    /// Where the next page begins, where there may be more.
    pub next: Option<i64>,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogReport {
    /// How many entries were checked.
    pub entries: u64,
    /// What is wrong first.
    pub first: Option<LogFault>,
    /// How many things are wrong.
    pub faults: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFault {
    /// The entry, where it is one.
    pub entry: Option<i64>,
    /// Else where it is: `checkpoint`, `older` or `head`.
    pub place: &'static str,
    /// What it is, in one word: `missing`, `changed` …
    pub what: &'static str,
}

impl Record {
    /// A page of the log. This look is in the log as well. `is_of_staff` knows the roles that the house made for itself.
    ///
    /// # Errors
    /// [`Error::Refused`] for everybody who neither watches over the house nor runs it.
    pub fn log(
        &self,
        act: &Act,
        request: &LogRequest,
        is_of_staff: &dyn Fn(&str) -> bool,
    ) -> Result<LogPage, Error> {
        let oversight = self.oversee(act, "log")?;
        let Extent { entries, checkpoint } = self.store.extent(&oversight)?;
        let newest = self.store.lines(&oversight, is_of_staff, (i64::MAX, 1))?;
        let newest = newest.peek().first().and_then(|line| line.told.as_ref()).map(|told| told.at);
        let mut page = LogPage {
            entries,
            newest,
            checkpoint: String::from_utf8_lossy(&checkpoint).into_owned(),
            verifier: self.store.verifier_key(),
            ..LogPage::default()
        };
        let mut before = request.before.unwrap_or(i64::MAX);
        if let Some((_, until)) = request.time {
            before = before.min(self.store.leaf_after(&oversight, until.saturating_add(SLACK))?);
        }
        for _ in 0..MOST_STEPS {
            let found = self.store.lines(&oversight, is_of_staff, (before, STEP))?;
            let Some(last) = found.peek().last() else {
                page.next = None;
                break;
            };
            before = last.leaf;
            let rest = (before > 0).then_some(before);
            page.next = page.take(found.peek(), request).or(rest);
            let is_past = request.time.is_some_and(|(from, _)| {
                let mut told = found.peek().iter().filter_map(|line| line.told.as_ref());
                told.all(|told| told.at < from.saturating_sub(SLACK))
            });
            if is_past {
                page.next = None;
            }
            if page.next.is_none() || page.lines.len() >= request.count {
                break;
            }
        }
        self.store.witness(Entry::new(act, "log", LOG, Outcome::Done))?;
        Ok(page)
    }

    /// The newest signed checkpoint, for somebody who keeps it elsewhere. That it was taken is in the log, and covered by it.
    ///
    /// # Errors
    /// As [`Record::log`].
    pub fn log_checkpoint(&self, act: &Act) -> Result<Vec<u8>, Error> {
        let oversight = self.oversee(act, "log checkpoint")?;
        self.store.witness(Entry::new(act, "log checkpoint", LOG, Outcome::Done))?;
        Ok(self.store.extent(&oversight)?.checkpoint)
    }

    /// Leave to check the log, signed as an operation of its own. The check itself is [`Record::verify_log`].
    ///
    /// # Errors
    /// As [`Record::log`].
    pub fn begin_log_check(&self, act: &Act) -> Result<Oversight, Error> {
        let oversight = self.oversee(act, "log check")?;
        self.store.witness(Entry::new(act, "log check", LOG, Outcome::Done))?;
        Ok(oversight)
    }

    /// Checks every entry of the log, the tree over them, and the signed checkpoint, while the house is at work. `progress` hears how many
    /// are done, and of how many.
    ///
    /// # Errors
    /// Where the database cannot be read through.
    pub fn verify_log(
        &self,
        oversight: &Oversight,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<LogReport, Error> {
        let report = self.store.verify_log(oversight, None, &mut |p: Progress| progress(p.done, p.of))?;
        let Report { faults, more, counts, .. } = report;
        let first = faults.first().map(|fault| LogFault {
            entry: if let Place::Leaf(leaf) = fault.place { Some(leaf) } else { None },
            place: match fault.place {
                Place::Checkpoint => "checkpoint",
                Place::Older => "older",
                _ => "head",
            },
            what: word(fault.what),
        });
        Ok(LogReport { entries: counts.leaves, first, faults: faults.len() as u64 + more })
    }

    /// Whether somebody may read the log, for a page that shows nothing of it. A refusal is signed.
    ///
    /// # Errors
    /// As [`Record::log`].
    pub fn may_read_log(&self, act: &Act) -> Result<(), Error> {
        self.oversee(act, "log").map(|_| ())
    }

    fn oversee(&self, act: &Act, operation: &str) -> Result<Oversight, Error> {
        match oversee(act) {
            Ok(oversight) => Ok(oversight),
            Err(_) => {
                self.refuse(act, operation, LOG)?;
                Err(Error::Refused)
            }
        }
    }
}

impl LogPage {
    /// Takes what was asked for, up to the end of the page; then hands back where the next one begins.
    fn take(&mut self, lines: &[store::oversight::Line], request: &LogRequest) -> Option<i64> {
        for line in lines {
            if self.lines.len() >= request.count {
                return self.lines.last().map(|line| line.number);
            }
            // A line that does not open is listed always, for it may hide anything.
            if line.told.as_ref().is_none_or(|told| request.asks_for(told)) {
                self.lines.push(LogLine { number: line.leaf, said: line.told.as_ref().map(said) });
            }
        }
        None
    }
}

impl LogRequest {
    fn asks_for(&self, told: &Told) -> bool {
        let has = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        let of_them = self.who.is_empty()
            || has(&told.role, &self.who)
            || told.name.as_ref().is_some_and(|name| has(name, &self.who));
        let of_time = self.time.is_none_or(|(from, until)| (from..until).contains(&told.at));
        of_them && of_time && has(&told.operation, &self.operation)
    }
}

fn said(told: &Told) -> Said {
    let kind = told.shape.split(['?', '/', ' ']).next().filter(|kind| is_resource_type(kind));
    Said {
        at: told.at,
        name: told.name.clone(),
        role: told.role.clone(),
        operation: told.operation.clone(),
        is_refused: told.outcome == Outcome::Refused,
        is_failed: told.outcome == Outcome::Failed,
        kind: kind.map(str::to_owned),
    }
}

fn word(what: What) -> &'static str {
    match what {
        What::Missing => "missing",
        What::Foreign => "foreign",
        What::Closed => "closed",
        What::Changed => "changed",
        What::Older => "older",
        What::Unread => "unread",
        What::NoKey => "no-key",
        What::NotSigned => "not-signed",
        What::Truncated => "truncated",
        What::NotCovered => "not-covered",
        What::Rewritten => "rewritten",
        What::Disagrees(_) => "disagrees",
    }
}
