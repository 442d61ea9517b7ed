//! What the house decides about signing in.

use crate::{factor::passkey::Party, identifier::Rules, password::hash::Cost};
use jiff::SignedDuration;
use std::time::Duration;

/// All of it, with defaults.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What identifiers look like.
    pub identifiers: Rules,
    /// What a password's hash costs.
    pub cost: Cost,
    /// How many passwords are hashed at once.
    pub hashing_at_once: usize,
    /// How long somebody waits for that.
    pub hashing_wait: Duration,
    /// Whether patients may get codes sent in place of a second factor of their own: the restricted way.
    pub codes_for_patients: bool,
    /// Whom passkeys are made for; without it there are none.
    pub party: Option<Party>,
    /// How long a patient's session lives unused.
    pub idle_patient: SignedDuration,
    /// How long a session of staff or administrators lives unused.
    pub idle_staff: SignedDuration,
    /// How long any session lives at most.
    pub longest: SignedDuration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            identifiers: Rules::default(),
            cost: Cost::default(),
            hashing_at_once: 4,
            hashing_wait: Duration::from_secs(15),
            codes_for_patients: false,
            party: None,
            idle_patient: SignedDuration::from_mins(30),
            idle_staff: SignedDuration::from_mins(15),
            longest: SignedDuration::from_hours(12),
        }
    }
}
