//! [read](https://hl7.org/fhir/R4/http.html#read) and [vread](https://hl7.org/fhir/R4/http.html#vread).

use crate::{Record, error::Error, show};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    decide::Wish,
    grant::Grant,
    scope::Permission,
};
use std::collections::BTreeSet;
use store::{batch::Op, read::Stored};

/// A resource to show.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its type.
    pub resource_type: String,
    /// Its logical id.
    pub id: String,
    /// The version.
    pub version: i64,
    /// When it was written, microseconds since the epoch.
    pub updated: i64,
    /// The resource as JSON.
    pub body: Vec<u8>,
}

impl Record {
    /// The current version of a resource.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Gone`], [`Error::Refused`].
    pub fn read(&self, act: &Act, resource_type: &str, id: &str) -> Result<Shown, Error> {
        self.read_version(act, "read", resource_type, id, None)
    }

    /// A named version of a resource.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Gone`] where that version is a deletion, [`Error::Refused`].
    pub fn vread(&self, act: &Act, resource_type: &str, id: &str, version: i64) -> Result<Shown, Error> {
        self.read_version(act, "vread", resource_type, id, Some(version))
    }

    pub(crate) fn read_version(
        &self,
        act: &Act,
        operation: &str,
        resource_type: &str,
        id: &str,
        version: Option<i64>,
    ) -> Result<Shown, Error> {
        let grant = self.decide(act, operation, Permission::Read, Some(resource_type), resource_type)?;
        let is_revealed = operation == "reveal";
        let found = self.store.read(&grant, resource_type, id, version)?;
        let mut entry = Entry::new(act, operation, resource_type, Outcome::Done);
        touch(&mut entry, found.peek().iter());
        let stored = self.store.sign(entry, found)?.ok_or(Error::NotFound)?;
        match stored.op {
            _ if stored.erased => Err(Error::Erased),
            Op::Delete => Err(Error::Gone { version: stored.version }),
            _ => Ok(Shown {
                resource_type: resource_type.to_owned(),
                id: id.to_owned(),
                version: stored.version,
                updated: stored.updated,
                body: if is_revealed { stored.body } else { show::body(act, stored.body)? },
            }),
        }
    }

    /// Decides; a refusal is signed before it is told.
    pub(crate) fn decide(
        &self,
        act: &Act,
        operation: &str,
        permission: Permission,
        resource_type: Option<&str>,
        shape: &str,
    ) -> Result<Grant, Error> {
        match self.grant(act, Wish { permission, resource_type }) {
            Ok(grant) => Ok(grant),
            Err(_) => {
                self.refuse(act, operation, shape)?;
                Err(Error::Refused)
            }
        }
    }

    /// Signs a refusal.
    ///
    /// # Errors
    /// Where it cannot be made durable.
    pub fn refuse(&self, act: &Act, operation: &str, shape: &str) -> Result<(), Error> {
        Ok(self.store.witness(Entry::new(act, operation, shape, Outcome::Refused))?)
    }
}

/// Writes down what an entry's action showed.
pub(crate) fn touch<'a>(entry: &mut Entry, shown: impl Iterator<Item = &'a Stored>) {
    let mut patients: BTreeSet<i64> = entry.patients.iter().copied().collect();
    for stored in shown {
        entry.touched.push(stored.touched());
        if stored.owner != 0 {
            patients.insert(stored.owner);
        }
    }
    entry.patients = patients.into_iter().collect();
}
