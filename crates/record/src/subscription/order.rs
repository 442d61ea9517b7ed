//! What an order says: which resources are followed, where notices go, how much they hold, and until when. What this server does not do is said
//! by the name of the element.

use crate::{capability, search};
use fhir::{
    outcome::{Issue, IssueCode},
    query::result::ResultParameters,
};
use jiff::Timestamp;
use serde_json::Value;

/// How the [Subscriptions R5 Backport](https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/) says how much a notice holds.
const CONTENT: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";

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

/// Reads an order. `hosts` are those that the house may send to.
pub(super) fn wanted(resource: &Value, hosts: &[String]) -> Result<Wanted, Issue> {
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
    if !capability::is_resource_type(kind) {
        return Err("the criteria begin with a resource type: `Observation?code=8867-4`".into());
    }
    let parsed =
        search::parse(query).map_err(|_| "the criteria are no search: write them as in a URL".to_owned())?;
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

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
