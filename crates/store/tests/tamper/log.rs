//! The audit log (F6): edited, deleted, reordered, inserted, truncated, rewritten.

use super::{Case, Raw, case, hold, life, sql};
use ledger::tree::Tree;
use store::verify::fault::{Place, What};
use testkit::house::{ENGINES, Engine, House};

fn leaf(index: i64, what: What, tamper: impl Fn(&mut Raw) + 'static) -> Case {
    case(Place::Leaf(index), what, tamper)
}

/// What an operator can do without the signing key: hash all leaves again, and write down the tree that they make.
fn hash_again(raw: &mut Raw) {
    let mut tree = Tree::default();
    for seq in 0..raw.int("SELECT COUNT(*) FROM leaf") {
        let hash = raw.bytes(&format!("SELECT hash FROM leaf WHERE seq = {seq}"));
        tree.append(hash.try_into().unwrap());
    }
    raw.put("UPDATE head SET tree = ?1", &tree.to_bytes());
    raw.run(&format!("UPDATE head SET leaves = {}", tree.size()));
}

#[test]
fn f6_an_edited_leaf_is_named() {
    for engine in ENGINES {
        hold(
            engine,
            &[
                leaf(7, What::Closed, |raw| raw.flip("leaf", "entry", "seq = 7")),
                leaf(0, What::Closed, |raw| raw.flip("leaf", "entry", "seq = 0")),
                leaf(life::LEAVES - 1, What::Closed, |raw| raw.flip("leaf", "entry", "seq = 30")),
                leaf(22, What::Changed, |raw| raw.flip("leaf", "hash", "seq = 22")),
                leaf(22, What::Closed, |raw| raw.put("UPDATE leaf SET entry = ?1 WHERE seq = 22", b"")),
                leaf(22, What::Changed, |raw| raw.put("UPDATE leaf SET hash = ?1 WHERE seq = 22", b"short")),
            ],
        );
    }
}

#[test]
fn f6_a_deleted_leaf_is_named() {
    for engine in ENGINES {
        hold(
            engine,
            &[
                sql(Place::Leaf(22), What::Missing, "DELETE FROM leaf WHERE seq = 22"),
                sql(Place::Leaf(0), What::Missing, "DELETE FROM leaf WHERE seq = 0"),
                sql(Place::Leaf(5), What::Missing, "DELETE FROM leaf WHERE seq IN (5, 6, 7, 20)"),
                // The operator hides a look and closes the gap.
                leaf(22, What::Closed, |raw| {
                    raw.run("DELETE FROM leaf WHERE seq = 22; UPDATE leaf SET seq = -seq WHERE seq > 22");
                    raw.run("UPDATE leaf SET seq = -seq - 1 WHERE seq < 0");
                }),
            ],
        );
    }
}

#[test]
fn f6_reordered_leaves_are_named() {
    for engine in ENGINES {
        hold(
            engine,
            &[
                leaf(20, What::Closed, |raw| {
                    raw.swap("leaf", "entry", "seq = 20", "seq = 21");
                    raw.swap("leaf", "hash", "seq = 20", "seq = 21");
                }),
                leaf(20, What::Closed, |raw| raw.swap("leaf", "entry", "seq = 20", "seq = 21")),
                leaf(20, What::Changed, |raw| raw.swap("leaf", "hash", "seq = 20", "seq = 21")),
                leaf(4, What::Closed, |raw| {
                    for step in ["seq = -4 WHERE seq = 4", "seq = 4 WHERE seq = 9", "seq = 9 WHERE seq = -4"]
                    {
                        raw.run(&format!("UPDATE leaf SET {step}"));
                    }
                }),
            ],
        );
    }
}

