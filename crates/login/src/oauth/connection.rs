//! What one person has allowed one app. All tokens of it hang on it: where it is gone, they are dead, at the next request and on
//! every node.

use super::{entry, wanted::Wanted};
use crate::{Login, error::Error, kept::Kept, realm::Realm, session::Who, visit::Visit};
use access::audit::Outcome;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    error::Error as StoreError,
    items::{Change, Kind},
};

/// As it is kept. Ids begin with the account's, so that an account's connections stand together.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub(crate) client: String,
    pub(crate) account: String,
    pub(crate) realm: Realm,
    pub(crate) facility: Option<String>,
    pub(crate) patient: Option<String>,
    pub(crate) scope: String,
    pub(crate) created: Timestamp,
    /// When it last got a token; never, where its code has not been exchanged yet.
    pub(crate) seen: Option<Timestamp>,
    /// The session that it is bound to, where it may come back only while the person is signed in.
    pub(crate) session: Option<Vec<u8>>,
    /// When the person was asked.
    pub(crate) asked: Timestamp,
    pub(crate) nonce: Option<String>,
}

impl Connection {
    pub(crate) fn wanted(&self) -> Wanted {
        Wanted::parse(&self.scope).unwrap_or_default()
    }
}

impl Kept<Connection> {
    pub(crate) fn write(&self) -> Result<Change, Error> {
        self.put(Kind::Connection, Vec::new())
    }
}

/// An app that somebody let in, as they see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedApp {
    /// The app's id, by which it is disconnected.
    pub client: String,
    /// What it calls itself.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// When it last got a token.
    pub seen: Timestamp,
    /// What it may do, in sentences.
    pub may: Vec<String>,
}

impl Login {
    /// The apps that somebody let in in this realm, the latest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn connected_apps(&self, who: &Who, now: Timestamp) -> Result<Vec<ConnectedApp>, Error> {
        let mut apps: Vec<ConnectedApp> = Vec::new();
        for connection in self.connections(who, now)? {
            let Some(seen) = connection.value.seen else { continue };
            let value = connection.value;
            let Some(client) = self.approved(&value.client, now)? else { continue };
            let may = super::consent::sentences(&value.wanted(), value.realm == Realm::Patient);
            match apps.iter_mut().find(|app| app.client == value.client) {
                Some(app) => {
                    (app.since, app.seen) = (app.since.min(value.created), app.seen.max(seen));
                    app.may
                        .extend(may.into_iter().filter(|text| !app.may.contains(text)).collect::<Vec<_>>());
                }
                None => apps.push(ConnectedApp {
                    client: client.id,
                    name: client.name,
                    since: value.created,
                    seen,
                    may,
                }),
            }
        }
        apps.sort_by_key(|app| std::cmp::Reverse(app.seen));
        Ok(apps)
    }

    /// Takes back what somebody allowed an app in this realm, all of it.
    ///
    /// # Errors
    /// [`Error::Ended`] where there is nothing to take back.
    pub fn disconnect(&self, who: &Who, client: &str, visit: &Visit) -> Result<(), Error> {
        let all = self.connections(who, visit.now)?.into_iter();
        let all: Vec<Kept<Connection>> = all.filter(|connection| connection.value.client == client).collect();
        let known = self.client(client, visit.now)?.map(|kept| kept.value);
        let client = known.filter(|_| !all.is_empty()).ok_or(Error::Ended)?;
        for connection in all {
            let entry =
                entry(visit, &client, Some((&who.account, who.realm)), "app disconnected", Outcome::Done);
            self.end_connection(connection, entry)?;
        }
        Ok(())
    }

    fn connections(&self, who: &Who, now: Timestamp) -> Result<Vec<Kept<Connection>>, Error> {
        let all: Vec<Kept<Connection>> = self.of_account(Kind::Connection, &who.account.id, now)?;
        Ok(all.into_iter().filter(|connection| connection.value.realm == who.realm).collect())
    }

    pub(crate) fn connection(&self, id: &[u8], now: Timestamp) -> Result<Option<Kept<Connection>>, Error> {
        self.get(Kind::Connection, id, now)
    }

    /// Ends a connection, also where it is being used at the same moment.
    pub(crate) fn end_connection(
        &self,
        connection: Kept<Connection>,
        entry: access::audit::Entry,
    ) -> Result<(), Error> {
        let mut next = Some(connection);
        for _ in 0..8 {
            let Some(connection) = next else { return Ok(()) };
            match self.store.change_items(vec![connection.remove(Kind::Connection)], Some(entry.clone())) {
                Err(StoreError::Stale) => next = self.connection(&connection.id, Timestamp::MIN)?,
                outcome => return Ok(outcome?),
            }
        }
        Err(Error::Busy("the app is being used at this moment; try again".into()))
    }
}
