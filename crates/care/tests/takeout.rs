//! A record is taken along and loaded into another house (D4, E10), on both engines.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use access::act::Act;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use care::{
    note,
    takeout::{
        load::{Loaded, Stopped, load},
        manifest::Manifest,
        pack::Pack,
        unpack::{Unpacked, Wrong},
    },
};
use record::{attachment::Attachment, change::Wish, error::Error, takeout::Takeout};
use serde_json::{Value, json};
use std::io::{Cursor, Read, Write};
use testkit::house::{ENGINES, Engine, House};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

fn put(house: &House, mut resource: Value) {
    let (kind, id) =
        (resource["resourceType"].as_str().unwrap().to_owned(), resource["id"].as_str().unwrap().to_owned());
    if resource["meta"].is_null() {
        resource.as_object_mut().unwrap().remove("meta");
    }
    let wish = Wish::Update {
        resource_type: kind,
        id: Some(id),
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    };
    house.record.commit(&house.operator(), "update", &[wish.into()]).unwrap();
}

/// Somebody at the pages, about their own record.
fn patient(house: &House, id: &str) -> Act {
    let mut act = house.staff("patient", &[]);
    act.actor.patient = Some(id.to_owned());
    act
}

/// Every byte there is, more than once.
fn scan() -> Vec<u8> {
    (0..100_000_u32).map(|at| (at * 7 % 256) as u8).collect()
}

