//! Patients: sign-up, sent codes, identifiers, passwords.

use crate::house::{Desk, PASSWORD, settings, signed};
use login::{
    Login,
    attempt::Step,
    courier::{Courier, FileDrop, Message},
    error::Error,
    factor::Proof,
    identifier::{Identifier, Verhoeff},
    password::Fault,
    realm::Realm,
    sign_up::Newcomer,
};
use testkit::house::{ENGINES, Engine};

fn newcomer(contact: &str) -> Newcomer<'_> {
    Newcomer { name: "Asha Rao", contact, password: PASSWORD, single_factor: false }
}

#[test]
fn a1_whoever_signs_up_has_an_account_and_no_chart() {
    for engine in ENGINES {
        let (desk, _) = Desk::open(engine);
        for contact in ["asha@example.org", "098765 43210"] {
            let person = desk.patient(contact);
            let who = desk.who(Realm::Patient, &person.session).unwrap();
            assert_eq!(who.account.patient.as_ref().unwrap().patient, None);
            assert!(!who.account.single_factor && who.account.has_second_factor());
            desk.sign_in(&person);
        }
        desk.log();
    }
}

#[test]
fn a7_signing_up_with_a_known_address_looks_like_any_other() {
    for engine in ENGINES {
        let (desk, _) = Desk::open(engine);
        desk.patient("asha@example.org");
        let before = desk.log().len();
        let known = desk.login.sign_up(&newcomer("Asha@example.org"), &desk.visit()).unwrap();
        let told = desk.pigeon.0.lock().unwrap().last().unwrap().text.clone();
        assert!(told.contains("account already") && !told.starts_with(|c: char| c.is_ascii_digit()));
        let unknown = desk.login.sign_up(&newcomer("new@example.org"), &desk.visit()).unwrap();
        assert_eq!(desk.log_since(before), ["sign-up begun done "; 2]);
        let refused = [known, unknown].map(|attempt| {
            desk.login.confirm(attempt.reveal(), "000000", &desk.visit()).unwrap_err().to_string()
        });
        assert_eq!(refused[0], refused[1]);
    }
}

#[test]
fn a14_without_a_second_factor_a_password_is_longer() {
    let (desk, _) = Desk::open(Engine::Sqlite);
    let sign_up = |password, single_factor| {
        desk.login
            .sign_up(&Newcomer { password, single_factor, ..newcomer("asha@example.org") }, &desk.visit())
    };
    assert!(matches!(sign_up("kettle-7", true), Err(Error::Password(Fault::Short(15)))));
    assert!(matches!(sign_up("Lakeside2026!", false), Err(Error::Password(Fault::Context))));
    assert!(sign_up("kettle-7", false).is_ok());
    let attempt = sign_up(PASSWORD, true).unwrap();
    let step = desk.login.confirm(attempt.reveal(), &desk.sent_code(), &desk.visit()).unwrap();
    let session = signed(step).session;
    assert_eq!(desk.who(Realm::Patient, session.reveal()).unwrap().proven, None);
    assert!(matches!(desk.begin(Realm::Patient, "asha@example.org", PASSWORD), Ok(Step::In(_))));
}

#[test]
fn who_has_no_second_factor_gets_one_only_right_after_signing_in() {
    let (desk, _) = Desk::open(Engine::Sqlite);
    let session = desk.plain_patient("asha@example.org");
    let who = desk.who(Realm::Patient, &session).unwrap();
    let token = desk.login.replace_app(&who, &desk.visit()).unwrap();
    desk.wait(601);
    let who = desk.who(Realm::Patient, &session).unwrap();
    assert!(matches!(desk.login.replace_app(&who, &desk.visit()), Err(Error::Unsupported(_))));
    assert!(matches!(desk.login.enrolment(token.reveal(), &desk.visit()), Err(Error::Ended)));
    let Step::In(signed) = desk.begin(Realm::Patient, "asha@example.org", PASSWORD).unwrap() else {
        panic!()
    };
    let who = desk.who(Realm::Patient, signed.session.reveal()).unwrap();
    let token = desk.login.replace_app(&who, &desk.visit()).unwrap();
    let person = desk.enrol(token.reveal(), "asha@example.org", Realm::Patient);
    desk.sign_in(&person);
}

