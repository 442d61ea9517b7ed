//! The keyring: one file beside the database with every owner's data key, wrapped under the root.
//!
//! Data backups never contain it: a backup with body and key together would bring an erased patient back. Owners are
//! added by appending; erasing and rotating write a whole new file under a new generation's key-encryption key and
//! put it in the old one's place atomically. Readers go on during all of it.
//!
//! One process has a keyring open at a time (a lock file beside it). On PostgreSQL the keyring stays a file of the
//! node for now.

use std::fmt;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use zeroize::Zeroizing;

use crate::aad::Aad;
use crate::blind::IndexKey;
use crate::files::{self, Unreadable};
use crate::mac::MacRoot;
use crate::provider::Provider;
use crate::seal::Wrapped;
use crate::secret::{self, Secret};
use crate::sign::SigningKey;

mod cache;
mod error;
mod format;
mod keys;
mod state;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use keys::{AuditKey, OwnerKey};

use cache::Cache;
use keys::House;
use state::State;

/// The owner of what belongs to no patient: the organization.
pub const ORGANIZATION: i64 = 0;

/// Some 28 million owners: more is no keyring of ours.
const LARGEST_BYTES: u64 = 2 << 30;

/// An open keyring. Shared by reference; every method takes `&self`.
pub struct Keyring {
    path: PathBuf,
    house: House,
    // Locks are taken in this order: writer, state, cache.
    writer: Mutex<Writer>,
    state: RwLock<State>,
    cache: Mutex<Cache>,
    torn_bytes: usize,
    /// Opened beside the process that owns it.
    read_only: bool,
    _lock: Option<File>,
}

/// The end of the file that appends go to.
struct Writer {
    file: File,
    length: u64,
    /// A failed append could not be taken back, so the file's end is unknown. A rewrite heals it.
    broken: bool,
}

/// What [`Keyring::verify`] found in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The generation on disk.
    pub generation: u64,
    /// Owner keys that unwrap.
    pub owners: usize,
    /// Owners whose keys were destroyed.
    pub erased: usize,
    /// Size of the file.
    pub file_bytes: u64,
}

impl Keyring {
    /// Makes a new keyring with new keys for everything, and the organization's owner key.
    ///
    /// # Errors
    /// [`Error::Exists`] when the path is taken; [`Error::Provider`], [`Error::Io`].
    pub fn create(path: &Path, provider: &Provider) -> Result<Self, Error> {
        let lock = lock_file(path)?;
        if files::exists(path).map_err(Error::io(path))? {
            return Err(Error::Exists { path: path.to_owned() });
        }
        let mut state = State::found(provider)?;
        state.wrapped.extend(state.wrap_fresh(&[ORGANIZATION])?);
        let bytes = state.render()?;
        // Replacing nothing: a crash leaves either no keyring or a whole one.
        let file = files::replace(path, &bytes).map_err(Error::io(path))?;
        files::sync_folder(path).map_err(Error::io(path))?;
        let writer = Writer { file, length: bytes.len() as u64, broken: false };
        Self::assemble(path, state, writer, 0, Some(lock))
    }

    /// Opens a keyring. `expected_generation` is the newest generation the caller knows of (the database keeps it):
    /// an older file is a restored copy, in which erased patients may still have their keys, and is refused.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::TooOpen`], [`Error::InUse`], [`Error::Damaged`], [`Error::Newer`],
    /// [`Error::OldGeneration`], [`Error::WrongRoot`], [`Error::Provider`], [`Error::Io`]: each says what to do.
    pub fn open(path: &Path, provider: &Provider, expected_generation: Option<u64>) -> Result<Self, Error> {
        let lock = lock_file(path)?;
        let bytes = read(path)?;
        let content = format::parse(&bytes).map_err(|malformed| Error::malformed(path, &malformed))?;
        let expected = expected_generation.unwrap_or(0);
        if content.header.generation < expected {
            let found = content.header.generation;
            return Err(Error::OldGeneration { path: path.to_owned(), found, expected });
        }
        let torn = content.torn.clone();
        let state = State::open(content, provider)?;
        files::clear_leftover(path).map_err(Error::io(path))?;
        let file = files::open(path).map_err(Error::io(path))?;
        let mut writer = Writer { file, length: bytes.len() as u64, broken: false };
        if let Some(torn) = &torn {
            writer.append(&format::torn_frame(torn)).map_err(Error::io(path))?;
        }
        Self::assemble(path, state, writer, torn.map_or(0, |torn| torn.len()), Some(lock))
    }

