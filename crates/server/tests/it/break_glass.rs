//! An emergency through an app (E1, E3, X10): a code for this one request, one patient, and nobody else while it lasts.

use crate::{
    client::{App, BACK, challenge},
    house::{Person, Served},
};
use login::factor::totp;
use serde_json::json;
use testkit::house::ENGINES;

const SCOPE: &str = "launch openid patient/*.rs user/*.rs";
const WHY: &str = "unconscious after a fall, allergies unknown";

impl Served {
    fn shown(&self, person: &Person) -> String {
        totp::shown(&person.secret, self.house.now()).unwrap()
    }

    /// An app that is started from a chart.
    fn startable(&self) -> App {
        let metadata = json!({"client_name": "Growth Chart", "redirect_uris": [BACK], "token_endpoint_auth_method": "none",
            "initiate_login_uri": "https://app.example/launch", "scope": SCOPE});
        App { id: self.add(&metadata), key: None }
    }

    /// A token of an app that was started from that chart, on the page.
    fn started(&self, doctor: &Person, app: &App, patient: &str) -> Option<String> {
        let account = self.page("/clinic/account", &doctor.cookie).is(200);
        let token = account.between("name=\"token\" value=\"", "\"");
        let fields = [("app", app.id.as_str()), ("about", patient), ("token", &token)];
        let answer = self.answer("/clinic/launch", &doctor.cookie, &fields);
        if answer.status != 303 {
            return None;
        }
        let challenge = challenge();
        let mut asking = self.asking(app, SCOPE, &challenge);
        let launch = answer.sent("launch").unwrap();
        asking.push(("launch", &launch));
        let path = self.begin(&asking);
        let back = self.allow(&path, &doctor.cookie, &["openid", "patient/*.rs", "user/*.rs"]).is(303);
        let tokens = self.exchange(app, &back.sent("code").unwrap()).is(200).json();
        Some(tokens["access_token"].as_str().unwrap().to_owned())
    }
}

#[test]
fn e1_x10_an_app_opens_one_record_in_an_emergency_and_sees_nobody_else_meanwhile() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let doctor = served.doctor(&served.admin());
        served.encounter("a", "d1");
        served.put(&json!({"resourceType": "Organization", "id": "o", "name": "North"}));
        let app = served.startable();
        assert!(served.started(&doctor, &app, "b").is_none(), "a chart that is closed");
        let token = served.started(&doctor, &app, "a").unwrap();
        let breaks = |reason: &str, code: &str| {
            served.operate(&token, "Patient/b/$break-glass", &[("reason", reason), ("code", code)])
        };
        breaks(WHY, "000000").is(403);
        breaks(WHY, "").is(403);
        breaks("no", &served.shown(&doctor)).is(400);
        breaks(WHY, &served.shown(&doctor)).is(403);
        served.wait(60);
        served
            .operate(
                &token,
                "Patient/nobody/$break-glass",
                &[("reason", WHY), ("code", &served.shown(&doctor))],
            )
            .is(400);
        served.wait(60);
        let told = breaks(WHY, &served.shown(&doctor)).is(200);
        assert!(told.body.contains(r#""name":"until","valueInstant""#), "{}", told.body);
        served.wait(60);
        // A token about another patient is no way in.
        served.fhir(&token, "Observation/o-b").is(404);
        served.fhir(&token, "Observation/o-a").is(200);
        let emergency = served.started(&doctor, &app, "b").unwrap();
        served.fhir(&emergency, "Observation/o-b").is(200);
        served.fhir(&emergency, "Patient/b").is(200);
        served.fhir(&emergency, "Organization/o").is(200);
        for other in ["Observation/o-a", "Patient/a"] {
            served.fhir(&emergency, other).is(404);
        }
        let all = served.fhir(&emergency, "Patient?_total=accurate").is(200).json();
        assert_eq!(all["total"], 1);
        let log = served.log();
        for line in ["step-up refused", "break-glass done"] {
            assert!(log.iter().any(|entry| entry == line), "{line}: {log:?}");
        }
        served.login.end_glass(&served.who(&doctor), "b", &served.visit()).unwrap();
        served.fhir(&emergency, "Observation/o-b").is(404);
        served.fhir(&emergency, "Observation/o-a").is(200);
    }
}

#[test]
fn e3_who_treats_nobody_breaks_no_glass_through_an_app() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let doctor = served.doctor(&served.admin());
        let asha = served.patient(&doctor, "asha@example.org", "a");
        let app = served.app("patient/Patient.rs user/Patient.rs");
        let by_patient = served.access(&asha, &app, "patient/Patient.rs user/Patient.rs");
        let fields = [("reason", WHY), ("code", "123456")];
        served.operate(&by_patient, "Patient/b/$break-glass", &fields).is(403);
        served.operate(&served.token_of("a", "patient/*.rs"), "Patient/b/$break-glass", &fields).is(403);
        served.operate("kw_none", "Patient/b/$break-glass", &fields).is(401);
    }
}
