//! A record that a patient brings from another server enters, changes, stays as it is, and is put away (E9), on both engines.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use access::{act::Act, brought};
use care::{
    allergies,
    chart::Chart,
    elsewhere::{
        self, TYPES,
        came::{Came, Why},
        enter::{self, Entered, Plan, PutAway, State},
        mapped::From,
    },
    medicines, timeline,
};
use record::{change::Wish, error::Error};
use serde_json::{Value, json};
use testkit::house::{ENGINES, House};

const BASE: &str = "https://there.example/fhir";
const FROM: From<'_> = From { base: BASE, label: "City Hospital", patient: "asha", fetch: "f1" };

fn put(house: &House, resource: Value) {
    let text = |member: &str| resource[member].as_str().unwrap().to_owned();
    let wish = Wish::Update {
        resource_type: text("resourceType"),
        id: Some(text("id")),
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    };
    house.record.commit(&house.operator(), "update", &[wish.into()]).unwrap();
}

/// Somebody at the pages, about their own record, with what is lent to who brings.
fn bringing(house: &House, id: &str) -> Act {
    let mut act = house.staff("patient", &[]);
    act.actor.patient = Some(id.to_owned());
    act.actor.scopes.extend(brought::scopes());
    act
}

fn furnished(house: &House) {
    for id in ["asha", "chitra"] {
        put(
            house,
            json!({"resourceType": "Patient", "id": id, "name": [{"family": "Rao"}], "birthDate": "1990-05-31"}),
        );
    }
    let own = json!({"reference": "Patient/asha"});
    put(
        house,
        json!({"resourceType": "AllergyIntolerance", "id": "own", "patient": own, "code": {"coding": [{"system": "s", "code": "pen"}], "text": "Penicillin"}}),
    );
    put(
        house,
        json!({"resourceType": "MedicationRequest", "id": "own", "status": "active", "intent": "order", "subject": own, "medicationCodeableConcept": {"text": "Metformin"}}),
    );
}

/// One of each type that enters, with whatever else it must have.
fn one_of_each() -> Vec<Value> {
    let of = |kind: &str| {
        let whose = json!({"reference": "Patient/p"});
        let mut made = json!({"resourceType": kind, "id": "one", brought::whose(kind).unwrap(): whose});
        let code = json!({"text": "Test"});
        let more = match kind {
            "AllergyIntolerance" => {
                json!({"code": {"coding": [{"system": "s", "code": "pen"}], "text": "Penicillin G"}})
            }
            "CarePlan" => json!({"status": "active", "intent": "plan"}),
            "ClinicalImpression" => json!({"status": "completed"}),
            "Composition" => {
                json!({"status": "final", "type": code, "date": "2024-01-01", "title": "Letter", "author": [{"reference": "Practitioner/d"}],
                "attester": [{"mode": "legal", "party": {"reference": "Practitioner/d"}}]})
            }
            "DeviceUseStatement" => json!({"status": "active", "device": {"display": "Pacemaker"}}),
            "DiagnosticReport" => {
                json!({"status": "final", "code": code, "presentedForm": [{"contentType": "text/plain", "url": format!("{BASE}/Binary/r")}]})
            }
            "DocumentReference" => {
                json!({"status": "current", "content": [{"attachment": {"title": "Scan", "url": format!("{BASE}/Binary/d")}}]})
            }
            "Encounter" => {
                json!({"status": "in-progress", "class": {"code": "AMB"}, "participant": [{"individual": {"reference": "Practitioner/d"}}]})
            }
            "FamilyMemberHistory" => json!({"status": "completed", "relationship": code}),
            "Goal" => json!({"lifecycleStatus": "active", "description": code}),
            "ImagingStudy" => json!({"status": "available"}),
            "Immunization" => {
                json!({"status": "completed", "vaccineCode": code, "occurrenceDateTime": "2020-01-01"})
            }
            "MedicationAdministration" => {
                json!({"status": "completed", "medicationCodeableConcept": code, "effectiveDateTime": "2020-01-01"})
            }
            "MedicationDispense" => json!({"status": "completed", "medicationCodeableConcept": code}),
            "MedicationRequest" => {
                json!({"status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Metformin"}})
            }
            "MedicationStatement" => json!({"status": "active", "medicationCodeableConcept": code}),
            "NutritionOrder" => json!({"status": "active", "intent": "order", "dateTime": "2020-01-01"}),
            "Observation" => {
                json!({"status": "final", "code": code, "encounter": {"reference": "Encounter/one"}})
            }
            "Procedure" | "QuestionnaireResponse" => json!({"status": "completed"}),
            "RiskAssessment" => json!({"status": "final"}),
            "ServiceRequest" => {
                json!({"status": "active", "intent": "order", "requester": {"reference": "Practitioner/d"}})
            }
            _ => json!({}),
        };
        for (name, value) in more.as_object().unwrap() {
            made[name] = value.clone();
        }
        made
    };
    brought::TYPES.iter().map(|(kind, _)| of(kind)).collect()
}

