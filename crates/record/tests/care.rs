//! What a nurse, a physician, a front desk and a researcher meet: relationships, consents, labels, masks, an emergency, and why.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use access::{
    act::{Act, Glass, Purpose},
    consent::Effect,
};
use record::{
    change::{Change, DoneKind, Wish},
    error::Error,
    everything::EverythingRequest,
    explain::{Difference, Explanation, View},
    search::{Page, SearchRequest},
};
use serde_json::{Value, json};
use testkit::house::{ENGINES, House};

fn wish(mut resource: Value, kind: &str, id: &str) -> Change {
    resource["resourceType"] = kind.into();
    resource["id"] = id.into();
    Wish::Update {
        resource_type: kind.into(),
        id: Some(id.into()),
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    }
    .into()
}

fn put(house: &House, act: &Act, kind: &str, id: &str, resource: Value) -> Result<(), Error> {
    house.record.commit(act, "update", &[wish(resource, kind, id)]).map(|_| ())
}

fn search(house: &House, act: &Act, kind: &str, query: &str) -> Result<Page, Error> {
    let request =
        SearchRequest { resource_type: kind.into(), query: query.into(), lenient: false, compartment: None };
    house.record.search(act, &request)
}

fn seen(house: &House, act: &Act, kind: &str, query: &str) -> Vec<String> {
    search(house, act, kind, query).unwrap().entries.into_iter().map(|entry| entry.id).collect()
}

fn encounter(patient: &str) -> Value {
    json!({"status": "in-progress", "class": {"code": "AMB"}, "subject": {"reference": format!("Patient/{patient}")},
        "participant": [{"individual": {"reference": "Practitioner/bo"}}], "serviceProvider": {"reference": "Organization/north"}})
}

fn consent(provision: Value) -> Value {
    json!({"status": "active", "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "t"}],
        "policyRule": {"text": "t"}, "patient": {"reference": "Patient/p"}, "provision": provision})
}

fn observation(label: Option<&str>) -> Value {
    let mut observation =
        json!({"status": "final", "code": {"text": "t"}, "subject": {"reference": "Patient/p"}});
    if let Some(code) = label {
        observation["meta"] = json!({"security": [{"code": code}]});
    }
    observation
}

/// A patient with an open encounter, a plain and a sensitive observation.
fn furnished(house: &House) {
    let patient = json!({"name": [{"family": "Testri"}], "birthDate": "1980-05-04",
        "identifier": [{"system": "urn:mrn", "value": "ABC1234567"}]});
    for (kind, id, resource) in [
        ("Practitioner", "bo", json!({"name": [{"family": "Testdoc"}]})),
        ("Organization", "north", json!({"name": "Test North"})),
        ("Patient", "p", patient),
        ("Observation", "plain", observation(None)),
        ("Observation", "quiet", observation(Some("PSY"))),
        ("Encounter", "e", encounter("p")),
    ] {
        put(house, &house.operator(), kind, id, resource).unwrap();
    }
}

fn physician(house: &House) -> Act {
    house.staff("physician", &["Practitioner/bo"])
}

#[test]
fn d12_x10_an_id_opens_nothing_without_a_relationship() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let stranger = house.staff("physician", &["Practitioner/other"]);
        assert!(matches!(house.record.read(&stranger, "Patient", "p"), Err(Error::NotFound)));
        assert_eq!(seen(&house, &stranger, "Patient", "identifier=ABC1234567&_total=accurate"), [""; 0]);
        assert_eq!(seen(&house, &physician(&house), "Observation", "patient=p"), ["plain"]);
        assert!(house.record.read(&physician(&house), "Organization", "north").is_ok());
        assert!(house.record.read(&house.staff("administrator", &[]), "Organization", "north").is_ok());
        assert!(matches!(
            house.record.read(&house.staff("administrator", &[]), "Patient", "p"),
            Err(Error::Refused)
        ));
    }
}

#[test]
fn d12_registration_is_for_the_front_desk_and_opens_no_chart() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let registered = json!({"managingOrganization": {"reference": "Organization/south"}});
        put(&house, &house.operator(), "Patient", "p", registered).unwrap();
        let known_as = ["Practitioner/fay", "Organization/south"];
        assert!(house.record.read(&house.staff("front-desk", &known_as), "Patient", "p").is_ok());
        for role in ["nurse", "pharmacist", "laboratory", "physician"] {
            let read = house.record.read(&house.staff(role, &known_as), "Patient", "p");
            assert!(matches!(read, Err(Error::NotFound)), "{role}");
        }
        assert_eq!(house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
    }
}

