//! What a session is good for, and when it ends.

use crate::house::{Desk, PASSWORD, signed};
use access::scope::Context;
use login::{
    attempt::Step,
    error::Error,
    factor::{Proof, totp},
    realm::Realm,
    roster::By,
    session::FRESH,
};
use std::collections::HashSet;
use testkit::house::{ENGINES, Engine};

#[test]
fn a5_a_session_is_good_for_its_own_realm_alone() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let patient = desk.patient("asha@example.org");
        let doctor = desk.staff(&admin, "doctor@example.org");
        for person in [&admin, &patient, &doctor] {
            for realm in Realm::ALL {
                assert_eq!(desk.who(realm, &person.session).is_some(), realm == person.realm);
            }
        }
        for forged in ["", "kw_", "kw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x"] {
            assert!(desk.who(Realm::Admin, forged).is_none());
        }
    }
}

#[test]
fn a5_a_doctor_who_is_also_a_patient_never_has_both_powers_at_once() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let patient = desk.patient("meera@example.org");
    // She accepts with the password of the account that she has, and proves its second factor.
    let token = desk.invite(&admin, "meera@example.org");
    assert!(matches!(desk.login.accept(&token, "not her password", &desk.visit()), Err(Error::Denied)));
    let Step::SecondFactor(attempt) = desk.login.accept(&token, PASSWORD, &desk.visit()).unwrap() else {
        panic!("her second factor is asked for")
    };
    let visit = desk.visit();
    let proof = Proof::Totp(totp::shown(&patient.secret, visit.now).unwrap());
    let clinic = signed(desk.login.second_factor(attempt.reveal(), &proof, &visit).unwrap()).session;
    let as_doctor = desk.login.act(Realm::Clinic, clinic.reveal(), &desk.visit()).unwrap().unwrap();
    let as_patient = desk.login.act(Realm::Patient, &patient.session, &desk.visit()).unwrap().unwrap();
    assert_eq!(as_doctor.actor.id, as_patient.actor.id);
    let contexts = |act: &access::act::Act| {
        let all = act.actor.scopes.iter().map(|scope| scope.context);
        all.fold((0, 0), |(user, patient), context| match context {
            Context::Patient => (user, patient + 1),
            _ => (user + 1, patient),
        })
    };
    assert_eq!((as_doctor.actor.role.as_str(), contexts(&as_doctor).1), ("physician", 0));
    assert_eq!(as_patient.actor.role, "patient");
    let standing = as_patient.actor.standing.as_ref().unwrap();
    assert!(standing.known_as.is_empty() && contexts(&as_patient).1 > 0, "a patient cares for nobody");
    assert_eq!(
        (as_doctor.actor.patient, as_patient.actor.patient),
        (None, None),
        "A1: no chart before it is matched"
    );
    assert!(desk.login.act(Realm::Patient, clinic.reveal(), &desk.visit()).unwrap().is_none());
}

#[test]
fn a12_a_session_ends_when_it_is_unused_and_at_its_latest_hour() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let patient = desk.patient("asha@example.org");
        let doctor = desk.staff(&admin, "doctor@example.org");
        // Every ten minutes keeps a session alive.
        for _ in 0..4 {
            desk.wait(600);
            assert!(desk.who(Realm::Clinic, &doctor.session).is_some());
            assert!(desk.who(Realm::Patient, &patient.session).is_some());
        }
        desk.wait(17 * 60);
        assert!(desk.who(Realm::Clinic, &doctor.session).is_none(), "15 minutes for staff");
        assert!(desk.who(Realm::Patient, &patient.session).is_some(), "30 minutes for patients");
        assert_eq!(desk.log().last().unwrap(), "session unused done Dr Meera Iyer");
        for _ in 0..60 {
            desk.wait(800);
            desk.who(Realm::Patient, &patient.session);
        }
        assert!(desk.who(Realm::Patient, &patient.session).is_none(), "twelve hours at most");
        assert!(desk.login.sweep(desk.now()).unwrap() > 0);
        desk.log();
    }
}

#[test]
fn a12_one_device_is_revoked_and_everything_is_signed_out_at_the_next_request() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let sessions: Vec<String> =
            (0..3).map(|_| desk.sign_in(&admin).session.reveal().to_owned()).collect();
        let who = desk.who(Realm::Admin, &sessions[0]).unwrap();
        let devices = desk.login.devices(&who, desk.now()).unwrap();
        assert_eq!((devices.len(), devices.iter().filter(|device| device.this).count()), (4, 1));
        let other = devices.iter().find(|device| !device.this).unwrap();
        desk.login.revoke(&who, &other.id, &desk.visit()).unwrap();
        assert!(matches!(desk.login.revoke(&who, &other.id, &desk.visit()), Err(Error::Ended)));
        let alive = |desk: &Desk| {
            sessions.iter().chain([&admin.session]).filter(|s| desk.who(Realm::Admin, s).is_some()).count()
        };
        assert_eq!(alive(&desk), 3);
        // Nobody revokes somebody else's.
        let patient = desk.patient("asha@example.org");
        let stranger = desk.who(Realm::Patient, &patient.session).unwrap();
        let mine = devices.iter().find(|device| device.this).unwrap();
        assert!(matches!(desk.login.revoke(&stranger, &mine.id, &desk.visit()), Err(Error::Ended)));
        desk.login.sign_out_everywhere(&who, &desk.visit()).unwrap();
        assert_eq!(alive(&desk), 0);
        assert!(desk.who(Realm::Patient, &patient.session).is_some());
        let log = desk.log();
        assert!(log.iter().any(|line| line == "session revoked done Nila Das"));
        assert_eq!(log.last().unwrap(), "sign-out everywhere done Nila Das");
    }
}

