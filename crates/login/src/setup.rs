//! The first run: a token that is printed once makes one administrator. Before that nobody signs in; after that it is worth
//! nothing.

use crate::{
    Login,
    account::{Account, AdminIdentity, checked_name},
    error::Error,
    facility::founded,
    factor::same,
    identifier::Identifier,
    kept::{Kept, hex, mint, token_id},
    password::{Password, WITH_SECOND_FACTOR},
    random,
    realm::Realm,
    throttle::Counters,
    visit::Visit,
};
use access::audit::Outcome;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering::Relaxed;
use store::items::{Change, Kind};
use vault::token::Token;

/// There is one such item.
const ID: &[u8] = b"house";

/// The role of the first administrator.
pub(crate) const ADMINISTRATOR: &str = "administrator";

#[derive(Default, Serialize, Deserialize)]
struct Setup {
    /// Hash of the token, until it was used.
    token: Option<String>,
    /// Whether there is an administrator.
    done: bool,
}

/// The first administrator and the first facility.
#[derive(Clone)]
pub struct First<'a> {
    /// The token that was printed.
    pub token: &'a str,
    /// The administrator's name.
    pub name: &'a str,
    /// Their e-mail address.
    pub email: &'a str,
    /// Their password.
    pub password: &'a str,
    /// The facility's name.
    pub facility: &'a str,
}

impl Login {
    /// Whether there is an administrator.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn is_set_up(&self, now: Timestamp) -> Result<bool, Error> {
        if self.set_up.load(Relaxed) {
            return Ok(true);
        }
        let done = self.setup_item(now)?.value.done;
        self.set_up.store(done, Relaxed);
        Ok(done)
    }

    /// That there is an administrator now, to be written with what made them one; `None` where that is known already.
    pub(crate) fn becomes_set_up(&self, roles: &[String], now: Timestamp) -> Result<Option<Change>, Error> {
        if !roles.iter().any(|role| role == ADMINISTRATOR) || self.is_set_up(now)? {
            return Ok(None);
        }
        let mut setup = self.setup_item(now)?;
        setup.value = Setup { token: None, done: true };
        setup.put(Kind::Setup, Vec::new()).map(Some)
    }

    fn setup_item(&self, now: Timestamp) -> Result<Kept<Setup>, Error> {
        let kept = self.get(Kind::Setup, ID, now)?;
        Ok(kept.unwrap_or_else(|| Kept::new(ID.to_vec(), None, Setup::default())))
    }

    /// A new set-up token, in place of any before; `None` where there is an administrator.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn setup_token(&self, now: Timestamp) -> Result<Option<Token>, Error> {
        if self.is_set_up(now)? {
            return Ok(None);
        }
        let mut kept = self.setup_item(now)?;
        let token = mint()?;
        kept.value.token = token_id(token.reveal()).map(|hash| hex(&hash));
        self.store.change_items(vec![kept.put(Kind::Setup, Vec::new())?], None)?;
        Ok(Some(token))
    }

    /// Makes the first administrator and the first facility, and begins to set up the second factor.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong token, [`Error::Ended`] where there is an administrator already.
    pub fn set_up(&self, first: &First<'_>, visit: &Visit) -> Result<Token, Error> {
        if self.is_set_up(visit.now)? {
            return Err(Error::Ended);
        }
        self.count_try(&Counters::of("setup", visit), visit.now)?;
        let mut setup = self.setup_item(visit.now)?;
        let typed = token_id(first.token.trim()).map(|hash| hex(&hash)).unwrap_or_default();
        if !setup.value.token.as_deref().is_some_and(|kept| same(kept, &typed)) {
            self.store.witness(visit.entry(Realm::Admin, None, "set-up", Outcome::Refused))?;
            return Err(Error::Denied);
        }
        let name = checked_name(first.name)?;
        let email = email(first.email)?;
        let password = Password::new(first.password);
        password.check(WITH_SECOND_FACTOR, &[&name, first.email, first.facility])?;
        let (facility, founded) = founded(first.facility)?;
        let hash = self.hasher.hash(&password, random()?)?;
        let mut account = Account::new(name, vec![email], hash, visit.now)?;
        account.admin = Some(AdminIdentity { roles: vec![ADMINISTRATOR.into()] });
        setup.value = Setup { token: None, done: true };
        let kept = Kept::of(account);
        let changes = vec![setup.put(Kind::Setup, Vec::new())?, founded, kept.write()?];
        let mut entry = visit.entry(Realm::Admin, Some(&kept.value), "set-up", Outcome::Done);
        entry.shape = format!("facility {}", facility.id);
        match self.store.change_items(changes, Some(entry)) {
            Err(store::error::Error::Stale) => return Err(Error::Ended),
            outcome => outcome?,
        }
        self.start_enrolment(&kept.value, Realm::Admin, None, visit)
    }
}

/// An e-mail address that staff may be known by.
pub(crate) fn email(typed: &str) -> Result<Identifier, Error> {
    match Identifier::contact(typed, &crate::identifier::Rules::default()) {
        Some(email @ Identifier::Email(_)) => Ok(email),
        _ => Err(Error::Invalid { field: "email", text: "enter an e-mail address such as name@example.org" }),
    }
}