#[test]
fn a3_the_code_of_one_sign_up_is_no_good_in_another_nor_twice_nor_late() {
    for engine in ENGINES {
        let (desk, _) = Desk::open(engine);
        let one = desk.login.sign_up(&newcomer("one@example.org"), &desk.visit()).unwrap();
        let code = desk.sent_code();
        let other = desk.login.sign_up(&newcomer("two@example.org"), &desk.visit()).unwrap();
        if desk.sent_code() != code {
            assert!(matches!(desk.login.confirm(other.reveal(), &code, &desk.visit()), Err(Error::Denied)));
        }
        desk.login.confirm(one.reveal(), &code, &desk.visit()).unwrap();
        assert!(matches!(desk.login.confirm(one.reveal(), &code, &desk.visit()), Err(Error::Ended)));
        desk.wait(601);
        assert!(matches!(
            desk.login.confirm(other.reveal(), &desk.sent_code(), &desk.visit()),
            Err(Error::Ended)
        ));
    }
}

#[test]
fn a3_a_sent_code_stands_in_for_the_app_where_the_facility_allows_it() {
    for engine in ENGINES {
        let (desk, _) = Desk::open(engine);
        let person = desk.patient("asha@example.org");
        let Step::SecondFactor(attempt) = desk.begin(Realm::Patient, &person.email, PASSWORD).unwrap() else {
            panic!()
        };
        assert!(desk.login.offers_sent_code(attempt.reveal(), &desk.visit()).unwrap());
        desk.login.send_code(attempt.reveal(), &desk.visit()).unwrap();
        let code = desk.sent_code();
        assert!(matches!(desk.login.send_code(attempt.reveal(), &desk.visit()), Err(Error::Invalid { .. })));
        let proof = Proof::Sent(code);
        let step = desk.login.second_factor(attempt.reveal(), &proof, &desk.visit()).unwrap();
        assert!(desk.who(Realm::Patient, signed(step).session.reveal()).is_some());
        assert!(matches!(
            desk.login.second_factor(attempt.reveal(), &proof, &desk.visit()),
            Err(Error::Ended)
        ));
        assert_eq!(desk.log().last().unwrap(), "sign-in by sent code done Asha Rao");
    }
}

#[test]
fn a3_where_the_facility_does_not_allow_it_no_code_is_sent() {
    let (desk, _) = Desk::open(Engine::Sqlite);
    let person = desk.patient("asha@example.org");
    let strict = login::settings::Settings { codes_for_patients: false, ..settings() };
    let login = Login::new(desk.house.record.store().clone(), strict, Some(desk.pigeon.clone())).unwrap();
    let Step::SecondFactor(attempt) = desk.begin(Realm::Patient, &person.email, PASSWORD).unwrap() else {
        panic!()
    };
    assert!(!login.offers_sent_code(attempt.reveal(), &desk.visit()).unwrap());
    assert!(matches!(login.send_code(attempt.reveal(), &desk.visit()), Err(Error::Unsupported(_))));
    let mute = Login::new(desk.house.record.store().clone(), settings(), None).unwrap();
    assert!(matches!(mute.sign_up(&newcomer("b@example.org"), &desk.visit()), Err(Error::Unsupported(_))));
}

#[test]
fn a2_an_aadhaar_number_opens_the_account_and_stands_nowhere_in_the_clear() {
    for engine in ENGINES {
        let (desk, _) = Desk::open(engine);
        let person = desk.patient("asha@example.org");
        let number = Verhoeff::with_check("23456789012");
        let who = desk.who(Realm::Patient, &person.session).unwrap();
        let wrong = format!("{}{}", &number[..11], (number.as_bytes()[11] - b'0' + 1) % 10);
        assert!(matches!(desk.login.add_aadhaar(&who, &wrong, &desk.visit()), Err(Error::Invalid { .. })));
        desk.login.add_aadhaar(&who, &number, &desk.visit()).unwrap();
        let who = desk.who(Realm::Patient, &person.session).unwrap();
        assert_eq!(who.account.national.as_ref().unwrap().1, format!("XXXX-XXXX-{}", &number[8..]));
        assert!(matches!(desk.login.add_aadhaar(&who, &number, &desk.visit()), Err(Error::Invalid { .. })));
        // It is nobody else's, and nobody learns whose it is.
        let other = desk.patient("ben@example.org");
        let stranger = desk.who(Realm::Patient, &other.session).unwrap();
        assert!(matches!(
            desk.login.add_aadhaar(&stranger, &number, &desk.visit()),
            Err(Error::Invalid { .. })
        ));
        let spaced = format!("{} {} {}", &number[..4], &number[4..8], &number[8..]);
        assert!(matches!(desk.begin(Realm::Patient, &spaced, PASSWORD), Ok(Step::SecondFactor(_))));
        for (path, bytes) in desk.house.files() {
            assert!(!bytes.windows(12).any(|part| part == number.as_bytes()), "{}", path.display());
        }
        for table in desk.house.tables() {
            for cell in desk.house.rows(&format!("SELECT * FROM {table}")).into_iter().flatten() {
                assert!(!cell.windows(12).any(|part| part == number.as_bytes()), "{table}");
            }
        }
        assert!(!format!("{who:?}").contains(&number[8..]));
        desk.log();
    }
}

