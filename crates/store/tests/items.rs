//! Items, on both engines: compare-and-set, handles, one use, ends, and the audit entry of the same transaction.

#![allow(clippy::unwrap_used, reason = "a test house that cannot be built must stop the test")]

use access::audit::{Entry, Outcome};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use store::{
    error::Error,
    items::{Change, Kind},
};
use testkit::house::{ENGINES, House};

const ID: &[u8] = b"0123456789abcdef";

fn put(house: &House, id: &[u8], expected: i64, text: &str, handles: &[&str]) -> Result<i64, Error> {
    house.record.store().put_item(Kind::Account, id, expected, text.into(), handles, None, None)
}

fn text(house: &House, id: &[u8]) -> Option<String> {
    let item = house.record.store().item(Kind::Account, id, house.now()).unwrap();
    item.map(|item| String::from_utf8(item.content).unwrap())
}

fn entry(house: &House) -> Entry {
    Entry::new(&house.operator(), "sign-in", "clinic", Outcome::Done)
}

#[test]
fn an_item_is_written_only_at_the_version_that_was_read() {
    for engine in ENGINES {
        let house = House::new(engine);
        assert_eq!(put(&house, ID, 0, "one", &[]).unwrap(), 1);
        assert!(matches!(put(&house, ID, 0, "again", &[]), Err(Error::Stale)));
        assert!(matches!(put(&house, ID, 2, "ahead", &[]), Err(Error::Stale)));
        assert!(matches!(put(&house, b"unknown", 1, "late", &[]), Err(Error::Stale)));
        assert_eq!(put(&house, ID, 1, "two", &[]).unwrap(), 2);
        assert_eq!(text(&house, ID).as_deref(), Some("two"));
        assert_eq!(house.record.store().item(Kind::Session, ID, house.now()).unwrap(), None);
    }
}

#[test]
fn no_two_items_of_a_kind_have_the_same_handle_and_a_handle_goes_with_its_item() {
    for engine in ENGINES {
        let house = House::new(engine);
        let store = house.record.store();
        put(&house, b"a", 0, "a", &["email:x", "phone:1"]).unwrap();
        assert!(matches!(put(&house, b"b", 0, "b", &["email:x"]), Err(Error::Taken)));
        assert_eq!(text(&house, b"b"), None);
        let found =
            |handle: &str| store.find_item(Kind::Account, handle, house.now()).unwrap().map(|item| item.id);
        assert_eq!((found("email:x"), found("email:X")), (Some(b"a".to_vec()), None));
        assert!(store.find_item(Kind::Session, "email:x", house.now()).unwrap().is_none());
        put(&house, b"a", 1, "a", &["phone:1"]).unwrap();
        put(&house, b"b", 0, "b", &["email:x"]).unwrap();
        assert_eq!((found("email:x"), found("phone:1")), (Some(b"b".to_vec()), Some(b"a".to_vec())));
        assert!(store.take_item(Kind::Account, b"b", house.now(), None).unwrap().is_some());
        assert_eq!(found("email:x"), None);
        put(&house, b"c", 0, "c", &["email:x"]).unwrap();
    }
}

