//! Finding is not opening, and asking the patient.

use crate::{
    chart::{blamed, charted, opens},
    house::{Desk, Person},
};
use login::{access_request::LetIn, error::Error, realm::Realm, session::Who};
use record::{
    change::Wish,
    error::Error as RecordError,
    find::{Clue, Sight},
};
use testkit::house::{ENGINES, Engine};

fn find(desk: &Desk, who: &Who, typed: &str) -> Result<Vec<Sight>, Error> {
    let look = desk.login.look_up(who, typed, &desk.visit())?;
    Ok(desk.house.record.find(&look.act, &Clue::Identifier(typed), look.patient.as_deref()).unwrap())
}

/// What a door does with what the patient allowed.
fn commit(desk: &Desk, let_in: &LetIn) -> Result<(), RecordError> {
    let resource = fhir::json::parse(&let_in.consent, fhir::json::Limits::default()).unwrap();
    let wish = Wish::Update {
        resource_type: "Consent".into(),
        id: Some(let_in.id.clone()),
        query: None,
        resource,
        if_match: None,
        if_none_match: true,
    };
    desk.house.record.commit(&let_in.act, "update", &[wish.into()]).map(drop)
}

fn doctor(desk: &Desk, admin: &Person) -> Who {
    let doctor = desk.staff_as(admin, "doctor@example.org", "physician", Some("c"));
    desk.who(Realm::Clinic, &doctor.session).unwrap()
}

#[test]
fn d12_an_identifier_alone_tells_that_there_is_a_record_and_opens_nothing() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let who = doctor(&desk, &admin);
        let before = desk.log().len();
        let sights = find(&desk, &who, "MRN-asha").unwrap();
        let [sight] = &sights[..] else { panic!("{}", sights.len()) };
        assert_eq!((sight.initials.as_str(), sight.born.as_str(), sight.open), ("A.R.", "1990", false));
        assert!(!opens(&desk, &desk.act(&who), "Patient", &sight.patient));
        assert!(find(&desk, &who, "MRN-ash").unwrap().is_empty(), "a beginning is no identifier");
        let look_ups = desk.entries().split_off(before);
        assert_eq!((look_ups[0].operation.as_str(), look_ups[0].patients.len()), ("look-up", 1));
        assert!(!look_ups[0].shape.contains("asha"));
        let phone = Clue::Phone { phone: "+919876543210", birth_date: "1985-01-02" };
        let found = desk.house.record.find(&desk.act(&who), &phone, None).unwrap();
        assert_eq!(found.iter().map(|sight| sight.patient.as_str()).collect::<Vec<_>>(), ["ben"]);
        // Who is tied to her is told that her chart is open.
        let own = desk.staff_as(&admin, "own@example.org", "physician", Some("b"));
        let own = desk.who(Realm::Clinic, &own.session).unwrap();
        assert!(find(&desk, &own, "MRN-asha").unwrap()[0].open);
    }
}

#[test]
fn x10_the_twenty_first_look_up_of_a_minute_is_throttled_and_flagged() {
    let (desk, admin) = charted(Engine::Sqlite);
    let who = doctor(&desk, &admin);
    for n in 0..20 {
        find(&desk, &who, &format!("MRN-{n}")).unwrap();
    }
    let Err(Error::Throttled { seconds }) = find(&desk, &who, "MRN-asha") else { panic!("it is throttled") };
    assert!((1..=61).contains(&seconds));
    assert_eq!(desk.log().last().unwrap(), "look-up throttled refused Dr Meera Iyer");
    desk.wait(61);
    assert_eq!(find(&desk, &who, "MRN-asha").unwrap().len(), 1);
    for (realm, person) in [(Realm::Admin, &admin), (Realm::Patient, &desk.patient("asha@example.org"))] {
        let who = desk.who(realm, desk.sign_in(person).session.reveal()).unwrap();
        assert!(matches!(find(&desk, &who, "MRN-asha"), Err(Error::Refused)));
    }
}

