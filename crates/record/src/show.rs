//! How a stored body leaves the house: masked, where the actor's role sees persons masked (F10).

use crate::{
    Record,
    error::Error,
    read::Shown,
    search::{name, value_of},
};
use access::{act::Act, mask, mask::Mask};

/// The masks of an actor.
fn masks(act: &Act) -> &[Mask] {
    act.actor.standing.as_ref().map(|standing| standing.masks.as_slice()).unwrap_or_default()
}

/// A body as its actor may see it.
pub(crate) fn body(act: &Act, body: Vec<u8>) -> Result<Vec<u8>, Error> {
    let masks = masks(act);
    if masks.is_empty() || !can_be_masked(&name(&body).0) {
        return Ok(body);
    }
    let mut resource = value_of(&body)?;
    mask::apply(&mut resource, masks);
    serde_json::to_vec(&resource).map_err(|error| Error::Fault(Box::new(error)))
}

/// Whether the actor sees resources of that type whole: whoever does not cannot store one back.
pub(crate) fn is_whole(act: &Act, resource_type: &str) -> bool {
    masks(act).is_empty() || !can_be_masked(resource_type)
}

/// Whether resources of that type are about persons, whom some roles see masked.
pub fn can_be_masked(resource_type: &str) -> bool {
    mask::PERSONS.contains(&resource_type)
}

impl Record {
    /// A resource without its masks: a look of its own in the audit log (`reveal`), for roles that may.
    ///
    /// # Errors
    /// As [`Record::read`]; [`Error::Refused`] for a role that may not reveal, which is signed as well.
    pub fn reveal(&self, act: &Act, resource_type: &str, id: &str) -> Result<Shown, Error> {
        if !act.actor.standing.as_ref().is_none_or(|standing| standing.masks.is_empty() || standing.reveals) {
            self.refuse(act, "reveal", resource_type)?;
            return Err(Error::Refused);
        }
        self.read_version(act, "reveal", resource_type, id, None)
    }
}
