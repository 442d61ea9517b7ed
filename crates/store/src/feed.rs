//! The feed: that something has changed, for whoever follows what changes.
//!
//! Changes are numbered in the order in which they became durable, and every version bears the number of its change. Who follows remembers
//! the last number that they have seen, and asks what came after it ([`Test::Changed`](crate::select::Test::Changed), [`Store::has_changed`]):
//! nothing is queued, so nothing is lost where the follower or this process stops.

use crate::{
    Store,
    dialect::Arg,
    error::Error,
    keys::{Key, type_number},
    reach::Reach,
    read::Unsigned,
    rows::Rids,
    sql::{Concern, Sql},
};
use access::grant::Grant;
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Wakes those who wait for a change of this process.
#[derive(Default)]
pub(crate) struct Beacon {
    newest: Mutex<i64>,
    lit: Condvar,
}

impl Beacon {
    /// Says that everything up to this change is durable.
    pub(crate) fn light(&self, seq: i64) {
        let mut newest = self.newest();
        if seq > *newest {
            *newest = seq;
            self.lit.notify_all();
        }
    }

    fn newest(&self) -> MutexGuard<'_, i64> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change after `seq`, no longer than that.
    fn wait(&self, seq: i64, patience: Duration) {
        let _ = self.lit.wait_timeout_while(self.newest(), patience, |newest| *newest <= seq);
    }
}

/// A type of resources, as the feed names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind(i64);

/// What somebody listens to.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    /// What belongs to the patient of that id.
    Patient(&'a str),
    /// Every resource of that type.
    Type(&'a str),
}

impl Store {
    /// The number of the newest change, of this process or of another.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn newest_seq(&self) -> Result<i64, Error> {
        let sql = "SELECT seq FROM head WHERE id = 1";
        let rows = self.pool.view(|conn| conn.query(sql, &[], |row| row.int(0)))?;
        Ok(rows.first().copied().unwrap_or_default())
    }

    /// Waits until this process has made a change after `seq`, no longer than `patience`. Changes of another process are not heard of
    /// here: ask for [`Store::newest_seq`] now and then.
    pub fn wait_for_change(&self, seq: i64, patience: Duration) {
        self.beacon.wait(seq, patience);
    }

    /// The blind name of a Patient, whether there is one or not.
    pub fn patient_key(&self, id: &str) -> Key {
        self.keys.blinder().key("Patient", id)
    }

    /// Whose records changed after one change and not after another: the blind names of the Patients, which tell nothing to who does not
    /// know whom to look for.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn changed_patients(&self, after: i64, until: i64) -> Result<Vec<Key>, Error> {
        let sql = "SELECT DISTINCT o.key FROM version v CROSS JOIN resource o WHERE v.seq > ?1 AND v.seq <= ?2 AND o.rid = v.owner";
        let args = [Arg::Int(after), Arg::Int(until)];
        let keys = self.pool.view(|conn| conn.query(sql, &args, |row| row.bytes(0)))?;
        Ok(keys.iter().filter_map(|key| Key::of(key)).collect())
    }

    /// The feed's name of a type.
    pub fn kind(resource_type: &str) -> Kind {
        Kind(type_number(resource_type))
    }

    /// Of which types something changed after one change and not after another.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn changed_kinds(&self, after: i64, until: i64) -> Result<Vec<Kind>, Error> {
        let sql = "SELECT DISTINCT type FROM version WHERE seq > ?1 AND seq <= ?2";
        let args = [Arg::Int(after), Arg::Int(until)];
        self.pool.view(|conn| conn.query(sql, &args, |row| row.int(0).map(Kind)))
    }

    /// Whether there is a change of what somebody listens to, after one change and not after another, that is within the grant; deletions
    /// count as well. What lies between the two is gone through.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn has_changed(
        &self,
        grant: &Grant,
        of: Of<'_>,
        after: i64,
        until: i64,
    ) -> Result<Unsigned<bool>, Error> {
        let rows = self.pool.view(|conn| {
            let concern = match of {
                Of::Type(name) => Concern::Kind(type_number(name)),
                Of::Patient(id) => {
                    let key = self.patient_key(id);
                    let mut rids = Rids::default();
                    rids.look_up(conn, [key].into_iter())?;
                    let Some(owner) = rids.get(&key) else { return Ok(Vec::new()) };
                    Concern::Owner(owner)
                }
            };
            let reach = Reach::resolve(conn, self.keys.blinder(), grant)?;
            let mut sql = Sql::new(self.keys.blinder());
            sql.change(concern, after, until, &reach);
            conn.query(sql.text(), &sql.args(), |row| row.int(0))
        })?;
        Ok(Unsigned::new(!rows.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::Arc, thread, time::Instant};

    #[test]
    fn who_waits_is_woken_by_the_next_change_and_not_by_one_that_they_know() {
        let beacon = Arc::new(Beacon::default());
        beacon.light(7);
        let before = Instant::now();
        beacon.wait(6, Duration::from_secs(60));
        assert!(before.elapsed() < Duration::from_secs(30), "it has come already");
        beacon.wait(7, Duration::from_millis(1));
        let waiting = Arc::clone(&beacon);
        let waiter = thread::spawn(move || waiting.wait(7, Duration::from_secs(60)));
        beacon.light(3);
        beacon.light(8);
        waiter.join().unwrap();
        assert!(before.elapsed() < Duration::from_secs(30));
    }
}
