//! Who acts for somebody else.

use crate::chart::{blamed, charted, observation, opens, update};
use access::act::Act;
use login::{error::Error, proxy::Child, realm::Realm, session::Who};
use testkit::house::ENGINES;

#[test]
fn e9_a_patient_lets_somebody_act_until_a_day_and_takes_it_back() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let asha = desk.patient("asha@example.org");
        desk.linked(&admin, &asha, "asha");
        let asha = desk.fresh(&asha);
        let carer = desk.patient("carer@example.org");
        let carer_who = desk.who(Realm::Patient, &carer.session).unwrap();
        let offer =
            |until: &str, all: bool| desk.login.offer_proxy(&asha, "My sister", until, all, &desk.visit());
        for until in ["", "tomorrow", "2001-01-01", "2190-01-01"] {
            assert_eq!(blamed(offer(until, false)), "until");
        }
        let outcome = desk.login.offer_proxy(&carer_who, "X", "2023-12-31", false, &desk.visit());
        assert_eq!(blamed(outcome), "name", "no chart of their own");
        let token = offer("2023-12-31", false).unwrap();
        let take = |who: &Who| desk.login.take_proxy(who, token.reveal(), &desk.visit());
        assert_eq!(blamed(take(&asha)), "link", "not for oneself");
        let act_for = |who: &Who, patient: &str| desk.login.act_for(who, patient, &desk.visit()).unwrap();
        assert!(act_for(&carer_who, "asha").is_none());
        take(&carer_who).unwrap();
        assert!(matches!(take(&carer_who), Err(Error::Ended)), "a link works once");
        let act = act_for(&carer_who, "asha").unwrap();
        assert_eq!((act.actor.role.as_str(), act.actor.patient.as_deref()), ("proxy", Some("asha")));
        assert!(opens(&desk, &act, "Patient", "asha") && opens(&desk, &act, "Observation", "asha-plain"));
        assert!(!opens(&desk, &act, "Observation", "asha-secret") && !opens(&desk, &act, "Patient", "ben"));
        assert!(act_for(&carer_who, "ben").is_none() && act_for(&asha, "asha").is_none());
        let again = offer("2023-12-31", true).unwrap();
        let outcome = desk.login.take_proxy(&carer_who, again.reveal(), &desk.visit());
        assert_eq!(blamed(outcome), "link", "already");
        assert_eq!(desk.login.acts_for(&carer_who, &desk.visit()).unwrap()[0].1.called, "Asha Rao");
        let mine = desk.login.proxies(&asha, &desk.visit()).unwrap();
        let (id, _) = mine.iter().find(|(_, proxy)| proxy.is_taken()).unwrap();
        let stranger = desk.patient("stranger@example.org");
        let stranger = desk.who(Realm::Patient, &stranger.session).unwrap();
        assert!(matches!(desk.login.end_proxy(&stranger, id, &desk.visit()), Err(Error::Ended)));
        desk.login.end_proxy(&asha, id, &desk.visit()).unwrap();
        assert!(act_for(&carer_who, "asha").is_none());
        let outcome = desk.login.take_proxy(&carer_who, again.reveal(), &desk.visit());
        outcome.unwrap();
        let act = act_for(&carer_who, "asha").unwrap();
        assert!(opens(&desk, &act, "Observation", "asha-secret"), "she chose to show all");
        desk.wait(60 * 24 * 3_600);
        assert!(act_for(&desk.fresh(&carer), "asha").is_none(), "it lapses by itself");
        let taken = desk.entries().into_iter().find(|entry| entry.operation == "proxy taken").unwrap();
        assert_eq!(taken.patients.len(), 1);
    }
}

