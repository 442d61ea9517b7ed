//! Tries that fail are counted, for what was typed and for the address that they came from; after some, each next one has to
//! wait longer. A try is counted before it is looked at, so that many at once are counted too, and forgiven when it succeeds.

use crate::{
    Login,
    error::Error,
    kept::{Kept, hex, sha256},
    random,
    visit::Visit,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::PoisonError};
use store::items::Kind;

/// Tries on one account that cost no waiting.
const FREE_ACCOUNT: u32 = 6;

/// Tries from one address: a hospital has one for all its people.
const FREE_ADDRESS: u32 = 100;

/// How counters of what was asked for begin.
const ASKED: &str = "asked:";

/// The longest wait.
const LONGEST_SECONDS: i64 = 15 * 60;

/// A counter that nobody adds to for so long is forgotten.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

#[derive(Default, Serialize, Deserialize)]
struct Tries {
    failed: u32,
    until: Option<Timestamp>,
}

/// Whose tries are counted.
#[derive(Clone)]
pub(crate) struct Counters {
    account: String,
    address: String,
}

impl Counters {
    /// Those of an account, or of what was typed where there is none, and of the visit's address.
    pub(crate) fn of(account: &str, visit: &Visit) -> Counters {
        // A hash, since what was typed may be a long text; the handle that is made of it is blind anyway.
        let account = format!("account:{}", hex(&sha256(&[account.as_bytes()])));
        Counters { account, address: format!("address:{}", network(&visit.address)) }
    }

    /// That of the visit's address alone, for what is asked for before anybody is known.
    pub(crate) fn of_address(visit: &Visit) -> Counters {
        let network = network(&visit.address);
        Counters { account: format!("{ASKED}{network}"), address: format!("address:{network}") }
    }

    fn both(&self) -> [(&str, u32); 2] {
        let free = if self.account.starts_with(ASKED) { FREE_ADDRESS } else { FREE_ACCOUNT };
        [(&self.account, free), (&self.address, FREE_ADDRESS)]
    }
}

/// What one household or one clinic has: an IPv4 address, or 64 bits of an IPv6 address, of which it has all the others too.
pub(crate) fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => format!("{:x?}", &address.segments()[..4]),
        _ => address.to_owned(),
    }
}

/// How long the next try waits after so many.
fn delay_seconds(failed: u32, free: u32) -> i64 {
    match failed.checked_sub(free) {
        None | Some(0) => 0,
        Some(more) => 1_i64.checked_shl(more).unwrap_or(i64::MAX).clamp(2, LONGEST_SECONDS),
    }
}

impl Login {
    /// Counts a try.
    ///
    /// # Errors
    /// [`Error::Throttled`] where one has to wait; then nothing is counted.
    pub(crate) fn count_try(&self, counters: &Counters, now: Timestamp) -> Result<(), Error> {
        let _one = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Vec::new();
        for (handle, free) in counters.both() {
            let mut tries = self.tries(handle, now)?;
            if let Some(until) = tries.value.until.filter(|until| *until > now) {
                let seconds = until.duration_since(now).as_secs() + 1;
                return Err(Error::Throttled { seconds });
            }
            tries.value.failed = tries.value.failed.saturating_add(1);
            let wait = SignedDuration::from_secs(delay_seconds(tries.value.failed, free));
            tries.value.until = now.saturating_add(wait).ok();
            tries.expires = now.saturating_add(REMEMBERED).ok();
            changes.push(tries.put(Kind::Throttle, vec![handle.to_owned()])?);
        }
        Ok(self.store.change_items(changes, None)?)
    }

    /// Forgives the tries of an account, and the one of the address, after somebody came in.
    pub(crate) fn forgive(&self, counters: &Counters, tries: u32, now: Timestamp) -> Result<(), Error> {
        let _one = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Vec::new();
        let account = self.tries(&counters.account, now)?;
        if account.version > 0 {
            changes.push(account.remove(Kind::Throttle));
        }
        let mut address = self.tries(&counters.address, now)?;
        if address.version > 0 {
            address.value.failed = address.value.failed.saturating_sub(tries);
            address.value.until = None;
            changes.push(address.put(Kind::Throttle, vec![counters.address.clone()])?);
        }
        if changes.is_empty() {
            return Ok(());
        }
        Ok(self.store.change_items(changes, None)?)
    }

    /// Counts one use of what is allowed, but not without end: at most so many within that time, from the first one on.
    ///
    /// # Errors
    /// [`Error::Throttled`] above it.
    pub(crate) fn count_use(
        &self,
        name: &str,
        most: u32,
        within: SignedDuration,
        now: Timestamp,
    ) -> Result<(), Error> {
        let _one = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = format!("use:{name}");
        let mut uses = self.tries(&handle, now)?;
        let end = match uses.value.until.filter(|end| *end > now) {
            Some(end) if uses.value.failed >= most => {
                return Err(Error::Throttled { seconds: end.duration_since(now).as_secs() + 1 });
            }
            Some(end) => end,
            None => {
                uses.value.failed = 0;
                now.saturating_add(within).unwrap_or(now)
            }
        };
        uses.value.failed += 1;
        (uses.value.until, uses.expires) = (Some(end), Some(end));
        Ok(self.store.change_items(vec![uses.put(Kind::Throttle, vec![handle])?], None)?)
    }

    fn tries(&self, handle: &str, now: Timestamp) -> Result<Kept<Tries>, Error> {
        match self.find(Kind::Throttle, handle, now)? {
            Some(tries) => Ok(tries),
            None => {
                // One that has ended and was not swept yet still has the handle.
                let ended: Option<Kept<Tries>> = self.find(Kind::Throttle, handle, Timestamp::MIN)?;
                Ok(match ended {
                    Some(ended) => Kept { value: Tries::default(), ..ended },
                    None => Kept::new(random::<16>()?.to_vec(), None, Tries::default()),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_ipv6_network_count_as_one() {
        assert_eq!(network("2001:db8:1:2::9"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:3::9"), network("2001:db8:1:2::9"));
        assert_eq!((network("192.0.2.1"), network("")), ("192.0.2.1".into(), String::new()));
    }

    #[test]
    fn the_wait_grows_and_has_an_end() {
        let waits: Vec<i64> = (0..30).map(|failed| delay_seconds(failed, FREE_ACCOUNT)).collect();
        assert_eq!(waits[..10], [0, 0, 0, 0, 0, 0, 0, 2, 4, 8]);
        assert_eq!((waits[16], waits[29], delay_seconds(u32::MAX, 1)), (900, 900, 900));
    }
}
