//! The one thread that writes, and the group commit that makes audited reads cheap.
//!
//! Callers hand in a job and wait. The writer takes everything that is waiting, stages it into one batch, makes one durable
//! transaction of it, and answers all of them. While the disk syncs, the next batch gathers.

use crate::{
    batch::{Batch, Commit, Written},
    dialect::{Conn, Database, Use},
    erase,
    error::Error,
    feed::Beacon,
    items::{self, Change},
    keys::Keys,
    log::{self, Head},
    rows::Rids,
};
use access::audit::Entry;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{self, Receiver, SyncSender},
    },
    thread::JoinHandle,
    time::Duration,
};

/// How many jobs one transaction takes at most.
const BATCH_JOBS: usize = 512;

/// How many puts one transaction takes at most: bounds memory and the wait of small jobs behind large ones.
const BATCH_PUTS: usize = 4_000;

/// How many packed bytes it takes at most, beside the job that goes over it. PostgreSQL takes no statement above 1 GiB.
const BATCH_BYTES: usize = 64 << 20;

/// How many jobs may wait.
const QUEUE: usize = 4_096;

enum Job {
    Commit(Box<Commit>, SyncSender<Result<Vec<Written>, Error>>),
    Leaf(Box<Entry>, SyncSender<Result<(), Error>>),
    Items(Vec<Change>, Option<Box<Entry>>, SyncSender<Result<(), Error>>),
    /// Takes an erased owner out of the index.
    Forget(i64, Box<Entry>, SyncSender<Result<(), Error>>),
    /// What no job should do, for the test of what happens then.
    #[cfg(test)]
    Panic(SyncSender<Result<(), Error>>),
}

/// A connection to write on. Who may add to the keyring serves the database alone, from here on until the connection ends.
pub(crate) fn connect(database: &Database, keys: &Keys, wait: Duration) -> Result<Conn, Error> {
    let mut conn = Conn::open_waiting(database, Use::Write, wait)?;
    if !keys.ring().is_read_only() {
        conn.serve_alone()?;
    }
    Ok(conn)
}

