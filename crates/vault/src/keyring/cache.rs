//! Unwrapped owner keys, at most so many: a bound on memory and on what a memory dump would show.

use std::collections::HashMap;
use std::sync::Arc;

use super::OwnerKey;

/// How many keys one half holds; the cache holds at most twice as many.
const HALF: usize = 2048;

/// Two halves: when the young one is full it becomes the old one, and the old one's keys are dropped and wiped.
/// What is used again moves to the young half, so what is in use stays. Every step is constant time.
#[derive(Default)]
pub(super) struct Cache {
    young: HashMap<i64, Arc<OwnerKey>>,
    old: HashMap<i64, Arc<OwnerKey>>,
}

impl Cache {
    pub(super) fn get(&mut self, owner: i64) -> Option<Arc<OwnerKey>> {
        if let Some(key) = self.young.get(&owner) {
            return Some(Arc::clone(key));
        }
        let key = self.old.remove(&owner)?;
        self.put(Arc::clone(&key));
        Some(key)
    }

    pub(super) fn put(&mut self, key: Arc<OwnerKey>) {
        if self.young.len() >= HALF {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.owner(), key);
    }

    pub(super) fn remove(&mut self, owner: i64) {
        self.young.remove(&owner);
        self.old.remove(&owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn key(owner: i64) -> Arc<OwnerKey> {
        Arc::new(OwnerKey::new(owner, &Secret::random().unwrap()))
    }

    #[test]
    fn it_never_holds_more_than_two_halves_and_keeps_what_is_used() {
        let mut cache = Cache::default();
        for owner in 0..10 * HALF as i64 {
            cache.put(key(owner));
            assert!(cache.get(0).is_some(), "after {owner}");
            assert!(cache.young.len() + cache.old.len() <= 2 * HALF);
        }
        assert!(cache.get(1).is_none());
    }

    #[test]
    fn what_is_removed_is_gone_from_both_halves() {
        let mut cache = Cache::default();
        for owner in 0..HALF as i64 + 1 {
            cache.put(key(owner));
        }
        cache.remove(0);
        cache.remove(HALF as i64);
        assert!(cache.get(0).is_none() && cache.get(HALF as i64).is_none());
        assert!(cache.get(1).is_some());
    }
}
