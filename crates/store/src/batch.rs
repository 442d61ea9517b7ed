//! One database transaction's worth of changes: staged in memory, sealed and written in bulk.
//!
//! A commit is either staged whole or refused without a trace, so the commits of many requests share one transaction and one
//! sync to disk. Staging reads the database; whatever an earlier commit of the same batch has touched is written out first.

use crate::{
    dialect::{self, Bulk, Column, Conn},
    error::Error,
    index::{CONCERNS, Index, difference},
    keys::{BodyPlace, Key, Keys, Target},
    log::Head,
    reach::{self, NOBODY, Reach, Writing},
    rows::{self, Current, Rids},
    schema::{CONSENT, LEAF, LINK, RESOURCE, SPAN, TERM, TIE, VERSION},
    search,
    select::Select,
};
use access::{
    audit::{Entry, Touched},
    grant::Grant,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;
use vault::compress::Compressed;

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// It is new.
    Create,
    /// It gets a new version.
    Update,
    /// It goes, but its history stays.
    Delete,
}

impl Op {
    pub(crate) fn number(self) -> i64 {
        match self {
            Op::Create => 1,
            Op::Update => 2,
            Op::Delete => 3,
        }
    }

    pub(crate) fn from_number(number: i64) -> Op {
        match number {
            1 => Op::Create,
            2 => Op::Update,
            _ => Op::Delete,
        }
    }
}

/// One resource to be written, prepared without any lock.
#[derive(Debug)]
pub struct Put {
    /// Who may and why; the same for all resources of a request that one decision covers.
    pub grant: Arc<Grant>,
    /// What is done.
    pub op: Op,
    /// The resource's type.
    pub resource_type: String,
    /// Its logical id.
    pub id: String,
    /// The version that it was prepared against; 0 where there was none.
    pub base: i64,
    /// The laid out and packed text ([`crate::body::encode`]); for a delete only type and id, so that history can name it.
    pub packed: Compressed,
    /// The logical id of the patient that it belongs to; `None` is the organization.
    pub patient: Option<String>,
    /// What it is found by.
    pub index: Index,
    /// What the version before was found by.
    pub old_index: Index,
}

/// A search whose answer the commit depends on (conditional operations): asked again inside the transaction.
#[derive(Debug)]
pub struct Condition {
    /// With whose eyes.
    pub grant: Arc<Grant>,
    /// The search.
    pub select: Select,
    /// The row numbers that it gave when the commit was prepared.
    pub found: Vec<i64>,
}

/// All changes of one user action, and the audit entry that tells of them.
#[derive(Debug)]
pub struct Commit {
    /// The resources.
    pub puts: Vec<Put>,
    /// What must still be so.
    pub conditions: Vec<Condition>,
    /// The entry; what was touched is filled in.
    pub entry: Entry,
}

/// A written resource version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Row number of the resource.
    pub rid: i64,
    /// Its new version.
    pub version: i64,
    /// Number of the change.
    pub seq: i64,
    /// When, in microseconds since the epoch (whole milliseconds).
    pub updated: i64,
}

struct Staged {
    puts: Vec<(Put, Written, i64)>,
    entry: Entry,
}

pub(crate) struct Batch<'k> {
    keys: &'k Keys,
    pub(crate) head: Head,
    rids: Rids,
    staged: Vec<Staged>,
    /// The state after this batch of everything it touches.
    touched: FxHashMap<i64, Current>,
    /// What was staged since the last flush: one statement may not write a row twice.
    unwritten: FxHashSet<i64>,
    stubs: Vec<(i64, Target)>,
}