/// The writer's handle. Dropping it lets the queue run empty and ends the thread.
pub(crate) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on a connection of [`connect`].
    pub(crate) fn start(
        database: Database,
        keys: Arc<Keys>,
        wait: Duration,
        conn: Conn,
        beacon: Arc<Beacon>,
    ) -> Result<Writer, Error> {
        let (queue, jobs) = mpsc::sync_channel(QUEUE);
        let mut state =
            State { database, wait, conn: Some(conn), keys, rids: Rids::default(), head: None, beacon };
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || state.run(&jobs))
            .map_err(|e| Error::Fault(Box::new(e)))?;
        Ok(Writer { queue: Some(queue), thread: Some(thread) })
    }

    /// Commits all changes of one action, or none; returns when they are durable.
    pub(crate) fn commit(&self, commit: Commit) -> Result<Vec<Written>, Error> {
        self.ask(|reply| Job::Commit(Box::new(commit), reply))
    }

    /// Signs an entry that changes nothing; returns when it is durable.
    pub(crate) fn leaf(&self, entry: Entry) -> Result<(), Error> {
        self.ask(|reply| Job::Leaf(Box::new(entry), reply))
    }

    /// Takes an erased owner out of the index and signs the entry about it; returns when that is durable.
    pub(crate) fn forget(&self, owner: i64, entry: Entry) -> Result<(), Error> {
        self.ask(|reply| Job::Forget(owner, Box::new(entry), reply))
    }

    /// Changes items all together or not at all, with the entry about it.
    pub(crate) fn items(&self, changes: Vec<Change>, entry: Option<Entry>) -> Result<(), Error> {
        self.ask(|reply| Job::Items(changes, entry.map(Box::new), reply))
    }

    fn ask<T>(&self, job: impl FnOnce(SyncSender<Result<T, Error>>) -> Job) -> Result<T, Error> {
        let (reply, answer) = mpsc::sync_channel(1);
        let queue = self.queue.as_ref().ok_or(Error::Busy)?;
        queue.send(job(reply)).map_err(|_| Error::Busy)?;
        answer.recv().map_err(|_| Error::Busy)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct State {
    database: Database,
    wait: Duration,
    /// `None` after it was lost, until the next batch.
    conn: Option<Conn>,
    keys: Arc<Keys>,
    rids: Rids,
    /// The head as the last transaction left it, if that is known for sure.
    head: Option<Head>,
    beacon: Arc<Beacon>,
}

impl State {
    fn run(&mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let (mut puts, mut bytes) = first.size();
            let mut batch = vec![first];
            while batch.len() < BATCH_JOBS && puts < BATCH_PUTS && bytes < BATCH_BYTES {
                let Ok(job) = jobs.try_recv() else { break };
                let (more_puts, more_bytes) = job.size();
                puts += more_puts;
                bytes += more_bytes;
                batch.push(job);
            }
            self.transact_or_start_anew(batch);
        }
    }

    /// A panic ends its batch, whose callers are told [`Error::Busy`], and nothing else: without a writer nobody could even read.
    fn transact_or_start_anew(&mut self, jobs: Vec<Job>) {
        if catch_unwind(AssertUnwindSafe(|| self.transact(jobs))).is_err() {
            tracing::error!("the writer panicked: its batch was not written, and it starts anew");
            self.forget();
        }
    }

    fn transact(&mut self, jobs: Vec<Job>) {
        // Every job gets its place among the answers first, so that a failure half-way reaches all of them.
        let mut answers = Answers::default();
        let work: Vec<Work> = jobs.into_iter().map(|job| answers.expect(job)).collect();
        let outcome = self.append(&work).and_then(|is_written| match is_written {
            true => Ok(()),
            false => self.write(work, &mut answers),
        });
        match outcome {
            Ok(()) => answers.send(),
            Err(error) => {
                tracing::error!(error = %error, "a batch was not written");
                self.rids = Rids::default();
                answers.fail(&error);
            }
        }
    }

    fn write(&mut self, work: Vec<Work>, answers: &mut Answers) -> Result<(), Error> {
        let mut conn = self.begun()?;
        let outcome = self.attempt(&mut conn, work, answers);
        if outcome.is_err() {
            let _ = conn.rollback();
        }
        self.conn = Some(conn);
        outcome
    }

    /// The connection, taken, in a writing transaction; a new one where it was lost. Another node may have served the database in
    /// the meantime, so the keyring is held against it again.
    fn begun(&mut self) -> Result<Conn, Error> {
        if let Some(mut conn) = self.conn.take() {
            match conn.begin_write() {
                Ok(()) => return Ok(conn),
                Err(error) if conn.is_alive() => {
                    self.conn = Some(conn);
                    return Err(error);
                }
                Err(_) => {}
            }
        }
        self.forget();
        let mut conn = connect(&self.database, &self.keys, self.wait)?;
        log::claim(&mut conn, &self.keys)?;
        conn.begin_write()?;
        Ok(conn)
    }

    /// Ends the connection, and with it what was open on it, and forgets what was learnt there.
    fn forget(&mut self) {
        (self.conn, self.head) = (None, None);
        self.rids = Rids::default();
    }

    fn attempt(&mut self, conn: &mut Conn, work: Vec<Work>, answers: &mut Answers) -> Result<(), Error> {
        let lock = conn.for_update();
        let head = Head::read(conn, lock)?;
        let rids = std::mem::take(&mut self.rids).trim();
        let keys = self.keys.clone();
        let mut batch = Batch::new(&keys, head, rids);
        for work in work {
            match work {
                Work::Leaf(entry) => batch.leaf(*entry),
                Work::Forget(owner, entry) => {
                    // What an earlier commit of this batch wrote goes as well.
                    batch.flush(conn)?;
                    erase::forget(conn, owner)?;
                    batch.leaf(*entry);
                }
                Work::Items(changes, entry, at) => {
                    let mut entry = entry;
                    match items::apply(conn, &keys, &changes, entry.as_deref_mut()) {
                        Ok(()) => {
                            entry.into_iter().for_each(|entry| batch.leaf(*entry));
                            answers.items[at].1 = Some(Ok(()));
                        }
                        Err(error @ (Error::Stale | Error::Taken)) => answers.items[at].1 = Some(Err(error)),
                        Err(error) => return Err(error),
                    }
                }
                Work::Commit(commit, at) => match batch.stage(conn, *commit) {
                    outcome @ (Ok(_)
                    | Err(Error::Stale | Error::Refused | Error::Erased | Error::Keyless)) => {
                        answers.commits[at].1 = Some(outcome)
                    }
                    Err(error) => return Err(error),
                },
            }
        }
        batch.flush(conn)?;
        batch.head.write(conn, &self.keys)?;
        conn.commit()?;
        let (head, rids) = batch.into_parts();
        self.beacon.light(head.seq);
        (self.head, self.rids) = (Some(head), rids);
        Ok(())
    }

    /// Most of what comes is leaves of readings alone. Where the head is known they take one step, without reading it first; the
    /// step itself sees whether another process has moved the head. `false`: nothing was written, and it has to be done the long
    /// way.
    fn append(&mut self, work: &[Work]) -> Result<bool, Error> {
        let leaves = |work: &Work| match work {
            Work::Leaf(entry) => Some(Entry::clone(entry)),
            _ => None,
        };
        let entries: Option<Vec<Entry>> = work.iter().map(leaves).collect();
        // Whatever comes of this batch, the head that was known is not the head any more.
        let (Some(head), Some(entries)) = (self.head.take(), entries) else { return Ok(false) };
        let Some(mut conn) = self.conn.take() else { return Ok(false) };
        let keys = self.keys.clone();
        let mut batch = Batch::new(&keys, head, Rids::default());
        entries.into_iter().for_each(|entry| batch.leaf(entry));
        let outcome = batch.append(&mut conn);
        let head = batch.into_parts().0;
        match outcome {
            Ok(is_written) => {
                (self.conn, self.head) = (Some(conn), is_written.then_some(head));
                Ok(is_written)
            }
            Err(error) if conn.is_alive() => {
                self.conn = Some(conn);
                Err(error)
            }
            // The connection went in the middle. Whether the step was taken, the head tells.
            Err(_) => {
                let mut conn = self.begun()?;
                let now = Head::read(&mut conn, "")?;
                conn.rollback()?;
                self.conn = Some(conn);
                Ok(now.tree == head.tree)
            }
        }
    }
}

