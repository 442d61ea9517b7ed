//! Ordinary reads of a database that was tampered with fail closed (D7): an error, never wrong data, never "there is none".

use super::{Raw, life};
use access::audit::Outcome;
use record::{
    error::Error,
    history::{HistoryRequest, Scope},
};
use store::verify::fault::{Fault, Place, What};
use testkit::house::{ENGINES, House};

/// Every way to see an observation.
fn looks(house: &House, id: &str) -> [Result<Vec<u8>, Error>; 4] {
    let act = house.operator();
    let scope = Scope::Instance { resource_type: "Observation".into(), id: id.into() };
    [
        house.record.read(&act, "Observation", id).map(|shown| shown.body),
        house.record.vread(&act, "Observation", id, 1).map(|shown| shown.body),
        life::search(house, &format!("Observation?_id={id}")).map(|page| page.entries[0].body.clone()),
        house
            .record
            .history(&act, &scope, &HistoryRequest::default())
            .map(|past| past.entries[0].body.clone().unwrap()),
    ]
}

fn is_fault<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Fault(_)))
}

#[test]
fn d7_a_flipped_swapped_or_replayed_body_is_refused_by_every_read() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let mut raw = Raw::open(&house);
        raw.keep("kept");
        let before = looks(&house, "o2").map(Result::unwrap);
        let tampers: [&dyn Fn(&mut Raw); 5] = [
            &|raw| raw.flip("version", "body", "seq = 5"),
            &|raw| raw.swap("version", "body", "seq = 5", "seq = 6"),
            &|raw| {
                let other = raw.bytes("SELECT body FROM version WHERE seq = 3");
                raw.put("UPDATE version SET body = ?1 WHERE seq = 5", &other);
            },
            &|raw| raw.run("UPDATE version SET owner = 2 WHERE seq = 5"),
            &|raw| raw.run("UPDATE version SET op = 3 WHERE seq = 5"),
        ];
        for (at, tamper) in tampers.into_iter().enumerate() {
            tamper(&mut raw);
            let leaves = house.entries().len();
            let after = looks(&house, "o2");
            assert!(after.iter().all(is_fault), "case {at} on {engine:?}: {after:?}");
            // Each of the four looks was signed as what it was, with the place.
            let entries = &house.entries()[leaves..];
            assert_eq!(entries.len(), 4, "case {at} on {engine:?}: {entries:?}");
            for entry in entries {
                assert_eq!((entry.operation.as_str(), entry.outcome), ("integrity", Outcome::Failed));
                let places: Vec<_> = entry.touched.iter().map(|t| (t.rid, t.version, t.seq)).collect();
                assert_eq!(places, [(5, 1, 5)], "case {at} on {engine:?}");
            }
            assert_ne!(super::verify(&house).faults, [], "case {at} on {engine:?}");
            raw.restore_all("kept");
        }
        assert_eq!(looks(&house, "o2").map(Result::unwrap), before);
    }
}

#[test]
fn d7_all_closed_bodies_of_a_page_stand_in_one_entry_and_writing_goes_on() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let mut raw = Raw::open(&house);
        raw.swap("version", "body", "seq = 5", "seq = 6");
        raw.flip("version", "body", "seq = 8");
        let before = house.entries().len();
        let page = life::search(&house, "Observation?_count=100");
        assert!(is_fault(&page), "{engine:?}: {page:?}");
        let entries = &house.entries()[before..];
        let [entry] = entries else { panic!("{entries:?} on {engine:?}") };
        let seqs: Vec<i64> = entry.touched.iter().map(|touched| touched.seq).collect();
        assert_eq!((entry.operation.as_str(), seqs), ("integrity", vec![5, 6, 8]));
        let Err(Error::Fault(cause)) = page else { unreachable!() };
        assert!(
            cause.to_string().contains("3 stored versions") && cause.to_string().contains("change 5"),
            "{cause}"
        );
        // What is whole is read and written as before, and the first place is named.
        life::write(&house, life::put("Observation", "o4", life::observation("asha", 61)));
        house.record.read(&house.operator(), "Observation", "o4").unwrap();
        let place = Place::Version { seq: 5, rid: 5, version: 1 };
        assert_eq!(super::verify(&house).faults.first(), Some(&Fault { place, what: What::Changed }));
    }
}

