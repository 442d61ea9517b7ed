//! Passkeys (A4), against an authenticator in software.

use crate::{
    authenticator::Authenticator,
    house::{Desk, PASSWORD, Person, signed},
};
use login::{
    attempt::{Signed, Step},
    error::Error,
    factor::{Proof, passkey::Assertion},
    realm::Realm,
};
use testkit::house::{ENGINES, Engine};

/// Adds a passkey to somebody who has just proven their second factor.
fn add(desk: &Desk, person: &Person, key: &mut Authenticator) -> Result<(), Error> {
    let who = desk.who(person.realm, &person.session).unwrap();
    let (options, attempt) = desk.login.ask_new_passkey(&who, &desk.visit()).unwrap();
    let made = key.make(&options);
    desk.login.add_passkey(&who, attempt.reveal(), &made, "Phone", &desk.visit())
}

/// Signs in by passkey alone.
fn sign_in(desk: &Desk, realm: Realm, key: &mut Authenticator) -> Result<Signed, Error> {
    let (options, attempt) = desk.login.ask_passkey(realm, &desk.visit()).unwrap();
    let answer = key.answer(&options);
    desk.login.sign_in_by_passkey(attempt.reveal(), &answer, &desk.visit()).map(signed)
}

#[track_caller]
fn is_denied<T>(outcome: Result<T, Error>, what: &str) {
    assert!(matches!(outcome, Err(Error::Denied)), "{what}: {:?}", outcome.err());
}

#[test]
fn a4_a_passkey_is_added_and_signs_in_alone_and_an_answer_is_good_once() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let doctor = desk.staff(&admin, "doctor@example.org");
        let mut keys =
            [Authenticator::new(b"p256"), Authenticator::ed25519(b"ed25519"), Authenticator::rsa(b"rsa")];
        for key in &mut keys {
            add(&desk, &doctor, key).unwrap();
        }
        let before = desk.log().len();
        for key in &mut keys {
            let session = sign_in(&desk, Realm::Clinic, key).unwrap().session;
            let who = desk.who(Realm::Clinic, session.reveal()).unwrap();
            assert!(who.proven.is_some(), "a verified passkey is both factors");
        }
        assert_eq!(desk.log_since(before), ["sign-in by passkey done Dr Meera Iyer"; 3]);

        let (options, attempt) = desk.login.ask_passkey(Realm::Clinic, &desk.visit()).unwrap();
        let answer = keys[0].answer(&options);
        let take = |attempt: &str| desk.login.sign_in_by_passkey(attempt, &answer, &desk.visit());
        signed(take(attempt.reveal()).unwrap());
        assert!(matches!(take(attempt.reveal()), Err(Error::Ended)), "the same answer again");
        let (_, other) = desk.login.ask_passkey(Realm::Clinic, &desk.visit()).unwrap();
        is_denied(take(other.reveal()), "the same answer in another attempt");
        assert_eq!(desk.log().last().unwrap(), "sign-in by passkey refused Dr Meera Iyer");

        is_denied(sign_in(&desk, Realm::Admin, &mut keys[0]), "another realm");
        let who = desk.who(Realm::Clinic, &doctor.session).unwrap();
        let listed = who.account.passkeys();
        assert_eq!((listed.len(), listed[0].name.as_str()), (3, "Phone"));
        assert!(listed.iter().all(|key| key.used.is_some()));
    }
}

