//! Reading it: first whether it is whole and what it says that it is, then its resources, one by one. Everything in it came from outside.

use super::{
    MANIFEST, hex,
    manifest::{File, Manifest, sum},
    name, rank,
};
use fhir::{json, reference::is_id};
use record::digest::{self, Digest};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, HashSet},
    io::{BufRead, BufReader, Read, Seek},
};
use zip::{ZipArchive, read::Config};

/// Files in it, at most.
const MOST_FILES: usize = 50_000;

/// The longest manifest, bytes.
const LONGEST_MANIFEST: u64 = 32 << 20;

/// The longest resource, bytes.
const LONGEST_LINE: u64 = 256 << 20;

/// All of it, unpacked, bytes.
const MOST_BYTES: u64 = 256 << 30;

/// How many times larger than the file that holds it: text repeats itself, but not more than this.
const MOST_RATIO: u64 = 200;

/// A small file may be larger by that, bytes.
const SLACK: u64 = 4 << 20;

/// Why a file is not taken. Nothing of a record stands in these sentences but names of its own files.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// Something else.
    #[error("this is no record that was taken out of Keepwell: it has no {MANIFEST} of ours in it")]
    NoTakeOut,
    /// Of a newer Keepwell.
    #[error(
        "this record was taken out in version {0} of its schema, which this Keepwell does not know: use a newer one"
    )]
    Version(u64),
    /// It cannot be unpacked.
    #[error("the file is damaged, or was not packed by Keepwell ({0}): take the record out again")]
    Damaged(String),
    /// A bomb, or absurd.
    #[error("the file would unpack to far more than it is: it is not loaded")]
    TooLarge,
    /// Too many files in it.
    #[error("the file holds more than {MOST_FILES} files: it is not loaded")]
    TooMany,
    /// A name that is not written here.
    #[error(
        "a file in it has a name that Keepwell does not write, such as one that leads out of its folder: it is not loaded"
    )]
    Path,
    /// Listed and not there, or there and not listed.
    #[error("the manifest and what is in the file do not agree about {0}: take the record out again")]
    Listed(String),
    /// Other bytes than were written.
    #[error(
        "{0} is not what the manifest says that it is: it was changed or damaged; take the record out again"
    )]
    Changed(String),
    /// Not as many, or not those.
    #[error(
        "{0} does not hold the resources that the manifest says: it was changed or damaged; take the record out again"
    )]
    Resources(String),
    /// Two persons, or none.
    #[error("it does not hold the record of exactly one patient: it is not loaded")]
    Patient,
}

/// One resource in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Type and id.
    pub name: (String, String),
    /// Its digest.
    pub digest: Digest,
}

/// A file that is one of ours, as far as can be told without reading it through.
pub struct Unpacked<R: Read + Seek> {
    zip: ZipArchive<R>,
    manifest: Manifest,
}

fn damaged(error: impl std::fmt::Display) -> Wrong {
    Wrong::Damaged(error.to_string())
}

impl<R: Read + Seek> Unpacked<R> {
    /// Opens it, and holds its list of files against its manifest.
    ///
    /// # Errors
    /// See [`Wrong`].
    pub fn open(mut from: R) -> Result<Unpacked<R>, Wrong> {
        let length = from.seek(std::io::SeekFrom::End(0)).map_err(damaged)?;
        from.rewind().map_err(damaged)?;
        let mut zip = ZipArchive::with_config(Config::default(), from).map_err(|_| Wrong::NoTakeOut)?;
        if zip.len() > MOST_FILES {
            return Err(Wrong::TooMany);
        }
        let manifest = {
            let file = zip.by_name(MANIFEST).map_err(|_| Wrong::NoTakeOut)?;
            let mut bytes = Vec::new();
            file.take(LONGEST_MANIFEST + 1).read_to_end(&mut bytes).map_err(damaged)?;
            if bytes.len() as u64 > LONGEST_MANIFEST {
                return Err(Wrong::TooLarge);
            }
            Manifest::parse(&bytes)?
        };
        let mut listed = HashSet::new();
        let mut all: u64 = 0;
        for file in &manifest.files {
            if !name::is_ours(&file.path) {
                return Err(Wrong::Path);
            }
            if !listed.insert(file.path.as_str()) || zip.index_for_name(&file.path).is_none() {
                return Err(Wrong::Listed(file.path.clone()));
            }
            all = all.saturating_add(file.bytes);
        }
        if all > MOST_BYTES || all > length.saturating_mul(MOST_RATIO).saturating_add(SLACK) {
            return Err(Wrong::TooLarge);
        }
        for at in 0..zip.len() {
            let found = zip.name_for_index(at).and_then(Result::ok).ok_or(Wrong::Path)?;
            if found != MANIFEST && !name::is_ours(&found) {
                return Err(Wrong::Path);
            }
            if found != MANIFEST && !listed.contains(found.as_ref()) {
                return Err(Wrong::Listed(found.into_owned()));
            }
        }
        drop(listed);
        Ok(Unpacked { zip, manifest })
    }

    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads it through, and says what resources it holds, in the order in which they are loaded. Nothing is loaded from a file that does not
    /// pass.
    ///
    /// # Errors
    /// See [`Wrong`].
    pub fn check(&mut self) -> Result<Vec<Held>, Wrong> {
        for file in self.manifest.files.clone().iter().filter(|file| file.resources.is_none()) {
            self.through(file, &mut |_| Ok(()))?;
        }
        let mut all = Vec::new();
        let mut names = HashSet::new();
        for file in self.ranked() {
            let mut held: Vec<Held> = Vec::new();
            let wrong = || Wrong::Resources(file.path.clone());
            self.lines(&file, &mut |value| {
                let name = named(&value, &file).ok_or_else(wrong)?;
                if !names.insert(name.clone()) {
                    return Err(wrong());
                }
                held.push(Held { name, digest: digest::of(&value) });
                Ok(())
            })?;
            let told = sum(held.iter().map(|held| (held.name.1.as_str(), &held.digest)));
            match &file.resources {
                Some((_, count, digest)) if *count == held.len() as u64 && *digest == told => {}
                _ => return Err(wrong()),
            }
            all.append(&mut held);
        }
        let patients: Vec<&str> =
            all.iter().filter(|held| held.name.0 == "Patient").map(|held| held.name.1.as_str()).collect();
        if patients != [self.manifest.patient.as_str()] {
            return Err(Wrong::Patient);
        }
        Ok(all)
    }

