//! Resource rows, which say what is current, whose it is, and under which name it is found.

use super::{case, hold, sql};
use store::verify::fault::{Place, What};
use testkit::house::ENGINES;

#[test]
fn no_column_of_a_resource_row_can_be_changed() {
    for engine in ENGINES {
        let wrong = |rid: i64, column: &'static str, statement| {
            sql(Place::Resource(rid), What::Disagrees(column), statement)
        };
        hold(
            engine,
            &[
                wrong(3, "version", "UPDATE resource SET version = 4 WHERE rid = 3"),
                wrong(3, "seq", "UPDATE resource SET seq = 17 WHERE rid = 3"),
                // An old version in place of the current one, complete.
                wrong(3, "version", "UPDATE resource SET version = 4, seq = 17 WHERE rid = 3"),
                wrong(3, "live", "UPDATE resource SET live = 0 WHERE rid = 3"),
                wrong(11, "live", "UPDATE resource SET live = 1 WHERE rid = 11"),
                wrong(3, "owner", "UPDATE resource SET owner = 2 WHERE rid = 3"),
                wrong(3, "updated", "UPDATE resource SET updated = updated + 1 WHERE rid = 3"),
                // Somebody whom only a reference names is made to look stored.
                wrong(14, "version", "UPDATE resource SET version = 1, seq = 3, live = 1 WHERE rid = 14"),
                case(Place::Version { seq: 3, rid: 3, version: 1 }, What::Disagrees("type"), |raw| {
                    raw.run("UPDATE resource SET type = type + 1 WHERE rid = 3");
                }),
                case(Place::Resource(3), What::Disagrees("key"), |raw| {
                    let (one, other) =
                        ("SELECT key FROM resource WHERE rid = 3", "SELECT key FROM resource WHERE rid = 5");
                    let (one, other) = (raw.bytes(one), raw.bytes(other));
                    raw.put("UPDATE resource SET key = ?1 WHERE rid = 3", b"for a moment");
                    raw.put("UPDATE resource SET key = ?1 WHERE rid = 5", &one);
                    raw.put("UPDATE resource SET key = ?1 WHERE rid = 3", &other);
                }),
            ],
        );
    }
}

#[test]
fn deleted_and_inserted_resource_rows_are_named() {
    for engine in ENGINES {
        hold(
            engine,
            &[
                sql(Place::Resource(7), What::Missing, "DELETE FROM resource WHERE rid = 7"),
                sql(Place::Resource(14), What::Missing, "DELETE FROM resource WHERE rid = 14"),
                case(Place::Resource(99), What::Foreign, |raw| {
                    raw.put("INSERT INTO resource VALUES (99, ?1, 7, 0, 0, 0, 0, 0)", b"a key of 16 byte");
                }),
                case(Place::Resource(-5), What::Foreign, |raw| {
                    raw.put("INSERT INTO resource VALUES (-5, ?1, 7, 0, 0, 0, 0, 0)", b"a key of 16 byte");
                }),
            ],
        );
    }
}
