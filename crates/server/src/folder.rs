//! The data folder: what lies in it and how it comes to be. Its files are for its owner alone.
//!
//! ```text
//! keepwell-data/
//!   name           the installation's random name; the key file in ~/.config/keepwell bears it too
//!   keepwell.toml  settings, if any
//!   keyring        the owners' keys, wrapped under the root key; backed up apart from the database
//!   keepwell.db    the embedded database
//!   checkpoint     the newest signed checkpoint of the audit log, to be copied elsewhere
//! ```

use anyhow::{Context, anyhow};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

/// The keyring's place.
pub(crate) fn keyring(data: &Path) -> PathBuf {
    data.join("keyring")
}

/// The newest checkpoint's place.
pub(crate) fn checkpoint(data: &Path) -> PathBuf {
    data.join("checkpoint")
}

/// Makes the folder and those above it; what it makes is open to its owner alone.
///
/// # Errors
/// Where the file system refuses.
pub(crate) fn make(folder: &Path) -> anyhow::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))
}

/// The installation's name, made at the first call when `found` says so.
///
/// # Errors
/// Where there is none and none is to be made.
pub(crate) fn name(data: &Path, found: bool) -> anyhow::Result<String> {
    let path = data.join("name");
    match fs::read_to_string(&path) {
        Ok(name) => checked(name.trim())
            .ok_or_else(|| anyhow!("{} is damaged: it holds letters, digits and dashes", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound && found => {
            let name = format!("keepwell-{}", &crate::actor::fresh_id()[..8]);
            replace(&path, name.as_bytes())?;
            Ok(name)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(none(data)),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// The complaint that there is no installation.
pub(crate) fn none(data: &Path) -> anyhow::Error {
    anyhow!(
        "there are no records in {}: name another folder with --data, or start `keepwell serve` to begin there",
        data.display()
    )
}

fn checked(name: &str) -> Option<String> {
    let sane =
        !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    sane.then(|| name.to_owned())
}

/// A new file, open to its owner alone; one that is there is written over.
///
/// # Errors
/// Where the file system refuses.
pub(crate) fn private_file(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Puts `bytes` in the place of `path`: a reader finds the old file or the new one, whole.
///
/// # Errors
/// Where the file system refuses.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    let next = PathBuf::from(name);
    let mut file = private_file(&next)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&next, path));
    written.with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_the_name_it_was_given() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("a/b");
        make(&data).unwrap();
        assert!(name(&data, false).unwrap_err().to_string().contains("--data"));
        let first = name(&data, true).unwrap();
        assert_eq!(name(&data, false).unwrap(), first);
        fs::write(data.join("name"), "../../etc/passwd").unwrap();
        assert!(name(&data, false).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_we_make_is_for_its_owner_alone() {
        use std::os::unix::fs::MetadataExt;
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        make(&data).unwrap();
        replace(&data.join("f"), b"one").unwrap();
        replace(&data.join("f"), b"two").unwrap();
        assert_eq!(fs::metadata(&data).unwrap().mode() & 0o077, 0);
        assert_eq!(fs::metadata(data.join("f")).unwrap().mode() & 0o077, 0);
        assert_eq!(fs::read(data.join("f")).unwrap(), b"two");
    }
}
