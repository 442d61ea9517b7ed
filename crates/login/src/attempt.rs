//! A sign-in or sign-up on its way: what has been proven so far, for one browser, for ten minutes.

use crate::{
    Login,
    account::Account,
    elsewhere::walk::Errand,
    error::Error,
    factor::{passkey::Challenge, sent::Sent, totp::Totp},
    federation::Journey,
    identifier::Identifier,
    kept::{Kept, mint, token_id},
    realm::Realm,
    visit::Visit,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::items::{Change, Kind};
use vault::token::Token;

/// How long an attempt lives.
const LIFE: SignedDuration = SignedDuration::from_mins(10);

/// How many codes may be tried in one attempt.
pub(crate) const TRIES: u32 = 5;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) realm: Realm,
    /// The facility that a staff member signs in at.
    pub(crate) facility: Option<String>,
    pub(crate) stage: Stage,
    /// The account's generation when the attempt began: who signs out everywhere, changes the password or sets up an app ends
    /// what others have begun.
    generation: u64,
    /// Codes that were tried.
    pub(crate) tries: u32,
    /// A code that was sent.
    pub(crate) sent: Option<Sent>,
    /// What a passkey is to sign, or to be made for: one answer to each.
    #[serde(default)]
    pub(crate) challenge: Option<Challenge>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// The password was right; a second factor is to follow.
    SecondFactor { account: String },
    /// A passkey is used alone; or, by somebody who is signed in, used again or made.
    Passkey { account: Option<String> },
    /// An authenticator app is being set up.
    Enrol { account: String, totp: Totp },
    /// Somebody went to an outside provider, to sign in or to be linked.
    Federated(Box<Journey>),
    /// Somebody went to another server, for a record of theirs there.
    Errand(Box<Errand>),
    /// Somebody signs up; a code went to their address.
    SignUp { name: String, contact: Identifier, password: String, single_factor: bool },
}

impl Attempt {
    pub(crate) fn new(realm: Realm, facility: Option<String>, stage: Stage) -> Attempt {
        Attempt { realm, facility, stage, generation: 0, tries: 0, sent: None, challenge: None }
    }

    /// Of an account as it is now.
    pub(crate) fn of(self, account: &Account) -> Attempt {
        Attempt { generation: account.generation, ..self }
    }

    /// Whether the account is as it was when the attempt began.
    pub(crate) fn fits(&self, account: &Account) -> bool {
        self.generation == account.generation
    }

    /// The account that it is about, once there is one.
    pub(crate) fn account(&self) -> Option<&str> {
        match &self.stage {
            Stage::SecondFactor { account } | Stage::Enrol { account, .. } => Some(account),
            Stage::Passkey { account } => account.as_deref(),
            Stage::Federated(_) | Stage::Errand(_) | Stage::SignUp { .. } => None,
        }
    }
}

impl Kept<Attempt> {
    pub(crate) fn write(&self) -> Result<Change, Error> {
        self.put(Kind::Attempt, Vec::new())
    }
}

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// A second factor.
    SecondFactor(Token),
    /// Setting one up.
    Enrol(Token),
    /// Entering the code that was sent.
    Confirm(Token),
    /// Nothing: there is a session.
    In(Signed),
}

/// Somebody is signed in.
#[derive(Debug)]
pub struct Signed {
    /// The session's token, for its cookie.
    pub session: Token,
    /// The browser's token, for its cookie, where it is new.
    pub device: Option<Token>,
    /// The realm that the session is good for.
    pub realm: Realm,
}

impl Login {
    /// A new attempt, not written yet, and its token.
    pub(crate) fn attempt(&self, attempt: Attempt, now: Timestamp) -> Result<(Kept<Attempt>, Token), Error> {
        let token = mint()?;
        let id = token_id(token.reveal()).ok_or(Error::Ended)?;
        Ok((Kept::new(id, now.saturating_add(LIFE).ok(), attempt), token))
    }

    /// The attempt of a token.
    ///
    /// # Errors
    /// [`Error::Ended`] where there is none any more.
    pub(crate) fn attempted(&self, token: &str, visit: &Visit) -> Result<Kept<Attempt>, Error> {
        let id = token_id(token).ok_or(Error::Ended)?;
        self.get(Kind::Attempt, &id, visit.now)?.ok_or(Error::Ended)
    }

    /// In which realm an attempt is.
    ///
    /// # Errors
    /// [`Error::Ended`] where there is none any more.
    pub fn realm_of(&self, attempt: &str, visit: &Visit) -> Result<Realm, Error> {
        Ok(self.attempted(attempt, visit)?.value.realm)
    }
}