fn came(resources: Vec<Value>) -> Came {
    let mut came = Came {
        patient: json!({"resourceType": "Patient", "id": "p", "name": [{"family": "Rao"}], "birthDate": "1990-05-31"}),
        resources,
        beside: vec![
            json!({"resourceType": "Practitioner", "id": "d", "name": [{"given": ["Bo"], "family": "Test"}]}),
        ],
        ..Came::default()
    };
    came.files.insert(format!("{BASE}/Binary/d"), b"%PDF-1.7 scan".to_vec());
    came.files.insert(format!("{BASE}/Binary/r"), b"report in words".to_vec());
    came
}

fn entered(house: &House, act: &Act, from: &From<'_>, came: &Came) -> (Plan, Entered) {
    let plan = enter::plan(&house.record, act, from, came).unwrap();
    let entered = enter::enter(&house.record, act, from, came, &plan).unwrap();
    (plan, entered)
}

fn chart(house: &House) -> Chart {
    Chart::open(&house.record, &bringing(house, "asha"), "asha", &TYPES, "chart").unwrap()
}

fn count(plan: &Plan, state: State) -> u64 {
    plan.counts(state).values().sum()
}

#[test]
fn e9_every_type_enters_once_with_its_files_and_its_source_and_again_makes_nothing() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let act = bringing(&house, "asha");
        let all = brought::TYPES.len() as u64;
        let came = came(one_of_each());
        let (plan, done) = entered(&house, &act, &FROM, &came);
        assert_eq!(
            (plan.refused.clone(), done.refused, done.new, done.changed),
            (vec![], vec![], all, 0),
            "{engine:?}"
        );

        let chart = chart(&house);
        let found = elsewhere::brought(&chart);
        assert_eq!(
            (found.len(), found[0].label.as_str(), found[0].base.as_str()),
            (1, "City Hospital", BASE)
        );
        assert_eq!(found[0].counts.values().sum::<u64>(), all);
        let visit = chart.get("Encounter", &FROM.id("Encounter", "one")).unwrap();
        assert_eq!(visit.value["meta"]["source"], format!("{BASE}/Encounter/one"));
        assert!(
            visit.value["participant"][0]["individual"].get("reference").is_none(),
            "nobody here treats by it"
        );
        let seen = chart.get("Observation", &FROM.id("Observation", "one")).unwrap();
        assert_eq!(seen.value["encounter"]["reference"], format!("Encounter/{}", visit.id));

        // B7, B3: each names its house, and what is here already stays beside it.
        let (events, sources) = timeline::of(&chart, &timeline::Filter::default(), &jiff::tz::TimeZone::UTC);
        assert!(
            sources.contains("City Hospital") && events.iter().any(|event| event.source == "City Hospital")
        );
        let allergies::Known::Some(known) = allergies::of(&chart) else { panic!("{engine:?}") };
        assert_eq!(known.iter().filter(|allergy| allergy.from == "City Hospital").count(), 1);
        assert_eq!(known.len(), 2);
        let metformin: Vec<_> =
            medicines::of(&chart).into_iter().filter(|m| m.what == "Metformin").map(|m| m.from).collect();
        assert_eq!(metformin.len(), 2, "{metformin:?}");

        // The file is there, and is this patient's.
        let document = chart.get("DocumentReference", &FROM.id("DocumentReference", "one")).unwrap();
        let url = document.value["content"][0]["attachment"]["url"].as_str().unwrap().to_owned();
        let binary =
            house.record.read(&house.operator(), "Binary", url.strip_prefix("Binary/").unwrap()).unwrap();
        let text = String::from_utf8_lossy(&binary.body).into_owned();
        assert!(text.contains("application/pdf") && text.contains("Patient/asha"), "{text}");

        // A Provenance says who wrote it and who brought it.
        let request = record::search::SearchRequest {
            resource_type: "Provenance".into(),
            query: "patient=asha".into(),
            lenient: false,
            compartment: None,
        };
        let page = house.record.search(&house.operator(), &request).unwrap();
        assert_eq!(page.entries.len(), 1);
        let said: Value = serde_json::from_slice(&page.entries[0].body).unwrap();
        assert_eq!(
            (said["agent"][0]["who"]["display"].as_str(), said["agent"][2]["who"]["reference"].as_str()),
            (Some("City Hospital"), Some("Patient/asha"))
        );
        assert_eq!(said["target"].as_array().unwrap().len(), TYPES.len() + 1);

        let later = From { fetch: "f2", ..FROM };
        let (plan, done) = entered(&house, &act, &later, &came);
        assert_eq!((count(&plan, State::Same), done), (all, Entered::default()), "{engine:?}");
        assert_eq!(
            house.record.search(&house.operator(), &request).unwrap().entries.len(),
            1,
            "no second Provenance"
        );
    }
}

