//! "Who looked at my record": every entry of the log that concerns a patient, for the patient and for who watches over the house.

use crate::{Record, error::Error, explain::name_of};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    scope::Permission,
};
use store::viewers::{LOG, Look, Looks};

/// How many leaves are opened at a time.
pub(crate) const STEP: usize = 200;

/// How often it does so for one page that lists some alone.
const MOST_STEPS: usize = 50;

/// Who is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// Everybody and everything.
    #[default]
    All,
    /// People, at our own pages or with a token of their own.
    People,
    /// Apps, other systems, and the command line.
    Machines,
}

/// Which part of the list.
#[derive(Clone, Copy, Debug)]
pub struct ViewersRequest<'a> {
    /// The patient's id.
    pub patient: &'a str,
    /// Who is listed.
    pub who: Who,
    /// Only lines before this one, where it goes on; `None` begins with the newest.
    pub before: Option<i64>,
    /// At most so many lines; `None` for all that there are.
    pub count: Option<usize>,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The number of its leaf in the log.
    pub line: i64,
    /// What the leaf says; `None` where it does not open any more, which `verify` reports.
    pub look: Option<Told>,
}

/// What a leaf says of one look or change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, in microseconds since the epoch.
    pub at: i64,
    /// The name as it was then.
    pub name: String,
    /// The role as it was then.
    pub role: String,
    /// Whether it was an app or another system.
    pub is_machine: bool,
    /// Why, as the HL7 code of the purpose: `TREAT`.
    pub purpose: &'static str,
    /// The word of the log for what was done.
    pub operation: String,
    /// Whether they might not: then nothing was shown or changed.
    pub is_refused: bool,
    /// Whether it could not be done.
    pub is_failed: bool,
    /// How many resources of this patient it was about, by type in alphabetical order.
    pub of_types: Vec<(&'static str, u64)>,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewers {
    /// Newest first.
    pub lines: Vec<Viewer>,
    /// Where the next page begins, where there may be more.
    pub next: Option<i64>,
}

impl Record {
    /// Who looked at a patient's record, and changed it. For the patient, for who acts for them and sees everything, and for who may read
    /// the log of everybody. This look is in the log as well.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Refused`] for everybody else, and for who acts for the patient and does not see everything.
    pub fn viewers(&self, act: &Act, request: &ViewersRequest<'_>) -> Result<Viewers, Error> {
        let grant = self.decide(act, "viewers", Permission::Search, Some(LOG), "Patient")?;
        let mut entry = Entry::new(act, "viewers", "Patient", Outcome::Done);
        let (mut page, mut before) = (Viewers::default(), request.before.unwrap_or(i64::MAX));
        for step in 0usize.. {
            let found = match self.store.viewers(&grant, request.patient, before, STEP) {
                Err(store::error::Error::Refused) => {
                    self.refuse(act, "viewers", "Patient")?;
                    return Err(Error::Refused);
                }
                found => found?,
            };
            let Some(Looks { patient, looks, more }) = found.peek() else {
                self.store.witness(entry)?;
                return Err(Error::NotFound);
            };
            entry.patients = vec![*patient];
            before = looks.last().map_or(before, |look| look.leaf);
            page.next = more.then_some(before);
            page.take(looks, request);
            let is_enough =
                request.count.is_some_and(|count| page.lines.len() >= count || step >= MOST_STEPS);
            if page.next.is_none() || is_enough {
                break;
            }
        }
        self.store.witness(entry)?;
        Ok(page)
    }
}

impl Viewers {
    /// Takes what was asked for, up to the end of the page.
    pub(crate) fn take(&mut self, looks: &[Look], request: &ViewersRequest<'_>) {
        for look in looks {
            if request.count.is_some_and(|count| self.lines.len() >= count) {
                // The next page begins behind the last line of this one, and there is at least this look.
                self.next = self.lines.last().map(|line| line.line);
                return;
            }
            let line = Viewer { line: look.leaf, look: look.entry.as_ref().map(|entry| told(entry, look)) };
            // A line that does not open is nobody's: it is listed always, for it may hide anybody.
            let is_asked = line.look.as_ref().is_none_or(|told| match request.who {
                Who::All => true,
                Who::People => !told.is_machine,
                Who::Machines => told.is_machine,
            });
            if is_asked {
                self.lines.push(line);
            }
        }
    }
}

fn told(entry: &Entry, look: &Look) -> Told {
    let mut of_types: Vec<(&'static str, u64)> =
        look.kinds.iter().map(|(kind, count)| (name_of(*kind), *count)).collect();
    of_types.sort_unstable();
    Told {
        at: entry.at,
        name: entry.name.clone(),
        role: entry.role.clone(),
        is_machine: is_machine(entry),
        purpose: entry.purpose.code(),
        operation: entry.operation.clone(),
        is_refused: entry.outcome == Outcome::Refused,
        is_failed: entry.outcome == Outcome::Failed,
        of_types,
    }
}

/// Programs have roles of their own; an app in somebody's hands acts in theirs, under the name `Asha Rao by Some App`.
fn is_machine(entry: &Entry) -> bool {
    // Whoever opens a link writes their own name, which makes no app of them.
    let names_itself = ["emergency-card", "health-link"].contains(&entry.role.as_str());
    ["system", "system-client", "app", "operator"].contains(&entry.role.as_str())
        || !names_itself && entry.name.contains(" by ")
}
