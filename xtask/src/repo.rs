//! The repository's text files, read once.

use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are not the project's text.
const SKIPPED: [&str; 4] = [".git", "target", "node_modules", "keepwell-data"];
/// What is read; everything else is data.
const READ: [&str; 15] =
    ["rs", "md", "toml", "lock", "html", "css", "js", "mjs", "ts", "ftl", "sh", "sql", "yml", "yaml", "txt"];
/// Longer files are data, whatever they are called.
const LIMIT_BYTES: u64 = 4 << 20;

/// The files with the folder they stand in.
#[derive(Debug)]
pub(crate) struct Repo {
    pub(crate) root: PathBuf,
    pub(crate) files: Vec<File>,
}

/// One text file.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root, with forward slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Repo {
    /// Reads the working tree this command was built from.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let mut repo = Self { root: root(), files: Vec::new() };
        repo.walk(&repo.root.clone())?;
        repo.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(repo)
    }

    /// The file at a path from the root.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files whose names end in one of `endings`.
    pub(crate) fn ending<'a>(&'a self, endings: &'a [&str]) -> impl Iterator<Item = &'a File> + 'a {
        self.files.iter().filter(|file| endings.contains(&file.ending()))
    }

    fn walk(&mut self, folder: &Path) -> anyhow::Result<()> {
        let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let (name, kind) = (name.to_string_lossy(), entry.file_type()?);
            if kind.is_dir() && !SKIPPED.contains(&name.as_ref()) {
                self.walk(&entry.path())?;
            } else if kind.is_file() && entry.metadata()?.len() <= LIMIT_BYTES {
                self.take(&entry.path())?;
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path) -> anyhow::Result<()> {
        let from_root = path.strip_prefix(&self.root)?.to_string_lossy().replace('\\', "/");
        let ending = Path::new(&from_root).extension().map(|ending| ending.to_string_lossy().into_owned());
        let script = ending.is_none() && from_root.starts_with(".ci/");
        if !script && !ending.is_some_and(|ending| READ.contains(&ending.as_str())) {
            return Ok(());
        }
        let bytes = fs::read(path).with_context(|| format!("cannot read {from_root}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            self.files.push(File { path: from_root, text });
        }
        Ok(())
    }
}

impl File {
    /// What stands after the last dot of the name.
    pub(crate) fn ending(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, ending)| ending)
    }

    /// Whether the whole file is for tests, examples or benchmarks only.
    pub(crate) fn is_test(&self) -> bool {
        let folders = ["tests", "benches", "examples", "testkit", "fuzz", "e2e"];
        let stem = self.path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
        stem == "tests"
            || stem.ends_with("_tests")
            || self.path.split('/').any(|part| folders.contains(&part))
    }

    /// The crate of `crates/` it belongs to, if any.
    pub(crate) fn room(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    // At run time first: a target folder shared by two clones must not mix them up.
    let own =
        std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).filter(|path| path.ends_with("xtask"));
    let own = own.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    own.parent().map_or(own.clone(), Path::to_path_buf)
}

/// The line of a byte offset, counted from 1.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}
