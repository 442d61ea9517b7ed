//! Codes that are sent by e-mail or text: six digits, ten minutes, one use, five tries, for one attempt alone.

use super::{same, six_digits};
use crate::kept::{hex, sha256};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

const LIFE: SignedDuration = SignedDuration::from_mins(10);

const TRIES: u32 = 5;

/// What is kept of a code that was sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    hash: String,
    until: Timestamp,
    tries: u32,
}

/// Six digits out of random bytes.
pub(crate) fn make(random: [u8; 8]) -> String {
    // 64 bits over a million leave no bias that could be seen.
    format!("{:06}", u64::from_be_bytes(random) % 1_000_000)
}

impl Sent {
    /// What to keep of a code for that attempt, whose own token is the salt.
    pub(crate) fn new(attempt: &str, code: &str, now: Timestamp) -> Sent {
        Sent { hash: hash(attempt, code), until: now.saturating_add(LIFE).unwrap_or(now), tries: 0 }
    }

    /// Counts a try; whether the code was right, in time and within the tries.
    pub(crate) fn take(&mut self, attempt: &str, typed: &str, now: Timestamp) -> bool {
        self.tries += 1;
        let right = six_digits(typed).is_some_and(|code| same(&hash(attempt, &code), &self.hash));
        let taken = right && self.tries <= TRIES && now < self.until;
        if taken {
            self.tries = TRIES;
        }
        taken
    }
}

fn hash(attempt: &str, code: &str) -> String {
    hex(&sha256(&[b"sent", attempt.as_bytes(), code.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a3_a_sent_code_works_once_for_its_attempt_within_ten_minutes_and_five_tries() {
        let sent = || Sent::new("attempt-1", "012345", at(0));
        assert!(sent().take("attempt-1", "012 345", at(599)));
        assert!(!sent().take("attempt-1", "012345", at(600)));
        assert!(!sent().take("attempt-2", "012345", at(1)));
        let mut once = sent();
        assert!(once.take("attempt-1", "012345", at(1)) && !once.take("attempt-1", "012345", at(2)));
        let mut guessed = sent();
        assert!((0..5).all(|n| !guessed.take("attempt-1", &format!("99999{n}"), at(1))));
        assert!(!guessed.take("attempt-1", "012345", at(1)), "the sixth try");
        assert!(!serde_json::to_string(&sent()).unwrap().contains("012345"));
        assert_eq!(make([0; 8]), "000000");
        assert_eq!(make([255; 8]).len(), 6);
    }
}
