//! Emergencies.

use crate::{
    chart::{blamed, charted, opens},
    house::Desk,
};
use access::act::Purpose;
use login::{break_glass::Verdict, error::Error, realm::Realm, session::Who};
use testkit::house::{ENGINES, Engine};

const WHY: &str = "unconscious after a fall, allergies unknown";

fn about(desk: &Desk, who: &Who, patient: &str) -> access::act::Act {
    desk.login.act_about(who, patient, &desk.visit()).unwrap()
}

#[test]
fn e1_a_broken_glass_opens_one_record_for_hours_and_is_signed_with_its_patient() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let doctor = desk.staff_as(&admin, "doctor@example.org", "physician", Some("b"));
        let who = desk.fresh(&doctor);
        assert!(!opens(&desk, &about(&desk, &who, "ben"), "Patient", "ben"));
        let before = desk.log().len();
        let until = desk.login.break_glass(&who, "ben", WHY, &desk.visit()).unwrap();
        assert_eq!(until.duration_since(desk.now()).as_secs() / 60, 239);
        let act = about(&desk, &who, "ben");
        assert_eq!(act.purpose, Purpose::Etreat);
        assert!(opens(&desk, &act, "Patient", "ben") && opens(&desk, &act, "Observation", "ben-secret"));
        // Not for another page, nor for another patient.
        assert!(!opens(&desk, &desk.act(&who), "Patient", "ben"));
        assert!(!opens(&desk, &about(&desk, &who, "chitra"), "Patient", "chitra"));
        assert_eq!(blamed(desk.login.break_glass(&who, "ben", WHY, &desk.visit())), "patient");
        let entries = desk.entries().split_off(before);
        let broke = &entries[0];
        assert_eq!((broke.operation.as_str(), broke.role.as_str()), ("break-glass", "physician"));
        assert_eq!((broke.purpose, broke.reason.as_deref()), (Purpose::Etreat, Some(WHY)));
        // The patient whom the entry names is the one whose chart was then read.
        let read =
            entries.iter().find(|entry| entry.operation == "read" && !entry.patients.is_empty()).unwrap();
        assert_eq!(broke.patients, read.patients);
        desk.wait(4 * 3_600);
        let doctor = desk.fresh(&doctor);
        assert!(!opens(&desk, &about(&desk, &doctor, "ben"), "Patient", "ben"));
        // What has lapsed makes room, and can be broken again.
        desk.login.break_glass(&doctor, "ben", WHY, &desk.visit()).unwrap();
        desk.login.end_glass(&doctor, "ben", &desk.visit()).unwrap();
        assert!(!opens(&desk, &about(&desk, &doctor, "ben"), "Patient", "ben"));
        assert!(matches!(desk.login.end_glass(&doctor, "ben", &desk.visit()), Err(Error::Ended)));
        assert!(desk.log().contains(&"break-glass lapsed done Dr Meera Iyer".to_owned()));
    }
}

#[test]
fn e1_who_does_not_treat_never_breaks_the_glass_and_nobody_does_without_reason_and_a_fresh_code() {
    let (desk, admin) = charted(Engine::Sqlite);
    for role in ["researcher", "front-desk"] {
        let person = desk.staff_as(&admin, &format!("{role}@example.org"), role, Some("c"));
        let who = desk.fresh(&person);
        let before = desk.log().len();
        let outcome = desk.login.break_glass(&who, "ben", WHY, &desk.visit());
        assert!(matches!(outcome, Err(Error::Refused)), "{role}");
        assert_eq!(desk.log_since(before), ["break-glass refused Dr Meera Iyer"]);
    }
    let who = desk.fresh(&admin);
    let outcome = desk.login.break_glass(&who, "ben", WHY, &desk.visit());
    assert!(matches!(outcome, Err(Error::Refused)));
    let patient = desk.patient("asha@example.org");
    let who = desk.who(Realm::Patient, &patient.session).unwrap();
    let outcome = desk.login.break_glass(&who, "ben", WHY, &desk.visit());
    assert!(matches!(outcome, Err(Error::Refused)));

    let doctor = desk.staff_as(&admin, "doctor@example.org", "physician", Some("b"));
    let who = desk.fresh(&doctor);
    for reason in ["", "too short", &"x".repeat(501), "a reason\u{7} with a bell"] {
        assert_eq!(blamed(desk.login.break_glass(&who, "ben", reason, &desk.visit())), "reason");
    }
    assert_eq!(blamed(desk.login.break_glass(&who, "nobody", WHY, &desk.visit())), "patient");
    assert_eq!(desk.log().last().unwrap(), "break-glass refused Dr Meera Iyer");
    desk.wait(601);
    let outcome = desk.login.break_glass(&who, "ben", WHY, &desk.visit());
    assert!(matches!(outcome, Err(Error::StepUp)));
}

