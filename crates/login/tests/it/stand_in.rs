//! Somebody as whom one looks in thought.

use crate::{
    chart::{blamed, charted, opens},
    house::Desk,
};
use access::act::{Act, Purpose};
use login::{
    account::Status,
    realm::Realm,
    stand_in::{Somebody, StandIn},
};
use testkit::house::{ENGINES, Engine};

fn act(desk: &Desk, somebody: &StandIn) -> Act {
    somebody.act(&Act { at: desk.now(), ..desk.house.operator() })
}

/// E1: it is the person as they are now, with their role, their place and their emergencies.
#[test]
fn somebody_sees_in_thought_what_they_see() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let doctor = desk.staff_as(&admin, "doctor@example.org", "physician", Some("b"));
        let who = desk.fresh(&doctor);
        let of = |patient: &str| {
            let somebody = Somebody::Account { id: &who.account.id, facility: None };
            desk.login.stand_in(somebody, patient, desk.now()).unwrap()
        };
        let thought = act(&desk, &of("asha"));
        let real = desk.act(&who);
        assert_eq!((&thought.actor, thought.purpose), (&real.actor, real.purpose));
        assert!(opens(&desk, &thought, "Patient", "asha") && !opens(&desk, &thought, "Patient", "ben"));

        desk.login.break_glass(&who, "ben", "unconscious after a fall", &desk.visit()).unwrap();
        let emergency = act(&desk, &of("ben"));
        assert_eq!(emergency.purpose, Purpose::Etreat);
        assert!(opens(&desk, &emergency, "Patient", "ben"));
        assert!(!opens(&desk, &act(&desk, &of("asha")), "Patient", "ben"));

        desk.login
            .set_status(&desk.fresh(&admin), "doctor@example.org", Status::Suspended, &desk.visit())
            .unwrap();
        let nobody = of("asha");
        assert!(nobody.role.is_none() && act(&desk, &nobody).actor.scopes.is_empty());
    }
}

#[test]
fn patients_and_administrators_are_who_they_are_there() {
    let (desk, admin) = charted(Engine::Sqlite);
    let asha = desk.patient("asha@example.org");
    let asha = desk.linked(&admin, &asha, "asha");
    let of = |id: &str| desk.login.stand_in(Somebody::Account { id, facility: None }, "asha", desk.now());
    let thought = act(&desk, &of(&asha.account.id).unwrap());
    assert_eq!((thought.actor.role.as_str(), thought.actor.patient.as_deref()), ("patient", Some("asha")));
    let admin = desk.who(Realm::Admin, desk.sign_in(&admin).session.reveal()).unwrap();
    assert_eq!(act(&desk, &of(&admin.account.id).unwrap()).actor.role, "administrator");
    assert_eq!(blamed(of("nobody")), "account");
    let elsewhere = Somebody::Account { id: &asha.account.id, facility: Some("1234567890") };
    assert_eq!(blamed(desk.login.stand_in(elsewhere, "asha", desk.now())), "facility");
}

#[test]
fn a_role_is_enough_once_it_is_said_whom_records_know() {
    let (desk, _) = charted(Engine::Sqlite);
    let known_as = [("Practitioner".to_owned(), "b".to_owned()), ("Organization".to_owned(), "o".to_owned())];
    let of = |name: &'static str, known_as| {
        desk.login.stand_in(Somebody::Role { name, known_as }, "asha", desk.now())
    };
    let names = |somebody: &StandIn| act(&desk, somebody).actor.standing.unwrap().known_as;
    assert_eq!(names(&of("physician", &known_as).unwrap()), known_as[..1]);
    assert_eq!(names(&of("nurse", &known_as).unwrap()), known_as);
    assert_eq!(act(&desk, &of("patient", &[]).unwrap()).actor.patient.as_deref(), Some("asha"));
    assert_eq!((blamed(of("nurse", &[])), blamed(of("king", &known_as))), ("known-as", "role"));

    let nurse = of("nurse", &known_as).unwrap();
    let changes = [("relationship".to_owned(), "personal".into())].into_iter().collect();
    let narrow = nurse.with_changes(changes).unwrap();
    assert_eq!((nurse.changes_to(&narrow).as_str(), names(&narrow).len()), ("relationship:Personal", 1));
    let changes = [("scopes".to_owned(), vec!["system/*.rs"].into())].into_iter().collect();
    assert_eq!(nurse.with_changes(changes).unwrap_err().field(), "scopes");
}
