//! Subscriptions: whose they are, what there is to tell, and that it is signed (L5).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so")]

use access::act::Act;
use record::{
    Record,
    change::{Change, Wish},
    error::Error,
    feed::Heard,
    subscription::{Due, SUBSCRIBER, Set, Subscription},
};
use serde_json::{Value, json};
use testkit::house::{ENGINES, House};

fn put(house: &House, act: &Act, kind: &str, id: &str, mut resource: Value) -> Result<Value, Error> {
    (resource["resourceType"], resource["id"]) = (kind.into(), id.into());
    let (resource_type, id) = (kind.to_owned(), Some(id.to_owned()));
    let wish =
        Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
    let done = house.record.commit(act, "update", &[Change::from(wish)])?;
    Ok(fhir::json::parse(&done[0].body, fhir::json::Limits::default()).unwrap())
}

/// An app that is registered as a backend service, as the sign-in makes it act.
fn app(house: &House, id: &str, scopes: &[&str]) -> Act {
    let mut act = house.act("system", scopes, None);
    act.actor.id = id.to_owned();
    act
}

fn order(criteria: &str) -> Value {
    json!({"status": "requested", "reason": "what is new", "criteria": criteria,
        "channel": {"type": "rest-hook", "endpoint": "https://app.example.org/notices", "payload": "application/fhir+json"}})
}

fn kept(house: &House, id: &str) -> Option<Subscription> {
    house.record.subscription(house.now(), id).unwrap()
}

fn due(house: &House, act: &Act, id: &str, after: i64) -> Result<Due, Error> {
    let wanted = kept(house, id).unwrap().wanted(house.record.notify_hosts()).unwrap();
    house.record.due(act, &wanted, (after, house.record.newest_seq().unwrap()), &[])
}

fn ids(due: &Due) -> Vec<&str> {
    due.events.iter().map(|event| event.id.as_str()).collect()
}

fn pulse(patient: &str, rate: i64) -> Value {
    json!({"status": "final", "subject": {"reference": format!("Patient/{patient}")}, "valueInteger": rate,
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}})
}

const ALL: [&str; 2] = ["system/Observation.rs", "system/Subscription.cruds"];

#[test]
fn an_order_bears_the_name_of_the_app_that_stored_it_and_of_nobody_else() {
    for engine in ENGINES {
        let house = House::new(engine);
        let (mine, other) = (app(&house, "app-1", &ALL), app(&house, "app-2", &ALL));
        let mut forged = order("Observation?code=8867-4");
        forged["extension"] =
            json!([{"url": SUBSCRIBER, "valueString": "app-2"}, {"url": "urn:x", "valueString": "stays"}]);
        let stored = put(&house, &mine, "Subscription", "s", forged.clone()).unwrap();
        let named: Vec<&Value> =
            stored["extension"].as_array().unwrap().iter().map(|e| &e["valueString"]).collect();
        assert_eq!(named, ["stays", "app-1"]);
        assert_eq!(kept(&house, "s").unwrap().subscriber.as_deref(), Some("app-1"));
        // Nobody takes it over, and nobody stores one in another's name.
        assert!(matches!(
            put(&house, &other, "Subscription", "s", order("Observation")),
            Err(Error::Refused)
        ));
        let wish = Wish::Delete {
            resource_type: "Subscription".into(),
            id: Some("s".into()),
            query: None,
            if_match: None,
        };
        let removed = house.record.commit(&other, "delete", &[Change::from(wish)]);
        assert!(matches!(removed, Err(Error::Refused)));
        let stored = put(&house, &house.operator(), "Subscription", "t", forged).unwrap();
        assert_eq!(stored["extension"].as_array().unwrap().len(), 1, "{stored}");
        assert_eq!(kept(&house, "t").unwrap().subscriber, None);
        // A role that an administrator named as apps are called makes nobody an app.
        let mut person = house.staff("physician", &["Practitioner/bo"]);
        person.actor.role = "system".into();
        person.actor.scopes = vec!["system/Subscription.cruds".parse().unwrap()];
        put(&house, &person, "Subscription", "u", order("Observation")).unwrap();
        assert_eq!(kept(&house, "u").unwrap().subscriber, None);
    }
}

