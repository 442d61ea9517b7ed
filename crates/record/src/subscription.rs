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

pub use due::Due;

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
use fhir::{
    outcome::{Issue, IssueCode},
    query::result::ResultParameters,
    time,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{
    read::Stored,
    select::{Order, Select, Test},
};

/// The extension by which a Subscription names the app that it is for. The house writes it, whatever the sender says.
pub const SUBSCRIBER: &str = "urn:keepwell:extension:subscriber";

/// How the [Subscriptions R5 Backport](https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/) says how much a notice holds.
const CONTENT: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";

/// The role of apps that come by themselves, and the word of the log for what they are told.
const APP: &str = "system";

/// The most subscriptions that are looked through at once.
const MOST: usize = 1_000;

/// How much a notice holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// That something changed.
    Empty,
    /// Type and id of what changed.
    IdOnly,
    /// The resources themselves.
    Full,
}

/// What an order asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The type that is followed.
    pub resource_type: String,
    /// Which of them: a query string, perhaps empty.
    pub query: String,
    /// Where notices go.
    pub endpoint: String,
    /// How much they hold.
    pub payload: Payload,
    /// When it ends.
    pub until: Option<Timestamp>,
}

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
        wanted(&self.resource, hosts).map_err(|issue| issue.diagnostics)
    }
}

/// Reads an order. `hosts` are those that the house may send to.
fn wanted(resource: &Value, hosts: &[String]) -> Result<Wanted, Issue> {
    let no =
        |at: &str, text: String| Issue::error(IssueCode::NotSupported, text).at(format!("Subscription.{at}"));
    let channel = &resource["channel"];
    if channel["type"] != "rest-hook" {
        return Err(no("channel.type", "this server sends to channels of the type `rest-hook` alone".into()));
    }
    if channel.get("header").is_some() {
        let text = "headers are not sent, and a secret in one would be kept here: notices are signed instead (RFC 9421), leave `header` out";
        return Err(no("channel.header", text.into()));
    }
    let payload = payload(channel).ok_or_else(|| {
        let text = "the payload is application/fhir+json, with the content empty, id-only or full-resource, or is left out";
        no("channel.payload", text.into())
    })?;
    let endpoint = text(&channel["endpoint"]);
    may_be_sent_to(endpoint, hosts).map_err(|text| no("channel.endpoint", text))?;
    let (resource_type, query) =
        criteria(text(&resource["criteria"])).map_err(|text| no("criteria", text))?;
    let until = match resource.get("end") {
        None => None,
        Some(end) => {
            let moment = text(end).parse::<Timestamp>();
            Some(
                moment
                    .map_err(|_| no("end", "the end is an instant, such as 2027-01-31T08:00:00Z".into()))?,
            )
        }
    };
    Ok(Wanted { resource_type, query, endpoint: endpoint.to_owned(), payload, until })
}

fn payload(channel: &Value) -> Option<Payload> {
    let extensions = channel["_payload"]["extension"].as_array().into_iter().flatten();
    let content =
        extensions.filter(|extension| extension["url"] == CONTENT).find_map(|e| e["valueCode"].as_str());
    match (channel.get("payload").and_then(Value::as_str), content) {
        (None, None | Some("empty")) => Some(Payload::Empty),
        (Some("application/fhir+json" | "application/json"), content) => match content {
            Some("empty") => Some(Payload::Empty),
            None | Some("id-only") => Some(Payload::IdOnly),
            Some("full-resource") => Some(Payload::Full),
            Some(_) => None,
        },
        _ => None,
    }
}

fn criteria(text: &str) -> Result<(String, String), String> {
    let (kind, query) = text.split_once('?').unwrap_or((text, ""));
    if !crate::capability::is_resource_type(kind) {
        return Err("the criteria begin with a resource type: `Observation?code=8867-4`".into());
    }
    let parsed =
        parse_query(query).map_err(|_| "the criteria are no search: write them as in a URL".to_owned())?;
    if parsed.result != ResultParameters::default() {
        return Err("the criteria say which resources, not how they are shown: leave _sort, _include and their like out".into());
    }
    Ok((kind.to_owned(), query.to_owned()))
}

