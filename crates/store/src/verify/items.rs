//! The items: every row opens in its own place, has the handles that it names and no others, and is as new as the log says.

use super::{
    Check, Walk,
    fault::{Place, What},
};
use crate::{
    dialect::Arg,
    error::Error,
    items::{self, Sealed, hex},
};
use access::audit::Kept;
use rustc_hash::FxHashSet;

const ITEMS: &str = "SELECT kind, id, version, expires, sealed FROM item WHERE (kind, id) > (?1, ?2) \
    ORDER BY kind, id LIMIT 256";

/// Lasting items that the log so far tells of and that are not there: removed by a later entry, or missing.
pub(super) type Absent = FxHashSet<(i64, String)>;

impl Walk<'_> {
    /// Holds a row against an entry that wrote or removed it.
    pub(super) fn kept(&mut self, absent: &mut Absent, kept: &Kept) -> Result<(), Error> {
        let place = Place::Item { kind: kept.kind, id: kept.id.clone() };
        let sql = "SELECT version, sealed FROM item WHERE kind = ?1 AND id = ?2";
        let Some(id) = unhex(&kept.id) else {
            self.faults.add(place, What::Unread);
            return Ok(());
        };
        let args = [Arg::Int(kept.kind), Arg::Bytes(&id)];
        let found = self.conn.query(sql, &args, |row| Ok((row.int(0)?, row.bytes(1)?)))?;
        let name = (kept.kind, kept.id.clone());
        match (found.first(), &kept.hash) {
            (None, Some(_)) if kept.lasting => drop(absent.insert(name)),
            (None, _) => drop(absent.remove(&name)),
            (Some((version, _)), _) if *version < kept.version => self.faults.add(place, What::Older),
            (Some((version, _)), None) if *version == kept.version => self.faults.add(place, What::Older),
            (Some((version, sealed)), Some(hash)) if *version == kept.version => {
                if self.keys.fingerprint(sealed) != *hash {
                    self.faults.add(place, What::Changed);
                }
            }
            (Some(_), _) => {}
        }
        Ok(())
    }

    /// Those that the log tells of to its end, and that are not there.
    pub(super) fn absent(&mut self, absent: Absent) {
        let mut absent: Vec<(i64, String)> = absent.into_iter().collect();
        absent.sort_unstable();
        absent.into_iter().for_each(|(kind, id)| self.faults.add(Place::Item { kind, id }, What::Missing));
    }

    /// Goes through both tables.
    pub(super) fn items(&mut self) -> Result<(), Error> {
        let of = self.last("SELECT COUNT(*) FROM item")? as u64;
        let handles = self.last("SELECT COUNT(*) FROM handle")?;
        let (mut after, mut known) = ((i64::MIN, Vec::new()), 0);
        loop {
            let args = [Arg::Int(after.0), Arg::Bytes(&after.1)];
            let rows = self.conn.query(ITEMS, &args, |row| {
                let (kind, id, version) = (row.int(0)?, row.bytes(1)?, row.int(2)?);
                Ok(Sealed { kind, id, version, expires: row.int(3)?, bytes: row.bytes(4)? })
            })?;
            let Some(last) = rows.last() else { break };
            after = (last.kind, last.id.clone());
            for row in &rows {
                self.counts.items += 1;
                known += self.item(row)?;
            }
            self.tell(Check::Items, self.counts.items, of);
        }
        let alone = "SELECT COUNT(*) FROM handle h WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.kind = h.kind AND i.id = h.id)";
        if known + self.last(alone)? != handles || self.last(alone)? > 0 {
            self.faults.add(Place::Handles, What::Foreign);
        }
        Ok(())
    }

    /// One row; how many handles there are of it.
    fn item(&mut self, row: &Sealed) -> Result<i64, Error> {
        let place = || Place::Item { kind: row.kind, id: hex(&row.id) };
        let sql = "SELECT term FROM handle WHERE kind = ?1 AND id = ?2 ORDER BY term";
        let terms = self.conn.query(sql, &[Arg::Int(row.kind), Arg::Bytes(&row.id)], |row| row.bytes(0))?;
        match items::open(self.keys, row) {
            Err(_) => self.faults.add(place(), What::Closed),
            Ok(open) if open.terms.iter().map(|term| &term[..]).ne(terms.iter().map(|term| &term[..])) => {
                self.faults.add(place(), What::Disagrees("handle"));
            }
            Ok(_) => {}
        }
        Ok(terms.len() as i64)
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes().chunks(2).map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}
