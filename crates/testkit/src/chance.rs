//! Chance with a seed: what failed once can be done again.

use std::hash::{BuildHasher, Hasher, RandomState};

/// The variable that repeats a run: its seed, as the failure printed it.
pub const VARIABLE: &str = "KEEPWELL_SEED";

/// The seed of this run: what [`VARIABLE`] says, else a new one.
///
/// # Panics
/// Where the variable is not a number.
pub fn seed() -> u64 {
    match std::env::var(VARIABLE) {
        Ok(text) => text.parse().expect("KEEPWELL_SEED is a number"),
        Err(_) => RandomState::new().build_hasher().finish(),
    }
}

/// A row of random numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The row that begins at `seed`.
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end.max(1) as u64) as usize
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `all`.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A word of lower-case letters that nobody says.
    pub fn word(&mut self, letters: usize) -> String {
        (0..letters).map(|_| char::from(b'a' + self.below(26) as u8)).collect()
    }
}
