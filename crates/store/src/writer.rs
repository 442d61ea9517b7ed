//! The one thread that writes, and the group commit that makes audited reads cheap.
//!
//! Callers hand in a job and wait. The writer takes everything that is waiting, stages it into one batch, makes one durable
//! transaction of it, and answers all of them. While the disk syncs, the next batch gathers.

use crate::{
    batch::{Batch, Commit, Written},
    dialect::{Conn, Database, Use},
    error::Error,
    items::{self, Change},
    keys::Keys,
    log::Head,
    rows::Rids,
};
use access::audit::Entry;
use std::{
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
}

/// The writer's handle. Dropping it lets the queue run empty and ends the thread.
pub(crate) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(database: Database, keys: Arc<Keys>, wait: Duration) -> Result<Writer, Error> {
        let conn = Conn::open_waiting(&database, Use::Write, wait)?;
        let (queue, jobs) = mpsc::sync_channel(QUEUE);
        let mut state = State { database, wait, conn, keys, rids: Rids::default() };
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
    conn: Conn,
    keys: Arc<Keys>,
    rids: Rids,
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
            self.transact(batch);
        }
    }

    fn transact(&mut self, jobs: Vec<Job>) {
        if !self.conn.is_alive()
            && let Ok(conn) = Conn::open_waiting(&self.database, Use::Write, self.wait)
        {
            self.conn = conn;
        }
        let mut answers = Answers::default();
        match self.attempt(jobs, &mut answers) {
            Ok(()) => answers.send(),
            Err(error) => {
                tracing::error!(error = %error, "a batch was not written");
                let _ = self.conn.rollback();
                self.rids = Rids::default();
                answers.fail(&error);
            }
        }
    }

    fn attempt(&mut self, jobs: Vec<Job>, answers: &mut Answers) -> Result<(), Error> {
        // Every job gets its place among the answers first, so that a failure half-way reaches all of them.
        let work: Vec<Work> = jobs.into_iter().map(|job| answers.expect(job)).collect();
        self.conn.begin_write()?;
        let lock = self.conn.for_update();
        let head = Head::read(&mut self.conn, lock)?;
        let rids = std::mem::take(&mut self.rids).trim();
        let keys = self.keys.clone();
        let mut batch = Batch::new(&keys, head, rids);
        for work in work {
            match work {
                Work::Leaf(entry) => batch.leaf(*entry),
                Work::Items(changes, entry, at) => {
                    let mut entry = entry;
                    match items::apply(&mut self.conn, &keys, &changes, entry.as_deref_mut()) {
                        Ok(()) => {
                            entry.into_iter().for_each(|entry| batch.leaf(*entry));
                            answers.items[at].1 = Some(Ok(()));
                        }
                        Err(error @ (Error::Stale | Error::Taken)) => answers.items[at].1 = Some(Err(error)),
                        Err(error) => return Err(error),
                    }
                }
                Work::Commit(commit, at) => match batch.stage(&mut self.conn, *commit) {
                    outcome @ (Ok(_) | Err(Error::Stale | Error::Refused | Error::Erased)) => {
                        answers.commits[at].1 = Some(outcome)
                    }
                    Err(error) => return Err(error),
                },
            }
        }
        batch.flush(&mut self.conn)?;
        batch.head.write(&mut self.conn, &self.keys)?;
        self.conn.commit()?;
        self.rids = batch.into_rids();
        Ok(())
    }
}

impl Job {
    /// How many puts, and how many packed bytes in them.
    fn size(&self) -> (usize, usize) {
        match self {
            Job::Commit(commit, _) => {
                (commit.puts.len(), commit.puts.iter().map(|put| put.packed.len()).sum())
            }
            Job::Leaf(..) => (0, 0),
            Job::Items(changes, ..) => (changes.len(), changes.iter().map(Change::bytes).sum()),
        }
    }
}

enum Work {
    Commit(Box<Commit>, usize),
    Leaf(Box<Entry>),
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