impl<'k> Batch<'k> {
    pub(crate) fn new(keys: &'k Keys, head: Head, rids: Rids) -> Batch<'k> {
        Batch {
            keys,
            head,
            rids,
            staged: Vec::new(),
            touched: FxHashMap::default(),
            unwritten: FxHashSet::default(),
            stubs: Vec::new(),
        }
    }

    /// The head, and the rows that got a number in this batch; to be remembered once the transaction is durable.
    pub(crate) fn into_parts(self) -> (Head, Rids) {
        (self.head, self.rids)
    }

    /// Takes an audit entry that changes nothing.
    pub(crate) fn leaf(&mut self, entry: Entry) {
        self.staged.push(Staged { puts: Vec::new(), entry });
    }

    /// Checks a commit against the database and takes it, or refuses it whole.
    pub(crate) fn stage(&mut self, conn: &mut Conn, commit: Commit) -> Result<Vec<Written>, Error> {
        // Conditions, and what care and consent open, are looked up in the database.
        if !commit.conditions.is_empty() || commit.puts.iter().any(|put| put.grant.is_by_care()) {
            self.flush(conn)?;
        }
        let keys = self.keys;
        let of_grants = commit.puts.iter().flat_map(|put| reach::keys(keys.blinder(), &put.grant));
        self.rids.look_up(conn, commit.puts.iter().flat_map(|put| keys_of(keys, put)).chain(of_grants))?;
        let mut named: FxHashSet<Key> = FxHashSet::default();
        if !commit.puts.iter().all(|put| named.insert(self.target(put).key)) {
            // The second change of one resource was prepared against what the first one changes.
            return Err(Error::Stale);
        }
        let known: Vec<i64> = commit.puts.iter().filter_map(|p| self.rids.get(&self.target(p).key)).collect();
        let current = self.current(conn, &known)?;
        if known.iter().any(|rid| self.unwritten.contains(rid)) {
            self.flush(conn)?;
        }
        let registered = registered(&commit.puts, &current, |put| self.rids.get(&self.target(put).key));
        for put in &commit.puts {
            self.check(conn, put, &current, &registered)?;
        }
        self.keyed(conn, &commit)?;
        for condition in &commit.conditions {
            let reach = Reach::resolve(conn, self.keys.blinder(), &condition.grant)?;
            let page = search::page(conn, self.keys.blinder(), &condition.select, &reach)?;
            if page.iter().map(|row| row.rid).ne(condition.found.iter().copied()) {
                return Err(Error::Stale);
            }
        }
        Ok(self.take(commit, &current))
    }

    fn target(&self, put: &Put) -> Target {
        self.keys.blinder().target(&put.resource_type, &put.id)
    }

    /// The state of rows: from this batch where it touched them, else from the database.
    fn current(&mut self, conn: &mut Conn, rids: &[i64]) -> Result<FxHashMap<i64, Current>, Error> {
        let unknown: Vec<i64> = rids.iter().copied().filter(|rid| !self.touched.contains_key(rid)).collect();
        let mut found = Current::read(conn, &unknown)?;
        found.extend(rids.iter().filter_map(|rid| self.touched.get(rid).map(|state| (*rid, *state))));
        Ok(found)
    }

    fn check(
        &self,
        conn: &mut Conn,
        put: &Put,
        current: &FxHashMap<i64, Current>,
        registered: &FxHashSet<&str>,
    ) -> Result<(), Error> {
        let rid = self.rids.get(&self.target(put).key);
        let now = rid.and_then(|rid| current.get(&rid)).copied().unwrap_or_default();
        let patient = put.patient.as_deref();
        let mine = patient.and_then(|id| self.rids.get(&self.keys.blinder().key("Patient", id)));
        let reach = Reach::new(self.keys.blinder(), &put.grant, |key| self.rids.get(key));
        let writing = Writing {
            kind: &put.resource_type,
            owner: patient.map(|_| mine.unwrap_or(NOBODY)),
            now: rid.filter(|_| now.live).map(|rid| (rid, now.owner)),
            is_new_patient: patient.is_some_and(|id| registered.contains(id)),
            index: (put.op != Op::Delete).then_some(&put.index),
            is_back: now.version > 0 && !now.live,
        };
        if !reach.may_write(conn, self.keys.blinder(), &writing)? {
            return Err(Error::Refused);
        }
        // Found here, it refuses this commit; found while sealing, it would fail everybody's in the batch.
        if mine.is_some_and(|owner| self.keys.is_erased(owner)) {
            return Err(Error::Erased);
        }
        if now.version != put.base || (put.op == Op::Delete && !now.live) {
            Err(Error::Stale)
        } else {
            Ok(())
        }
    }

    /// Refuses to make a key for somebody whose records are there already: it would not open them. What belongs to this batch
    /// is no sign of that, since nobody has sealed it yet.
    fn keyed(&self, conn: &mut Conn, commit: &Commit) -> Result<(), Error> {
        let blinder = self.keys.blinder();
        let owners = commit.puts.iter().filter_map(|put| put.patient.as_deref());
        let rids = owners.filter_map(|id| self.rids.get(&blinder.key("Patient", id)));
        let mut new: Vec<i64> =
            rids.filter(|rid| !self.touched.contains_key(rid) && self.keys.is_unknown(*rid)).collect();
        new.sort_unstable();
        new.dedup();
        match rows::owning(conn, &new)? {
            true => Err(Error::Keyless),
            false => Ok(()),
        }
    }

    fn take(&mut self, commit: Commit, current: &FxHashMap<i64, Current>) -> Vec<Written> {
        let mut done = Vec::with_capacity(commit.puts.len());
        let mut puts = Vec::with_capacity(commit.puts.len());
        let mut entry = commit.entry;
        // Whole milliseconds, as they are shown; and time in the record never runs backwards.
        // Only changes move it, so that `verify` can tell every version's time from the entry that wrote it.
        if !commit.puts.is_empty() {
            self.head.updated = moved(self.head.updated, entry.at);
        }
        for put in commit.puts {
            let rid = self.row(self.target(&put));
            let owner = match &put.patient {
                Some(id) => self.row(self.keys.blinder().target("Patient", id)),
                None => 0,
            };
            self.head.seq += 1;
            let version = current.get(&rid).map_or(0, |c| c.version) + 1;
            let written = Written { rid, version, seq: self.head.seq, updated: self.head.updated };
            let live = put.op != Op::Delete;
            self.unwritten.insert(rid);
            self.touched.insert(rid, Current { rid, version, seq: written.seq, live, owner });
            if owner != 0 && !entry.patients.contains(&owner) {
                entry.patients.push(owner);
            }
            done.push(written);
            puts.push((put, written, owner));
        }
        self.staged.push(Staged { puts, entry });
        done
    }

    /// The row number of a resource, given now if it has none: a reference may name what does not exist yet.
    fn row(&mut self, target: Target) -> i64 {
        match self.rids.get(&target.key) {
            Some(rid) => rid,
            None => {
                self.head.rid += 1;
                self.rids.insert(target.key, self.head.rid);
                self.stubs.push((self.head.rid, target));
                self.head.rid
            }
        }
    }

    /// Seals and writes everything staged so far, within the transaction.
    pub(crate) fn flush(&mut self, conn: &mut Conn) -> Result<(), Error> {
        if self.staged.is_empty() {
            return Ok(());
        }
        let staged = std::mem::take(&mut self.staged);
        self.unwritten.clear();
        self.keys.ensure_owners(staged.iter().flat_map(|s| s.puts.iter().map(|(_, _, owner)| *owner)))?;
        let mut rows = Rows::default();
        for Staged { puts, mut entry } in staged {
            for (put, written, owner) in puts {
                self.write(&mut rows, &mut entry, &put, written, owner)?;
            }
            self.log(&mut rows, &entry)?;
        }
        for (rid, target) in std::mem::take(&mut self.stubs) {
            if !self.touched.contains_key(&rid) {
                rows.resource(&target, Written { rid, version: 0, seq: 0, updated: 0 }, false, 0);
            }
        }
        rows.write(conn)
    }

    /// Writes a batch of nothing but leaves on its own, as one durable step. `false`: the head has moved on elsewhere, and
    /// nothing was written.
    pub(crate) fn append(&mut self, conn: &mut Conn) -> Result<bool, Error> {
        let before = self.head.tree.size() as i64;
        let mut rows = Rows::default();
        for Staged { entry, .. } in std::mem::take(&mut self.staged) {
            self.log(&mut rows, &entry)?;
        }
        let writes: [dialect::Rows<'_>; 2] =
            [(&LEAF, Bulk::Insert, &rows.leaf), (&LINK, Bulk::Ensure, &rows.links.0)];
        self.head.grow(conn, self.keys, before, &writes)
    }

    fn write(
        &mut self,
        rows: &mut Rows,
        entry: &mut Entry,
        put: &Put,
        written: Written,
        owner: i64,
    ) -> Result<(), Error> {
        let target = self.target(put);
        let live = put.op != Op::Delete;
        let Written { rid, version, .. } = written;
        let place = BodyPlace { owner, rid, version, kind: target.kind, deletes: !live };
        let sealed = self.keys.seal_body(place, &put.packed)?;
        let hash = self.keys.fingerprint(&sealed);
        entry.touched.push(Touched {
            rid: written.rid,
            version: written.version,
            seq: written.seq,
            hash: Some(hash),
        });
        rows.resource(&target, written, live, owner);
        rows.version(&target, written, put.op, owner, sealed);
        difference(
            &put.old_index.terms,
            &put.index.terms,
            |(param, term)| rows.gone_terms.push(&[param, term, rid]),
            |(param, term)| rows.terms.push(&[param, term, rid]),
        );
        let renewed = put.index.sounds.iter().filter(|_| put.base != 0);
        renewed.for_each(|(param, term)| rows.terms.push(&[*param, *term, rid]));
        difference(
            &put.old_index.spans,
            &put.index.spans,
            |(param, scope, low, high)| rows.gone_spans.push(&[param, scope, low, high, rid]),
            |(param, scope, low, high)| rows.spans.push(&[param, scope, low, high, rid]),
        );
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        difference(&put.old_index.links, &put.index.links, |link| gone.push(link), |link| come.push(link));
        gone.iter().for_each(|(param, target)| rows.gone_links.push(&[*param, self.row(*target), rid]));
        come.iter().for_each(|(param, target)| rows.links.push(&[*param, self.row(*target), rid]));
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        difference(&put.old_index.ties, &put.index.ties, |tie| gone.push(tie), |tie| come.push(tie));
        gone.iter().for_each(|tie| rows.gone_ties.push(&with(tie.row(|target| self.row(target)), rid)));
        come.iter().for_each(|tie| rows.ties.push(&with(tie.row(|target| self.row(target)), rid)));
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        difference(&put.old_index.rules, &put.index.rules, |rule| gone.push(rule), |rule| come.push(rule));
        gone.iter().for_each(|rule| rows.gone_rules.push(&with(rule.row(|target| self.row(target)), rid)));
        come.iter().for_each(|rule| rows.rules.push(&with(rule.row(|target| self.row(target)), rid)));
        Ok(())
    }

    fn log(&mut self, rows: &mut Rows, entry: &Entry) -> Result<(), Error> {
        let sealed = self.keys.seal_leaf(self.head.tree.size(), &entry.render())?;
        let index = self.head.tree.append(sealed.hash) as i64;
        rows.leaf[0].ints.push(index);
        rows.leaf[1].bytes.push(sealed.hash.to_vec());
        rows.leaf[2].bytes.push(sealed.bytes);
        entry.patients.iter().for_each(|patient| rows.links.push(&[i64::from(CONCERNS), *patient, index]));
        Ok(())
    }
}

/// The time of a change that is signed for `at`, after one of `before`.
pub(crate) fn moved(before: i64, at: i64) -> i64 {
    before.max(at - at.rem_euclid(1000))
}

/// Patients whom a commit brings, who were never here before.
fn registered<'c>(
    puts: &'c [Put],
    current: &FxHashMap<i64, Current>,
    row: impl Fn(&Put) -> Option<i64>,
) -> FxHashSet<&'c str> {
    let is_new = |put: &&Put| {
        let now = row(put).and_then(|rid| current.get(&rid));
        put.resource_type == "Patient" && now.is_none_or(|now| now.version == 0)
    };
    puts.iter().filter(is_new).map(|put| put.id.as_str()).collect()
}