    /// Opens a keyring beside another process that has it, to read: what that process adds later is not seen, and nothing
    /// can be added, destroyed or rotated here.
    ///
    /// # Errors
    /// As [`Keyring::open`], but for [`Error::InUse`].
    pub fn open_read_only(
        path: &Path,
        provider: &Provider,
        expected_generation: Option<u64>,
    ) -> Result<Self, Error> {
        let bytes = read(path)?;
        let content = format::parse(&bytes).map_err(|malformed| Error::malformed(path, &malformed))?;
        let (found, expected) = (content.header.generation, expected_generation.unwrap_or(0));
        if found < expected {
            return Err(Error::OldGeneration { path: path.to_owned(), found, expected });
        }
        let torn_bytes = content.torn.as_ref().map_or(0, |torn| torn.len());
        let state = State::open(content, provider)?;
        let file = File::open(path).map_err(Error::io(path))?;
        let writer = Writer { file, length: bytes.len() as u64, broken: true };
        Ok(Self { read_only: true, ..Self::assemble(path, state, writer, torn_bytes, None)? })
    }

    fn assemble(
        path: &Path,
        state: State,
        writer: Writer,
        torn_bytes: usize,
        lock: Option<File>,
    ) -> Result<Self, Error> {
        Ok(Self {
            path: path.to_owned(),
            house: state.house()?,
            writer: Mutex::new(writer),
            state: RwLock::new(state),
            cache: Mutex::default(),
            torn_bytes,
            read_only: false,
            _lock: lock,
        })
    }

    /// The generation in use. The caller stores it where the keyring's backups are not, and gives it to
    /// [`Keyring::open`] next time.
    pub fn generation(&self) -> u64 {
        self.state().generation()
    }

    /// Whether it was opened beside the process that owns it, and so can give no owner a key and destroy none.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// How many owners have a key.
    pub fn owners(&self) -> usize {
        self.state().wrapped.len()
    }

    /// How many patients have a key: every owner but the organization, whose key is made with the keyring.
    pub fn patients(&self) -> usize {
        self.owners().saturating_sub(1)
    }

    /// How many owners' keys were destroyed.
    pub fn erased(&self) -> usize {
        self.state().erased()
    }

    /// Bytes of an append that a crash had torn, found when the keyring was opened; 0 almost always. Worth a
    /// line in the log: the keys in it were never acknowledged.
    pub fn torn_bytes(&self) -> usize {
        self.torn_bytes
    }

    /// The key of all blind index terms.
    pub fn index_key(&self) -> &IndexKey {
        &self.house.index
    }

    /// The key of the audit log's entries.
    pub fn audit_key(&self) -> &AuditKey {
        &self.house.audit
    }

    /// The key of cursors and other tags.
    pub fn mac_key(&self) -> &MacRoot {
        &self.house.mac
    }

    /// The key that signs checkpoints.
    pub fn signing_key(&self) -> &SigningKey {
        &self.house.signing
    }

    /// An owner's key.
    ///
    /// # Errors
    /// [`Error::UnknownOwner`] when it has none yet, [`Error::Erased`] when it was destroyed.
    pub fn owner_key(&self, owner: i64) -> Result<Arc<OwnerKey>, Error> {
        if let Some(key) = guard(&self.cache).get(owner) {
            return Ok(key);
        }
        // The state stays read-locked until the key is in the cache: an erasure that came in between would
        // otherwise find the cache empty and leave the erased key in it.
        let state = self.state();
        let key = Arc::new(OwnerKey::new(owner, &state.unwrap(owner)?));
        guard(&self.cache).put(Arc::clone(&key));
        Ok(key)
    }

    /// Gives each of these owners a key, durably; who has one keeps it. All new ones go to disk in one append, so a
    /// commit that brings many patients calls it once. The keys are safe to seal with when it returns.
    ///
    /// # Errors
    /// [`Error::Erased`] when one of them was erased: an erased owner never gets a key again. [`Error::Broken`] after
    /// an append that could not be taken back.
    pub fn add_owners(&self, owners: &[i64]) -> Result<(), Error> {
        let mut writer = guard(&self.writer);
        let fresh = self.state().wrap_fresh(owners)?;
        for group in fresh.chunks(format::OWNERS_PER_FRAME) {
            if self.read_only {
                return Err(Error::ReadOnly);
            }
            if writer.broken {
                return Err(Error::Broken);
            }
            let frame = format::owners_frame(group.iter().map(|(owner, wrapped)| (*owner, wrapped)));
            writer.append(&frame).map_err(Error::io(&self.path))?;
            self.state_mut().wrapped.extend(group.iter().copied());
        }
        Ok(())
    }

