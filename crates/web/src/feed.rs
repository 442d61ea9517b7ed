//! One follower of the change feed for the whole process: open pages and notices wait for it, and none of them asks the database by itself.

use crate::door::Door;
use record::{Record, error::Error, feed::Mark};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{
        Semaphore, SemaphorePermit,
        broadcast::{Receiver, Sender, error::RecvError},
    },
    task::spawn_blocking,
};

/// How often changes of other nodes are looked for.
const PULSE: Duration = Duration::from_millis(500);

/// How many of those who listen look at once: hundreds of open screens do not stand in the way of who opens one, and take no memory for
/// all of them at a time.
const LOOKING: usize = 4;

/// How many turns a listener may fall behind before it is told that it did.
const BEHIND: usize = 64;

/// What changed at once.
#[derive(Debug)]
pub struct Turn {
    /// The number of the newest change.
    pub newest: i64,
    changed: HashSet<Mark>,
}

/// The feed of this process.
pub(crate) struct Feed {
    newest: AtomicI64,
    turns: Sender<Arc<Turn>>,
    looking: Semaphore,
}

impl Default for Feed {
    fn default() -> Feed {
        Feed { newest: AtomicI64::new(-1), turns: Sender::new(BEHIND), looking: Semaphore::new(LOOKING) }
    }
}

/// Somebody who waits for changes.
pub struct Listener(Receiver<Arc<Turn>>);

impl Listener {
    /// The next turn at which something under that mark changed, or may have. `None` where the process is ending.
    pub async fn of(&mut self, mark: Mark) -> Option<()> {
        loop {
            match self.0.recv().await {
                Ok(turn) if !turn.changed.contains(&mark) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return Some(()),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The next turn, whoever it is about.
    pub(crate) async fn any(&mut self) -> Option<()> {
        match self.0.recv().await {
            Ok(_) | Err(RecvError::Lagged(_)) => Some(()),
            Err(RecvError::Closed) => None,
        }
    }
}

impl Door {
    /// Hears of changes from now on. That there are some, and of what: ask the kernel whether they may be seen.
    pub fn listen(&self) -> Listener {
        Listener(self.feed.turns.subscribe())
    }

    /// A turn for who listens to look what there is; `None` where the process is ending.
    pub async fn turn_to_look(&self) -> Option<SemaphorePermit<'_>> {
        self.feed.looking.acquire().await.ok()
    }

    /// By which the feed names that patient's record.
    pub fn mark(&self, patient: &str) -> Mark {
        self.record.mark(patient)
    }

    /// The number of the newest change that this process knows of.
    pub(crate) fn newest(&self) -> i64 {
        self.feed.newest.load(Ordering::Acquire).max(0)
    }

    /// Follows the feed until the process ends.
    pub async fn follow(self: Arc<Door>) {
        loop {
            let door = Arc::clone(&self);
            let seen = self.feed.newest.load(Ordering::Acquire);
            match spawn_blocking(move || turn(&door.record, seen)).await {
                Ok(Ok(None)) => {}
                Ok(Ok(Some(turn))) => {
                    self.feed.newest.store(turn.newest, Ordering::Release);
                    // Nobody listens, perhaps.
                    let _ = self.feed.turns.send(Arc::new(turn));
                }
                Ok(Err(error)) => {
                    let error = record::error::chain(&error);
                    tracing::warn!(error, "the feed could not be read; it is asked again");
                    tokio::time::sleep(4 * PULSE).await;
                }
                // The process is ending.
                Err(_) => return,
            }
        }
    }
}

fn turn(record: &Record, seen: i64) -> Result<Option<Turn>, Error> {
    record.wait_for_change(seen, PULSE);
    let newest = record.newest_seq()?;
    if newest <= seen {
        return Ok(None);
    }
    // At the start nobody can be waiting for anything that was before.
    let changed = if seen < 0 { HashSet::new() } else { record.changed(seen, newest)? };
    Ok(Some(Turn { newest, changed }))
}
