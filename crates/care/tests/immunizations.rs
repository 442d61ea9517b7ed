//! Vaccinations that are due, out of a record as it is stored, on both engines (B10).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use access::act::Act;
use care::{
    chart::Chart,
    health_card,
    schedule::{self, Programme, Status, recommendation},
};
use record::change::{Change, Wish};
use serde_json::{Value, json};
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

fn given(house: &House, id: &str, status: &str, cvx: &str, date: &str) {
    put(
        house,
        "Immunization",
        id,
        json!({"status": status, "patient": {"reference": "Patient/p"}, "occurrenceDateTime": date,
            "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": cvx}]}}),
    );
}

#[test]
fn b10_a_forecast_of_a_stored_record_is_a_valid_recommendation_of_r4() {
    for engine in ENGINES {
        let house = House::new(engine);
        put(&house, "Patient", "p", json!({"birthDate": "2023-05-01"}));
        given(&house, "bcg", "completed", "19", "2023-05-01");
        given(&house, "mr", "not-done", "04", "2024-02-05");
        let chart = Chart::open(&house.record, &house.operator(), "p", &["Immunization"], "chart").unwrap();
        for programme in [Programme::India, Programme::UnitedStates] {
            for today in ["2023-05-01", "2023-09-01", "2031-01-01"] {
                let made = schedule::of(&chart, programme, today.parse().unwrap()).unwrap();
                assert_eq!(made.seen.len(), 1, "what was not given is no dose");
                let told = recommendation::of(&made, "p").unwrap();
                // The kernel takes nothing that R4 does not know.
                put(&house, "ImmunizationRecommendation", &format!("{}-{today}", programme.word()), told);
            }
        }
        let made = schedule::of(&chart, Programme::India, "2024-06-01".parse().unwrap()).unwrap();
        let status = |word: &str| made.due.iter().find(|due| due.vaccine.word() == word).unwrap().status;
        assert_eq!((status("bcg"), status("mr")), (Status::Complete, Status::Overdue));
    }
}

#[test]
fn b10_e2_who_may_look_but_not_take_along_gets_no_signed_card() {
    for engine in ENGINES {
        let house = House::new(engine);
        put(&house, "Patient", "p", json!({"birthDate": "2023-05-01", "name": [{"family": "Testri"}]}));
        put(&house, "Practitioner", "x", json!({}));
        given(&house, "bcg", "completed", "19", "2023-05-01");
        let share = |actions: &[&str]| {
            let actions: Vec<Value> =
                actions.iter().map(|code| json!({"coding": [{"code": code}]})).collect();
            let actor = json!([{"role": {"text": "t"}, "reference": {"reference": "Practitioner/x"}}]);
            put(
                &house,
                "Consent",
                "c",
                json!({"status": "active", "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "t"}],
                    "policyRule": {"text": "t"}, "patient": {"reference": "Patient/p"},
                    "provision": {"type": "permit", "action": actions, "actor": actor}}),
            );
        };
        let page = Act { looks: true, ..house.staff("physician", &["Practitioner/x"]) };
        let take = |act: &Act| health_card::take(&house.record, act, "p", "https://here.example");
        share(&["access"]);
        assert!(Chart::open(&house.record, &page, "p", &["Immunization"], "chart").is_ok(), "{engine:?}");
        assert!(take(&page).is_err(), "{engine:?}");
        share(&["access", "collect"]);
        assert_eq!(take(&page).unwrap().unwrap().doses, 1, "{engine:?}");
        let own = Act { looks: true, ..house.patient("p") };
        assert_eq!(take(&own).unwrap().unwrap().doses, 1, "{engine:?}");
        assert!(take(&house.patient("q")).is_err(), "{engine:?}");
    }
}