#[test]
fn e1_what_is_restricted_is_counted_and_not_named() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let issues = search(&house, &physician(&house), "Observation", "patient=p").unwrap().issues;
        assert_eq!(issues.len(), 1);
        assert!(issues[0].diagnostics.starts_with("1 more are restricted"), "{issues:?}");
        // Nobody finds out what it is by asking for it.
        for query in ["patient=p&_security=PSY", "patient=p&code:missing=false", "_id=quiet"] {
            let page = search(&house, &physician(&house), "Observation", query).unwrap();
            assert!(
                page.issues.is_empty() && page.entries.iter().all(|entry| entry.id != "quiet"),
                "{query}"
            );
        }
        let stranger = house.staff("physician", &["Practitioner/other"]);
        assert!(search(&house, &stranger, "Observation", "patient=p").unwrap().issues.is_empty());
    }
}

#[test]
fn e1_a_consent_counts_from_the_next_request_on_and_ends_with_its_revocation() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (operator, bo) = (house.operator(), physician(&house));
        let permit = consent(json!({"type": "permit", "securityLabel": [{"code": "PSY"}],
            "actor": [{"role": {"text": "t"}, "reference": {"reference": "Practitioner/bo"}}]}));
        put(&house, &operator, "Consent", "c", permit).unwrap();
        assert_eq!(seen(&house, &bo, "Observation", "patient=p"), ["plain", "quiet"]);
        put(
            &house,
            &operator,
            "Consent",
            "c",
            consent(json!({"type": "deny", "class": [{"code": "Observation"}]})),
        )
        .unwrap();
        assert_eq!(seen(&house, &bo, "Observation", "patient=p"), [""; 0]);
        assert!(matches!(house.record.vread(&bo, "Observation", "plain", 1), Err(Error::NotFound)));
        assert!(house.record.read(&bo, "Patient", "p").is_ok());
        let revoke = Wish::Delete {
            resource_type: "Consent".into(),
            id: Some("c".into()),
            query: None,
            if_match: None,
        };
        house.record.commit(&operator, "delete", &[revoke.into()]).unwrap();
        assert_eq!(seen(&house, &bo, "Observation", "patient=p"), ["plain"]);
    }
}

#[test]
fn a_consent_that_contradicts_itself_or_another_denies() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (operator, bo) = (house.operator(), physician(&house));
        let about = |kind: &str| json!({"type": kind, "class": [{"code": "Observation"}]});
        let to_bo = |kind: &str| {
            let mut provision = about(kind);
            provision["actor"] =
                json!([{"role": {"text": "t"}, "reference": {"reference": "Practitioner/bo"}}]);
            provision
        };
        let mut both = json!({"type": "permit"});
        both["provision"] = json!([to_bo("permit"), to_bo("deny")]);
        // Two of one patient, in either order, the narrower one on either side; and one that says both of the same.
        for (first, second) in [
            (about("permit"), about("deny")),
            (about("deny"), about("permit")),
            (to_bo("permit"), about("deny")),
            (to_bo("deny"), about("permit")),
            (about("permit"), both),
        ] {
            put(&house, &operator, "Consent", "c1", consent(first)).unwrap();
            put(&house, &operator, "Consent", "c2", consent(second)).unwrap();
            assert_eq!(seen(&house, &bo, "Observation", "patient=p"), [""; 0]);
            assert!(house.record.read(&bo, "Patient", "p").is_ok(), "what nobody denied stays open");
            assert!(put(&house, &bo, "Observation", "new", observation(None)).is_err());
        }
    }
}

#[test]
fn a_consent_that_cannot_be_kept_to_is_not_taken() {
    let house = House::new(ENGINES[0]);
    furnished(&house);
    let codes =
        |name: &str| Value::from((0..40).map(|n| json!({"code": format!("{name}{n}")})).collect::<Vec<_>>());
    let wide = consent(json!({"type": "deny", "purpose": codes("P"), "securityLabel": codes("L")}));
    let Err(Error::Invalid(issues)) = put(&house, &house.operator(), "Consent", "c", wide) else {
        panic!("it was taken")
    };
    assert_eq!(issues[0].expression.as_deref(), Some("Consent.provision"));
}

