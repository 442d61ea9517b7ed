//! [Subscription](https://hl7.org/fhir/R4/subscription.html): an app asks to be told when resources change that it may see.
//!
//! An app that is registered here as a backend service stores one; the house shakes hands with its address, sets the status to `active`, and
//! from then on tells it of every new or changed resource that meets the criteria and is within the app's reach at that moment. What is told
//! is signed into the log like everything that leaves. Which app it is, the house writes into the resource itself ([`SUBSCRIBER`]), in the same
//! transaction: nobody can make the house send what another app may see.
//!
//! Who sends, and how it is signed, is the door's affair; here stand what an order says and what there is to tell.

mod due;
pub mod notice;
mod order;

pub use due::Due;
pub use order::{Payload, Wanted};

use crate::{
    Record,
    change::{Change, DoneKind, Wish},
    error::Error,
    search::{name, parse as parse_query, stored_value},
};
use access::{
    act::{Act, Actor, Purpose},
    decide::Wish as Asked,
    scope::Permission,
};
use fhir::time;
use jiff::Timestamp;
use order::text;
use serde_json::{Value, json};
use store::{
    read::Stored,
    select::{Order, Select, Test},
};

/// The extension by which a Subscription names the app that it is for. The house writes it, whatever the sender says.
pub const SUBSCRIBER: &str = "urn:keepwell:extension:subscriber";

/// The role of apps that come by themselves.
const APP: &str = "system";

/// The most subscriptions that are looked through at once.
const MOST: usize = 1_000;

/// A Subscription as the house serves it.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// The number of the change that wrote it.
    pub seq: i64,
    /// Its status.
    pub status: String,
    /// The app that stored it; `None` where it was none that is registered here.
    pub subscriber: Option<String>,
    resource: Value,
}

impl Subscription {
    /// Whether it wants to be served.
    pub fn is_on(&self) -> bool {
        ["requested", "active"].contains(&self.status.as_str())
    }

    /// What it asks for.
    ///
    /// # Errors
    /// What to mend, in words for its owner.
    pub fn wanted(&self, hosts: &[String]) -> Result<Wanted, String> {
        order::wanted(&self.resource, hosts).map_err(|issue| issue.diagnostics)
    }
}

/// The app that acts, where it is one that comes by itself.
fn app(act: &Act) -> Option<&str> {
    (act.actor.role == APP && act.actor.standing.is_none()).then_some(act.actor.id.as_str())
}

/// Whether somebody may change or remove what is there: an app changes and removes its own alone.
///
/// # Errors
/// [`Error::Refused`] where it is another app's.
pub(crate) fn may_touch(act: &Act, before: Option<&Value>) -> Result<(), Error> {
    match (before.and_then(subscriber), app(act)) {
        (Some(theirs), Some(app)) if theirs != app => Err(Error::Refused),
        _ => Ok(()),
    }
}

/// A Subscription as it is stored for somebody: with the app that it is for, and nobody else's name.
///
/// # Errors
/// [`Error::Unprocessable`] where an app asks for what this server cannot do, which is told at once.
pub(crate) fn stamped(record: &Record, act: &Act, resource: &mut Value) -> Result<(), Error> {
    let app = app(act);
    if let Some(members) = resource.as_object_mut() {
        let mut kept: Vec<Value> = match members.remove("extension") {
            Some(Value::Array(all)) => {
                all.into_iter().filter(|extension| extension["url"] != SUBSCRIBER).collect()
            }
            _ => Vec::new(),
        };
        kept.extend(app.map(|app| json!({"url": SUBSCRIBER, "valueString": app})));
        if !kept.is_empty() {
            members.insert("extension".into(), Value::Array(kept));
        }
    }
    let is_on = ["requested", "active"].contains(&text(&resource["status"]));
    if app.is_some() && is_on {
        let bad = |issue| Error::Unprocessable(vec![issue]);
        let wanted = order::wanted(resource, &record.settings.notify_hosts).map_err(bad)?;
        record.ready(&wanted.resource_type, &parse_query(&wanted.query)?, false)?;
    }
    Ok(())
}

fn subscriber(resource: &Value) -> Option<&str> {
    let mut extensions = resource["extension"].as_array()?.iter();
    extensions.find(|extension| extension["url"] == SUBSCRIBER)?["valueString"].as_str()
}