impl Job {
    /// How many puts, and how many packed bytes in them.
    fn size(&self) -> (usize, usize) {
        match self {
            Job::Commit(commit, _) => {
                (commit.puts.len(), commit.puts.iter().map(|put| put.packed.len()).sum())
            }
            Job::Leaf(..) | Job::Forget(..) => (0, 0),
            #[cfg(test)]
            Job::Panic(_) => (0, 0),
            Job::Items(changes, ..) => (changes.len(), changes.iter().map(Change::bytes).sum()),
        }
    }
}

enum Work {
    Commit(Box<Commit>, usize),
    Leaf(Box<Entry>),
    Forget(i64, Box<Entry>),
    Items(Vec<Change>, Option<Box<Entry>>, usize),
}

type Reply<T> = SyncSender<Result<T, Error>>;
type ItemsAnswer = (Reply<()>, Option<Result<(), Error>>);
type CommitAnswer = (Reply<Vec<Written>>, Option<Result<Vec<Written>, Error>>);

/// Whom to answer what, once the transaction is durable.
#[derive(Default)]
struct Answers {
    commits: Vec<CommitAnswer>,
    leaves: Vec<Reply<()>>,
    items: Vec<ItemsAnswer>,
}

impl Answers {
    fn expect(&mut self, job: Job) -> Work {
        match job {
            Job::Commit(commit, reply) => {
                self.commits.push((reply, None));
                Work::Commit(commit, self.commits.len() - 1)
            }
            Job::Leaf(entry, reply) => {
                self.leaves.push(reply);
                Work::Leaf(entry)
            }
            Job::Forget(owner, entry, reply) => {
                self.leaves.push(reply);
                Work::Forget(owner, entry)
            }
            #[cfg(test)]
            Job::Panic(reply) => std::panic::panic_any(reply),
            Job::Items(changes, entry, reply) => {
                self.items.push((reply, None));
                Work::Items(changes, entry, self.items.len() - 1)
            }
        }
    }

    fn send(self) {
        for (reply, outcome) in self.commits {
            let _ = reply.send(outcome.unwrap_or(Err(Error::Busy)));
        }
        for reply in self.leaves {
            let _ = reply.send(Ok(()));
        }
        for (reply, outcome) in self.items {
            let _ = reply.send(outcome.unwrap_or(Err(Error::Busy)));
        }
    }

    fn fail(self, error: &Error) {
        for (reply, _) in self.commits {
            let _ = reply.send(Err(error.again()));
        }
        for reply in self.leaves.into_iter().chain(self.items.into_iter().map(|(reply, _)| reply)) {
            let _ = reply.send(Err(error.again()));
        }
    }
}

#[cfg(test)]
mod tests;
