//! Apps that people let in, from the first request to the last.

use crate::{
    client::{BACK, challenge, encoded},
    house::Served,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use login::{factor::totp, oauth::jwk};
use serde_json::{Value, json};
use testkit::house::{ENGINES, Engine};

const SCOPE: &str = "launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs";

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// L5: a standalone launch, from discovery to a read, a refresh, and the patient taking it back.
#[test]
fn l5_a_patient_lets_an_app_in_and_takes_it_back() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let doctor = served.doctor(&served.admin());
        let asha = served.patient(&doctor, "asha@example.org", "a");
        let app = served.app(&format!("{SCOPE} patient/*.cruds"));

        let smart = served
            .get("/fhir/R4/.well-known/smart-configuration", &[("origin", "https://app.example")])
            .is(200);
        assert_eq!(smart.header("access-control-allow-origin"), "*");
        let smart = smart.json();
        for (field, path) in
            [("authorization_endpoint", "/oauth/authorize"), ("token_endpoint", "/oauth/token")]
        {
            assert_eq!(smart[field], format!("{}{path}", served.origin));
        }
        assert_eq!(smart["issuer"], served.origin.as_str());

        let path = served.begin(&served.asking(&app, SCOPE, &challenge()));
        let page = served.page(&path, &asha.cookie).is(200);
        for words in [
            "Allow Growth Chart?",
            "Asha Rao",
            "app.example",
            "See test results and measurements in your record",
            "See name, birth date",
        ] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        assert!(page.header("content-security-policy").contains("form-action 'self' https://app.example;"));
        // She leaves Observations out.
        let back = served
            .allow(&path, &asha.cookie, &["openid", "fhirUser", "offline_access", "patient/Patient.rs"])
            .is(303);
        assert!(back.header("location").starts_with(&format!("{BACK}&code=")));
        assert_eq!(
            (back.sent("state").as_deref(), back.sent("iss").as_deref()),
            (Some("s&1"), Some(served.origin.as_str()))
        );

        let answer = served.exchange(&app, &back.sent("code").unwrap()).is(200);
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        let tokens = answer.json();
        assert_eq!(tokens["scope"], "launch/patient openid fhirUser offline_access patient/Patient.rs");
        assert_eq!(
            (&tokens["patient"], &tokens["token_type"], &tokens["expires_in"]),
            (&json!("a"), &json!("Bearer"), &json!(900))
        );
        let access = tokens["access_token"].as_str().unwrap();
        served.fhir(access, "Patient/a").is(200);
        served.fhir(access, "Patient/b").is(404);
        served.fhir(access, "Observation/o-a").is(403);
        check_identity(&served, &app.id, tokens["id_token"].as_str().unwrap());

        // Without a `client_id`, as fhirclient does it: whose the token is, is known.
        let comes_back = tokens["refresh_token"].as_str().unwrap();
        let again = [("grant_type", "refresh_token"), ("refresh_token", comes_back)];
        let again = served.form("/oauth/token", &again).is(200).json();
        let access = again["access_token"].as_str().unwrap();
        served.fhir(access, "Patient/a").is(200);

        let page = served.page("/patient/apps", &asha.cookie).is(200);
        assert!(page.body.contains("Growth Chart") && !page.body.contains("test results"));
        let list =
            served.get("/patient/apps", &[("cookie", &asha.cookie), ("accept", "application/json")]).json();
        assert_eq!(list["apps"][0]["client_id"], app.id.as_str());
        let token = page.between("name=\"token\" value=\"", "\"");
        served
            .answer("/patient/apps/disconnect", &asha.cookie, &[("token", &token), ("app", &app.id)])
            .is(303);
        served.fhir(access, "Patient/a").is(401);
        let stray = [("grant_type", "refresh_token"), ("refresh_token", access)];
        assert_eq!(served.form("/oauth/token", &stray).is(401).error(), "invalid_client");
        let refused = served.refresh(&app, again["refresh_token"].as_str().unwrap());
        assert_eq!(refused.error(), "invalid_grant");
        let log = served.log();
        for line in
            ["app allowed done", "code exchanged done", "token refreshed done", "app disconnected done"]
        {
            assert!(log.iter().any(|entry| entry == line), "{line}: {log:?}");
        }
    }
}

/// The id_token is signed by a key that is published.
fn check_identity(served: &Served, client: &str, token: &str) {
    let said = claims(token);
    assert_eq!(
        (&said["iss"], &said["aud"], &said["nonce"]),
        (&json!(served.origin), &json!(client), &json!("n1"))
    );
    assert_eq!(said["fhirUser"], format!("{}/Patient/a", served.base));
    let keys = jwk::parse(&served.get("/oauth/jwks", &[]).is(200).body).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    assert!(keys[0].verifies(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()));
}