/// Every row that a put speaks of: itself, whom it belongs to, what it refers to.
fn keys_of(keys: &Keys, put: &Put) -> impl Iterator<Item = Key> {
    let itself = keys.blinder().key(&put.resource_type, &put.id);
    let patient = put.patient.as_deref().map(|id| keys.blinder().key("Patient", id));
    let links = put.index.targets().chain(put.old_index.targets()).map(|target| target.key);
    std::iter::once(itself).chain(patient).chain(links)
}

/// A row with one more column.
fn with<const N: usize, const M: usize>(row: [i64; N], last: i64) -> [i64; M] {
    std::array::from_fn(|at| row.get(at).copied().unwrap_or(last))
}

/// Rows of integers, column by column.
struct Ints<const N: usize>([Column; N]);

impl<const N: usize> Default for Ints<N> {
    fn default() -> Self {
        Ints(std::array::from_fn(|_| Column::default()))
    }
}

impl<const N: usize> Ints<N> {
    fn push(&mut self, row: &[i64; N]) {
        self.0.iter_mut().zip(row).for_each(|(column, value)| column.ints.push(*value));
    }
}

/// Everything to be written, by table.
#[derive(Default)]
struct Rows {
    resource: [Column; 8],
    version: [Column; 8],
    terms: Ints<3>,
    gone_terms: Ints<3>,
    spans: Ints<5>,
    gone_spans: Ints<5>,
    links: Ints<3>,
    gone_links: Ints<3>,
    ties: Ints<5>,
    gone_ties: Ints<5>,
    rules: Ints<11>,
    gone_rules: Ints<11>,
    leaf: [Column; 3],
}

