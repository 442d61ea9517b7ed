//! The keys as the store uses them: sealing bodies and audit leaves, blinding terms, signing checkpoints.

use crate::{
    error::Error,
    index::{LABEL, NO_SCOPE, PURPOSE},
    select::Look,
};
use ledger::{
    checkpoint::Checkpoint,
    commitment::{self, Salt},
    hash::Hash,
    note::Verdict,
    tree::Tree,
};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use vault::{
    aad::Aad,
    blind,
    compress::{self, Compressed},
    keyring::{self, Keyring},
    seal, sign,
};

/// The blind look-up key of `Type/id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub(crate) [u8; 16]);

impl Key {
    /// A key as it stands in its row.
    pub(crate) fn of(bytes: &[u8]) -> Option<Key> {
        bytes.try_into().ok().map(Key)
    }
}

/// A resource that a reference names, whether it exists or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) key: Key,
    pub(crate) kind: i64,
}

/// The highest number of a type.
const TYPES: u32 = u32::MAX >> 1;

/// The stable number of a resource type: 31 bits of SHA-256 over its name.
pub(crate) fn type_number(resource_type: &str) -> i64 {
    let hash = Sha256::digest(resource_type.as_bytes());
    i64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]) >> 1)
}

/// Turns plain values into what the index may hold. Cheap to share.
#[derive(Clone)]
pub struct Blinder {
    ring: Arc<Keyring>,
}

impl Blinder {
    /// The term of a value, given as distinct parts.
    pub(crate) fn term(&self, param: u32, parts: &[&[u8]]) -> i64 {
        blind::term(self.ring.index_key(), param, parts)
    }

    /// The key of a resource.
    pub(crate) fn key(&self, resource_type: &str, id: &str) -> Key {
        Key(blind::key16(self.ring.index_key(), resource_type, id))
    }

    pub(crate) fn target(&self, resource_type: &str, id: &str) -> Target {
        Target { key: self.key(resource_type, id), kind: type_number(resource_type) }
    }

    /// The number of a purpose, as consents have it.
    pub(crate) fn purpose(&self, code: &str) -> i64 {
        self.term(PURPOSE, &[code.as_bytes()])
    }

    /// The term of a security label, whatever its system.
    pub(crate) fn label(&self, code: &str) -> i64 {
        self.term(LABEL, &[code.as_bytes()])
    }

    /// The scope of a quantity's unit.
    pub(crate) fn scope(&self, param: u32, system: Option<&str>, code: &str) -> i64 {
        match system {
            Some(system) => self.term(param, &[b"unit", system.as_bytes(), code.as_bytes()]),
            None => self.term(param, &[b"unit", code.as_bytes()]),
        }
    }

    pub(crate) fn unit_scope(&self, param: u32, unit: Option<&(Option<String>, String)>) -> i64 {
        unit.map_or(NO_SCOPE, |(system, code)| self.scope(param, system.as_deref(), code))
    }

    /// The term that a value is looked up by.
    pub(crate) fn look(&self, param: u32, look: &Look) -> i64 {
        match look {
            Look::Token { system: None, code: Some(code), no_system: true } => {
                self.term(param, &[b"nc", code.as_bytes()])
            }
            Look::Token { system: None, code: Some(code), .. } => self.term(param, &[b"c", code.as_bytes()]),
            Look::Token { system: Some(system), code: Some(code), .. } => {
                self.term(param, &[b"sc", system.as_bytes(), code.as_bytes()])
            }
            Look::Token { system, code: None, .. } => {
                self.term(param, &[b"s", system.as_deref().unwrap_or_default().as_bytes()])
            }
            Look::Text(text) => self.term(param, &[b"t", text.as_bytes()]),
            Look::Start(start) => self.term(param, &[b"p", crate::index::indexed_start(start).as_bytes()]),
            Look::Sound(key) => self.term(param, &[b"ph", key.as_bytes()]),
            Look::Uri(uri) => self.term(param, &[b"u", uri.as_bytes()]),
        }
    }
}

/// What a sealed body is bound to: moved to any other place, it does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyPlace {
    pub(crate) owner: i64,
    pub(crate) rid: i64,
    pub(crate) version: i64,
    pub(crate) kind: i64,
    /// Whether that version is the resource's deletion.
    pub(crate) deletes: bool,
}

impl BodyPlace {
    /// Type numbers have 31 bits; the free one says that the version deletes, so that nobody can turn a deletion into an
    /// update, or an update into a deletion, by changing the row's `op`. `None` for a number with more bits, which would name
    /// the same place again.
    fn aad(self) -> Option<Aad> {
        let kind = u32::try_from(self.kind).ok().filter(|kind| *kind <= TYPES)?;
        Some(Aad::body(self.rid, self.version, kind | u32::from(self.deletes) << 31, self.owner))
    }

    fn damaged(self, what: &str) -> Error {
        Error::Integrity(format!("the body of row {}, version {}: {what}", self.rid, self.version))
    }
}

/// A sealed audit entry and its leaf hash.
pub(crate) struct SealedLeaf {
    pub(crate) hash: Hash,
    pub(crate) bytes: Vec<u8>,
}

/// All keys of the house.
pub(crate) struct Keys {
    ring: Arc<Keyring>,
    blinder: Blinder,
    origin: String,
}

