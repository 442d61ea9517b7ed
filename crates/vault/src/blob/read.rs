//! Opening content as it goes.

use std::fmt;
use std::io::{self, Read};

use aws_lc_rs::digest;

use super::manifest::Manifest;
use super::{
    Error, FRAME_HEAD_BYTES, Kind, LARGEST_CHUNK, LARGEST_MANIFEST, MAGIC, ObjectId, SealKey, Summary,
    TRAILER_BYTES, open_chunk,
};
use crate::secret;

/// Opens an object from its beginning to its end, chunk by chunk, and checks the whole at the end: the last chunk, the
/// manifest, and the SHA-256 of all that was given out. The object must be the rest of the source.
///
/// Each chunk was authenticated before it is given out, so a streaming reader hands on true bytes only; but only
/// the end tells that they were all.
pub struct Reader<'key, R: Read> {
    key: &'key SealKey,
    object: ObjectId,
    source: R,
    hash: digest::Context,
    plain_bytes: u64,
    chunks: Vec<u32>,
    state: State,
    /// The chunk that `Read` is handing out.
    current: io::Cursor<Vec<u8>>,
}

enum State {
    Reading,
    Done(Summary),
    Failed,
}

impl<'key, R: Read> Reader<'key, R> {
    /// Begins to read an object.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when it does not begin like one; [`Error::Io`].
    pub fn new(key: &'key SealKey, object: ObjectId, mut source: R) -> Result<Self, Error> {
        let magic: [u8; MAGIC.len()] = exactly(&mut source)?;
        if magic != *MAGIC {
            return Err(Error::Unsupported);
        }
        Ok(Self {
            key,
            object,
            source,
            hash: digest::Context::new(&digest::SHA256),
            plain_bytes: 0,
            chunks: Vec::new(),
            state: State::Reading,
            current: io::Cursor::default(),
        })
    }

    /// The next chunk of content, at most [`super::CHUNK_BYTES`]; `None` at the end, once everything was checked.
    ///
    /// # Errors
    /// [`Error::Damaged`], and then every time again; [`Error::Io`].
    pub fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        match self.state {
            State::Done(_) => return Ok(None),
            State::Failed => return Err(Error::Damaged),
            State::Reading => {}
        }
        // Failed until proven otherwise, so that no caller reads on after an error.
        self.state = State::Failed;
        match self.step()? {
            Step::Chunk(plain) => {
                self.state = State::Reading;
                Ok(Some(plain))
            }
            Step::End(summary) => {
                self.state = State::Done(summary);
                Ok(None)
            }
        }
    }

    /// What was opened, once [`Reader::next_chunk`] has returned `None`.
    pub fn summary(&self) -> Option<&Summary> {
        match &self.state {
            State::Done(summary) => Some(summary),
            State::Reading | State::Failed => None,
        }
    }

    fn step(&mut self) -> Result<Step, Error> {
        let head: [u8; FRAME_HEAD_BYTES] = exactly(&mut self.source)?;
        let [kind, length @ ..] = head;
        let length = u32::from_be_bytes(length);
        let kind = Kind::parse(kind)?;
        let limit = if kind == Kind::Manifest { LARGEST_MANIFEST } else { LARGEST_CHUNK };
        if length as usize > limit {
            return Err(Error::Damaged);
        }
        let mut sealed = Vec::new();
        // Read by `take`, so that memory follows what is really there and not what the head claims.
        (&mut self.source).take(u64::from(length)).read_to_end(&mut sealed)?;
        if sealed.len() != length as usize {
            return Err(Error::Damaged);
        }
        match kind {
            Kind::Manifest => self.check_end(length, &sealed).map(Step::End),
            Kind::Chunk | Kind::LastChunk => self.chunk(kind, length, &sealed).map(Step::Chunk),
        }
    }

    fn chunk(&mut self, kind: Kind, length: u32, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let index = u32::try_from(self.chunks.len()).map_err(|_| Error::Damaged)?;
        let plain = open_chunk(self.key, self.object, index, kind == Kind::LastChunk, sealed)?;
        self.hash.update(&plain);
        self.plain_bytes += plain.len() as u64;
        self.chunks.push(length);
        Ok(plain)
    }

    /// The manifest must say what was read. It cannot come too early: it holds the length of every chunk.
    fn check_end(&mut self, length: u32, sealed: &[u8]) -> Result<Summary, Error> {
        let manifest = Manifest::open(self.key, self.object, sealed)?;
        let trailer: [u8; TRAILER_BYTES] = exactly(&mut self.source)?;
        let mut beyond = [0];
        let same = u32::from_be_bytes(trailer) == length
            && self.source.read(&mut beyond)? == 0
            && manifest.plain_bytes() == self.plain_bytes
            && manifest.chunks() == self.chunks
            && manifest.sha256() == self.hash.clone().finish().as_ref();
        if same { Ok(manifest.summary(length)) } else { Err(Error::Damaged) }
    }
}

enum Step {
    Chunk(Vec<u8>),
    End(Summary),
}

/// A source that ends too early is an object cut short.
fn exactly<const N: usize>(source: &mut impl Read) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Damaged,
        _ => Error::Io(error),
    })?;
    Ok(bytes)
}

impl<R: Read> Read for Reader<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let given = self.current.read(out)?;
            if given > 0 || out.is_empty() {
                return Ok(given);
            }
            match self.next_chunk()? {
                Some(chunk) => self.current = io::Cursor::new(chunk),
                None => return Ok(0),
            }
        }
    }
}

impl<R: Read> fmt::Debug for Reader<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        secret::sealed(f)
    }
}
