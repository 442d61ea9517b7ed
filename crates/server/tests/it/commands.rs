//! Commands that need no server: what they say, and that they say the same again.

use crate::program::{Place, files};

#[test]
fn b11_the_same_seed_gives_the_same_people_and_the_same_hash() {
    let place = Place::new();
    let seed = |arguments: &[&str]| place.said(&[&["demo", "seed", "--patients", "7"], arguments].concat());
    let told = seed(&["--seed", "42"]);
    assert!(told.contains("7 synthetic patients, ") && told.contains(" sha256 "), "{told}");
    assert_eq!(seed(&["--seed", "42"]), told);
    assert_ne!(seed(&["--seed", "43"]), told);
    assert!(!place.data().exists(), "no house is made");

    let (one, two) = (place.path("one"), place.path("two"));
    assert_eq!(seed(&["--out", one.to_str().unwrap()]), told);
    assert_eq!(place.said(&["people", "--patients", "7", "--out", two.to_str().unwrap()]), told);
    let bytes = |folder| {
        let mut all: Vec<_> = files(folder)
            .into_iter()
            .map(|(path, bytes)| (path.file_name().unwrap().to_owned(), bytes))
            .collect();
        all.sort();
        all
    };
    let written = bytes(&one);
    assert_eq!(written.len(), 8);
    assert!(written == bytes(&two));
}

#[test]
fn d6_the_doctor_says_what_the_records_take() {
    let place = Place::new();
    assert!(place.said(&["doctor"]).contains("the database is empty"));
    let serving = place.serve(&[]);
    assert!(place.said(&["doctor"]).contains("no record is stored yet"));
    let token = place.token();
    let patient = r#"{"resourceType":"Patient","id":"a","active":true}"#;
    assert_eq!(serving.ask("PUT", "/fhir/R4/Patient/a", &token, patient).status, 201);
    let said = place.said(&["doctor"]);
    assert!(said.contains("1 versions are 0.0 MiB as JSON (measured)"), "{said}");
}