impl Keys {
    pub(crate) fn new(ring: Arc<Keyring>) -> Keys {
        let public = ring.signing_key().public();
        let name: String = public.iter().take(8).map(|b| format!("{b:02x}")).collect();
        Keys { blinder: Blinder { ring: ring.clone() }, ring, origin: format!("keepwell-{name}") }
    }

    pub(crate) fn ring(&self) -> &Arc<Keyring> {
        &self.ring
    }

    pub(crate) fn blinder(&self) -> &Blinder {
        &self.blinder
    }

    /// The log's name, which every checkpoint bears.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The key that outsiders verify checkpoints with, in the C2SP text form.
    pub(crate) fn verifier(&self) -> String {
        sign::verifier_key(&self.origin, &self.ring.signing_key().public())
    }

    pub(crate) fn ensure_owners(&self, owners: impl Iterator<Item = i64>) -> Result<(), Error> {
        let mut missing: Vec<i64> = owners.filter(|owner| self.ring.owner_key(*owner).is_err()).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() { Ok(()) } else { self.ring.add_owners(&missing).map_err(keys) }
    }

    /// Whether the owner's key was destroyed.
    pub(crate) fn is_erased(&self, owner: i64) -> bool {
        matches!(self.ring.owner_key(owner), Err(keyring::Error::Erased(_)))
    }

    /// Whether the owner never had a key in this keyring.
    pub(crate) fn is_unknown(&self, owner: i64) -> bool {
        matches!(self.ring.owner_key(owner), Err(keyring::Error::UnknownOwner(_)))
    }

    pub(crate) fn seal_body(&self, place: BodyPlace, packed: &Compressed) -> Result<Vec<u8>, Error> {
        let key = self.ring.owner_key(place.owner).map_err(keys)?.body(place.rid).map_err(keys)?;
        seal::seal(&key, &place.aad().ok_or_else(|| place.damaged("its type"))?, packed).map_err(keys)
    }

    pub(crate) fn open_body(&self, place: BodyPlace, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let key = self.ring.owner_key(place.owner).map_err(keys)?.body(place.rid).map_err(keys)?;
        let aad = place.aad().ok_or_else(|| place.damaged("its type"))?;
        seal::open(&key, &aad, sealed).map_err(|e| place.damaged(&e.to_string()))
    }

    /// Seals an entry with a fresh salt, and computes the leaf that commits to both.
    pub(crate) fn seal_leaf(&self, index: u64, entry: &[u8]) -> Result<SealedLeaf, Error> {
        let salt: Salt = vault::random::bytes().map_err(keys)?;
        let mut plain = Vec::with_capacity(salt.len() + entry.len());
        plain.extend_from_slice(&salt);
        plain.extend_from_slice(entry);
        let packed = compress::compress(&plain).map_err(keys)?;
        let key = self.ring.audit_key().leaf(index).map_err(keys)?;
        let bytes = seal::seal(&key, &Aad::audit_leaf(index), &packed).map_err(keys)?;
        Ok(SealedLeaf { hash: commitment::leaf(&commitment::commit(&salt, entry)), bytes })
    }

    /// Opens an entry: its salt, its bytes, and the leaf hash that they must have.
    pub(crate) fn open_leaf(&self, index: u64, sealed: &[u8]) -> Result<(Salt, Vec<u8>, Hash), Error> {
        let key = self.ring.audit_key().leaf(index).map_err(keys)?;
        let damaged = |what: &str| Error::Integrity(format!("audit leaf {index}: {what}"));
        let plain = seal::open(&key, &Aad::audit_leaf(index), sealed).map_err(|e| damaged(&e.to_string()))?;
        let (salt, entry) = plain.split_first_chunk::<32>().ok_or_else(|| damaged("it is too short"))?;
        Ok((*salt, entry.to_vec(), commitment::leaf(&commitment::commit(salt, entry))))
    }

    /// SHA-256 of a sealed body, as it stands in the audit entry.
    pub(crate) fn fingerprint(&self, sealed: &[u8]) -> String {
        use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
        STANDARD_NO_PAD.encode(Sha256::digest(sealed))
    }

    /// A signed checkpoint over the tree, as a C2SP signed note.
    pub(crate) fn checkpoint(&self, tree: &Tree) -> Result<Vec<u8>, Error> {
        let signer = self.ring.signing_key();
        let id = u32::from_be_bytes(sign::key_id(&self.origin, &signer.public()));
        let text = Checkpoint::new(&self.origin, tree.size(), tree.root());
        let signature = signer.sign(text.render().map_err(keys)?.as_bytes()).map_err(keys)?;
        Ok(text.sign(id, |_| signature.to_vec()).map_err(keys)?.render().into_bytes())
    }

    /// Opens a checkpoint that this house signed.
    pub(crate) fn open_checkpoint(&self, note: &[u8]) -> Result<Checkpoint, Error> {
        let public = self.ring.signing_key().public();
        let id = u32::from_be_bytes(sign::key_id(&self.origin, &public));
        let check = |key_id: u32, name: &str, text: &[u8], signature: &[u8]| match key_id == id
            && name == self.origin
        {
            false => Verdict::Unknown,
            true if sign::verifies(&public, text, signature) => Verdict::Valid,
            true => Verdict::Invalid,
        };
        let (checkpoint, _) = Checkpoint::open(note, &self.origin, &check)
            .map_err(|e| Error::Integrity(format!("checkpoint: {e}")))?;
        Ok(checkpoint)
    }
}

fn keys(error: impl std::fmt::Display) -> Error {
    Error::Keys(error.to_string())
}
