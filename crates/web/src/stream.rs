//! An answer that is made while it is sent: a record that somebody takes along is never whole in memory, nor on a disk.
//!
//! The work runs on a thread of its own and waits for whoever takes its bytes, but not for ever. Where it fails, the answer ends before its
//! time, so that a browser says that the download failed: half a record must not look like a whole one.

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use record::{
    Record,
    error::{Error, chain},
};
use std::{
    io::{self, ErrorKind, Write},
    sync::Arc,
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, mpsc},
    task::spawn_blocking,
    time::timeout,
};

/// How many of them run at one moment: each holds a thread for as long as its reader takes.
pub(crate) const MOST: usize = 16;

/// Bytes that are sent at once.
const PIECE: usize = 64 << 10;

/// Pieces that wait for the reader.
const WAITING: usize = 4;

/// How long a reader may take for one piece.
const PATIENCE: Duration = Duration::from_secs(60);

/// A turn to make such an answer.
pub struct Streaming {
    pub(crate) record: Arc<Record>,
    pub(crate) turn: OwnedSemaphorePermit,
}

impl Streaming {
    /// The answer's body, which `work` writes.
    pub fn body<W>(self, work: W) -> Body
    where
        W: FnOnce(&Record, &mut dyn Write) -> Result<(), Error> + Send + 'static,
    {
        let (pieces, mut read) = mpsc::channel(WAITING);
        let runtime = Handle::current();
        spawn_blocking(move || {
            let Streaming { record, turn } = self;
            let _turn = turn;
            let mut pipe = Pipe { pieces, runtime, piece: Vec::with_capacity(PIECE), is_gone: false };
            let done =
                work(&record, &mut pipe).and_then(|()| pipe.flush().map_err(|e| Error::Fault(Box::new(e))));
            if let Err(error) = done {
                if !pipe.is_gone {
                    tracing::error!(error = %chain(&error), "an answer ended before it was whole");
                }
                pipe.end();
            }
        });
        Body::from_stream(stream::poll_fn(move |context| read.poll_recv(context)))
    }
}

/// Hands on what is written, piece by piece.
struct Pipe {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    runtime: Handle,
    piece: Vec<u8>,
    /// Whether nobody takes it any more.
    is_gone: bool,
}

impl Pipe {
    fn send(&mut self, piece: io::Result<Bytes>) -> io::Result<()> {
        let sent = self.runtime.block_on(async { timeout(PATIENCE, self.pieces.send(piece)).await });
        match sent {
            Ok(Ok(())) => Ok(()),
            _ => {
                self.is_gone = true;
                Err(io::Error::new(ErrorKind::BrokenPipe, "nobody takes what is sent"))
            }
        }
    }

    /// Breaks the answer off.
    fn end(&mut self) {
        if !self.is_gone {
            let _ = self.send(Err(io::Error::other("the answer could not be finished")));
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.send(Ok(piece.into()))
    }
}