#[test]
fn e1_three_glasses_at_once_and_no_more_and_guessing_is_throttled() {
    let (desk, admin) = charted(Engine::Sqlite);
    crate::chart::put(&desk, serde_json::json!({"resourceType": "Patient", "id": "dev"}));
    let doctor = desk.staff_as(&admin, "doctor@example.org", "physician", Some("c"));
    let who = desk.fresh(&doctor);
    for patient in ["asha", "ben", "chitra"] {
        desk.login.break_glass(&who, patient, WHY, &desk.visit()).unwrap();
    }
    assert_eq!(desk.login.glasses(&who, &desk.visit()).unwrap().len(), 3);
    let outcome = desk.login.break_glass(&who, "dev", WHY, &desk.visit());
    let Err(Error::Throttled { seconds }) = outcome else { panic!("{outcome:?}") };
    assert!((14_000..=14_401).contains(&seconds), "until the first ends: {seconds}");
    assert_eq!(desk.log().last().unwrap(), "break-glass throttled refused Dr Meera Iyer");
    desk.login.end_glass(&who, "ben", &desk.visit()).unwrap();
    desk.login.break_glass(&who, "dev", WHY, &desk.visit()).unwrap();
    desk.login.end_glass(&who, "dev", &desk.visit()).unwrap();
    let guesses = (0..20).map(|n| desk.login.break_glass(&who, &format!("p{n}"), WHY, &desk.visit()));
    assert_eq!(guesses.filter(|guess| matches!(guess, Err(Error::Throttled { .. }))).count(), 15);
}

#[test]
fn e1_the_patient_is_told_and_a_second_person_reviews() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let asha = desk.patient("asha@example.org");
        let asha = desk.linked(&admin, &asha, "asha");
        let doctor = desk.staff_as(&admin, "doctor@example.org", "physician", Some("c"));
        let who = desk.fresh(&doctor);
        desk.login.break_glass(&who, "asha", WHY, &desk.visit()).unwrap();
        let told = desk.login.notices(&asha, desk.now()).unwrap();
        let text = "Dr Meera Iyer (physician) opened your record in an emergency";
        assert!(told[0].text.starts_with(text) && !told[0].text.contains("fall"), "{}", told[0].text);
        let message = desk.pigeon.0.lock().unwrap().last().unwrap().text.clone();
        assert!(message.contains("in an emergency") && !message.contains("Iyer"));

        assert!(matches!(desk.login.unreviewed(&who, &desk.visit()), Err(Error::Refused)));
        let officer = desk.fresh(&admin);
        let list = desk.login.unreviewed(&officer, &desk.visit()).unwrap();
        let [(id, glass)] = &list[..] else { panic!("{}", list.len()) };
        assert_eq!((glass.patient.as_str(), glass.reason.as_str()), ("asha", WHY));
        let review = |who: &Who, id: &str, note: &str| {
            desk.login.review(who, id, Verdict::Unjustified, note, &desk.visit())
        };
        assert!(matches!(review(&who, id, "all was right"), Err(Error::Refused)), "not the one who did it");
        assert_eq!(blamed(review(&officer, id, "")), "note");
        assert!(matches!(review(&officer, "00", "nothing there"), Err(Error::Ended)));
        assert!(matches!(review(&officer, "zz", "nothing there"), Err(Error::Ended)));
        assert!(opens(&desk, &about(&desk, &who, "asha"), "Patient", "asha"));
        review(&officer, id, "not on duty that day").unwrap();
        assert!(!opens(&desk, &about(&desk, &who, "asha"), "Patient", "asha"), "it is over at once");
        assert!(matches!(review(&officer, id, "not on duty that day"), Err(Error::Ended)), "once");
        assert!(desk.login.unreviewed(&officer, &desk.visit()).unwrap().is_empty());
        let months = desk.login.glass_statistics(&officer, &desk.visit()).unwrap();
        let [month] = &months[..] else { panic!("{months:?}") };
        assert_eq!((month.broken, month.reviewed, month.unjustified), (1, 1, 1));
        assert_eq!((month.name.as_str(), month.month.len()), ("Dr Meera Iyer", 7));
    }
}

#[test]
fn e1_nobody_reviews_their_own_emergency_in_whatever_realm() {
    let (desk, admin) = charted(Engine::Sqlite);
    // The administrator is a physician as well, in the same account.
    let who = desk.fresh(&admin);
    let facility = desk.login.facilities(desk.now()).unwrap().remove(0);
    let invite = login::invitation::Invite {
        facility: &facility.id,
        name: "Nila Das",
        email: "admin@example.org",
        roles: vec!["physician".into()],
        practitioner: Some("c".into()),
    };
    let token = desk.login.invite(&who, invite, &desk.visit()).unwrap();
    desk.confirmed(&admin, token.reveal());
    desk.login.accept(token.reveal(), crate::house::PASSWORD, &desk.visit()).unwrap();
    let clinic = crate::house::Person {
        email: admin.email.clone(),
        secret: admin.secret.clone(),
        recovery: Vec::new(),
        session: String::new(),
        realm: Realm::Clinic,
    };
    let doctor = desk.fresh(&clinic);
    desk.login.break_glass(&doctor, "ben", WHY, &desk.visit()).unwrap();
    let officer = desk.fresh(&admin);
    let (id, _) = desk.login.unreviewed(&officer, &desk.visit()).unwrap().remove(0);
    let outcome = desk.login.review(&officer, &id, Verdict::Justified, "I was there", &desk.visit());
    assert!(matches!(outcome, Err(Error::Refused)));
    assert_eq!(desk.log().last().unwrap(), "break-glass review refused Nila Das");
}
