//! Whether somebody who is about to be registered may have a record already: told as a look-up is, by initials and a year.

use crate::{
    Record,
    error::Error,
    find::{Sight, sight, whole},
    read::touch,
    search::{name, parse, stored_value},
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    scope::Permission,
};
use serde_json::Value;
use store::read::Stored;

/// How many records each search looks at.
const LOOKED_AT: usize = 200;

/// How many are told of.
const MOST: usize = 4;

impl Record {
    /// The records that `fits` says are likely the same person's, of those that the searches find, the likeliest first. One entry in the log names
    /// those that are told of.
    ///
    /// Whoever calls has asked whether this person may look anybody up, and has counted it.
    ///
    /// # Errors
    /// [`Error::Refused`] for an act that may not search patients.
    pub fn alike(
        &self,
        act: &Act,
        queries: &[String],
        fits: &dyn Fn(&Value) -> Option<u8>,
    ) -> Result<Vec<Sight>, Error> {
        let shape = "Patient?birthdate&phone&phonetic";
        let own = self.decide(act, "likely duplicates", Permission::Read, Some("Patient"), shape)?;
        let grant = whole(act, Permission::Search)?;
        let mut likely: Vec<(u8, Stored, Value)> = Vec::new();
        for query in queries {
            let ready = self.ready("Patient", &parse(query)?, false)?;
            let (rows, _) = self.page(&grant, &ready, LOOKED_AT)?;
            for (_, stored) in rows {
                let value = stored_value(&stored)?;
                if likely.iter().all(|(_, known, _)| known.rid != stored.rid)
                    && let Some(score) = fits(&value)
                {
                    likely.push((score, stored, value));
                }
            }
        }
        likely.sort_by_key(|(score, stored, _)| (std::cmp::Reverse(*score), stored.rid));
        likely.truncate(MOST);
        let mut sights = Vec::with_capacity(likely.len());
        for (_, stored, value) in &likely {
            let (_, patient) = name(&stored.body);
            let open = self.store.read(&own, "Patient", &patient, None)?.peek().is_some();
            sights.push(sight(patient, value, open));
        }
        let mut entry = Entry::new(act, "likely duplicates", shape, Outcome::Done);
        touch(&mut entry, likely.iter().map(|(_, stored, _)| stored));
        self.store.witness(entry)?;
        Ok(sights)
    }
}