/// Asha's record with papers, digits, drafts and people; Chitra's beside it.
fn furnished(house: &House) {
    for resource in [
        json!({"resourceType": "Organization", "id": "lakeside", "name": "Lakeside Clinic"}),
        json!({"resourceType": "Practitioner", "id": "iyer", "name": [{"given": ["Meera"], "family": "Iyer"}]}),
        json!({"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "Practitioner/iyer"}, "organization": {"reference": "Organization/lakeside"}}),
        json!({"resourceType": "Practitioner", "id": "unnamed"}),
    ] {
        put(house, resource);
    }
    for patient in ["asha", "chitra"] {
        let whose = json!({"reference": format!("Patient/{patient}")});
        let id = |what: &str| format!("{patient}-{what}");
        put(
            house,
            json!({"resourceType": "Patient", "id": patient, "name": [{"given": ["Test"], "family": "Rao"}], "meta": {"tag": [{"code": "x"}]}}),
        );
        put(
            house,
            json!({"resourceType": "Encounter", "id": id("visit"), "status": "finished", "class": {"code": "AMB"}, "subject": whose,
            "participant": [{"individual": {"reference": "PractitionerRole/role"}}]}),
        );
        let value = fhir::json::parse(b"{\"value\": 1.500, \"unit\": \"mg\"}", fhir::json::Limits::default())
            .unwrap();
        put(
            house,
            json!({"resourceType": "Observation", "id": id("value"), "status": "final", "code": {"text": "Test value"}, "subject": whose, "valueQuantity": value}),
        );
        put(
            house,
            json!({"resourceType": "Binary", "id": id("scan"), "contentType": "image/png", "securityContext": whose, "data": STANDARD.encode(scan())}),
        );
        put(
            house,
            json!({"resourceType": "Binary", "id": id("loose"), "contentType": "image/png", "securityContext": whose, "data": "QQ=="}),
        );
        let file = json!({"title": "X-ray\u{202e} of ../the hand", "contentType": "image/png", "url": format!("Binary/{}", id("scan"))});
        put(
            house,
            json!({"resourceType": "DocumentReference", "id": id("paper"), "status": "current", "date": "2024-01-02T10:00:00Z", "subject": whose, "content": [{"attachment": file}]}),
        );
        put(
            house,
            json!({"resourceType": "DocumentReference", "id": id("inline"), "status": "current", "date": "2023-01-02T10:00:00Z", "subject": whose,
            "content": [{"attachment": {"title": "రిపోర్ట్", "contentType": "text/plain", "data": STANDARD.encode("వివరాలు".repeat(2_000))}}]}),
        );
        let psychiatry = json!({"security": [{"code": "PSY"}]});
        put(
            house,
            json!({"resourceType": "Condition", "id": id("quiet"), "meta": psychiatry, "subject": whose, "code": {"text": "Test quiet"}}),
        );
        for (what, status) in [("signed", "final"), ("draft", "preliminary")] {
            put(
                house,
                json!({"resourceType": "Composition", "id": id(what), "status": status, "type": {"text": "Note"}, "subject": whose, "date": "2024-01-02T10:00:00Z",
                "author": [{"reference": "Practitioner/iyer"}], "title": format!("Test {what}")}),
            );
        }
    }
}

fn taken(house: &House, act: &Act, patient: &str) -> Result<Takeout, Error> {
    house.record.takeout(act, patient, &note::unsigned)
}

fn packed(house: &House, act: &Act, patient: &str) -> Vec<u8> {
    let takeout = taken(house, act, patient).unwrap();
    let mut pack = Pack::new(&house.record, &takeout, Vec::new(), act.at);
    let chart = pack.resources().unwrap();
    let papers = pack.papers(&chart).unwrap();
    assert!(papers.keys().all(|id| id.starts_with(patient)));
    pack.text("README.txt", "what is in it").unwrap();
    pack.finish("https://here.example", act.at, (&act.actor.name, &act.actor.role)).unwrap()
}

/// The files of a ZIP file: path and bytes.
type Files = Vec<(String, Vec<u8>)>;

fn files(zip: &[u8]) -> Files {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut all = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        all.push((file.name().unwrap().into_owned(), bytes));
    }
    all
}

fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(path.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn loaded(house: &House, zip: &[u8]) -> Result<Loaded, Stopped> {
    let mut file = Unpacked::open(Cursor::new(zip)).map_err(Stopped::Wrong)?;
    load(&house.record, &|| house.operator(), &mut file)
}

fn names(zip: &[u8]) -> Vec<String> {
    files(zip).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn d4_a_record_taken_along_and_loaded_into_an_empty_house_is_the_same_resource_by_resource_and_byte_by_byte()
{
    for (from, to) in [(Engine::Sqlite, Engine::Postgres), (Engine::Postgres, Engine::Sqlite)] {
        let (house, other) = (House::new(from), House::new(to));
        furnished(&house);
        let zip = packed(&house, &patient(&house, "asha"), "asha");
        let first = loaded(&other, &zip).unwrap();
        let expected = [
            ("Binary", 1),
            ("Composition", 1),
            ("Condition", 1),
            ("DocumentReference", 2),
            ("Encounter", 1),
            ("Observation", 1),
            ("Organization", 1),
            ("Patient", 1),
            ("Practitioner", 1),
            ("PractitionerRole", 1),
        ];
        assert_eq!(first.counts, expected.map(|(kind, count)| (kind.to_owned(), count)).into());
        assert_eq!(first.new, 11);
        // Taken out again there, it has the same papers and the same sums of its resources.
        let again = packed(&other, &patient(&other, "asha"), "asha");
        let sums = |zip: &[u8]| {
            let manifest = Unpacked::open(Cursor::new(zip.to_vec())).unwrap().manifest().clone();
            let mut sums: Vec<_> = manifest.files.into_iter().filter_map(|file| file.resources).collect();
            sums.sort();
            sums
        };
        assert_eq!(sums(&zip), sums(&again));
        let papers = |zip: &[u8]| {
            files(zip).into_iter().filter(|(path, _)| path.starts_with("documents/")).collect::<Vec<_>>()
        };
        assert_eq!(papers(&zip), papers(&again));
        for id in ["asha-paper", "asha-inline"] {
            let (one, two) = (
                house.record.attachment(&patient(&house, "asha"), "asha", id).unwrap(),
                other.record.attachment(&patient(&other, "asha"), "asha", id).unwrap(),
            );
            // What files it bears the day on which it came.
            let plain = |file: Attachment| Attachment { document: Vec::new(), ..file };
            assert!(plain(one) == plain(two), "{id}");
        }
        assert_eq!(
            other.record.attachment(&patient(&other, "asha"), "asha", "asha-paper").unwrap().bytes,
            scan()
        );
        let value = other.record.read(&other.operator(), "Observation", "asha-value").unwrap();
        assert!(String::from_utf8(value.body).unwrap().contains("\"value\":1.500"), "digits are kept");
        // Loading it again changes nothing.
        let twice = loaded(&other, &zip).unwrap();
        assert_eq!((twice.new, twice.counts), (0, first.counts));
        assert_eq!(other.record.read(&other.operator(), "Patient", "asha").unwrap().version, 1);
        assert!(matches!(other.record.read(&other.operator(), "Patient", "chitra"), Err(Error::NotFound)));
    }
}

#[test]
fn d4_everything_is_in_it_under_names_that_every_system_keeps_and_no_draft_and_nothing_of_others() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let zip = packed(&house, &patient(&house, "asha"), "asha");
        assert_eq!(
            names(&zip),
            [
                "fhir/Binary.ndjson",
                "fhir/Composition.ndjson",
                "fhir/Condition.ndjson",
                "fhir/DocumentReference.ndjson",
                "fhir/Encounter.ndjson",
                "fhir/Observation.ndjson",
                "fhir/Organization.ndjson",
                "fhir/Patient.ndjson",
                "fhir/Practitioner.ndjson",
                "fhir/PractitionerRole.ndjson",
                "documents/01 X-ray of the hand.png",
                "documents/02 రిపోర్ట్.txt",
                "README.txt",
                "manifest.json",
            ]
        );
        let all = files(&zip);
        assert_eq!(all[10].1, scan());
        assert_eq!(all[11].1, "వివరాలు".repeat(2_000).into_bytes());
        for (path, bytes) in all {
            let text = String::from_utf8_lossy(&bytes);
            for other in ["chitra", "asha-draft", "asha-loose", "unnamed"] {
                assert!(!text.contains(other), "{other} in {path}");
            }
        }
        let zip_again = packed(&house, &Act { at: house.now(), ..patient(&house, "asha") }, "asha");
        assert_eq!(names(&zip_again), names(&zip), "the order is always the same");
    }
}

#[test]
fn d4_nobody_takes_more_than_they_see_and_each_taking_is_one_entry_for_the_patient() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        put(
            &house,
            json!({"resourceType": "Encounter", "id": "now", "status": "in-progress", "class": {"code": "AMB"}, "subject": {"reference": "Patient/asha"},
            "participant": [{"individual": {"reference": "Practitioner/iyer"}}]}),
        );
        assert!(matches!(taken(&house, &patient(&house, "chitra"), "asha"), Err(Error::NotFound)));
        assert!(matches!(taken(&house, &patient(&house, "asha"), "nobody"), Err(Error::NotFound)));
        assert!(matches!(taken(&house, &house.staff("administrator", &[]), "asha"), Err(Error::Refused)));
        // Somebody from whom a sensitive condition is kept takes the rest, and is told that there is more.
        let nurse = house.staff("nurse", &["Practitioner/iyer"]);
        let part = taken(&house, &nurse, "asha").unwrap();
        assert!(!part.types.contains_key("Condition") && part.restricted == 1, "{part:?}");
        assert_eq!(part.partly, ["Condition"]);
        assert!(
            house.record.taken_viewers(&part).unwrap().is_none(),
            "the list of who looked is the patient's"
        );
        let own = taken(&house, &patient(&house, "asha"), "asha").unwrap();
        assert_eq!((own.restricted, own.types["Condition"].len()), (0, 1));
        let lines = house.record.taken_viewers(&own).unwrap().unwrap().lines;
        let of_takeout: Vec<_> = lines
            .iter()
            .filter_map(|line| line.look.as_ref())
            .filter(|look| look.operation == "takeout")
            .collect();
        assert_eq!(of_takeout.len(), 2, "one for the nurse, one for her: {of_takeout:?}");
        assert!(of_takeout[0].of_types.contains(&("Binary", 1)), "{of_takeout:?}");
    }
}

