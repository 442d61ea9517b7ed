//! What can go wrong below the kernel, in the words that the kernel needs to decide what to tell the caller.

use std::error::Error as StdError;

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
    /// The database is locked, or no connection came free in time.
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// The disk is full.
    #[error("the disk is full: free space in the data folder, nothing was lost")]
    Full,
    /// A stored value did not open or does not fit its neighbours.
    #[error("integrity: {0}")]
    Integrity(String),
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
            _ => Error::Fault(Box::new(error)),
        }
    }
}

impl Error {
    /// The same error for another caller of the same batch.
    pub(crate) fn again(&self) -> Error {
        match self {
            Error::Stale => Error::Stale,
            Error::Taken => Error::Taken,
            Error::Refused => Error::Refused,
            Error::Erased => Error::Erased,
            Error::Busy => Error::Busy,
            Error::Full => Error::Full,
            Error::Integrity(what) => Error::Integrity(what.clone()),
            Error::Keys(what) => Error::Keys(what.clone()),
            Error::Fault(source) => Error::Fault(source.to_string().into()),
        }
    }
}