impl Rows {
    fn resource(&mut self, target: &Target, written: Written, live: bool, owner: i64) {
        let Written { rid, version, seq, updated } = written;
        self.resource[1].bytes.push(target.key.0.to_vec());
        for (at, value) in [
            (0, rid),
            (2, target.kind),
            (3, version),
            (4, seq),
            (5, updated),
            (6, i64::from(live)),
            (7, owner),
        ] {
            self.resource[at].ints.push(value);
        }
    }

    fn version(&mut self, target: &Target, written: Written, op: Op, owner: i64, sealed: Vec<u8>) {
        let Written { rid, version, seq, updated } = written;
        for (at, value) in
            [seq, rid, version, target.kind, updated, op.number(), owner].into_iter().enumerate()
        {
            self.version[at].ints.push(value);
        }
        self.version[7].bytes.push(sealed);
    }

    fn write(&self, conn: &mut Conn) -> Result<(), Error> {
        conn.bulk(&RESOURCE, Bulk::Upsert, &self.resource)?;
        conn.bulk(&VERSION, Bulk::Insert, &self.version)?;
        conn.bulk(&TERM, Bulk::Delete, &self.gone_terms.0)?;
        conn.bulk(&SPAN, Bulk::Delete, &self.gone_spans.0)?;
        conn.bulk(&LINK, Bulk::Delete, &self.gone_links.0)?;
        conn.bulk(&TIE, Bulk::Delete, &self.gone_ties.0)?;
        conn.bulk(&CONSENT, Bulk::Delete, &self.gone_rules.0)?;
        // A row may be there already, left by an older way of indexing or put there by somebody else. That must not keep the
        // resource, and all others of the batch, from being written; `verify` finds what should not be there.
        conn.bulk(&TERM, Bulk::Ensure, &self.terms.0)?;
        conn.bulk(&SPAN, Bulk::Ensure, &self.spans.0)?;
        conn.bulk(&LINK, Bulk::Ensure, &self.links.0)?;
        conn.bulk(&TIE, Bulk::Ensure, &self.ties.0)?;
        conn.bulk(&CONSENT, Bulk::Ensure, &self.rules.0)?;
        conn.bulk(&LEAF, Bulk::Insert, &self.leaf)
    }
}
