//! Row numbers, as the writer remembers them.

use super::*;
use crate::{keys::Target, trial::Trial};

fn target(trial: &Trial, id: &str) -> Target {
    trial.keys.blinder().target("Patient", id)
}

/// Puts rows there, numbered from 1.
fn stored(trial: &mut Trial, ids: &[String]) {
    for (at, id) in ids.iter().enumerate() {
        let key = target(trial, id).key;
        let sql = "INSERT INTO resource (rid, key, type, version, seq, updated, live, owner) VALUES (?1, ?2, 1, 2, 3, 4, 1, 5)";
        trial.conn.execute(sql, &[Arg::Int(at as i64 + 1), Arg::Bytes(&key.0)]).unwrap();
    }
}

#[test]
fn only_what_is_stored_has_a_number_and_looking_twice_finds_what_came_meanwhile() {
    for mut trial in Trial::both() {
        let ids: Vec<String> = (0..150).map(|n| format!("p{n}")).collect();
        let keys: Vec<Key> = ids.iter().map(|id| target(&trial, id).key).collect();
        let mut rids = Rids::default();
        rids.look_up(&mut trial.conn, keys.iter().copied()).unwrap();
        assert!(keys.iter().all(|key| rids.get(key).is_none()));
        stored(&mut trial, &ids);
        rids.look_up(&mut trial.conn, keys.iter().copied().chain(keys.iter().copied())).unwrap();
        let found: Vec<Option<i64>> = keys.iter().map(|key| rids.get(key)).collect();
        assert_eq!(found, (1..=150).map(Some).collect::<Vec<_>>());
        assert_eq!(rids.get(&trial.keys.blinder().key("Practitioner", "p1")), None);
    }
}

#[test]
fn the_state_of_rows_is_read_for_those_that_are_there() {
    for mut trial in Trial::both() {
        stored(&mut trial, &["a".into(), "b".into()]);
        let found = Current::read(&mut trial.conn, &[2, 9]).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[&2], Current { rid: 2, version: 2, seq: 3, live: true, owner: 5 });
        assert!(Current::read(&mut trial.conn, &[]).unwrap().is_empty());
    }
}

#[test]
fn too_much_is_forgotten_at_once() {
    let mut rids = Rids::default();
    let key = |n: i64| Key(std::array::from_fn(|at| n.to_be_bytes()[at % 8]));
    (0..REMEMBERED as i64).for_each(|n| rids.insert(key(n), n));
    let mut rids = rids.trim();
    assert_eq!(rids.get(&key(7)), Some(7));
    rids.insert(key(-1), 1);
    assert_eq!(rids.trim().get(&key(7)), None);
}

#[test]
fn padding_repeats_the_last_one_up_to_a_power_of_two() {
    let padded = |count: usize| super::padded(&vec![7; count]).count();
    assert_eq!([1, 2, 3, 5, 64].map(padded), [1, 2, 4, 8, 64]);
    assert_eq!(padded(0), 0);
}
