//! What the kernel says and does when stored bytes do not open (D7), also inside a batch.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use access::audit::Outcome;
use record::{bundle::Answer, error::Error};
use serde_json::json;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use testkit::house::{ENGINES, Engine, House};

/// What the log is told.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A house with a patient whose one body was swapped with another's.
fn swapped(engine: Engine) -> House {
    let house = House::new(engine);
    for id in ["asha", "ben"] {
        let resource = json!({"resourceType": "Patient", "id": id, "active": true});
        let wish = record::change::Wish::Update {
            resource_type: "Patient".into(),
            id: Some(id.into()),
            query: None,
            resource,
            if_match: None,
            if_none_match: false,
        };
        house.record.commit(&house.operator(), "update", &[wish.into()]).unwrap();
    }
    let swap = "UPDATE version SET body = (SELECT body FROM version o WHERE o.seq = 2) WHERE seq = 1";
    house.run(swap);
    house
}

#[test]
fn d7_a_body_from_elsewhere_is_an_error_that_is_signed() {
    for engine in ENGINES {
        let house = swapped(engine);
        let act = house.operator();
        let shown = house.record.read(&act, "Patient", "asha");
        assert!(matches!(shown, Err(Error::Fault(_))), "{engine:?}: {shown:?}");
        let entry = house.entries().pop().unwrap();
        assert_eq!((entry.operation.as_str(), entry.outcome), ("integrity", Outcome::Failed));
        assert_eq!((entry.request, entry.actor, entry.patients), (act.request, act.actor.id, vec![]));
        assert_eq!((entry.touched[0].rid, entry.touched[0].version, entry.touched[0].seq), (1, 1, 1));
        assert!(house.record.read(&house.operator(), "Patient", "ben").is_ok());
    }
}

#[test]
fn a_fault_inside_a_batch_is_logged_once_with_its_request() {
    for engine in ENGINES {
        let house = swapped(engine);
        let act = house.operator();
        let entry = |id: &str| json!({"request": {"method": "GET", "url": format!("Patient/{id}")}});
        let batch =
            json!({"resourceType": "Bundle", "type": "batch", "entry": [entry("ben"), entry("asha")]});
        let heard = Heard::default();
        let writer = heard.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        let answer = Answer { base: "http://localhost/fhir/R4", representation: false, lenient: false };
        let said = tracing::subscriber::with_default(subscriber, || house.record.bundle(&act, batch, answer));
        let said = fhir::json::parse(&said.unwrap(), fhir::json::Limits::default()).unwrap();
        assert_eq!(said["entry"][0]["response"]["status"], "200 OK");
        assert_eq!(said["entry"][1]["response"]["status"], "500 Internal Server Error");
        let log = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> =
            log.lines().filter(|line| line.contains("an entry of a Bundle failed")).collect();
        let [line] = lines.as_slice() else { panic!("{log}") };
        for part in [act.request.as_str(), "entry=1", "integrity: 1 stored versions"] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(!log.contains("asha"), "{log}");
    }
}
