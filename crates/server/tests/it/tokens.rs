//! Codes and tokens: once, for a while, and for one client.

use crate::{
    client::{App, BACK, VERIFIER, proof},
    house::{Person, Served},
};
use login::{account::Status as Account, oauth::client::Status};
use serde_json::{Value, json};
use std::thread;
use testkit::house::{ENGINES, Engine};

const SCOPE: &str = "launch/patient offline_access patient/*.rs";

struct Scene {
    served: Served,
    admin: Person,
    asha: Person,
    app: App,
}

fn scene(engine: Engine) -> Scene {
    let served = Served::open(engine);
    served.charts();
    let admin = served.admin();
    let doctor = served.doctor(&admin);
    let asha = served.patient(&doctor, "asha@example.org", "a");
    let app = served.app(SCOPE);
    Scene { served, admin, asha, app }
}

impl Scene {
    fn tokens(&self) -> Value {
        let code = self.served.code(&self.app, &self.asha.cookie, SCOPE);
        self.served.exchange(&self.app, &code).is(200).json()
    }

    #[track_caller]
    fn lives(&self, tokens: &Value, lives: bool) {
        let expected = if lives { 200 } else { 401 };
        self.served.fhir(tokens["access_token"].as_str().unwrap(), "Patient/a").is(expected);
    }
}

fn refresh_of(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

#[test]
fn a_code_is_good_once_for_a_minute_for_its_own_client_address_and_verifier() {
    let scene = scene(Engine::Sqlite);
    let served = &scene.served;
    let other = served.app(SCOPE);
    let code = served.code(&scene.app, &scene.asha.cookie, SCOPE);
    let fields = |client: &str, uri: &str, verifier: &str| {
        served.form(
            "/oauth/token",
            &[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("client_id", client),
                ("redirect_uri", uri),
                ("code_verifier", verifier),
            ],
        )
    };
    let wrong = VERIFIER.replace('a', "b");
    assert_eq!(fields(&other.id, BACK, VERIFIER).error(), "invalid_grant");
    assert_eq!(fields(&scene.app.id, "https://app.example/back", VERIFIER).error(), "invalid_grant");
    assert_eq!(fields(&scene.app.id, BACK, &wrong).error(), "invalid_grant");
    assert_eq!(fields(&scene.app.id, BACK, "").error(), "invalid_request");
    served.wait(61);
    assert_eq!(fields(&scene.app.id, BACK, VERIFIER).error(), "invalid_grant");
    for forged in ["kw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", "../x"] {
        assert_eq!(served.exchange(&scene.app, forged).error(), "invalid_grant");
    }
}

#[test]
fn a_code_that_comes_again_ends_what_came_of_it() {
    for engine in ENGINES {
        let scene = scene(engine);
        let code = scene.served.code(&scene.app, &scene.asha.cookie, SCOPE);
        let tokens = scene.served.exchange(&scene.app, &code).is(200).json();
        scene.lives(&tokens, true);
        scene.served.wait(600);
        assert_eq!(scene.served.exchange(&scene.app, &code).error(), "invalid_grant");
        scene.lives(&tokens, false);
        assert_eq!(scene.served.refresh(&scene.app, refresh_of(&tokens)).error(), "invalid_grant");
        assert!(scene.served.log().contains(&"code replayed refused".to_owned()));
    }
}

#[test]
fn of_two_exchanges_of_one_code_at_once_exactly_one_wins_and_nothing_of_it_lasts() {
    for engine in ENGINES {
        let scene = scene(engine);
        for _ in 0..5 {
            let code = scene.served.code(&scene.app, &scene.asha.cookie, SCOPE);
            let answers: Vec<_> = thread::scope(|scope| {
                let both: Vec<_> =
                    (0..4).map(|_| scope.spawn(|| scene.served.exchange(&scene.app, &code))).collect();
                both.into_iter().map(|one| one.join().unwrap()).collect()
            });
            let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
            assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|a| &a.body).collect::<Vec<_>>());
            scene.lives(&won[0].json(), false);
        }
    }
}

/// A12: a refresh token that was stolen and used again takes the whole family along.
#[test]
fn a12_a_replayed_refresh_token_revokes_its_family() {
    for engine in ENGINES {
        let scene = scene(engine);
        let first = scene.tokens();
        let second = scene.served.refresh(&scene.app, refresh_of(&first)).is(200).json();
        let third = scene.served.refresh(&scene.app, refresh_of(&second)).is(200).json();
        scene.lives(&first, true);
        scene.lives(&third, true);
        let other = scene.tokens();
        assert_eq!(scene.served.refresh(&scene.app, refresh_of(&first)).error(), "invalid_grant");
        for dead in [&first, &second, &third] {
            scene.lives(dead, false);
            assert_eq!(scene.served.refresh(&scene.app, refresh_of(dead)).error(), "invalid_grant");
        }
        scene.lives(&other, true);
        assert!(scene.served.log().contains(&"refresh token replayed refused".to_owned()));
    }
}

#[test]
fn of_many_refreshes_at_once_one_wins_at_most() {
    for engine in ENGINES {
        let scene = scene(engine);
        let tokens = scene.tokens();
        let answers: Vec<_> = thread::scope(|scope| {
            let all: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| scene.served.refresh(&scene.app, refresh_of(&tokens))))
                .collect();
            all.into_iter().map(|one| one.join().unwrap().status).collect()
        });
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
        scene.lives(&tokens, false);
    }
}

