//! What can go wrong below the kernel, in the words that the kernel needs to decide what to tell the caller.

use access::audit::Touched;
use std::{error::Error as StdError, path::PathBuf};
use tokio_rustls::rustls::Error as TlsError;

/// Every way a store function fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What the caller prepared against has changed meanwhile; prepare again.
    #[error("the record changed while the change was being prepared")]
    Stale,
    /// Another item has this handle.
    #[error("another has this handle already")]
    Taken,
    /// The grant does not reach this row.
    #[error("the grant does not reach this row")]
    Refused,
    /// The patient that it belongs to was erased.
    #[error("the patient was erased: nothing can be written to their record any more")]
    Erased,
    /// Another process with a keyring of its own serves the database.
    #[error(
        "another Keepwell serves this database; stop it first, or point this one to a database of its own"
    )]
    Served,
    /// The keyring is open in another process, and only that one can change it.
    #[error("the keyring belongs to a running server: stop it, and do this again")]
    Beside,
    /// Whose records are already there has no key in this keyring. A new key would not open them.
    #[error(
        "integrity: this keyring has no key for records that are stored already: it is an older copy; bring back the newest \
         backup of the keyring. Nothing was written"
    )]
    Keyless,
    /// The database server cannot be reached.
    #[error("the database cannot be reached ({0}); is its server running?")]
    Unreachable(String),
    /// The database's address does not say what it must.
    #[error("{0}")]
    Address(&'static str),
    /// The file of the certificate authority cannot be used.
    #[error("`sslrootcert` in the database's address names {}, which cannot be used: {}", .0.display(), .1)]
    Authority(PathBuf, String),
    /// The database server is not who the address says, as far as can be told.
    #[error(
        "the database server's certificate is not accepted ({0}): name the certificate of its authority with `sslrootcert=FILE` in the \
         database's address, and the server by a name that stands in its certificate"
    )]
    Certificate(String),
    /// The database to copy to has tables of ours, or of that name.
    #[error("the database to copy to is not empty: name one that was just made")]
    NotEmpty,
    /// The database is locked, or no connection came free in time.
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// The disk is full.
    #[error("the disk is full: free space in the data folder, nothing was lost")]
    Full,
    /// A stored value did not open or does not fit its neighbours.
    #[error("integrity: {0}")]
    Integrity(String),
    /// Stored versions that do not open, or do not fit their rows.
    #[error("integrity: {} stored versions do not open or do not fit their rows, the first of them {}; `keepwell verify` names all", .0.len(), first(.0))]
    Closed(Vec<Touched>),
    /// The tables could not be brought up to date. Every step before this one stays done.
    #[error(
        "the tables could not be brought up to date (step {step} of {of}): {}. Nothing was changed by that step, and all records are \
         as they were: mend what is said here and start again, or go on with the Keepwell that you had before",
        chain(source.as_ref())
    )]
    Migration {
        /// Which step, from 1.
        step: usize,
        /// How many there are.
        of: usize,
        /// What went wrong.
        source: Box<Error>,
    },
    /// The keys could not be used.
    #[error("keys: {0}")]
    Keys(String),
    /// Anything else, with its source.
    #[error("database: {0}")]
    Fault(#[source] Box<dyn StdError + Send + Sync>),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy,
            Some(ErrorCode::DiskFull) => Error::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Error::Integrity("the database file is damaged; restore it from a backup".into())
            }
            _ => Error::Fault(Box::new(error)),
        }
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Error {
        use postgres::error::SqlState;
        match error.code() {
            Some(&SqlState::DISK_FULL) => Error::Full,
            Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => Error::Busy,
            Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::TOO_MANY_CONNECTIONS) => Error::Busy,
            Some(&SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN | &SqlState::CANNOT_CONNECT_NOW) => {
                Error::Busy
            }
            _ if error.is_closed() => Error::Busy,
            _ => match io_source(&error) {
                Some(io) => match io.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
                    Some(tls) => Error::Certificate(tls.to_string()),
                    None => Error::Unreachable(io.to_string()),
                },
                None => Error::Fault(Box::new(error)),
            },
        }
    }
}

/// An error with all its sources on one line, for the log.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

fn first(places: &[Touched]) -> String {
    places.first().map_or_else(String::new, |place| {
        format!("change {} (row {}, version {})", place.seq, place.rid, place.version)
    })
}

/// What the network said, where it was the network: refused, reset, timed out, no such host.
fn io_source(error: &postgres::Error) -> Option<&std::io::Error> {
    let mut next: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(source) = next {
        if let Some(io) = source.downcast_ref::<std::io::Error>() {
            return Some(io);
        }
        next = source.source();
    }
    None
}

impl Error {
    /// The same error for another caller of the same batch.
    pub(crate) fn again(&self) -> Error {
        match self {
            Error::Stale => Error::Stale,
            Error::Taken => Error::Taken,
            Error::Refused => Error::Refused,
            Error::Erased => Error::Erased,
            Error::Served => Error::Served,
            Error::Beside => Error::Beside,
            Error::Keyless => Error::Keyless,
            Error::Unreachable(what) => Error::Unreachable(what.clone()),
            Error::Address(what) => Error::Address(what),
            Error::Authority(path, what) => Error::Authority(path.clone(), what.clone()),
            Error::Certificate(what) => Error::Certificate(what.clone()),
            Error::NotEmpty => Error::NotEmpty,
            Error::Busy => Error::Busy,
            Error::Full => Error::Full,
            Error::Integrity(what) => Error::Integrity(what.clone()),
            Error::Migration { step, of, source } => {
                Error::Migration { step: *step, of: *of, source: Box::new(source.again()) }
            }
            Error::Closed(places) => Error::Closed(places.clone()),
            Error::Keys(what) => Error::Keys(what.clone()),
            Error::Fault(source) => Error::Fault(chain(source.as_ref()).into()),
        }
    }
}
