//! The manifest that closes an object: what is in it, and where.

use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;

use super::{
    CHUNK_BYTES, Error, FRAME_HEAD_BYTES, Kind, LARGEST_CHUNK, LARGEST_MANIFEST, MAGIC, MOST_CHUNKS,
    ObjectId, SealKey, Summary, TRAILER_BYTES, open_chunk,
};
use crate::aad::Aad;
use crate::{compress, seal};

/// The table of an object's chunks, once its seal was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    sha256: [u8; 32],
    plain_bytes: u64,
    /// Length of each sealed chunk, without its frame.
    chunks: Vec<u32>,
}

/// One chunk of a range: where it lies in the sealed object, and which part of it the range wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The chunk's number from 0.
    pub index: u32,
    /// Whether it is the last one.
    pub last: bool,
    /// The bytes of the sealed object to fetch and give to [`open_chunk`].
    pub sealed: Range<u64>,
    /// The part of the opened chunk that belongs to the range.
    pub wanted: Range<usize>,
}

impl Manifest {
    pub(super) fn new(sha256: [u8; 32], plain_bytes: u64, chunks: Vec<u32>) -> Self {
        Self { sha256, plain_bytes, chunks }
    }

    /// Reads the manifest from the end of an object.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it does not open or does not fit the object's length; [`Error::Io`].
    pub fn read(key: &SealKey, object: ObjectId, source: &mut (impl Read + Seek)) -> Result<Self, Error> {
        let end = source.seek(SeekFrom::End(0))?;
        let at = end.checked_sub(TRAILER_BYTES as u64).ok_or(Error::Damaged)?;
        source.seek(SeekFrom::Start(at))?;
        let mut trailer = [0; TRAILER_BYTES];
        source.read_exact(&mut trailer)?;
        let length = u32::from_be_bytes(trailer);
        if length as usize > LARGEST_MANIFEST {
            return Err(Error::Damaged);
        }
        let start = at.checked_sub(u64::from(length)).ok_or(Error::Damaged)?;
        source.seek(SeekFrom::Start(start))?;
        let mut sealed = vec![0; length as usize];
        source.read_exact(&mut sealed)?;
        let manifest = Self::open(key, object, &sealed)?;
        if manifest.sealed_bytes(length) != end {
            return Err(Error::Damaged);
        }
        Ok(manifest)
    }

    /// Opens a sealed manifest that was fetched by itself: it ends four bytes before the object's end, where its
    /// length stands as a big-endian `u32`.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it is not this object's.
    pub fn open(key: &SealKey, object: ObjectId, sealed: &[u8]) -> Result<Self, Error> {
        let bytes = seal::open_within(key, &Aad::blob_manifest(object), sealed, LARGEST_MANIFEST)?;
        parse(&bytes).ok_or(Error::Damaged)
    }

    pub(super) fn seal(&self, key: &SealKey, object: ObjectId) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::with_capacity(40 + 4 * self.chunks.len());
        bytes.extend_from_slice(&self.sha256);
        bytes.extend_from_slice(&self.plain_bytes.to_be_bytes());
        bytes.extend(self.chunks.iter().flat_map(|length| length.to_be_bytes()));
        Ok(seal::seal(key, &Aad::blob_manifest(object), &compress::compress_chunk(&bytes))?)
    }

    /// Length of the content in bytes.
    pub fn plain_bytes(&self) -> u64 {
        self.plain_bytes
    }

    /// SHA-256 of the content.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    pub(super) fn chunks(&self) -> &[u32] {
        &self.chunks
    }

    pub(super) fn summary(&self, sealed_manifest: u32) -> Summary {
        Summary {
            sha256: self.sha256,
            plain_bytes: self.plain_bytes,
            sealed_bytes: self.sealed_bytes(sealed_manifest),
        }
    }

    fn sealed_bytes(&self, sealed_manifest: u32) -> u64 {
        let frames = self.chunks.iter().copied().chain([sealed_manifest]);
        let framed: u64 = frames.map(|length| FRAME_HEAD_BYTES as u64 + u64::from(length)).sum();
        (MAGIC.len() + TRAILER_BYTES) as u64 + framed
    }

    /// The chunks that hold the content bytes `range`, which is cut to the content's length.
    pub fn locate(&self, range: Range<u64>) -> Vec<Located> {
        let range = range.start..range.end.min(self.plain_bytes);
        if range.is_empty() {
            return Vec::new();
        }
        let chunk = CHUNK_BYTES as u64;
        let (first, last) = (range.start / chunk, (range.end - 1) / chunk);
        let mut at = MAGIC.len() as u64;
        let mut located = Vec::new();
        for (index, length) in (0_u32..).zip(&self.chunks) {
            let sealed = at + FRAME_HEAD_BYTES as u64..at + FRAME_HEAD_BYTES as u64 + u64::from(*length);
            at = sealed.end;
            let number = u64::from(index);
            if number > last {
                break;
            }
            if number >= first {
                let start = number * chunk;
                let wanted = range.start.saturating_sub(start)..(range.end - start).min(chunk);
                located.push(Located {
                    index,
                    last: index as usize + 1 == self.chunks.len(),
                    sealed,
                    wanted: wanted.start as usize..wanted.end as usize,
                });
            }
        }
        located
    }

    /// Opens the content bytes `range` into `sink`, reading only the chunks that hold them. Each chunk is
    /// authenticated; the SHA-256 of the whole is not computed.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a chunk does not open; [`Error::Io`].
    pub fn open_range(
        &self,
        key: &SealKey,
        object: ObjectId,
        source: &mut (impl Read + Seek),
        range: Range<u64>,
        sink: &mut impl Write,
    ) -> Result<(), Error> {
        for chunk in self.locate(range) {
            source.seek(SeekFrom::Start(chunk.sealed.start))?;
            let mut sealed = vec![0; (chunk.sealed.end - chunk.sealed.start) as usize];
            source.read_exact(&mut sealed)?;
            let plain = open_chunk(key, object, chunk.index, chunk.last, &sealed)?;
            sink.write_all(plain.get(chunk.wanted).ok_or(Error::Damaged)?)?;
        }
        Ok(())
    }
}

/// `None` unless the chunks fit the length of the content.
fn parse(bytes: &[u8]) -> Option<Manifest> {
    let (sha256, rest) = bytes.split_first_chunk::<32>()?;
    let (plain_bytes, rest) = rest.split_first_chunk::<8>()?;
    let (chunks, rest) = rest.as_chunks::<4>();
    let plain_bytes = u64::from_be_bytes(*plain_bytes);
    let chunks: Vec<u32> = chunks.iter().map(|length| u32::from_be_bytes(*length)).collect();
    let expected = plain_bytes.div_ceil(CHUNK_BYTES as u64).max(1);
    let fits = rest.is_empty()
        && chunks.len() as u64 == expected
        && chunks.len() <= MOST_CHUNKS as usize
        && chunks.iter().all(|length| *length as usize <= LARGEST_CHUNK);
    fits.then(|| Manifest::new(*sha256, plain_bytes, chunks))
}

/// What stands before each sealed value in the object.
pub(super) fn frame_head(kind: Kind, length: usize) -> Result<[u8; FRAME_HEAD_BYTES], Error> {
    let length = u32::try_from(length).map_err(|_| Error::TooLarge)?.to_be_bytes();
    Ok([kind as u8, length[0], length[1], length[2], length[3]])
}
