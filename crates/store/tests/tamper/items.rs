//! Items: a row that is changed, moved, put back in an older form or taken away is named.

use crate::{case, hold_in, life, raw::Raw, sql, verify};
use access::audit::{Entry, Outcome};
use store::{
    items::{Change, Kind},
    verify::fault::{Place, What},
};
use testkit::house::{ENGINES, Engine, House};

const ONE: &[u8] = &[0x11; 16];
const TWO: &[u8] = &[0x22; 16];
const GONE: &[u8] = &[0x33; 16];

fn place(id: &[u8]) -> Place {
    Place::Item { kind: Kind::Account.number(), id: id.iter().map(|b| format!("{b:02x}")).collect() }
}

fn put(house: &House, id: &[u8], expected: i64, content: &str, handle: &str) {
    let entry = Entry::new(&house.operator(), "change account", "", Outcome::Done);
    let put = house.record.store().put_item(
        Kind::Account,
        id,
        expected,
        content.into(),
        &[handle],
        None,
        Some(entry),
    );
    assert_eq!(put.unwrap(), expected + 1);
}

/// A house with three accounts, of which one was changed and one removed again. What it was before is kept as `early`.
fn kept(engine: Engine) -> House {
    let house = life::lived(engine);
    put(&house, ONE, 0, "first", "email:one@example.org");
    put(&house, TWO, 0, "other", "email:two@example.org");
    put(&house, GONE, 0, "soon gone", "email:gone@example.org");
    let mut raw = Raw::open(&house);
    raw.run(
        "CREATE TABLE early_item AS SELECT * FROM item; CREATE TABLE early_handle AS SELECT * FROM handle",
    );
    put(&house, ONE, 1, "second", "email:one@example.org");
    let entry = Entry::new(&house.operator(), "remove account", "", Outcome::Done);
    let remove = Change::Remove { kind: Kind::Account, id: GONE.to_vec(), expected: 1 };
    house.record.store().change_items(vec![remove], Some(entry)).unwrap();
    house
}

#[test]
fn d7_what_is_done_to_an_item_behind_the_stores_back_is_named() {
    let row = |id: u8| match id {
        1 => "version = 2",
        _ => "version = 1",
    };
    for engine in ENGINES {
        hold_in(
            kept(engine),
            &[
                case(place(ONE), What::Changed, move |raw| raw.flip("item", "sealed", row(1))),
                case(place(TWO), What::Changed, move |raw| raw.swap("item", "sealed", row(1), row(2))),
                sql(place(ONE), What::Closed, "UPDATE item SET version = 3 WHERE version = 2"),
                sql(place(ONE), What::Closed, "UPDATE item SET expires = 1 WHERE version = 2"),
                sql(place(ONE), What::Missing, "DELETE FROM item WHERE version = 2"),
                sql(
                    place(ONE),
                    What::Older,
                    "DELETE FROM item WHERE version = 2; \
                     INSERT INTO item SELECT * FROM early_item e WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.id = e.id) \
                     AND e.id IN (SELECT h.id FROM handle h)",
                ),
                sql(
                    place(GONE),
                    What::Older,
                    "INSERT INTO item SELECT * FROM early_item e WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.id = e.id)",
                ),
                sql(
                    place(ONE),
                    What::Disagrees("handle"),
                    "DELETE FROM handle WHERE id IN (SELECT i.id FROM item i WHERE i.version = 2)",
                ),
                case(place(ONE), What::Disagrees("handle"), |raw| {
                    raw.put(
                        "UPDATE handle SET id = ?1 WHERE id IN (SELECT i.id FROM item i WHERE i.version = 2)",
                        TWO,
                    );
                }),
                case(Place::Handles, What::Foreign, |raw| {
                    raw.put("INSERT INTO handle (kind, term, id) VALUES (2, ?1, ?1)", b"x");
                }),
            ],
        );
        let house = kept(engine);
        assert_eq!(verify(&house).counts.items, 2);
    }
}

#[test]
fn a_handle_that_somebody_pointed_elsewhere_finds_nothing() {
    for engine in ENGINES {
        let house = kept(engine);
        let store = house.record.store();
        let mut raw = Raw::open(&house);
        let find = || store.find_item(Kind::Account, "email:two@example.org", house.now()).unwrap();
        assert_eq!(find().unwrap().content, b"other");
        raw.run("DELETE FROM handle WHERE id IN (SELECT i.id FROM item i WHERE i.version = 2)");
        raw.put("UPDATE handle SET id = ?1", ONE);
        assert!(find().is_none());
        raw.flip("item", "sealed", "version = 2");
        assert!(store.item(Kind::Account, ONE, house.now()).is_err());
    }
}