#[test]
fn what_cannot_be_served_is_refused_when_it_is_stored() {
    let house = House::new(ENGINES[0]);
    let act = app(&house, "app-1", &ALL);
    for criteria in ["Observation?nonsense=a", "Observation?code:wrong=a", "Horse", ""] {
        let refused = put(&house, &act, "Subscription", "s", order(criteria));
        assert!(
            matches!(refused, Err(Error::Unprocessable(_) | Error::Invalid(_))),
            "{criteria}: {refused:?}"
        );
    }
    let mut elsewhere = order("Observation");
    elsewhere["channel"]["endpoint"] = "https://169.254.169.254/latest".into();
    assert!(put(&house, &act, "Subscription", "s", elsewhere.clone()).is_err(), "N13");
    // One that is off may say what it likes.
    elsewhere["status"] = "off".into();
    put(&house, &act, "Subscription", "s", elsewhere).unwrap();
}

#[test]
fn what_changed_is_told_once_in_order_as_it_is_now_and_as_far_as_the_app_may_see() {
    for engine in ENGINES {
        let house = House::new(engine);
        let operator = house.operator();
        let act = app(&house, "app-1", &ALL);
        put(&house, &operator, "Patient", "p", json!({"name": [{"family": "Testri"}]})).unwrap();
        put(&house, &operator, "Observation", "before", pulse("p", 60)).unwrap();
        put(&house, &act, "Subscription", "s", order("Observation?code=8867-4")).unwrap();
        let start = kept(&house, "s").unwrap().seq;
        put(&house, &operator, "Observation", "b", pulse("p", 70)).unwrap();
        put(&house, &operator, "Observation", "a", pulse("p", 71)).unwrap();
        let mut other = pulse("p", 1);
        other["code"]["coding"][0]["code"] = "8310-5".into();
        put(&house, &operator, "Observation", "other", other).unwrap();
        put(&house, &operator, "Observation", "b", pulse("p", 72)).unwrap();
        let told = due(&house, &act, "s", start).unwrap();
        assert_eq!(ids(&told), ["a", "b"]);
        assert!(String::from_utf8_lossy(&told.events[1].body).contains("72"));
        assert_eq!(told.until, house.record.newest_seq().unwrap());
        assert!(ids(&due(&house, &act, "s", told.until).unwrap()).is_empty());
        // What is gone is not told; what somebody may not search for is refused.
        let wish = Wish::Delete {
            resource_type: "Observation".into(),
            id: Some("a".into()),
            query: None,
            if_match: None,
        };
        house.record.commit(&operator, "delete", &[wish.into()]).unwrap();
        assert_eq!(ids(&due(&house, &act, "s", start).unwrap()), ["b"]);
        let narrow = app(&house, "app-1", &["system/Patient.rs"]);
        assert!(matches!(due(&house, &narrow, "s", start), Err(Error::Refused)));
        let refined = app(&house, "app-1", &["system/Observation.rs?code=8310-5"]);
        assert!(ids(&due(&house, &refined, "s", start).unwrap()).is_empty());
    }
}

#[test]
fn a_long_list_comes_in_pieces_that_lose_nothing_and_repeat_nothing() {
    for engine in ENGINES {
        let house = House::new(engine);
        let act = app(&house, "app-1", &ALL);
        put(&house, &act, "Subscription", "s", order("Observation")).unwrap();
        let mut position = kept(&house, "s").unwrap().seq;
        for at in 0..120 {
            put(&house, &house.operator(), "Observation", &format!("o{at:03}"), pulse("p", at)).unwrap();
        }
        let mut told = Vec::new();
        loop {
            let next = due(&house, &act, "s", position).unwrap();
            if next.events.is_empty() {
                break;
            }
            assert!(next.events.len() <= 50 && next.until > position);
            told.extend(next.events.iter().map(|event| event.id.clone()));
            position = next.until;
        }
        let all: Vec<String> = (0..120).map(|at| format!("o{at:03}")).collect();
        assert_eq!(told, all);
    }
}

