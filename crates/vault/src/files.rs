//! The only module that opens files: the keyring, its lock, and the root key file. All are private to their owner.
//!
//! Replacing a file is atomic (temporary file, fsync, rename, fsync of the folder), and the bytes that were replaced
//! are overwritten before they are let go. On copying file systems and on flash the old blocks may survive below;
//! therefore erasing rests on the destroyed root, and overwriting only adds to it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Group and others: none of these bits may be set on a secret file.
const OTHERS: u32 = 0o077;

/// Whether `path` lies inside `folder`, links resolved. Neither a root key nor a keyring backup may lie in the data
/// folder: a copy of the folder would then open itself. A `path` that does not exist yet is judged by its parent.
///
/// # Errors
/// When the folder, or the path's parent, cannot be resolved.
pub fn is_inside(path: &Path, folder: &Path) -> io::Result<bool> {
    let folder = fs::canonicalize(folder)?;
    let resolved = match fs::canonicalize(path) {
        Ok(resolved) => resolved,
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::canonicalize(folder_of(path))?,
        Err(error) => return Err(error),
    };
    Ok(resolved.starts_with(&folder))
}

/// Why a secret file is not read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Missing,
    /// Group or others may do something with it; its permission bits.
    TooOpen(u32),
    TooLarge,
    Io(io::Error),
}

/// Reads a secret file of at most `limit_bytes`, unless others may read it too.
pub(crate) fn read_private(path: &Path, limit_bytes: u64) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unreadable::Missing,
        _ => Unreadable::Io(error),
    })?;
    let metadata = file.metadata().map_err(Unreadable::Io)?;
    let mode = mode(&metadata);
    if mode & OTHERS != 0 {
        return Err(Unreadable::TooOpen(mode & 0o777));
    }
    if metadata.len() > limit_bytes {
        return Err(Unreadable::TooLarge);
    }
    // Reserved whole: growing would leave copies of a key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(metadata.len() as usize + 1));
    file.take(limit_bytes).read_to_end(&mut bytes).map_err(Unreadable::Io)?;
    Ok(bytes)
}

/// Whether something is at `path`.
pub(crate) fn exists(path: &Path) -> io::Result<bool> {
    path.try_exists()
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::mode(metadata)
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0 // no mode bits to judge: access lists are the administrator's
}

/// Creates a file that only its owner may read and write; fails if it exists.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens a file for reading and writing without changing it.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Takes the lock beside `path` for as long as the returned file lives; `None` when another process has it.
pub(crate) fn lock(path: &Path) -> io::Result<Option<File>> {
    let path = beside(path, ".lock");
    let file = match create_private(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open(&path)?,
        other => other?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Writes a new private file, durable in itself and in its folder.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = create_private(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_folder(path)?;
    Ok(file)
}

/// Puts `bytes` in the place of `path` atomically: every reader finds the old content or the new, never a part.
/// The rename is durable once [`sync_folder`] returns; the caller then [`wipe`]s the old file through its handle.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<File> {
    clear_leftover(path)?;
    let next = beside(path, ".next");
    let mut file = create_private(&next)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&next, path)?;
    Ok(file)
}

/// Removes what a crash in the middle of [`replace`] left behind.
pub(crate) fn clear_leftover(path: &Path) -> io::Result<()> {
    let next = beside(path, ".next");
    match open(&next) {
        Ok(mut file) => {
            wipe(&mut file)?;
            fs::remove_file(&next)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Overwrites a file's bytes in place with zeros, durably.
pub(crate) fn wipe(file: &mut File) -> io::Result<()> {
    let mut left = file.metadata()?.len();
    file.seek(SeekFrom::Start(0))?;
    let zeros = [0; 8192];
    while left > 0 {
        let part = left.min(zeros.len() as u64);
        file.write_all(&zeros[..part as usize])?;
        left -= part;
    }
    file.sync_all()
}

/// Makes a created or renamed directory entry durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder_of(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path; // folders cannot be synced there; the rename itself is journalled
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_inside_through_links_and_dots_and_before_it_exists() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        let keys = home.path().join("keys");
        fs::create_dir_all(data.join("deep")).unwrap();
        fs::create_dir_all(&keys).unwrap();
        assert!(is_inside(&data.join("deep/root.key"), &data).unwrap());
        assert!(is_inside(&keys.join("../data/root.key"), &data).unwrap());
        assert!(!is_inside(&keys.join("root.key"), &data).unwrap());
        assert!(!is_inside(&home.path().join("data-keys"), &data).unwrap());
        #[cfg(unix)]
        {
            fs::write(data.join("real"), b"").unwrap();
            std::os::unix::fs::symlink(data.join("real"), keys.join("linked")).unwrap();
            assert!(is_inside(&keys.join("linked"), &data).unwrap());
        }
    }

    #[test]
    fn a_second_lock_is_refused_until_the_first_is_let_go() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("keyring");
        let first = lock(&path).unwrap();
        assert!(first.is_some());
        assert!(lock(&path).unwrap().is_none());
        drop(first);
        assert!(lock(&path).unwrap().is_some());
    }

    #[test]
    fn a_replaced_file_is_whole_and_its_old_bytes_are_gone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("keyring");
        let mut old = create(&path, b"the old bytes").unwrap();
        fs::write(home.path().join("keyring.next"), b"left by a crash").unwrap();
        replace(&path, b"the new bytes").unwrap();
        wipe(&mut old).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"the new bytes");
        assert!(!home.path().join("keyring.next").exists());
        old.seek(SeekFrom::Start(0)).unwrap();
        assert_eq!(io::read_to_string(old).unwrap(), "\0".repeat(13));
    }
}
