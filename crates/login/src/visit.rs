//! What is known of a request before anybody is signed in, and the audit entries that are made of it.

use crate::{account::Account, realm::Realm};
use access::act::{Act, Actor};
use access::audit::{Entry, Outcome};
use jiff::Timestamp;

/// One request: when, under which id, from where, with which browser.
#[derive(Clone)]
pub struct Visit {
    /// When.
    pub now: Timestamp,
    /// The correlation id.
    pub request: String,
    /// The network address that it came from; empty where it is not known.
    pub address: String,
    /// What the browser calls itself, for the list of devices.
    pub browser: String,
    /// The token by which this browser is known, if it has been here before.
    pub device: Option<String>,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sealed, request {}", self.request)
    }
}

impl Visit {
    /// The longest name of a browser that is kept.
    const BROWSER: usize = 200;

    /// What the browser calls itself, cut.
    pub(crate) fn browser(&self) -> String {
        self.browser.chars().filter(|c| !c.is_control()).take(Visit::BROWSER).collect()
    }

    /// An entry about somebody; without an account about somebody who is not known.
    pub(crate) fn entry(
        &self,
        realm: Realm,
        account: Option<&Account>,
        operation: &str,
        outcome: Outcome,
    ) -> Entry {
        let (id, name) = account.map_or(("unknown", ""), |account| (&account.id, &account.name));
        let actor = Actor {
            id: id.to_owned(),
            name: name.to_owned(),
            role: realm.name().to_owned(),
            scopes: Vec::new(),
            patient: None,
            standing: None,
        };
        let act = Act {
            actor,
            purpose: realm.purpose(),
            request: self.request.clone(),
            at: self.now,
            looks: false,
        };
        Entry::new(&act, operation, realm.name(), outcome)
    }
}
