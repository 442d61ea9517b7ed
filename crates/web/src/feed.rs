//! One follower of the change feed for the whole process: open pages and notices wait for it, and none of them asks the database by itself.

use crate::door::Door;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::spawn_blocking};

/// How often changes of other nodes are looked for.
const PULSE: Duration = Duration::from_millis(500);

/// The number of the newest change that this process knows of.
pub(crate) struct Feed(watch::Sender<i64>);

impl Default for Feed {
    fn default() -> Feed {
        Feed(watch::Sender::new(0))
    }
}

impl Feed {
    /// Where it is heard.
    pub(crate) fn listen(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }
}

impl Door {
    /// Hears of changes: the number of the newest, each time that it grows. Numbers alone, of anything at all: ask the kernel what they mean
    /// to whom.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.feed.listen()
    }

    /// Follows the feed until the process ends.
    pub async fn follow(self: Arc<Door>) {
        loop {
            let door = Arc::clone(&self);
            let seen = *self.feed.0.borrow();
            let newest = spawn_blocking(move || {
                door.record.wait_for_change(seen, PULSE);
                door.record.newest_seq()
            });
            match newest.await {
                Ok(Ok(newest)) => {
                    self.feed.0.send_if_modified(|seen| {
                        let is_newer = newest > *seen;
                        *seen = newest.max(*seen);
                        is_newer
                    });
                }
                Ok(Err(error)) => {
                    tracing::warn!(
                        error = record::error::chain(&error),
                        "the feed could not be read; it is asked again"
                    );
                    tokio::time::sleep(4 * PULSE).await;
                }
                // The process is ending.
                Err(_) => return,
            }
        }
    }
}
