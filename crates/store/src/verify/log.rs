//! The audit log in order, and beside it, change by change, the versions that its entries tell of.

use super::{
    Check, Walk,
    fault::{Place, What},
    items::Absent,
    stream::{Keyed, Stream},
    tally::Tally,
    viewers::demanded,
};
use crate::{
    batch::{Op, moved},
    body,
    dialect::{Arg, Row},
    error::Error,
    keys::{BodyPlace, Key},
    log::Head,
    rows::{marks, padded},
};
use access::audit::{Entry, Touched};
use ledger::{checkpoint::Checkpoint, hash::Hash, tree::Tree};
use rustc_hash::FxHashMap;

/// A row of `leaf`.
pub(super) struct Leaf {
    pub(super) seq: i64,
    hash: Vec<u8>,
    pub(super) entry: Vec<u8>,
}

impl Keyed<1> for Leaf {
    const SQL: &'static str = "SELECT seq, hash, entry FROM leaf WHERE seq >= ?1 ORDER BY seq LIMIT 256";

    fn read(row: &Row<'_>) -> Result<Leaf, Error> {
        Ok(Leaf { seq: row.int(0)?, hash: row.bytes(1)?, entry: row.bytes(2)? })
    }

    fn key(&self) -> [i64; 1] {
        [self.seq]
    }
}

/// A row of `version`.
struct Version {
    seq: i64,
    rid: i64,
    version: i64,
    kind: i64,
    updated: i64,
    op: i64,
    owner: i64,
    body: Vec<u8>,
}

impl Keyed<1> for Version {
    const SQL: &'static str = "SELECT seq, rid, version, type, updated, op, owner, body FROM version WHERE seq >= ?1 \
        ORDER BY seq LIMIT 64";

    fn read(row: &Row<'_>) -> Result<Version, Error> {
        let [seq, rid, version, kind, updated, op, owner] = [0, 1, 2, 3, 4, 5, 6].map(|at| row.int(at));
        let body = row.bytes(7)?;
        Ok(Version {
            seq: seq?,
            rid: rid?,
            version: version?,
            kind: kind?,
            updated: updated?,
            op: op?,
            owner: owner?,
            body,
        })
    }

    fn key(&self) -> [i64; 1] {
        [self.seq]
    }
}

/// A signed claim about the log, to be held against the tree when it has grown to that size.
struct Anchor {
    place: Place,
    said: Checkpoint,
}

/// What has been seen of the log so far.
struct Log {
    tree: Tree,
    /// Whether the tree is what the rows say: no leaf was missing so far.
    whole: bool,
    /// Index of the leaf to come.
    next: i64,
    anchors: Vec<Anchor>,
    /// How many leaves the newest checkpoint covers.
    covered: Option<u64>,
    versions: Stream<Version, 1>,
    /// Look-up keys of resource rows, for the versions at hand.
    keys: FxHashMap<i64, Vec<u8>>,
    /// The change last told of, and its time.
    seq: i64,
    updated: i64,
    /// Whether the time of the next change follows from `updated`: no leaf was unreadable since.
    timed: bool,
    viewers: Tally,
    absent: Absent,
}

