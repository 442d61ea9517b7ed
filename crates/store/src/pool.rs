//! Reading connections: opened when needed, given back when dropped, never more than the limit.

use crate::{
    dialect::{Conn, Database, Use},
    error::Error,
};
use std::{
    ops::{Deref, DerefMut},
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

pub(crate) struct Pool {
    database: Database,
    state: Mutex<State>,
    returned: Condvar,
    wait: Duration,
}

struct State {
    idle: Vec<Conn>,
    open: usize,
    most: usize,
}

impl Pool {
    pub(crate) fn new(database: Database, most: usize, wait: Duration) -> Pool {
        let state = State { idle: Vec::new(), open: 0, most };
        Pool { database, state: Mutex::new(state), returned: Condvar::new(), wait }
    }

    /// A connection, waiting for one if all are out.
    pub(crate) fn get(&self) -> Result<Lent<'_>, Error> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = |s: &mut State| s.idle.is_empty() && s.open >= s.most;
        let (mut state, _) =
            self.returned.wait_timeout_while(state, self.wait, busy).unwrap_or_else(PoisonError::into_inner);
        if let Some(conn) = state.idle.pop() {
            return Ok(Lent { pool: self, conn: Some(conn), used: true });
        }
        if state.open >= state.most {
            return Err(Error::Busy);
        }
        state.open += 1;
        drop(state);
        match Conn::open_waiting(&self.database, Use::Read, self.wait) {
            Ok(conn) => Ok(Lent { pool: self, conn: Some(conn), used: false }),
            Err(error) => {
                self.gone();
                Err(error)
            }
        }
    }

    /// Runs `work` within one reading transaction.
    pub(crate) fn view<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
        let mut conn = self.begun()?;
        // The first thing that went wrong is what the caller must hear of, not that the transaction was gone by then.
        let outcome = work(&mut conn);
        let ended = conn.rollback();
        let value = outcome?;
        ended?;
        Ok(value)
    }

    /// A connection in a reading transaction. One that lay here while its server went away is found out only now, and is passed
    /// over: nobody need hear of that.
    fn begun(&self) -> Result<Lent<'_>, Error> {
        loop {
            let mut conn = self.get()?;
            match conn.begin_read() {
                Ok(()) => return Ok(conn),
                Err(_) if conn.used && !conn.is_alive() => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn gone(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).open -= 1;
        self.returned.notify_one();
    }
}

/// A lent connection.
pub(crate) struct Lent<'p> {
    pool: &'p Pool,
    conn: Option<Conn>,
    /// Whether others had it before.
    used: bool,
}

impl Deref for Lent<'_> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        #[expect(clippy::expect_used, reason = "taken only in drop")]
        self.conn.as_ref().expect("a lent connection is there until it is dropped")
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        #[expect(clippy::expect_used, reason = "taken only in drop")]
        self.conn.as_mut().expect("a lent connection is there until it is dropped")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        match self.conn.take() {
            Some(conn) if conn.is_alive() && !std::thread::panicking() => {
                self.pool.state.lock().unwrap_or_else(PoisonError::into_inner).idle.push(conn);
                self.pool.returned.notify_one();
            }
            _ => self.pool.gone(),
        }
    }
}
