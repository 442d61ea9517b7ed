//! The search index: exactly what the bodies of live resources yield, no row more and none less.

use super::{
    Check, IndexOf, Walk,
    fault::{IndexTable, What},
    rows::Resource,
    stream::{Keyed, Stream},
    tally::{IndexRow, Tally, compare},
};
use crate::{
    batch::Op,
    body,
    dialect::{Arg, Row},
    error::Error,
    index::{CONCERNS, Index},
    keys::{BodyPlace, Target},
    rows::{Rids, marks, padded},
};
use rustc_hash::{FxHashMap, FxHashSet};

/// How many bodies are fetched at once.
const BODIES: usize = 64;

/// How many uneven buckets are compared row by row in one pass over the tables.
const AT_ONCE: usize = 16;

/// What a resource stands in the index with.
pub(super) enum Expected {
    /// These rows; none for what is erased.
    Rows(Vec<IndexRow>),
    /// Its body does not open, which the log has found already.
    Closed,
    /// Its body opens, but nobody can say.
    Untold,
}

/// What one body yields, or why it yields nothing.
type Yield = Result<Index, Expected>;

/// A row of `term`, `span` or `link`.
pub(super) struct TermRow(IndexRow);
pub(super) struct SpanRow(IndexRow);
pub(super) struct LinkRow {
    pub(super) param: i64,
    target: i64,
    rid: i64,
}

impl Keyed<3> for TermRow {
    const SQL: &'static str = "SELECT param, term, rid FROM term WHERE (param, term, rid) >= (?1, ?2, ?3) \
        ORDER BY param, term, rid LIMIT 4096";

    fn read(row: &Row<'_>) -> Result<TermRow, Error> {
        let (param, term, rid) = (row.int(0)?, row.int(1)?, row.int(2)?);
        Ok(TermRow(IndexRow { rid, table: IndexTable::Term, param, rest: [term, 0, 0] }))
    }

    fn key(&self) -> [i64; 3] {
        [self.0.param, self.0.rest[0], self.0.rid]
    }
}

impl Keyed<5> for SpanRow {
    const SQL: &'static str = "SELECT param, scope, low, high, rid FROM span \
        WHERE (param, scope, low, high, rid) >= (?1, ?2, ?3, ?4, ?5) ORDER BY param, scope, low, high, rid LIMIT 4096";

    fn read(row: &Row<'_>) -> Result<SpanRow, Error> {
        let (param, rest, rid) = (row.int(0)?, [row.int(1)?, row.int(2)?, row.int(3)?], row.int(4)?);
        Ok(SpanRow(IndexRow { rid, table: IndexTable::Span, param, rest }))
    }

    fn key(&self) -> [i64; 5] {
        let IndexRow { rid, param, rest: [scope, low, high], .. } = self.0;
        [param, scope, low, high, rid]
    }
}

impl Keyed<3> for LinkRow {
    const SQL: &'static str = "SELECT param, target, rid FROM link WHERE (param, target, rid) >= (?1, ?2, ?3) \
        ORDER BY param, target, rid LIMIT 4096";

    fn read(row: &Row<'_>) -> Result<LinkRow, Error> {
        Ok(LinkRow { param: row.int(0)?, target: row.int(1)?, rid: row.int(2)? })
    }

    fn key(&self) -> [i64; 3] {
        [self.param, self.target, self.rid]
    }
}

pub(super) struct TieRow([i64; 5]);
pub(super) struct ConsentRow([i64; 11]);

impl Keyed<5> for TieRow {
    const SQL: &'static str = "SELECT who, patient, since, until, rid FROM tie \
        WHERE (who, patient, since, until, rid) >= (?1, ?2, ?3, ?4, ?5) ORDER BY who, patient, since, until, rid LIMIT 4096";

    fn read(row: &Row<'_>) -> Result<TieRow, Error> {
        columns(row).map(TieRow)
    }

    fn key(&self) -> [i64; 5] {
        self.0
    }
}

impl Keyed<11> for ConsentRow {
    const SQL: &'static str = "SELECT patient, effect, depth, who, purpose, type, label, item, since, until, rid FROM consent \
        WHERE (patient, effect, depth, who, purpose, type, label, item, since, until, rid) \
            >= (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
        ORDER BY patient, effect, depth, who, purpose, type, label, item, since, until, rid LIMIT 4096";

