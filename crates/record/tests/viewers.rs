//! Who looked at a patient's record (F8): every look is listed, to the patient and the privacy officer alone, and tells nothing of others.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so")]

use access::act::Act;
use record::{
    change::Wish,
    error::Error,
    search::SearchRequest,
    viewers::{Told, Viewers, ViewersRequest, Who},
};
use serde_json::{Value, json};
use testkit::house::{ENGINES, House};

fn put(house: &House, kind: &str, id: &str, mut resource: Value) {
    (resource["resourceType"], resource["id"]) = (kind.into(), id.into());
    let (resource_type, id) = (kind.to_owned(), Some(id.to_owned()));
    let wish =
        Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
    house.record.commit(&house.operator(), "update", &[wish.into()]).unwrap();
}

/// Two patients with observations, both in the care of `Practitioner/bo`.
fn furnished(house: &House) {
    put(house, "Practitioner", "bo", json!({}));
    for patient in ["p", "q"] {
        put(house, "Patient", patient, json!({"name": [{"family": "Testri"}]}));
        let subject = json!({"reference": format!("Patient/{patient}")});
        put(
            house,
            "Encounter",
            &format!("e-{patient}"),
            json!({"status": "in-progress", "class": {"code": "AMB"},
            "subject": subject, "participant": [{"individual": {"reference": "Practitioner/bo"}}]}),
        );
        for at in 0..3 {
            let observation = json!({"status": "final", "code": {"text": "t"}, "subject": subject});
            put(house, "Observation", &format!("{patient}-{at}"), observation);
        }
    }
}

fn asked(patient: &str) -> ViewersRequest<'_> {
    ViewersRequest { patient, who: Who::All, before: None, count: None }
}

fn list(house: &House, act: &Act, request: &ViewersRequest<'_>) -> Viewers {
    house.record.viewers(act, request).unwrap()
}

fn told(viewers: &Viewers) -> Vec<&Told> {
    viewers.lines.iter().map(|line| line.look.as_ref().unwrap()).collect()
}

fn search(house: &House, act: &Act) {
    let (resource_type, query) = ("Observation".to_owned(), "status=final".to_owned());
    let request = SearchRequest { resource_type, query, lenient: false, compartment: None };
    house.record.search(act, &request).unwrap();
}

#[test]
fn f8_a_patient_is_told_who_looked_at_what_and_nothing_of_others() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let bo = house.staff("physician", &["Practitioner/bo"]);
        search(&house, &bo);
        house.record.read(&bo, "Observation", "p-1").unwrap();
        house.record.read(&bo, "Observation", "q-1").unwrap();
        let seen = list(&house, &house.patient("p"), &asked("p"));
        let lines = told(&seen);
        let (read, searched) = (lines[0], lines[1]);
        assert_eq!(
            (read.operation.as_str(), &read.name, &read.role),
            ("read", &bo.actor.name, &"physician".to_owned())
        );
        assert_eq!(read.of_types, [("Observation", 1)]);
        // The search showed six observations; three of them are this patient's.
        assert_eq!(
            (searched.operation.as_str(), &searched.of_types[..]),
            ("search", &[("Observation", 3)][..])
        );
        assert_eq!(lines.iter().filter(|line| line.operation == "read").count(), 1, "not the look at q");
        assert_eq!(lines.last().unwrap().operation, "update", "it begins where the record begins");
        assert!(seen.lines.windows(2).all(|pair| pair[0].line > pair[1].line));
        // This look is the newest line of the next.
        let again = list(&house, &house.patient("p"), &asked("p"));
        assert_eq!(
            (told(&again)[0].operation.as_str(), again.lines.len()),
            ("viewers", seen.lines.len() + 1)
        );
        assert_eq!(house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
    }
}

#[test]
fn f8_nobody_reads_the_list_but_the_patient_who_acts_for_them_and_the_privacy_officer() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let mut proxy = house.patient("p");
        proxy.actor.standing = Some(Default::default());
        assert!(house.record.viewers(&proxy, &asked("p")).is_ok());
        proxy.actor.standing.as_mut().unwrap().hides = vec!["PSY".into()];
        let app = house.act("app", &["patient/Observation.rs"], Some("p"));
        let refused = [
            proxy,
            app,
            house.patient("q"),
            house.staff("physician", &["Practitioner/bo"]),
            house.staff("front-desk", &["Practitioner/bo"]),
            house.staff("administrator", &[]),
        ];
        for act in &refused {
            for patient in ["p", "nobody"] {
                let outcome = house.record.viewers(act, &asked(patient));
                assert!(matches!(outcome, Err(Error::Refused)), "{}: {outcome:?}", act.actor.role);
            }
        }
        let officer = house.staff("privacy-officer", &[]);
        assert!(list(&house, &officer, &asked("p")).lines.len() > 4);
        assert!(matches!(house.record.viewers(&officer, &asked("nobody")), Err(Error::NotFound)));
    }
}

#[test]
fn f8_pages_follow_each_other_and_people_are_told_from_programs() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (bo, patient) = (house.staff("physician", &["Practitioner/bo"]), house.patient("p"));
        for _ in 0..5 {
            house.record.read(&bo, "Patient", "p").unwrap();
        }
        let mut by_app = bo.clone();
        by_app.actor.name = format!("{} by Test App", bo.actor.name);
        house.record.read(&by_app, "Patient", "p").unwrap();
        let all: Vec<i64> = list(&house, &patient, &asked("p")).lines.iter().map(|line| line.line).collect();
        let (mut paged, mut before) = (Vec::new(), Some(all[0] + 1));
        while let Some(at) = before {
            let page =
                list(&house, &patient, &ViewersRequest { before: Some(at), count: Some(2), ..asked("p") });
            assert!(page.lines.len() <= 2);
            paged.extend(page.lines.iter().map(|line| line.line));
            before = page.next;
        }
        assert_eq!(paged, all);
        let people = list(&house, &patient, &ViewersRequest { who: Who::People, ..asked("p") });
        let machines = list(&house, &patient, &ViewersRequest { who: Who::Machines, ..asked("p") });
        assert_eq!(told(&people).iter().filter(|told| told.operation == "read").count(), 5);
        assert!(told(&machines).iter().any(|told| told.name.ends_with(" by Test App")));
        assert!(told(&machines).iter().any(|told| told.role == "operator"));
        assert!(told(&people).iter().all(|told| !told.is_machine));
    }
}