#[test]
fn broken_glass_opens_one_record_for_its_time() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        put(&house, &house.operator(), "Consent", "c", consent(json!({"type": "deny"}))).unwrap();
        let mut act = house.staff("physician", &["Practitioner/other"]);
        let until = act.at.checked_add(jiff::SignedDuration::from_hours(4)).unwrap();
        act.actor.standing.as_mut().unwrap().glass = Some(Glass { patient: "p".into(), until });
        act.purpose = Purpose::Etreat;
        assert_eq!(seen(&house, &act, "Observation", "patient=p"), ["plain", "quiet"]);
        put(&house, &act, "Observation", "new", observation(None)).unwrap();
        let late = Act { at: until.checked_add(jiff::SignedDuration::from_secs(1)).unwrap(), ..act };
        assert_eq!(seen(&house, &late, "Observation", "patient=p"), [""; 0]);
        assert!(matches!(put(&house, &late, "Observation", "new", observation(None)), Err(Error::Refused)));
    }
}

#[test]
fn staff_write_into_records_that_are_open_to_them_and_no_others() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (bo, stranger) = (physician(&house), house.staff("physician", &["Practitioner/other"]));
        put(&house, &bo, "Observation", "o1", observation(None)).unwrap();
        for (kind, id, resource) in [
            ("Observation", "o2", observation(None)),
            ("Observation", "plain", observation(None)),
            // Nobody lets themselves in.
            ("Encounter", "e2", encounter("p")),
        ] {
            let refused = put(&house, &stranger, kind, id, resource);
            assert!(matches!(refused, Err(Error::Refused)), "{kind}/{id}: {refused:?}");
        }
        // What is hidden from them they cannot overwrite either, nor move a record to somebody else.
        assert!(matches!(put(&house, &bo, "Observation", "quiet", observation(None)), Err(Error::Refused)));
        put(&house, &house.operator(), "Patient", "q", json!({})).unwrap();
        let mut moved = observation(None);
        moved["subject"]["reference"] = "Patient/q".into();
        assert!(matches!(put(&house, &bo, "Observation", "plain", moved), Err(Error::Refused)));
    }
}

#[test]
fn a_front_desk_registers_a_patient_with_the_first_encounter_and_sees_them_masked() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let desk = house.staff("front-desk", &["Practitioner/fay", "Organization/north"]);
        let patient = json!({"resourceType": "Patient", "name": [{"family": "Testham"}], "birthDate": "1990-07-08",
            "telecom": [{"system": "phone", "value": "5550001234"}], "identifier": [{"value": "NEW7654321"}]});
        let mut encounter = encounter("p");
        encounter["resourceType"] = "Encounter".into();
        encounter["subject"]["reference"] = "urn:uuid:6f0c3c1e-0000-4000-8000-000000000001".into();
        let create = |resource: Value| Wish::Create { resource, if_none_exist: None };
        let mut registration: Change = create(patient).into();
        registration.full_url = Some("urn:uuid:6f0c3c1e-0000-4000-8000-000000000001".into());
        let done =
            house.record.commit(&desk, "transaction", &[registration, create(encounter).into()]).unwrap();
        assert!(done.iter().all(|done| done.kind == DoneKind::Created));
        let id = done[0].id.clone();
        let read = |shown: Result<record::read::Shown, Error>| -> Value {
            serde_json::from_slice(&shown.unwrap().body).unwrap()
        };
        // F10: masked in what the commit gives back, in a read, a search and the past; revealed by a look of its own.
        for masked in [
            serde_json::from_slice(&done[0].body).unwrap(),
            read(house.record.read(&desk, "Patient", &id)),
            serde_json::from_slice(
                &search(&house, &desk, "Patient", &format!("_id={id}")).unwrap().entries[0].body,
            )
            .unwrap(),
        ] {
            let masked: Value = masked;
            assert_eq!(masked["identifier"][0]["value"], "XXXXXX4321");
            assert_eq!(
                (&masked["telecom"][0]["value"], &masked["birthDate"]),
                (&json!("XXXXXXXX34"), &json!("1990"))
            );
            assert_eq!(masked["meta"]["tag"][0]["code"], "SUBSETTED");
        }
        assert_eq!(read(house.record.reveal(&desk, "Patient", &id))["birthDate"], "1990-07-08");
        // What is seen masked is not stored back.
        let related = json!({"patient": {"reference": format!("Patient/{id}")}});
        let refused = put(&house, &desk, "RelatedPerson", "r", related);
        assert!(matches!(refused, Err(Error::Unprocessable(_))), "{refused:?}");
        // A researcher whom the patient let in sees less still, and never the rest.
        let permit = json!({"status": "active", "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "t"}],
            "policyRule": {"text": "t"}, "patient": {"reference": format!("Patient/{id}")},
            "provision": {"type": "permit", "purpose": [{"code": "HRESCH"}]}});
        put(&house, &house.operator(), "Consent", "c", permit).unwrap();
        let researcher = house.staff("researcher", &["Practitioner/ray"]);
        assert!(read(house.record.read(&researcher, "Patient", &id)).get("name").is_none());
        assert!(matches!(house.record.reveal(&researcher, "Patient", &id), Err(Error::Refused)));
        assert!(
            matches!(house.record.read(&researcher, "Patient", "p"), Err(Error::NotFound)),
            "only by consent"
        );
    }
}

