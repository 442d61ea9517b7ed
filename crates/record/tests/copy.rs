//! A house moves to another database, with everything: every resource reads the same, the log is the same log, and life goes on.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use record::{
    change::Wish,
    history::{HistoryRequest, Scope},
    search::SearchRequest,
    sign_in::Pass,
};
use serde_json::json;
use store::{copy::Copied, dialect::Database, erase::Root, error::Error};
use testkit::house::{ENGINES, Engine, House, fresh_postgres};
use vault::provider::KeyFile;

fn put(house: &House, kind: &str, id: &str, mut resource: serde_json::Value) {
    resource["resourceType"] = kind.into();
    resource["id"] = id.into();
    let (resource_type, id) = (kind.to_owned(), Some(id.to_owned()));
    let wish =
        Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
    house.record.commit(&house.operator(), "update", &[wish.into()]).unwrap();
}

fn lived(engine: Engine) -> House {
    let house = House::new(engine);
    for id in ["asha", "ben", "gone"] {
        put(&house, "Patient", id, json!({"name": [{"family": id}], "birthDate": "1980-04-02"}));
    }
    // More than fit into one chunk of anything.
    for n in 0..150 {
        let subject = json!({"reference": format!("Patient/{}", ["asha", "ben"][n % 2])});
        let body = json!({"status": "final", "code": {"text": "pulse"}, "subject": subject,
            "effectiveDateTime": "2024-01-05", "valueQuantity": {"value": n}});
        put(&house, "Observation", &format!("o{}", n % 90), body);
    }
    let actor = house.operator().actor;
    house
        .record
        .issue("kw_test", &Pass { actor, expires: house.now() + jiff::SignedDuration::from_hours(1) })
        .unwrap();
    let mut root = Root::KeyFile(KeyFile::read(&house.folder.join("root.key")).unwrap());
    house.record.erase(&house.operator(), "gone", "a test", &mut root).unwrap();
    house
}

/// Everything that can be seen, as text.
fn all(house: &House) -> Vec<String> {
    let act = house.operator();
    let mut out = Vec::new();
    for kind in ["Patient", "Observation"] {
        let request = SearchRequest {
            resource_type: kind.into(),
            query: "_count=500&_sort=_id".into(),
            lenient: false,
            compartment: None,
        };
        let page = house.record.search(&act, &request).unwrap();
        out.extend(page.entries.into_iter().map(|entry| String::from_utf8(entry.body).unwrap()));
    }
    let request = HistoryRequest { count: Some(1_000), ..HistoryRequest::default() };
    for entry in house.record.history(&act, &Scope::System, &request).unwrap().entries {
        out.push(format!("{}/{} {} {:?}", entry.resource_type, entry.id, entry.version, entry.body));
    }
    out
}

#[test]
fn a_house_moves_to_postgres_with_everything() {
    for engine in ENGINES {
        let house = lived(engine);
        let before = all(&house);
        assert!(before.len() > 200, "{}", before.len());
        let other = Database::Postgres(fresh_postgres());
        let mut told: Vec<Copied> = Vec::new();
        house.record.store().copy_to(&other, &mut |table| told.push(table)).unwrap();
        let rows = |name: &str| told.iter().find(|table| table.table == name).unwrap().rows;
        assert_eq!((told.len(), rows("version"), rows("token"), rows("head")), (12, 153, 1, 1));
        assert_eq!(rows("leaf"), house.whole_log());
        let checkpoint = house.record.store().checkpoint().unwrap();
        let now = house.now();

        // The old one is left as it was; the same keyring opens the new one.
        let house = house.close().over(other).open();
        assert!(matches!(house.database, Database::Postgres(_)));
        assert_eq!(house.record.store().checkpoint().unwrap(), checkpoint);
        assert_eq!(all(&house), before, "{engine:?}");
        assert!(house.record.sign_in("kw_test", now).unwrap().is_some());
        assert!(matches!(
            house.record.read(&house.operator(), "Patient", "gone"),
            Err(record::error::Error::Erased)
        ));
        put(&house, "Patient", "new", json!({"name": [{"family": "new"}]}));
        put(&house, "Patient", "asha", json!({"name": [{"family": "Rao"}]}));
        let house = house.reopen();
        let report = house.record.verify(Some(&checkpoint), true, &mut |_| {}).unwrap();
        assert_eq!(report.faults, [], "{engine:?}");
        assert_eq!(report.counts.versions, 155);
        house.whole_log();
    }
}

#[test]
fn only_an_empty_database_is_copied_to_and_only_without_a_server() {
    for engine in ENGINES {
        let house = lived(engine);
        let taken = House::new(Engine::Postgres);
        let database = taken.database.clone();
        drop(taken);
        let refused = house.record.store().copy_to(&database, &mut |_| {});
        assert!(matches!(refused, Err(Error::NotEmpty)), "{refused:?}");
        let beside = house.beside();
        let other = Database::Postgres(fresh_postgres());
        let refused = beside.record.store().copy_to(&other, &mut |_| {});
        assert!(matches!(refused, Err(Error::Beside)), "{refused:?}");
        // Nothing was left behind, so it can be copied to.
        house.record.store().copy_to(&other, &mut |_| {}).unwrap();
    }
}
