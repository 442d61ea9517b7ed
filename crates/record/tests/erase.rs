//! Erasing a patient: nobody reads them again, not from an older database either; everything else stays as it was, and the log
//! tells of it and still holds. On both engines.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use access::act::Act;
use record::{
    change::Wish,
    error::Error,
    history::{HistoryRequest, Scope},
    search::SearchRequest,
};
use serde_json::{Value, json};
use store::{erase::Root, verify::Report};
use testkit::house::{ENGINES, House};
use vault::provider::KeyFile;

const REASON: &str = "asked-for-in-writing";
const TABLES: [&str; 8] = ["resource", "version", "term", "span", "link", "leaf", "token", "head"];

fn put(house: &House, act: &Act, kind: &str, id: &str, mut resource: Value) -> Result<(), Error> {
    resource["resourceType"] = kind.into();
    resource["id"] = id.into();
    let (resource_type, id) = (kind.to_owned(), Some(id.to_owned()));
    let wish =
        Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
    house.record.commit(act, "update", &[wish.into()]).map(drop)
}

fn observation(patient: &str, value: i64) -> Value {
    json!({"status": "final", "code": {"text": "pulse"}, "subject": {"reference": format!("Patient/{patient}")},
        "effectiveDateTime": "2024-01-05", "valueQuantity": {"value": value}})
}

/// Asha with observations, one of them deleted; Ben, to whom one of hers was moved, and who refers to another.
fn lived(engine: testkit::house::Engine) -> House {
    let house = House::new(engine);
    let act = house.operator();
    for id in ["asha", "ben"] {
        put(&house, &act, "Patient", id, json!({"name": [{"family": id}], "birthDate": "1980-04-02"}))
            .unwrap();
    }
    for n in 0..4 {
        put(&house, &act, "Observation", &format!("a{n}"), observation("asha", n)).unwrap();
    }
    put(&house, &act, "Observation", "a0", observation("asha", 9)).unwrap();
    put(&house, &act, "Observation", "a1", observation("ben", 1)).unwrap();
    let mut hers = observation("ben", 2);
    hers["derivedFrom"] = json!([{"reference": "Observation/a0"}]);
    put(&house, &act, "Observation", "b0", hers).unwrap();
    let (resource_type, id) = ("Observation".to_owned(), Some("a3".to_owned()));
    let delete = Wish::Delete { resource_type, id, query: None, if_match: None };
    house.record.commit(&act, "delete", &[delete.into()]).unwrap();
    house.record.read(&house.patient("asha"), "Patient", "asha").unwrap();
    house
}

fn root(house: &House) -> Root {
    Root::KeyFile(KeyFile::read(&house.folder.join("root.key")).unwrap())
}

fn erase(house: &House, act: &Act, patient: &str) -> Result<(), Error> {
    house.record.erase(act, patient, REASON, &mut root(house))
}

fn verify(house: &House) -> Report {
    house.record.verify(None, true, &mut |_| {}).unwrap()
}

fn found(house: &House, kind: &str, query: &str) -> Vec<String> {
    let request =
        SearchRequest { resource_type: kind.into(), query: query.into(), lenient: false, compartment: None };
    let page = house.record.search(&house.operator(), &request).unwrap();
    page.entries.into_iter().map(|entry| entry.id).collect()
}

fn number(house: &House, sql: &str) -> i64 {
    String::from_utf8(house.rows(sql)[0][0].clone()).unwrap().parse().unwrap()
}

