//! Who looked at a patient's record: the audit leaves that concern the patient, newest first, opened one by one.

use crate::{
    Store,
    dialect::{Arg, Conn},
    error::Error,
    index::{COMPARTMENT, CONCERNS},
    keys::Key,
    reach::Reach,
    read::Unsigned,
    rows::Rids,
};
use access::{audit::Entry, grant::Grant};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

pub use access::oversight::LOG;

/// One leaf that concerns the patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The number of the leaf.
    pub leaf: i64,
    /// What was done; `None` where the leaf does not open, or tells of others alone, which `verify` names as a fault.
    pub entry: Option<Entry>,
    /// How many resources of this patient it wrote or showed, by the number of their type. What is no longer there is left out, and so is
    /// what belongs to others.
    pub kinds: Vec<(i64, u64)>,
}

/// Some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// The patient's row.
    pub patient: i64,
    /// Newest first.
    pub looks: Vec<Look>,
    /// Whether there are older ones.
    pub more: bool,
}

impl Store {
    /// The leaves that concern a patient, those before leaf `before`, at most `limit`. `None` where there is no such patient.
    ///
    /// # Errors
    /// [`Error::Refused`] where the grant does not reach the whole log of this patient, whether there is such a patient or not; where the
    /// database fails.
    pub fn viewers(
        &self,
        grant: &Grant,
        patient: &str,
        before: i64,
        limit: usize,
    ) -> Result<Unsigned<Option<Looks>>, Error> {
        let key: Key = self.keys.blinder().key("Patient", patient);
        let found = self.pool.view(|conn| {
            let mut rids = Rids::default();
            rids.look_up(conn, [key].into_iter())?;
            let owner = rids.get(&key);
            if !Reach::resolve(conn, self.keys.blinder(), grant)?.is_of_all(LOG, owner) {
                return Err(Error::Refused);
            }
            let Some(owner) = owner else { return Ok(None) };
            self.looks(conn, owner, before, limit).map(Some)
        })?;
        Ok(Unsigned::new(found))
    }

    fn looks(&self, conn: &mut Conn, patient: i64, before: i64, limit: usize) -> Result<Looks, Error> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let args = [Arg::Int(i64::from(CONCERNS)), Arg::Int(patient), Arg::Int(before), Arg::Int(most)];
        let mut leaves = conn.query(
            "SELECT f.seq, f.entry FROM link k CROSS JOIN leaf f WHERE k.param = ?1 AND k.target = ?2 AND k.rid < ?3 AND f.seq = k.rid \
             ORDER BY k.rid DESC LIMIT ?4",
            &args,
            |row| Ok((row.int(0)?, row.bytes(1)?)),
        )?;
        let more = leaves.len() > limit;
        leaves.truncate(limit);
        let of_patient = kinds(conn, patient)?;
        let look = |(leaf, sealed): (i64, Vec<u8>)| {
            let opened = u64::try_from(leaf).ok().and_then(|at| self.keys.open_leaf(at, &sealed).ok());
            let entry = opened.and_then(|(_, bytes, _)| Entry::parse(&bytes).ok());
            let entry = entry.filter(|entry| entry.patients.contains(&patient));
            let kinds = entry.as_ref().map(|entry| counted(entry, &of_patient)).unwrap_or_default();
            Look { leaf, entry, kinds }
        };
        Ok(Looks { patient, looks: leaves.into_iter().map(look).collect(), more })
    }
}

/// The type of every resource that belongs to the patient.
fn kinds(conn: &mut Conn, patient: i64) -> Result<FxHashMap<i64, i64>, Error> {
    let rows = conn.query(
        "SELECT r.rid, r.type FROM link d CROSS JOIN resource r WHERE d.param = ?1 AND d.target = ?2 AND r.rid = d.rid AND r.owner = ?2",
        &[Arg::Int(i64::from(COMPARTMENT)), Arg::Int(patient)],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    Ok(rows.into_iter().collect())
}

fn counted(entry: &Entry, of_patient: &FxHashMap<i64, i64>) -> Vec<(i64, u64)> {
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for kind in entry.touched.iter().filter_map(|touched| of_patient.get(&touched.rid)) {
        *counts.entry(*kind).or_default() += 1;
    }
    counts.into_iter().collect()
}
