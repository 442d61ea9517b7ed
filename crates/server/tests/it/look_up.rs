//! Looking a patient up and asking for access, through an app (D12, X10).

use crate::{
    client::{Answer, App},
    house::{Person, Served},
};
use serde_json::{Value, json};
use testkit::house::ENGINES;

const SCOPE: &str = "user/Patient.rs user/Observation.rs";

impl Served {
    /// What an app of that person gets, with these scopes.
    pub(crate) fn access(&self, person: &Person, app: &App, scope: &str) -> String {
        let code = self.code(app, &person.cookie, scope);
        self.exchange(app, &code).is(200).json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn operate(&self, token: &str, path: &str, parameters: &[(&str, &str)]) -> Answer {
        let all: Vec<Value> =
            parameters.iter().map(|(name, text)| json!({"name": name, "valueString": text})).collect();
        let mut body = json!({"resourceType": "Parameters"});
        if !all.is_empty() {
            body["parameter"] = all.into();
        }
        let headers =
            [("authorization", &*format!("Bearer {token}")), ("content-type", "application/fhir+json")];
        self.send("POST", &format!("/fhir/R4/{path}"), &headers, &body.to_string())
    }
}

#[test]
fn d12_x10_an_app_finds_a_patient_and_asks_and_opens_nothing() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let doctor = served.doctor(&served.admin());
        let asha = served.patient(&doctor, "asha@example.org", "a");
        let app = served.app(SCOPE);
        let token = served.access(&doctor, &app, SCOPE);

        // By what she signs in with: there is a record, and it is closed.
        let found = served.operate(&token, "Patient/$look-up", &[("identifier", "asha@example.org")]).is(200);
        assert!(found.body.contains(r#"{"name":"patient","valueId":"a"}"#), "{}", found.body);
        let nothing =
            served.operate(&token, "Patient/$look-up", &[("identifier", "nobody@example.org")]).is(200);
        assert_eq!(nothing.json(), json!({"resourceType": "Parameters"}));
        served.fhir(&token, "Observation/o-b").is(404);
        for (parameters, place) in [(&[][..], ""), (&[("name", "Asha")][..], "Parameters.parameter.name")] {
            let wrong = served.operate(&token, "Patient/$look-up", parameters).is(400);
            assert!(wrong.body.contains(place), "{}", wrong.body);
        }

        // Asking is told to the patient, in the name of person and app; and the record stays closed.
        let why = [("reason", "follow-up of the fall in May")];
        served.operate(&token, "Patient/a/$request-access", &[("reason", "x")]).is(400);
        served.operate(&token, "Patient/a/$request-access", &why).is(200);
        served.operate(&token, "Patient/a/$request-access", &why).is(400);
        served.operate(&token, "Patient/nobody/$request-access", &why).is(400);
        let asked = served.page("/patient/sharing", &asha.cookie).is(200);
        assert!(asked.body.contains("by Growth Chart") && asked.body.contains("follow-up of the fall"));
        let log = served.log();
        for line in ["look-up done", "access asked for done"] {
            assert!(log.iter().any(|entry| entry == line), "{line}: {log:?}");
        }
    }
}

#[test]
fn x10_an_app_that_guesses_is_throttled_with_its_person_and_flagged() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let doctor = served.doctor(&served.admin());
        let app = served.app(SCOPE);
        let token = served.access(&doctor, &app, SCOPE);
        for at in 0..20 {
            served.operate(&token, "Patient/$look-up", &[("identifier", &format!("MRN-{at}"))]).is(200);
        }
        let more = served.operate(&token, "Patient/$look-up", &[("identifier", "MRN-21")]).is(429);
        assert!(more.header("retry-after").parse::<i64>().unwrap() > 0);
        assert!(served.log().iter().any(|entry| entry == "look-up throttled refused"));
    }
}

#[test]
fn an_app_that_was_not_let_see_patients_finds_none() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let doctor = served.doctor(&served.admin());
        let asha = served.patient(&doctor, "asha@example.org", "a");
        let app = served.app("user/Observation.rs patient/Patient.rs");
        let by_doctor = served.access(&doctor, &app, "user/Observation.rs");
        let by_patient = served.access(&asha, &app, "patient/Patient.rs");
        for token in [&by_doctor, &by_patient] {
            served.operate(token, "Patient/$look-up", &[("identifier", "asha@example.org")]).is(403);
            served.operate(token, "Patient/a/$request-access", &[("reason", "because")]).is(403);
        }
        served.operate("kw_none", "Patient/$look-up", &[]).is(401);
        assert!(served.log().iter().any(|entry| entry == "look-up refused"));
    }
}
