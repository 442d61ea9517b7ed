//! From an account to its owner's chart.

use crate::chart::{blamed, charted, opens};
use access::act::Act;
use login::{error::Error, realm::Realm, session::Who};
use testkit::house::{ENGINES, Engine};

#[test]
fn a1_an_account_shows_its_chart_when_the_front_desk_has_linked_it_and_not_before() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let person = desk.patient("asha@example.org");
        let who = desk.who(Realm::Patient, &person.session).unwrap();
        let outcome = desk.house.record.read(&desk.act(&who), "Patient", "asha");
        assert!(matches!(outcome, Err(record::error::Error::Refused)), "no chart yet");
        let facility = desk.login.facilities(desk.now()).unwrap().remove(0).id;
        let ask = |who: &Who, facility: &str, name: &str, born: &str| {
            desk.login.ask_for_link(who, facility, name, born, &desk.visit())
        };
        assert_eq!(blamed(ask(&who, "none", "Asha Rao", "1990-05-31")), "facility");
        assert_eq!(blamed(ask(&who, &facility, "", "1990-05-31")), "name");
        assert_eq!(blamed(ask(&who, &facility, "Asha Rao", "31.5.1990")), "birth_date");
        let before = desk.log().len();
        ask(&who, &facility, "Asha Rao", "1990-05-31").unwrap();
        assert_eq!(blamed(ask(&who, &facility, "Asha Rao", "1990-05-31")), "name", "once");
        assert_eq!(desk.log_since(before), ["chart link asked for done Asha Rao"]);

        let clerk = desk.staff_as(&admin, "desk@example.org", "front-desk", Some("d"));
        let clerk = desk.who(Realm::Clinic, &clerk.session).unwrap();
        let tasks = desk.login.link_tasks(&clerk, &desk.visit()).unwrap();
        let [(id, task)] = &tasks[..] else { panic!("{}", tasks.len()) };
        assert_eq!((task.name.as_str(), task.birth_date.to_string().as_str()), ("Asha Rao", "1990-05-31"));
        let answer = |who: &Who, id: &str, patient: Option<&str>| {
            desk.login.answer_link(who, id, patient, &desk.visit())
        };
        assert_eq!(blamed(answer(&clerk, id, Some("ben"))), "patient", "a chart that they do not see");
        assert!(matches!(answer(&clerk, "00ff", Some("asha")), Err(Error::Ended)));
        assert!(matches!(answer(&who, id, Some("asha")), Err(Error::Refused)), "a patient");
        let nurse = desk.staff_as(&admin, "nurse@example.org", "nurse", Some("b"));
        let nurse = desk.who(Realm::Clinic, &nurse.session).unwrap();
        assert!(matches!(answer(&nurse, id, Some("asha")), Err(Error::Refused)));
        assert!(matches!(desk.login.link_tasks(&nurse, &desk.visit()), Err(Error::Refused)));
        answer(&clerk, id, Some("asha")).unwrap();
        assert!(matches!(answer(&clerk, id, Some("asha")), Err(Error::Ended)), "once");
        let linked = desk.entries().into_iter().find(|entry| entry.operation == "chart linked").unwrap();
        assert_eq!((linked.role.as_str(), linked.patients.len()), ("front-desk", 1));

        let who = desk.who(Realm::Patient, &person.session).unwrap();
        let act: Act = desk.act(&who);
        assert!(opens(&desk, &act, "Patient", "asha") && !opens(&desk, &act, "Patient", "ben"));
        let notices = desk.login.notices(&who, desk.now()).unwrap();
        assert!(notices.iter().any(|notice| notice.text.contains("linked to your health record")));
        assert_eq!(blamed(ask(&who, &facility, "Asha Rao", "1990-05-31")), "name");
    }
}

#[test]
fn a1_a_chart_belongs_to_one_account_and_a_denial_leaves_none() {
    let (desk, admin) = charted(Engine::Sqlite);
    let first = desk.patient("asha@example.org");
    desk.linked(&admin, &first, "asha");
    let second = desk.patient("mallory@example.org");
    let who = desk.who(Realm::Patient, &second.session).unwrap();
    let facility = desk.login.facilities(desk.now()).unwrap().remove(0).id;
    desk.login.ask_for_link(&who, &facility, "Asha Rao", "1990-05-31", &desk.visit()).unwrap();
    let clerk = desk.staff_as(&admin, "desk@example.org", "front-desk", Some("d"));
    let clerk = desk.who(Realm::Clinic, &clerk.session).unwrap();
    let (id, _) = desk.login.link_tasks(&clerk, &desk.visit()).unwrap().remove(0);
    let answer = |patient| desk.login.answer_link(&clerk, &id, patient, &desk.visit());
    assert_eq!(blamed(answer(Some("asha"))), "patient");
    answer(None).unwrap();
    let who = desk.who(Realm::Patient, &second.session).unwrap();
    assert_eq!(who.account.patient.as_ref().unwrap().patient, None);
    assert!(desk.log().contains(&"chart link denied done Dr Meera Iyer".to_owned()));
    // It may be asked again, and lapses when nobody answers.
    desk.login.ask_for_link(&who, &facility, "Asha Rao", "1990-05-31", &desk.visit()).unwrap();
    desk.wait(31 * 24 * 3_600);
    let clerk = desk.staff_as(&admin, "desk2@example.org", "front-desk", Some("d"));
    let clerk = desk.who(Realm::Clinic, &clerk.session).unwrap();
    assert!(desk.login.link_tasks(&clerk, &desk.visit()).unwrap().is_empty());
    let who = desk.fresh(&second);
    desk.login.ask_for_link(&who, &facility, "Asha Rao", "1990-05-31", &desk.visit()).unwrap();
}
