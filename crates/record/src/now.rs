//! What stands under an id now, for whoever prepares a change of it.

use crate::{Record, error::Error, search::stored_value};
use access::{act::Act, scope::Permission};
use serde_json::Value;
use store::batch::Op;

/// A resource as it stands.
#[derive(Clone)]
pub struct Now {
    /// The version, for `If-Match`.
    pub version: i64,
    /// The resource.
    pub value: Value,
}

impl std::fmt::Debug for Now {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "version {}, sealed", self.version)
    }
}

impl Record {
    /// What stands there now; `None` where there is nothing, or nothing that the actor may see. It is to prepare a change with, under
    /// whose entry the log tells of it, and is shown to nobody: what is shown is read.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Erased`].
    pub fn now(
        &self,
        act: &Act,
        operation: &str,
        resource_type: &str,
        id: &str,
    ) -> Result<Option<Now>, Error> {
        let grant = self.decide(act, operation, Permission::Read, Some(resource_type), resource_type)?;
        let found = self.store.read(&grant, resource_type, id, None)?;
        match found.peek() {
            Some(stored) if stored.erased => Err(Error::Erased),
            Some(stored) if stored.op != Op::Delete => {
                Ok(Some(Now { version: stored.version, value: stored_value(stored)? }))
            }
            _ => Ok(None),
        }
    }

    /// As [`Record::now`], of something that must be there and fit: that somebody asked to change what is not there for them is signed.
    ///
    /// # Errors
    /// [`Error::NotFound`]; as [`Record::now`].
    pub fn there(
        &self,
        act: &Act,
        operation: &str,
        (resource_type, id): (&str, &str),
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Now, Error> {
        match self.now(act, operation, resource_type, id)?.filter(|now| fits(&now.value)) {
            Some(now) => Ok(now),
            None => {
                self.refuse(act, operation, resource_type)?;
                Err(Error::NotFound)
            }
        }
    }

    /// A fresh random id, for what a page makes before it is stored.
    pub fn fresh_id(&self) -> String {
        (self.settings.fresh_id)()
    }
}