#[test]
fn a12_a_session_that_was_signed_out_on_one_node_is_dead_on_another() {
    let (desk, admin) = Desk::open(Engine::Postgres);
    let second = desk.house.beside();
    let other = login::Login::new(second.record.store().clone(), crate::house::settings(), None).unwrap();
    assert!(other.who(Realm::Admin, &admin.session, &desk.visit()).unwrap().is_some());
    let who = desk.who(Realm::Admin, &admin.session).unwrap();
    desk.login.sign_out(&who, &desk.visit()).unwrap();
    assert!(other.who(Realm::Admin, &admin.session, &desk.visit()).unwrap().is_none());
    assert_eq!(desk.log().last().unwrap(), "sign-out done Nila Das");
}

#[test]
fn a12_a_step_up_is_remembered_for_a_while_and_the_old_token_is_dead() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        desk.wait(700);
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        assert!(matches!(who.require_step_up(FRESH, desk.now()), Err(Error::StepUp)));
        assert!(matches!(
            desk.login.found(By::Administrator(&who), "Hill Clinic", &desk.visit()),
            Err(Error::StepUp)
        ));
        assert!(matches!(desk.login.replace_app(&who, &desk.visit()), Err(Error::StepUp)));
        assert!(matches!(
            desk.login.step_up(&who, &Proof::Totp("000000".into()), &desk.visit()),
            Err(Error::Denied)
        ));
        let visit = desk.visit();
        let proof = Proof::Totp(totp::shown(&admin.secret, visit.now).unwrap());
        let fresh = desk.login.step_up(&who, &proof, &visit).unwrap().session;
        assert!(desk.who(Realm::Admin, &admin.session).is_none(), "rotated");
        let who = desk.who(Realm::Admin, fresh.reveal()).unwrap();
        desk.login.found(By::Administrator(&who), "Hill Clinic", &desk.visit()).unwrap();
        assert!(desk.login.step_up(&who, &proof, &desk.visit()).is_err(), "a used code");
    }
}

#[test]
fn a13_a_new_browser_is_told_of_and_a_known_one_is_not() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let told = |desk: &Desk, session: &str| {
        let who = desk.who(Realm::Admin, session).unwrap();
        let notices = desk.login.notices(&who, desk.now()).unwrap();
        notices.iter().filter(|notice| notice.text.contains("new browser")).count()
    };
    assert_eq!(told(&desk, &admin.session), 0);
    let device = desk.sign_in(&admin).device.unwrap();
    assert_eq!(told(&desk, &admin.session), 1);
    let Step::SecondFactor(attempt) = desk.begin(Realm::Admin, &admin.email, PASSWORD).unwrap() else {
        panic!()
    };
    desk.wait(60);
    let visit = desk.visit_from("192.0.2.7", Some(device.reveal()));
    let proof = Proof::Totp(totp::shown(&admin.secret, visit.now).unwrap());
    let again = signed(desk.login.second_factor(attempt.reveal(), &proof, &visit).unwrap());
    assert!(again.device.is_none());
    assert_eq!(told(&desk, &admin.session), 1);
}

#[test]
fn x6_two_hundred_people_who_save_at_once_each_save_their_own() {
    for engine in ENGINES {
        let (desk, _) = Desk::open(engine);
        let people: Vec<(String, String)> = (0..200)
            .map(|n| {
                let email = format!("person-{n}@example.org");
                let session = desk.plain_patient(&email);
                (email, session)
            })
            .collect();
        std::thread::scope(|scope| {
            for (n, person) in people.iter().enumerate() {
                let desk = &desk;
                scope.spawn(move || {
                    let who = desk.who(Realm::Patient, &person.1).unwrap();
                    desk.login.rename(&who, &format!("Person {n}"), &desk.visit()).unwrap();
                });
            }
        });
        let mut ids = HashSet::new();
        for (n, person) in people.iter().enumerate() {
            let who = desk.who(Realm::Patient, &person.1).unwrap();
            assert_eq!(who.account.name, format!("Person {n}"));
            assert_eq!(who.account.identifiers[0].text(), person.0);
            ids.insert(who.account.id);
        }
        assert_eq!(ids.len(), 200);
        desk.log();
    }
}