/// Nothing of Asha's opens or is found; all of Ben's does.
fn is_gone(house: &House) {
    let act = house.operator();
    for (kind, id) in
        [("Patient", "asha"), ("Observation", "a0"), ("Observation", "a2"), ("Observation", "a3")]
    {
        let read = house.record.read(&act, kind, id);
        assert!(matches!(read, Err(Error::Erased)), "{kind}/{id}: {read:?}");
        assert!(matches!(house.record.vread(&act, kind, id, 1), Err(Error::Erased)));
        let scope = Scope::Instance { resource_type: kind.into(), id: id.into() };
        let past = house.record.history(&act, &scope, &HistoryRequest::default());
        assert!(matches!(past, Err(Error::Erased)), "{kind}/{id}: {past:?}");
        assert_eq!(Error::Erased.status().0, 410);
    }
    // What was moved to Ben is his, but its first version was hers.
    assert!(house.record.read(&act, "Observation", "a1").is_ok());
    assert!(matches!(house.record.vread(&act, "Observation", "a1", 1), Err(Error::Erased)));
    let scope = Scope::Instance { resource_type: "Observation".into(), id: "a1".into() };
    let past = house.record.history(&act, &scope, &HistoryRequest::default()).unwrap();
    assert_eq!(past.entries.iter().map(|entry| entry.version).collect::<Vec<_>>(), [2]);
    assert_eq!(found(house, "Patient", "birthdate=1980-04-02"), ["ben"]);
    assert_eq!(found(house, "Patient", ""), ["ben"]);
    assert_eq!(found(house, "Observation", "date=2024-01-05"), ["a1", "b0"]);
    assert_eq!(found(house, "Observation", "subject=Patient/asha"), Vec::<String>::new());
    assert_eq!(found(house, "Observation", "derived-from=Observation/a0"), ["b0"]);
    let page = house.record.history(&act, &Scope::System, &HistoryRequest::default()).unwrap();
    let ids: Vec<String> = page.entries.into_iter().map(|entry| entry.id).collect();
    assert_eq!(ids, ["b0", "a1", "ben"]);
    assert!(matches!(house.record.read(&house.patient("ben"), "Patient", "asha"), Err(Error::NotFound)));
    // Nobody takes the place of what was erased.
    for (kind, id, body) in [
        ("Patient", "asha", json!({})),
        ("Observation", "a2", observation("ben", 1)),
        ("Observation", "n", observation("asha", 1)),
    ] {
        let written = put(house, &act, kind, id, body);
        assert!(matches!(written, Err(Error::Conflict(_))), "{kind}/{id}: {written:?}");
    }
}

#[test]
fn an_erased_patient_is_gone_for_everybody_and_everything_else_stays() {
    for engine in ENGINES {
        let house = lived(engine);
        let leaves = house.whole_log();
        let act = house.operator();
        erase(&house, &act, "asha").unwrap();
        let entries = house.entries();
        assert_eq!(entries.len() as u64, leaves + 1, "{engine:?}");
        let entry = entries.last().unwrap();
        assert_eq!((entry.operation.as_str(), entry.reason.as_deref()), ("erase", Some(REASON)));
        assert_eq!((&entry.request, entry.patients.as_slice()), (&act.request, [1].as_slice()));
        let sealed = house.rows("SELECT entry FROM leaf").concat().concat();
        assert!(!sealed.windows(REASON.len()).any(|window| window == REASON.as_bytes()));

        is_gone(&house);
        let mine = "rid IN (SELECT rid FROM resource WHERE owner = 1)";
        for table in ["term", "span", "link WHERE param <> 2 AND", "resource WHERE live = 1 AND"] {
            let word = if table.contains("WHERE") { "" } else { "WHERE" };
            assert_eq!(number(&house, &format!("SELECT COUNT(*) FROM {table} {word} {mine}")), 0, "{table}");
        }
        let report = verify(&house);
        assert_eq!(report.faults, [], "{engine:?}");
        assert_eq!((report.counts.erased_patients, report.counts.erased), (1, 7));
        // Who looked at her stays known.
        assert!(number(&house, "SELECT COUNT(*) FROM link WHERE param = 2 AND target = 1") > 5);
        // A second time is no harm, and the house opens again with the keyring as it is now.
        erase(&house, &house.operator(), "asha").unwrap();
        let house = house.reopen();
        is_gone(&house);
        put(&house, &house.operator(), "Patient", "chitra", json!({})).unwrap();
        assert_eq!(verify(&house).faults, []);
    }
}

