//! Keeps the newest signed checkpoint in a file beside the database, for others to copy and hold us to.

use crate::folder;
use anyhow::Context;
use record::Record;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::Duration,
};

/// How often it looks for a newer one.
const EVERY: Duration = Duration::from_secs(1);

/// The thread that does it.
pub(super) struct Keeper {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Starts it.
    ///
    /// # Errors
    /// Where no thread is to be had.
    pub(super) fn start(record: Arc<Record>, path: PathBuf) -> anyhow::Result<Keeper> {
        let (stop, stopped) = mpsc::channel();
        let keep = move || {
            let mut last = std::fs::read(&path).unwrap_or_default();
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                keep_newest(&record, &path, &mut last);
            }
            keep_newest(&record, &path, &mut last);
        };
        let thread = std::thread::Builder::new().name("checkpoint".into()).spawn(keep);
        Ok(Keeper { stop, thread: thread.context("no thread for the checkpoint")? })
    }

    /// Writes the last one and ends.
    pub(super) fn finish(self) {
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

fn keep_newest(record: &Record, path: &Path, last: &mut Vec<u8>) {
    let newest = match record.store().checkpoint() {
        Ok(newest) => newest,
        Err(error) => return tracing::warn!(%error, "the newest checkpoint could not be read"),
    };
    if newest.is_empty() || newest == *last {
        return;
    }
    match folder::replace(path, &newest) {
        Ok(()) => *last = newest,
        Err(error) => tracing::warn!(%error, "the checkpoint could not be written"),
    }
}
