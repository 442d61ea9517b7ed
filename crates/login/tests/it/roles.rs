//! Roles that an administrator writes.

use crate::house::{Desk, Person};
use access::{
    act::{Act, Actor, Purpose},
    role::{Role, built_in, check::Fault},
};
use login::{
    error::Error,
    invitation::Invite,
    realm::Realm,
    roles::Editor::{Administrator, Installation},
};
use testkit::house::{ENGINES, Engine};

fn night_nurse() -> Role {
    let mut role = built_in("nurse").unwrap().clone();
    role.name = "night-nurse".into();
    role.title = "Night nurse".into();
    role
}

/// What the doctor's session allows right now.
fn scopes(desk: &Desk, person: &Person) -> Vec<String> {
    let act = desk.login.act(Realm::Clinic, &person.session, &desk.visit()).unwrap().unwrap();
    act.actor.scopes.iter().map(ToString::to_string).collect()
}

fn staff(desk: &Desk, admin: &Person, role: &str) -> Result<Person, Error> {
    let who = desk.who(Realm::Admin, &admin.session).unwrap();
    let facility = desk.login.facilities(desk.now()).unwrap().remove(0);
    let invite = Invite {
        facility: &facility.id,
        name: "Ravi Menon",
        email: "ravi@example.org",
        roles: vec![role.into()],
        practitioner: None,
    };
    let token = desk.login.invite(&who, invite, &desk.visit())?;
    let password = crate::house::PASSWORD;
    let step = desk.login.accept(token.reveal(), password, &desk.visit())?;
    let login::attempt::Step::Enrol(attempt) = step else { panic!("a second factor is set up") };
    Ok(desk.enrol(attempt.reveal(), "ravi@example.org", Realm::Clinic))
}

#[test]
fn a9_a_role_is_written_changed_and_removed_and_each_counts_at_the_next_request() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        let (visit, mut role) = (desk.visit(), night_nurse());
        let unknown = staff(&desk, &admin, "night-nurse").err();
        assert!(matches!(unknown, Some(Error::Invalid { field: "role", .. })));
        assert!(desk.login.keep_role(Administrator(&who, &visit), &role).unwrap().contains("+user/*.rs"));
        let nurse = staff(&desk, &admin, "night-nurse").unwrap();
        assert!(scopes(&desk, &nurse).contains(&"user/Observation.cu".to_owned()));
        let before = desk.log().len();
        let changes = desk.login.changes_of_role(&role, desk.now()).unwrap();
        assert_eq!((changes.words.as_str(), changes.holders, changes.before.as_ref()), ("", 1, Some(&role)));

        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        role.scopes.retain(|scope| scope.to_string() != "user/Observation.cu");
        let changed = desk.login.keep_role(Administrator(&who, &visit), &role).unwrap();
        assert_eq!(changed, "-user/Observation.cu");
        assert!(!scopes(&desk, &nurse).contains(&"user/Observation.cu".to_owned()));
        assert_eq!(desk.login.keep_role(Administrator(&who, &visit), &role).unwrap(), "", "nothing to write");
        let listed = desk.login.roles(desk.now()).unwrap();
        assert_eq!((listed.len(), listed[12].version, listed[0].version), (13, Some(2), None));

        desk.login.remove_role(Administrator(&who, &visit), "night-nurse").unwrap();
        assert_eq!(scopes(&desk, &nurse), Vec::<String>::new());
        assert_eq!(desk.log_since(before), ["role changed done Nila Das", "role removed done Nila Das"]);
        let gone = desk.login.remove_role(Administrator(&who, &visit), "night-nurse");
        assert!(matches!(gone, Err(Error::Ended)));
    }
}

#[test]
fn a9_only_an_administrator_writes_roles_and_built_in_ones_stay() {
    for engine in ENGINES {
        let (desk, admin) = Desk::open(engine);
        let doctor = desk.staff(&admin, "doctor@example.org");
        let as_doctor = desk.who(Realm::Clinic, &doctor.session).unwrap();
        let visit = desk.visit();
        let refused = desk.login.keep_role(Administrator(&as_doctor, &visit), &night_nurse());
        assert!(matches!(refused, Err(Error::Refused)));
        let refused = desk.login.remove_role(Administrator(&as_doctor, &visit), "night-nurse");
        assert!(matches!(refused, Err(Error::Refused)));
        assert_eq!(desk.log().last().unwrap(), "administration refused Dr Meera Iyer");

        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        let built_in = Role { name: "nurse".into(), ..night_nurse() };
        let taken = desk.login.keep_role(Administrator(&who, &visit), &built_in);
        assert!(matches!(taken, Err(Error::Role(Fault::Taken(_)))));
        let taken = desk.login.remove_role(Administrator(&who, &visit), "nurse");
        assert!(matches!(taken, Err(Error::Role(Fault::Taken(_)))));
        desk.wait(700);
        let late = desk.visit();
        let who = desk.who(Realm::Admin, &admin.session).unwrap();
        let stale = desk.login.keep_role(Administrator(&who, &late), &night_nurse());
        assert!(matches!(stale, Err(Error::StepUp)));
        assert_eq!(desk.login.roles(desk.now()).unwrap().len(), 12);
    }
}

#[test]
fn whoever_runs_the_installation_writes_roles_under_their_own_name() {
    let (desk, _) = Desk::open(Engine::Sqlite);
    let actor = Actor {
        id: "command-line".into(),
        name: "Operator".into(),
        role: "operator".into(),
        scopes: Vec::new(),
        patient: None,
        standing: None,
    };
    let act =
        Act { actor, purpose: Purpose::Sysadmin, request: "request-1".into(), at: desk.now(), looks: false };
    desk.login.keep_role(Installation(&act), &night_nurse()).unwrap();
    assert_eq!(desk.log().last().unwrap(), "role added done Operator");
    assert_eq!(desk.login.role("night-nurse", desk.now()).unwrap(), Some(night_nurse()));
}

/// A5: an invitation is into a role of the clinic or of the administration, not into a patient's, nor into one of the machines that
/// reach everything.
#[test]
fn a5_nobody_is_invited_into_a_role_of_patients_or_machines() {
    let (desk, admin) = Desk::open(Engine::Sqlite);
    for role in ["system-client", "patient", "proxy", "king", ""] {
        let refused = staff(&desk, &admin, role).err();
        assert!(matches!(refused, Some(Error::Invalid { field: "role", .. })), "{role}");
    }
}
