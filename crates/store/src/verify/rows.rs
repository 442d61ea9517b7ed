//! Resource rows in order, and beside them each one's versions: a chain from 1 on, whose last link the row agrees with.

use super::{
    Check, IndexOf, Walk,
    fault::{Place, What},
    index::Expected,
    stream::{Keyed, Stream},
    tally::Tally,
};
use crate::{batch::Op, dialect::Row, error::Error, log::Head, rows::Rids};

/// A row of `resource`, without its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource {
    pub(super) rid: i64,
    kind: i64,
    version: i64,
    pub(super) seq: i64,
    updated: i64,
    live: i64,
    owner: i64,
}

impl Resource {
    /// Whether it stands in the index.
    pub(super) fn is_live(&self) -> bool {
        self.live == 1
    }
}

impl Keyed<1> for Resource {
    const SQL: &'static str = "SELECT rid, type, version, seq, updated, live, owner FROM resource WHERE rid >= ?1 \
        ORDER BY rid LIMIT 256";

    fn read(row: &Row<'_>) -> Result<Resource, Error> {
        let [rid, kind, version, seq, updated, live, owner] = [0, 1, 2, 3, 4, 5, 6].map(|at| row.int(at));
        Ok(Resource {
            rid: rid?,
            kind: kind?,
            version: version?,
            seq: seq?,
            updated: updated?,
            live: live?,
            owner: owner?,
        })
    }

    fn key(&self) -> [i64; 1] {
        [self.rid]
    }
}

/// A row of `version`, without its body.
struct Link {
    rid: i64,
    version: i64,
    seq: i64,
    kind: i64,
    updated: i64,
    op: i64,
    owner: i64,
}

impl Link {
    fn place(&self) -> Place {
        Place::Version { seq: self.seq, rid: self.rid, version: self.version }
    }
}

impl Keyed<2> for Link {
    const SQL: &'static str = "SELECT rid, version, seq, type, updated, op, owner FROM version \
        WHERE (rid, version) >= (?1, ?2) ORDER BY rid, version LIMIT 1024";

    fn read(row: &Row<'_>) -> Result<Link, Error> {
        let [rid, version, seq, kind, updated, op, owner] = [0, 1, 2, 3, 4, 5, 6].map(|at| row.int(at));
        Ok(Link {
            rid: rid?,
            version: version?,
            seq: seq?,
            kind: kind?,
            updated: updated?,
            op: op?,
            owner: owner?,
        })
    }

    fn key(&self) -> [i64; 2] {
        [self.rid, self.version]
    }
}

impl Walk<'_> {
    /// Reads all resource rows; hands back which index rows there must be, where `index` can tell.
    pub(super) fn rows(
        &mut self,
        head: &Head,
        mut tally: Tally,
        index: Option<&IndexOf<'_>>,
    ) -> Result<Tally, Error> {
        let mut resources = Stream::<Resource, 1>::all();
        let mut links = Stream::<Link, 2>::all();
        let (mut next, mut rids) = (1, Rids::default());
        loop {
            let chunk = resources.chunk(self.conn)?;
            if chunk.is_empty() {
                break;
            }
            for resource in &chunk {
                self.counts.resources += 1;
                self.numbered(&mut next, resource.rid, head.rid);
                self.orphans(&mut links, resource.rid)?;
                self.chain(&mut links, resource)?;
            }
            if let Some(index) = index {
                rids = rids.trim();
                for (rid, rows) in self.expected(&chunk, index, &mut rids)? {
                    match rows {
                        Expected::Rows(rows) => rows.iter().for_each(|row| tally.expect(row)),
                        Expected::Closed => {}
                        Expected::Untold => self.faults.add(Place::Resource(rid), What::Unread),
                    }
                }
            }
            self.tell(Check::Resources, self.counts.resources, head.rid as u64);
        }
        self.orphans(&mut links, i64::MAX)?;
        if next <= head.rid {
            self.faults.add(Place::Resource(next), What::Missing);
        }
        Ok(tally)
    }

    /// Rows are numbered from 1 on without gaps.
    fn numbered(&mut self, next: &mut i64, rid: i64, last: i64) {
        if rid > *next && *next <= last {
            self.faults.add(Place::Resource(*next), What::Missing);
        }
        if rid < *next || rid > last {
            self.faults.add(Place::Resource(rid), What::Foreign);
        }
        *next = rid.saturating_add(1).max(*next);
    }

    /// Versions of rows that do not exist.
    fn orphans(&mut self, links: &mut Stream<Link, 2>, before: i64) -> Result<(), Error> {
        let mut named = None;
        while let Some(rid) = links.peek(self.conn)?.map(|link| link.rid).filter(|rid| *rid < before) {
            links.next(self.conn)?;
            if named != Some(rid) {
                self.faults.add(Place::Resource(rid), What::Missing);
                named = Some(rid);
            }
        }
        Ok(())
    }

    fn chain(&mut self, links: &mut Stream<Link, 2>, resource: &Resource) -> Result<(), Error> {
        let mut last: Option<Link> = None;
        while links.peek(self.conn)?.is_some_and(|link| link.rid == resource.rid) {
            let Some(link) = links.next(self.conn)? else { break };
            self.link(last.as_ref(), &link, resource.kind);
            last = Some(link);
        }
        let last = match last {
            Some(link) => Resource {
                rid: link.rid,
                kind: link.kind,
                version: link.version,
                seq: link.seq,
                updated: link.updated,
                live: i64::from(Op::from_number(link.op) != Op::Delete && !self.keys.is_erased(link.owner)),
                owner: link.owner,
            },
            // Only a reference names it.
            None => Resource { version: 0, seq: 0, updated: 0, live: 0, owner: 0, ..*resource },
        };
        let wrong = [
            ("version", resource.version != last.version),
            ("seq", resource.seq != last.seq),
            ("updated", resource.updated != last.updated),
            ("live", resource.live != last.live),
            ("owner", resource.owner != last.owner),
            ("type", resource.kind != last.kind),
        ];
        for (column, _) in wrong.into_iter().filter(|(_, wrong)| *wrong) {
            self.faults.add(Place::Resource(resource.rid), What::Disagrees(column));
        }
        Ok(())
    }

    /// One version after the one before it.
    fn link(&mut self, before: Option<&Link>, link: &Link, kind: i64) {
        let (expected, seq, existed) = match before {
            Some(before) => (before.version + 1, before.seq, Op::from_number(before.op) != Op::Delete),
            None => (1, 0, false),
        };
        if link.version > expected {
            self.faults.add(Place::Version { seq: 0, rid: link.rid, version: expected }, What::Missing);
        }
        let fitting: &[Op] = if existed { &[Op::Update, Op::Delete] } else { &[Op::Create] };
        let wrong = [
            ("version", link.version < expected),
            ("seq", link.seq <= seq),
            ("type", link.kind != kind),
            ("op", link.version == expected && !fitting.iter().any(|op| op.number() == link.op)),
        ];
        for (column, _) in wrong.into_iter().filter(|(_, wrong)| *wrong) {
            self.faults.add(link.place(), What::Disagrees(column));
        }
    }
}