#[test]
fn keys_change_every_ninety_days_and_the_old_one_stays_published() {
    let served = Served::open(Engine::Sqlite);
    let kids = || -> Vec<String> {
        let keys = served.get("/oauth/jwks", &[]).is(200).json()["keys"].clone();
        keys.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let first = kids();
    assert_eq!((first.len(), kids()), (1, first.clone()));
    served.wait(90 * 24 * 3600);
    let second = kids();
    assert!(second.len() == 2 && second.contains(&first[0]));
    served.wait(180 * 24 * 3600);
    assert!(!kids().contains(&first[0]));
}

/// Whoever is not signed in is asked to, and comes back to the question.
#[test]
fn the_way_leads_through_the_sign_in_and_back() {
    let served = Served::open(Engine::Sqlite);
    served.admin();
    let person = served.newcomer("asha@example.org");
    let app = served.app("openid");
    let asking = served
        .asking(&app, "openid", "")
        .into_iter()
        .filter(|(name, _)| *name != "code_challenge")
        .collect::<Vec<_>>();
    let challenge = challenge();
    let asking = [asking, vec![("code_challenge", challenge.as_str())]].concat();
    let first = served
        .get(&format!("/oauth/authorize?{}", encoded(&asking)), &[("sec-fetch-site", "cross-site")])
        .is(200);
    let path = first.between("<p><a href=\"", "\"");
    assert_eq!(first.header("refresh"), format!("0; url={path}"));
    let sent = served.get(&path, &[]).is(303);
    assert_eq!(sent.header("location"), "/patient/sign-in");
    let question = sent.header("set-cookie").split(';').next().unwrap().to_owned();
    let typed = [("identifier", "asha@example.org"), ("password", crate::house::PASSWORD)];
    let answer = served.answer("/patient/sign-in", &question, &typed).is(303);
    let attempt = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    served.wait(60);
    let code = totp::shown(&person.secret, served.house.now()).unwrap();
    let answer = served
        .answer("/patient/second-factor", &format!("{question}; {attempt}"), &[("code", &code)])
        .is(303);
    assert_eq!(answer.header("location"), "/patient/account");
    let session = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let back = served.page("/patient/account", &format!("{session}; {question}")).is(303);
    assert_eq!(back.header("location"), path);
    assert!(back.header("set-cookie").contains("Max-Age=0"));
    served.page(&path, &session).is(200);
    // A cookie that leads elsewhere leads nowhere.
    for stray in ["patient.//evil.example", "patient.../admin", "clinic.kw_x"] {
        served.page("/patient/account", &format!("{session}; __Host-keepwell-question={stray}")).is(200);
    }
}

/// An app that is started from a chart is about that chart, and one start is one use.
#[test]
fn a_doctor_starts_an_app_from_a_chart() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let admin = served.admin();
        let doctor = served.doctor(&admin);
        let scope = "launch openid fhirUser patient/*.rs user/*.rs";
        let app = served.app(scope);
        let launch = served.login.launch(&served.who(&doctor), &app.id, "b", &served.visit()).unwrap();
        let challenge = challenge();
        let mut asking = served.asking(&app, scope, &challenge);
        asking.push(("launch", launch.reveal()));
        let path = served.begin(&asking);
        assert!(path.starts_with("/clinic/consent/"), "{path}");
        assert!(served.page(&path, &doctor.cookie).body.contains("Patient/b"));
        let back = served.allow(&path, &doctor.cookie, &["openid", "fhirUser", "patient/*.rs"]).is(303);
        let tokens = served.exchange(&app, &back.sent("code").unwrap()).is(200).json();
        assert_eq!((&tokens["patient"], &tokens["need_patient_banner"]), (&json!("b"), &json!(true)));
        assert_eq!(
            claims(tokens["id_token"].as_str().unwrap())["fhirUser"],
            format!("{}/Practitioner/d1", served.base)
        );
        assert!(tokens.get("refresh_token").is_none());
        let access = tokens["access_token"].as_str().unwrap();
        // In the hands of staff an app reaches no more of the chart than they do themselves.
        served.fhir(access, "Observation/o-b").is(404);
        served.encounter("b", "d1");
        served.fhir(access, "Observation/o-b").is(200);
        served.fhir(access, "Observation/o-a").is(404);
        served.fhir(access, "Patient/a").is(404);
        // The same start again.
        let again = served.get(&format!("/oauth/authorize?{}", encoded(&asking)), &[]).is(303);
        assert_eq!(again.sent("error").as_deref(), Some("invalid_request"));
        // Somebody else's start, or one that is too old.
        let asha = served.patient(&doctor, "asha@example.org", "a");
        let launch = served.login.launch(&served.who(&asha), &app.id, "a", &served.visit()).unwrap();
        asking.pop();
        asking.push(("launch", launch.reveal()));
        let path = served.begin(&asking);
        let as_doctor = path.replace("/patient/", "/clinic/");
        served.page(&as_doctor, &doctor.cookie).is(403);
        served.page(&path, &asha.cookie).is(200);
        let late = served.login.launch(&served.who(&asha), &app.id, "a", &served.visit()).unwrap();
        served.wait(301);
        asking.pop();
        asking.push(("launch", late.reveal()));
        assert_eq!(
            served.get(&format!("/oauth/authorize?{}", encoded(&asking)), &[]).sent("error").as_deref(),
            Some("invalid_request")
        );
        // A patient starts none from another's chart, and an administrator none at all.
        assert!(served.login.launch(&served.who(&asha), &app.id, "b", &served.visit()).is_err());
    }
}

