//! The keys a keyring gives out. Each derives the keys that seal; none shows its bytes.

use std::fmt;

use aws_lc_rs::hmac;

use crate::aad::ObjectId;
use crate::blind::IndexKey;
use crate::mac::MacRoot;
use crate::seal::{self, SealKey};
use crate::secret::{self, Secret, derive};
use crate::sign::{self, SigningKey};

/// One owner's data key: of a patient, or owner 0, the organization.
///
/// Whoever holds one can open the owner's bodies until dropping it, even after the owner was erased: fetch it for
/// each use, keep it no longer.
pub struct OwnerKey {
    owner: i64,
    key: hmac::Key,
}

impl OwnerKey {
    pub(super) fn new(owner: i64, secret: &Secret) -> Self {
        Self { owner, key: secret.hmac() }
    }

    /// Whose key it is.
    pub fn owner(&self) -> i64 {
        self.owner
    }

    /// The key of all versions of one resource's body.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn body(&self, rid: i64) -> Result<SealKey, seal::Error> {
        SealKey::new(&derive(&self.key, &[b"keepwell/body/1", &rid.to_be_bytes()]))
    }

    /// The key of one blob.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn blob(&self, object: ObjectId) -> Result<SealKey, seal::Error> {
        SealKey::new(&derive(&self.key, &[b"keepwell/blob/1", &object.0]))
    }

    /// The key of a value that is neither body nor blob, such as a second-factor secret: by what it is and its row.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn labelled(&self, label: &str, rid: i64) -> Result<SealKey, seal::Error> {
        let parts: [&[u8]; 3] = [b"keepwell/labelled/1", &rid.to_be_bytes(), label.as_bytes()];
        SealKey::new(&derive(&self.key, &parts))
    }
}

/// The key of the audit log's sealed entries. Each leaf has a key of its own: a busy house writes more leaves in
/// a fortnight than one key may seal.
pub struct AuditKey(hmac::Key);

impl AuditKey {
    /// The key of one audit leaf.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn leaf(&self, index: u64) -> Result<SealKey, seal::Error> {
        SealKey::new(&derive(&self.0, &[b"keepwell/leaf/1", &index.to_be_bytes()]))
    }

    /// The key of a head: see [`crate::aad::Aad::head`].
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub fn head(&self, name: &str) -> Result<SealKey, seal::Error> {
        SealKey::new(&derive(&self.0, &[b"keepwell/head/1", name.as_bytes()]))
    }
}

/// The installation's own keys, which belong to no owner.
pub(super) struct House {
    pub(super) index: IndexKey,
    pub(super) audit: AuditKey,
    pub(super) mac: MacRoot,
    pub(super) signing: SigningKey,
}

/// The names of the house keys in the keyring's header. A key's place in the list is part of its wrapping.
pub(super) const HOUSE: [&str; 4] = ["index", "audit", "mac", "signing"];

impl House {
    pub(super) fn new([index, audit, mac, signing]: &[Secret; HOUSE.len()]) -> Result<Self, sign::Unusable> {
        Ok(Self {
            index: IndexKey::new(index),
            audit: AuditKey(audit.hmac()),
            mac: MacRoot::new(mac),
            signing: SigningKey::new(signing)?,
        })
    }
}

impl fmt::Debug for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}