#[test]
fn d12_the_chart_opens_when_the_patient_allows_it_and_closes_when_the_days_are_over() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let person = desk.patient("asha@example.org");
        let asha = desk.linked(&admin, &person, "asha");
        let who = doctor(&desk, &admin);
        let ask = |patient: &str, why: &str| desk.login.request_access(&who, patient, why, &desk.visit());
        assert_eq!(blamed(ask("asha", "")), "reason");
        assert_eq!(blamed(ask("nobody", "a second opinion")), "patient");
        ask("asha", "a second opinion").unwrap();
        assert_eq!(blamed(ask("asha", "a second opinion")), "patient", "a double click");
        assert_eq!(desk.login.asked(&who, &desk.visit()).unwrap().len(), 1);
        let requests = desk.login.access_requests(&asha, &desk.visit()).unwrap();
        let [(id, request)] = &requests[..] else { panic!("{}", requests.len()) };
        let shown = (request.name.as_str(), request.facility.as_str(), request.reason.as_str());
        assert_eq!(shown, ("Dr Meera Iyer", "Lakeside Clinic", "a second opinion"));
        let allow = |who: &Who, id: &str, days: &str| desk.login.allow(who, id, days, &desk.visit());
        for days in ["", "0", "367", "-1", "x"] {
            assert_eq!(blamed(allow(&asha, id, days)), "days");
        }
        let other = desk.patient("mallory@example.org");
        let other = desk.who(Realm::Patient, &other.session).unwrap();
        assert!(matches!(allow(&other, id, "3"), Err(Error::Ended)), "somebody else's");
        assert!(matches!(allow(&who, id, "3"), Err(Error::Ended)), "nor who asked");
        assert!(!opens(&desk, &desk.act(&who), "Patient", "asha"));
        let let_in = allow(&asha, id, "3").unwrap();
        commit(&desk, &let_in).unwrap();
        // As after a crash between the two: the same Consent is not written twice.
        assert!(matches!(commit(&desk, &let_in), Err(RecordError::Precondition(_))));
        desk.login.let_in(&let_in).unwrap();
        desk.login.let_in(&let_in).unwrap();
        assert!(matches!(allow(&asha, id, "3"), Err(Error::Ended)));
        assert!(opens(&desk, &desk.act(&who), "Patient", "asha"), "on the next request");
        assert!(opens(&desk, &desk.act(&who), "Observation", "asha-plain"));
        assert!(!opens(&desk, &desk.act(&who), "Observation", "asha-secret"));
        assert!(!opens(&desk, &desk.act(&who), "Patient", "ben"));
        let allowed = desk.entries().into_iter().find(|entry| entry.operation == "access allowed").unwrap();
        assert_eq!((allowed.role.as_str(), allowed.patients.len()), ("patient", 1));
        desk.wait(3 * 24 * 3_600);
        assert!(!opens(&desk, &desk.act(&who), "Patient", "asha"));
    }
}

#[test]
fn d12_a_code_lets_in_once_for_ten_minutes_whoever_asked_and_nobody_else() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let person = desk.patient("asha@example.org");
        let asha = desk.linked(&admin, &person, "asha");
        let who = doctor(&desk, &admin);
        desk.login.request_access(&who, "asha", "a second opinion", &desk.visit()).unwrap();
        let (id, _) = desk.login.access_requests(&asha, &desk.visit()).unwrap().remove(0);
        let give = |who: &Who, code: &str| desk.login.redeem(who, &id, code, &desk.visit());
        assert!(matches!(give(&who, "000000"), Err(Error::Denied)), "no code was shown yet");
        let show = || desk.login.show_code(&asha, &id, "1", &desk.visit()).unwrap();
        let code = show();
        let thief = desk.staff_as(&admin, "thief@example.org", "physician", Some("b"));
        let thief = desk.who(Realm::Clinic, &thief.session).unwrap();
        assert!(matches!(give(&thief, &code), Err(Error::Ended)));
        let wrong = if code == "123456" { "654321" } else { "123456" };
        assert!(matches!(give(&who, wrong), Err(Error::Denied)));
        assert_eq!(desk.log().last().unwrap(), "access code given refused Dr Meera Iyer");
        desk.wait(601);
        assert!(matches!(give(&who, &code), Err(Error::Denied)), "late");
        let code = show();
        let let_in = give(&who, &code).unwrap();
        assert!(matches!(give(&who, &code), Err(Error::Denied)), "twice");
        // Wrong tries do not take away what a right one has won.
        commit(&desk, &let_in).unwrap();
        desk.login.let_in(&let_in).unwrap();
        assert!(opens(&desk, &desk.act(&who), "Patient", "asha"));
        let consent = desk.house.record.read(&desk.act(&asha), "Consent", &let_in.id).unwrap();
        assert!(String::from_utf8(consent.body).unwrap().contains("Practitioner/c"));
    }
}

#[test]
fn d12_a_denied_request_is_over_and_an_unanswered_one_lapses() {
    let (desk, admin) = charted(Engine::Sqlite);
    let person = desk.patient("asha@example.org");
    let asha = desk.linked(&admin, &person, "asha");
    let who = doctor(&desk, &admin);
    let ask = |who: &Who| desk.login.request_access(who, "asha", "a second opinion", &desk.visit());
    ask(&who).unwrap();
    let (id, _) = desk.login.access_requests(&asha, &desk.visit()).unwrap().remove(0);
    desk.login.deny(&asha, &id, &desk.visit()).unwrap();
    assert!(matches!(desk.login.deny(&asha, &id, &desk.visit()), Err(Error::Ended)));
    assert!(desk.log().contains(&"access denied done Asha Rao".to_owned()));
    ask(&who).unwrap();
    desk.wait(8 * 24 * 3_600);
    let asha = desk.fresh(&person);
    assert!(desk.login.access_requests(&asha, &desk.visit()).unwrap().is_empty());
    ask(&who).unwrap();
    let nameless = desk.staff_as(&admin, "nameless@example.org", "physician", None);
    let nameless = desk.who(Realm::Clinic, &nameless.session).unwrap();
    assert!(matches!(ask(&nameless), Err(Error::Unsupported(_))));
    let student = desk.staff_as(&admin, "student@example.org", "researcher", Some("e"));
    let student = desk.who(Realm::Clinic, &student.session).unwrap();
    assert!(matches!(ask(&student), Err(Error::Refused)));
}