/// No app gets more than the person has, whatever it asks for and whatever is ticked.
#[test]
fn scopes_are_never_wider_than_the_role_the_registration_and_the_ticks() {
    let served = Served::open(Engine::Sqlite);
    served.charts();
    let doctor = served.doctor(&served.admin());
    let asha = served.patient(&doctor, "asha@example.org", "a");
    let app = served.app("openid patient/*.cruds patient/Observation.rs?category=x");
    let wide = "patient/*.cruds system/*.cruds user/*.cruds offline_access patient/Observation.rs?category=vital-signs";
    let path = served.begin(&served.asking(&app, wide, &challenge()));
    assert!(served.page(&path, &asha.cookie).body.contains("It asks for more than that"));
    let all = [
        "patient/*.cruds",
        "patient/*.rs",
        "system/*.cruds",
        "user/*.cruds",
        "offline_access",
        "openid",
        "patient/Observation.rs?category=vital-signs",
    ];
    let back = served.allow(&path, &asha.cookie, &all).is(303);
    let tokens = served.exchange(&app, &back.sent("code").unwrap()).is(200).json();
    let granted = "patient/*.rs patient/Observation.rs?category=vital-signs";
    assert_eq!(tokens["scope"], granted, "a patient's role reads; nothing refined is granted wider");
    let access = tokens["access_token"].as_str().unwrap();
    let headers =
        [("authorization", format!("Bearer {access}")), ("content-type", "application/fhir+json".into())];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    served.send("PUT", "/fhir/R4/Patient/a", &headers, "{\"resourceType\":\"Patient\",\"id\":\"a\"}").is(403);
    // Beside their own chart, patients see who works where, and no other patient.
    let app2 = served.app("user/Practitioner.rs user/Patient.rs");
    let asked = "user/Practitioner.rs user/Patient.rs";
    let path = served.begin(&served.asking(&app2, asked, &challenge())).replace("/clinic/", "/patient/");
    let ticked = ["user/Practitioner.rs", "user/Patient.rs"];
    let code = served.allow(&path, &asha.cookie, &ticked).is(303).sent("code").unwrap();
    let tokens = served.exchange(&app2, &code).is(200).json();
    assert_eq!((&tokens["scope"], tokens.get("patient")), (&json!("user/Practitioner.rs"), None));
    let access = tokens["access_token"].as_str().unwrap();
    served.fhir(access, "Practitioner?_count=1").is(200);
    served.fhir(access, "Patient/b").is(403);
    // Nothing ticked is nothing allowed; nor is there anything for whoever has no chart.
    let path = served.begin(&served.asking(&app, "patient/*.rs", &challenge()));
    assert_eq!(
        served.allow(&path, &asha.cookie, &[]).is(303).sent("error").as_deref(),
        Some("access_denied")
    );
    let nobody = served.newcomer("ravi@example.org");
    let path = served.begin(&served.asking(&app, "patient/*.rs", &challenge()));
    assert!(served.page(&path, &nobody.cookie).body.contains("There is nothing here"));
    let answer = served.allow(&path, &nobody.cookie, &["patient/*.rs"]).is(303);
    assert_eq!(answer.sent("error").as_deref(), Some("access_denied"));
    // Staff start apps from charts: without one there is no patient.
    let app = served.app("launch/patient patient/*.rs user/*.rs");
    let path = served.begin(&served.asking(&app, "launch/patient patient/*.rs user/*.rs", &challenge()));
    let path = path.replace("/patient/", "/clinic/");
    let back = served.allow(&path, &doctor.cookie, &["patient/*.rs", "user/*.rs"]).is(303);
    let tokens = served.exchange(&app, &back.sent("code").unwrap()).is(200).json();
    assert_eq!((&tokens["scope"], tokens.get("patient")), (&json!("user/*.rs"), None));
}

