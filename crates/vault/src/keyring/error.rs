//! What can be wrong with a keyring, each with the way out.

use std::io;
use std::path::{Path, PathBuf};

use super::format::Malformed;
use crate::{provider, random, seal, sign};

/// Why a keyring does not open, or does not do what was asked. Owner numbers are our own row ids.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No keyring there.
    #[error(
        "there is no keyring at {path}: bring back its newest backup, or run setup if this installation is new"
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Never overwrite a keyring.
    #[error("a keyring exists already at {path}: open it, or choose another data folder")]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// Group or others may read it.
    #[error("others may read the keyring {path} (mode {mode:03o}): run `chmod 600 {path}` and start again")]
    TooOpen {
        /// The path.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another process has it open.
    #[error("the keyring {path} is in use by another Keepwell process: stop that one, or ask it to do this")]
    InUse {
        /// The path.
        path: PathBuf,
    },
    /// The file was changed or is incomplete.
    #[error("the keyring {path} is damaged at byte {at}: bring back its newest backup; change nothing in it")]
    Damaged {
        /// The path.
        path: PathBuf,
        /// Offset of the first frame that does not hold.
        at: usize,
    },
    /// Written by a newer Keepwell.
    #[error("the keyring {path} was written by a newer version: start that version or a later one")]
    Newer {
        /// The path.
        path: PathBuf,
    },
    /// A restored old copy.
    #[error(
        "the keyring {path} is of generation {found}, but generation {expected} was in use: it is an old copy, in \
         which erased records could come back; bring back the newest backup of the keyring"
    )]
    OldGeneration {
        /// The path.
        path: PathBuf,
        /// The file's generation.
        found: u64,
        /// The newest generation known.
        expected: u64,
    },
    /// The root key is not this keyring's.
    #[error(
        "the {given} does not open this keyring: check that it is the right one and typed exactly, then try again"
    )]
    WrongRoot {
        /// Passphrase, key file.
        given: &'static str,
    },
    /// The owner never had a key.
    #[error("owner {0} has no key: add the owner before sealing for it")]
    UnknownOwner(i64),
    /// The owner's key was destroyed.
    #[error("owner {0} was erased: what was sealed for it cannot be opened by anyone")]
    Erased(i64),
    /// The organization cannot be erased.
    #[error("the organization's own key cannot be destroyed: all that belongs to no patient would be lost")]
    Organization,
    /// An append failed and could not be taken back.
    #[error(
        "an earlier write to the keyring failed and its end is uncertain: free disk space or mend the disk, then restart"
    )]
    Broken,
    /// It was opened beside the process that owns it.
    #[error("the keyring was opened to read beside a running server: stop the server to change keys")]
    ReadOnly,
    /// A file operation failed.
    #[error("the keyring {path} cannot be used: {source}")]
    Io {
        /// The path.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The provider gave no key.
    #[error(transparent)]
    Provider(#[from] provider::Error),
    /// A key could not be wrapped.
    #[error(transparent)]
    Seal(#[from] seal::Error),
    /// The signing key could not be prepared.
    #[error(transparent)]
    Sign(#[from] sign::Unusable),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] random::Unavailable),
    /// The header could not be written or read as JSON.
    #[error("the keyring's header cannot be handled")]
    Header(#[from] serde_json::Error),
    /// The header's fields contradict each other.
    #[error("the keyring's header is damaged: bring back its newest backup")]
    BadHeader,
}

impl Error {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(super) fn malformed(path: &Path, malformed: &Malformed) -> Self {
        let path = path.to_owned();
        match *malformed {
            Malformed::Damaged(at) => Self::Damaged { path, at },
            Malformed::Newer => Self::Newer { path },
        }
    }
}
