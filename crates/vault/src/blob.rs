//! Large content (documents, images) sealed in chunks, as a stream in both directions: never whole in memory.
//!
//! ```text
//! "KWB1" · frame … · frame · manifest length u32
//! frame    kind u8 (0 chunk, 1 last chunk, 2 manifest) · length u32 · sealed value (see crate::seal)
//! ```
//!
//! Each chunk holds 256 KiB of content, compressed by itself unless the content is compressed media already, and is
//! bound to its object, its number and whether it is the last: chunks that are cut off, swapped, repeated or taken
//! from another object do not open. The manifest at the end, sealed too, holds the SHA-256 and the length of the
//! content and the length of every chunk, so that a range is read without what stands before it.

use std::io::{self, Read, Write};

use crate::aad::{Aad, ObjectId};
use crate::{compress, seal};

mod manifest;
mod media;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use manifest::{Located, Manifest};
pub use read::Reader;
pub use write::Writer;

use seal::SealKey;

/// Content bytes in every chunk but the last.
pub const CHUNK_BYTES: usize = 256 << 10;

const MAGIC: &[u8; 4] = b"KWB1";
const FRAME_HEAD_BYTES: usize = 5;
const TRAILER_BYTES: usize = 4;
/// A stored chunk and its seal: nothing longer is ever read into memory as a chunk.
const LARGEST_CHUNK: usize = CHUNK_BYTES + seal::OVERHEAD_BYTES;
/// Sealed manifest of the largest object (2^22 chunks: 1 TiB).
const LARGEST_MANIFEST: usize = 4 * MOST_CHUNKS as usize + 1024;
const MOST_CHUNKS: u32 = 1 << 22;

/// What was sealed, for the row that names the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// Length of the content in bytes.
    pub plain_bytes: u64,
    /// Length of the sealed object in bytes.
    pub sealed_bytes: u64,
}

/// Why content could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A chunk or the manifest does not open, or they do not agree: nothing of it may be used.
    #[error("the stored object is damaged, cut short or not the one asked for: bring it back from a backup")]
    Damaged,
    /// A format from the future.
    #[error("the stored object has a format this version does not know: open it with a newer version")]
    Unsupported,
    /// More than the format can hold.
    #[error("content of more than 1 TiB cannot be stored as one object")]
    TooLarge,
    /// Sealing failed.
    #[error("the object could not be sealed: {0}")]
    Seal(seal::Error),
    /// The source or the sink failed.
    #[error("reading or writing the object failed: {0}")]
    Io(#[from] io::Error),
}

impl From<seal::Error> for Error {
    fn from(error: seal::Error) -> Self {
        match error {
            seal::Error::Unsupported => Self::Unsupported,
            seal::Error::Random(_) => Self::Seal(error),
            seal::Error::Integrity | seal::Error::Packed(_) => Self::Damaged,
        }
    }
}

/// Readers and writers of the standard library speak `io::Error`; ours travels inside.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => error,
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}

/// Which frame of an object comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Chunk = 0,
    LastChunk = 1,
    Manifest = 2,
}

impl Kind {
    fn parse(byte: u8) -> Result<Self, Error> {
        match byte {
            0 => Ok(Self::Chunk),
            1 => Ok(Self::LastChunk),
            2 => Ok(Self::Manifest),
            _ => Err(Error::Damaged),
        }
    }
}

/// Seals all of `source` into `sink`.
///
/// # Errors
/// [`Error::Io`] of either side; [`Error::TooLarge`].
pub fn seal(
    key: &SealKey,
    object: ObjectId,
    source: &mut impl Read,
    sink: &mut impl Write,
) -> Result<Summary, Error> {
    let mut writer = Writer::new(key, object, sink)?;
    io::copy(source, &mut writer)?;
    Ok(writer.finish()?.0)
}

/// Opens all of `source` into `sink`. What reached the sink before an error must be thrown away by the caller.
///
/// # Errors
/// [`Error::Damaged`] when anything does not verify, the SHA-256 of the whole included; [`Error::Io`].
pub fn open(
    key: &SealKey,
    object: ObjectId,
    source: &mut impl Read,
    sink: &mut impl Write,
) -> Result<Summary, Error> {
    let mut reader = Reader::new(key, object, source)?;
    while let Some(chunk) = reader.next_chunk()? {
        sink.write_all(&chunk)?;
    }
    reader.summary().cloned().ok_or(Error::Damaged)
}

/// Opens one chunk that was fetched by itself: see [`Manifest::locate`].
///
/// # Errors
/// [`Error::Damaged`] unless these are that chunk's bytes, whole.
pub fn open_chunk(
    key: &SealKey,
    object: ObjectId,
    index: u32,
    last: bool,
    sealed: &[u8],
) -> Result<Vec<u8>, Error> {
    let place = Aad::blob_chunk(object, index, last);
    let plain = seal::open_within(key, &place, sealed, CHUNK_BYTES)?;
    if !last && plain.len() != CHUNK_BYTES {
        return Err(Error::Damaged);
    }
    Ok(plain)
}

fn seal_chunk(
    key: &SealKey,
    object: ObjectId,
    index: u32,
    last: bool,
    plain: &[u8],
    media_is_packed: bool,
) -> Result<Vec<u8>, Error> {
    let packed = if media_is_packed { compress::store(plain) } else { compress::compress_chunk(plain) };
    Ok(seal::seal(key, &Aad::blob_chunk(object, index, last), &packed)?)
}
