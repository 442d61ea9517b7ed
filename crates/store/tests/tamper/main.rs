//! What an operator with full access to the database, but without keys, can do to it, and that `verify` names the first place
//! where it was done. On both engines. Requirements F6, D7, E3.

#![allow(clippy::unwrap_used, reason = "a test house that cannot be built must stop the test")]

mod bodies;
mod index;
mod items;
mod life;
mod log;
mod raw;
mod reads;
mod rollback;
mod rows;

use raw::Raw;
use store::verify::{
    Report,
    fault::{Fault, Place, What},
};
use testkit::house::{ENGINES, Engine, House};

/// One thing that the operator does, and the fault that must come first.
struct Case {
    tamper: Box<dyn Fn(&mut Raw)>,
    first: Fault,
}

fn case(place: Place, what: What, tamper: impl Fn(&mut Raw) + 'static) -> Case {
    Case { tamper: Box::new(tamper), first: Fault { place, what } }
}

/// As [`case`], for what one statement does.
fn sql(place: Place, what: What, statement: &'static str) -> Case {
    case(place, what, move |raw| raw.run(statement))
}

fn verify(house: &House) -> Report {
    house.record.verify(None, true, &mut |_| {}).unwrap()
}

/// What the check of the log alone finds first, as a page starts it while the house is at work.
fn in_the_log(house: &House) -> Option<Fault> {
    let oversight = access::oversight::oversee(&house.operator()).unwrap();
    let report = house.record.store().verify_log(&oversight, None, &mut |_| {}).unwrap();
    report.faults.into_iter().next()
}

/// Whether a fault is one of the log itself, and not of what it tells of.
fn is_of_the_log(fault: &Fault) -> bool {
    match fault.place {
        Place::Leaf(_) | Place::Checkpoint => true,
        Place::Head => [What::Closed, What::Disagrees("tree")].contains(&fault.what),
        _ => false,
    }
}

/// Does each thing to the same house, and undoes it.
fn hold(engine: Engine, cases: &[Case]) {
    hold_in(life::lived(engine), cases);
}

/// As [`hold`], in a house where something more has happened.
fn hold_in(house: House, cases: &[Case]) {
    let engine = &house.database;
    let mut raw = Raw::open(&house);
    raw.keep("kept");
    assert_eq!(verify(&house).faults, [], "an honest house on {engine:?}");
    for (at, Case { tamper, first }) in cases.iter().enumerate() {
        tamper(&mut raw);
        let report = verify(&house);
        assert_eq!(report.faults.first(), Some(first), "case {at} on {engine:?}: {:#?}", report.faults);
        if is_of_the_log(first) {
            assert_eq!(in_the_log(&house).as_ref(), Some(first), "case {at} in the log alone on {engine:?}");
        }
        for fault in &report.faults {
            assert!(!life::MARKERS.iter().any(|marker| fault.to_string().contains(marker)));
        }
        raw.restore_all("kept");
    }
    assert_eq!(verify(&house).faults, [], "everything was put back on {engine:?}");
    assert_eq!(in_the_log(&house), None, "an honest log on {engine:?}");
}

#[test]
fn an_honest_house_is_sound_and_the_report_says_what_was_looked_at() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let older = house.record.store().checkpoint().unwrap();
        house.record.read(&house.operator(), "Patient", "asha").unwrap();
        let mut steps = Vec::new();
        let report =
            house.record.verify(Some(&older), true, &mut |progress| steps.push(progress.check)).unwrap();
        assert!(report.is_sound(), "{engine:?}: {:#?}", report.faults);
        let counts = report.counts;
        assert_eq!(
            (counts.leaves, counts.versions, counts.erased),
            (life::LEAVES as u64 + 1, life::CHANGES as u64, 0)
        );
        assert_eq!((counts.resources, counts.tokens), (14, 1));
        assert!(counts.index_rows > 200, "{counts:?}");
        assert_eq!(report.left_out.len(), usize::from(engine == Engine::Postgres), "{:?}", report.left_out);
        assert!(!steps.is_empty());
        // Without the index and an older checkpoint it says so.
        let report = house.record.verify(None, false, &mut |_| {}).unwrap();
        use store::verify::Check;
        assert_eq!(report.left_out, [Check::Older, Check::Index, Check::File]);
    }
}

#[test]
fn an_empty_house_is_sound() {
    for engine in ENGINES {
        let report = verify(&House::new(engine));
        assert_eq!((report.faults.as_slice(), report.counts.leaves), ([].as_slice(), 0));
    }
}

#[test]
fn a_house_is_sound_while_it_is_written_to() {
    for engine in ENGINES {
        let house = life::lived(engine);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for n in 0..60 {
                    life::write(
                        &house,
                        life::put("Observation", &format!("w{}", n % 7), life::observation("ben", n)),
                    );
                }
            });
            while !writer.is_finished() {
                assert_eq!(verify(&house).faults, [], "{engine:?}");
            }
        });
        assert_eq!(verify(&house).counts.versions, life::CHANGES as u64 + 60);
    }
}
