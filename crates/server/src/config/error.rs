//! What can be wrong with the configuration. Each text says what to do; none holds a value.

use super::layers::Origin;
use std::{io, path::PathBuf};

/// Why Keepwell does not start with this configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A key or variable that does not exist.
    #[error("{place} has the unknown setting `{key}`{hint}")]
    UnknownKey {
        /// A file, or the environment.
        place: String,
        /// As it was written.
        key: String,
        /// What was probably meant.
        hint: String,
    },
    /// A value that does not fit its key.
    #[error("`{key}` (from {origin}) must be {expected}")]
    Value {
        /// The setting.
        key: &'static str,
        /// Who said it.
        origin: String,
        /// What would fit.
        expected: &'static str,
    },
    /// An outside provider that cannot be asked.
    #[error("[federation.{name}]: {what}")]
    Federation {
        /// The provider.
        name: String,
        /// What to mend.
        what: String,
    },
    /// No TOML.
    #[error("{path}, line {line}: {what}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// The parser's words.
        what: String,
    },
    /// A file that cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A secret file that others may read.
    #[error("{path} holds a secret and others may read it (mode {mode:03o}): run `chmod 600 {path}`")]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file in the data folder names a data folder.
    #[error(
        "{path} lies in the data folder and cannot name another one: remove `data` from it, or give the file with --config"
    )]
    DataInItself {
        /// The file.
        path: PathBuf,
    },
    /// Settings that do not go together.
    #[error("{0}")]
    Together(&'static str),
    /// There is no home folder to put the key file into.
    #[error(
        "there is no home folder for the key file (HOME and XDG_CONFIG_HOME are not set): give --key-file or --passphrase-file"
    )]
    NoHome,
}

impl Error {
    /// An unknown key, with what was probably meant.
    pub(crate) fn unknown(place: &str, key: &str, meant: Option<&str>) -> Error {
        let hint = match meant {
            Some(meant) => format!(": did you mean `{meant}`?"),
            None => "; `keepwell help` lists all".to_owned(),
        };
        Error::UnknownKey { place: place.to_owned(), key: key.to_owned(), hint }
    }

    /// A value that does not fit.
    pub(crate) fn value(key: &'static str, origin: &Origin, expected: &'static str) -> Error {
        Error::Value { key, origin: origin.to_string(), expected }
    }
}