#[test]
fn f6_an_inserted_leaf_is_named() {
    for engine in ENGINES {
        hold(
            engine,
            &[
                sql(
                    Place::Leaf(31),
                    What::Closed,
                    "INSERT INTO leaf SELECT 31, hash, entry FROM leaf WHERE seq = 30",
                ),
                sql(
                    Place::Leaf(-1),
                    What::Foreign,
                    "INSERT INTO leaf SELECT -1, hash, entry FROM leaf WHERE seq = 30",
                ),
                // In the middle, with all later ones moved on.
                leaf(10, What::Closed, |raw| {
                    raw.run("UPDATE leaf SET seq = -seq WHERE seq >= 10; UPDATE leaf SET seq = 1 - seq WHERE seq < 0");
                    raw.run("INSERT INTO leaf SELECT 10, hash, entry FROM leaf WHERE seq = 9");
                }),
                // Far out: what is missing before it comes first.
                sql(
                    Place::Leaf(31),
                    What::Missing,
                    "INSERT INTO leaf SELECT 1000, hash, entry FROM leaf WHERE seq = 30",
                ),
            ],
        );
    }
}

#[test]
fn f6_a_truncated_log_is_found_with_and_without_a_new_tree() {
    for engine in ENGINES {
        hold(
            engine,
            &[
                sql(Place::Leaf(28), What::Truncated, "DELETE FROM leaf WHERE seq >= 28"),
                sql(Place::Leaf(0), What::Truncated, "DELETE FROM leaf"),
                leaf(28, What::Truncated, |raw| {
                    raw.run("DELETE FROM leaf WHERE seq >= 28");
                    hash_again(raw);
                }),
                // The operator takes the changes away as well, and leaves no row behind.
                leaf(29, What::Truncated, |raw| {
                    raw.run("DELETE FROM leaf WHERE seq >= 29; DELETE FROM version WHERE seq >= 25");
                    raw.run("DELETE FROM link WHERE param = 2 AND rid >= 29; UPDATE head SET seq = 24");
                    hash_again(raw);
                }),
            ],
        );
    }
}

#[test]
fn f6_a_log_that_was_hashed_again_is_found_for_nobody_else_can_sign_it() {
    let stranger = House::new(Engine::Sqlite);
    for _ in 0..life::LEAVES {
        stranger.record.read(&stranger.operator(), "Patient", "nobody").unwrap_err();
    }
    let foreign = stranger.record.store().checkpoint().unwrap();
    for engine in ENGINES {
        let foreign = foreign.clone();
        hold(
            engine,
            &[
                leaf(22, What::Closed, |raw| {
                    raw.run("DELETE FROM leaf WHERE seq = 22; UPDATE leaf SET seq = -seq WHERE seq > 22");
                    raw.run("UPDATE leaf SET seq = -seq - 1 WHERE seq < 0");
                    hash_again(raw);
                }),
                leaf(22, What::Changed, |raw| {
                    raw.flip("leaf", "hash", "seq = 22");
                    hash_again(raw);
                }),
                case(Place::Checkpoint, What::NotSigned, |raw| raw.flip("head", "checkpoint", "id = 1")),
                case(Place::Checkpoint, What::NotSigned, move |raw| {
                    raw.put("UPDATE head SET checkpoint = ?1", &foreign);
                }),
                leaf(0, What::NotCovered, |raw| raw.put("UPDATE head SET checkpoint = ?1", b"")),
                case(Place::Head, What::Closed, |raw| raw.run("DELETE FROM head")),
                case(Place::Head, What::Closed, |raw| raw.put("UPDATE head SET tree = ?1", b"x")),
                case(Place::Head, What::Disagrees("tree"), |raw| raw.flip("head", "tree", "id = 1")),
                case(Place::Head, What::Disagrees("leaves"), |raw| raw.run("UPDATE head SET leaves = 3")),
                case(Place::Head, What::Disagrees("seq"), |raw| raw.run("UPDATE head SET seq = 3")),
                case(Place::Head, What::Disagrees("updated"), |raw| raw.run("UPDATE head SET updated = 3")),
                case(Place::Resource(14), What::Foreign, |raw| raw.run("UPDATE head SET rid = 13")),
                case(Place::Resource(15), What::Missing, |raw| raw.run("UPDATE head SET rid = 15")),
            ],
        );
    }
}
