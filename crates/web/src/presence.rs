//! Who has a chart open at this moment, so that two people who write in it know of each other. It is in memory alone and about this node
//! alone: it warns, and guards nothing. What two people write at once is kept apart by versions.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// The most open charts of all people together, and of one.
const MOST: usize = 5_000;
const MOST_OF_ONE: usize = 40;

/// Somebody who has a chart open.
#[derive(Clone, PartialEq, Eq)]
pub struct Present {
    /// Their account: one person with two windows is there once.
    pub account: String,
    /// Their name.
    pub name: String,
    /// Whether they are writing.
    pub writes: bool,
}

impl std::fmt::Debug for Present {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// Who is where.
pub struct Presence {
    charts: Mutex<Charts>,
    turned: watch::Sender<u64>,
}

#[derive(Default)]
struct Charts {
    next: u64,
    many: usize,
    open: HashMap<String, Vec<(u64, Present)>>,
}

impl Default for Presence {
    fn default() -> Presence {
        Presence { charts: Mutex::default(), turned: watch::Sender::new(0) }
    }
}

/// Somebody's being there, until it is dropped.
pub struct Stay {
    presence: Arc<Presence>,
    chart: String,
    number: u64,
}

impl Presence {
    fn charts(&self) -> MutexGuard<'_, Charts> {
        self.charts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody has opened a chart; `None` where they, or all together, have too many open.
    pub fn enter(self: &Arc<Presence>, chart: &str, who: Present) -> Option<Stay> {
        let number = {
            let mut charts = self.charts();
            let theirs = charts.open.values().flatten().filter(|(_, other)| other.account == who.account);
            if charts.many >= MOST || theirs.count() >= MOST_OF_ONE {
                return None;
            }
            charts.many += 1;
            charts.next += 1;
            let number = charts.next;
            charts.open.entry(chart.to_owned()).or_default().push((number, who));
            number
        };
        self.turned.send_modify(|turn| *turn += 1);
        Some(Stay { presence: Arc::clone(self), chart: chart.to_owned(), number })
    }

    /// Wakes where somebody comes or goes.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.turned.subscribe()
    }

    /// Who else has that chart open: everybody once, as writing where one of their windows is; those who came first, first.
    pub fn others(&self, chart: &str, account: &str) -> Vec<Present> {
        let charts = self.charts();
        let mut all: Vec<Present> = Vec::new();
        for (_, who) in charts.open.get(chart).into_iter().flatten().filter(|(_, who)| who.account != account)
        {
            match all.iter_mut().find(|known| known.account == who.account) {
                Some(known) => known.writes |= who.writes,
                None => all.push(who.clone()),
            }
        }
        all
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        {
            let mut charts = self.presence.charts();
            charts.many = charts.many.saturating_sub(1);
            if let Some(open) = charts.open.get_mut(&self.chart) {
                open.retain(|(number, _)| *number != self.number);
                if open.is_empty() {
                    charts.open.remove(&self.chart);
                }
            }
        }
        self.presence.turned.send_modify(|turn| *turn += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(account: &str, writes: bool) -> Present {
        Present { account: account.into(), name: format!("Dr {account}"), writes }
    }

    #[test]
    fn somebody_is_there_from_their_first_window_to_their_last() {
        let presence = Arc::<Presence>::default();
        let mut turned = presence.listen();
        let names = |account: &str| -> Vec<(String, bool)> {
            presence.others("p", account).into_iter().map(|who| (who.account, who.writes)).collect()
        };
        let first = presence.enter("p", who("a", false)).unwrap();
        let second = presence.enter("p", who("a", true)).unwrap();
        let other = presence.enter("p", who("b", false)).unwrap();
        let elsewhere = presence.enter("q", who("c", true)).unwrap();
        assert!(turned.has_changed().unwrap());
        turned.mark_unchanged();
        assert_eq!(names("b"), [("a".to_owned(), true)]);
        assert_eq!(names("a"), [("b".to_owned(), false)]);
        drop(second);
        assert!(turned.has_changed().unwrap());
        assert_eq!(names("b"), [("a".to_owned(), false)]);
        drop(first);
        assert!(names("b").is_empty());
        drop((other, elsewhere));
        assert!(presence.charts().open.is_empty(), "nothing is left behind");
        let stays: Vec<Stay> =
            (0..MOST_OF_ONE).map(|_| presence.enter("p", who("a", false)).unwrap()).collect();
        assert!(presence.enter("q", who("a", false)).is_none());
        assert!(presence.enter("q", who("b", false)).is_some());
        drop(stays);
        assert!(presence.enter("q", who("a", false)).is_some());
    }
}
