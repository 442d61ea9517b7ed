//! Vital signs as they are stored, on both engines: once, whole, under one entry of the log, and by those who may.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use access::act::Act;
use care::{
    chart::Chart,
    entry::{self, Deed, State},
    own::{self, Own},
    vitals::{
        flowsheet,
        save::{Saved, save},
        typed::check,
    },
};
use record::{
    change::{Change, Wish},
    error::Error,
};
use serde_json::{Value, json};
use std::{sync::Barrier, thread};
use testkit::house::{ENGINES, House};

fn put(house: &House, kind: &str, id: &str, mut resource: Value) {
    resource["resourceType"] = kind.into();
    resource["id"] = id.into();
    let wish = Wish::Update {
        resource_type: kind.into(),
        id: Some(id.into()),
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    };
    house.record.commit(&house.operator(), "update", &[Change::from(wish)]).unwrap();
}

/// Two patients, one of them in the care of `Organization/o`.
fn furnished(house: &House) {
    put(house, "Organization", "o", json!({"name": "Test North"}));
    put(house, "Practitioner", "n", json!({"name": [{"text": "Nurse Testri"}]}));
    for id in ["p", "q"] {
        put(
            house,
            "Patient",
            id,
            json!({"birthDate": "1960-05-04", "gender": "male", "name": [{"family": "Testri"}]}),
        );
    }
    put(
        house,
        "Encounter",
        "e",
        json!({"status": "in-progress", "class": {"code": "AMB"}, "subject": {"reference": "Patient/p"},
            "serviceProvider": {"reference": "Organization/o"}}),
    );
}

fn nurse(house: &House) -> Act {
    house.staff("nurse", &["Practitioner/n", "Organization/o"])
}

/// The patient themself, as the pages know them.
fn patient(house: &House, id: &str) -> Act {
    let scopes = ["patient/*.rs", "patient/Observation.cu", "patient/AllergyIntolerance.cu"];
    house.act("patient", &scopes, Some(id))
}

fn store(
    house: &House,
    act: &Act,
    patient: &str,
    key: &str,
    fields: &[(&str, &str)],
) -> Result<Saved, Error> {
    let fields: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut chart = Chart::default();
    chart.patient = json!({"birthDate": "1960-05-04", "gender": "male"});
    let about = flowsheet::about(&chart);
    let set = check(&fields, &about, &act.at.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
    save(&house.record, act, patient, (&set, &about), key)
}

fn open(house: &House, act: &Act, patient: &str) -> Chart {
    Chart::open(&house.record, act, patient, &[], "chart").unwrap()
}

fn leaves(house: &House) -> usize {
    let note = String::from_utf8(house.record.store().checkpoint().unwrap()).unwrap();
    note.lines().nth(1).unwrap().parse().unwrap()
}

const WHOLE: [(&str, &str); 9] = [
    ("systolic", "120"),
    ("diastolic", "80"),
    ("heart-rate", "72"),
    ("respiratory-rate", "16"),
    ("temperature", "37.0"),
    ("saturation", "97"),
    ("weight", "107.50"),
    ("oxygen", "air"),
    ("consciousness", "alert"),
];

#[test]
fn c1_a_set_is_one_change_and_one_entry_of_the_log_with_its_digits() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let before = leaves(&house);
        assert_eq!(store(&house, &nurse(&house), "p", "k1", &WHOLE).unwrap(), Saved::New);
        assert_eq!(leaves(&house), before + 1);
        let chart = open(&house, &nurse(&house), "p");
        assert_eq!(chart.of_type("Observation").count(), 9);
        let weight = chart.get("Observation", "k1-29463-7").unwrap();
        assert_eq!(weight.value["valueQuantity"]["value"].to_string(), "107.50");
        assert_eq!(weight.value["performer"][0]["reference"], "Practitioner/n");
        assert!(chart.get("Observation", "k1-news2").is_some());
    }
}

#[test]
fn c1_a_form_that_is_sent_twice_makes_one_set_and_what_was_changed_in_it_is_not_lost_in_silence() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let nurse = nurse(&house);
        assert_eq!(store(&house, &nurse, "p", "k1", &WHOLE).unwrap(), Saved::New);
        house.wait_ms(90_000);
        assert_eq!(store(&house, &self::nurse(&house), "p", "k1", &WHOLE).unwrap(), Saved::Again);
        for other in [("heart-rate", "73"), ("measured", "2023-11-14 10:00")] {
            let fields = [&WHOLE[..2], &[other]].concat();
            assert_eq!(store(&house, &nurse, "p", "k1", &fields).unwrap(), Saved::Before, "{other:?}");
        }
        let chart = open(&house, &nurse, "p");
        assert_eq!(chart.of_type("Observation").count(), 9);
        assert!(chart.of_type("Observation").all(|kept| kept.value["meta"]["versionId"] == "1"));
    }
}