    fn read(row: &Row<'_>) -> Result<ConsentRow, Error> {
        columns(row).map(ConsentRow)
    }

    fn key(&self) -> [i64; 11] {
        self.0
    }
}

fn columns<const N: usize>(row: &Row<'_>) -> Result<[i64; N], Error> {
    let mut columns = [0; N];
    for (at, column) in columns.iter_mut().enumerate() {
        *column = row.int(at)?;
    }
    Ok(columns)
}

/// A row of `tie` or `consent`, whose last column is the resource that it comes from.
fn access_row(table: IndexTable, columns: &[i64]) -> IndexRow {
    let (rid, rest) = columns.split_last().map_or((0, columns), |(rid, rest)| (*rid, rest));
    IndexRow::long(table, rid, rest)
}

impl LinkRow {
    fn is_viewer(&self) -> bool {
        self.param == i64::from(CONCERNS)
    }

    pub(super) fn index_row(&self) -> IndexRow {
        let table = if self.is_viewer() { IndexTable::Viewer } else { IndexTable::Link };
        IndexRow { rid: self.rid, table, param: self.param, rest: [self.target, 0, 0] }
    }
}

impl Walk<'_> {
    /// Holds the rows that are there against those that the bodies yield.
    pub(super) fn index(&mut self, mut tally: Tally, index: &IndexOf<'_>) -> Result<(), Error> {
        let (mut foreign, mut rows) = (Vec::new(), 0);
        self.each_row(&mut |row| {
            rows += 1;
            if !tally.found(row) {
                foreign.push(*row);
            }
        })?;
        self.counts.index_rows = rows;
        for buckets in tally.uneven().chunks(AT_ONCE) {
            if self.faults.is_full() {
                break;
            }
            self.settle(&tally, buckets, index)?;
        }
        foreign.iter().for_each(|row| self.faults.add(row.place(), What::Foreign));
        Ok(())
    }

    /// Compares the rows of uneven buckets one by one.
    fn settle(&mut self, tally: &Tally, buckets: &[usize], index: &IndexOf<'_>) -> Result<(), Error> {
        let (mut expected, mut found, mut closed) = (Vec::new(), Vec::new(), FxHashSet::default());
        for bucket in buckets {
            let range = tally.range(*bucket);
            let mut resources = Stream::<Resource, 1>::from([*range.start()]);
            let mut chunk = Vec::new();
            while let Some(resource) =
                resources.next(self.conn)?.filter(|resource| range.contains(&resource.rid))
            {
                chunk.push(resource);
            }
            for (rid, rows) in self.expected(&chunk, index, &mut Rids::default())? {
                match rows {
                    Expected::Rows(rows) => expected.extend(rows),
                    Expected::Closed | Expected::Untold => drop(closed.insert(rid)),
                }
            }
        }
        self.each_row(&mut |row| {
            found.extend(
                tally.bucket(row.rid).is_some_and(|bucket| buckets.contains(&bucket)).then_some(*row),
            );
        })?;
        for (row, what) in compare(expected, found, &closed) {
            self.faults.add(row.place(), what);
        }
        Ok(())
    }

    fn each_row(&mut self, visit: &mut dyn FnMut(&IndexRow)) -> Result<(), Error> {
        let mut done = 0;
        let mut terms = Stream::<TermRow, 3>::all();
        while let Some(TermRow(row)) = terms.next(self.conn)? {
            visit(&row);
            self.told_of_index(&mut done);
        }
        let mut spans = Stream::<SpanRow, 5>::all();
        while let Some(SpanRow(row)) = spans.next(self.conn)? {
            visit(&row);
            self.told_of_index(&mut done);
        }
        let mut ties = Stream::<TieRow, 5>::all();
        while let Some(TieRow(row)) = ties.next(self.conn)? {
            visit(&access_row(IndexTable::Tie, &row));
            self.told_of_index(&mut done);
        }
        let mut consents = Stream::<ConsentRow, 11>::all();
        while let Some(ConsentRow(row)) = consents.next(self.conn)? {
            visit(&access_row(IndexTable::Consent, &row));
            self.told_of_index(&mut done);
        }
        let mut links = Stream::<LinkRow, 3>::all();
        while let Some(row) = links.next(self.conn)? {
            if !row.is_viewer() {
                visit(&row.index_row());
                self.told_of_index(&mut done);
            }
        }
        Ok(())
    }

    fn told_of_index(&mut self, done: &mut u64) {
        *done += 1;
        if done.is_multiple_of(4096) {
            self.tell(Check::Index, *done, 0);
        }
    }

    /// What each resource that is live stands in the index with.
    pub(super) fn expected(
        &mut self,
        resources: &[Resource],
        index: &IndexOf<'_>,
        rids: &mut Rids,
    ) -> Result<Vec<(i64, Expected)>, Error> {
        let live: Vec<(i64, i64)> =
            resources.iter().filter(|r| r.is_live()).map(|r| (r.seq, r.rid)).collect();
        let mut out = Vec::with_capacity(live.len());
        for chunk in live.chunks(BODIES) {
            for (rid, found) in self.indexes(chunk, index)? {
                out.push((
                    rid,
                    match found {
                        Ok(found) => Expected::Rows(self.index_rows(rid, &found, rids)?),
                        Err(why) => why,
                    },
                ));
            }
        }
        Ok(out)
    }

    /// What the bodies of changes yield, given as change and row.
    fn indexes(&mut self, changes: &[(i64, i64)], index: &IndexOf<'_>) -> Result<Vec<(i64, Yield)>, Error> {
        let args: Vec<Arg<'_>> = padded(changes).map(|(seq, _)| Arg::Int(*seq)).collect();
        let marks = marks(args.len());
        let sql = format!(
            "SELECT seq, rid, version, type, owner, op, updated, body FROM version WHERE seq IN ({marks})"
        );
        let keys = self.keys;
        let found = self.conn.query(&sql, &args, |row| {
            let (seq, rid, version, kind, owner) =
                (row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?, row.int(4)?);
            if keys.is_erased(owner) {
                return Ok(((seq, rid), Ok(Index::default())));
            }
            let deletes = Op::from_number(row.int(5)?) == Op::Delete;
            let place = BodyPlace { owner, rid, version, kind, deletes };
            let Ok(text) = keys.open_body(place, &row.bytes(7)?) else {
                return Ok(((seq, rid), Err(Expected::Closed)));
            };
            let body = body::decode(&text, version, row.int(6)?);
            Ok(((seq, rid), index(&body).ok_or(Expected::Untold)))
        })?;
        // A resource row that points to nothing, or to another's change, is found with the rows.
        let mut found: FxHashMap<(i64, i64), Yield> = found.into_iter().collect();
        let one = |change: &(i64, i64)| (change.1, found.remove(change).unwrap_or(Err(Expected::Closed)));
        Ok(changes.iter().map(one).collect())
    }

    fn index_rows(&mut self, rid: i64, index: &Index, rids: &mut Rids) -> Result<Vec<IndexRow>, Error> {
        rids.look_up(self.conn, index.targets().map(|target| target.key))?;
        let terms = index.terms.iter().map(|(param, term)| (IndexTable::Term, *param, [*term, 0, 0]));
        let spans = index
            .spans
            .iter()
            .map(|(param, scope, low, high)| (IndexTable::Span, *param, [*scope, *low, *high]));
        // A target without a row has number 0, which no row of the table has, so its link counts as missing.
        let target = |to: Target| rids.get(&to.key).unwrap_or_default();
        let links = index.links.iter().map(|(param, to)| (IndexTable::Link, *param, [target(*to), 0, 0]));
        let row = |(table, param, rest)| IndexRow { rid, table, param, rest };
        let ties = index.ties.iter().map(|tie| IndexRow::long(IndexTable::Tie, rid, &tie.row(target)));
        let rules =
            index.rules.iter().map(|rule| IndexRow::long(IndexTable::Consent, rid, &rule.row(target)));
        Ok(terms.chain(spans).chain(links).map(row).chain(ties).chain(rules).collect())
    }
}