fn shown(explanation: &Explanation, kind: &str) -> (i64, i64) {
    let sight = explanation.sights.iter().find(|sight| sight.resource_type == kind).unwrap();
    (sight.shown, sight.all)
}

fn view<'a>(subject: &'a access::act::Act, consent: Option<&'a Value>) -> View<'a> {
    View { subject, consent }
}

#[test]
fn access_explains_itself_also_for_a_consent_that_is_only_being_considered() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (asha, bo) = (house.patient("p"), physician(&house));
        let now = house.record.explain(&asha, "p", view(&bo, None)).unwrap();
        assert_eq!((shown(&now, "Observation"), shown(&now, "Patient")), ((1, 2), (1, 1)));
        assert_eq!(now.reasons.len(), 1);
        assert_eq!((now.reasons[0].source.as_deref(), now.reasons[0].effect), (Some("Encounter/e"), None));

        let mut deny = consent(json!({"type": "deny", "class": [{"code": "Observation"}]}));
        (deny["resourceType"], deny["id"]) = ("Consent".into(), "c".into());
        let then = house.record.explain(&asha, "p", view(&bo, Some(&deny))).unwrap();
        assert_eq!((shown(&then, "Observation"), shown(&then, "Encounter")), ((0, 2), (1, 1)));
        assert_eq!((then.reasons[0].source.as_deref(), then.reasons[0].effect), (None, Some(Effect::Deny)));
        assert_eq!(seen(&house, &bo, "Observation", "patient=p"), ["plain"], "considering changes nothing");

        // Stored, it does what was told; and withdrawing it is considered in its place.
        put(&house, &house.operator(), "Consent", "c", deny.clone()).unwrap();
        assert_eq!(shown(&house.record.explain(&asha, "p", view(&bo, None)).unwrap(), "Observation"), (0, 2));
        deny["status"] = "inactive".into();
        let without = house.record.explain(&asha, "p", view(&bo, Some(&deny))).unwrap();
        assert_eq!(shown(&without, "Observation"), (1, 2));

        let nobody =
            house.record.explain(&asha, "p", view(&house.staff("administrator", &[]), None)).unwrap();
        assert!(nobody.sights.iter().all(|sight| sight.shown == 0));
        for asker in [&bo, &house.patient("q")] {
            assert!(matches!(house.record.explain(asker, "p", view(&bo, None)), Err(Error::Refused)));
        }
        assert!(house.record.explain(&house.staff("privacy-officer", &[]), "p", view(&bo, None)).is_ok());
        assert!(matches!(
            house.record.explain(&house.operator(), "none", view(&bo, None)),
            Err(Error::NotFound)
        ));
        // Who may not know is not told either whether there is such a patient.
        for asker in [&bo, &asha, &house.patient("none")] {
            let refused = house.record.explain(asker, "nobody", view(&bo, None));
            assert!(matches!(refused, Err(Error::Refused)));
        }
        assert_eq!(house.record.verify(None, true, &mut |_| {}).unwrap().faults, []);
    }
}

