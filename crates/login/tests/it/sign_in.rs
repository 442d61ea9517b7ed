//! Password and second factor.

use crate::house::{Desk, PASSWORD, signed};
use login::{
    attempt::Step,
    error::Error,
    factor::{Proof, totp},
    realm::Realm,
};
use testkit::house::{ENGINES, Engine};

fn attempt(step: Step) -> String {
    match step {
        Step::SecondFactor(token) => token.reveal().to_owned(),
        other => panic!("a second factor, not {other:?}"),
    }
}

#[test]
fn a4_staff_come_in_with_password_and_app_and_with_the_password_alone_they_do_not() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let doctor = desk.staff(&admin, "doctor@example.org");
        let before = desk.log().len();
        let first = attempt(desk.begin(Realm::Clinic, " Doctor@Example.org ", PASSWORD).unwrap());
        assert!(desk.who(Realm::Clinic, &first).is_none(), "an attempt is no session");
        let visit = desk.visit();
        let code = totp::shown(&doctor.secret, visit.now).unwrap();
        let session = signed(desk.login.second_factor(&first, &Proof::Totp(code), &visit).unwrap()).session;
        let who = desk.who(Realm::Clinic, session.reveal()).unwrap();
        assert_eq!(
            (who.account.name.as_str(), who.staff.unwrap().roles),
            ("Dr Meera Iyer", vec!["physician".to_owned()])
        );
        assert_eq!(desk.log_since(before), ["password done Dr Meera Iyer", "sign-in done Dr Meera Iyer"]);
    }
}

#[test]
fn a3_a_code_of_the_app_opens_once_even_at_the_same_moment() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let attempts: Vec<String> =
            (0..3).map(|_| attempt(desk.begin(Realm::Admin, &admin.email, PASSWORD).unwrap())).collect();
        let visit = desk.visit();
        let proof = Proof::Totp(totp::shown(&admin.secret, visit.now).unwrap());
        let opened = std::thread::scope(|scope| {
            let threads: Vec<_> = attempts
                .iter()
                .map(|attempt| scope.spawn(|| desk.login.second_factor(attempt, &proof, &visit)))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(Result::is_ok).count()
        });
        assert_eq!(opened, 1);
        // Nor later, in the same attempt or another.
        let again = desk.login.second_factor(&attempts[0], &proof, &visit);
        assert!(matches!(again, Err(Error::Denied | Error::Ended)), "{again:?}");
        desk.log();
    }
}

#[test]
fn a4_a_lost_phone_is_replaced_by_one_recovery_code_which_then_is_dead() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let code = Proof::Recovery(admin.recovery[3].to_lowercase());
        let first = attempt(desk.begin(Realm::Admin, &admin.email, PASSWORD).unwrap());
        let session = signed(desk.login.second_factor(&first, &code, &desk.visit()).unwrap()).session;
        let who = desk.who(Realm::Admin, session.reveal()).unwrap();
        assert_eq!(who.account.recovery_left(), 9);
        let token = desk.login.replace_app(&who, &desk.visit()).unwrap();
        let renewed = desk.enrol(token.reveal(), &admin.email, Realm::Admin);
        assert_ne!(renewed.secret, admin.secret);
        // Whoever had the phone is out, and so is the session of the recovery code.
        assert!(desk.who(Realm::Admin, &admin.session).is_none());
        assert!(desk.who(Realm::Admin, session.reveal()).is_none());
        for dead in [code, Proof::Recovery(admin.recovery[4].clone())] {
            let next = attempt(desk.begin(Realm::Admin, &admin.email, PASSWORD).unwrap());
            let refused = desk.login.second_factor(&next, &dead, &desk.visit());
            assert!(matches!(refused, Err(Error::Denied)), "{refused:?}");
            desk.wait(1_000);
        }
        let session = desk.sign_in(&renewed).session;
        let notices =
            desk.login.notices(&desk.who(Realm::Admin, session.reveal()).unwrap(), desk.now()).unwrap();
        assert!(
            notices.iter().filter(|notice| notice.text.contains("second factor")).count() == 2,
            "{notices:?}"
        );
    }
}

#[test]
fn a7_whoever_is_not_signed_in_learns_nothing_about_who_has_an_account() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        desk.staff(&admin, "doctor@example.org");
        let cases = [
            (Realm::Clinic, "doctor@example.org", "wrong wrong wrong"),
            (Realm::Clinic, "nobody@example.org", PASSWORD),
            (Realm::Clinic, "", PASSWORD),
            // The right password, in a realm where they are nobody.
            (Realm::Admin, "doctor@example.org", PASSWORD),
            (Realm::Patient, "doctor@example.org", PASSWORD),
        ];
        for (realm, identifier, password) in cases {
            let (before, throttles) =
                (desk.log().len(), desk.house.rows("SELECT id FROM item WHERE kind = 5").len());
            let refused = desk.begin(realm, identifier, password).unwrap_err();
            assert!(matches!(refused, Error::Denied));
            assert_eq!(refused.to_string(), Error::Denied.to_string());
            let log = desk.log_since(before);
            assert!(log.len() == 1 && log[0].starts_with("sign-in refused"), "{log:?}");
            assert!(desk.house.rows("SELECT id FROM item WHERE kind = 5").len() <= throttles + 2);
        }
    }
}