#[test]
fn d4_what_changes_while_it_is_taken_leaves_as_it_was_signed_and_what_is_closed_meanwhile_does_not_leave() {
    for engine in ENGINES {
        let house = House::new(engine);
        furnished(&house);
        let own = taken(&house, &patient(&house, "asha"), "asha").unwrap();
        put(&house, json!({"resourceType": "Patient", "id": "asha", "name": [{"family": "Other"}]}));
        put(
            &house,
            json!({"resourceType": "Binary", "id": "asha-scan", "contentType": "image/png", "securityContext": {"reference": "Patient/asha"}, "data": "QQ=="}),
        );
        let patient = house.record.taken(&own, &own.types["Patient"][0]).unwrap();
        assert!(!String::from_utf8(patient.body).unwrap().contains("Other"));
        let paper = house.record.paper(&own, &own.types["DocumentReference"][0]).unwrap().unwrap();
        assert_eq!(paper.bytes, scan());
        house
            .record
            .commit(
                &house.operator(),
                "delete",
                &[Wish::Delete {
                    resource_type: "Observation".into(),
                    id: Some("asha-value".into()),
                    query: None,
                    if_match: None,
                }
                .into()],
            )
            .unwrap();
        let mut pack = Pack::new(&house.record, &own, Vec::new(), house.now());
        let outcome = pack.resources();
        // Either the version that was signed, or an end that everybody sees; never a hole.
        assert!(outcome.is_ok() || matches!(outcome, Err(Error::NotFound)), "{outcome:?}");
    }
}

