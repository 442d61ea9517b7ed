//! Sealing content as it comes.

use std::fmt;
use std::io::{self, Write};

use aws_lc_rs::digest;

use super::manifest::{Manifest, frame_head};
use super::{CHUNK_BYTES, Error, Kind, MAGIC, MOST_CHUNKS, ObjectId, SealKey, Summary, media, seal_chunk};
use crate::secret;

/// Seals what is written to it. [`Writer::finish`] must be called: an object without its end does not open.
pub struct Writer<'key, W: Write> {
    key: &'key SealKey,
    object: ObjectId,
    sink: W,
    /// Content not sealed yet, at most one chunk.
    pending: Vec<u8>,
    /// Told by the first chunk.
    media_is_packed: Option<bool>,
    hash: digest::Context,
    plain_bytes: u64,
    chunks: Vec<u32>,
}

impl<'key, W: Write> Writer<'key, W> {
    /// Begins an object. Its key must be this object's own ([`crate::keyring::OwnerKey::blob`]).
    ///
    /// # Errors
    /// [`Error::Io`] when the sink fails.
    pub fn new(key: &'key SealKey, object: ObjectId, mut sink: W) -> Result<Self, Error> {
        sink.write_all(MAGIC)?;
        Ok(Self {
            key,
            object,
            sink,
            pending: Vec::new(),
            media_is_packed: None,
            hash: digest::Context::new(&digest::SHA256),
            plain_bytes: 0,
            chunks: Vec::new(),
        })
    }

    /// Seals the last chunk and the manifest, flushes, and gives back the sink. The caller makes it durable.
    ///
    /// # Errors
    /// [`Error::Io`] when the sink fails.
    pub fn finish(mut self) -> Result<(Summary, W), Error> {
        self.seal_pending(Kind::LastChunk)?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.hash.clone().finish().as_ref());
        let manifest = Manifest::new(sha256, self.plain_bytes, std::mem::take(&mut self.chunks));
        let sealed = manifest.seal(self.key, self.object)?;
        let length = self.put(Kind::Manifest, &sealed)?;
        self.sink.write_all(&length.to_be_bytes())?;
        self.sink.flush()?;
        Ok((manifest.summary(length), self.sink))
    }

    fn seal_pending(&mut self, kind: Kind) -> Result<(), Error> {
        let index = u32::try_from(self.chunks.len()).map_err(|_| Error::TooLarge)?;
        if index >= MOST_CHUNKS {
            return Err(Error::TooLarge);
        }
        let packed = *self.media_is_packed.get_or_insert_with(|| media::is_packed(&self.pending));
        let last = kind == Kind::LastChunk;
        let sealed = seal_chunk(self.key, self.object, index, last, &self.pending, packed)?;
        self.hash.update(&self.pending);
        self.plain_bytes += self.pending.len() as u64;
        self.pending.clear();
        let length = self.put(kind, &sealed)?;
        self.chunks.push(length);
        Ok(())
    }

    fn put(&mut self, kind: Kind, sealed: &[u8]) -> Result<u32, Error> {
        self.sink.write_all(&frame_head(kind, sealed.len())?)?;
        self.sink.write_all(sealed)?;
        Ok(sealed.len() as u32)
    }
}

impl<W: Write> Write for Writer<'_, W> {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        // A full chunk is sealed only when more follows: until then it may be the last one.
        if self.pending.len() == CHUNK_BYTES && !content.is_empty() {
            self.seal_pending(Kind::Chunk)?;
        }
        let taken = content.len().min(CHUNK_BYTES - self.pending.len());
        self.pending.extend_from_slice(&content[..taken]);
        Ok(taken)
    }

    /// Flushes what is sealed; a chunk that is not full yet stays.
    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

impl<W: Write> fmt::Debug for Writer<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}
