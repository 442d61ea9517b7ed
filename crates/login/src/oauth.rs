//! Apps: the authorization server of [OAuth 2.1](https://datatracker.ietf.org/doc/draft-ietf-oauth-v2-1/) and
//! [SMART App Launch 2.2](https://hl7.org/fhir/smart-app-launch/STU2.2/).
//!
//! An app is a [`client`]; an administrator approves it. A person lets it in ([`authorize`], [`consent`]), which makes a
//! [`connection`]; the app gets tokens for it ([`token`]), and each request asks whether they still hold ([`bearer`]). What an app
//! may do is never more than what the person behind it may do at that moment.
//!
//! Nothing here fetches an address, holds a shared secret, or answers to an address that was not registered.

pub mod assertion;
mod authenticate;
pub mod authorize;
pub mod bearer;
pub mod client;
pub mod connection;
pub mod consent;
pub mod delivery;
pub mod discovery;
pub mod error;
mod id_token;
mod inspect;
pub mod jwk;
pub mod launch;
pub(crate) mod meaning;
pub mod params;
mod person;
mod pkce;
mod redirect;
mod signing;
pub mod token;
pub mod wanted;

use crate::{Login, account::Account, realm::Realm, visit::Visit};
use access::{
    act::{Act, Actor, Purpose},
    audit::{Entry, Outcome},
    scope::Scope,
};
use client::Client;
use jiff::SignedDuration;
use std::sync::Arc;
use wanted::Wanted;

/// What apps are told, and for how long they get in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who we are: scheme, host and port, without a slash at the end.
    pub issuer: String,
    /// The address of the FHIR API, without a slash at the end.
    pub base: String,
    /// How long an access token is good: 5 to 60 minutes.
    pub access: SignedDuration,
    /// How long an app may stay away that comes back by itself.
    pub offline: SignedDuration,
    /// Whether the record can keep to a scope's refinement. What it cannot keep to is granted to nobody.
    pub refines: Refines,
}

/// What says whether the record can keep to the refinement of a scope.
#[derive(Clone)]
pub struct Refines(Arc<dyn Fn(&Scope) -> bool + Send + Sync>);

impl Refines {
    /// Asks the record.
    pub fn by(asked: impl Fn(&Scope) -> bool + Send + Sync + 'static) -> Refines {
        Refines(Arc::new(asked))
    }
}

impl Default for Refines {
    /// Nothing can be kept to where nobody can be asked.
    fn default() -> Refines {
        Refines::by(|scope| !scope.is_refined())
    }
}

impl std::fmt::Debug for Refines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("asks the record")
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            issuer: "http://localhost".into(),
            base: "http://localhost/fhir/R4".into(),
            access: SignedDuration::from_mins(15),
            offline: SignedDuration::from_hours(24 * 90),
            refines: Refines::default(),
        }
    }
}

impl Settings {
    /// For a server whose FHIR API is at `base`.
    #[must_use]
    pub fn at(base: &str) -> Settings {
        let base = base.trim_end_matches('/').to_owned();
        let after = base.split_once("://").map_or(0, |(scheme, _)| scheme.len() + 3);
        let end = base.get(after..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| after + at);
        Settings { issuer: base.get(..end).unwrap_or_default().to_owned(), base, ..Settings::default() }
    }

    /// How long an access token is good, whatever was set.
    fn access(&self) -> SignedDuration {
        self.access.clamp(SignedDuration::from_mins(5), SignedDuration::from_mins(60))
    }

    /// The token endpoint, which a client's assertions must be made for.
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth/token", self.issuer)
    }
}

impl Login {
    /// Without scopes whose refinement the record could not keep to.
    fn kept_to(&self, mut wanted: Wanted) -> Wanted {
        wanted.records.retain(|scope| (self.oauth().refines.0)(scope));
        wanted
    }

    fn oauth(&self) -> &Settings {
        &self.settings.oauth
    }
}

/// An entry of the audit log about an app, and the person behind it where there is one.
fn entry(
    visit: &Visit,
    client: &Client,
    person: Option<(&Account, Realm)>,
    operation: &str,
    outcome: Outcome,
) -> Entry {
    let (id, name) = match person {
        Some((account, _)) => (account.id.clone(), account.name.clone()),
        None => (client.id.clone(), client.name.clone()),
    };
    let actor = Actor { id, name, role: "app".into(), scopes: Vec::new(), patient: None, standing: None };
    let purpose = person.map_or(Purpose::Treat, |(_, realm)| realm.purpose());
    let act = Act { actor, purpose, request: visit.request.clone(), at: visit.now, looks: false };
    Entry::new(&act, operation, format!("app {}", client.id), outcome)
}