#[test]
fn what_is_told_is_in_the_log_before_it_leaves_and_the_same_again_is_not_signed_twice() {
    for engine in ENGINES {
        let house = House::new(engine);
        let act = app(&house, "app-1", &ALL);
        put(&house, &house.operator(), "Patient", "p", json!({})).unwrap();
        put(&house, &act, "Subscription", "s", order("Observation")).unwrap();
        let start = kept(&house, "s").unwrap();
        put(&house, &house.operator(), "Observation", "o", pulse("p", 70)).unwrap();
        let lines = || {
            let request = record::viewers::ViewersRequest {
                patient: "p",
                who: record::viewers::Who::All,
                before: None,
                count: None,
            };
            let viewers = house.record.viewers(&house.operator(), &request).unwrap();
            viewers
                .lines
                .iter()
                .filter(|line| line.look.as_ref().is_some_and(|look| look.operation == "notify"))
                .count()
        };
        assert_eq!(lines(), 0);
        let first = due(&house, &act, "s", start.seq).unwrap();
        assert_eq!(lines(), 1);
        let wanted = start.wanted(house.record.notify_hosts()).unwrap();
        let again =
            |signed: &[u8]| house.record.due(&act, &wanted, (start.seq, first.until), signed).unwrap();
        assert_eq!(again(&first.digest).digest, first.digest);
        assert_eq!(lines(), 1);
        again(b"something else");
        assert_eq!(lines(), 2);
        // Nothing to tell is nothing to sign.
        due(&house, &act, "s", first.until).unwrap();
        assert_eq!(lines(), 2);
    }
}

#[test]
fn the_house_sets_the_status_unless_its_owner_was_quicker() {
    for engine in ENGINES {
        let house = House::new(engine);
        let act = app(&house, "app-1", &ALL);
        put(&house, &act, "Subscription", "s", order("Observation")).unwrap();
        let first = kept(&house, "s").unwrap();
        let version = house.record.set_subscription(house.now(), &first, Set::Active).unwrap();
        assert_eq!(version, Some(2));
        let active = kept(&house, "s").unwrap();
        assert_eq!((active.status.as_str(), active.subscriber.as_deref()), ("active", Some("app-1")));
        assert_eq!(house.record.set_subscription(house.now(), &first, Set::Off).unwrap(), None);
        house.record.set_subscription(house.now(), &active, Set::Error("nobody answers")).unwrap().unwrap();
        let failed = house.record.read(&act, "Subscription", "s").unwrap();
        let failed = fhir::json::parse(&failed.body, fhir::json::Limits::default()).unwrap();
        assert_eq!((&failed["status"], &failed["error"]), (&json!("error"), &json!("nobody answers")));
        let found = house.record.subscriptions(house.now(), 0, house.record.newest_seq().unwrap()).unwrap();
        assert_eq!(found.len(), 1);
        assert!(!found[0].is_on());
    }
}

#[test]
fn a_page_hears_of_changes_that_its_reader_may_see_and_of_no_others() {
    for engine in ENGINES {
        let house = House::new(engine);
        let operator = house.operator();
        for patient in ["p", "q"] {
            put(&house, &operator, "Patient", patient, json!({})).unwrap();
        }
        put(&house, &operator, "Practitioner", "bo", json!({})).unwrap();
        put(
            &house,
            &operator,
            "Encounter",
            "e",
            json!({"status": "in-progress", "class": {"code": "AMB"}, "subject": {"reference": "Patient/p"},
                "participant": [{"individual": {"reference": "Practitioner/bo"}}]}),
        )
        .unwrap();
        let (patient, doctor) = (house.patient("p"), house.staff("physician", &["Practitioner/bo"]));
        let stranger = house.staff("physician", &["Practitioner/other"]);
        let since = house.record.newest_seq().unwrap();
        let hears = |act: &Act, since| house.record.news(act, "p", since).unwrap();
        let news = |since| hears(&patient, since).is_news && hears(&doctor, since).is_news;
        put(&house, &operator, "Observation", "of-q", pulse("q", 60)).unwrap();
        let newest = house.record.newest_seq().unwrap();
        let nothing = Heard { is_news: false, until: newest };
        assert_eq!((hears(&patient, since), hears(&doctor, since)), (nothing, nothing));
        put(&house, &operator, "Observation", "of-p", pulse("p", 60)).unwrap();
        assert!(news(since) && news(newest));
        // What is kept back makes no noise.
        let since = house.record.newest_seq().unwrap();
        let mut hidden = pulse("p", 61);
        hidden["meta"] = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]});
        put(&house, &operator, "Observation", "hidden", hidden).unwrap();
        assert!(hears(&patient, since).is_news && !hears(&doctor, since).is_news);
        // A deletion is a change as well.
        let since = house.record.newest_seq().unwrap();
        let wish = Wish::Delete {
            resource_type: "Observation".into(),
            id: Some("of-p".into()),
            query: None,
            if_match: None,
        };
        house.record.commit(&operator, "delete", &[wish.into()]).unwrap();
        assert!(news(since));
        // Nobody hears of a record that does not open to them, whatever they say that they saw.
        let newest = house.record.newest_seq().unwrap();
        for since in [i64::MIN, 0, newest, i64::MAX] {
            for (act, of) in [(&stranger, "p"), (&patient, "nobody"), (&patient, "q"), (&doctor, "q")] {
                assert!(
                    matches!(house.record.news(act, of, since), Err(Error::NotFound)),
                    "{of} after {since}"
                );
            }
            let nothing = house.act("nobody", &[], None);
            assert!(matches!(house.record.news(&nothing, "p", since), Err(Error::Refused)));
        }
        assert!(!hears(&doctor, i64::MAX).is_news);
    }
}

