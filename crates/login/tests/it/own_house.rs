//! What an administrator says for the house: first steps and public texts, on both engines, and in the log.

use crate::house::Desk;
use login::{
    error::Error,
    first_steps::Place,
    page_text::{Part, Saved},
    realm::Realm,
    roster::By,
};
use testkit::house::ENGINES;

#[test]
fn p10_each_change_of_a_public_text_is_in_the_log_and_an_old_version_changes_nothing() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        let at = (Part::Contact, "hi");
        let before = desk.entries().len();
        let write = |text: &str, version| {
            desk.login.write_page_text(By::Administrator(&who), at, text, version, &desk.visit()).unwrap()
        };
        assert!(matches!(write("एक", 0), Saved::Done));
        assert!(matches!(write("एक", 0), Saved::Done), "what stands there already is no change");
        let Saved::Meanwhile(theirs) = write("दो", 0) else { panic!("an old version") };
        assert_eq!((theirs.text.as_str(), theirs.version, theirs.by.as_str()), ("एक", 1, "Nila Das"));
        assert!(matches!(write("दो", 1), Saved::Done));
        assert!(matches!(write("", 2), Saved::Done));
        assert_eq!(desk.login.page_text(Part::Contact, "hi", desk.now()).unwrap().text, "");
        assert_eq!(desk.login.page_text(Part::Contact, "te", desk.now()).unwrap().version, 0);
        let changes = desk.log_since(before);
        assert_eq!(changes, vec!["public text changed done Nila Das"; 3]);
        let shape = desk.entries().last().unwrap().shape.clone();
        assert_eq!(shape, "contact in hi", "the log says which, and not what");
        for cell in desk.house.rows("SELECT sealed FROM item").into_iter().flatten() {
            assert!(!cell.windows(6).any(|part| part == "दो".as_bytes()), "it is sealed like everything");
        }
    }
}

#[test]
fn a15_who_says_that_the_key_is_kept_is_in_the_log() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        let before = desk.entries().len();
        let steps = desk.login.first_steps(&who, &desk.visit()).unwrap();
        assert_eq!((steps.key, steps.second, steps.patient), (None, Place::Empty, false));
        assert!(desk.login.has_first_steps(desk.now()).unwrap());
        desk.login.say_key_is_kept(&who, &desk.visit()).unwrap();
        let said = desk.login.first_steps(&who, &desk.visit()).unwrap().key.unwrap();
        assert_eq!(said.by, "Nila Das");
        desk.login.put_first_steps_away(&who, true, &desk.visit()).unwrap();
        assert!(!desk.login.has_first_steps(desk.now()).unwrap());
        desk.login.put_first_steps_away(&who, false, &desk.visit()).unwrap();
        assert!(desk.login.has_first_steps(desk.now()).unwrap());
        // The set-up stays as it was beside it.
        assert!(desk.login.setup_token(desk.now()).unwrap().is_none());
        let told = ["copy of the root key confirmed", "first steps put away", "first steps brought back"];
        assert_eq!(desk.log_since(before), told.map(|operation| format!("{operation} done Nila Das")));
    }
}

#[test]
fn staff_and_patients_say_nothing_for_the_house() {
    let (desk, admin) = Desk::open(testkit::house::Engine::Sqlite);
    let staff = desk.staff(&admin, "doctor@example.org");
    let who = desk.who(Realm::Clinic, &staff.session).unwrap();
    let visit = desk.visit();
    let before = desk.entries().len();
    assert!(matches!(desk.login.first_steps(&who, &visit), Err(Error::Refused)));
    assert!(matches!(desk.login.say_key_is_kept(&who, &visit), Err(Error::Refused)));
    assert!(matches!(desk.login.put_first_steps_away(&who, true, &visit), Err(Error::Refused)));
    let mine = desk.login.write_page_text(By::Administrator(&who), (Part::About, "en"), "Mine", 0, &visit);
    assert!(matches!(mine, Err(Error::Refused)));
    assert!(matches!(desk.login.page_text_to_edit(&who, Part::About, "en", &visit), Err(Error::Refused)));
    assert_eq!(desk.log_since(before).len(), 5, "a refusal is signed");
}

