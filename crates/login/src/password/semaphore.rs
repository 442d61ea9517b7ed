//! So many at once and no more.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Counts those inside.
pub(super) struct Semaphore {
    free: Mutex<usize>,
    left: Condvar,
}

/// A place inside, until it is dropped.
pub(super) struct Place<'a>(&'a Semaphore);

impl Semaphore {
    pub(super) fn new(places: usize) -> Semaphore {
        Semaphore { free: Mutex::new(places.max(1)), left: Condvar::new() }
    }

    /// A place, once one is free; `None` where none came free in time.
    pub(super) fn enter(&self, wait: Duration) -> Option<Place<'_>> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.left.wait_timeout_while(free, wait, |free| *free == 0);
        let (mut free, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *free = free.checked_sub(1)?;
        Some(Place(self))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.left.notify_one();
    }
}