/// What a person allows of a type is all that the app gets of it, and the app is told so.
#[test]
fn a_granular_scope_is_said_in_words_told_to_the_app_and_kept_to() {
    let served = Served::open(Engine::Sqlite);
    served.charts();
    let asha = served.patient(&served.doctor(&served.admin()), "asha@example.org", "a");
    let category = "http://terminology.hl7.org/CodeSystem/observation-category";
    for (id, code) in [("lab", "laboratory"), ("vital", "vital-signs")] {
        let resource = json!({"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "t"},
            "category": [{"coding": [{"system": category, "code": code}]}], "subject": {"reference": "Patient/a"}});
        served.put(&resource);
    }
    let lab = format!("patient/Observation.rs?category={category}|laboratory");
    let odd = "patient/Observation.rs?date=ge2020";
    let told = served.get("/fhir/R4/.well-known/smart-configuration", &[]).json();
    assert!(told["scopes_supported"].as_array().unwrap().contains(&json!(lab)));
    let app = served.app("patient/*.rs offline_access");
    let path = served.begin(&served.asking(&app, &format!("{lab} {odd} offline_access"), &challenge()));
    let page = served.page(&path, &asha.cookie).body;
    assert!(page.contains("but only those of the kind laboratory results"), "{page}");
    assert!(page.contains("It asks for more than that") && !page.contains("ge2020"), "{page}");
    let code =
        served.allow(&path, &asha.cookie, &[&lab, odd, "offline_access"]).is(303).sent("code").unwrap();
    let mut tokens = served.exchange(&app, &code).is(200).json();
    assert_eq!(tokens["scope"], format!("offline_access {lab}"));
    for _ in 0..2 {
        let access = tokens["access_token"].as_str().unwrap().to_owned();
        let found = served.fhir(&access, "Observation?_count=10").is(200).json();
        assert_eq!((&found["total"], &found["entry"][0]["resource"]["id"]), (&json!(1), &json!("lab")));
        served.fhir(&access, "Observation/vital").is(404);
        served.fhir(&access, "Condition").is(403);
        // Asking for more at a refresh gets no more.
        let refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
        let wide = format!("patient/Observation.rs patient/*.rs {lab}");
        let asked = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
            ("client_id", app.id.as_str()),
            ("scope", wide.as_str()),
        ];
        tokens = served.form("/oauth/token", &asked).is(200).json();
        assert_eq!(tokens["scope"], lab);
    }
}

#[test]
fn a_person_who_says_no_is_not_asked_twice_for_the_same() {
    let served = Served::open(Engine::Sqlite);
    served.admin();
    let person = served.newcomer("asha@example.org");
    let app = served.app("openid");
    let path = served.begin(&served.asking(&app, "openid", &challenge()));
    let token = served.page(&path, &person.cookie).between("name=\"token\" value=\"", "\"");
    // A form of another site, or without the session's token, answers nothing.
    let fields = [("token", "x"), ("answer", "allow"), ("allow-openid", "yes")];
    served.answer(&path, &person.cookie, &fields).is(403);
    let fields = [("token", token.as_str()), ("answer", "allow"), ("allow-openid", "yes")];
    let foreign = [
        ("cookie", person.cookie.as_str()),
        ("origin", "https://evil.example"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    served.send("POST", &path, &foreign, &encoded(&fields)).is(403);
    let no = served.answer(&path, &person.cookie, &[("token", &token), ("answer", "deny")]).is(303);
    assert_eq!(
        (no.sent("error").as_deref(), no.sent("state").as_deref()),
        (Some("access_denied"), Some("s&1"))
    );
    assert_eq!(no.sent("iss").as_deref(), Some(served.origin.as_str()));
    served.answer(&path, &person.cookie, &fields).is(410);
    served.page(&path, &person.cookie).is(410);
}

/// An app that wants one patient's record may be in the hands of either: staff are not locked into the patients' door.
#[test]
fn staff_answer_an_app_that_asks_for_one_patient_alone() {
    let served = Served::open(testkit::house::Engine::Sqlite);
    served.charts();
    let doctor = served.doctor(&served.admin());
    served.encounter("a", "d1");
    let scope = "launch/patient patient/*.rs";
    let app = served.app(scope);
    let challenge = challenge();
    let path = served.begin(&served.asking(&app, scope, &challenge));
    let request = path.strip_prefix("/patient/consent/").unwrap();
    let led = served.page(&path, &doctor.cookie).is(303);
    let to = format!("/clinic/consent/{request}");
    assert_eq!(led.header("location"), to);
    assert!(served.page(&to, &doctor.cookie).is(200).body.contains(&format!("/clinic/pick/{request}")));
    // Whoever is not signed in yet finds the way from the patients' sign-in.
    let asked = served.page(&path, "").is(303);
    let cookie = asked.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(served.page("/patient/sign-in", &cookie).is(200).body.contains(&format!("href=\"{to}\"")));
    assert!(!served.page("/clinic/sign-in", &cookie).is(200).body.contains(&to));
    assert!(!served.page("/patient/sign-in", "").is(200).body.contains("/clinic/consent/"));
}