#[test]
fn changes_are_done_all_together_with_their_entry_or_not_at_all() {
    for engine in ENGINES {
        let house = House::new(engine);
        let store = house.record.store();
        put(&house, b"a", 0, "a", &["h"]).unwrap();
        let change = |id: &[u8], expected, handle: &str| Change::Put {
            kind: Kind::Account,
            id: id.to_owned(),
            expected,
            content: b"new".to_vec(),
            handles: vec![handle.to_owned()],
            expires: None,
        };
        let leaves = house.whole_log();
        let taken = store.change_items(vec![change(b"b", 0, "g"), change(b"c", 0, "h")], Some(entry(&house)));
        assert!(matches!(taken, Err(Error::Taken)));
        let stale = store.change_items(vec![change(b"b", 0, "g"), change(b"a", 7, "h")], Some(entry(&house)));
        assert!(matches!(stale, Err(Error::Stale)));
        let twice = store.change_items(vec![change(b"b", 0, "g"), change(b"b", 0, "g")], None);
        assert!(matches!(twice, Err(Error::Stale)));
        assert_eq!((text(&house, b"b"), text(&house, b"a").as_deref()), (None, Some("a")));
        assert_eq!(house.whole_log(), leaves);
        store.change_items(vec![change(b"b", 0, "g"), change(b"a", 1, "h")], Some(entry(&house))).unwrap();
        assert_eq!(text(&house, b"a").as_deref(), Some("new"));
        assert_eq!(house.whole_log(), leaves + 1);
        assert_eq!(house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
    }
}

#[test]
fn an_item_is_taken_once_however_many_ask() {
    for engine in ENGINES {
        let house = House::new(engine);
        for round in 0_u8..10 {
            put(&house, &[round], 0, "invitation", &[]).unwrap();
            let won = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..6 {
                    scope.spawn(|| {
                        let store = house.record.store();
                        let took = store.take_item(Kind::Account, &[round], house.now(), Some(entry(&house)));
                        won.fetch_add(usize::from(took.unwrap().is_some()), Relaxed);
                    });
                }
            });
            assert_eq!(won.into_inner(), 1);
        }
        assert_eq!(house.whole_log(), 10);
    }
}

#[test]
fn an_item_that_has_ended_is_not_there_and_is_swept_away() {
    for engine in ENGINES {
        let house = House::new(engine);
        let store = house.record.store();
        let at = |seconds: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        for (id, end) in [(b"a", Some(at(10))), (b"b", Some(at(20))), (b"c", None)] {
            let id_text = String::from_utf8(id.to_vec()).unwrap();
            store.put_item(Kind::Session, id, 0, id.to_vec(), &[&id_text], end, Some(entry(&house))).unwrap();
        }
        let there = |now: i64| {
            let (items, next) = store.items(Kind::Session, &[], 10, at(now)).unwrap();
            assert_eq!(next, None);
            items.into_iter().map(|item| item.id[0]).collect::<Vec<u8>>()
        };
        assert_eq!((there(9), there(10), there(20)), (b"abc".to_vec(), b"bc".to_vec(), b"c".to_vec()));
        assert!(store.item(Kind::Session, b"a", at(10)).unwrap().is_none());
        assert!(store.find_item(Kind::Session, "a", at(10)).unwrap().is_none());
        assert!(store.take_item(Kind::Session, b"a", at(10), None).unwrap().is_none());
        assert_eq!((store.sweep_items(at(10)).unwrap(), store.sweep_items(at(10)).unwrap()), (1, 0));
        assert_eq!((there(0), house.rows("SELECT id FROM handle").len()), (b"bc".to_vec(), 2));
        assert_eq!(house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
    }
}

#[test]
fn a_list_goes_on_after_its_last_id() {
    for engine in ENGINES {
        let house = House::new(engine);
        let store = house.record.store();
        for id in 0_u8..7 {
            put(&house, &[id], 0, "x", &[]).unwrap();
        }
        let (mut seen, mut after) = (Vec::new(), Vec::new());
        loop {
            let (items, next) = store.items(Kind::Account, &after, 3, house.now()).unwrap();
            seen.extend(items.into_iter().map(|item| item.id[0]));
            let Some(next) = next else { break };
            after = next;
        }
        assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6]);
    }
}

#[test]
fn nothing_of_an_item_stands_in_the_database_in_the_clear() {
    for engine in ENGINES {
        let house = House::new(engine);
        put(&house, ID, 0, "marker-content-4711", &["marker-handle-4711"]).unwrap();
        for table in ["item", "handle", "leaf"] {
            for cell in house.rows(&format!("SELECT * FROM {table}")).into_iter().flatten() {
                assert!(!cell.windows(6).any(|part| part == b"marker"), "{table}");
            }
        }
        assert_eq!(
            format!("{:?}", house.record.store().item(Kind::Account, ID, house.now())),
            "Ok(Some(sealed))"
        );
    }
}