#[test]
fn a_token_ends_by_the_clock_and_with_all_that_it_rests_on() {
    let scene = scene(Engine::Sqlite);
    let served = &scene.served;
    let tokens = scene.tokens();
    served.wait(901);
    scene.lives(&tokens, false);
    // The app is revoked, and comes back.
    let tokens = served.refresh(&scene.app, refresh_of(&tokens)).is(200).json();
    scene.lives(&tokens, true);
    served.login.set_client(&scene.app.id, Status::Revoked, &served.visit()).unwrap();
    scene.lives(&tokens, false);
    assert_eq!(served.refresh(&scene.app, refresh_of(&tokens)).error(), "invalid_client");
    served.login.set_client(&scene.app.id, Status::Approved, &served.visit()).unwrap();
    // Narrower on request, never wider.
    let fields = |scope| {
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_of(&tokens)),
            ("client_id", scene.app.id.as_str()),
            ("scope", scope),
        ]
    };
    assert_eq!(served.form("/oauth/token", &fields("system/*.rs user/*.rs")).error(), "invalid_scope");
    let narrow = served.form("/oauth/token", &fields("patient/Patient.cruds openid")).is(200).json();
    assert_eq!(narrow["scope"], "patient/Patient.rs");
    // Ninety days away.
    served.wait(90 * 24 * 3600 + 1);
    assert_eq!(served.refresh(&scene.app, refresh_of(&narrow)).error(), "invalid_grant");
}

#[test]
fn whoever_is_suspended_is_so_for_their_apps_as_well() {
    let scene = scene(Engine::Sqlite);
    let tokens = scene.tokens();
    let (served, admin) = (&scene.served, &scene.admin);
    scene.lives(&tokens, true);
    let who = served.who(admin);
    served.login.set_status(&who, "asha@example.org", Account::Suspended, &served.visit()).unwrap();
    scene.lives(&tokens, false);
    assert_eq!(served.refresh(&scene.app, refresh_of(&tokens)).error(), "invalid_grant");
}

#[test]
fn online_access_ends_with_the_session() {
    let scene = scene(Engine::Sqlite);
    let served = &scene.served;
    let app = served.app("launch/patient online_access patient/*.rs");
    let code = served.code(&app, &scene.asha.cookie, "launch/patient online_access patient/*.rs");
    let tokens = served.exchange(&app, &code).is(200).json();
    let tokens = served.refresh(&app, refresh_of(&tokens)).is(200).json();
    scene.lives(&tokens, true);
    served.login.sign_out(&served.who(&scene.asha), &served.visit()).unwrap();
    scene.lives(&tokens, false);
    assert_eq!(served.refresh(&app, refresh_of(&tokens)).error(), "invalid_grant");
}

/// RFC 7009 and RFC 7662.
#[test]
fn tokens_are_given_back_and_asked_about() {
    for engine in ENGINES {
        let scene = scene(engine);
        let served = &scene.served;
        let keyed = served.keyed("system/*.rs");
        let inspect = |token: &str| {
            let assertion = served.assertion(&keyed);
            let [kind, text] = proof(&assertion);
            served.form("/oauth/introspect", &[("token", token), kind, text])
        };
        let tokens = scene.tokens();
        let access = tokens["access_token"].as_str().unwrap();
        let said = inspect(access).is(200).json();
        assert_eq!(
            (&said["active"], &said["patient"], &said["client_id"]),
            (&json!(true), &json!("a"), &json!(scene.app.id))
        );
        assert!(said["exp"].as_i64().unwrap() > served.house.now().as_second());
        for dead in ["x", refresh_of(&tokens), "kw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(inspect(dead).is(200).json(), json!({"active": false}));
        }
        let by_public = served.form("/oauth/introspect", &[("token", access), ("client_id", &scene.app.id)]);
        assert_eq!(by_public.error(), "unauthorized_client");
        assert_eq!(served.form("/oauth/introspect", &[("token", access)]).error(), "invalid_client");

        let give_back = |client: &str, token: &str| {
            served.form("/oauth/revoke", &[("token", token), ("client_id", client)])
        };
        let other = served.app(SCOPE);
        give_back(&other.id, access).is(200);
        give_back(&other.id, refresh_of(&tokens)).is(200);
        scene.lives(&tokens, true);
        give_back(&scene.app.id, access).is(200);
        scene.lives(&tokens, false);
        let tokens = served.refresh(&scene.app, refresh_of(&tokens)).is(200).json();
        give_back(&scene.app.id, refresh_of(&tokens)).is(200);
        scene.lives(&tokens, false);
        assert_eq!(inspect(tokens["access_token"].as_str().unwrap()).json(), json!({"active": false}));
        assert_eq!(served.refresh(&scene.app, refresh_of(&tokens)).error(), "invalid_grant");
        give_back(&scene.app.id, "nothing of ours").is(200);
        served.log();
    }
}

/// A revoked connection is dead on a second node at its next request: nothing is remembered there.
#[test]
fn l5_what_is_taken_back_on_one_node_is_dead_on_the_other() {
    let scene = scene(Engine::Postgres);
    let tokens = scene.tokens();
    let second = scene.served.house.beside();
    let settings = scene.served.login.settings().clone();
    let login = login::Login::new(second.record.store().clone(), settings, None).unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    assert!(login.bearer(access, scene.served.house.now()).unwrap().is_some());
    let who = scene.served.who(&scene.asha);
    scene.served.login.disconnect(&who, &scene.app.id, &scene.served.visit()).unwrap();
    assert!(login.bearer(access, scene.served.house.now()).unwrap().is_none());
}
