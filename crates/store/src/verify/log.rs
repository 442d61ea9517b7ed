//! The audit log in order, and beside it, change by change, the versions that its entries tell of.

use super::{
    Check, Walk,
    fault::{Place, What},
    items::Absent,
    ledger::Ledger,
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
use rustc_hash::FxHashMap;

/// A row of `leaf`.
pub(super) struct Leaf {
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
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

/// What has been seen of the log so far.
struct Log {
    ledger: Ledger,
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
        let mut ledger = Ledger::new();
        ledger.covered = match head.checkpoint.as_slice() {
            [] => Some(0),
            note => ledger.anchor(self.keys, Place::Checkpoint, note, &mut self.faults),
        };
        if let Some(note) = older {
            ledger.anchor(self.keys, Place::Older, note, &mut self.faults);
        }
        ledger.hold(&mut self.faults);
        let mut log = Log {
            ledger,
            versions: Stream::all(),
            keys: FxHashMap::default(),
            seq: 0,
            updated: 0,
            timed: true,
            viewers,
            absent: Absent::default(),
        };
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
        log.ledger.end(&mut self.faults);
        self.untold(&mut log, i64::MAX)?;
        self.head_agrees(&log, head)?;
        self.absent(std::mem::take(&mut log.absent));
        Ok(log.viewers)
    }

    fn leaf(&mut self, log: &mut Log, leaf: &Leaf) -> Result<(), Error> {
        self.counts.leaves += 1;
        let Some(opened) = log.ledger.open(self.keys, leaf, &mut self.faults) else { return Ok(()) };
        if opened.is_after_gap || opened.entry.is_none() {
            log.timed = false;
        }
        if let Some(entry) = &opened.entry {
            self.entry(log, leaf.seq, entry)?;
        }
        log.ledger.append(&opened, &mut self.faults);
        Ok(())
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
            ("tree", log.ledger.whole && head.tree != log.ledger.tree),
            ("leaves", leaves != log.ledger.next),
            ("seq", log.timed && head.seq != log.seq),
            ("updated", log.timed && head.updated != log.updated),
        ];
        for (column, _) in wrong.into_iter().filter(|(_, wrong)| *wrong) {
            self.faults.add(Place::Head, What::Disagrees(column));
        }
        Ok(())
    }
}
