//! What was changed in a record, by whom, as far as the reader may see it (F9).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so")]

use access::act::Act;
use record::{
    change::{Change, Wish},
    changes::{Changed, Changes, ChangesRequest},
    error::Error,
};
use serde_json::{Value, json};
use store::batch::Op;
use testkit::house::{ENGINES, House};

fn put(house: &House, act: &Act, kind: &str, id: &str, mut resource: Value) {
    (resource["resourceType"], resource["id"]) = (kind.into(), id.into());
    let (resource_type, id) = (kind.to_owned(), Some(id.to_owned()));
    let wish =
        Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
    house.record.commit(act, "update", &[Change::from(wish)]).unwrap();
}

fn delete(house: &House, act: &Act, kind: &str, id: &str) {
    let wish = Wish::Delete { resource_type: kind.into(), id: Some(id.into()), query: None, if_match: None };
    house.record.commit(act, "delete", &[wish.into()]).unwrap();
}

fn medicine(dose: &str) -> Value {
    json!({"status": "active", "intent": "order", "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "Metformin"}, "dosageInstruction": [{"text": dose}]})
}

/// A patient in the care of Dr Bo, and another of whom they know nothing.
fn furnished(house: &House) -> (Act, Act) {
    let operator = house.operator();
    put(house, &operator, "Practitioner", "bo", json!({}));
    for patient in ["p", "q"] {
        put(house, &operator, "Patient", patient, json!({"name": [{"family": "Testri"}]}));
    }
    put(
        house,
        &operator,
        "Encounter",
        "e",
        json!({"status": "in-progress", "class": {"code": "AMB"}, "subject": {"reference": "Patient/p"},
            "participant": [{"individual": {"reference": "Practitioner/bo"}}]}),
    );
    (house.staff("physician", &["Practitioner/bo"]), house.patient("p"))
}

fn asked<'a>(patient: &'a str, only: Option<(&'a str, &'a str)>, count: usize) -> ChangesRequest<'a> {
    ChangesRequest { patient, only, from: None, count }
}

fn text(body: Option<&Vec<u8>>) -> String {
    body.map(|body| String::from_utf8(body.clone()).unwrap()).unwrap_or_default()
}

fn told(changes: &Changes) -> Vec<(Op, &str, i64)> {
    changes.changes.iter().map(|change| (change.op, change.id.as_str(), change.version)).collect()
}

#[test]
fn f9_three_changes_are_three_versions_with_who_made_each_and_what_was_before() {
    for engine in ENGINES {
        let house = House::new(engine);
        let (doctor, patient) = furnished(&house);
        for dose in ["500 mg", "850 mg", "1000 mg"] {
            put(&house, &doctor, "MedicationRequest", "m", medicine(dose));
        }
        put(&house, &doctor, "MedicationRequest", "other", medicine("5 mg"));
        let of_m =
            |act: &Act| house.record.changes(act, &asked("p", Some(("MedicationRequest", "m")), 10)).unwrap();
        let ops = [(Op::Update, "m", 3), (Op::Update, "m", 2), (Op::Create, "m", 1)];
        for act in [&doctor, &patient] {
            let found = of_m(act);
            assert_eq!(told(&found), ops);
            assert!(
                found
                    .changes
                    .iter()
                    .all(|change| change.role == "physician" && change.name == "Test physician")
            );
            let Changed { before, after, .. } = &found.changes[0];
            assert!(text(before.as_ref()).contains("850 mg") && text(after.as_ref()).contains("1000 mg"));
        }
        delete(&house, &house.operator(), "MedicationRequest", "m");
        let removal = of_m(&patient).changes.remove(0);
        assert_eq!((removal.op, removal.role.as_str()), (Op::Delete, "operator"));
        assert!(removal.after.is_none() && text(removal.before.as_ref()).contains("1000 mg"));
        assert_eq!(told(&of_m(&patient))[1..], ops);
        // Labels of what was removed are in no index, so whoever might not see one sees that it was removed, and nothing of it.
        let found = of_m(&doctor);
        assert_eq!(told(&found), [(Op::Delete, "m", 4)]);
        assert!(found.changes[0].before.is_none());
        put(&house, &doctor, "MedicationRequest", "m", medicine("500 mg"));
        let back = house.record.changes(&doctor, &asked("p", Some(("MedicationRequest", "m")), 1)).unwrap();
        assert!(back.changes[0].was_removed && back.changes[0].before.is_none());
    }
}