#[test]
fn d7_a_row_that_points_elsewhere_is_refused_and_not_followed() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let mut raw = Raw::open(&house);
        raw.keep("kept");
        let statements = [
            // o2 is shown as o4; as an older version of itself; as somebody else's; as gone; as never there.
            "UPDATE resource SET seq = 7 WHERE rid = 5",
            "UPDATE resource SET seq = 7, version = 1, owner = 1 WHERE rid = 5",
            "UPDATE resource SET owner = 2 WHERE rid = 5",
            "UPDATE resource SET live = 0 WHERE rid = 5",
            "UPDATE resource SET version = 2 WHERE rid = 5",
            "DELETE FROM version WHERE seq = 5",
        ];
        for statement in statements {
            raw.run(statement);
            let read = house.record.read(&house.operator(), "Observation", "o2");
            assert!(is_fault(&read), "{statement} on {engine:?}: {read:?}");
            raw.restore_all("kept");
        }
        // The name of another resource.
        let (two, four) =
            ("SELECT key FROM resource WHERE rid = 5", "SELECT key FROM resource WHERE rid = 7");
        let (two, four) = (raw.bytes(two), raw.bytes(four));
        raw.put("UPDATE resource SET key = ?1 WHERE rid = 7", b"for a moment");
        raw.put("UPDATE resource SET key = ?1 WHERE rid = 5", &four);
        raw.put("UPDATE resource SET key = ?1 WHERE rid = 7", &two);
        assert!(is_fault(&house.record.read(&house.operator(), "Observation", "o2")));
        assert!(is_fault(&house.record.vread(&house.operator(), "Observation", "o2", 1)));
    }
}

#[test]
fn an_operator_cannot_give_a_patient_somebody_elses_record() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let asha = house.patient("asha");
        assert!(matches!(house.record.read(&asha, "Observation", "o1"), Err(Error::NotFound)));
        Raw::open(&house).run("UPDATE resource SET owner = 1 WHERE rid = 4");
        assert!(is_fault(&house.record.read(&asha, "Observation", "o1")), "{engine:?}");
    }
}

#[test]
fn what_belonged_to_somebody_else_before_is_no_part_of_a_patients_history() {
    for engine in ENGINES {
        let house = life::lived(engine);
        // o1 was recorded for Ben by mistake.
        life::write(&house, life::put("Observation", "o1", life::observation("asha", 77)));
        let (asha, ben) = (house.patient("asha"), house.patient("ben"));
        let scope = Scope::Instance { resource_type: "Observation".into(), id: "o1".into() };
        let past = house.record.history(&asha, &scope, &HistoryRequest::default()).unwrap();
        assert_eq!(past.entries.iter().map(|entry| entry.version).collect::<Vec<_>>(), [6], "{engine:?}");
        assert!(house.record.vread(&asha, "Observation", "o1", 6).is_ok());
        assert!(matches!(house.record.vread(&asha, "Observation", "o1", 5), Err(Error::NotFound)));
        assert!(matches!(house.record.vread(&ben, "Observation", "o1", 6), Err(Error::NotFound)));
        let whole = house.record.history(&house.operator(), &scope, &HistoryRequest::default()).unwrap();
        assert_eq!(whole.entries.len(), 6);
    }
}

#[test]
fn a_row_that_the_index_holds_too_much_does_not_stop_a_write() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let mut raw = Raw::open(&house);
        // The rows of o2's next version are there already.
        life::write(&house, life::put("Observation", "o2", life::observation("asha", 200)));
        raw.keep("later");
        life::write(&house, life::put("Observation", "o2", life::observation("asha", 62)));
        for table in ["term", "span", "link"] {
            raw.run(&format!(
                "INSERT INTO {table} SELECT * FROM later_{table} WHERE rid = 5 ON CONFLICT DO NOTHING"
            ));
        }
        life::write(&house, life::put("Observation", "o2", life::observation("asha", 200)));
        let found = life::search(&house, "Observation?value-quantity=200").unwrap();
        assert_eq!(found.entries.len(), 1);
    }
}

#[test]
fn e3_the_database_holds_no_word_of_a_record() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let rows = Raw::open(&house).everything();
        let files = house.files();
        assert!(rows.len() > 10_000, "{}", rows.len());
        for marker in life::MARKERS {
            let holds = |bytes: &[u8]| bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
            assert!(!holds(&rows), "{marker} on {engine:?}");
            for (path, bytes) in &files {
                assert!(!holds(bytes), "{marker} in {}", path.display());
            }
        }
    }
}
