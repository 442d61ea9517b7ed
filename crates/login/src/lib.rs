//! Who somebody is: accounts, sign-in, second factors, sessions, invitations, and the apps that people let in ([`oauth`]). It turns
//! a session into an [`access::act::Act`].
//!
//! May use: `store`, `access`, `vault`. Never: HTTP, HTML, a decision about what somebody may see (that is `access`), a clock.
//! Everything is kept in the store's [`store::items`], and every sign-in, failure, change of a factor and end of a session is
//! an entry of the audit log, in the same transaction as what it tells of.
//!
//! A sign-in is an [`attempt`]: identifier and password, then a second factor, then a [`session`]. What is told to somebody
//! who is not signed in never depends on whether an account exists.

pub mod access_request;
pub mod account;
pub mod act;
pub mod attempt;
pub mod blueprint;
pub mod break_glass;
pub mod chart_code;
pub mod chart_link;
pub mod courier;
pub mod dispute;
pub mod draft;
pub mod elsewhere;
pub mod enrolment;
pub mod error;
pub mod facility;
pub mod factor;
pub mod federation;
pub mod first_steps;
pub mod health_card;
pub mod health_ids;
pub mod home;
pub mod identifier;
pub mod invitation;
mod kept;
pub mod link;
pub mod look_up;
pub mod nearest;
pub mod notice;
pub mod oauth;
pub mod page_text;
pub mod passkeys;
pub mod password;
pub mod profile;
pub mod proxy;
pub mod realm;
pub mod registration;
pub mod role_form;
pub mod roles;
pub mod roster;
pub mod second_person;
pub mod session;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod sign_up;
pub mod staff_list;
pub mod stand_in;
pub mod suspension;
mod throttle;
pub mod visit;
pub mod visitor;
pub mod zone;

use courier::Courier;
use error::Error;
use password::hash::Hasher;
use settings::Settings;
use std::sync::{Arc, Mutex, atomic::AtomicBool};
use store::Store;

/// Everything about signing in, over one store.
pub struct Login {
    store: Arc<Store>,
    settings: Settings,
    hasher: Hasher,
    courier: Option<Arc<dyn Courier>>,
    /// One counter after the other, so that a try in this process never finds its counter changed by another.
    counting: Mutex<()>,
    /// One registration after the other.
    registering: Mutex<()>,
    /// One opening of a link after the other, so that tries at once are counted one by one: each link has one of these.
    opening: [Mutex<()>; link::DOORS],
    /// How fast apps ask.
    pace: oauth::authorize::Pace,
    /// Whether the house is known to have an administrator: it never loses its first one.
    set_up: AtomicBool,
}

impl Login {
    /// Over an open store. Without a courier nobody can sign up or get a code sent.
    ///
    /// # Errors
    /// Where the cost of hashes is out of bounds, or there is no randomness.
    pub fn new(
        store: Arc<Store>,
        settings: Settings,
        courier: Option<Arc<dyn Courier>>,
    ) -> Result<Login, Error> {
        let hasher = Hasher::new(settings.cost, settings.hashing_at_once, settings.hashing_wait, random()?)?;
        let (counting, registering, set_up) = (Mutex::default(), Mutex::default(), AtomicBool::new(false));
        let opening = Default::default();
        let pace = oauth::authorize::Pace::default();
        Ok(Login { store, settings, hasher, courier, counting, registering, opening, pace, set_up })
    }

    /// What it was told once.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether messages reach people at all.
    pub fn has_courier(&self) -> bool {
        self.courier.is_some()
    }

    /// Removes what has ended: sessions, attempts, invitations, counters. To be called now and then.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn sweep(&self, now: jiff::Timestamp) -> Result<u64, Error> {
        Ok(self.store.sweep_items(now)?)
    }
}

/// Random bytes for a salt, an id or a code.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    vault::random::bytes().map_err(|error| Error::Fault(Box::new(error)))
}