/// Whether notices may go to that address: over TLS, to a host that the house was told of, or to this machine itself in the clear.
fn may_be_sent_to(endpoint: &str, hosts: &[String]) -> Result<(), String> {
    let bad = || {
        "the endpoint is an address such as https://app.example.org/notices, without user, query or fragment"
            .to_owned()
    };
    let (scheme, rest) = endpoint.split_once("://").ok_or_else(bad)?;
    let authority = rest.split('/').next().unwrap_or_default();
    let is_plain =
        endpoint.len() <= 500 && endpoint.bytes().all(|b| b.is_ascii_graphic() && !b"?#@\\\"".contains(&b));
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or_default(),
    };
    if !is_plain || host.is_empty() || !["https", "http"].contains(&scheme) {
        return Err(bad());
    }
    if scheme == "http" && !["localhost", "127.0.0.1", "::1"].contains(&host) {
        return Err(
            "health data do not cross a network in the clear: the endpoint begins with https://".into()
        );
    }
    match hosts.iter().any(|known| known.eq_ignore_ascii_case(host)) {
        true => Ok(()),
        false => {
            Err("this server may not send to that host: ask whoever runs it to name it in `notify_hosts`"
                .into())
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A Subscription as it is stored for somebody: with the app that it is for, and nobody else's name.
///
/// # Errors
/// [`Error::Unprocessable`] where an app asks for what this server cannot do, which is told at once; [`Error::Refused`] where it is another
/// app's.
pub(crate) fn stamped(
    record: &Record,
    act: &Act,
    before: Option<&Value>,
    resource: &mut Value,
) -> Result<(), Error> {
    let app = (act.actor.role == APP && act.actor.standing.is_none()).then_some(act.actor.id.as_str());
    if let (Some(theirs), Some(app)) = (before.and_then(subscriber), app)
        && theirs != app
    {
        return Err(Error::Refused);
    }
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
        let wanted = wanted(resource, &record.settings.notify_hosts).map_err(bad)?;
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
                all.push(order(stored)?);
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

fn order(stored: &Stored) -> Result<Subscription, Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn order(change: impl FnOnce(&mut Value)) -> Value {
        let mut order = json!({"resourceType": "Subscription", "status": "requested", "reason": "new results",
            "criteria": "Observation?code=8867-4", "end": "2027-01-31T08:00:00Z",
            "channel": {"type": "rest-hook", "endpoint": "https://app.example.org/notices", "payload": "application/fhir+json"}});
        change(&mut order);
        order
    }

    fn read(change: impl FnOnce(&mut Value)) -> Result<Wanted, Issue> {
        wanted(&order(change), &["app.example.org".into(), "127.0.0.1".into()])
    }

    #[test]
    fn an_order_says_what_where_and_how_much() {
        let wanted = read(|_| {}).unwrap();
        assert_eq!((wanted.resource_type.as_str(), wanted.query.as_str()), ("Observation", "code=8867-4"));
        assert_eq!(wanted.payload, Payload::IdOnly);
        assert!(wanted.until.is_some());
        let content = |code: &str| json!({"extension": [{"url": CONTENT, "valueCode": code}]});
        for (code, payload) in [("empty", Payload::Empty), ("full-resource", Payload::Full)] {
            assert_eq!(read(|order| order["channel"]["_payload"] = content(code)).unwrap().payload, payload);
        }
        let none = read(|order| {
            order["channel"].as_object_mut().unwrap().remove("payload");
            order["criteria"] = "Patient".into();
        });
        assert_eq!(none.unwrap().payload, Payload::Empty);
        assert!(read(|order| order["channel"]["endpoint"] = "http://127.0.0.1:9000/here".into()).is_ok());
    }

    #[test]
    fn n13_what_this_server_does_not_send_is_said_by_name() {
        let bad = |at: &str, change: &dyn Fn(&mut Value)| {
            let issue = read(|order| change(order)).unwrap_err();
            assert_eq!(issue.expression.as_deref(), Some(format!("Subscription.{at}").as_str()), "{issue:?}");
        };
        bad("channel.type", &|order| order["channel"]["type"] = "sms".into());
        bad("channel.header", &|order| order["channel"]["header"] = json!(["Authorization: secret"]));
        bad("channel.payload", &|order| order["channel"]["payload"] = "application/fhir+xml".into());
        bad("criteria", &|order| order["criteria"] = "Horse?name=a".into());
        bad("criteria", &|order| order["criteria"] = "Observation?_sort=date".into());
        bad("criteria", &|order| order["criteria"] = "Observation?%zz=1".into());
        bad("end", &|order| order["end"] = "tomorrow".into());
        for endpoint in [
            "",
            "app.example.org",
            "ftp://app.example.org/",
            "http://app.example.org/notices",
            "https://169.254.169.254/latest/meta-data",
            "https://[fe80::1]/",
            "https://evil.example.org/",
            "https://app.example.org@evil.example.org/",
            "https://app.example.org.evil.example/",
            "https://app.example.org/?token=1",
            "https://app.example.org\\@evil.example.org/",
            "https://app.example.org/a b",
        ] {
            bad("channel.endpoint", &|order| order["channel"]["endpoint"] = endpoint.into());
        }
    }
}