#[test]
fn e9_what_changed_there_is_brought_up_to_date_and_what_changed_here_stays() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let act = bringing(&house, "asha");
        let condition = |id: &str, words: &str| json!({"resourceType": "Condition", "id": id, "code": {"text": words}, "subject": {"reference": "Patient/p"}});
        entered(&house, &act, &FROM, &came(vec![condition("a", "Asthma"), condition("b", "Gout")]));
        // A clinician here finds that one of them is not so.
        let id = FROM.id("Condition", "b");
        let mut found = chart(&house).get("Condition", &id).unwrap().value.clone();
        found["note"] = json!([{"text": "never had it"}]);
        put(&house, found);
        let (plan, done) = entered(
            &house,
            &act,
            &From { fetch: "f2", ..FROM },
            &came(vec![condition("a", "Mild asthma"), condition("b", "Gout, worse"), condition("c", "New")]),
        );
        assert_eq!(
            (count(&plan, State::Changed), count(&plan, State::Kept), count(&plan, State::New)),
            (1, 1, 1)
        );
        assert_eq!((done.new, done.changed), (1, 1), "{engine:?}");
        let chart = chart(&house);
        assert_eq!(
            chart.get("Condition", &FROM.id("Condition", "a")).unwrap().value["code"]["text"],
            "Mild asthma"
        );
        assert_eq!(chart.get("Condition", &id).unwrap().value["code"]["text"], "Gout", "{engine:?}");
    }
}

#[test]
fn e9_what_was_brought_is_put_away_and_can_be_brought_again() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let act = bringing(&house, "asha");
        let came = came(one_of_each());
        let all = brought::TYPES.len() as u64;
        entered(&house, &act, &FROM, &came);
        let id = FROM.id("Goal", "one");
        let mut goal = chart(&house).get("Goal", &id).unwrap().value.clone();
        goal["lifecycleStatus"] = "completed".into();
        put(&house, goal);
        assert_eq!(
            enter::put_away(&house.record, &act, "asha", "https://other.example").unwrap(),
            PutAway::default()
        );
        let done = enter::put_away(&house.record, &act, "asha", BASE).unwrap();
        assert_eq!(done, PutAway { gone: all - 1, kept: 1 }, "{engine:?}");
        let left = chart(&house);
        assert_eq!(
            elsewhere::brought(&left)[0].counts.clone().into_iter().collect::<Vec<_>>(),
            [("Goal".to_owned(), 1)]
        );
        assert!(left.get("AllergyIntolerance", "own").is_some(), "what was here stays");
        let note = left.get("Composition", &FROM.id("Composition", "one")).unwrap();
        assert_eq!(note.value["status"], "entered-in-error", "what was signed is not deleted");
        let (plan, done) = entered(&house, &act, &From { fetch: "f2", ..FROM }, &came);
        assert_eq!(
            (done.new + done.changed, count(&plan, State::Same), done.refused),
            (all - 1, 1, vec![]),
            "{engine:?}"
        );
    }
}

#[test]
fn e9_nobody_else_brings_and_nothing_of_another_patient_is_touched() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let came = came(one_of_each());
        let mut plain = house.staff("patient", &[]);
        plain.actor.patient = Some("asha".into());
        let plan = enter::plan(&house.record, &plain, &FROM, &came).unwrap();
        let refused = enter::enter(&house.record, &plain, &FROM, &came, &plan);
        assert!(
            matches!(refused, Err(Error::Refused)),
            "a patient's role alone does not write another house's word: {engine:?}"
        );
        for stranger in [bringing(&house, "chitra"), house.staff("physician", &["Practitioner/b"])] {
            assert!(matches!(enter::plan(&house.record, &stranger, &FROM, &came), Err(Error::Refused)));
            assert!(matches!(enter::put_away(&house.record, &stranger, "asha", BASE), Err(Error::Refused)));
        }
        assert_eq!(elsewhere::brought(&chart(&house)), []);
    }
}

#[test]
fn e9_one_thing_that_the_house_does_not_take_keeps_nothing_else_out() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let act = bringing(&house, "asha");
        let condition =
            |id: &str| json!({"resourceType": "Condition", "id": id, "subject": {"reference": "Patient/p"}});
        let mut bad = condition("bad");
        bad["onsetDateTime"] = "yesterday".into();
        let (plan, done) = entered(&house, &act, &FROM, &came(vec![condition("a"), bad, condition("b")]));
        assert_eq!((done.new, plan.refused.len(), plan.refused[0].why), (2, 1, Why::Broken), "{engine:?}");
        // The id is another patient's already: nothing of theirs changes, and the rest enters.
        let mut theirs = condition("x");
        theirs["id"] = FROM.id("Condition", "taken").into();
        theirs["subject"] = json!({"reference": "Patient/chitra"});
        put(&house, theirs);
        let came = came(vec![condition("taken"), condition("c")]);
        let plan = enter::plan(&house.record, &act, &FROM, &came).unwrap();
        let _ = enter::enter(&house.record, &act, &FROM, &came, &plan);
        let read = house.record.read(&house.operator(), "Condition", &FROM.id("Condition", "taken")).unwrap();
        assert!(String::from_utf8_lossy(&read.body).contains("Patient/chitra"), "{engine:?}");
    }
}
