//! Comparing two sets of index rows that do not fit in memory and come in different orders.
//!
//! Rows that must be there are added to the sum of their bucket, rows that are there are taken away; where a sum is not zero,
//! the bucket's rows are fetched and compared one by one. A sum is over keyed hashes under a key that nobody knew before, so
//! rows cannot be chosen to cancel each other out.

use super::fault::{IndexTable, Place, What};
use crate::{error::Error, index::difference};
use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256};

/// How many buckets there are at most.
const BUCKETS: i64 = 4_096;

/// A row of any index table. `rest` is the term; scope, low and high; or the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct IndexRow {
    pub(super) rid: i64,
    pub(super) table: IndexTable,
    pub(super) param: i64,
    pub(super) rest: [i64; 3],
}

impl IndexRow {
    /// A row of more columns than there is room for: what tells it from others is their hash.
    pub(super) fn long(table: IndexTable, rid: i64, columns: &[i64]) -> IndexRow {
        let mut hash = Sha256::new();
        columns.iter().for_each(|number| hash.update(number.to_be_bytes()));
        let digest: [u8; 32] = hash.finalize().into();
        let part = |at: usize| i64::from_be_bytes(std::array::from_fn(|byte| digest[at * 8 + byte]));
        IndexRow { rid, table, param: 0, rest: [part(0), part(1), part(2)] }
    }

    pub(super) fn place(&self) -> Place {
        Place::Index { table: self.table, param: self.param, rid: self.rid }
    }
}

/// The sums.
pub(super) struct Tally {
    key: [u8; 32],
    first: i64,
    last: i64,
    /// Rows per bucket.
    width: i64,
    sums: Vec<u128>,
}

impl Tally {
    /// For rows that tell of numbers from `first` to `last`.
    pub(super) fn new(first: i64, last: i64) -> Result<Tally, Error> {
        let key = vault::random::bytes().map_err(|e| Error::Keys(e.to_string()))?;
        let many = last.saturating_sub(first).saturating_add(1).max(1);
        let width = many.div_euclid(BUCKETS) + 1;
        let buckets = (many - 1) / width + 1;
        Ok(Tally { key, first, last, width, sums: vec![0; buckets as usize] })
    }

    pub(super) fn expect(&mut self, row: &IndexRow) {
        let hash = self.hash(row);
        if let Some(sum) = self.bucket(row.rid).and_then(|at| self.sums.get_mut(at)) {
            *sum = sum.wrapping_add(hash);
        }
    }

    /// Takes a row that is there. Whether it tells of a number that exists.
    pub(super) fn found(&mut self, row: &IndexRow) -> bool {
        let hash = self.hash(row);
        match self.bucket(row.rid).and_then(|at| self.sums.get_mut(at)) {
            Some(sum) => {
                *sum = sum.wrapping_sub(hash);
                true
            }
            None => false,
        }
    }

    /// Which bucket a number is in.
    pub(super) fn bucket(&self, rid: i64) -> Option<usize> {
        (self.first..=self.last).contains(&rid).then(|| ((rid - self.first) / self.width) as usize)
    }

    /// The numbers of a bucket.
    pub(super) fn range(&self, bucket: usize) -> std::ops::RangeInclusive<i64> {
        let start = self.first + bucket as i64 * self.width;
        start..=start.saturating_add(self.width - 1).min(self.last)
    }

    /// Buckets whose rows are not those that must be there.
    pub(super) fn uneven(&self) -> Vec<usize> {
        self.sums.iter().enumerate().filter(|(_, sum)| **sum != 0).map(|(at, _)| at).collect()
    }

    fn hash(&self, row: &IndexRow) -> u128 {
        let mut hash = Sha256::new().chain_update(self.key).chain_update([row.table as u8]);
        for number in [row.rid, row.param].iter().chain(&row.rest) {
            hash.update(number.to_be_bytes());
        }
        let digest: [u8; 32] = hash.finalize().into();
        u128::from_be_bytes(std::array::from_fn(|at| digest[at]))
    }
}

/// What is missing and what should not be there, in the order of the rows. Rows of `unknown` numbers are passed over.
pub(super) fn compare(
    mut expected: Vec<IndexRow>,
    mut found: Vec<IndexRow>,
    unknown: &FxHashSet<i64>,
) -> Vec<(IndexRow, What)> {
    expected.sort_unstable();
    found.sort_unstable();
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    difference(
        &expected,
        &found,
        |row| gone.push((row, What::Missing)),
        |row| come.push((row, What::Foreign)),
    );
    let mut all: Vec<(IndexRow, What)> = gone.into_iter().chain(come).collect();
    all.retain(|(row, _)| !unknown.contains(&row.rid));
    all.sort_unstable_by_key(|(row, _)| *row);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rid: i64, term: i64) -> IndexRow {
        IndexRow { rid, table: IndexTable::Term, param: 7, rest: [term, 0, 0] }
    }

    #[test]
    fn sums_are_even_whatever_the_order_and_uneven_where_one_row_differs() {
        let mut tally = Tally::new(1, 100_000).unwrap();
        (1..=100_000).for_each(|rid| tally.expect(&row(rid, rid * 3)));
        (1..=100_000).rev().for_each(|rid| assert!(tally.found(&row(rid, rid * 3))));
        assert_eq!(tally.uneven(), Vec::<usize>::new());
        tally.found(&row(70_000, 1));
        let uneven = tally.uneven();
        assert_eq!(uneven.len(), 1);
        assert!(tally.range(uneven[0]).contains(&70_000));
    }

    #[test]
    fn a_row_that_tells_of_nothing_is_no_part_of_any_bucket() {
        let mut tally = Tally::new(1, 9).unwrap();
        assert!([0, 10, -1, i64::MIN, i64::MAX].iter().all(|rid| !tally.found(&row(*rid, 1))));
        assert_eq!(Tally::new(1, 0).unwrap().bucket(1), None);
    }

    #[test]
    fn every_number_is_in_the_range_of_its_bucket() {
        for last in [1, 4_095, 4_096, 4_097, 10_000] {
            let tally = Tally::new(1, last).unwrap();
            assert!((1..=last).all(|rid| tally.range(tally.bucket(rid).unwrap()).contains(&rid)));
            assert!(tally.bucket(last).unwrap() < tally.sums.len());
        }
    }

    #[test]
    fn a_comparison_names_both_sides_in_order() {
        let all = compare(
            vec![row(3, 1), row(1, 1), row(2, 1)],
            vec![row(2, 2), row(3, 1)],
            &FxHashSet::from_iter([1]),
        );
        assert_eq!(all, [(row(2, 1), What::Missing), (row(2, 2), What::Foreign)]);
    }
}
