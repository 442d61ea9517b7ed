//! Many people at the same moment, over real connections.

use crate::house::{Person, Served};
use serde_json::Value;
use std::collections::HashSet;
use testkit::house::ENGINES;

const PEOPLE: usize = 200;

/// Everybody saves their own name and their own chart's entry at once: each row is its owner's, and the log is whole.
#[test]
fn x6_two_hundred_people_who_save_at_once_over_http_each_save_their_own() {
    for engine in ENGINES {
        let served = Served::open(engine);
        served.admin();
        let people: Vec<Person> =
            (0..PEOPLE).map(|n| served.arrives(&format!("person-{n}@example.org"))).collect();
        let tokens: Vec<String> = (0..PEOPLE)
            .map(|n| {
                let id = format!("p{n}");
                served.put(&serde_json::json!({"resourceType": "Patient", "id": id}));
                served.token_of(&id, "patient/*.cruds")
            })
            .collect();
        std::thread::scope(|scope| {
            for (n, (person, token)) in people.iter().zip(&tokens).enumerate() {
                let served = &served;
                scope.spawn(move || {
                    let page = served.page("/patient/account", &person.cookie).is(200);
                    let form = page.between("name=\"token\" value=\"", "\"");
                    let name = format!("Person {n}");
                    let fields = [("token", form.as_str()), ("name", name.as_str())];
                    served.answer("/patient/account/name", &person.cookie, &fields).is(303);
                    let bearer = format!("Bearer {token}");
                    let headers = [("authorization", bearer.as_str()), ("content-type", "application/fhir+json")];
                    let body = serde_json::json!({"resourceType": "Observation", "status": "final", "code": {"text": name},
                        "subject": {"reference": format!("Patient/p{n}")}});
                    served.send("POST", "/fhir/R4/Observation", &headers, &body.to_string()).is(201);
                });
            }
        });
        let mut ids = HashSet::new();
        for (n, (person, token)) in people.iter().zip(&tokens).enumerate() {
            let who = served.who(person);
            assert_eq!(who.account.name, format!("Person {n}"));
            assert_eq!(who.account.identifiers[0].text(), format!("person-{n}@example.org"));
            let own: Value = served.fhir(token, "Observation?_count=50").is(200).json();
            assert_eq!(
                (&own["total"], &own["entry"][0]["resource"]["code"]["text"]),
                (&1.into(), &format!("Person {n}").into())
            );
            ids.insert(own["entry"][0]["resource"]["id"].as_str().unwrap().to_owned());
        }
        assert_eq!(ids.len(), PEOPLE);
        served.log();
    }
}