/// Why a status is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set<'a> {
    /// It is served.
    Active,
    /// It is not, and why, in words for its owner.
    Error(&'a str),
    /// It has ended.
    Off,
}

impl Record {
    /// The hosts that notices may be sent to.
    pub fn notify_hosts(&self) -> &[String] {
        &self.settings.notify_hosts
    }

    /// The Subscriptions of which the newest change lies after the one and not after the other. For the house alone, which carries them out:
    /// nobody sees them here.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn subscriptions(&self, at: Timestamp, after: i64, until: i64) -> Result<Vec<Subscription>, Error> {
        let resource_type = "Subscription".to_owned();
        self.orders(at, Test::Changed { resource_type, after, until })
    }

    /// One Subscription as it is now, where it is there.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn subscription(&self, at: Timestamp, id: &str) -> Result<Option<Subscription>, Error> {
        let test = Test::Id { resource_type: "Subscription".into(), id: id.to_owned() };
        Ok(self.orders(at, test)?.into_iter().next())
    }

    fn orders(&self, at: Timestamp, test: Test) -> Result<Vec<Subscription>, Error> {
        let wish = Asked { permission: Permission::Search, resource_type: Some("Subscription") };
        let grant = self.grant(&house(at), wish).map_err(|_| Error::Refused)?;
        let mut select = Select {
            resource_type: "Subscription".into(),
            tests: vec![test],
            order: Order::Stored,
            after: None,
            newest_rid: i64::MAX,
            limit: MOST,
        };
        let mut all = Vec::new();
        loop {
            let found = self.store.search(&grant, &select)?;
            let found = found.peek();
            for (_, stored) in &found.rows {
                all.push(read(stored)?);
            }
            select.after = found.rows.last().map(|(position, _)| *position);
            if !found.more || found.rows.is_empty() {
                return Ok(all);
            }
        }
    }

    /// Sets the status of a Subscription that is of that version still; its new version, or none where it has changed meanwhile.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn set_subscription(
        &self,
        at: Timestamp,
        order: &Subscription,
        set: Set<'_>,
    ) -> Result<Option<i64>, Error> {
        let mut resource = order.resource.clone();
        let members = resource.as_object_mut().ok_or(Error::NotFound)?;
        let (status, why) = match set {
            Set::Active => ("active", None),
            Set::Error(why) => ("error", Some(why)),
            Set::Off => ("off", None),
        };
        members.insert("status".into(), status.into());
        members.remove("error");
        members.extend(why.map(|why| ("error".to_owned(), Value::from(why))));
        let change = Change::from(Wish::Update {
            resource_type: "Subscription".into(),
            id: Some(order.id.clone()),
            query: None,
            resource,
            if_match: Some(order.version),
            if_none_match: false,
        });
        match self.commit_by(&house(at), "subscription", &[change], true) {
            Ok(done) => {
                Ok(done.first().filter(|done| done.kind == DoneKind::Updated).map(|done| done.version))
            }
            Err(Error::Precondition(_) | Error::Conflict(_) | Error::NotFound | Error::Gone { .. }) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

fn read(stored: &Stored) -> Result<Subscription, Error> {
    let mut resource = stored_value(stored)?;
    // The house's own: they are written anew with each version.
    if let Some(members) = resource.as_object_mut() {
        members.remove("meta");
    }
    Ok(Subscription {
        id: name(&stored.body).1,
        version: stored.version,
        seq: stored.seq,
        status: text(&resource["status"]).to_owned(),
        subscriber: subscriber(&resource).map(str::to_owned),
        resource,
    })
}

/// The house itself, about Subscriptions and nothing else.
fn house(at: Timestamp) -> Act {
    Act {
        actor: Actor {
            id: "house".into(),
            name: "Keepwell".into(),
            role: "house".into(),
            scopes: "system/Subscription.rus".parse().into_iter().collect(),
            patient: None,
            standing: None,
        },
        purpose: Purpose::Sysadmin,
        request: "subscriptions".into(),
        at,
        looks: false,
    }
}

/// An instant as FHIR writes it.
pub(crate) fn instant(at: Timestamp) -> String {
    time::render_instant(at.as_microsecond())
}
