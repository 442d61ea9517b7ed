//! The file of a document (D4): who reads the document downloads its file, and a document that names somebody else's file opens nothing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use access::act::Act;
use base64::{Engine, engine::general_purpose::STANDARD};
use record::{attachment::Attachment, change::Wish, error::Error};
use serde_json::{Value, json};
use store::erase::Root;
use testkit::house::{ENGINES, House};
use vault::provider::KeyFile;

fn put(house: &House, act: &Act, kind: &str, id: &str, mut resource: Value) {
    (resource["resourceType"], resource["id"]) = (kind.into(), id.into());
    let (resource_type, id) = (kind.to_owned(), Some(id.to_owned()));
    let wish =
        Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
    house.record.commit(act, "update", &[wish.into()]).unwrap();
}

fn document(patient: &str, binary: &str, label: Option<&str>) -> Value {
    let mut document = json!({"status": "current", "subject": {"reference": format!("Patient/{patient}")},
        "content": [{"attachment": {"contentType": "application/pdf", "title": "Letter", "url": format!("Binary/{binary}")}}]});
    if let Some(code) = label {
        document["meta"] = json!({"security": [{"code": code}]});
    }
    document
}

/// Two patients in the care of `Practitioner/bo`, each with a letter and a sensitive one; and a Binary that says of nobody that it is theirs.
fn furnished(house: &House) {
    let operator = house.operator();
    put(house, &operator, "Practitioner", "bo", json!({}));
    for patient in ["p", "q"] {
        let whose = json!({"reference": format!("Patient/{patient}")});
        put(house, &operator, "Patient", patient, json!({"name": [{"family": "Testri"}]}));
        put(
            house,
            &operator,
            "Encounter",
            patient,
            json!({"status": "in-progress", "class": {"code": "AMB"}, "subject": whose,
            "participant": [{"individual": {"reference": "Practitioner/bo"}}]}),
        );
        for (kind, label) in [("plain", None), ("quiet", Some("PSY"))] {
            let name = format!("{kind}-{patient}");
            let data = STANDARD.encode(name.as_bytes());
            let binary = json!({"contentType": "application/pdf", "securityContext": whose, "data": data});
            put(house, &operator, "Binary", &format!("b-{name}"), binary);
            put(house, &operator, "DocumentReference", &name, document(patient, &format!("b-{name}"), label));
        }
    }
    put(house, &operator, "Binary", "nobodys", json!({"contentType": "text/plain", "data": "QQ=="}));
}

fn open(house: &House, act: &Act, patient: &str, id: &str) -> Result<Attachment, Error> {
    house.record.attachment(act, patient, id)
}

#[track_caller]
fn closed(house: &House, act: &Act, patient: &str, id: &str) {
    let outcome = open(house, act, patient, id);
    assert!(matches!(outcome, Err(Error::NotFound)), "{id}: {outcome:?}");
}

fn writer(house: &House, patient: &str) -> Act {
    house.act("patient", &["patient/*.rs", "patient/DocumentReference.cu"], Some(patient))
}

#[test]
fn d4_who_reads_a_document_downloads_its_file_and_nobody_else_does() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (bo, stranger) =
            (house.staff("physician", &["Practitioner/bo"]), house.staff("physician", &["Practitioner/x"]));
        for act in [&bo, &house.patient("p")] {
            let file = open(&house, act, "p", "plain-p").unwrap();
            assert_eq!(
                (file.bytes.as_slice(), file.content_type.as_str()),
                (&b"plain-p"[..], "application/pdf")
            );
            assert_eq!(file.title, "Letter");
        }
        assert_eq!(open(&house, &house.patient("p"), "p", "quiet-p").unwrap().bytes, b"quiet-p");
        closed(&house, &bo, "p", "quiet-p");
        closed(&house, &stranger, "p", "plain-p");
        closed(&house, &house.patient("q"), "p", "plain-p");
        // A document of one patient does not open in another's chart.
        closed(&house, &bo, "q", "plain-p");
        let administrator = house.staff("administrator", &[]);
        assert!(matches!(open(&house, &administrator, "p", "plain-p"), Err(Error::Refused)));
        let data = json!({"status": "current", "subject": {"reference": "Patient/p"},
            "content": [{"attachment": {"contentType": "text/plain", "data": STANDARD.encode(b"inside")}}]});
        put(&house, &house.operator(), "DocumentReference", "inline", data);
        assert_eq!(open(&house, &bo, "p", "inline").unwrap().bytes, b"inside");
    }
}

