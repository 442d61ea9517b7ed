//! Resource versions (D7): flipped, swapped, replayed, deleted, inserted, relabelled.

use super::{Case, Raw, case, hold, life::O0, sql};
use store::verify::fault::{Place, What};
use testkit::house::ENGINES;

/// Change `seq` wrote that version of that row.
fn version(seq: i64, rid: i64, version: i64) -> Place {
    Place::Version { seq, rid, version }
}

fn at(place: Place, what: What, tamper: impl Fn(&mut Raw) + 'static) -> Case {
    case(place, what, tamper)
}

#[test]
fn d7_flipped_swapped_and_replayed_bodies_are_named() {
    for engine in ENGINES {
        hold(
            engine,
            &[
                at(version(5, 5, 1), What::Changed, |raw| raw.flip("version", "body", "seq = 5")),
                at(version(5, 5, 1), What::Changed, |raw| raw.swap("version", "body", "seq = 5", "seq = 6")),
                // The same resource's first version in place of its fifth.
                at(version(19, O0, 5), What::Changed, |raw| {
                    let old = raw.bytes("SELECT body FROM version WHERE seq = 3");
                    raw.put("UPDATE version SET body = ?1 WHERE seq = 19", &old);
                }),
                at(version(21, 11, 2), What::Changed, |raw| {
                    raw.put("UPDATE version SET body = ?1 WHERE seq = 21", b"")
                }),
            ],
        );
    }
}

#[test]
fn f6_deleted_and_inserted_versions_are_named() {
    for engine in ENGINES {
        hold(
            engine,
            &[
                sql(version(15, O0, 3), What::Missing, "DELETE FROM version WHERE seq = 15"),
                sql(version(19, O0, 5), What::Missing, "DELETE FROM version WHERE seq = 19"),
                sql(
                    version(19, O0, 5),
                    What::Missing,
                    "DELETE FROM version WHERE seq = 19; UPDATE resource SET version = 4, seq = 17 WHERE rid = 3",
                ),
                sql(
                    version(26, O0, 6),
                    What::Foreign,
                    "INSERT INTO version SELECT 26, rid, 6, type, updated, op, owner, body FROM version WHERE seq = 19",
                ),
                sql(
                    version(0, O0, 6),
                    What::Foreign,
                    "INSERT INTO version SELECT 0, rid, 6, type, updated, op, owner, body FROM version WHERE seq = 19",
                ),
                sql(version(19, O0, 5), What::Missing, "UPDATE version SET seq = 90 WHERE seq = 19"),
                sql(
                    version(15, O0, 3),
                    What::Disagrees("version"),
                    "UPDATE version SET seq = -15 WHERE seq = 15; UPDATE version SET seq = 15 WHERE seq = 17; \
                     UPDATE version SET seq = 17 WHERE seq = -15",
                ),
            ],
        );
    }
}

#[test]
fn d7_no_column_of_a_version_can_be_changed() {
    let (place, deleted) = (|| version(19, O0, 5), || version(21, 11, 2));
    for engine in ENGINES {
        hold(
            engine,
            &[
                sql(place(), What::Disagrees("owner"), "UPDATE version SET owner = 2 WHERE seq = 19"),
                sql(place(), What::Closed, "UPDATE version SET owner = 0 WHERE seq = 19"),
                sql(place(), What::Closed, "UPDATE version SET type = type + 1 WHERE seq = 19"),
                // The same bits in what is bound to the body, another number in the index.
                sql(
                    place(),
                    What::Closed,
                    "UPDATE version SET type = type + 4294967296 WHERE rid = 3 AND seq = 19; \
                     UPDATE resource SET type = type + 4294967296 WHERE rid = 3",
                ),
                sql(
                    deleted(),
                    What::Closed,
                    "UPDATE version SET type = type + 2147483648, op = 2 WHERE seq = 21; \
                     UPDATE resource SET live = 1 WHERE rid = 11",
                ),
                sql(place(), What::Closed, "UPDATE version SET op = 3 WHERE seq = 19"),
                sql(deleted(), What::Closed, "UPDATE version SET op = 2 WHERE seq = 21"),
                sql(place(), What::Disagrees("op"), "UPDATE version SET op = 1 WHERE seq = 19"),
                sql(deleted(), What::Disagrees("op"), "UPDATE version SET op = 4 WHERE seq = 21"),
                sql(place(), What::Disagrees("rid"), "UPDATE version SET rid = 5 WHERE seq = 19"),
                sql(place(), What::Disagrees("version"), "UPDATE version SET version = 9 WHERE seq = 19"),
                sql(
                    place(),
                    What::Disagrees("updated"),
                    "UPDATE version SET updated = updated - 1000 WHERE seq = 19",
                ),
                sql(
                    place(),
                    What::Disagrees("updated"),
                    "UPDATE version SET updated = updated + 1000 WHERE seq = 19",
                ),
            ],
        );
    }
}
