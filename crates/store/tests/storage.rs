//! D6: the figures of what records take are those of the records, on both engines.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use record::change::Wish;
use serde_json::json;
use store::storage::measure;
use testkit::house::{ENGINES, House};

#[test]
fn d6_what_is_stored_is_measured_beside_what_it_is_as_json() {
    for engine in ENGINES {
        let house = House::new(engine);
        let ring = || house.record.store().keyring().clone();
        assert_eq!(measure(&house.database, ring(), 10).unwrap(), None, "{engine:?}");
        let mut served = 0;
        for number in 0..40 {
            let text = "Slept well, ate well, walked to the window. ".repeat(number + 1);
            let resource = json!({"resourceType": "Basic", "code": {"text": text}});
            let create = Wish::Create { resource, if_none_exist: None };
            let done = house.record.commit(&house.operator(), "create", &[create.into()]).unwrap().remove(0);
            served += house.record.read(&house.operator(), "Basic", &done.id).unwrap().body.len() as i64;
        }
        let all = measure(&house.database, ring(), 100).unwrap().unwrap();
        assert_eq!((all.versions, all.sampled), (40, 40), "{engine:?}");
        assert_eq!(all.plain_bytes(), served, "{engine:?}");
        assert_eq!(all.sampled_sealed_bytes, all.sealed_bytes, "{engine:?}");
        assert!(
            all.sealed_bytes < served / 2 && all.database_bytes > all.sealed_bytes,
            "{engine:?}: {all:?}"
        );

        let some = measure(&house.database, ring(), 10).unwrap().unwrap();
        assert_eq!(
            (some.versions, some.sampled, some.sealed_bytes),
            (40, 10, all.sealed_bytes),
            "{engine:?}"
        );
        let (reckoned, truth) = (some.plain_bytes(), all.plain_bytes());
        assert!((truth / 2..truth * 2).contains(&reckoned), "{engine:?}: {reckoned} for {truth}");
    }
}
