//! Signing in by an outside OpenID provider, where the settings name one: <https://openid.net/specs/openid-connect-core-1_0.html>,
//! authorization code with PKCE, `state` and `nonce`.
//!
//! This room does not call out: a door fetches what it is told to ([`Provider::discovery`], [`Exchange`]) while no transaction is
//! open, and hands the bytes in. Whatever a provider says, it is asked on its own origin alone.
//!
//! A provider's person is an account only after that account's owner, signed in and just stepped up, came back from the provider
//! as that person. An e-mail address of a provider is never looked at. A journey is an attempt: ten minutes, one answer.

mod journey;
mod keys;
mod token;

pub use journey::{Answer, Exchange, Started};
pub(crate) use journey::{Journey, encoded};

use crate::{
    Login,
    account::Account,
    attempt::{Attempt, Stage, Step},
    error::Error,
    kept::{Kept, hex, sha256},
    notice::Notice,
    realm::Realm,
    session::{FRESH, Who},
    visit::Visit,
};
use access::audit::{Entry, Outcome};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{error::Error as StoreError, items::Kind};
use zeroize::Zeroizing;

/// The most links of one account.
const MOST: usize = 10;

/// A provider, as the settings name it.
#[derive(Clone)]
pub struct Provider {
    /// Its short name, in addresses and the audit log.
    pub name: String,
    /// What people read on its button.
    pub label: String,
    /// Its issuer, to the letter.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// Our secret there; without one, PKCE alone proves who asks.
    pub secret: Option<Zeroizing<String>>,
    /// The realms that it is offered in.
    pub realms: Vec<Realm>,
    /// Values of `amr`, each of which says that a second factor was proven there.
    pub amr: Vec<String>,
    /// Values of `acr`, each of which says the same.
    pub acr: Vec<String>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "provider {}, sealed", self.name)
    }
}

impl Provider {
    /// Whether it can be asked at all: `https` with a name, or this machine, for tests.
    ///
    /// # Errors
    /// What to mend.
    pub fn check(&self) -> Result<(), &'static str> {
        let letters =
            |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if self.name.is_empty() || self.name.len() > 32 || !letters(&self.name) {
            return Err("a provider's name is 1 to 32 lower-case letters, digits and hyphens");
        }
        if origin(&self.issuer).is_none() || self.issuer.contains(['?', '#']) {
            return Err("`issuer` is an address such as https://id.example.org/realms/staff");
        }
        if self.client_id.is_empty() || self.label.is_empty() || self.label.chars().count() > 60 {
            return Err("a provider needs `client_id`, and a `label` of at most 60 characters");
        }
        if self.realms.is_empty() { Err("`realms` names some of patient, clinic and admin") } else { Ok(()) }
    }

    /// Where it says how it is asked.
    pub fn discovery(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))
    }

    /// Scheme, host and port of its issuer; empty where it cannot be asked.
    pub fn origin(&self) -> &str {
        origin(&self.issuer).unwrap_or_default()
    }

    /// Whether what it said means that a second factor was proven there.
    fn is_strong(&self, said: &token::Said) -> bool {
        said.acr.as_ref().is_some_and(|acr| self.acr.contains(acr))
            || said.amr.iter().any(|amr| self.amr.contains(amr))
    }
}

/// Scheme, host and port of an address that may be asked: `https`, or `http` on this machine.
pub(crate) fn origin(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..end];
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
    let sane = !host.is_empty() && host.bytes().all(plain) && address.bytes().all(|b| b.is_ascii_graphic());
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() => name,
        _ => host,
    };
    let allowed = match scheme {
        "https" => true,
        "http" => ["localhost", "127.0.0.1", "[::1]"].contains(&name),
        _ => false,
    };
    (sane && allowed && !address.contains('\\')).then(|| &address[..scheme.len() + 3 + end])
}

/// A person of a provider, whom an account's owner has shown to be themselves.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The provider's name when it was linked.
    pub provider: String,
    /// Since when.
    pub added: Timestamp,
    issuer: String,
    subject: String,
}

impl std::fmt::Debug for Linked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Linked {
    /// By which it is found, and removed.
    pub fn handle(&self) -> String {
        handle(&self.issuer, &self.subject)
    }
}

fn handle(issuer: &str, subject: &str) -> String {
    format!("provider:{}", hex(&sha256(&[issuer.as_bytes(), subject.as_bytes()])))
}

impl Login {
    /// The providers of a realm.
    pub fn providers(&self, realm: Realm) -> impl Iterator<Item = &Provider> {
        self.settings.providers.iter().filter(move |provider| provider.realms.contains(&realm))
    }

    pub(crate) fn provider(&self, realm: Realm, name: &str) -> Result<&Provider, Error> {
        let text = "there is no such way to sign in here; use your password";
        self.providers(realm).find(|provider| provider.name == name).ok_or(Error::Unsupported(text))
    }

