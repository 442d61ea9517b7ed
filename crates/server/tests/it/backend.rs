//! Systems that come with keys of their own: <https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html>

use crate::{
    client::{Answer, App, jwks, jws, proof},
    house::Served,
};
use serde_json::{Value, json};
use std::thread;
use testkit::house::{ENGINES, Engine};
use vault::ecdsa::Es384Key;
use web::limits::Limits;

fn ask(served: &Served, assertion: &str, scope: &str) -> Answer {
    let [kind, text] = proof(assertion);
    served.form("/oauth/token", &[("grant_type", "client_credentials"), ("scope", scope), kind, text])
}

#[test]
fn a_backend_client_reads_what_it_is_registered_for() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.charts();
        let app = served.keyed("system/Patient.rs system/Observation.r");
        let tokens =
            ask(&served, &served.assertion(&app), "system/*.cruds openid patient/*.rs offline_access")
                .is(200)
                .json();
        assert_eq!(tokens["scope"], "system/Patient.rs system/Observation.r");
        assert_eq!(tokens["expires_in"], 300);
        assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
        let access = tokens["access_token"].as_str().unwrap();
        served.fhir(access, "Patient/a").is(200);
        served.fhir(access, "Observation/o-b").is(200);
        served.fhir(access, "Observation?code=x").is(403);
        served.fhir(access, "Condition/x").is(403);
        served.wait(301);
        served.fhir(access, "Patient/a").is(401);
        assert_eq!(ask(&served, &served.assertion(&app), "patient/*.rs").error(), "invalid_scope");
        assert_eq!(ask(&served, &served.assertion(&app), "system/Condition.rs").error(), "invalid_scope");
        let log = served.log();
        assert!(log.contains(&"app token done".to_owned()) && log.contains(&"app token refused".to_owned()));
    }
}

#[test]
fn l5_an_app_that_asks_too_much_waits_and_the_others_do_not() {
    let limits = Limits { app_requests: 3, ..Limits::default() };
    let served = Served::open_within(Engine::Sqlite, limits);
    served.charts();
    let token = |app: &App| {
        let tokens = ask(&served, &served.assertion(app), "system/Patient.rs").is(200).json();
        tokens["access_token"].as_str().unwrap().to_owned()
    };
    let (wild, calm) = (served.keyed("system/Patient.rs"), served.keyed("system/Patient.rs"));
    let (first, calm) = (token(&wild), token(&calm));
    for _ in 0..3 {
        served.fhir(&first, "Patient/a").is(200);
    }
    let over = served.fhir(&first, "Patient/a").is(429);
    let wait: i64 = over.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait) && over.body.contains("\"throttled\"") && !over.body.contains("Rao"));
    // Another token is the same app.
    served.fhir(&token(&wild), "Patient/a").is(429);
    served.fhir(&calm, "Patient/a").is(200);
    served.wait(wait);
    served.fhir(&first, "Patient/a").is(200);
}