#[test]
fn e9_a_parent_acts_for_a_child_by_two_of_the_staff_and_less_is_seen_as_the_child_grows() {
    for engine in ENGINES {
        let (desk, admin) = charted(engine);
        let mother = desk.patient("mother@example.org");
        let clerk = desk.staff_as(&admin, "desk@example.org", "front-desk", Some("d"));
        let one = desk.fresh(&clerk);
        let other = desk.staff_as(&admin, "other@example.org", "front-desk", Some("e"));
        let two = desk.fresh(&other);
        let offer = |who: &Who, patient: &str, birth_date: &str| {
            let child = Child { patient, birth_date };
            desk.login.offer_proxy_for_child(who, child, ("Her mother", "Chitra Rao"), &desk.visit())
        };
        assert_eq!(blamed(offer(&one, "asha", "1990-05-31")), "patient", "of age");
        assert_eq!(blamed(offer(&one, "ben", "2015-03-04")), "patient", "not seen");
        assert_eq!(blamed(offer(&one, "chitra", "2015")), "patient", "no whole date");
        offer(&one, "chitra", "2015-03-04").unwrap();
        let (id, waiting) = desk.login.unconfirmed_proxies(&two, &desk.visit()).unwrap().remove(0);
        assert_eq!(waiting.until.to_string(), "2033-03-04T00:00:00Z");
        let confirm = |who: &Who| desk.login.confirm_proxy(who, &id, &desk.visit());
        assert!(matches!(confirm(&one), Err(Error::Refused)), "not the one who offered it");
        assert_eq!(desk.log().last().unwrap(), "proxy confirmed refused Dr Meera Iyer");
        let who = desk.who(Realm::Patient, &mother.session).unwrap();
        assert!(matches!(confirm(&who), Err(Error::Refused)), "not the mother herself");
        let token = confirm(&two).unwrap();
        assert!(matches!(confirm(&two), Err(Error::Ended)), "once");
        let who = desk.fresh(&mother);
        desk.login.take_proxy(&who, token.reveal(), &desk.visit()).unwrap();
        let act = |who: &Who| desk.login.act_for(who, "chitra", &desk.visit()).unwrap();
        let child: Act = act(&who).unwrap();
        assert!(
            opens(&desk, &child, "Patient", "chitra") && opens(&desk, &child, "Observation", "chitra-secret")
        );
        // Twelve: what is sensitive is hers alone, in reads, in searches, and for writing.
        desk.wait(4 * 366 * 24 * 3_600);
        let adolescent = act(&desk.fresh(&mother)).unwrap();
        assert!(opens(&desk, &adolescent, "Observation", "chitra-plain"));
        assert!(!opens(&desk, &adolescent, "Observation", "chitra-secret"));
        let request = record::search::SearchRequest {
            resource_type: "Observation".into(),
            query: "_summary=count".into(),
            lenient: false,
            compartment: None,
        };
        assert_eq!(desk.house.record.search(&adolescent, &request).unwrap().total, Some(1));
        assert_eq!(desk.house.record.search(&child, &request).unwrap().total, Some(2));
        let overwrite = [update(observation("chitra", "secret", &[]))];
        let outcome = desk.house.record.commit(&adolescent, "update", &overwrite);
        assert!(outcome.is_err(), "what is hidden is not overwritten: {outcome:?}");
        desk.house.record.commit(&child, "update", &overwrite).unwrap();
        // Nor does she let anybody else in any more, who could see what she does not.
        let code = |code: &str| serde_json::json!({"coding": [{"code": code}]});
        let consent = update(serde_json::json!({
            "resourceType": "Consent", "id": "by-mother", "status": "active", "scope": code("patient-privacy"),
            "category": [code("INFA")], "patient": {"reference": "Patient/chitra"}, "policyRule": code("OPTIN"),
            "provision": {"type": "permit"}
        }));
        let refused = desk.house.record.commit(&adolescent, "update", std::slice::from_ref(&consent));
        assert!(matches!(refused, Err(record::error::Error::Refused)), "{refused:?}");
        desk.house.record.commit(&child, "update", &[consent]).unwrap();
        // Eighteen.
        desk.wait(6 * 366 * 24 * 3_600);
        assert!(act(&desk.fresh(&mother)).is_none());
    }
}