#[test]
fn a15_each_move_of_the_house_is_in_the_log_and_an_old_version_changes_nothing() {
    use login::home::{Country, Home, Saved as Moved};
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        let there = desk.login.home(desk.now()).unwrap();
        assert_eq!((there.home, there.version, there.at), (Home::default(), 0, None), "UTC until then");
        assert_eq!(desk.login.first_steps(&who, &desk.visit()).unwrap().home, None);
        let before = desk.entries().len();
        let go = |country: &str, zone: &str, version| {
            let home = Home::read(country, zone).unwrap();
            desk.login.move_home(By::Administrator(&who), home, version, &desk.visit()).unwrap()
        };
        assert!(matches!(go("IN", "", 0), Moved::Done));
        assert!(matches!(go("IN", "", 0), Moved::Done), "what holds already is no change");
        let Moved::Meanwhile(theirs) = go("US", "America/Denver", 0) else { panic!("an old version") };
        assert_eq!((theirs.home.country, theirs.version), (Some(Country::India), 1));
        assert_eq!(theirs.home.zone.name(), "Asia/Kolkata");
        assert!(matches!(go("US", "America/Denver", 1), Moved::Done));
        let said = desk.login.first_steps(&who, &desk.visit()).unwrap().home.unwrap();
        assert_eq!(said.by, "Nila Das");
        assert_eq!(desk.log_since(before), vec!["place changed done Nila Das"; 2]);
        assert_eq!(desk.entries().last().unwrap().shape, "America/Denver US");
        let staff = desk.staff(&admin, "doctor@example.org");
        let staff = desk.who(Realm::Clinic, &staff.session).unwrap();
        let home = Home::default();
        let moved = desk.login.move_home(By::Administrator(&staff), home, 2, &desk.visit());
        assert!(matches!(moved, Err(Error::Refused)));
        assert!(matches!(desk.login.home_to_edit(&staff, &desk.visit()), Err(Error::Refused)));
    }
}

#[test]
fn a15_the_first_administrator_may_come_by_an_invitation_of_the_command_line() {
    use login::{
        attempt::Step,
        blueprint::{Named, Standing},
        identifier::Rules,
    };
    for engine in ENGINES {
        let desk = Desk::bare(engine);
        let act = desk.house.operator();
        let nila =
            Named { name: "Nila Das", contact: "nila@example.org", role: "administrator", facility: None };
        assert!(nila.check(&Rules::default()).is_ok());
        assert!(
            matches!(desk.login.invite_first(&act, nila, &desk.visit()), Err(Error::Invalid { .. })),
            "an invitation is under a facility"
        );
        let facility = desk.login.found(By::Operator(&act), "Lakeside Clinic", &desk.visit()).unwrap();
        let standing = || desk.login.standing(nila, &desk.visit()).unwrap();
        assert_eq!(standing(), Standing::Missing);
        let token = desk.login.invite_first(&act, nila, &desk.visit()).unwrap();
        assert_eq!(standing(), Standing::Invited);
        assert!(!desk.login.is_set_up(desk.now()).unwrap(), "nobody has come yet");
        assert!(desk.login.setup_token(desk.now()).unwrap().is_some(), "and the other way is still open");
        let accepted = desk.login.accept(token.reveal(), crate::house::PASSWORD, &desk.visit()).unwrap();
        let Step::Enrol(attempt) = accepted else { panic!("a second factor is set up") };
        let admin = desk.enrol(attempt.reveal(), "nila@example.org", Realm::Admin);
        assert!(desk.login.is_set_up(desk.now()).unwrap());
        assert!(desk.login.setup_token(desk.now()).unwrap().is_none());
        assert_eq!(standing(), Standing::There);
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        assert!(desk.login.first_steps(&who, &desk.visit()).is_ok());
        assert!(matches!(desk.login.invite_first(&act, nila, &desk.visit()), Err(Error::Ended)));
        // A second one does not set it up again, and staff are asked for at their facility.
        let tara = Named { role: "front-desk", facility: Some(&facility.id), ..nila };
        assert_eq!(desk.login.standing(tara, &desk.visit()).unwrap(), Standing::Missing);
        let log = desk.log_since(0);
        assert!(log.iter().any(|line| line.starts_with("facility founded done ")), "{log:?}");
    }
}
