//! First run, facilities and invitations.

use crate::house::{Desk, PASSWORD, first};
use login::{
    account::Status, attempt::Step, error::Error, identifier::health_id, invitation::Invite, password::Fault,
    realm::Realm, roster::By, setup::First, sign_in::Credentials,
};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use testkit::house::{ENGINES, Engine};

#[test]
fn a14_the_set_up_token_makes_one_administrator_once() {
    for engine in ENGINES {
        let desk = Desk::bare(engine);
        let old = desk.login.setup_token(desk.now()).unwrap().unwrap();
        let token = desk.login.setup_token(desk.now()).unwrap().unwrap();
        for wrong in [old.reveal(), "", "kw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(matches!(desk.login.set_up(&first(wrong), &desk.visit()), Err(Error::Denied)));
        }
        for password in ["LakesideClinic2026!", "Lakeside Clinic 2026!"] {
            let weak = First { password, ..first(token.reveal()) };
            assert!(matches!(desk.login.set_up(&weak, &desk.visit()), Err(Error::Password(Fault::Context))));
        }
        let attempt = desk.login.set_up(&first(&format!(" {} ", token.reveal())), &desk.visit()).unwrap();
        assert!(matches!(desk.login.set_up(&first(token.reveal()), &desk.visit()), Err(Error::Ended)));
        assert!(desk.login.setup_token(desk.now()).unwrap().is_none());
        let admin = desk.enrol(attempt.reveal(), "admin@example.org", Realm::Admin);
        assert!(desk.who(Realm::Admin, &admin.session).is_some());
        let facilities = desk.login.facilities(desk.now()).unwrap();
        assert_eq!(facilities.len(), 1);
        assert_eq!(health_id::parse_facility(&facilities[0].text()), Some(facilities[0].id.clone()));
        let shown = token.reveal().as_bytes().to_vec();
        for cell in desk.house.rows("SELECT sealed FROM item").into_iter().flatten() {
            assert!(!cell.windows(20).any(|part| part == &shown[..20]));
        }
        desk.log();
    }
}

#[test]
fn a14_of_many_who_have_the_token_one_becomes_administrator() {
    let desk = Desk::bare(Engine::Sqlite);
    let token = desk.login.setup_token(desk.now()).unwrap().unwrap();
    let won = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for n in 0..5 {
            let (desk, won, token) = (&desk, &won, token.reveal());
            scope.spawn(move || {
                let email = format!("admin{n}@example.org");
                let done = desk.login.set_up(&First { email: &email, ..first(token) }, &desk.visit());
                won.fetch_add(usize::from(done.is_ok()), Relaxed);
            });
        }
    });
    assert_eq!(won.into_inner(), 1);
    assert_eq!(desk.house.rows("SELECT id FROM item WHERE kind = 1").len(), 1);
}

#[test]
fn a8_an_invitation_opens_once_and_within_a_day() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let token = desk.invite(&admin, "doctor@example.org");
        let said = desk.login.invitation(&token, &desk.visit()).unwrap();
        assert_eq!((said.name.as_str(), said.facility_name.as_str()), ("Dr Meera Iyer", "Lakeside Clinic"));
        // A password that cannot be chosen does not use it up.
        let weak = desk.login.accept(&token, "Meera Iyer 2026", &desk.visit());
        assert!(matches!(weak, Err(Error::Password(_))), "{weak:?}");
        let accepted = std::thread::scope(|scope| {
            let accept = || desk.login.accept(&token, PASSWORD, &desk.visit());
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(accept)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(Result::is_ok).count()
        });
        assert_eq!(accepted, 1);
        assert!(matches!(desk.login.invitation(&token, &desk.visit()), Err(Error::Ended)));
        assert!(matches!(desk.login.accept(&token, PASSWORD, &desk.visit()), Err(Error::Ended)));
        let late = desk.invite(&admin, "late@example.org");
        desk.wait(24 * 3600);
        assert!(matches!(desk.login.accept(&late, PASSWORD, &desk.visit()), Err(Error::Ended)));
        desk.log();
    }
}

