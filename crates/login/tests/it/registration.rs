//! The numbers that a registration gives out.

use crate::chart::{blamed, charted};
use login::{identifier::health_id, realm::Realm};
use testkit::house::ENGINES;

#[test]
fn a_form_has_its_numbers_once_and_they_are_the_patients_for_good() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let clerk = desk.staff_as(&admin, "desk@example.org", "front-desk", Some("d"));
        let act = desk.act(&desk.who(Realm::Clinic, &clerk.session).unwrap());
        let reserve = |key: &str, typed: &str| desk.login.reserve_numbers(&act, key, typed);
        let first = reserve("form-1", "Asha").unwrap();
        let digits = health_id::parse(&first.health_id()).unwrap();
        assert_eq!(reserve("form-1", "Asha").unwrap().health_id(), first.health_id(), "{engine:?}: once");
        assert_eq!(blamed(reserve("form-1", "Ben").map(drop)), "key", "{engine:?}: it is somebody else");
        let second = reserve("form-2", "Asha").unwrap();
        assert!(second.health_id() != first.health_id() && second.record_number() != first.record_number());
        let known = || desk.login.health_ids(desk.now()).unwrap();
        assert!(!known().contains_key(&digits), "{engine:?}: reserved is not given");
        desk.login.give_numbers(&act, &first, "asha").unwrap();
        desk.login.give_numbers(&act, &first, "asha").unwrap();
        assert_eq!(known().get(&digits).map(String::as_str), Some("asha"), "{engine:?}");
        let again = desk.login.numbers_of(&act, "form-1", "Asha").unwrap().unwrap();
        assert_eq!(again.patient(), Some("asha"));
        // What nobody was given ends by itself; what somebody has stays.
        desk.house.wait_ms(25 * 3_600_000);
        desk.login.sweep(desk.now()).unwrap();
        assert_eq!(known().get(&digits).map(String::as_str), Some("asha"), "{engine:?}");
    }
}
