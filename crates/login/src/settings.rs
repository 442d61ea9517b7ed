//! What the house decides about signing in.

use crate::{factor::passkey::Party, federation::Provider, identifier::Rules, password::hash::Cost};
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
    /// Outside providers that people may sign in by; none unless they are named.
    pub providers: Vec<Provider>,
    /// Whom passkeys are made for; without it there are none.
    pub party: Option<Party>,
    /// How long a patient's session lives unused.
    pub idle_patient: SignedDuration,
    /// How long a session of staff or administrators lives unused.
    pub idle_staff: SignedDuration,
    /// How long any session lives at most.
    pub longest: SignedDuration,
    /// What apps are told, and for how long they get in.
    pub oauth: crate::oauth::Settings,
    /// How long a broken glass stays open; [`LONGEST_GLASS`] at most.
    pub glass: SignedDuration,
    /// Of how many patients somebody may break the glass at once; [`MOST_GLASSES`] at most.
    pub glasses: u8,
    /// How many patients somebody may look up in a minute.
    pub look_ups: u32,
    /// The age in years at which nobody acts for a child any more.
    pub of_age: i16,
    /// The age in years from which what is sensitive is hidden from those who act for a child.
    pub adolescent: i16,
    /// In whose places visitors of a demo walk; empty everywhere else.
    pub visitors: Vec<crate::visitor::Visitor>,
}

/// The longest that a broken glass stays open.
pub const LONGEST_GLASS: SignedDuration = SignedDuration::from_hours(12);

/// The most glasses that one person may have broken at once.
pub const MOST_GLASSES: u8 = 10;

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            identifiers: Rules::default(),
            cost: Cost::default(),
            hashing_at_once: 4,
            hashing_wait: Duration::from_secs(15),
            codes_for_patients: false,
            providers: Vec::new(),
            party: None,
            idle_patient: SignedDuration::from_mins(30),
            idle_staff: SignedDuration::from_mins(15),
            longest: SignedDuration::from_hours(12),
            oauth: crate::oauth::Settings::default(),
            glass: SignedDuration::from_hours(4),
            glasses: 3,
            look_ups: 20,
            of_age: 18,
            adolescent: 12,
            visitors: Vec::new(),
        }
    }
}