#[test]
fn a11_a_health_id_is_given_once_and_opens_the_account() {
    let (desk, _) = Desk::open(Engine::Sqlite);
    let person = desk.patient("asha@example.org");
    let who = desk.who(Realm::Patient, &person.session).unwrap();
    let id = desk.login.health_id(&who, &desk.visit()).unwrap();
    let who = desk.who(Realm::Patient, &person.session).unwrap();
    assert_eq!(desk.login.health_id(&who, &desk.visit()).unwrap(), id);
    assert!(matches!(desk.begin(Realm::Patient, &id.to_lowercase(), PASSWORD), Ok(Step::SecondFactor(_))));
}

#[test]
fn a11_a_health_id_that_came_from_another_node_opens_the_account_that_is_linked_to_its_patient() {
    for engine in ENGINES {
        let (desk, admin) = crate::chart::charted(engine);
        let (asha, ben) = (desk.patient("asha@example.org"), desk.patient("ben@example.org"));
        let digits = login::identifier::health_id::make([5; 16]);
        let act = desk.house.operator();
        desk.login.take_health_id(&act, &digits, "asha", "first").unwrap();
        desk.linked(&admin, &asha, "asha");
        let typed = login::identifier::health_id::grouped(&digits);
        assert!(matches!(desk.begin(Realm::Patient, &typed, PASSWORD), Ok(Step::SecondFactor(_))));
        // The one that is given here goes out as well, and is not given to another patient.
        desk.linked(&admin, &ben, "chitra");
        let own = desk.login.health_id(&desk.fresh(&ben), &desk.visit()).unwrap();
        let own = login::identifier::health_id::parse(&own).unwrap();
        let known = desk.login.health_ids(desk.now()).unwrap();
        let expected = [(digits, "asha".to_owned()), (own.clone(), "chitra".to_owned())];
        assert_eq!(known, expected.into_iter().collect());
        let refused = desk.login.take_health_id(&desk.house.operator(), &own, "asha", "first");
        assert!(matches!(refused, Err(Error::Invalid { .. })));
        let entry =
            desk.entries().into_iter().find(|entry| entry.operation == "health id taken over").unwrap();
        assert_eq!((entry.patients.len(), entry.shape.as_str()), (1, "from first"));
    }
}

#[test]
fn a_changed_password_ends_every_other_session() {
    for engine in ENGINES {
        let (desk, _) = Desk::open(engine);
        let person = desk.patient("asha@example.org");
        let other = desk.sign_in(&person).session;
        let who = desk.who(Realm::Patient, &person.session).unwrap();
        let change = |old, new| desk.login.change_password(&who, old, new, &desk.visit());
        assert!(matches!(change("wrong wrong wrong", "river stone 88"), Err(Error::Denied)));
        assert!(matches!(change(PASSWORD, "Asha Rao 1980"), Err(Error::Password(Fault::Context))));
        let fresh = change(PASSWORD, "river stone 88").unwrap().session;
        assert!(desk.who(Realm::Patient, fresh.reveal()).is_some());
        assert!(desk.who(Realm::Patient, other.reveal()).is_none());
        assert!(desk.who(Realm::Patient, &person.session).is_none());
        assert!(matches!(desk.begin(Realm::Patient, &person.email, PASSWORD), Err(Error::Denied)));
        assert!(matches!(
            desk.begin(Realm::Patient, &person.email, "river stone 88"),
            Ok(Step::SecondFactor(_))
        ));
    }
}

#[test]
fn dropped_messages_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let message =
        Message { to: Identifier::Email("a@example.org".into()), text: "123456 is your code".into() };
    for _ in 0..2 {
        // A second start goes on after the first one's files.
        FileDrop::new(folder.path().join("messages")).send(&message).unwrap();
    }
    let path = folder.path().join("messages/000002.txt");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "To: a@example.org\n\n123456 is your code\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(FileDrop::new("/dev/null/nowhere".into()).send(&message).is_err());
}
