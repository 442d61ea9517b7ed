//! The clock: the one place in the house that reads it. Everything else is told the time.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Now.
#[expect(clippy::disallowed_methods, reason = "the wiring is where time enters the house")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::try_from(SystemTime::now()).unwrap_or_default()
}

/// Whole seconds since 1970; 0 for a clock that stands before.
#[expect(clippy::disallowed_methods, reason = "the wiring is where time enters the house")]
pub(crate) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Seconds since `start`, for figures.
pub(crate) fn since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64()
}
