//! Whose chart an app is about in the hands of staff: the one that they started it from, or the one that they chose among those that
//! are open to them.

use crate::{
    client::{Answer, BACK, challenge, encoded},
    house::{Person, Served},
};
use serde_json::json;
use testkit::house::{ENGINES, Engine};

const ASKED: &str = "launch/patient patient/*.rs";

impl Served {
    /// Sends a form of a page that somebody has open.
    fn fill(&self, page: &str, path: &str, person: &Person, fields: &[(&str, &str)]) -> Answer {
        let token = self.page(page, &person.cookie).is(200).between("name=\"token\" value=\"", "\"");
        let mut all = vec![("token", token.as_str())];
        all.extend(fields);
        self.answer(path, &person.cookie, &all)
    }
}

#[test]
fn staff_choose_the_patient_of_an_app_among_those_whose_charts_are_open_to_them() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let doctor = served.doctor(&served.admin());
        served.encounter("a", "d1");
        let app = served.app(ASKED);
        let challenge = challenge();
        let path = served.begin(&served.asking(&app, ASKED, &challenge)).replace("/patient/", "/clinic/");
        let request = path.rsplit('/').next().unwrap().to_owned();
        let page = served.page(&path, &doctor.cookie).is(200);
        let pick = format!("/clinic/pick/{request}");
        assert!(
            page.body.contains(&format!("href=\"{pick}\"")) && !page.body.contains("<legend>It may"),
            "{}",
            page.body
        );
        // By name or number, and only who is in their care: nobody learns here who else is a patient.
        let find = |text: &str| {
            served.fill(&pick, "/clinic/pick", &doctor, &[("about", &request), ("patient", text)])
        };
        let found = find("Family").is(200).body;
        assert!(found.contains("Familya, record a") && !found.contains("Familyb"), "{found}");
        assert!(find("Familyb").is(200).body.contains("None of them has this name"));
        find(" ").is(422);
        let choose = |patient: &str| {
            let fields = [("about", request.as_str()), ("choice", patient)];
            served.fill(&pick, "/clinic/pick/chart", &doctor, &fields)
        };
        for closed in ["b", "nobody", ""] {
            assert!(choose(closed).is(422).body.contains("no such chart is open to you"), "{closed}");
        }
        assert_eq!(choose("a").is(303).header("location"), path);
        let page = served.page(&path, &doctor.cookie).is(200);
        assert!(page.body.contains("Patient/a") && page.body.contains("Choose another patient"));
        let back = served.allow(&path, &doctor.cookie, &["patient/*.rs"]).is(303);
        let tokens = served.exchange(&app, &back.sent("code").unwrap()).is(200).json();
        assert_eq!((&tokens["patient"], &tokens["scope"]), (&json!("a"), &json!(ASKED)));
        let access = tokens["access_token"].as_str().unwrap();
        served.fhir(access, "Observation/o-a").is(200);
        served.fhir(access, "Observation/o-b").is(404);
        served.encounter("b", "d1");
        served.fhir(access, "Observation/o-b").is(404);
        // Once it was answered there is nothing to choose any more.
        served.page(&pick, &doctor.cookie).is(410);
        assert!(served.log().iter().any(|entry| entry == "app chart chosen done"));
    }
}

#[test]
fn what_one_person_chose_is_nothing_to_another_and_patients_choose_nobody() {
    let served = Served::open(Engine::Sqlite);
    served.charts();
    let doctor = served.doctor(&served.admin());
    let asha = served.patient(&doctor, "asha@example.org", "a");
    let app = served.app(ASKED);
    let challenge = challenge();
    let own = served.begin(&served.asking(&app, ASKED, &challenge));
    let request = own.rsplit('/').next().unwrap().to_owned();
    let fields = [("about", request.as_str()), ("choice", "a")];
    served.fill(&format!("/clinic/pick/{request}"), "/clinic/pick/chart", &doctor, &fields).is(303);
    let page = served.page(&own, &asha.cookie).is(200).body;
    assert!(page.contains("It is about your own record.") && !page.contains("/clinic/pick/"));
    let who = served.who(&asha);
    assert!(served.login.choose_chart(&request, &who, "b", &served.visit()).is_err());
    served.page(&format!("/clinic/pick/{request}"), &asha.cookie).is(403);
}

#[test]
fn an_app_is_started_from_a_chart_that_is_open() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let doctor = served.doctor(&served.admin());
        let asha = served.patient(&doctor, "asha@example.org", "a");
        let add = |name: &str, launch: Option<&str>| {
            let mut metadata = json!({"client_name": name, "redirect_uris": [BACK], "token_endpoint_auth_method": "none",
                "scope": "launch patient/*.rs"});
            if let Some(url) = launch {
                metadata["initiate_login_uri"] = json!(url);
            }
            served.login.add_client(metadata.to_string().as_bytes(), &served.visit())
        };
        for bad in [
            "javascript:alert(1)",
            "http://app.example/start",
            "com.example.app:/start",
            "https://a.example/#x",
        ] {
            assert!(add("Bad", Some(bad)).is_err(), "{bad}");
        }
        let app = add("Growth Chart", Some("https://app.example/start?x=1")).unwrap();
        let other = add("No Start", None).unwrap();
        let page = served.page("/clinic/launch", &doctor.cookie).is(200);
        assert!(page.header("content-security-policy").contains("form-action 'self' https://app.example;"));
        let find = [("patient", "Familya")];
        let found = served.fill("/clinic/launch", "/clinic/launch/patients", &doctor, &find).is(200).body;
        assert!(
            found.contains("Familya, record a")
                && found.contains("Growth Chart")
                && !found.contains("No Start")
        );
        let start = |app: &str, patient: &str| {
            let fields = [("about", patient), ("app", app)];
            served.fill("/clinic/launch", "/clinic/launch", &doctor, &fields)
        };
        start(&app.id, "b").is(410);
        start(&other.id, "a").is(410);
        let to = start(&app.id, "a").is(303);
        assert!(
            to.header("location").starts_with("https://app.example/start?x=1&iss="),
            "{}",
            to.header("location")
        );
        assert_eq!(to.sent("iss").as_deref(), Some(served.base.as_str()));
        let launch = to.sent("launch").unwrap();
        let begun = |client: &str, launch: &str| {
            let challenge = challenge();
            let registered = crate::client::App { id: client.to_owned(), key: None };
            let mut asking = served.asking(&registered, "launch patient/*.rs", &challenge);
            asking.push(("launch", launch));
            served.get(&format!("/oauth/authorize?{}", encoded(&asking)), &[])
        };
        // Another app has no use for it; and it is gone then.
        assert_eq!(begun(&other.id, &launch).is(303).sent("error").as_deref(), Some("invalid_request"));
        assert_eq!(begun(&app.id, &launch).is(303).sent("error").as_deref(), Some("invalid_request"));
        let launch = start(&app.id, "a").is(303).sent("launch").unwrap();
        let path = begun(&app.id, &launch).is(200).between("<p><a href=\"", "\"");
        assert!(served.page(&path, &doctor.cookie).is(200).body.contains("Patient/a"));
        // A patient starts it from their own chart, whatever the form says.
        let fields = [("app", app.id.as_str()), ("about", "b")];
        let launch =
            served.fill("/patient/launch", "/patient/launch", &asha, &fields).is(303).sent("launch").unwrap();
        let path = begun(&app.id, &launch).is(200).between("<p><a href=\"", "\"");
        assert!(served.page(&path, &asha.cookie).is(200).body.contains("It is about your own record."));
    }
}