#[test]
fn e2_what_may_be_looked_at_alone_does_not_leave_the_house() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        put(&house, &house.operator(), "Practitioner", "x", json!({}));
        let dr_x = house.staff("physician", &["Practitioner/x"]);
        let page = Act { looks: true, ..dr_x.clone() };
        let consent = |action: &[&str], kind: &str, who: &str| {
            let actions: Vec<Value> = action.iter().map(|code| json!({"coding": [{"code": code}]})).collect();
            let actor =
                json!([{"role": {"text": "t"}, "reference": {"reference": format!("Practitioner/{who}")}}]);
            json!({"status": "active", "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "t"}],
                "policyRule": {"text": "t"}, "patient": {"reference": "Patient/p"},
                "provision": {"type": kind, "action": actions, "actor": actor}})
        };
        let see = |act: &Act| house.record.read(act, "DocumentReference", "plain-p").is_ok();
        put(&house, &house.operator(), "Consent", "c", consent(&["access"], "permit", "x"));
        let shown = open(&house, &page, "p", "plain-p").unwrap();
        assert_eq!((shown.bytes.as_slice(), shown.may_leave), (&b"plain-p"[..], false), "{engine:?}");
        // Neither a download nor an app of theirs, which takes along what it reads, and nothing is written.
        assert!(matches!(open(&house, &dr_x, "p", "plain-p"), Err(Error::Refused)), "{engine:?}");
        assert!(see(&page) && !see(&dr_x), "{engine:?}");
        let note = json!({"resourceType": "Observation", "status": "final", "code": {"text": "t"}, "subject": {"reference": "Patient/p"}});
        let create = Wish::Create { resource: note, if_none_exist: None };
        assert!(
            matches!(house.record.commit(&page, "create", &[create.into()]), Err(Error::Refused)),
            "{engine:?}"
        );
        // What is not open at all looks like what is not there, either way.
        closed(&house, &page, "p", "quiet-p");
        closed(&house, &dr_x, "p", "quiet-p");
        put(&house, &house.operator(), "Consent", "c", consent(&["access", "collect"], "permit", "x"));
        assert!(open(&house, &page, "p", "plain-p").unwrap().may_leave && see(&dr_x), "{engine:?}");
        assert!(open(&house, &dr_x, "p", "plain-p").is_ok(), "{engine:?}");
        // Whoever cares for the patient may be kept from taking along alone.
        let bo = house.staff("physician", &["Practitioner/bo"]);
        put(&house, &house.operator(), "Consent", "d", consent(&["disclose"], "deny", "bo"));
        assert!(matches!(open(&house, &bo, "p", "plain-p"), Err(Error::Refused)), "{engine:?}");
        let shown = open(&house, &Act { looks: true, ..bo }, "p", "plain-p").unwrap();
        assert!(!shown.may_leave, "{engine:?}");
    }
}

#[test]
fn d4_x10_a_document_that_names_somebody_elses_file_opens_nothing() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let (thief, bo) = (writer(&house, "q"), house.staff("physician", &["Practitioner/bo"]));
        for (id, binary) in [
            ("steal", "b-plain-p"),
            ("orphan", "nobodys"),
            ("none", "b-none"),
            ("up", "b-plain-q/../b-plain-p"),
        ] {
            put(&house, &thief, "DocumentReference", id, document("q", binary, None));
            closed(&house, &thief, "q", id);
            closed(&house, &bo, "q", id);
        }
        // Whoever wrote such a document changes nothing for the owner of the file.
        assert!(open(&house, &house.patient("p"), "p", "plain-p").is_ok());
    }
}

