//! Looks that patients find wrong.

use crate::{
    chart::{blamed, charted},
    house::{Desk, PASSWORD, Person},
};
use login::{attempt::Step, dispute::Line, error::Error, invitation::Invite, realm::Realm};
use testkit::house::{ENGINES, Engine};

const WHY: &str = "I have never been to that clinic";

fn line(desk: &Desk, number: i64) -> Line {
    Line { number, name: "Dr Meera Iyer".into(), role: "physician".into(), at: Some(desk.now()) }
}

fn officer(desk: &Desk, admin: &Person) -> Person {
    let who = desk.fresh(admin);
    let facility = desk.login.facilities(desk.now()).unwrap().remove(0);
    let (name, email) = ("Test Officer", "privacy@example.org");
    let roles = vec!["privacy-officer".into()];
    let invite = Invite { facility: &facility.id, name, email, roles, practitioner: None };
    let token = desk.login.invite(&who, invite, &desk.visit()).unwrap();
    desk.confirmed(admin, token.reveal());
    let Step::Enrol(attempt) = desk.login.accept(token.reveal(), PASSWORD, &desk.visit()).unwrap() else {
        panic!("a second factor is set up")
    };
    desk.enrol(attempt.reveal(), email, Realm::Admin)
}

#[test]
fn f8_a_patient_finds_a_look_wrong_and_reads_what_a_privacy_officer_found() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let asha = desk.patient("asha@example.org");
        let asha = desk.linked(&admin, &asha, "asha");
        let visit = desk.visit();
        assert_eq!(blamed(desk.login.dispute(&asha, "asha", line(&desk, 7), "bad", &visit)), "text");
        desk.login.dispute(&asha, "asha", line(&desk, 7), WHY, &visit).unwrap();
        assert_eq!(blamed(desk.login.dispute(&asha, "asha", line(&desk, 7), WHY, &visit)), "line");
        // In nobody else's record.
        assert!(matches!(desk.login.dispute(&asha, "ben", line(&desk, 8), WHY, &visit), Err(Error::Refused)));
        let officer = officer(&desk, &admin);
        let officer = desk.fresh(&officer);
        // Whoever runs the house answers none, and neither does the patient.
        for other in [desk.fresh(&admin), asha.clone()] {
            assert!(matches!(desk.login.open_disputes(&other, &desk.visit()), Err(Error::Refused)));
        }
        let open = desk.login.open_disputes(&officer, &desk.visit()).unwrap();
        let [(id, dispute)] = &open[..] else { panic!("{}", open.len()) };
        assert_eq!((dispute.text.as_str(), dispute.line.number, dispute.patient.as_str()), (WHY, 7, "asha"));
        assert_eq!(dispute.due.duration_since(dispute.at).as_hours(), 30 * 24);
        let answer = |found: (bool, &str)| desk.login.answer_dispute(&officer, id, found, &desk.visit());
        assert_eq!(blamed(answer((true, "no"))), "text");
        assert!(matches!(
            desk.login.answer_dispute(&officer, "00", (true, WHY), &desk.visit()),
            Err(Error::Ended)
        ));
        let found = "The doctor had opened the wrong chart and left it at once";
        answer((true, found)).unwrap();
        assert!(matches!(answer((false, found)), Err(Error::Ended)), "it is answered once");
        let [dispute] = &desk.login.disputes_of("asha", &desk.visit()).unwrap()[..] else { panic!("one") };
        let told = dispute.answer.as_ref().unwrap();
        assert_eq!((told.was_wrong, told.text.as_str(), told.name.as_str()), (true, found, "Test Officer"));
        assert!(desk.login.disputes_of("ben", &desk.visit()).unwrap().is_empty());
        let notices = desk.login.notices(&asha, desk.now()).unwrap();
        assert!(notices.iter().any(|notice| notice.text.contains("There is an answer about a look")));
        // Each step is in the log, with the patient and the words.
        let entries = desk.entries();
        let of = |operation: &str| {
            entries.iter().find(|entry| entry.operation == operation && !entry.patients.is_empty())
        };
        assert_eq!(of("dispute").unwrap().reason.as_deref(), Some(WHY));
        assert_eq!(of("dispute answered").unwrap().reason.as_deref(), Some(found));
        assert_eq!(of("dispute list").unwrap().patients, of("dispute").unwrap().patients);
    }
}

#[test]
fn f8_nobody_answers_about_their_own_look() {
    let (desk, admin) = charted(Engine::Sqlite);
    let asha = desk.patient("asha@example.org");
    let asha = desk.linked(&admin, &asha, "asha");
    let own = Line { name: "Test Officer".into(), ..line(&desk, 9) };
    desk.login.dispute(&asha, "asha", own, WHY, &desk.visit()).unwrap();
    let officer = officer(&desk, &admin);
    let officer = desk.fresh(&officer);
    let (id, _) = desk.login.open_disputes(&officer, &desk.visit()).unwrap().remove(0);
    let answered = desk.login.answer_dispute(&officer, &id, (false, "it was quite right"), &desk.visit());
    assert!(matches!(answered, Err(Error::Refused)));
    assert!(desk.login.disputes_of("asha", &desk.visit()).unwrap()[0].answer.is_none());
}