/// E1, A9: what a Consent or a role would change, row by row, before either is saved.
#[test]
fn what_a_consent_or_a_role_would_change_is_told_before_it_is_saved() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (asha, bo) = (house.patient("p"), physician(&house));
        let difference =
            |kind: &str, gained: i64, lost: i64| Difference { resource_type: kind.into(), gained, lost };

        // One Observation for the other: the count stays, and both moves are told.
        let mut swap = consent(json!({"type": "deny", "data":
            [{"meaning": "instance", "reference": {"reference": "Observation/plain"}}]}));
        (swap["resourceType"], swap["id"]) = ("Consent".into(), "c".into());
        let told = house.record.compare(&asha, "p", view(&bo, None), view(&bo, Some(&swap))).unwrap();
        assert_eq!(told.differences, [difference("Observation", 0, 1)]);
        assert_eq!((shown(&told.now, "Observation"), shown(&told.then, "Observation")), ((1, 2), (0, 2)));

        let mut other = bo.clone();
        other.actor.standing.as_mut().unwrap().labels = vec!["PSY".into()];
        other.actor.scopes.retain(|scope| scope.to_string() != "user/*.rs");
        other.actor.scopes.push("user/Observation.rs".parse().unwrap());
        let told = house.record.compare(&asha, "p", view(&bo, None), view(&other, Some(&swap))).unwrap();
        let of = |kind: &str| told.differences.iter().find(|d| d.resource_type == kind).cloned();
        assert_eq!(of("Observation"), Some(difference("Observation", 1, 1)), "{:?}", told.differences);
        assert_eq!(of("Encounter"), Some(difference("Encounter", 0, 1)));
        assert_eq!(shown(&told.then, "Observation"), (1, 2), "as many as before, and others");

        // Somebody else's Consent says nothing here, and neither does what could not be stored.
        let mut elsewhere = swap.clone();
        elsewhere["patient"]["reference"] = "Patient/q".into();
        let told = house.record.explain(&asha, "p", view(&bo, Some(&elsewhere)));
        assert!(matches!(told, Err(Error::Invalid(_))));
        swap["status"] = "perhaps".into();
        let told = house.record.explain(&asha, "p", view(&bo, Some(&swap)));
        assert!(matches!(told, Err(Error::Unprocessable(_))));

        // A proxy from whom something is hidden would learn of it by the counts.
        let mut proxy = asha.clone();
        proxy.actor.standing =
            Some(access::act::Standing { hides: vec!["PSY".into()], ..access::act::Standing::default() });
        assert!(matches!(house.record.explain(&proxy, "p", view(&bo, None)), Err(Error::Refused)));
    }
}

#[test]
fn a_whole_record_is_one_look_as_far_as_it_is_open_and_says_how_much_is_kept_back() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let request = EverythingRequest { patient: "p", types: &[], since: None, operation: "everything" };
        let size = || {
            let note = String::from_utf8(house.record.store().checkpoint().unwrap()).unwrap();
            note.lines().nth(1).unwrap().parse::<u64>().unwrap()
        };
        let (act, before) = (physician(&house), size());
        let seen = house.record.everything(&act, &request).unwrap();
        assert_eq!(size(), before + 1);
        let names: Vec<String> =
            seen.entries.iter().map(|entry| format!("{}/{}", entry.resource_type, entry.id)).collect();
        assert_eq!(names[0], "Patient/p");
        for there in ["Encounter/e", "Observation/plain", "Practitioner/bo", "Organization/north"] {
            assert!(names.iter().any(|name| name == there), "{there} in {names:?}");
        }
        assert!(!names.iter().any(|name| name == "Observation/quiet"));
        assert_eq!((seen.restricted, seen.cut.len()), (1, 0));
        assert_eq!(seen.partly, ["Observation"]);
        assert!(!seen.beyond.iter().any(|kind| ["Encounter", "Observation"].contains(&kind.as_str())));
        let kinds = ["Encounter".to_owned()];
        let only = EverythingRequest { types: &kinds, ..request.clone() };
        let kinds = house.record.everything(&act, &only).unwrap().entries;
        assert!(kinds.iter().all(|entry| entry.resource_type != "Observation"));
        // E1: what a label hides comes with a consent, and goes with it at the next look.
        let all = || house.record.everything(&act, &request).unwrap().entries;
        let quiet = || all().iter().any(|entry| entry.id == "quiet");
        let mut told = consent(json!({"type": "permit", "securityLabel": [{"code": "PSY"}],
            "actor": [{"role": {"text": "t"}, "reference": {"reference": "Practitioner/bo"}}]}));
        put(&house, &house.operator(), "Consent", "told", told.clone()).unwrap();
        assert!(quiet());
        told["status"] = "inactive".into();
        put(&house, &house.operator(), "Consent", "told", told).unwrap();
        assert!(!quiet());
        let nobody = EverythingRequest { patient: "nobody", ..request.clone() };
        assert!(matches!(house.record.everything(&act, &nobody), Err(Error::NotFound)));
    }
}