    /// Crypto-erases owners: their keys are destroyed, all others wrapped anew under a new generation, and the old
    /// file overwritten. What was sealed for them opens nowhere any more. Erasing twice is no error, so the job
    /// that does it can be tried again.
    ///
    /// An old copy of the file could still be opened by the old root. With a key file, call [`Provider::renew`] before
    /// and [`Keyring::retire_old_roots`] after: then the old root is gone too.
    ///
    /// # Errors
    /// [`Error::UnknownOwner`]; [`Error::Organization`] for owner 0; [`Error::Provider`], [`Error::Io`].
    pub fn destroy(&self, owners: &[i64], provider: &Provider) -> Result<(), Error> {
        if owners.contains(&ORGANIZATION) {
            return Err(Error::Organization);
        }
        let mut writer = guard(&self.writer);
        if !self.state().has_to_erase(owners)? {
            return Ok(());
        }
        self.rewrite(&mut writer, provider, owners)
    }

    /// Wraps every key anew under a new generation, of the same provider or another one, while serving.
    ///
    /// # Errors
    /// [`Error::Provider`], [`Error::Io`]. Unless the new file is in place, the old generation stays in use.
    pub fn rotate(&self, provider: &Provider) -> Result<(), Error> {
        self.rewrite(&mut guard(&self.writer), provider, &[])
    }

    /// Destroys the roots of earlier generations, where the provider keeps any (a renewed key file).
    ///
    /// # Errors
    /// [`Error::Provider`] when the provider is not the one in use or its file cannot be rewritten.
    pub fn retire_old_roots(&self, provider: &mut Provider) -> Result<(), Error> {
        let root = self.state().root().clone();
        Ok(provider.retire_all_but(&root)?)
    }

    /// Reads the file again and unwraps every key in it.
    ///
    /// # Errors
    /// [`Error::Damaged`] or [`Error::WrongRoot`] when the file is not what is in memory.
    pub fn verify(&self) -> Result<Verified, Error> {
        // Nobody adds or rewrites meanwhile; readers go on.
        let _still = guard(&self.writer);
        let bytes = read(&self.path)?;
        let content = format::parse(&bytes).map_err(|malformed| Error::malformed(&self.path, &malformed))?;
        let state = self.state();
        state.check_same(&content).ok_or_else(|| Error::Damaged { path: self.path.clone(), at: 0 })?;
        for owner in content.wrapped.keys() {
            state.unwrap(*owner)?;
        }
        Ok(Verified {
            generation: content.header.generation,
            owners: content.wrapped.len(),
            erased: content.erased.len(),
            file_bytes: bytes.len() as u64,
        })
    }

    /// The file's bytes at one moment, for the keyring's own backup. Keep the newest generation's only.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn snapshot(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let _still = guard(&self.writer);
        read(&self.path)
    }

    fn rewrite(&self, writer: &mut Writer, provider: &Provider, erase: &[i64]) -> Result<(), Error> {
        if self.read_only {
            return Err(Error::ReadOnly);
        }
        let next = self.state().next_generation(provider, erase)?;
        let bytes = next.render()?;
        let file = files::replace(&self.path, &bytes).map_err(Error::io(&self.path))?;
        // From here on the new file is the keyring, whatever fails below.
        let mut old = std::mem::replace(&mut writer.file, file);
        writer.length = bytes.len() as u64;
        writer.broken = false;
        {
            let mut state = self.state_mut();
            *state = next;
            let mut cache = guard(&self.cache);
            erase.iter().for_each(|owner| cache.remove(*owner));
        }
        files::sync_folder(&self.path).map_err(Error::io(&self.path))?;
        files::wipe(&mut old).map_err(Error::io(&self.path))
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// Appends durably, or leaves the file as it was.
    fn append(&mut self, frame: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.length))?;
        let written = self.file.write_all(frame).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Nothing after a failed sync is certain; without the cut, the next append would stand behind rubbish.
            self.broken = self.file.set_len(self.length).and_then(|()| self.file.sync_data()).is_err();
            return Err(error);
        }
        self.length += frame.len() as u64;
        Ok(())
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}

/// A thread that panicked while it held one of these locks left them whole: every change is one assignment.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lock_file(path: &Path) -> Result<File, Error> {
    files::lock(path).map_err(Error::io(path))?.ok_or_else(|| Error::InUse { path: path.to_owned() })
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let owned = || path.to_owned();
    files::read_private(path, LARGEST_BYTES).map_err(|unreadable| match unreadable {
        Unreadable::Missing => Error::Missing { path: owned() },
        Unreadable::TooOpen(mode) => Error::TooOpen { path: owned(), mode },
        Unreadable::TooLarge => Error::Damaged { path: owned(), at: LARGEST_BYTES as usize },
        Unreadable::Io(source) => Error::Io { path: owned(), source },
    })
}
