//! The search index and the lists of viewers: a row too few hides a resource or a look, a row too many shows one.

use super::{Case, Raw, case, hold, life, sql, verify};
use serde_json::json;
use store::verify::{
    Check,
    fault::{Fault, IndexTable, Place, What},
};
use testkit::house::{ENGINES, House};
use vault::provider::{KeyFile, Provider};

/// The lowest parameter of a row in a table.
fn lowest(raw: &mut Raw, table: &str, rid: i64) -> i64 {
    raw.int(&format!("SELECT MIN(param) FROM {table} WHERE rid = {rid} AND param <> 2"))
}

/// A fault in the rows of `rid` under its lowest parameter, which must be found beforehand.
fn index(house: &House, table: IndexTable, rid: i64) -> Place {
    let name = match table {
        IndexTable::Term => "term",
        IndexTable::Span => "span",
        IndexTable::Link | IndexTable::Viewer => "link",
        IndexTable::Tie => "tie",
        IndexTable::Consent => "consent",
    };
    Place::Index { table, param: lowest(&mut Raw::open(house), name, rid), rid }
}

fn deleted(place: Place, table: &'static str, rid: i64) -> Case {
    case(place, What::Missing, move |raw| {
        let param = lowest(raw, table, rid);
        raw.run(&format!("DELETE FROM {table} WHERE rid = {rid} AND param = {param}"));
    })
}

#[test]
fn f6_deleted_index_rows_are_named() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let cases = [
            deleted(index(&house, IndexTable::Term, 5), "term", 5),
            deleted(index(&house, IndexTable::Span, 5), "span", 5),
            deleted(index(&house, IndexTable::Link, 5), "link", 5),
            case(index(&house, IndexTable::Term, 1), What::Missing, |raw| raw.run("DELETE FROM term")),
        ];
        hold(engine, &cases);
    }
}

#[test]
fn f6_inserted_index_rows_are_named() {
    let foreign =
        |table, param, rid, statement| sql(Place::Index { table, param, rid }, What::Foreign, statement);
    for engine in ENGINES {
        hold(
            engine,
            &[
                foreign(IndexTable::Term, 77, 5, "INSERT INTO term VALUES (77, 123, 5)"),
                foreign(IndexTable::Span, 77, 5, "INSERT INTO span VALUES (77, 0, 1, 2, 5)"),
                foreign(IndexTable::Link, 77, 5, "INSERT INTO link VALUES (77, 1, 5)"),
                // Ben's observation is put into Asha's compartment.
                foreign(IndexTable::Link, 1, 4, "INSERT INTO link VALUES (1, 1, 4)"),
                // Of what was deleted, of what only a reference names, and of nothing.
                foreign(IndexTable::Term, 77, 11, "INSERT INTO term VALUES (77, 123, 11)"),
                foreign(IndexTable::Term, 77, 14, "INSERT INTO term VALUES (77, 123, 14)"),
                foreign(IndexTable::Term, 77, 5_000, "INSERT INTO term VALUES (77, 123, 5000)"),
                foreign(IndexTable::Span, 77, -9, "INSERT INTO span VALUES (77, 0, 1, 2, -9)"),
            ],
        );
    }
}

/// A care relationship that nobody had, a consent that nobody gave or that was taken away.
#[test]
fn f6_whom_care_or_consent_lets_in_cannot_be_changed_behind_the_records_back() {
    for engine in ENGINES {
        let house = life::lived(engine);
        life::write(
            &house,
            life::put(
                "Encounter",
                "e",
                json!({"status": "in-progress", "class": {"code": "AMB"}, "subject": {"reference": "Patient/asha"},
                    "participant": [{"individual": {"reference": "Practitioner/b"}}]}),
            ),
        );
        life::write(
            &house,
            life::put(
                "Consent",
                "c",
                json!({"status": "active", "scope": {"coding": [{"code": "patient-privacy"}]},
                    "category": [{"text": "privacy"}], "policyRule": {"text": "own"},
                    "patient": {"reference": "Patient/asha"}, "provision": {"type": "deny", "securityLabel": [{"code": "PSY"}]}}),
            ),
        );
        let mut raw = Raw::open(&house);
        let (encounter, consent) =
            (raw.int("SELECT MAX(rid) FROM tie"), raw.int("SELECT MAX(rid) FROM consent"));
        assert!(encounter > 0 && consent > encounter);
        raw.keep("ours");
        let mut fault = |table, what, rid, tamper: &'static str| {
            let first = Fault { place: Place::Index { table, param: 0, rid }, what };
            raw.run(tamper);
            assert_eq!(verify(&house).faults.first(), Some(&first), "{tamper} on {engine:?}");
            raw.restore_all("ours");
        };
        let (tie, rules) = (IndexTable::Tie, IndexTable::Consent);
        fault(tie, What::Missing, encounter, "DELETE FROM tie");
        fault(
            tie,
            What::Foreign,
            encounter,
            "INSERT INTO tie SELECT who + 1, patient, since, until, rid FROM tie",
        );
        fault(tie, What::Foreign, 5, "INSERT INTO tie SELECT who, 2, since, until, 5 FROM tie");
        fault(rules, What::Missing, consent, "DELETE FROM consent");
        fault(rules, What::Foreign, 1, "INSERT INTO consent VALUES (1, 1, 0, 0, 0, 0, 0, 0, 0, 9, 1)");
        assert_eq!(verify(&house).faults, []);
    }
}

