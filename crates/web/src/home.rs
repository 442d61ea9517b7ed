//! Where the house is, as a door remembers it: every page asks, and hardly anybody changes it. What another node changed arrives within
//! [`AGAIN`].

use jiff::{SignedDuration, Timestamp};
use login::home::Home;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// After how long it is read again.
pub const AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// What is remembered.
#[derive(Default)]
pub(crate) struct Homes(Mutex<(Home, Option<Timestamp>)>);

impl Homes {
    fn known(&self) -> MutexGuard<'_, (Home, Option<Timestamp>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Home {
        self.known().0
    }

    /// Whether it is time to read it, said to one of those who ask at once.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let mut known = self.known();
        let is_due = known.1.is_none_or(|read| now.duration_since(read).abs() >= AGAIN);
        if is_due {
            known.1 = Some(now);
        }
        is_due
    }

    /// It could not be read: whoever asks next tries again.
    pub(crate) fn unread(&self) {
        self.known().1 = None;
    }

    pub(crate) fn read(&self, home: Home) {
        self.known().0 = home;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a15_it_is_read_at_once_and_then_once_a_minute_by_one_of_many() {
        let (homes, at) = (Homes::default(), |second| Timestamp::from_second(second).unwrap());
        assert!(homes.is_due(at(0)));
        assert!(!homes.is_due(at(0)) && !homes.is_due(at(59)));
        assert!(homes.is_due(at(60)) && !homes.is_due(at(60)));
        homes.unread();
        assert!(homes.is_due(at(61)));
        // A clock that was set back.
        assert!(homes.is_due(at(-60)));
    }
}