#[test]
fn a_database_put_back_from_an_older_backup_does_not_bring_the_erased_back() {
    for engine in ENGINES {
        let house = lived(engine);
        for table in TABLES {
            house.run(&format!("CREATE TABLE old_{table} AS SELECT * FROM {table}"));
        }
        erase(&house, &house.operator(), "asha").unwrap();
        let closed = {
            for table in TABLES {
                house.run(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM old_{table}"));
            }
            house.close()
        };
        let house = closed.open();
        let mine = "SELECT COUNT(*) FROM term WHERE rid IN (SELECT rid FROM resource WHERE owner = 1)";
        assert!(number(&house, mine) > 0, "the index of then is back");
        is_gone(&house);
        assert_ne!(verify(&house).faults, [], "{engine:?}: the index knows of somebody who is erased");
        erase(&house, &house.operator(), "asha").unwrap();
        assert_eq!(number(&house, mine), 0);
        is_gone(&house);
        assert_eq!(verify(&house).faults, [], "{engine:?}");
    }
}

#[test]
fn a_crash_between_the_steps_is_mended_by_doing_it_again() {
    for engine in ENGINES {
        for half in 0..2 {
            let house = lived(engine);
            let mut root = root(&house);
            let ring = house.record.store().keyring().clone();
            if half == 0 {
                // The key is destroyed, and the process ends before the database hears of the new generation.
                root.renew().unwrap();
                ring.destroy(&[1], &root).unwrap();
            } else {
                let act = house.operator();
                let wish = access::decide::Wish {
                    permission: access::scope::Permission::Delete,
                    resource_type: None,
                };
                let grant = access::decide::decide(&act, wish).unwrap();
                house.record.store().destroy_key(&grant, 1, &mut root).unwrap();
            }
            drop(ring);
            let house = house.reopen();
            is_gone(&house);
            assert_ne!(verify(&house).faults, [], "{engine:?}: it is seen that it did not come to its end");
            erase(&house, &house.operator(), "asha").unwrap();
            is_gone(&house);
            assert_eq!(verify(&house).faults, [], "{engine:?}");
            let keys = std::fs::read_to_string(house.folder.join("root.key")).unwrap();
            assert_eq!(keys.lines().count(), 2, "the root that could open an old keyring is gone");
        }
    }
}

#[test]
fn who_may_not_erase_is_refused_and_nothing_happens() {
    for engine in ENGINES {
        let house = lived(engine);
        let clinician = house.act("clinician", &["system/*.crus"], None);
        let one_type = house.act("clerk", &["system/Patient.cruds"], None);
        for act in [clinician, one_type, house.act("patient", &["patient/*.cruds"], Some("asha"))] {
            assert!(matches!(erase(&house, &act, "asha"), Err(Error::Refused)));
            let entry = house.entries().pop().unwrap();
            assert_eq!((entry.operation.as_str(), entry.outcome), ("erase", access::audit::Outcome::Refused));
        }
        assert!(matches!(erase(&house, &house.operator(), "nobody"), Err(Error::NotFound)));
        let without = house.record.erase(&house.operator(), "asha", " ", &mut root(&house));
        assert!(matches!(without, Err(Error::Invalid(_))));

        let wish =
            access::decide::Wish { permission: access::scope::Permission::Delete, resource_type: None };
        let grant = access::decide::decide(&house.operator(), wish).unwrap();
        let organization = house.record.store().destroy_key(&grant, 0, &mut root(&house)).unwrap_err();
        assert!(organization.to_string().contains("organization"), "{organization}");
        let early =
            access::audit::Entry::new(&house.operator(), "erase", "Patient", access::audit::Outcome::Done);
        assert!(
            house.record.store().forget(&grant, 1, early).is_err(),
            "whose key is there is not forgotten"
        );

        let beside = house.beside();
        let said = erase(&beside, &beside.operator(), "asha").unwrap_err();
        assert!(said.to_string().contains("running server: stop it"), "{said}");
        assert!(house.record.read(&house.operator(), "Patient", "asha").is_ok());
        assert_eq!(verify(&house).counts.erased_patients, 0);
    }
}