#[test]
fn the_documents_stand_where_the_first_words_say_p6() {
    let place = Place::new();
    let serving = place.serve(&[]);
    let help = serving.ask("GET", "/help/operations", "", "");
    assert_eq!((help.status, help.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(help.body.contains("<h1 id="), "{}", help.body);
}

#[test]
fn a9_a_built_in_role_is_copied_under_another_name_changed_and_removed() {
    let place = Place::new();
    drop(place.serve(&[]));
    assert!(place.said(&["role", "list"]).contains("front-desk"));
    let nurse = place.said(&["role", "show", "nurse"]);
    let file = place.path("role.json");
    let run = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        place.run(&[&["role", "add", file.to_str().unwrap()], more].concat())
    };
    let add = |text: &str| run(text, &["--yes"]);
    let own = nurse.replace("\"nurse\"", "\"night-nurse\"");
    let faulty = [
        nurse.clone(),
        own.replace("user/Flag.cu", "system/*.cruds"),
        own.replace("user/Flag.cu", "user/Flagg.cu"),
        own.replace("user/Flag.cu", "user/Flag"),
        own.replace("\"scopes\"", "\"scops\""),
        "[".into(),
    ];
    for text in faulty {
        let output = add(&text);
        assert!(!output.status.success() && output.stdout.is_empty(), "{text}");
    }
    // Where nobody can be asked, it says what would change, and saves nothing.
    let unsure = run(&own, &[]);
    assert!(!unsure.status.success());
    assert!(String::from_utf8(unsure.stdout).unwrap().starts_with("night-nurse: +user/*.rs"));
    assert!(!place.said(&["role", "list"]).contains("night-nurse"));
    let added = add(&own);
    assert!(String::from_utf8(added.stdout).unwrap().starts_with("night-nurse: +user/*.rs"));
    let changed = add(&own.replace("user/Flag.cu", "user/Flag.c"));
    let said = String::from_utf8(changed.stdout).unwrap();
    assert_eq!(said.trim(), "night-nurse: +user/Flag.c -user/Flag.cu (0 people have it)");
    assert!(place.said(&["role", "list"]).contains("version 2"));
    assert_eq!(place.said(&["role", "remove", "night-nurse"]).trim(), "removed");
    assert!(!place.run(&["role", "remove", "night-nurse"]).status.success());
    assert!(!place.run(&["role", "show", "night-nurse"]).status.success());
    assert!(place.run(&["verify"]).status.success(), "the changes of roles are in the log");
}

/// E1, A9: what a Consent or a role would change is told before it is saved; and who broke the glass is listed.
#[test]
fn access_is_explained_with_what_would_change() {
    let place = Place::new();
    let serving = place.serve(&[]);
    let token = place.token();
    for (path, body) in [
        ("Patient/p", r#"{"resourceType":"Patient","id":"p"}"#),
        (
            "Encounter/e",
            r#"{"resourceType":"Encounter","id":"e","status":"in-progress","class":{"code":"AMB"},"subject":{"reference":"Patient/p"},
            "participant":[{"individual":{"reference":"Practitioner/b"}}]}"#,
        ),
    ] {
        assert_eq!(serving.ask("PUT", &format!("/fhir/R4/{path}"), &token, body).status, 201, "{path}");
    }
    let who = ["access", "explain", "--patient", "p", "--role", "physician", "--as", "Practitioner/b"];
    let said = place.said(&who);
    assert!(said.contains("a care relationship by Encounter/e"), "{said}");
    let file = place.path("role.json");
    let narrow = place.said(&["role", "show", "physician"]).replace("user/*.rs", "user/Patient.rs");
    std::fs::write(&file, narrow).unwrap();
    let said = place.said(&[&who[..], &["--as-if-role", file.to_str().unwrap()]].concat());
    assert!(said.contains("The role would change: +user/Patient.rs -user/*.rs"), "{said}");
    assert!(said.contains("would become 0 (+0 -1)"), "{said}");
    assert!(!place.run(&["access", "explain", "--patient", "p", "--role", "king"]).status.success());
    assert!(!place.run(&["access", "explain", "--patient", "p", "--account", "nobody"]).status.success());
    assert!(place.said(&["access", "explain", "--patient", "p", "--role", "reader"]).contains("1 of 1"));
    assert_eq!(place.said(&["access", "glass"]).trim(), "Nobody has broken the glass yet.");
}

#[test]
fn a8_a_list_of_staff_that_will_not_do_is_refused_with_its_lines() {
    let place = Place::new();
    drop(place.serve(&[]));
    let file = place.path("staff.csv");
    let told = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let output = place.run(&["invite", "--csv", file.to_str().unwrap()]);
        assert!(!output.status.success() && output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = told("name,email,role\nA,a@example.org\n\"B\n");
    assert!(said.contains("line 3: a quotation mark is not closed"), "{said}");
    // Nobody has set this house up, so it has no facility yet.
    let said = told("name,email,role\nA,a@example.org,nurse\nB,b@example.org,nurse\n");
    assert!(said.contains("line 2: choose a facility") && said.contains("line 3:"), "{said}");
    assert!(said.contains("Nobody was invited") && !said.contains("a@example.org"), "{said}");
}

#[test]
fn a11_an_export_holds_signed_health_ids_and_an_import_takes_them_by_the_key_alone() {
    let (here, there) = (Place::new(), Place::new());
    let serving = here.serve(&[]);
    let patient = r#"{"resourceType":"Patient","id":"a","active":true}"#;
    assert_eq!(serving.ask("PUT", "/fhir/R4/Patient/a", &here.token(), patient).status, 201);
    drop(serving);
    let out = here.path("out");
    here.said(&["export", "--out", out.to_str().unwrap()]);
    let sums = std::fs::read_to_string(out.join("SHA256SUMS")).unwrap();
    assert!(sums.contains("  HEALTH-IDS\n") && sums.contains("  HEALTH-IDS.note\n"), "{sums}");
    let folder = out.to_str().unwrap();
    let plain = there.run(&["import", folder]);
    assert!(plain.status.success());
    assert!(String::from_utf8(plain.stderr).unwrap().contains("--health-ids-from"));
    let wrong = there.run(&["import", folder, "--health-ids-from", "name+00000000+AQ=="]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("the key is malformed"));
    assert!(
        !there
            .run(&["import", out.join("Patient.ndjson").to_str().unwrap(), "--health-ids-from", "x"])
            .status
            .success()
    );
}