#[test]
fn a_form_that_is_sent_twice_at_once_makes_one_set() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let together = Barrier::new(4);
        let all: Vec<Saved> = thread::scope(|scope| {
            let send = || {
                let act = nurse(&house);
                together.wait();
                store(&house, &act, "p", "k1", &WHOLE).unwrap()
            };
            let sent: Vec<_> = (0..4).map(|_| scope.spawn(send)).collect();
            sent.into_iter().map(|sent| sent.join().unwrap()).collect()
        });
        assert_eq!(all.iter().filter(|saved| **saved == Saved::New).count(), 1, "{all:?}");
        assert_eq!(all.iter().filter(|saved| **saved == Saved::Again).count(), 3, "{all:?}");
        assert_eq!(open(&house, &nurse(&house), "p").of_type("Observation").count(), 9);
    }
}

#[test]
fn nobody_writes_whose_role_or_relationship_does_not_open_the_record() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let known_as = ["Practitioner/n", "Organization/o"];
        for (act, whose) in [
            (house.staff("front-desk", &known_as), "p"),
            (house.staff("nurse", &["Organization/other"]), "p"),
            (house.staff("nurse", &known_as), "q"),
            (house.staff("nurse", &known_as), "nobody"),
            (patient(&house, "q"), "p"),
        ] {
            let refused = store(&house, &act, whose, "k1", &WHOLE);
            assert!(matches!(refused, Err(Error::Refused)), "{} {whose}: {refused:?}", act.actor.role);
        }
        let chart = open(&house, &house.operator(), "p");
        assert_eq!(chart.of_type("Observation").count(), 0);
    }
}

fn act_on(house: &House, act: &Act, patient: &str, id: &str, deed: Deed) -> Result<(), Error> {
    let version = {
        let chart = open(house, &house.operator(), "p");
        let kept = chart.get("Observation", id).unwrap();
        kept.value["meta"]["versionId"].as_str().unwrap().parse().unwrap()
    };
    entry::act_on(&house.record, act, patient, ("vitals", id, version), (deed, "typed for somebody else"))
}

#[test]
fn an_error_is_a_new_version_that_takes_what_was_computed_from_it_along() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let nurse = nurse(&house);
        store(&house, &nurse, "p", "k1", &[&WHOLE[..], &[("height", "180")]].concat()).unwrap();
        act_on(&house, &nurse, "p", "k1-8867-4", Deed::Error).unwrap();
        let chart = open(&house, &nurse, "p");
        let status = |id: &str| chart.get("Observation", id).unwrap().value["status"].clone();
        assert_eq!(
            (status("k1-8867-4"), status("k1-news2")),
            ("entered-in-error".into(), "entered-in-error".into())
        );
        assert_eq!((status("k1-39156-5"), status("k1-59408-5")), ("final".into(), "final".into()));
        let kept = &chart.get("Observation", "k1-8867-4").unwrap().value;
        assert_eq!(
            (kept["meta"]["versionId"].as_str(), kept["valueQuantity"]["value"].as_i64()),
            (Some("2"), Some(72))
        );
        assert_eq!(kept["note"][0]["text"], "typed for somebody else");
        assert_eq!(kept["note"][0]["authorReference"]["reference"], "Practitioner/n");
        // A page that was drawn before it: nothing is done twice.
        let stale =
            entry::act_on(&house.record, &nurse, "p", ("vitals", "k1-8867-4", 1), (Deed::Error, "again"));
        assert!(matches!(stale, Err(Error::Precondition(_))), "{stale:?}");
        assert!(matches!(act_on(&house, &nurse, "p", "k1-8867-4", Deed::Error), Err(Error::Refused)));
    }
}

