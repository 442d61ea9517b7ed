//! Apps that follow changes: as whom they are told, how far they have been, and the key that notices are signed with.
//!
//! An app of its own keys may ask for a token with all that it was registered for at any moment, so that is what it is told of, too: never
//! more, and nothing once it is revoked.

use super::bearer::Holder;
use crate::{
    Login,
    error::Error,
    kept::{Kept, read},
};
use access::act::Actor;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{error::Error as StoreError, items::Kind};

/// A notice on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// Its id, the same where it is sent again.
    pub id: String,
    /// Up to which change it tells.
    pub until: i64,
    /// Of which versions: what was signed for it.
    pub digest: Vec<u8>,
}

/// How far one subscription has been served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The Subscription's id.
    pub subscription: String,
    /// The version of it that is served.
    pub version: i64,
    /// Whether the other side has answered a first notice.
    pub is_greeted: bool,
    /// Up to which change it has been told.
    pub position: i64,
    /// How many events it has been told of.
    pub events: u64,
    /// What is being sent.
    pub sending: Option<Sending>,
    /// How often that was tried in vain.
    pub tries: u32,
    /// Since when nothing arrives.
    pub failing: Option<Timestamp>,
    /// Not before that.
    pub next: Option<Timestamp>,
}

impl Delivery {
    /// One that has told nothing, of changes after that one.
    pub fn new(subscription: &str, version: i64, position: i64) -> Delivery {
        Delivery {
            subscription: subscription.to_owned(),
            version,
            is_greeted: false,
            position,
            events: 0,
            sending: None,
            tries: 0,
            failing: None,
            next: None,
        }
    }
}

/// A delivery as it is kept: of two nodes that write it at once, one finds out.
pub struct Tracked {
    /// How far it is.
    pub delivery: Delivery,
    version: i64,
}

impl Tracked {
    /// One that is not kept yet.
    pub fn new(delivery: Delivery) -> Tracked {
        Tracked { delivery, version: 0 }
    }

    fn kept(&self) -> Kept<Delivery> {
        let id = self.delivery.subscription.clone().into_bytes();
        Kept { version: self.version, ..Kept::new(id, None, self.delivery.clone()) }
    }
}

impl Login {
    /// As whom a backend app is told of changes; `None` where it is not approved.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn subscriber(&self, client: &str, now: Timestamp) -> Result<Option<Actor>, Error> {
        let client = self.approved(client, now)?.filter(|client| client.backend);
        Ok(client.map(|client| {
            let scopes = client.most().records;
            let scope = String::new();
            let holder =
                Holder { client, person: None, scopes, patient: None, glass: None, scope, until: None };
            holder.actor(&|_: &str| None)
        }))
    }

    /// All deliveries.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn deliveries(&self, now: Timestamp) -> Result<Vec<Tracked>, Error> {
        let (mut all, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = self.store.items(Kind::Delivery, &after, 100, now)?;
            for item in items {
                let Kept { version, value, .. } = read::<Delivery>(item)?;
                all.push(Tracked { delivery: value, version });
            }
            let Some(next) = next else { return Ok(all) };
            after = next;
        }
    }

    /// Writes down how far it is. `false`: another node was quicker, and nothing was written.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn keep_delivery(&self, tracked: &mut Tracked) -> Result<bool, Error> {
        let put = tracked.kept().put(Kind::Delivery, Vec::new())?;
        match self.store.change_items(vec![put], None) {
            Ok(()) => {
                tracked.version += 1;
                Ok(true)
            }
            Err(StoreError::Stale) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends a delivery; another node may have done so.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn end_delivery(&self, tracked: &Tracked) -> Result<(), Error> {
        match self.store.change_items(vec![tracked.kept().remove(Kind::Delivery)], None) {
            Ok(()) | Err(StoreError::Stale) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Signs what `message` makes of the name of the house's key, whose public half stands at `/oauth/jwks` (ES384).
    ///
    /// # Errors
    /// Where the store fails, or the key cannot be used.
    pub fn sign_outside<T: AsRef<[u8]>>(
        &self,
        now: Timestamp,
        message: impl FnOnce(&str) -> T,
    ) -> Result<Vec<u8>, Error> {
        let (kid, key) = self.signer(now)?;
        key.sign(message(&kid).as_ref()).map_err(|error| Error::Fault(Box::new(error)))
    }
}