#[test]
fn d4_a_file_that_was_changed_or_is_none_is_refused_with_a_sentence_and_nothing_is_loaded() {
    let house = House::new(Engine::Sqlite);
    furnished(&house);
    let whole = files(&packed(&house, &patient(&house, "asha"), "asha"));
    let other = House::new(Engine::Sqlite);
    let with = |change: &dyn Fn(&mut Files)| {
        let mut files = whole.clone();
        change(&mut files);
        loaded(&other, &zipped(&files)).unwrap_err()
    };
    let manifest = |change: &dyn Fn(&mut Manifest)| {
        with(&|files| {
            let last = files.last_mut().unwrap();
            let mut manifest = Manifest::parse(&last.1).unwrap();
            change(&mut manifest);
            last.1 = manifest.render();
        })
    };
    let replace = |files: &mut Files, at: usize, from: &str, to: &str| {
        let text = String::from_utf8(files[at].1.clone()).unwrap();
        assert!(text.contains(from));
        files[at].1 = text.replace(from, to).into_bytes();
    };
    let errors = [
        (with(&|files| replace(files, 7, "Rao", "Roa")), "Changed"),
        (with(&|files| files[10].1[5] ^= 1), "Changed"),
        (with(&|files| files[10].1.push(1)), "Changed"),
        (
            with(&|files| {
                files.remove(5);
            }),
            "Listed",
        ),
        (with(&|files| files.push(("fhir/Flag.ndjson".into(), b"{}".to_vec()))), "Listed"),
        (with(&|files| files.push(("../../etc/passwd".into(), b"x".to_vec()))), "Path"),
        (with(&|files| files.push(("C:\\x".into(), b"x".to_vec()))), "Path"),
        (
            with(&|files| {
                files.pop();
            }),
            "NoTakeOut",
        ),
        (with(&|files| replace(files, 13, "\"version\":1", "\"version\":7")), "Version(7)"),
        (with(&|files| files[13].1 = b"{\"schema\": 1}".to_vec()), "NoTakeOut"),
        (manifest(&|manifest| manifest.files[7].resources.as_mut().unwrap().1 = 2), "Resources"),
        (manifest(&|manifest| manifest.files[7].resources.as_mut().unwrap().2 = "00".into()), "Resources"),
        (
            manifest(&|manifest| manifest.files[7].resources.as_mut().unwrap().0 = "Condition".into()),
            "Resources",
        ),
        (manifest(&|manifest| manifest.files[0].bytes = 1 << 50), "TooLarge"),
        (manifest(&|manifest| manifest.files[0].bytes -= 1), "Changed"),
        (manifest(&|manifest| manifest.patient = "chitra".into()), "Patient"),
        (manifest(&|manifest| manifest.files[0].path = "/fhir/x".into()), "Path"),
    ];
    for (error, expected) in errors {
        let Stopped::Wrong(wrong) = &error else { panic!("{error:?} instead of {expected}") };
        assert!(format!("{wrong:?}").starts_with(expected), "{wrong:?} instead of {expected}");
        assert!(!error.to_string().contains("Rao"));
    }
    // A bomb: a file that says little of itself and unpacks to much.
    let mut bomb = whole.clone();
    bomb[12].1 = vec![b' '; 64 << 20];
    assert!(matches!(loaded(&other, &zipped(&bomb)), Err(Stopped::Wrong(Wrong::Changed(_)))));
    let honest = {
        let mut manifest = Manifest::parse(&bomb[13].1).unwrap();
        manifest.files[12].bytes = 64 << 20;
        bomb[13].1 = manifest.render();
        zipped(&bomb)
    };
    assert!(
        matches!(loaded(&other, &honest), Err(Stopped::Wrong(Wrong::TooLarge))),
        "far larger than the file"
    );
    for none in
        [&b"PK\x05\x06"[..], b"", b"%PDF-1.7", &packed(&house, &patient(&house, "asha"), "asha")[..5_000]]
    {
        assert!(matches!(loaded(&other, none), Err(Stopped::Wrong(Wrong::NoTakeOut))));
    }
    let nothing = other.record.takeout(&other.operator(), "asha", &note::unsigned);
    assert!(matches!(nothing, Err(Error::NotFound)), "nothing was loaded");
}

#[test]
fn d4_what_a_house_has_under_the_same_name_is_never_replaced() {
    for engine in ENGINES {
        let (house, other) = (House::new(engine), House::new(engine));
        furnished(&house);
        let zip = packed(&house, &patient(&house, "asha"), "asha");
        put(&other, json!({"resourceType": "Practitioner", "id": "iyer", "name": [{"family": "Another"}]}));
        let error = loaded(&other, &zip).unwrap_err();
        assert!(matches!(&error, Stopped::Taken(names) if names == "Practitioner/iyer"), "{error:?}");
        assert!(matches!(other.record.read(&other.operator(), "Patient", "asha"), Err(Error::NotFound)));
    }
}