#[test]
fn a3_tries_are_slowed_down_for_known_and_unknown_people_alike() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let mut waits = Vec::new();
        for identifier in ["nobody@example.org", admin.email.as_str()] {
            let mut seen = Vec::new();
            for _ in 0..10 {
                match desk.begin(Realm::Admin, identifier, "wrong wrong wrong").unwrap_err() {
                    Error::Denied => seen.push(0),
                    Error::Throttled { seconds } => {
                        seen.push(seconds);
                        desk.wait(seconds);
                    }
                    other => panic!("{other}"),
                }
            }
            waits.push(seen);
        }
        assert_eq!(waits[0], waits[1]);
        assert_eq!(waits[0], [0, 0, 0, 0, 0, 0, 0, 2, 0, 4]);
        // The right password has to wait as well, and afterwards all is forgiven.
        desk.begin(Realm::Admin, &admin.email, "wrong wrong wrong").unwrap_err();
        assert!(matches!(desk.begin(Realm::Admin, &admin.email, PASSWORD), Err(Error::Throttled { .. })));
        desk.wait(1_000);
        desk.sign_in(&admin);
        for _ in 0..6 {
            assert!(matches!(desk.begin(Realm::Admin, &admin.email, "x"), Err(Error::Denied)));
        }
    }
}

#[test]
fn a3_many_guesses_at_once_are_all_counted() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let guessed = std::thread::scope(|scope| {
        let guess = || desk.begin(Realm::Admin, &admin.email, "wrong wrong wrong");
        let threads: Vec<_> = (0..40).map(|_| scope.spawn(guess)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).filter(|r| matches!(r, Err(Error::Denied))).count()
    });
    assert!(guessed <= 7, "{guessed} guesses were looked at");
}

#[test]
fn a3_after_five_wrong_codes_the_attempt_is_over() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let first = attempt(desk.begin(Realm::Admin, &admin.email, PASSWORD).unwrap());
        for n in 0..5 {
            desk.wait(100);
            let wrong = desk.login.second_factor(&first, &Proof::Totp(format!("00000{n}")), &desk.visit());
            assert_eq!(matches!(wrong, Err(Error::Ended)), n == 4, "{wrong:?}");
        }
        desk.wait(1_000);
        let visit = desk.visit();
        let right = Proof::Totp(totp::shown(&admin.secret, visit.now).unwrap());
        assert!(matches!(desk.login.second_factor(&first, &right, &visit), Err(Error::Ended)));
    }
}

#[test]
fn an_attempt_ends_after_ten_minutes_and_no_proof_of_one_kind_passes_for_another() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let first = attempt(desk.begin(Realm::Admin, &admin.email, PASSWORD).unwrap());
        let code = totp::shown(&admin.secret, desk.now()).unwrap();
        let sent = desk.login.second_factor(&first, &Proof::Sent(code.clone()), &desk.visit());
        assert!(matches!(sent, Err(Error::Denied)));
        assert!(matches!(desk.login.enrol(&first, &code, &desk.visit()), Err(Error::Ended)));
        assert!(matches!(desk.login.confirm(&first, &code, &desk.visit()), Err(Error::Ended)));
        assert!(matches!(desk.login.send_code(&first, &desk.visit()), Err(Error::Unsupported(_))));
        desk.wait(600);
        let visit = desk.visit();
        let right = Proof::Totp(totp::shown(&admin.secret, visit.now).unwrap());
        assert!(matches!(desk.login.second_factor(&first, &right, &visit), Err(Error::Ended)));
    }
}

#[test]
fn who_knows_the_password_alone_cannot_put_an_app_in_the_place_of_the_owners() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let token = desk.invite(&admin, "doctor@example.org");
        let Step::Enrol(owners) = desk.login.accept(&token, PASSWORD, &desk.visit()).unwrap() else {
            panic!()
        };
        let Step::Enrol(thiefs) = desk.begin(Realm::Clinic, "doctor@example.org", PASSWORD).unwrap() else {
            panic!()
        };
        let secret = desk.login.enrolment(thiefs.reveal(), &desk.visit()).unwrap().secret;
        let doctor = desk.enrol(owners.reveal(), "doctor@example.org", Realm::Clinic);
        let visit = desk.visit();
        let code = totp::shown(&secret, visit.now).unwrap();
        assert!(matches!(desk.login.enrol(thiefs.reveal(), &code, &visit), Err(Error::Ended)));
        assert!(desk.who(Realm::Clinic, &doctor.session).is_some());
    }
}

#[test]
fn what_was_begun_with_an_old_password_ends_when_it_is_changed() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let begun = attempt(desk.begin(Realm::Admin, &admin.email, PASSWORD).unwrap());
    let who = desk.who(Realm::Admin, &admin.session).unwrap();
    desk.login.change_password(&who, PASSWORD, "river stone 88", &desk.visit()).unwrap();
    let visit = desk.visit();
    let proof = Proof::Totp(totp::shown(&admin.secret, visit.now).unwrap());
    assert!(matches!(desk.login.second_factor(&begun, &proof, &visit), Err(Error::Ended)));
}

#[test]
fn a14_nobody_signs_in_before_the_house_is_set_up() {
    for engine in ENGINES {
        let desk = Desk::bare(engine);
        for realm in Realm::ALL {
            assert!(matches!(desk.begin(realm, "admin@example.org", PASSWORD), Err(Error::NotSetUp)));
        }
    }
}
