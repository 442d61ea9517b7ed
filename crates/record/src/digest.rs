//! Whether two houses hold the same: a resource's digest, and those of what is stored here.

use crate::{
    Record,
    error::Error,
    read::touch,
    search::{name, value_of},
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    scope::Permission,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// Resources that are opened at once.
const CHUNK: usize = 64;

/// SHA-256.
pub type Digest = [u8; 32];

/// The digest of a resource: SHA-256 over its JSON without white space, `resourceType`, `id` and `meta` first and the rest in its order, with
/// the digits that it came with, and without `meta.versionId` and `meta.lastUpdated`, which each house writes for itself.
///
/// ```
/// # use record::digest::of;
/// let (one, other) = (
///     serde_json::json!({"resourceType": "Basic", "id": "a", "meta": {"versionId": "1"}, "code": {}}),
///     serde_json::json!({"resourceType": "Basic", "id": "a", "code": {}}),
/// );
/// assert_eq!(of(&one), of(&other));
/// assert_ne!(of(&one), of(&serde_json::json!({"resourceType": "Basic", "id": "b", "code": {}})));
/// ```
pub fn of(resource: &Value) -> Digest {
    let mut hasher = Sha256::new();
    let Some(members) = resource.as_object() else { return hasher.finalize().into() };
    let mut part = |first: bool, name: &str, value: &Value| {
        hasher.update(if first { b"{".as_slice() } else { b",".as_slice() });
        hasher.update(fhir::json::render(&Value::from(name)));
        hasher.update(b":");
        hasher.update(fhir::json::render(value));
    };
    part(true, "resourceType", resource.get("resourceType").unwrap_or(&Value::Null));
    part(false, "id", resource.get("id").unwrap_or(&Value::Null));
    let mut meta = resource.get("meta").and_then(Value::as_object).cloned().unwrap_or_default();
    meta.retain(|name, _| name != "versionId" && name != "lastUpdated");
    part(false, "meta", &Value::Object(meta));
    for (name, value) in members {
        if !["resourceType", "id", "meta"].contains(&name.as_str()) {
            part(false, name, value);
        }
    }
    hasher.update(b"}");
    hasher.finalize().into()
}

impl Record {
    /// The digests of those of these resources (type and id) that are stored here, for whoever runs the house. One entry in the log.
    ///
    /// # Errors
    /// [`Error::Refused`] for everybody else; where the database fails.
    pub fn digests(
        &self,
        act: &Act,
        names: &[(String, String)],
    ) -> Result<HashMap<(String, String), Digest>, Error> {
        let grant = self.decide(act, "digests", Permission::Read, None, "*")?;
        let mut entry = Entry::new(act, "digests", "*", Outcome::Done);
        let mut found = HashMap::new();
        let (files, others): (Vec<&(String, String)>, Vec<_>) =
            names.iter().partition(|(kind, _)| kind == "Binary");
        for chunk in others.chunks(CHUNK).chain(files.chunks(1)) {
            let pairs: Vec<(&str, &str)> =
                chunk.iter().map(|(kind, id)| (kind.as_str(), id.as_str())).collect();
            let stored = self.store.read_many(&grant, &pairs)?;
            touch(&mut entry, stored.peek().iter());
            for stored in stored.peek() {
                found.insert(name(&stored.body), of(&value_of(&stored.body)?));
            }
        }
        self.store.witness(entry)?;
        Ok(found)
    }
}