#[test]
fn an_assertion_is_good_once_however_many_bring_it_at_once() {
    for engine in ENGINES {
        let served = Served::open(engine);
        let app = served.keyed("system/*.rs");
        let assertion = served.assertion(&app);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let all: Vec<_> =
                (0..6).map(|_| scope.spawn(|| ask(&served, &assertion, "system/*.rs").status)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(ask(&served, &assertion, "system/*.rs").error(), "invalid_client");
        assert!(served.log().contains(&"app authentication refused".to_owned()));
        // Another client may use the same id.
        let other = served.keyed("system/*.rs");
        let (mut mine, mut theirs) = (served.claims(&app), served.claims(&other));
        (mine["jti"], theirs["jti"]) = (json!("same"), json!("same"));
        for (app, claims) in [(&app, mine), (&other, theirs)] {
            ask(&served, &signed(app, &claims), "system/*.rs").is(200);
        }
    }
}

fn signed(app: &App, claims: &Value) -> String {
    jws(app.key.as_ref().unwrap(), &json!({"alg": "ES384", "kid": "k1", "typ": "JWT"}), claims)
}

#[test]
fn an_assertion_that_is_wrong_in_any_way_gets_no_token() {
    let served = Served::open(Engine::Sqlite);
    let (app, other) = (served.keyed("system/*.rs"), served.keyed("system/*.rs"));
    let now = served.house.now().as_second();
    let changed = |name: &str, value: Value| {
        let mut claims = served.claims(&app);
        claims[name] = value;
        signed(&app, &claims)
    };
    let mut bad = vec![
        changed("exp", json!(now + 400)),
        changed("exp", json!(now - 10)),
        changed("iat", json!(now + 400)),
        changed("aud", json!(served.base)),
        changed("aud", json!(format!("{}/", served.origin))),
        changed("aud", json!("https://elsewhere.example")),
        changed("iss", json!(other.id)),
        changed("sub", json!(other.id)),
        changed("iss", json!("nobody")),
        changed("jti", json!("")),
        String::from("a.b.c"),
        String::from("x"),
    ];
    // Another client's key; another key of the same name; no signature at all; a shared secret that is the public key.
    let claims = served.claims(&app);
    bad.push(jws(other.key.as_ref().unwrap(), &json!({"alg": "ES384", "kid": "k1"}), &claims));
    bad.push(jws(&Es384Key::generate().unwrap(), &json!({"alg": "ES384", "kid": "k1"}), &claims));
    bad.push(jws(app.key.as_ref().unwrap(), &json!({"alg": "ES384", "kid": "k2"}), &claims));
    for alg in ["none", "HS256", "HS384", "RS384", "ES256"] {
        let text = jws(app.key.as_ref().unwrap(), &json!({"alg": alg, "kid": "k1"}), &claims);
        bad.push(format!("{}.", text.rsplit_once('.').unwrap().0));
        bad.push(text);
    }
    for text in bad {
        assert_eq!(ask(&served, &text, "system/*.rs").is(401).error(), "invalid_client", "{text}");
    }
    // SMART names the token endpoint; clients that follow newer drafts of OAuth name who issues.
    ask(&served, &changed("aud", json!(served.origin)), "system/*.rs").is(200);
    // A secret, a header, a public way in, a type that is none.
    let fine = served.assertion(&app);
    let [kind, text] = proof(&fine);
    let form = |more: &[(&str, &str)]| {
        let mut fields = vec![("grant_type", "client_credentials"), ("scope", "system/*.rs")];
        fields.extend(more);
        served.form("/oauth/token", &fields)
    };
    for more in [
        &[("client_id", app.id.as_str()), ("client_secret", "secret")][..],
        &[("client_id", app.id.as_str())],
        &[],
        &[text],
        &[("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), text],
        &[kind, text, ("client_id", other.id.as_str())],
    ] {
        assert_eq!(form(more).error(), "invalid_client", "{more:?}");
    }
    let basic = [("authorization", "Basic YTpi"), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(
        served.send("POST", "/oauth/token", &basic, "grant_type=client_credentials").error(),
        "invalid_client"
    );
    // And what was right all along.
    ask(&served, &fine, "system/*.rs").is(200);
}

#[test]
fn a_client_uses_the_grants_that_it_is_registered_for() {
    let served = Served::open(Engine::Sqlite);
    let public = served.app("openid");
    let fields =
        [("grant_type", "client_credentials"), ("scope", "system/*.rs"), ("client_id", public.id.as_str())];
    assert_eq!(served.form("/oauth/token", &fields).error(), "unauthorized_client");
    for kind in ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code"] {
        let fields = [("grant_type", kind), ("client_id", public.id.as_str())];
        assert_eq!(served.form("/oauth/token", &fields).error(), "unsupported_grant_type");
    }
}

/// RFC 7591 under approval: registered, it can do nothing until an administrator says so.
#[test]
fn a_registered_client_waits_for_approval() {
    for engine in ENGINES {
        let served = Served::open(engine);
        let key = Es384Key::generate().unwrap();
        let metadata = json!({"client_name": "Night Export", "grant_types": ["client_credentials"], "scope": "system/*.rs",
            "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks(&key)});
        let headers = [("content-type", "application/json")];
        let answer = served.send("POST", "/oauth/register", &headers, &metadata.to_string()).is(201).json();
        assert_eq!(answer["status"], "pending");
        let app = App { id: answer["client_id"].as_str().unwrap().to_owned(), key: Some(key) };
        assert_eq!(ask(&served, &served.assertion(&app), "system/*.rs").is(401).error(), "invalid_client");
        let approve = login::oauth::client::Status::Approved;
        served.login.set_client(&app.id, approve, &served.visit()).unwrap();
        ask(&served, &served.assertion(&app), "system/*.rs").is(200);
        // Approved, it is not forgotten.
        served.wait(31 * 24 * 3600);
        served.login.sweep(served.house.now()).unwrap();
        ask(&served, &served.assertion(&app), "system/*.rs").is(200);
        served.log();
    }
}

#[test]
fn a_registration_that_cannot_be_taken_says_why_and_too_many_wait() {
    let served = Served::open(Engine::Sqlite);
    let good = json!({"client_name": "App", "redirect_uris": ["https://app.example/"], "token_endpoint_auth_method": "none", "scope": "openid"});
    let with = |name: &str, value: Value| {
        let mut metadata = good.clone();
        metadata[name] = value;
        metadata
    };
    for (metadata, code) in [
        (with("jwks_uri", json!("https://app.example/jwks")), "invalid_client_metadata"),
        (with("token_endpoint_auth_method", json!("client_secret_basic")), "invalid_client_metadata"),
        (with("token_endpoint_auth_method", json!("private_key_jwt")), "invalid_client_metadata"),
        (with("token_endpoint_auth_method", Value::Null), "invalid_client_metadata"),
        (with("grant_types", json!(["implicit"])), "invalid_client_metadata"),
        (with("grant_types", json!(["client_credentials"])), "invalid_client_metadata"),
        (with("response_types", json!(["token"])), "invalid_client_metadata"),
        (with("scope", json!("system/*.rs")), "invalid_client_metadata"),
        (with("scope", json!("nothing")), "invalid_client_metadata"),
        (with("client_name", json!("")), "invalid_client_metadata"),
        (with("client_name", json!("a\u{7}b")), "invalid_client_metadata"),
        (with("redirect_uris", json!([])), "invalid_redirect_uri"),
        (with("redirect_uris", json!(["http://app.example/"])), "invalid_redirect_uri"),
        (with("redirect_uris", json!(["javascript:alert(1)"])), "invalid_redirect_uri"),
        (json!([]), "invalid_client_metadata"),
    ] {
        let refused = served.login.add_client(metadata.to_string().as_bytes(), &served.visit()).unwrap_err();
        assert_eq!(refused.code.word(), code, "{metadata}");
    }
    let send = |metadata: &Value| {
        served.send("POST", "/oauth/register", &[("content-type", "application/json")], &metadata.to_string())
    };
    let refused = send(&with("jwks_uri", json!("https://app.example/jwks")));
    assert!(
        refused.is(400).json()["error_description"].as_str().unwrap().contains("send the keys themselves")
    );
    let statuses: Vec<u16> = (0..10).map(|_| send(&good).status).collect();
    assert!(statuses.starts_with(&[201, 201]) && statuses.ends_with(&[503]), "{statuses:?}");
}