    /// Signs in whoever the provider says came back.
    ///
    /// # Errors
    /// [`Error::Outside`] where the provider's answer does not hold; [`Error::Denied`] where nobody here is that person, or may not
    /// come in.
    pub fn federated(
        &self,
        exchange: &Exchange,
        tokens: &[u8],
        keys: &[u8],
        visit: &Visit,
    ) -> Result<Step, Error> {
        let (journey, realm) = (exchange.journey(), exchange.realm());
        if journey.account.is_some() {
            return Err(Error::Ended);
        }
        let said = self.said(exchange, tokens, keys, visit)?;
        let found: Option<Kept<Account>> =
            self.find(Kind::Account, &handle(&exchange.provider.issuer, &said.subject), visit.now)?;
        let place = found.as_ref().and_then(|found| self.place(&found.value, realm, "", visit));
        let (Some(account), Some(facility)) = (&found, place) else {
            let account = found.as_ref().map(|found| &found.value);
            self.store.witness(exchange.entry(account, "nobody here", Outcome::Refused, visit))?;
            return Err(Error::Denied);
        };
        let is_strong = exchange.provider.is_strong(&said);
        if !is_strong && account.value.has_second_factor() {
            let stage = Stage::SecondFactor { account: account.value.id.clone() };
            let (attempt, token) =
                self.attempt(Attempt::new(realm, facility, stage).of(&account.value), visit.now)?;
            let entry = exchange.entry(Some(&account.value), "second factor follows", Outcome::Done, visit);
            self.store.change_items(vec![attempt.write()?], Some(entry))?;
            return Ok(Step::SecondFactor(token));
        }
        if !is_strong && (realm.always_second_factor() || !account.value.single_factor) {
            return self.start_enrolment(&account.value, realm, facility, visit).map(Step::Enrol);
        }
        let mut account = account.clone();
        let proven = is_strong.then(|| proven_at(said.proven, visit.now));
        let opening = self.open_session(&mut account.value, realm, facility, proven, visit)?;
        let mut changes = opening.changes;
        changes.push(account.write()?);
        let entry = exchange.entry(Some(&account.value), "sign-in", Outcome::Done, visit);
        self.store.change_items(changes, Some(entry))?;
        Ok(Step::In(opening.signed))
    }

    /// Links the provider's person who came back to the account whose owner went there, and who is signed in and stepped up.
    ///
    /// # Errors
    /// [`Error::Ended`] where somebody else is signed in now; [`Error::StepUp`]; [`Error::Invalid`] where that person is linked
    /// already.
    pub fn link_federated(
        &self,
        who: &Who,
        exchange: &Exchange,
        tokens: &[u8],
        keys: &[u8],
        visit: &Visit,
    ) -> Result<(), Error> {
        who.require_step_up(FRESH, visit.now)?;
        let mine = exchange.journey().account.as_ref() == Some(&who.account.id);
        if !mine || exchange.realm() != who.realm || !exchange.fits(&who.account) {
            return Err(Error::Ended);
        }
        let said = self.said(exchange, tokens, keys, visit)?;
        let linked = Linked {
            provider: exchange.provider.name.clone(),
            added: visit.now,
            issuer: exchange.provider.issuer.clone(),
            subject: said.subject,
        };
        let taken = Error::Invalid {
            field: "provider",
            text: "that account is linked already, to you or to somebody else",
        };
        let mut kept = who.kept.clone();
        if kept.value.linked.len() >= MOST || kept.value.linked.iter().any(|l| l.handle() == linked.handle())
        {
            return Err(taken);
        }
        kept.value.linked.push(linked);
        let text = format!("You can sign in with {} now", exchange.provider.label);
        let changes = vec![kept.write()?, Notice { at: visit.now, text }.write(&who.account.id)?];
        let entry = exchange.entry(Some(&who.account), "linked", Outcome::Done, visit);
        match self.store.change_items(changes, Some(entry)) {
            Err(StoreError::Taken) => Err(taken),
            outcome => Ok(outcome?),
        }
    }

    /// Takes a link away, by its handle.
    ///
    /// # Errors
    /// [`Error::StepUp`]; [`Error::Ended`] where there is none.
    pub fn unlink_federated(&self, who: &Who, handle: &str, visit: &Visit) -> Result<(), Error> {
        who.require_step_up(FRESH, visit.now)?;
        let mut kept = who.kept.clone();
        kept.value.linked.retain(|linked| linked.handle() != handle);
        if kept.value.linked.len() == who.account.linked.len() {
            return Err(Error::Ended);
        }
        let text = "A way to sign in by another provider was removed".to_owned();
        let changes = vec![kept.write()?, Notice { at: visit.now, text }.write(&who.account.id)?];
        let entry = visit.entry(who.realm, Some(&who.account), "provider unlinked", Outcome::Done);
        Ok(self.store.change_items(changes, Some(entry))?)
    }

    /// Whom the provider's answer speaks of. What does not hold is an entry of the log.
    fn said(
        &self,
        exchange: &Exchange,
        tokens: &[u8],
        keys: &[u8],
        visit: &Visit,
    ) -> Result<token::Said, Error> {
        let said = exchange.read(tokens, keys, visit.now);
        said.or_else(|fault| {
            self.store.witness(exchange.entry(None, &fault.to_string(), Outcome::Refused, visit))?;
            Err(Error::Outside("the other provider's answer did not hold; try again, or use your password"))
        })
    }
}

/// When the second factor counts as proven: when the provider says it was; else long enough ago that it is asked for again before
/// what matters most.
fn proven_at(said: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let stale = FRESH.saturating_add(SignedDuration::from_secs(1));
    said.unwrap_or_else(|| now.saturating_sub(stale).unwrap_or(now))
}

impl Exchange {
    fn entry(&self, account: Option<&Account>, what: &str, outcome: Outcome, visit: &Visit) -> Entry {
        let mut entry = visit.entry(self.realm(), account, "federated sign-in", outcome);
        entry.shape = format!("{} by {}: {what}", self.realm().name(), self.provider.name);
        entry
    }
}

#[cfg(test)]
mod tests;