#[test]
fn f6_a_look_that_was_struck_off_the_patients_list_is_named() {
    let viewer = |leaf| Place::Index { table: IndexTable::Viewer, param: 2, rid: leaf };
    for engine in ENGINES {
        hold(
            engine,
            &[
                sql(viewer(20), What::Missing, "DELETE FROM link WHERE param = 2 AND rid = 20"),
                sql(viewer(21), What::Foreign, "INSERT INTO link VALUES (2, 2, 21)"),
                sql(viewer(20), What::Missing, "UPDATE link SET target = 2 WHERE param = 2 AND rid = 20"),
                sql(viewer(0), What::Missing, "DELETE FROM link WHERE param = 2"),
                sql(viewer(999), What::Foreign, "INSERT INTO link VALUES (2, 1, 999)"),
            ],
        );
        // That needs no knowledge of FHIR, so a shallow check finds it as well.
        let house = life::lived(engine);
        Raw::open(&house).run("DELETE FROM link WHERE param = 2 AND rid = 20");
        let report = house.record.verify(None, false, &mut |_| {}).unwrap();
        assert_eq!(report.faults.first().map(|fault| fault.place.clone()), Some(viewer(20)));
        assert!(report.ran.contains(&Check::Viewers) && !report.ran.contains(&Check::Index));
    }
}

#[test]
fn d7_a_changed_or_moved_token_is_named() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let hash = Raw::open(&house).bytes("SELECT hash FROM token");
        let start: String = hash.iter().take(4).map(|b| format!("{b:02x}")).collect();
        hold(
            engine,
            &[
                case(Place::Token(start), What::Closed, |raw| raw.flip("token", "sealed", "1 = 1")),
                case(Place::Token("61206861".into()), What::Closed, |raw| {
                    raw.put("UPDATE token SET hash = ?1", b"a hash of somebody else's choice");
                }),
            ],
        );
    }
}

#[test]
fn what_is_erased_is_counted_and_what_the_index_still_tells_of_it_is_a_fault() {
    for engine in ENGINES {
        let house = life::lived(engine);
        let provider = Provider::KeyFile(KeyFile::read(&house.folder.join("root.key")).unwrap());
        house.record.store().keyring().destroy(&[life::BEN], &provider).unwrap();
        let mut raw = Raw::open(&house);
        let versions = raw.int("SELECT COUNT(*) FROM version WHERE owner = 2") as u64;
        let report = verify(&house);
        assert_eq!(report.counts.erased, versions);
        assert!(!report.is_sound());
        for fault in &report.faults {
            let known = match fault.place {
                Place::Index { .. } => What::Foreign,
                _ => What::Disagrees("live"),
            };
            assert_eq!(fault.what, known, "{fault}");
        }
        for table in ["term", "span", "link"] {
            let rows = "rid IN (SELECT r.rid FROM resource r WHERE r.owner = 2)";
            raw.run(&format!(
                "DELETE FROM {table} WHERE {rows}{}",
                if table == "link" { " AND param <> 2" } else { "" }
            ));
        }
        assert_ne!(verify(&house).faults, [], "{engine:?}: nothing of the erased is live");
        raw.run("UPDATE resource SET live = 0 WHERE owner = 2");
        assert_eq!(verify(&house).faults, [], "{engine:?}");
        // Somebody else's version cannot pass for an erased one.
        raw.keep("kept");
        raw.run("UPDATE version SET owner = 2 WHERE seq = 19; UPDATE resource SET owner = 2 WHERE rid = 3");
        let first = verify(&house).faults.remove(0);
        let place = Place::Version { seq: 19, rid: life::O0, version: 5 };
        assert_eq!((first.place, first.what), (place, What::Disagrees("owner")));
        raw.restore_all("kept");
        // Its hash is still in the log, so even what nobody can open cannot be changed.
        raw.flip("version", "body", "seq = 2");
        let first = verify(&house).faults.remove(0);
        assert_eq!((first.place, first.what), (Place::Version { seq: 2, rid: 2, version: 1 }, What::Changed));
    }
}
