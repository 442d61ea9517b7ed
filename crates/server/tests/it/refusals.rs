//! Requests for a code that are wrong: told to the app where it is known to be the app, and on a page otherwise.

use crate::{
    client::{BACK, challenge, encoded},
    house::Served,
};
use testkit::house::Engine;

/// A request with one parameter changed; an empty value leaves it out.
fn changed<'a>(asking: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> String {
    let mut fields: Vec<(&str, &str)> = asking.iter().filter(|(key, _)| *key != name).copied().collect();
    if !value.is_empty() {
        fields.push((name, value));
    }
    format!("/oauth/authorize?{}", encoded(&fields))
}

#[test]
fn nothing_is_sent_to_an_address_that_is_not_the_app_s() {
    let served = Served::open(Engine::Sqlite);
    let app = served.app("openid");
    let challenge = challenge();
    let asking = served.asking(&app, "openid", &challenge);
    let waiting = served.login.register(
        br#"{"client_name":"W","redirect_uris":["https://app.example/back?keep=1"],"token_endpoint_auth_method":"none","scope":"openid"}"#,
        &served.visit(),
    );
    let waiting = waiting.unwrap().id;
    let mut bad = vec![
        changed(&asking, "client_id", ""),
        changed(&asking, "client_id", "0123456789abcdef0123456789abcdef"),
        changed(&asking, "client_id", "../x"),
        changed(&asking, "client_id", &waiting),
        changed(&asking, "redirect_uri", ""),
    ];
    for uri in [
        "https://evil.example/back",
        "https://app.example/back",
        "https://app.example/back?keep=1&more=1",
        "https://app.example/back?keep=1#x",
        "https://app.example/back/../back?keep=1",
        "https://APP.example/back?keep=1",
        "https://app.example@evil.example/back?keep=1",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        bad.push(changed(&asking, "redirect_uri", uri));
    }
    // Said twice, and unreadable.
    bad.push(format!("{}&redirect_uri=https%3A%2F%2Fevil.example", changed(&asking, "x", "")));
    bad.push("/oauth/authorize?client_id=%ff".to_owned());
    bad.push("/oauth/authorize".to_owned());
    for path in bad {
        let answer = served.get(&path, &[]).is(400);
        assert_eq!(answer.header("location"), "", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        assert!(!answer.body.contains("evil.example"), "{path}");
    }
}

#[test]
fn other_errors_go_back_to_the_app_with_its_state() {
    let served = Served::open(Engine::Sqlite);
    let app = served.app("openid launch patient/*.rs");
    let challenge = challenge();
    let asking = served.asking(&app, "openid", &challenge);
    let long = "s".repeat(2_049);
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("aud", "", "invalid_request"),
        ("aud", "https://elsewhere.example/fhir/R4", "invalid_request"),
        ("scope", "", "invalid_request"),
        ("scope", "nothing", "invalid_scope"),
        ("scope", "system/*.rs", "invalid_scope"),
        ("scope", "patient/Observation.rs?date=ge2020", "invalid_scope"),
        ("launch", "kw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "invalid_scope"),
        ("request", "a.b.c", "invalid_request"),
        ("request_uri", "https://app.example/r", "invalid_request"),
        ("prompt", "none", "interaction_required"),
        ("nonce", &long, "invalid_request"),
    ] {
        let answer = served.get(&changed(&asking, name, value), &[]).is(303);
        assert!(
            answer.header("location").starts_with(&format!("{BACK}&error=")),
            "{}",
            answer.header("location")
        );
        assert_eq!(answer.sent("error").as_deref(), Some(error), "{name}={value}");
        assert_eq!(answer.sent("state").as_deref(), Some("s&1"));
        assert_eq!(answer.sent("iss").as_deref(), Some(served.origin.as_str()));
    }
    let launch = format!("{}&launch=x", changed(&asking, "scope", "launch openid"));
    assert_eq!(served.get(&launch, &[]).is(303).sent("error").as_deref(), Some("invalid_request"));
    assert_eq!(
        served.get(&changed(&asking, "state", ""), &[]).is(303).sent("error").as_deref(),
        Some("invalid_request")
    );
    let answer = served.get(&changed(&asking, "state", &long), &[]).is(303);
    assert_eq!((answer.sent("error").as_deref(), answer.sent("state")), (Some("invalid_request"), None));
}

#[test]
fn a_request_that_nobody_answers_runs_out() {
    let served = Served::open(Engine::Sqlite);
    served.admin();
    let person = served.newcomer("asha@example.org");
    let app = served.app("openid");
    let path = served.begin(&served.asking(&app, "openid", &challenge()));
    served.wait(20 * 60 + 1);
    served.page(&path, &person.cookie).is(410);
    for forged in ["kw_x", "kw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%2e%2e"] {
        served.page(&format!("/patient/consent/{forged}"), &person.cookie).is(410);
    }
}

#[test]
fn the_token_endpoint_takes_forms_and_nothing_else() {
    let served = Served::open(Engine::Sqlite);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for (path, headers, body) in [
        ("/oauth/token?grant_type=client_credentials", &form[..], ""),
        ("/oauth/token", &[("content-type", "application/json")], "{}"),
        ("/oauth/token", &[], "grant_type=client_credentials"),
        ("/oauth/token", &form, ""),
        ("/oauth/token", &form, "grant_type=authorization_code&grant_type=refresh_token"),
        ("/oauth/token", &form, "grant_type=%"),
    ] {
        assert_eq!(
            served.send("POST", path, headers, body).is(400).error(),
            "invalid_request",
            "{path} {body}"
        );
    }
    let long = format!("grant_type={}", "x".repeat(60_000));
    assert_eq!(served.send("POST", "/oauth/token", &form, &long).is(400).error(), "invalid_request");
    served.get("/oauth/token", &[]).is(405);
    let asked = [("origin", "https://app.example"), ("access-control-request-method", "POST")];
    let answer = served.send("OPTIONS", "/oauth/token", &asked, "").is(204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    // Pages with cookies are for nobody else's scripts.
    assert_eq!(
        served
            .get("/patient/sign-in", &[("origin", "https://app.example")])
            .header("access-control-allow-origin"),
        ""
    );
}

#[test]
fn the_capability_statement_says_how_to_get_in() {
    let served = Served::open(Engine::Sqlite);
    let security = served.get("/fhir/R4/metadata", &[]).is(200).json()["rest"][0]["security"].clone();
    assert_eq!(security["service"][0]["coding"][0]["code"], "SMART-on-FHIR");
    let uris = security["extension"][0]["extension"].as_array().unwrap();
    let token = uris.iter().find(|uri| uri["url"] == "token").unwrap();
    assert_eq!(token["valueUri"], format!("{}/oauth/token", served.origin));
    for place in ["smart-configuration", "openid-configuration", "oauth-authorization-server"] {
        let document = served.get(&format!("/.well-known/{place}"), &[]).is(200).json();
        assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
        assert!(document["capabilities"].as_array().unwrap().iter().any(|c| c == "launch-ehr"));
    }
}

/// Law 11: every route of the table is served, and what needs a client gets nothing without one.
#[test]
fn who_may_use_what_for_programs() {
    let served = Served::open(Engine::Sqlite);
    for route in api::oauth::TABLE {
        let answer = match route.method {
            "GET" => served.get(route.template, &[]),
            _ => served.form(route.template, &[("grant_type", "client_credentials"), ("token", "x")]),
        };
        match route.needs {
            web::route::Needs::Client => assert_eq!(answer.status, 401, "{}", route.template),
            _ if route.method == "GET" => assert_eq!(answer.status, 200, "{}", route.template),
            _ => assert_eq!(answer.status, 400, "{}", route.template),
        }
    }
}