#[test]
fn b5_what_a_patient_reports_is_theirs_until_a_clinician_accepts_or_denies_it() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (own, nurse) = (patient(&house, "p"), nurse(&house));
        store(&house, &own, "p", "k1", &[("heart-rate", "72"), ("weight", "80"), ("temperature", "37.0")])
            .unwrap();
        let state = |id: &str| entry::find(&open(&house, &nurse, "p"), "vitals", id).unwrap();
        let waiting = state("k1-8867-4");
        assert_eq!(
            (waiting.state, waiting.is_own, waiting.point.unwrap().is_patients),
            (State::Waiting, true, true)
        );
        // The patient does not confirm their own, and a clinician does not withdraw for them.
        for (act, deed) in
            [(&own, Deed::Accept), (&own, Deed::Error), (&nurse, Deed::Withdraw), (&nurse, Deed::Error)]
        {
            let refused = act_on(&house, act, "p", "k1-8867-4", deed);
            assert!(matches!(refused, Err(Error::Refused)), "{deed:?}: {refused:?}");
        }
        act_on(&house, &nurse, "p", "k1-8867-4", Deed::Accept).unwrap();
        act_on(&house, &nurse, "p", "k1-29463-7", Deed::Deny).unwrap();
        act_on(&house, &own, "p", "k1-8310-5", Deed::Withdraw).unwrap();
        let accepted = state("k1-8867-4");
        assert_eq!((accepted.state, accepted.point.unwrap().is_patients), (State::Accepted, false));
        assert_eq!((state("k1-29463-7").state, state("k1-8310-5").state), (State::Denied, State::Withdrawn));
        assert_eq!(state("k1-29463-7").reason, "typed for somebody else");
        assert_eq!(entry::own(&open(&house, &own, "p")).len(), 3, "nothing is lost of it");
    }
}

#[test]
fn another_patients_entry_is_not_found_under_this_patient() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        store(&house, &nurse(&house), "p", "k1", &WHOLE).unwrap();
        put(
            &house,
            "Encounter",
            "f",
            json!({"status": "in-progress", "class": {"code": "AMB"},
            "subject": {"reference": "Patient/q"}, "serviceProvider": {"reference": "Organization/o"}}),
        );
        let lost = act_on(&house, &nurse(&house), "q", "k1-8867-4", Deed::Error);
        assert!(matches!(lost, Err(Error::NotFound)), "{lost:?}");
        let lost = act_on(&house, &patient(&house, "q"), "p", "k1-8867-4", Deed::Withdraw);
        assert!(matches!(lost, Err(Error::NotFound)), "{lost:?}");
    }
}

#[test]
fn b5_what_patients_write_is_stored_once_as_theirs_and_by_nobody_else() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let act = house.act(
            "patient",
            &[
                "patient/*.rs",
                "patient/AllergyIntolerance.cu",
                "patient/RelatedPerson.cu",
                "patient/Observation.cu",
            ],
            Some("p"),
        );
        let allergy =
            Own::Allergy { what: "Nuts".into(), reaction: "Hives".into(), severity: "severe".into() };
        let contact =
            Own::Contact { name: "Ravi".into(), relation: "brother".into(), phone: "+91 98765 43210".into() };
        let all = [allergy.clone(), contact, Own::BloodGroup("o+".into())];
        let before = leaves(&house);
        for own in &all {
            assert_eq!(own::store(&house.record, &act, "p", own, "k1").unwrap(), Saved::New);
        }
        assert_eq!(leaves(&house), before + 3, "one entry of the log for each");
        for own in &all {
            assert_eq!(own::store(&house.record, &act, "p", own, "k1").unwrap(), Saved::Again);
        }
        let other = Own::BloodGroup("ab-".into());
        assert_eq!(own::store(&house.record, &act, "p", &other, "k1").unwrap(), Saved::Before);
        for (act, whose) in [(nurse(&house), "p"), (act.clone(), "q"), (patient(&house, "q"), "p")] {
            let refused = own::store(&house.record, &act, whose, &allergy, "k2");
            assert!(matches!(refused, Err(Error::Refused)), "{refused:?}");
        }
        let chart = open(&house, &act, "p");
        assert_eq!(own::contacts(&chart)[0].name, "Ravi");
        assert_eq!(entry::own(&chart).len(), 2, "an allergy and a blood group");
        let blood = entry::find(&chart, "vitals", "k1-882-1").unwrap();
        assert_eq!(blood.deeds(false), [Deed::Deny], "no click confirms it");
        own::remove_contact(&house.record, &act, "p", ("k1-contact", 1)).unwrap();
        assert!(own::contacts(&open(&house, &act, "p")).is_empty());
    }
}

#[test]
fn b5_what_somebody_writes_for_a_patient_says_who_it_was() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let mut proxy = patient(&house, "p");
        proxy.actor.role = "proxy".into();
        proxy.actor.name = "Leela Testri".into();
        store(&house, &proxy, "p", "k1", &[("weight", "80")]).unwrap();
        let chart = open(&house, &proxy, "p");
        let weight = &chart.get("Observation", "k1-29463-7").unwrap().value;
        assert_eq!(weight["performer"][1]["display"], "Leela Testri");
        assert_eq!(entry::own(&chart)[0].state, State::Waiting);
    }
}