#[test]
fn a4_who_left_before_the_app_was_set_up_sets_it_up_at_the_next_sign_in() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let token = desk.invite(&admin, "doctor@example.org");
    assert!(matches!(desk.login.accept(&token, PASSWORD, &desk.visit()), Ok(Step::Enrol(_))));
    let Step::Enrol(attempt) = desk.begin(Realm::Clinic, "doctor@example.org", PASSWORD).unwrap() else {
        panic!("there is no session before there is a second factor")
    };
    for _ in 0..4 {
        assert!(matches!(desk.login.enrol(attempt.reveal(), "000000", &desk.visit()), Err(Error::Denied)));
    }
    let doctor = desk.enrol(attempt.reveal(), "doctor@example.org", Realm::Clinic);
    assert_eq!(doctor.recovery.len(), 10);
    desk.sign_in(&doctor);
}

#[test]
fn a6_a_suspended_facility_ends_all_sessions_of_its_people_and_an_id_alone_opens_nothing() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let doctor = desk.staff(&admin, "doctor@example.org");
        let facility = desk.login.facilities(desk.now()).unwrap().remove(0);
        assert!(matches!(desk.begin(Realm::Clinic, &facility.text(), PASSWORD), Err(Error::Denied)));
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        desk.login.set_open(&who, &facility.id, false, &desk.visit()).unwrap();
        assert!(desk.who(Realm::Clinic, &doctor.session).is_none());
        assert!(matches!(desk.begin(Realm::Clinic, &doctor.email, PASSWORD), Err(Error::Denied)));
        assert!(desk.who(Realm::Admin, &admin.session).is_some());
        desk.login.set_open(&who, &facility.id, true, &desk.visit()).unwrap();
        desk.wait(60);
        desk.sign_in(&doctor);
    }
}

#[test]
fn whoever_is_suspended_is_out_at_once_and_may_be_let_in_again() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let doctor = desk.staff(&admin, "doctor@example.org");
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        let set = |identifier: &str, status| desk.login.set_status(&who, identifier, status, &desk.visit());
        for nobody in ["nobody@example.org", "", "admin@example.org"] {
            let refused = set(nobody, Status::Suspended);
            assert!(matches!(refused, Err(Error::Invalid { field: "identifier", .. })), "{refused:?}");
        }
        set("Doctor@example.org", Status::Suspended).unwrap();
        assert!(desk.who(Realm::Clinic, &doctor.session).is_none());
        assert!(matches!(desk.begin(Realm::Clinic, &doctor.email, PASSWORD), Err(Error::Denied)));
        set("doctor@example.org", Status::Active).unwrap();
        assert!(desk.who(Realm::Clinic, &doctor.session).is_none(), "the old session stays dead");
        desk.wait(60);
        desk.sign_in(&doctor);
        assert!(desk.log().iter().any(|line| line == "account suspended done Nila Das"));
    }
}

#[test]
fn staff_sign_in_at_the_facility_that_they_name() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let doctor = desk.staff(&admin, "doctor@example.org");
    let who = desk.who(Realm::Admin, &admin.session).unwrap();
    let hill = desk.login.found(By::Administrator(&who), "Hill Clinic", &desk.visit()).unwrap();
    let begin = |facility: &str| {
        let typed = Credentials { identifier: &doctor.email, password: PASSWORD, facility };
        desk.login.begin(Realm::Clinic, &typed, &desk.visit())
    };
    for elsewhere in [hill.text(), "KF 00000-00000".into(), "anything".into()] {
        assert!(matches!(begin(&elsewhere), Err(Error::Denied)), "{elsewhere}");
    }
    let own = desk.login.facilities(desk.now()).unwrap().into_iter().find(|f| f.id != hill.id).unwrap();
    assert!(matches!(begin(&own.text()), Ok(Step::SecondFactor(_))));
}