#[test]
fn all_changes_of_a_record_come_in_pages_that_lose_nothing() {
    for engine in ENGINES {
        let house = House::new(engine);
        let (doctor, _) = furnished(&house);
        for at in 0..7 {
            put(&house, &doctor, "MedicationRequest", &format!("m{at}"), medicine("5 mg"));
        }
        let mut other = medicine("5 mg");
        other["subject"]["reference"] = "Patient/q".into();
        put(&house, &house.operator(), "MedicationRequest", "of-q", other);
        let at_once: Vec<Change> = ["n0", "n1", "n2", "n3", "n4"]
            .map(|id| {
                let (resource_type, id) = ("MedicationRequest".to_owned(), id.to_owned());
                let mut resource = medicine("5 mg");
                (resource["resourceType"], resource["id"]) = ("MedicationRequest".into(), id.clone().into());
                let (id, query, if_match, if_none_match) = (Some(id), None, None, false);
                Wish::Update { resource_type, id, query, resource, if_match, if_none_match }.into()
            })
            .into();
        house.record.commit(&doctor, "transaction", &at_once).unwrap();
        put(&house, &doctor, "MedicationRequest", "m7", medicine("5 mg"));
        for count in [1, 2, 3, 50] {
            let (mut all, mut from) = (Vec::new(), None);
            loop {
                let found = house
                    .record
                    .changes(&doctor, &ChangesRequest { from, ..asked("p", None, count) })
                    .unwrap();
                assert!(found.changes.len() <= count, "a page is no longer than was asked for");
                all.extend(found.changes.iter().map(|change| change.id.clone()));
                from = found.next;
                if from.is_none() {
                    break;
                }
            }
            let expected =
                ["m7", "n0", "n1", "n2", "n3", "n4", "m6", "m5", "m4", "m3", "m2", "m1", "m0", "e", "p"];
            assert_eq!(all, expected, "by {count}");
        }
    }
}

#[test]
fn what_the_reader_may_not_see_is_not_among_it_and_the_look_is_signed() {
    for engine in ENGINES {
        let house = House::new(engine);
        let (doctor, patient) = furnished(&house);
        let mut hidden = medicine("5 mg");
        hidden["meta"] = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]});
        put(&house, &house.operator(), "MedicationRequest", "hidden", hidden);
        let sees = |act: &Act| {
            let found = house.record.changes(act, &asked("p", None, 50)).unwrap();
            found.changes.iter().any(|change| change.id == "hidden")
        };
        assert_eq!((sees(&doctor), sees(&patient)), (false, true));
        let stranger = house.staff("physician", &["Practitioner/other"]);
        assert!(house.record.changes(&stranger, &asked("p", None, 50)).unwrap().changes.is_empty());
        assert!(house.record.changes(&doctor, &asked("q", None, 50)).unwrap().changes.is_empty());
        assert!(house.record.changes(&doctor, &asked("nobody", None, 50)).unwrap().changes.is_empty());
        let nobody = house.act("nobody", &[], None);
        assert!(matches!(house.record.changes(&nobody, &asked("p", None, 50)), Err(Error::Refused)));
        let request = record::viewers::ViewersRequest {
            patient: "p",
            who: record::viewers::Who::All,
            before: None,
            count: None,
        };
        let lines = house.record.viewers(&house.operator(), &request).unwrap().lines;
        let looks =
            lines.iter().filter(|line| line.look.as_ref().is_some_and(|look| look.operation == "changes"));
        assert_eq!(
            looks.count(),
            2,
            "the doctor's and the patient's; a stranger saw nothing of this patient"
        );
        assert_eq!(house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
    }
}
