//! Checkpoints, the log's signed tree heads: <https://c2sp.org/tlog-checkpoint>.
//!
//! A checkpoint is a signed [note] whose text is the log's name, its size and its root. Publishing one
//! pins everything before it: the log can later prove that it only grew, or it cannot.

use crate::commitment::{self, Salt};
use crate::hash::Hash;
use crate::note::{self, Check, SignedNote, Signer};
use crate::proof::{self, Refuted};
use crate::tree::MAX_SIZE;
use base64::{Engine, engine::general_purpose::STANDARD};

/// The longest origin, in bytes.
pub const MAX_ORIGIN_BYTES: usize = note::MAX_NAME_BYTES;
/// The most extension lines read.
pub const MAX_EXTENSIONS: usize = 16;
/// The longest extension line, in bytes.
pub const MAX_EXTENSION_BYTES: usize = 1024;

/// What a log says of itself at one moment. [`render`](Self::render) gives the text to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, such as `clinic.example/log`. One line, not empty; no white space or plus sign if it is to be the
    /// name of the signing key as well, which [`open`](Self::open) demands.
    pub origin: String,
    /// How many leaves the log has.
    pub size: u64,
    /// The Merkle root over them.
    pub root: Hash,
    /// Further lines, each not empty. Our own checkpoints have none: witnesses do not look into them.
    pub extensions: Vec<String>,
}

/// Why a checkpoint is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The note around it is refused.
    #[error(transparent)]
    Note(#[from] note::Error),
    /// The text is not lines that end in a newline, none of them empty.
    #[error("a checkpoint is origin, size, root and extensions, one line each")]
    Shape,
    /// The origin is empty, too long, or not one line of text.
    #[error("a checkpoint's origin is one line of 1 to 255 bytes")]
    Origin,
    /// The size is not a decimal number without leading zeros, or above 2^62.
    #[error("a checkpoint's size is a plain decimal number of at most 2^62")]
    Size,
    /// The root is not the Base64 of 32 bytes.
    #[error("a checkpoint's root is 32 bytes in Base64")]
    Root,
    /// There are too many extension lines, or one is empty, too long or not one line of text.
    #[error("a checkpoint has at most 16 extension lines of 1 to 1024 bytes")]
    Extension,
    /// It is another log's checkpoint, or that log's own key did not sign it.
    #[error("the checkpoint is not signed by the log it is expected from")]
    WrongLog,
}

impl Checkpoint {
    /// A checkpoint without extensions.
    #[must_use]
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }

    /// The text that is signed.
    ///
    /// # Errors
    /// When the origin or an extension would not read back as itself, or the size is impossible.
    pub fn render(&self) -> Result<String, Error> {
        self.check()?;
        let Self { origin, size, root, extensions } = self;
        let mut text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root));
        for line in extensions {
            text.push_str(line);
            text.push('\n');
        }
        Ok(text)
    }

    /// Reads the text of a checkpoint, strictly: what is accepted renders to the same bytes.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let body = text.strip_suffix('\n').ok_or(Error::Shape)?;
        let mut lines = body.split('\n');
        let mut next = || lines.next().ok_or(Error::Shape);
        let origin = next()?.to_owned();
        let size = parse_size(next()?)?;
        let root = STANDARD.decode(next()?).ok().and_then(|b| b.try_into().ok()).ok_or(Error::Root)?;
        let extensions: Vec<String> = lines.take(MAX_EXTENSIONS + 1).map(str::to_owned).collect();
        let checkpoint = Self { origin, size, root, extensions };
        checkpoint.check()?;
        Ok(checkpoint)
    }

    /// The checkpoint as a note signed by the log's key, which bears the origin as its name.
    ///
    /// # Errors
    /// As [`render`](Self::render), and when the origin cannot be a key name.
    pub fn sign(&self, key_id: u32, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<SignedNote, Error> {
        let mut note = SignedNote::new(self.render()?)?;
        note.sign(&self.origin, key_id, sign)?;
        Ok(note)
    }

    /// Reads and checks a signed checkpoint of the log `origin`. Also returns all keys, the log's and witnesses', whose
    /// signatures were found valid, for the caller to ask for enough witnesses.
    ///
    /// # Errors
    /// When the note or the checkpoint is malformed, a known key's signature is forged, or the log's own key (one whose
    /// name is the origin) did not sign.
    pub fn open(note: &[u8], origin: &str, check: &Check<'_>) -> Result<(Self, Vec<Signer>), Error> {
        Self::of(&SignedNote::parse(note)?, origin, check)
    }

    /// As [`open`](Self::open), of a note that is parsed already.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn of(note: &SignedNote, origin: &str, check: &Check<'_>) -> Result<(Self, Vec<Signer>), Error> {
        let signers = note.verify(check)?;
        let checkpoint = Self::parse(note.text())?;
        if checkpoint.origin != origin || !signers.iter().any(|signer| signer.name == origin) {
            return Err(Error::WrongLog);
        }
        Ok((checkpoint, signers))
    }

    /// Checks that an entry is the log's line `index`: all that an outsider needs beside the checkpoint itself.
    ///
    /// # Errors
    /// [`Refuted`] when it is not, or the proof belongs to another line or checkpoint.
    pub fn includes(&self, salt: &Salt, entry: &[u8], index: u64, path: &[Hash]) -> Result<(), Refuted> {
        let leaf = commitment::leaf(&commitment::commit(salt, entry));
        proof::verify_inclusion(&leaf, index, self.size, path, &self.root)
    }

    /// Checks that the log only grew from `older` to this checkpoint.
    ///
    /// # Errors
    /// [`Refuted`] when it does not follow from the proof, or the checkpoints are of different logs.
    pub fn extends(&self, older: &Self, path: &[Hash]) -> Result<(), Refuted> {
        if self.origin != older.origin {
            return Err(Refuted);
        }
        proof::verify_consistency((older.size, &older.root), (self.size, &self.root), path)
    }

    fn check(&self) -> Result<(), Error> {
        if !is_line(&self.origin, MAX_ORIGIN_BYTES) {
            return Err(Error::Origin);
        }
        if self.size > MAX_SIZE {
            return Err(Error::Size);
        }
        let lines = &self.extensions;
        if lines.len() > MAX_EXTENSIONS || !lines.iter().all(|line| is_line(line, MAX_EXTENSION_BYTES)) {
            return Err(Error::Extension);
        }
        Ok(())
    }
}

fn parse_size(text: &str) -> Result<u64, Error> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if !plain {
        return Err(Error::Size);
    }
    text.parse().map_err(|_| Error::Size)
}

fn is_line(text: &str, limit_bytes: usize) -> bool {
    (1..=limit_bytes).contains(&text.len()) && !text.bytes().any(|byte| byte < 0x20)
}

#[cfg(test)]
mod tests;
