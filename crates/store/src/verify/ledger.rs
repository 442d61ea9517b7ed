//! The log itself, leaf by leaf: each in its place, opening, and hashing to what the tree holds; and the tree, held against what was
//! signed over it. The whole check goes through it, and so does the one that a page starts while the house is at work.

use super::{
    Check, Counts, Progress, Report,
    fault::{Faults, Place, What},
    log::Leaf,
    stream::Stream,
};
use crate::{Store, error::Error, keys::Keys, log::Head};
use ::ledger::{checkpoint::Checkpoint, hash::Hash, tree::Tree};
use access::{audit::Entry, oversight::Oversight};

/// A checkpoint that the tree is held against.
struct Anchor {
    place: Place,
    said: Checkpoint,
}

/// How far a reading of the log has come.
#[derive(Default)]
pub(super) struct Ledger {
    /// The tree over the leaves so far.
    pub(super) tree: Tree,
    /// No leaf is missing so far, so the tree is the one that was signed.
    pub(super) whole: bool,
    /// The index after the last leaf.
    pub(super) next: i64,
    anchors: Vec<Anchor>,
    /// How many leaves the newest checkpoint covers, where it is known.
    pub(super) covered: Option<u64>,
}

/// A leaf that stands where it should.
pub(super) struct Opened {
    /// What it says, where it can be read.
    pub(super) entry: Option<Entry>,
    hash: Option<Hash>,
    /// Leaves are missing before it.
    pub(super) is_after_gap: bool,
}

impl Ledger {
    pub(super) fn new() -> Ledger {
        Ledger { whole: true, ..Ledger::default() }
    }

    /// Takes a checkpoint to hold the tree against, and hands back how many leaves it covers. One that the house did not sign is a fault.
    pub(super) fn anchor(
        &mut self,
        keys: &Keys,
        place: Place,
        note: &[u8],
        faults: &mut Faults,
    ) -> Option<u64> {
        let Ok(said) = keys.open_checkpoint(note) else {
            faults.add(place, What::NotSigned);
            return None;
        };
        let size = said.size;
        self.anchors.push(Anchor { place, said });
        Some(size)
    }

    /// Opens the next leaf. `None` where it stands in the place of one that was there already.
    pub(super) fn open(&mut self, keys: &Keys, leaf: &Leaf, faults: &mut Faults) -> Option<Opened> {
        let place = Place::Leaf(leaf.seq);
        if leaf.seq < self.next {
            faults.add(place, What::Foreign);
            return None;
        }
        let is_after_gap = leaf.seq > self.next;
        if is_after_gap {
            faults.add(Place::Leaf(self.next), What::Missing);
            self.whole = false;
        }
        self.next = leaf.seq.saturating_add(1);
        let hash = <Hash>::try_from(leaf.hash.as_slice()).ok();
        let mut entry = None;
        match keys.open_leaf(leaf.seq as u64, &leaf.entry) {
            Err(_) => faults.add(place, What::Closed),
            Ok((_, text, committed)) => {
                if hash != Some(committed) {
                    faults.add(place.clone(), What::Changed);
                }
                entry = Entry::parse(&text).ok();
                if entry.is_none() {
                    faults.add(place, What::Unread);
                }
            }
        }
        Some(Opened { entry, hash, is_after_gap })
    }

    /// Lets the tree grow by the leaf that was opened.
    pub(super) fn append(&mut self, opened: &Opened, faults: &mut Faults) {
        match opened.hash {
            Some(hash) => {
                self.tree.append(hash);
            }
            None => self.whole = false,
        }
        let at = self.next.saturating_sub(1);
        if self.covered == Some(at as u64) {
            faults.add(Place::Leaf(at), What::NotCovered);
        }
        self.hold(faults);
    }

    /// Holds the tree against what was signed over as many leaves as it has now.
    pub(super) fn hold(&self, faults: &mut Faults) {
        let now = self.anchors.iter().filter(|anchor| self.whole && anchor.said.size == self.tree.size());
        for Anchor { place, said } in now {
            if said.root != self.tree.root() {
                faults.add(place.clone(), What::Rewritten);
            }
        }
    }

    /// There are no more leaves.
    pub(super) fn end(&self, faults: &mut Faults) {
        if self.anchors.iter().any(|anchor| anchor.said.size > self.next as u64) {
            faults.add(Place::Leaf(self.next), What::Truncated);
        }
    }
}

impl Store {
    /// Checks the audit log alone, while the house is at work: every leaf, the tree, the newest checkpoint, and `older`, one that was
    /// saved earlier. It reads in many short looks, so that nothing waits for it; leaves that are written meanwhile are checked as well.
    ///
    /// # Errors
    /// Where the database cannot be read through; what is wrong with its content is in the report.
    pub fn verify_log(
        &self,
        _: &Oversight,
        older: Option<&[u8]>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Report, Error> {
        let (mut ledger, mut faults, mut counts) = (Ledger::new(), Faults::default(), Counts::default());
        let whole = self.leaves_hold(&mut ledger, (&mut faults, &mut counts), older, progress);
        match whole {
            Err(Error::Integrity(_)) => faults.add(Place::Head, What::Closed),
            outcome => outcome?,
        }
        let mut report = Report { counts, ran: vec![Check::Checkpoint, Check::Log], ..Report::default() };
        report.ran.extend(older.map(|_| Check::Older));
        (report.faults, report.more) = faults.end();
        Ok(report)
    }

    fn leaves_hold(
        &self,
        ledger: &mut Ledger,
        (faults, counts): (&mut Faults, &mut Counts),
        older: Option<&[u8]>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Error> {
        let known = self.pool.view(|conn| Head::read(conn, ""))?.checkpoint;
        let mut covered = Some(0);
        if !known.is_empty() {
            covered = ledger.anchor(&self.keys, Place::Checkpoint, &known, faults);
        }
        if let Some(older) = older {
            ledger.anchor(&self.keys, Place::Older, older, faults);
        }
        ledger.hold(faults);
        let mut leaves = Stream::<Leaf, 1>::all();
        let last = loop {
            // One look: where there is no leaf left, the head says how the log ended just then.
            let (head, chunk) = self.pool.view(|conn| Ok((Head::read(conn, "")?, leaves.chunk(conn)?)))?;
            if chunk.is_empty() {
                break head;
            }
            for leaf in &chunk {
                counts.leaves += 1;
                if let Some(opened) = ledger.open(&self.keys, leaf, faults) {
                    ledger.append(&opened, faults);
                }
            }
            progress(Progress { check: Check::Log, done: counts.leaves, of: head.tree.size() });
        };
        if last.checkpoint.is_empty() {
            covered = Some(0);
        } else if last.checkpoint != known {
            covered = ledger.anchor(&self.keys, Place::Checkpoint, &last.checkpoint, faults);
            ledger.hold(faults);
        }
        if let Some(covered) = covered.filter(|covered| *covered < ledger.next as u64) {
            faults.add(Place::Leaf(covered as i64), What::NotCovered);
        }
        ledger.end(faults);
        if ledger.whole && last.tree != ledger.tree {
            faults.add(Place::Head, What::Disagrees("tree"));
        }
        Ok(())
    }
}