type Lie = (&'static str, fn(&mut Authenticator), fn(&mut Authenticator));

type Change = (&'static str, fn(&mut Assertion));

#[test]
fn a4_what_another_site_another_key_or_nobody_made_does_not_sign_in() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let doctor = desk.staff(&admin, "doctor@example.org");
    let mut key = Authenticator::new(b"key-1");
    add(&desk, &doctor, &mut key).unwrap();
    let mut stranger = Authenticator::new(b"key-1");
    stranger.user.clone_from(&key.user);
    stranger.count = 50;
    is_denied(sign_in(&desk, Realm::Clinic, &mut stranger), "another key under the same id");
    is_denied(sign_in(&desk, Realm::Clinic, &mut Authenticator::new(b"never seen")), "an unknown id");
    let lies: [Lie; 8] = [
        (
            "another origin",
            |k| k.origin = "https://here.example.evil".into(),
            |k| k.origin = crate::house::ORIGIN.into(),
        ),
        ("a frame of another site", |k| k.cross_origin = true, |k| k.cross_origin = false),
        ("another party", |k| k.party = "example".into(), |k| k.party = "here.example".into()),
        ("nobody was verified", |k| k.flags = 0b001, |k| k.flags = 0b101),
        ("nobody was there", |k| k.flags = 0b100, |k| k.flags = 0b101),
        ("it can be copied, all at once", |k| k.flags = 0b1101, |k| k.flags = 0b101),
        ("an answer of the other kind", |k| k.kind = Some("webauthn.create"), |k| k.kind = None),
        ("another user", |k| k.user = b"0".repeat(32), |_| {}),
    ];
    for (what, lie, truth) in lies {
        let user = key.user.clone();
        lie(&mut key);
        is_denied(sign_in(&desk, Realm::Clinic, &mut key), what);
        truth(&mut key);
        key.user = user;
        // Nothing else is amiss: the truth is taken, and forgives the tries.
        sign_in(&desk, Realm::Clinic, &mut key).unwrap();
    }
    let changes: [Change; 6] = [
        ("a cut signature", |a| a.signature.truncate(20)),
        ("no signature", |a| a.signature.clear()),
        ("cut data", |a| a.authenticator_data.truncate(40)),
        ("no client data", |a| a.client_data.clear()),
        ("no base64", |a| a.client_data.push('*')),
        ("no id", |a| a.id.clear()),
    ];
    for (what, change) in changes {
        let (options, attempt) = desk.login.ask_passkey(Realm::Clinic, &desk.visit()).unwrap();
        let mut answer = key.answer(&options);
        change(&mut answer);
        is_denied(desk.login.sign_in_by_passkey(attempt.reveal(), &answer, &desk.visit()), what);
        let again = desk.login.sign_in_by_passkey(attempt.reveal(), &key.answer(&options), &desk.visit());
        assert!(matches!(again, Err(Error::Ended)), "{what}: a challenge has one answer, right or wrong");
        sign_in(&desk, Realm::Clinic, &mut key).unwrap();
    }
    desk.log();
}

#[test]
fn a4_a_challenge_is_good_for_five_minutes_and_for_its_own_attempt() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let mut key = Authenticator::new(b"key-1");
    add(&desk, &admin, &mut key).unwrap();
    let (options, attempt) = desk.login.ask_passkey(Realm::Admin, &desk.visit()).unwrap();
    desk.wait(301);
    let late = desk.login.sign_in_by_passkey(attempt.reveal(), &key.answer(&options), &desk.visit());
    assert!(matches!(late, Err(Error::Ended)));
    let (one, _) = desk.login.ask_passkey(Realm::Admin, &desk.visit()).unwrap();
    let (_, other) = desk.login.ask_passkey(Realm::Admin, &desk.visit()).unwrap();
    is_denied(
        desk.login.sign_in_by_passkey(other.reveal(), &key.answer(&one), &desk.visit()),
        "the challenge of another attempt",
    );
    // What was asked of somebody who is signed in does not sign in.
    let admin = desk.sign_in(&admin);
    let who = desk.who(Realm::Admin, admin.session.reveal()).unwrap();
    let (options, attempt) = desk.login.ask_step_up(&who, &desk.visit()).unwrap();
    let answer = key.answer(&options);
    let stray = desk.login.sign_in_by_passkey(attempt.reveal(), &answer, &desk.visit());
    assert!(matches!(stray, Err(Error::Ended)));
    let (options, attempt) = desk.login.ask_passkey(Realm::Admin, &desk.visit()).unwrap();
    let stray = desk.login.step_up_by_passkey(&who, attempt.reveal(), &key.answer(&options), &desk.visit());
    assert!(matches!(stray, Err(Error::Ended)));
}

#[test]
fn a4_a_counter_that_goes_back_is_refused_and_the_owner_is_told() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let mut key = Authenticator::new(b"key-1");
        add(&desk, &admin, &mut key).unwrap();
        key.count = 40;
        sign_in(&desk, Realm::Admin, &mut key).unwrap();
        key.count = 20;
        is_denied(sign_in(&desk, Realm::Admin, &mut key), "a copy that was used less");
        key.count = 40;
        is_denied(sign_in(&desk, Realm::Admin, &mut key), "the same count again");
        key.count = 41;
        let session = sign_in(&desk, Realm::Admin, &mut key).unwrap().session;
        let who = desk.who(Realm::Admin, session.reveal()).unwrap();
        let notices = desk.login.notices(&who, desk.now()).unwrap();
        assert_eq!(notices.iter().filter(|notice| notice.text.contains("may be a copy")).count(), 2);
    }
}