#[test]
fn only_administrators_administer_and_every_refusal_is_signed() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let doctor = desk.staff(&admin, "doctor@example.org");
        let who = desk.who(Realm::Clinic, &doctor.session).unwrap();
        let facility = who.staff.clone().unwrap().facility;
        let invite = |roles: &[&str], facility: &str| {
            let roles = roles.iter().map(|role| (*role).to_owned()).collect();
            let facility = facility.to_owned();
            let who = desk.who(Realm::Admin, &admin.session).unwrap();
            let invite =
                Invite { facility: &facility, name: "A", email: "a@example.org", roles, practitioner: None };
            desk.login.invite(&who, invite, &desk.visit())
        };
        assert!(matches!(invite(&[], &facility), Err(Error::Invalid { field: "role", .. })));
        assert!(matches!(invite(&["Not a role"], &facility), Err(Error::Invalid { field: "role", .. })));
        assert!(matches!(invite(&["nurse"], "1"), Err(Error::Invalid { field: "facility", .. })));
        let before = desk.log().len();
        let invite = Invite {
            facility: &facility,
            name: "A",
            email: "a@example.org",
            roles: vec!["x".into()],
            practitioner: None,
        };
        assert!(matches!(desk.login.invite(&who, invite, &desk.visit()), Err(Error::Refused)));
        assert!(matches!(
            desk.login.found(By::Administrator(&who), "Mine", &desk.visit()),
            Err(Error::Refused)
        ));
        assert!(matches!(desk.login.set_open(&who, &facility, false, &desk.visit()), Err(Error::Refused)));
        assert_eq!(desk.log_since(before), ["administration refused Dr Meera Iyer"; 3]);
    }
}

#[test]
fn a8_the_administration_invites_its_own_who_hold_one_office_and_are_nobody_in_the_records() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let facility = desk.login.facilities(desk.now()).unwrap().remove(0).id;
        let invite = |email: &str, roles: &[&str], practitioner: Option<&str>| {
            let who = desk.who(Realm::Admin, &admin.session).unwrap();
            let invite = Invite {
                facility: &facility,
                name: "Ravi Menon",
                email,
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                practitioner: practitioner.map(str::to_owned),
            };
            desk.login.invite(&who, invite, &desk.visit()).map(|token| token.reveal().to_owned())
        };
        let email = "privacy@example.org";
        let blamed = |outcome: Result<String, Error>| match outcome {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        // Never the powers of two realms at once, and none of a machine's or a patient's.
        for roles in [
            &["privacy-officer", "nurse"][..],
            &["nurse", "privacy-officer"],
            &["patient"],
            &["system-client"],
            &[],
        ] {
            assert_eq!(blamed(invite(email, roles, None)), "role", "{roles:?}");
        }
        assert_eq!(blamed(invite(email, &["privacy-officer"], Some("bo"))), "practitioner");
        let token = invite(email, &["privacy-officer"], None).unwrap();
        let Step::Enrol(attempt) = desk.login.accept(&token, PASSWORD, &desk.visit()).unwrap() else {
            panic!("a second factor is set up")
        };
        let officer = desk.enrol(attempt.reveal(), email, Realm::Admin);
        desk.sign_in(&officer);
        let who = desk.who(Realm::Admin, &officer.session).unwrap();
        assert_eq!(desk.login.act_of(&who, &desk.visit()).unwrap().actor.role, "privacy-officer");
        assert!(desk.login.unreviewed(&who, &desk.visit()).unwrap().is_empty());
        assert!(matches!(
            desk.login.found(By::Administrator(&who), "Another Clinic", &desk.visit()),
            Err(Error::Refused)
        ));
        assert!(matches!(desk.begin(Realm::Clinic, email, PASSWORD), Err(Error::Denied)));
        assert_eq!(blamed(invite(email, &["administrator"], None)), "email");
        // A second administrator administers.
        let token = invite("second@example.org", &["administrator"], None).unwrap();
        let Step::Enrol(attempt) = desk.login.accept(&token, PASSWORD, &desk.visit()).unwrap() else {
            panic!("a second factor is set up")
        };
        let second = desk.enrol(attempt.reveal(), "second@example.org", Realm::Admin);
        let who = desk.who(Realm::Admin, &second.session).unwrap();
        assert!(desk.login.found(By::Administrator(&who), "Another Clinic", &desk.visit()).is_ok());
        desk.log();
    }
}