    /// Gives out its resources, in the order in which they are loaded.
    ///
    /// # Errors
    /// What `give` fails with, and [`Wrong`] where the file was changed since it was checked.
    pub fn each<E: From<Wrong>>(
        &mut self,
        give: &mut dyn FnMut((String, String), Value) -> Result<(), E>,
    ) -> Result<(), E> {
        for file in self.ranked() {
            let mut failed = None;
            let done = self.lines(&file, &mut |value| {
                let name = named(&value, &file).ok_or_else(|| Wrong::Resources(file.path.clone()))?;
                give(name, value).map_err(|error| {
                    failed = Some(error);
                    Wrong::NoTakeOut
                })
            });
            match (failed, done) {
                (Some(error), _) => return Err(error),
                (None, done) => done?,
            }
        }
        Ok(())
    }

    /// The files of resources, in the order in which they are loaded.
    fn ranked(&self) -> Vec<File> {
        let mut files: BTreeMap<(usize, &str), &File> = BTreeMap::new();
        for file in &self.manifest.files {
            if let Some((kind, _, _)) = &file.resources {
                files.insert((rank(kind), &file.path), file);
            }
        }
        files.into_values().cloned().collect()
    }

    /// Reads a file of resources line by line.
    fn lines(&mut self, file: &File, each: &mut dyn FnMut(Value) -> Result<(), Wrong>) -> Result<(), Wrong> {
        self.through(file, &mut |from| {
            loop {
                let mut line = Vec::new();
                (&mut *from).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(damaged)?;
                if line.len() as u64 == LONGEST_LINE {
                    return Err(Wrong::TooLarge);
                }
                if line.is_empty() {
                    return Ok(());
                }
                let limits = json::Limits { depth: json::MAX_DEPTH, values: json::Limits::default().values };
                let value = json::parse(&line, limits).map_err(|_| Wrong::Resources(file.path.clone()))?;
                each(value)?;
            }
        })
    }

    /// Reads a file, and holds its bytes against the manifest. No more is unpacked than the manifest says that there is.
    fn through(
        &mut self,
        file: &File,
        read: &mut dyn FnMut(&mut dyn BufRead) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let changed = || Wrong::Changed(file.path.clone());
        let packed = self.zip.by_name(&file.path).map_err(damaged)?;
        let mut from =
            BufReader::new(Hashed { from: packed.take(file.bytes + 1), hasher: Sha256::new(), bytes: 0 });
        let outcome = read(&mut from);
        // A sum that does not agree says more than a line that cannot be read.
        let rest = std::io::copy(&mut from, &mut std::io::sink());
        let Hashed { hasher, bytes, .. } = from.into_inner();
        if rest.is_err() || bytes != file.bytes || hex(&hasher.finalize().into()) != file.sha256 {
            return Err(changed());
        }
        outcome
    }
}

/// Type and id of a resource, where it is one that belongs into that file.
fn named(value: &Value, file: &File) -> Option<(String, String)> {
    let kind = value.get("resourceType")?.as_str()?;
    let id = value.get("id")?.as_str().filter(|id| is_id(id))?;
    let (expected, _, _) = file.resources.as_ref()?;
    let is_known = record::capability::is_resource_type(kind) && kind == expected;
    is_known.then(|| (kind.to_owned(), id.to_owned()))
}

/// Counts and hashes what is read.
struct Hashed<R> {
    from: R,
    hasher: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.from.read(out)?;
        self.hasher.update(&out[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}
