//! A notice: the Bundle that is sent to a subscriber.
//!
//! Source: <https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html>, in its form for R4.

use super::{Payload, due::Event, instant};
use fhir::json;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Of what kind it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first, which says that notices will come.
    Handshake,
    /// Something changed.
    Event,
}

/// What stands at its head.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The address of the API.
    pub base: &'a str,
    /// The Subscription's id.
    pub subscription: &'a str,
    /// The notice's own id: the same where it is sent again.
    pub id: &'a str,
    /// Of what kind.
    pub kind: Kind,
    /// How many events were told before this notice.
    pub before: u64,
    /// When.
    pub at: Timestamp,
}

/// The Bundle.
pub fn render(head: &Head<'_>, payload: Payload, events: &[Event]) -> Vec<u8> {
    let Head { base, subscription, id, .. } = head;
    let reference = format!("{base}/Subscription/{subscription}");
    let (status, kind) = match head.kind {
        Kind::Handshake => ("requested", "handshake"),
        Kind::Event => ("active", "event-notification"),
    };
    let so_far = head.before + events.len() as u64;
    let mut parameters = vec![
        json!({"name": "subscription", "valueReference": {"reference": reference}}),
        json!({"name": "status", "valueCode": status}),
        json!({"name": "type", "valueCode": kind}),
        json!({"name": "eventsSinceSubscriptionStart", "valueString": so_far.to_string()}),
    ];
    for (at, event) in events.iter().enumerate() {
        let number = head.before + at as u64 + 1;
        let mut parts = vec![
            json!({"name": "eventNumber", "valueString": number.to_string()}),
            json!({"name": "timestamp", "valueInstant": event.at}),
        ];
        if payload != Payload::Empty {
            parts.push(json!({"name": "focus", "valueReference": {"reference": url(base, event)}}));
        }
        parameters.push(json!({"name": "notificationEvent", "part": parts}));
    }
    let status = json!({
        "fullUrl": format!("urn:uuid:{id}"),
        "resource": {
            "resourceType": "Parameters",
            "id": id,
            "meta": {"profile": [
                "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4"
            ]},
            "parameter": parameters,
        },
        "request": {"method": "GET", "url": format!("{reference}/$status")},
        "response": {"status": "200"},
    });
    let mut entries = vec![status];
    if payload == Payload::Full {
        entries.extend(events.iter().filter_map(|event| entry(base, event)));
    }
    json::render(&json!({
        "resourceType": "Bundle",
        "id": id,
        "meta": {"profile": [
            "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-notification-r4"
        ]},
        "type": "history",
        "timestamp": instant(head.at),
        "entry": entries,
    }))
}

fn url(base: &str, event: &Event) -> String {
    format!("{base}/{}/{}", event.resource_type, event.id)
}

fn entry(base: &str, event: &Event) -> Option<Value> {
    let resource = crate::search::value_of(&event.body).ok()?;
    Some(json!({
        "fullUrl": url(base, event),
        "resource": resource,
        "request": {"method": "PUT", "url": format!("{}/{}", event.resource_type, event.id)},
        "response": {"status": "200"},
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(payload: Payload, kind: Kind, events: &[Event]) -> Value {
        let head = Head {
            base: "https://here.example/fhir/R4",
            subscription: "s",
            id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            kind,
            before: 4,
            at: Timestamp::UNIX_EPOCH,
        };
        let bytes = render(&head, payload, events);
        json::parse(&bytes, json::Limits::default()).unwrap()
    }

    fn event() -> Event {
        Event {
            resource_type: "Observation".into(),
            id: "o".into(),
            at: "2026-01-31T08:00:00.000Z".into(),
            body: br#"{"resourceType":"Observation","id":"o","valueQuantity":{"value":107.50}}"#.to_vec(),
        }
    }

    #[test]
    fn a_notice_holds_no_more_than_was_asked_for() {
        let empty = notice(Payload::Empty, Kind::Event, &[event()]).to_string();
        assert!(!empty.contains("Observation"), "{empty}");
        let ids = notice(Payload::IdOnly, Kind::Event, &[event()]).to_string();
        assert!(
            ids.contains("https://here.example/fhir/R4/Observation/o") && !ids.contains("107.5"),
            "{ids}"
        );
        let full = notice(Payload::Full, Kind::Event, &[event()]).to_string();
        assert!(full.contains("107.50"), "digits stay as they were written: {full}");
    }

    #[test]
    fn events_are_numbered_on_and_a_handshake_has_none() {
        let two = notice(Payload::IdOnly, Kind::Event, &[event(), event()]);
        let parameters = two["entry"][0]["resource"]["parameter"].as_array().unwrap();
        assert_eq!(parameters[3]["valueString"], "6");
        assert_eq!(parameters[4]["part"][0]["valueString"], "5");
        assert_eq!(parameters[5]["part"][0]["valueString"], "6");
        let hello = notice(Payload::Full, Kind::Handshake, &[]);
        assert_eq!(hello["entry"].as_array().unwrap().len(), 1);
        assert_eq!(hello["entry"][0]["resource"]["parameter"][2]["valueCode"], "handshake");
    }
}
