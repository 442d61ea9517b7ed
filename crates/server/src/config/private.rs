//! Files that hold secrets: read only when nobody else can.

use super::error::Error;
use std::{fs, path::Path};

/// Refuses a file that group or others may read or write.
///
/// # Errors
/// [`Error::TooOpen`] with the command that closes it; [`Error::Unreadable`].
pub(crate) fn check(path: &Path) -> Result<(), Error> {
    let metadata =
        fs::metadata(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    match others(&metadata) {
        0 => Ok(()),
        mode => Err(Error::TooOpen { path: path.to_owned(), mode }),
    }
}

/// Reads a secret: the file's text without the line end that editors add.
///
/// # Errors
/// As [`check`].
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    check(path)?;
    let mut text =
        fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(text)
}

/// The file's permission bits if group or others have any, else 0.
#[cfg(unix)]
pub(crate) fn others(metadata: &fs::Metadata) -> u32 {
    let mode = std::os::unix::fs::MetadataExt::mode(metadata) & 0o777;
    if mode & 0o077 == 0 { 0 } else { mode }
}

/// There are no mode bits to judge: access lists are the administrator's.
#[cfg(not(unix))]
pub(crate) fn others(_: &fs::Metadata) -> u32 {
    0
}
