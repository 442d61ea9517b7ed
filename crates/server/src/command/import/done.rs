//! What was loaded before: a file of hashes, one line each, appended when a work is durable. It holds no name and no path.

use anyhow::Context;
use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

/// The SHA-256 of a work.
pub(super) type Hash = [u8; 32];

/// The list.
pub(super) struct DoneList {
    known: HashSet<Hash>,
    file: Mutex<File>,
}

impl DoneList {
    /// Reads the list and opens it for appending. `again` reads it as empty.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub(super) fn open(path: &Path, again: bool) -> anyhow::Result<DoneList> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            other => other.with_context(|| format!("{} cannot be read", path.display()))?,
        };
        let known = if again { HashSet::new() } else { text.lines().filter_map(parse).collect() };
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).with_context(|| format!("{} cannot be written", path.display()))?;
        if !text.is_empty() && !text.ends_with('\n') {
            // A crash tore the last line; the next one must not be glued to it.
            file.write_all(b"\n")?;
        }
        Ok(DoneList { known, file: Mutex::new(file) })
    }

    /// Whether it was loaded in an earlier run.
    pub(super) fn has(&self, hash: &Hash) -> bool {
        self.known.contains(hash)
    }

    /// Notes that it is loaded.
    ///
    /// # Errors
    /// Where the disk is full.
    pub(super) fn add(&self, hash: &Hash) -> anyhow::Result<()> {
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{hex}\n").as_bytes()).context("the list of what is loaded cannot be written")
    }
}

fn parse(line: &str) -> Option<Hash> {
    let digits = line.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_known_to_the_next_run() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("import.done");
        let list = DoneList::open(&path, false).unwrap();
        list.add(&[7; 32]).unwrap();
        assert!(!list.has(&[7; 32]), "within one run equal works are both wanted");
        let next = DoneList::open(&path, false).unwrap();
        assert!(next.has(&[7; 32]) && !next.has(&[8; 32]));
        assert!(!DoneList::open(&path, true).unwrap().has(&[7; 32]));
    }

    #[test]
    fn a_torn_line_is_forgotten_and_harms_no_other() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("import.done");
        DoneList::open(&path, false).unwrap().add(&[7; 32]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}0808")).unwrap();
        DoneList::open(&path, false).unwrap().add(&[9; 32]).unwrap();
        let list = DoneList::open(&path, false).unwrap();
        assert!(list.has(&[7; 32]) && list.has(&[9; 32]) && !list.has(&[8; 32]));
    }
}