impl Walk<'_> {
    /// Reads the whole log; hands back which rows a patient's list of viewers must have.
    pub(super) fn log(&mut self, head: &Head, older: Option<&[u8]>, viewers: Tally) -> Result<Tally, Error> {
        let mut anchors = Vec::new();
        let mut covered = None;
        if head.checkpoint.is_empty() {
            covered = Some(0);
        } else if let Some(said) = self.anchor(Place::Checkpoint, &head.checkpoint) {
            covered = Some(said.size);
            anchors.push(Anchor { place: Place::Checkpoint, said });
        }
        if let Some(said) = older.and_then(|note| self.anchor(Place::Older, note)) {
            anchors.push(Anchor { place: Place::Older, said });
        }
        let mut log = Log {
            tree: Tree::default(),
            whole: true,
            next: 0,
            anchors,
            covered,
            versions: Stream::all(),
            keys: FxHashMap::default(),
            seq: 0,
            updated: 0,
            timed: true,
            viewers,
            absent: Absent::default(),
        };
        self.held(&log);
        let mut leaves = Stream::<Leaf, 1>::all();
        loop {
            let chunk = leaves.chunk(self.conn)?;
            if chunk.is_empty() {
                break;
            }
            for leaf in chunk {
                self.leaf(&mut log, &leaf)?;
            }
            self.tell(Check::Log, self.counts.leaves, head.tree.size());
        }
        if log.anchors.iter().any(|anchor| anchor.said.size > log.next as u64) {
            self.faults.add(Place::Leaf(log.next), What::Truncated);
        }
        self.untold(&mut log, i64::MAX)?;
        self.head_agrees(&log, head)?;
        self.absent(std::mem::take(&mut log.absent));
        Ok(log.viewers)
    }

    fn anchor(&mut self, place: Place, note: &[u8]) -> Option<Checkpoint> {
        let opened = self.keys.open_checkpoint(note).ok();
        if opened.is_none() {
            self.faults.add(place, What::NotSigned);
        }
        opened
    }

    fn leaf(&mut self, log: &mut Log, leaf: &Leaf) -> Result<(), Error> {
        self.counts.leaves += 1;
        let place = Place::Leaf(leaf.seq);
        if leaf.seq < log.next {
            self.faults.add(place, What::Foreign);
            return Ok(());
        }
        if leaf.seq > log.next {
            self.faults.add(Place::Leaf(log.next), What::Missing);
            (log.whole, log.timed) = (false, false);
        }
        log.next = leaf.seq.saturating_add(1);
        let hash = <Hash>::try_from(leaf.hash.as_slice()).ok();
        match self.keys.open_leaf(leaf.seq as u64, &leaf.entry) {
            Err(_) => {
                self.faults.add(place, What::Closed);
                log.timed = false;
            }
            Ok((_, entry, committed)) => {
                if hash != Some(committed) {
                    self.faults.add(place.clone(), What::Changed);
                }
                match Entry::parse(&entry) {
                    Ok(entry) => self.entry(log, leaf.seq, &entry)?,
                    Err(_) => {
                        self.faults.add(place, What::Unread);
                        log.timed = false;
                    }
                }
            }
        }
        match hash {
            Some(hash) => {
                log.tree.append(hash);
            }
            None => log.whole = false,
        }
        if log.covered == Some(leaf.seq as u64) {
            self.faults.add(Place::Leaf(leaf.seq), What::NotCovered);
        }
        self.held(log);
        Ok(())
    }

    /// Holds the tree against what was signed over as many leaves as it has now.
    fn held(&mut self, log: &Log) {
        for Anchor { place, said } in
            log.anchors.iter().filter(|a| log.whole && a.said.size == log.tree.size())
        {
            if said.root != log.tree.root() {
                self.faults.add(place.clone(), What::Rewritten);
            }
        }
    }

    fn entry(&mut self, log: &mut Log, index: i64, entry: &Entry) -> Result<(), Error> {
        demanded(index, entry).iter().for_each(|row| log.viewers.expect(row));
        let written = || entry.touched.iter().filter(|touched| touched.hash.is_some());
        if written().next().is_some() {
            log.updated = moved(log.updated, entry.at);
        }
        for touched in written() {
            self.untold(log, touched.seq)?;
            self.told(log, touched, &entry.patients)?;
            log.seq = touched.seq;
        }
        for kept in &entry.items {
            self.kept(&mut log.absent, kept)?;
        }
        Ok(())
    }

    /// Versions before that change which no entry told of.
    fn untold(&mut self, log: &mut Log, before: i64) -> Result<(), Error> {
        while log.versions.peek(self.conn)?.is_some_and(|found| found.seq < before) {
            if let Some(Version { seq, rid, version, .. }) = log.versions.next(self.conn)? {
                self.counts.versions += 1;
                self.faults.add(Place::Version { seq, rid, version }, What::Foreign);
            }
        }
        Ok(())
    }

    /// The version that an entry says was written.
    fn told(&mut self, log: &mut Log, touched: &Touched, patients: &[i64]) -> Result<(), Error> {
        let place = Place::Version { seq: touched.seq, rid: touched.rid, version: touched.version };
        let at_hand = log.versions.peek(self.conn)?.filter(|found| found.seq == touched.seq);
        let Some(rid) = at_hand.map(|found| found.rid) else {
            self.faults.add(place, What::Missing);
            return Ok(());
        };
        if !log.keys.contains_key(&rid) {
            let rids = log.versions.ahead().map(|version| version.rid).collect();
            log.keys = self.resource_keys(rids)?;
        }
        let Some(found) = log.versions.next(self.conn)? else { return Ok(()) };
        self.counts.versions += 1;
        // Or somebody's version could pass for one of an erased patient, which need not open.
        let what = match found.owner == 0 || patients.contains(&found.owner) {
            true => self.version(&found, touched, log.keys.get(&found.rid)),
            false => Some(What::Disagrees("owner")),
        };
        if let Some(what) = what {
            self.faults.add(
                if what == What::Disagrees("key") { Place::Resource(found.rid) } else { place.clone() },
                what,
            );
        }
        if !log.timed && found.updated >= log.updated {
            (log.updated, log.timed) = (found.updated, true);
        }
        if what.is_none() && found.updated != log.updated {
            self.faults.add(place, What::Disagrees("updated"));
        }
        Ok(())
    }

    /// What is wrong with a version that was told of, if anything.
    fn version(&mut self, found: &Version, touched: &Touched, key: Option<&Vec<u8>>) -> Option<What> {
        let Version { seq: _, rid, version, kind, updated: _, op, owner, body } = found;
        if *rid != touched.rid {
            return Some(What::Disagrees("rid"));
        }
        if *version != touched.version {
            return Some(What::Disagrees("version"));
        }
        if touched.hash.as_deref() != Some(&self.keys.fingerprint(body)) {
            return Some(What::Changed);
        }
        if self.keys.is_erased(*owner) {
            self.counts.erased += 1;
            return None;
        }
        let deletes = Op::from_number(*op) == Op::Delete;
        let place = BodyPlace { owner: *owner, rid: *rid, version: *version, kind: *kind, deletes };
        let text = match self.keys.open_body(place, body) {
            Ok(text) => text,
            Err(Error::Keys(_)) => return Some(What::NoKey),
            // The bytes are those that were signed, so it is a column that they are bound to.
            Err(_) => return Some(What::Closed),
        };
        let Some((resource_type, id)) = body::name(&text) else { return Some(What::Unread) };
        let named = self.keys.blinder().key(&resource_type, &id);
        // A resource row that is missing is found with the rows.
        key.is_some_and(|key| Key::of(key) != Some(named)).then_some(What::Disagrees("key"))
    }

    fn resource_keys(&mut self, mut rids: Vec<i64>) -> Result<FxHashMap<i64, Vec<u8>>, Error> {
        rids.sort_unstable();
        rids.dedup();
        let args: Vec<Arg<'_>> = padded(&rids).map(|rid| Arg::Int(*rid)).collect();
        let sql = format!("SELECT rid, key FROM resource WHERE rid IN ({})", marks(args.len()));
        Ok(self.conn.query(&sql, &args, |row| Ok((row.int(0)?, row.bytes(1)?)))?.into_iter().collect())
    }

    /// The head row says what the log says.
    fn head_agrees(&mut self, log: &Log, head: &Head) -> Result<(), Error> {
        let leaves = self.last("SELECT leaves FROM head WHERE id = 1")?;
        let wrong = [
            ("tree", log.whole && head.tree != log.tree),
            ("leaves", leaves != log.next),
            ("seq", log.timed && head.seq != log.seq),
            ("updated", log.timed && head.updated != log.updated),
        ];
        for (column, _) in wrong.into_iter().filter(|(_, wrong)| *wrong) {
            self.faults.add(Place::Head, What::Disagrees(column));
        }
        Ok(())
    }
}
