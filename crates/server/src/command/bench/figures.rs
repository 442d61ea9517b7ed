//! Times of many requests, and what one says of them.

use std::time::Duration;

/// The times of one operation.
pub(super) struct Series {
    /// Which.
    pub(super) name: String,
    /// Clients at the same time.
    pub(super) clients: usize,
    times_us: Vec<u32>,
    seconds: f64,
}

impl Series {
    /// From all times, and how long it took in all.
    pub(super) fn new(name: &str, clients: usize, mut times_us: Vec<u32>, seconds: f64) -> Series {
        times_us.sort_unstable();
        Series { name: name.to_owned(), clients, times_us, seconds }
    }

    /// Operations a second.
    pub(super) fn per_second(&self) -> f64 {
        self.times_us.len() as f64 / self.seconds.max(1e-9)
    }

    /// The time that this share of the operations took at most, in milliseconds.
    pub(super) fn percentile_ms(&self, share: f64) -> f64 {
        let at = ((self.times_us.len() as f64 * share).ceil() as usize).saturating_sub(1);
        self.times_us.get(at).map_or(0.0, |us| f64::from(*us) / 1000.0)
    }
}

/// Microseconds, as many as fit.
pub(super) fn us(took: Duration) -> u32 {
    u32::try_from(took.as_micros()).unwrap_or(u32::MAX)
}

/// Numbers that look like chance and are the same in each run (xorshift64*): a benchmark is to be repeated.
pub(super) struct Draws(u64);

impl Draws {
    /// From a seed.
    pub(super) fn new(seed: u64) -> Draws {
        Draws(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// One of several; `None` of none.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16;
        from.get(drawn as usize % from.len().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let series = Series::new("a", 1, (1..=1000).rev().map(|n| n * 1000).collect(), 2.0);
        assert_eq!(series.percentile_ms(0.5), 500.0);
        assert_eq!(series.percentile_ms(0.99), 990.0);
        assert_eq!(series.per_second(), 500.0);
        assert_eq!(Series::new("a", 1, vec![], 1.0).percentile_ms(0.5), 0.0);
    }

    #[test]
    fn draws_reach_everything_and_repeat() {
        let all: Vec<u8> = (0..10).collect();
        let mut draws = Draws::new(1);
        let drawn: Vec<u8> = (0..200).filter_map(|_| draws.pick(&all).copied()).collect();
        assert!(all.iter().all(|one| drawn.contains(one)));
        let mut again = Draws::new(1);
        assert!(drawn.iter().all(|one| again.pick(&all) == Some(one)));
        assert_eq!(again.pick::<u8>(&[]), None);
    }
}
