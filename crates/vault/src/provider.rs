//! Root key providers: where the key comes from that opens the keyring.
//!
//! A provider is asked for the key-encryption key of one generation and keeps the root to itself. Two are here; a
//! PKCS#11 token, a transit service or a cloud KMS is one more variant of [`Provider`] and of `RootRecord`, which
//! would then hold the generation's key as wrapped by that service.

use std::fmt;
use std::io;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::random;
use crate::seal::{self, SealKey};
use crate::secret::{Secret, derive, sealed};

mod key_file;
mod passphrase;

pub use key_file::KeyFile;
pub use passphrase::{Cost, Passphrase};

const SALT_BYTES: usize = 16;

/// A source of root keys. No `Clone`, no `Display`; `Debug` prints `sealed`; wiped when dropped.
pub enum Provider {
    /// A passphrase that a person types or a secret store injects, through Argon2id.
    Passphrase(Passphrase),
    /// A file of random bytes outside the data folder.
    KeyFile(KeyFile),
}

/// Why a provider gives no key. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The passphrase is too short to resist guessing.
    #[error(
        "the passphrase has fewer than {least} characters: choose a longer one, such as five random words"
    )]
    TooShort {
        /// The least number of characters.
        least: usize,
    },
    /// No key file there.
    #[error(
        "there is no key file at {path}: mount it or bring it back from its backup; without it nothing opens"
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Never overwrite a key file.
    #[error(
        "{path} exists already: a key file is never overwritten; choose another path or use the one there"
    )]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// Group or others may read it.
    #[error("others may read the key file {path} (mode {mode:03o}): run `chmod 600 {path}` and start again")]
    TooOpen {
        /// The path.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a key file, or a damaged one.
    #[error(
        "{path} is not a key file of this version: its first line must read `keepwell-key-file 1`, then one `id key` a line"
    )]
    NotAKeyFile {
        /// The path.
        path: PathBuf,
    },
    /// The key file holds other keys than the keyring's.
    #[error(
        "the key file {path} does not hold key {key}, which the keyring is sealed with: give the key file that belongs to this keyring"
    )]
    OtherKey {
        /// The path.
        path: PathBuf,
        /// The id of the key that is needed.
        key: String,
    },
    /// A passphrase for a key-file keyring, or the other way round.
    #[error("this keyring is sealed with a {needed}, but a {given} was given: configure the {needed}")]
    OtherKind {
        /// What the keyring needs.
        needed: &'static str,
        /// What was given.
        given: &'static str,
    },
    /// The stored parameters are outside of what is safe to compute.
    #[error("the keyring's record of its root key is damaged: bring the keyring back from its backup")]
    BadRecord,
    /// The file could not be read or written.
    #[error("the key file {path} cannot be used: {source}")]
    Io {
        /// The path.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// No randomness.
    #[error(transparent)]
    Random(#[from] random::Unavailable),
    /// The key could not be prepared.
    #[error(transparent)]
    Seal(#[from] seal::Error),
}

/// What the keyring remembers of the root of one generation: enough to find it again, nothing to guess it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "kebab-case")]
pub(crate) enum RootRecord {
    Passphrase { salt: String, cost: Cost },
    KeyFile { salt: String, key: String },
}

/// Which keyring, and which generation of it, a key-encryption key is for.
#[derive(Clone, Copy)]
pub(crate) struct Generation<'a> {
    pub(crate) keyring: &'a [u8; 16],
    pub(crate) number: u64,
}

impl Provider {
    /// Founds a new generation: a fresh salt, so a key that no earlier generation had.
    pub(crate) fn found(&self, generation: Generation<'_>) -> Result<(RootRecord, SealKey), Error> {
        let salt = URL_SAFE_NO_PAD.encode(random::bytes::<SALT_BYTES>()?);
        let record = match self {
            Self::Passphrase(passphrase) => RootRecord::Passphrase { salt, cost: passphrase.cost() },
            Self::KeyFile(file) => RootRecord::KeyFile { salt, key: file.newest()?.to_owned() },
        };
        let key = self.key(&record, generation)?;
        Ok((record, key))
    }

    /// The key-encryption key of a generation that was founded before.
    pub(crate) fn key(&self, record: &RootRecord, generation: Generation<'_>) -> Result<SealKey, Error> {
        match (self, record) {
            (Self::Passphrase(passphrase), RootRecord::Passphrase { salt, cost }) => {
                let salt = decode_salt(salt)?;
                kek(&passphrase.root(&salt, *cost)?, &salt, generation)
            }
            (Self::KeyFile(file), RootRecord::KeyFile { salt, key }) => {
                kek(file.root(key)?, &decode_salt(salt)?, generation)
            }
            (given, needed) => Err(Error::OtherKind { needed: needed.kind(), given: given.kind() }),
        }
    }

    /// Prepares a new root, where the provider can: a key file gets one more key, which the next generation uses.
    /// A passphrase stays what it is; to make old copies of the keyring worthless, rotate to a new passphrase.
    ///
    /// # Errors
    /// [`Error::Io`] when the key file cannot be rewritten.
    pub fn renew(&mut self) -> Result<(), Error> {
        match self {
            Self::Passphrase(_) => Ok(()),
            Self::KeyFile(file) => file.renew(),
        }
    }

    /// Destroys every root that `record`'s generation does not need.
    pub(crate) fn retire_all_but(&mut self, record: &RootRecord) -> Result<(), Error> {
        match (self, record) {
            (Self::Passphrase(_), RootRecord::Passphrase { .. }) => Ok(()),
            (Self::KeyFile(file), RootRecord::KeyFile { key, .. }) => file.retire_all_but(key),
            (given, needed) => Err(Error::OtherKind { needed: needed.kind(), given: given.kind() }),
        }
    }

    /// What it is, in words for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Passphrase(_) => "passphrase",
            Self::KeyFile(_) => "key file",
        }
    }
}

impl RootRecord {
    fn kind(&self) -> &'static str {
        match self {
            Self::Passphrase { .. } => "passphrase",
            Self::KeyFile { .. } => "key file",
        }
    }
}

fn decode_salt(text: &str) -> Result<[u8; SALT_BYTES], Error> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::BadRecord)?;
    bytes.try_into().map_err(|_| Error::BadRecord)
}

fn kek(root: &Secret, salt: &[u8; SALT_BYTES], generation: Generation<'_>) -> Result<SealKey, Error> {
    let number = generation.number.to_be_bytes();
    let secret = derive(&root.hmac(), &[b"keepwell/kek/1", salt, generation.keyring, &number]);
    Ok(SealKey::new(&secret)?)
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sealed(f)
    }
}