#[test]
fn d4_x10_a_second_document_does_not_open_a_file_whose_own_document_is_hidden() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let bo = house.staff("physician", &["Practitioner/bo"]);
        put(&house, &bo, "DocumentReference", "copy", document("p", "b-quiet-p", None));
        closed(&house, &bo, "p", "copy");
        let mut proxy = writer(&house, "p");
        proxy.actor.standing =
            Some(access::act::Standing { hides: vec!["PSY".into()], ..Default::default() });
        closed(&house, &proxy, "p", "copy");
        assert!(open(&house, &proxy, "p", "plain-p").is_ok());
        assert_eq!(open(&house, &house.patient("p"), "p", "copy").unwrap().bytes, b"quiet-p");
    }
}

fn file(patient: &str, bytes: &[u8]) -> Value {
    json!({"contentType": "text/plain", "securityContext": {"reference": format!("Patient/{patient}")}, "data": STANDARD.encode(bytes)})
}

fn tries(house: &House, act: &Act, id: &str, mut resource: Value) -> Result<(), Error> {
    (resource["resourceType"], resource["id"]) = ("Binary".into(), id.into());
    let wish = Wish::Update {
        resource_type: "Binary".into(),
        id: Some(id.to_owned()),
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    };
    house.record.commit(act, "update", &[wish.into()]).map(drop)
}

#[test]
fn d4_a_file_is_reached_by_no_name_of_its_own_whoever_wrote_it() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let bo = house.staff("physician", &["Practitioner/bo"]);
        for act in [&bo, &house.patient("p")] {
            let read = house.record.read(act, "Binary", "b-plain-p");
            assert!(matches!(read, Err(Error::NotFound)), "{engine:?}: {read:?}");
            let request = |query: &str| record::search::SearchRequest {
                resource_type: "Binary".into(),
                query: query.into(),
                lenient: false,
                compartment: None,
            };
            assert!(house.record.search(act, &request("_id=b-plain-p")).unwrap().entries.is_empty());
            let whole = house.record.search(act, &request("_total=accurate")).unwrap();
            assert_eq!((whole.total, whole.entries.len()), (Some(0), 0), "{engine:?}");
        }
    }
}

#[test]
fn d1_patients_and_staff_add_files_and_change_none() {
    let scopes = ["patient/*.rs", "patient/Binary.cu"];
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let patient = house.act("patient", &scopes, Some("p"));
        tries(&house, &patient, "mine", file("p", b"new")).unwrap();
        for (id, what) in [
            ("theirs", file("q", b"for somebody else")),
            ("nobodys-own", json!({"contentType": "text/plain", "data": "QQ=="})),
            ("mine", file("p", b"other words")),
            ("b-plain-q", file("p", b"taken over")),
            ("b-plain-q", file("q", b"overwritten")),
        ] {
            let outcome = tries(&house, &patient, id, what);
            assert!(matches!(outcome, Err(Error::Refused)), "{engine:?} {id}: {outcome:?}");
        }
        assert_eq!(open(&house, &house.patient("q"), "q", "plain-q").unwrap().bytes, b"plain-q");
    }
}

/// D5: erasing a patient takes the key of their files as well.
#[test]
fn d5_an_erased_patients_files_are_gone_with_them() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let operator = house.operator();
        assert_eq!(house.record.read(&operator, "Binary", "b-plain-p").unwrap().resource_type, "Binary");
        let mut root = Root::KeyFile(KeyFile::read(&house.folder.join("root.key")).unwrap());
        house.record.erase(&operator, "p", "a test", &mut root).unwrap();
        let read = house.record.read(&operator, "Binary", "b-plain-p");
        assert!(matches!(read, Err(Error::Erased)), "{engine:?}: {read:?}");
        assert!(house.record.read(&operator, "Binary", "b-plain-q").is_ok());
        assert!(house.record.read(&operator, "Binary", "nobodys").is_ok());
        let report = house.record.verify(None, true, &mut |_| {}).unwrap();
        assert!(report.is_sound(), "{engine:?}: {:?}", report.faults);
    }
}
