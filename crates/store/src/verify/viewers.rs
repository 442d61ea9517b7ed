//! Each patient's list of viewers: the rows that say which leaves concern them. A row that is gone would hide a look.

use super::{
    Check, Walk,
    fault::{IndexTable, What},
    index::LinkRow,
    log::Leaf,
    stream::Stream,
    tally::{IndexRow, Tally, compare},
};
use crate::{error::Error, index::CONCERNS};
use access::audit::Entry;
use rustc_hash::FxHashSet;

/// The rows that an entry demands.
pub(super) fn demanded(leaf: i64, entry: &Entry) -> Vec<IndexRow> {
    let param = i64::from(CONCERNS);
    let row =
        |patient: &i64| IndexRow { rid: leaf, table: IndexTable::Viewer, param, rest: [*patient, 0, 0] };
    let mut rows: Vec<IndexRow> = entry.patients.iter().map(row).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

impl Walk<'_> {
    /// Holds the rows that are there against those that the log demands.
    pub(super) fn viewers(&mut self, mut tally: Tally) -> Result<(), Error> {
        let mut foreign = Vec::new();
        self.each_viewer(&mut |row| {
            if !tally.found(row) {
                foreign.push(*row);
            }
        })?;
        for bucket in tally.uneven() {
            if self.faults.is_full() {
                break;
            }
            let range = tally.range(bucket);
            let (expected, closed) = self.demanded_in(&range)?;
            let mut found = Vec::new();
            self.each_viewer(&mut |row| found.extend(range.contains(&row.rid).then_some(*row)))?;
            for (row, what) in compare(expected, found, &closed) {
                self.faults.add(row.place(), what);
            }
        }
        foreign.iter().for_each(|row| self.faults.add(row.place(), What::Foreign));
        Ok(())
    }

    fn each_viewer(&mut self, visit: &mut dyn FnMut(&IndexRow)) -> Result<(), Error> {
        let param = i64::from(CONCERNS);
        let mut rows = Stream::<LinkRow, 3>::from([param, i64::MIN, i64::MIN]);
        let mut done = 0;
        while let Some(row) = rows.next(self.conn)?.filter(|row| row.param == param) {
            visit(&row.index_row());
            done += 1;
            if done % 1024 == 0 {
                self.tell(Check::Viewers, done, self.counts.leaves);
            }
        }
        Ok(())
    }

    /// What the leaves of a range demand, and which of them do not open.
    fn demanded_in(
        &mut self,
        range: &std::ops::RangeInclusive<i64>,
    ) -> Result<(Vec<IndexRow>, FxHashSet<i64>), Error> {
        let (mut rows, mut closed) = (Vec::new(), FxHashSet::default());
        let mut leaves = Stream::<Leaf, 1>::from([*range.start()]);
        while let Some(leaf) = leaves.next(self.conn)?.filter(|leaf| range.contains(&leaf.seq)) {
            let opened = self.keys.open_leaf(leaf.seq as u64, &leaf.entry).ok();
            match opened.and_then(|(_, entry, _)| Entry::parse(&entry).ok()) {
                Some(entry) => rows.extend(demanded(leaf.seq, &entry)),
                None => drop(closed.insert(leaf.seq)),
            }
        }
        Ok((rows, closed))
    }
}
