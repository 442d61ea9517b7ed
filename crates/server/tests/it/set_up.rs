//! A house from one file (A15): the example of the documents, on an empty folder, then said again and changed.

use crate::program::Place;
use std::fs;

/// The example as the documents have it.
fn example() -> String {
    let docs = include_str!("../../../../docs/operations.md");
    let (_, rest) = docs.split_once("```toml\n# house.toml").unwrap();
    format!("#{}", rest.split_once("\n```").unwrap().0)
}

/// What a file came to: whether it was done, what was printed, and what was noted.
fn set_up(place: &Place, text: &str, more: &[&str]) -> (bool, String, String) {
    let file = place.path("house.toml");
    fs::write(&file, text).unwrap();
    let output = place.run(&[&["set-up", file.to_str().unwrap()], more].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// How many entries the log has.
fn entries(place: &Place) -> String {
    let said = place.said(&["verify"]);
    said.lines().find(|line| line.contains("entries")).unwrap_or(&said).to_owned()
}

#[test]
fn a15_the_example_of_the_documents_makes_a_house_and_said_again_changes_nothing() {
    let place = Place::new();
    let (done, would, _) = set_up(&place, &example(), &["--check"]);
    assert!(done && would.contains("would do: the house stands in IN, Asia/Kolkata"), "{would}");
    assert!(!place.data().exists(), "a check makes nothing");

    let (done, said, noted) = set_up(&place, &example(), &[]);
    assert!(done, "{said}{noted}");
    for line in [
        "the house stands in IN, Asia/Kolkata",
        "the facility Lakeside Clinic is founded, and stands in the record: its id is ",
        "the facility Lakeside Clinic has the number IN0000000001",
        "Nila Das is invited as the first administrator: http",
        "Tara Sen is invited as front-desk: http",
        "Meera Iyer is invited as physician: http",
        "the house says its own words: about in hi",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    let before = entries(&place);
    let (done, again, noted) = set_up(&place, &example(), &[]);
    assert!(done && again.is_empty(), "{again}");
    assert!(noted.contains("Nothing to do") && noted.contains("Nila Das is invited already"), "{noted}");
    assert_eq!(entries(&place), before, "nothing was written, not even in the log");

    // The pages say it, the links open, and a patient can be registered with the facility.
    let serving = place.serve(&[]);
    let page = |path: &str| serving.ask("GET", path, "", "");
    assert!(page("/about").body.contains("Lakeside Clinic, since 1974."));
    assert!(page("/contact").body.contains("+91 40 5555 0000"));
    assert!(page("/status").body.contains(" IST"), "{}", page("/status").body);
    for line in said.lines().filter(|line| line.contains("/invitation/")) {
        let path = format!("/invitation/{}", line.split("/invitation/").nth(1).unwrap());
        let opened = page(&path);
        assert!(opened.status == 200 && opened.body.contains("Welcome to"), "{path}: {}", opened.body);
    }
    let token = place.token();
    let found = serving.ask(
        "GET",
        "/fhir/R4/Organization?identifier=https://facility.abdm.gov.in%7CIN0000000001",
        &token,
        "",
    );
    assert!(found.status == 200 && found.body.contains("Lakeside Clinic"), "{}", found.body);
    let (_, rest) = found.body.split_once("\"id\":\"facility-").unwrap();
    let organization = format!("Organization/facility-{}", rest.split('"').next().unwrap());
    let patient = format!(
        r#"{{"resourceType":"Patient","id":"a","name":[{{"given":["Lakshmi"]}}],"managingOrganization":{{"reference":"{organization}"}}}}"#
    );
    assert_eq!(serving.ask("PUT", "/fhir/R4/Patient/a", &token, &patient).status, 201);

    // Beside the running server, only the difference is done, and nothing is taken away.
    let changed = example()
        .replace("Asia/Kolkata\"", "Asia/Colombo\"")
        .replace("country = \"IN\"", "country = \"other\"")
        .replace("Lakeside Clinic, since 1974.", "Lakeside Clinic, since 1975.")
        .replace("about = \"लेकसाइड क्लिनिक, 1974 से।\"", "");
    let (done, would, _) = set_up(&place, &changed, &["--check"]);
    assert!(done && would.lines().count() == 2, "{would}");
    let (done, said, noted) = set_up(&place, &changed, &[]);
    assert!(done && said.lines().count() == 2, "{said}{noted}");
    assert!(said.contains("Asia/Colombo") && said.contains("about in en"), "{said}");
    assert!(page("/about").body.contains("since 1975."));
    let hindi = place.said(&["verify"]);
    assert!(!hindi.contains("bad"), "{hindi}");
}

#[test]
fn a15_a_house_from_a_file_may_be_kept_by_postgresql() {
    let (place, database) = (Place::new(), testkit::house::fresh_postgres());
    let on = ["--database", database.as_str()];
    let (done, said, noted) = set_up(&place, &example(), &on);
    assert!(done && said.contains("Nila Das is invited as the first administrator: http"), "{said}{noted}");
    let (done, said, noted) = set_up(&place, &example(), &on);
    assert!(done && said.is_empty() && noted.contains("Nothing to do"), "{said}{noted}");
}

#[test]
fn a15_a_file_with_faults_does_nothing_and_names_each_line() {
    let place = Place::new();
    let text = example().replace("country = \"IN\"", "countri = \"IN\"");
    let (done, said, noted) = set_up(&place, &text, &[]);
    assert!(!done && said.is_empty(), "{said}");
    assert!(noted.contains("house.toml, line 3: unknown field `countri`"), "{noted}");
    assert!(noted.contains("did you mean `country`?") && noted.contains("Nothing was done."), "{noted}");
    let text =
        example().replace("role = \"physician\"", "role = \"physican\"").replace("nila@example.org", "nila");
    let (done, _, noted) = set_up(&place, &text, &[]);
    assert!(!done && noted.contains("did you mean `physician`?"), "{noted}");
    assert!(noted.contains("administrator.email: enter an e-mail address"), "{noted}");
    assert!(!place.data().exists(), "no house is made of a file that will not do");
    let (done, _, noted) = set_up(&place, "[administrator]\nname = \"N\"\nemail = \"n@example.org\"\n", &[]);
    assert!(!done && noted.contains("add a [[facility]]"), "{noted}");
    assert!(!place.data().exists());
}

#[test]
fn a15_a_file_lists_other_servers_that_answer() {
    let (other, place) = (Place::new(), Place::new());
    let there = other.serve(&[]);
    let text = format!(
        "[[facility]]\nname = \"Hill Clinic\"\n[[server]]\nname = \"City Hospital\"\nbase = \"{}\"\nclient_id = \"k-1\"\n",
        there.base
    );
    let (done, said, noted) = set_up(&place, &text, &[]);
    assert!(done && said.contains("patients may bring their record from City Hospital"), "{said}{noted}");
    let (done, said, noted) = set_up(&place, &text, &[]);
    assert!(done && said.is_empty() && noted.contains("Nothing to do"), "{said}{noted}");
    let (done, said, noted) = set_up(&place, &text.replace("k-1", "k-2"), &[]);
    assert!(done && said.is_empty() && noted.contains("change that at /admin/elsewhere"), "{said}{noted}");
    drop(there);
    let second = Place::new();
    let (done, said, noted) = set_up(&second, &text, &[]);
    assert!(!done && said.is_empty() && noted.contains("does not answer"), "{said}{noted}");
}

#[test]
fn a15_sample_data_is_for_a_house_without_patients() {
    let place = Place::new();
    let text = "[house]\ncountry = \"IN\"\nsample_data = true\n";
    let (done, said, noted) = set_up(&place, text, &[]);
    assert!(done && said.contains("20 synthetic patients are stored"), "{said}{noted}");
    let (done, said, noted) = set_up(&place, text, &[]);
    assert!(done && said.is_empty() && noted.contains("Patients are there already"), "{said}{noted}");
    let serving = place.serve(&[]);
    let found = serving.ask("GET", "/fhir/R4/Patient?_summary=count", &place.token(), "");
    assert!(found.body.contains("\"total\":20"), "{}", found.body);
    let marked = serving.ask("GET", "/fhir/R4/Patient?_tag=HTEST&_summary=count", &place.token(), "");
    assert!(marked.body.contains("\"total\":20"), "{}", marked.body);
}