#[test]
fn a4_a_first_passkey_stands_in_for_the_app_and_is_never_the_last_to_go() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let token = desk.invite(&admin, "doctor@example.org");
        let Step::Enrol(attempt) = desk.login.accept(&token, PASSWORD, &desk.visit()).unwrap() else {
            panic!("a second factor is set up")
        };
        let attempt = attempt.reveal();
        let mut key = Authenticator::new(b"key-1");
        let options = desk.login.ask_first_passkey(attempt, &desk.visit()).unwrap();
        key.flags = 0b001;
        let made = key.make(&options);
        is_denied(desk.login.enrol_passkey(attempt, &made, "Phone", &desk.visit()), "nobody was verified");
        key.flags = 0b101;
        let made = key.make(&options);
        let again = desk.login.enrol_passkey(attempt, &made, "Phone", &desk.visit());
        assert!(matches!(again, Err(Error::Ended)), "one answer to each challenge");
        let options = desk.login.ask_first_passkey(attempt, &desk.visit()).unwrap();
        let made = key.make(&options);
        let enrolled = desk.login.enrol_passkey(attempt, &made, "Phone", &desk.visit()).unwrap();
        assert_eq!(enrolled.recovery.len(), 10);
        let who = desk.who(Realm::Clinic, enrolled.signed.session.reveal()).unwrap();
        assert!(who.account.has_second_factor() && !who.account.has_app());

        let last = desk.login.remove_passkey(&who, &key.text_id(), &desk.visit());
        assert!(matches!(last, Err(Error::Unsupported(_))));
        let (options, other) = desk.login.ask_new_passkey(&who, &desk.visit()).unwrap();
        let mut spare = Authenticator::ed25519(b"key-2");
        let made = spare.make(&options);
        desk.login.add_passkey(&who, other.reveal(), &made, "Spare key", &desk.visit()).unwrap();
        let who = desk.who(Realm::Clinic, enrolled.signed.session.reveal()).unwrap();
        let signed = desk.login.remove_passkey(&who, &key.text_id(), &desk.visit()).unwrap();
        assert!(desk.who(Realm::Clinic, enrolled.signed.session.reveal()).is_none(), "the others are out");
        assert!(desk.who(Realm::Clinic, signed.session.reveal()).is_some());
        is_denied(sign_in(&desk, Realm::Clinic, &mut key), "a passkey that was removed");
        sign_in(&desk, Realm::Clinic, &mut spare).unwrap();

        // A4: who has lost them all comes in with a recovery code, which then dies.
        let Step::SecondFactor(attempt) = desk.begin(Realm::Clinic, "doctor@example.org", PASSWORD).unwrap()
        else {
            panic!("a second factor is asked for")
        };
        let code = Proof::Recovery(enrolled.recovery[0].clone());
        desk.login.second_factor(attempt.reveal(), &code, &desk.visit()).unwrap();
        desk.log();
    }
}

#[test]
fn a4_a_passkey_is_the_second_factor_after_the_password_and_proves_it_again() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let mut key = Authenticator::new(b"key-1");
        add(&desk, &admin, &mut key).unwrap();
        let begin = || match desk.begin(Realm::Admin, "admin@example.org", PASSWORD).unwrap() {
            Step::SecondFactor(attempt) => attempt.reveal().to_owned(),
            other => panic!("a second factor is asked for, not {other:?}"),
        };
        let (one, two) = (begin(), begin());
        assert_eq!(desk.login.offers(&one, &desk.visit()).unwrap(), (true, true));
        let of_one = desk.login.ask_second_passkey(&one, &desk.visit()).unwrap();
        desk.login.ask_second_passkey(&two, &desk.visit()).unwrap();
        let prove = |attempt: &str, answer: Assertion| {
            desk.login.second_factor(attempt, &Proof::Passkey(answer), &desk.visit())
        };
        is_denied(prove(&two, key.answer(&of_one)), "the challenge of another attempt");
        let session = signed(prove(&one, key.answer(&of_one)).unwrap()).session;
        assert!(matches!(prove(&one, key.answer(&of_one)), Err(Error::Ended)));

        desk.wait(700);
        let who = desk.who(Realm::Admin, session.reveal()).unwrap();
        assert!(matches!(desk.login.ask_new_passkey(&who, &desk.visit()), Err(Error::StepUp)));
        let (options, attempt) = desk.login.ask_step_up(&who, &desk.visit()).unwrap();
        let answer = key.answer(&options);
        let stepped = desk.login.step_up_by_passkey(&who, attempt.reveal(), &answer, &desk.visit()).unwrap();
        let who = desk.who(Realm::Admin, stepped.session.reveal()).unwrap();
        desk.login.ask_new_passkey(&who, &desk.visit()).unwrap();
        let again = desk.login.step_up_by_passkey(&who, attempt.reveal(), &answer, &desk.visit());
        assert!(matches!(again, Err(Error::Ended)));
        assert!(desk.log().contains(&"step-up done Nila Das".to_owned()));
    }
}

#[test]
fn a_credential_belongs_to_one_account() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    let doctor = desk.staff(&admin, "doctor@example.org");
    add(&desk, &doctor, &mut Authenticator::new(b"key-1")).unwrap();
    is_denied(add(&desk, &admin, &mut Authenticator::new(b"key-1")), "an id that another account has");
}
