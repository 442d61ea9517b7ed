use super::{alike::likeness, *};
use record::find::Sight;
use record::search::SearchRequest;
use testkit::house::{ENGINES, House};

fn today() -> Date {
    "2026-06-01".parse().unwrap()
}

fn phone(typed: &str) -> Option<String> {
    (typed.len() >= 10).then(|| format!("+91{}", &typed[typed.len() - 10..]))
}

fn typed(fields: &[(&str, &str)]) -> Result<Newcomer, Faults> {
    let mut all = vec![("gender".to_owned(), "female".to_owned())];
    all.splice(0..0, fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    check(&all, today(), &phone)
}

#[test]
fn one_name_is_enough_and_another_script_stands_beside_it() {
    let patient = typed(&[("given", "Lakshmi"), ("name_other", "లక్ష్మి"), ("birth_date", "1990-05")]).unwrap();
    let patient = patient.resource("o", &[("urn:n", "Record number", "123")]);
    assert_eq!(
        patient["name"],
        json!([{"use": "official", "text": "Lakshmi", "given": ["Lakshmi"]}, {"use": "usual", "text": "లక్ష్మి"}])
    );
    assert_eq!(patient["birthDate"], "1990-05");
    assert_eq!(patient["managingOrganization"]["reference"], "Organization/o");
    assert_eq!(patient["identifier"][0]["value"], "123");
    let family = typed(&[("family", "Rao"), ("birth_unknown", "yes")]).unwrap().resource("o", &[]);
    assert_eq!(family["name"], json!([{"use": "official", "text": "Rao", "family": "Rao"}]));
    assert_eq!(family["_birthDate"]["extension"][0]["valueCode"], "asked-unknown");
    assert!(family.get("birthDate").is_none());
}

#[test]
fn an_age_is_a_year_that_says_it_is_estimated() {
    let patient = typed(&[("given", "Ram"), ("age", "60")]).unwrap().resource("o", &[]);
    assert_eq!(patient["birthDate"], "1966");
    assert_eq!(patient["_birthDate"]["extension"][0], json!({"url": ESTIMATED, "valueBoolean": true}));
}

#[test]
fn everything_bad_is_told_at_its_field() {
    for (fields, fault) in [
        (vec![("age", "5")], ("given", Fault::Name)),
        (vec![("given", "12"), ("age", "5")], ("given", Fault::Letters)),
        (vec![("given", "A")], ("birth_date", Fault::Born)),
        (vec![("given", "A"), ("age", "5"), ("birth_date", "1990")], ("birth_date", Fault::Both)),
        (vec![("given", "A"), ("age", "131")], ("age", Fault::Age)),
        (vec![("given", "A"), ("birth_date", "1990-13")], ("birth_date", Fault::Date)),
        (vec![("given", "A"), ("birth_date", "1990-02-30")], ("birth_date", Fault::Date)),
        (vec![("given", "A"), ("birth_date", "31.5.1990")], ("birth_date", Fault::Date)),
        (vec![("given", "A"), ("birth_date", "2026-06-02")], ("birth_date", Fault::Future)),
        (vec![("given", "A"), ("age", "5"), ("gender", "x")], ("gender", Fault::Choice)),
        (vec![("given", "A"), ("age", "5"), ("phone", "12")], ("phone", Fault::Phone)),
        (vec![("given", "A"), ("age", "5"), ("language", "xx")], ("language", Fault::Choice)),
    ] {
        assert_eq!(typed(&fields).unwrap_err(), [fault], "{fields:?}");
    }
    let long = "a".repeat(121);
    assert_eq!(typed(&[("given", &long), ("age", "5")]).unwrap_err(), [("given", Fault::Long)]);
}

fn known() -> Value {
    json!({"resourceType": "Patient", "name": [{"given": ["Lakshmi"], "family": "Rao"}], "gender": "female", "birthDate": "1990-05-31",
        "telecom": [{"system": "phone", "value": "098765 43210"}], "identifier": [{"value": "OLD-7"}]})
}

#[test]
fn who_may_be_the_same_is_told_by_plain_rules() {
    for (fields, is_likely) in [
        (vec![("given", "Laxmi"), ("family", "Rao"), ("birth_date", "1990-05-31")], true),
        (vec![("given", "లక్ష్మి"), ("birth_date", "1990-05-31")], true),
        (vec![("given", "Lakshmi"), ("family", "Rao"), ("birth_date", "1990-05-30")], true),
        (vec![("given", "Lakshmi"), ("family", "Rao"), ("birth_date", "1980-05-31")], true),
        (vec![("given", "Lakshmi"), ("family", "Rao"), ("birth_date", "1990")], true),
        (vec![("given", "Lakshmi"), ("family", "Rao"), ("age", "37")], true),
        (vec![("given", "Sita"), ("age", "5"), ("phone", "9876543210")], true),
        (vec![("given", "Sita"), ("age", "5"), ("identifier", "OLD-7")], true),
        (vec![("given", "Lakshmi"), ("family", "Rao"), ("birth_date", "1991-06-30")], false),
        (vec![("given", "Lakshmi"), ("family", "Rao"), ("birth_unknown", "yes")], false),
        (vec![("given", "Sita"), ("family", "Rao"), ("birth_date", "1990-05-30")], false),
        (vec![("given", "Sita"), ("birth_date", "1990-05-31")], false),
        (vec![("given", "Lakshmi"), ("family", "Rao"), ("birth_date", "1990"), ("gender", "male")], false),
    ] {
        let newcomer = typed(&fields).unwrap();
        assert_eq!(likeness(&newcomer, &known()).is_some(), is_likely, "{fields:?}");
    }
    let swapped = typed(&[("given", "Lakshmi"), ("birth_date", "1990-05-04")]).unwrap();
    let mut other = known();
    other["birthDate"] = json!("1990-04-05");
    assert_eq!(likeness(&swapped, &other), Some(3));
}

#[test]
fn a_likely_duplicate_is_told_by_initials_and_a_patient_is_stored_once() {
    for engine in ENGINES {
        let house = House::new(engine);
        let put = |id: &str, mut value: Value| {
            value["id"] = json!(id);
            let wish = Wish::Update {
                resource_type: "Patient".into(),
                id: Some(id.into()),
                query: None,
                resource: value,
                if_match: None,
                if_none_match: false,
            };
            house.record.commit(&house.operator(), "update", &[wish.into()]).unwrap();
        };
        put("known", known());
        let clerk = house.staff("front-desk", &["Practitioner/d", "Organization/o"]);
        let nurse = house.staff("nurse", &["Organization/o"]);
        assert_eq!(place(&clerk, Some("o".into())), Ok("o".into()));
        assert_eq!(place(&nurse, Some("o".into())), Err(Obstacle::Role));
        assert_eq!(place(&clerk, None), Err(Obstacle::NoOrganization));
        let alike = |newcomer: &Newcomer| -> Vec<Sight> {
            let fits = |value: &Value| likeness(newcomer, value);
            house.record.alike(&clerk, &alike::queries(newcomer), &fits).unwrap()
        };
        for fields in [
            vec![("given", "Laxmi"), ("birth_date", "1990-05-31")],
            vec![("given", "లక్ష్మి"), ("family", "రావు"), ("birth_date", "1980-05-31")],
            vec![("given", "Lakshmi"), ("age", "35")],
            vec![("given", "Sita"), ("age", "3"), ("identifier", "OLD-7")],
        ] {
            let found = alike(&typed(&fields).unwrap());
            assert_eq!(found.len(), 1, "{engine:?} {fields:?}");
            assert_eq!(
                (found[0].initials.as_str(), found[0].born.as_str(), found[0].open),
                ("L.R.", "1990", false)
            );
        }
        assert!(alike(&typed(&[("given", "Sita"), ("birth_date", "1990-05-31")]).unwrap()).is_empty());
        let newcomer = typed(&[("given", "Sita"), ("age", "3")]).unwrap();
        let number = ("urn:n", "Record number", "123");
        let patient = newcomer.resource("o", &[number]);
        let id = store(&house.record, &clerk, &patient, number).unwrap();
        assert_eq!(store(&house.record, &clerk, &patient, number).unwrap(), id, "{engine:?}: once");
        let request = SearchRequest {
            resource_type: "Patient".into(),
            query: "phonetic=seetha".into(),
            lenient: false,
            compartment: None,
        };
        let seen = house.record.search(&clerk, &request).unwrap();
        assert_eq!(seen.entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    }
}