#[test]
fn who_listens_to_a_type_hears_of_what_they_may_see_of_it() {
    for engine in ENGINES {
        let house = House::new(engine);
        let operator = house.operator();
        for patient in ["p", "q"] {
            put(&house, &operator, "Patient", patient, json!({})).unwrap();
        }
        let booking = |patient: &str, status: &str| {
            let (start, end) =
                (house.now().to_string(), (house.now() + jiff::Span::new().minutes(15)).to_string());
            let actor = json!({"reference": format!("Patient/{patient}")});
            let participant = json!([{"actor": actor, "status": "accepted"},
                {"actor": {"reference": "Practitioner/bo"}, "status": "accepted"}]);
            json!({"status": status, "start": start, "end": end, "participant": participant})
        };
        put(&house, &operator, "Practitioner", "bo", json!({})).unwrap();
        put(&house, &operator, "Appointment", "mine", booking("p", "booked")).unwrap();
        let doctor = house.staff("physician", &["Practitioner/bo"]);
        let stranger = house.staff("physician", &["Practitioner/other"]);
        let news = |act: &Act, since| house.record.news_of_type(act, "Appointment", since).unwrap().is_news;
        let since = house.record.newest_seq().unwrap();
        assert!(!news(&doctor, since));
        put(&house, &operator, "Observation", "o", pulse("p", 60)).unwrap();
        assert!(!news(&doctor, since), "another type");
        put(&house, &operator, "Appointment", "mine", booking("p", "arrived")).unwrap();
        assert!(news(&doctor, since) && !news(&stranger, since));
        assert!(!news(&doctor, house.record.newest_seq().unwrap()));
        let changed = house.record.changed(since, house.record.newest_seq().unwrap()).unwrap();
        let heard = ["Appointment", "Observation", "Patient"]
            .map(|name| changed.contains(&Record::mark_of_type(name)));
        assert_eq!(heard, [true, true, false]);
        assert!(changed.contains(&house.record.mark("p")) && !changed.contains(&house.record.mark("q")));
        let nothing = house.act("nobody", &[], None);
        assert!(matches!(house.record.news_of_type(&nothing, "Appointment", since), Err(Error::Refused)));
    }
}

#[test]
fn who_is_far_behind_is_told_to_look_and_nothing_is_gone_through() {
    for engine in ENGINES {
        let house = House::new(engine);
        let operator = house.operator();
        for patient in ["p", "q"] {
            put(&house, &operator, "Patient", patient, json!({})).unwrap();
        }
        let (patient, since) = (house.patient("p"), house.record.newest_seq().unwrap());
        let many: Vec<Change> = (0..2_001)
            .map(|_| {
                let mut resource = pulse("q", 60);
                resource["resourceType"] = "Observation".into();
                Wish::Create { resource, if_none_exist: None }.into()
            })
            .collect();
        house.record.commit(&operator, "import", &many[..2_000]).unwrap();
        let until = house.record.newest_seq().unwrap();
        assert_eq!(house.record.news(&patient, "p", since).unwrap(), Heard { is_news: false, until });
        house.record.commit(&operator, "import", &many[2_000..]).unwrap();
        assert!(house.record.news(&patient, "p", since).unwrap().is_news);
        assert!(!house.record.news(&patient, "p", until).unwrap().is_news);
    }
}
