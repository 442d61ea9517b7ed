//! What patients write about themselves, in the browser: theirs until a clinician looks at it (B2, B5).

use crate::{
    house::{Browser, Page, Pages},
    vitals::send,
};
use serde_json::Value;

const NEW: &str = "/patient/chart/asha/allergies/new";
const LIST: &str = "/patient/chart/asha/entries";
const DETAILS: &str = "/patient/chart/asha/details";
const NUTS: [(&str, &str); 4] =
    [("what", "Cashew nuts"), ("reaction", "Swollen lips"), ("severity", "severe"), ("choice", "allergy")];

impl Pages {
    fn of_asha(&self, kind: &str) -> Vec<Value> {
        let kinds = [kind.to_owned()];
        let request = record::everything::EverythingRequest {
            patient: "asha",
            types: &kinds,
            since: None,
            operation: "everything",
        };
        let seen = self.house.record.everything(&self.house.operator(), &request).unwrap();
        let read = |body: &[u8]| fhir::json::parse(body, fhir::json::Limits::default()).unwrap();
        seen.entries
            .iter()
            .filter(|entry| entry.resource_type == kind)
            .map(|entry| read(&entry.body))
            .collect()
    }
}

async fn write(browser: &mut Browser, typed: &[(&str, &str)]) -> Page {
    let page = browser.get(NEW).await;
    assert_eq!(page.status, 200, "{}", page.text);
    send(browser, &page, NEW, typed).await
}

#[tokio::test]
async fn b5_a_patients_allergy_is_labelled_as_theirs_until_a_clinician_accepts_it() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let mut nurse = pages.nurse(&mut admin).await;
    let form = asha.browser.get(NEW).await;
    let before = pages.log();
    assert_eq!(send(&mut asha.browser, &form, NEW, &NUTS).await.goes_to(), LIST);
    assert_eq!(pages.log(), before + 1, "one entry of the log");
    assert_eq!(send(&mut asha.browser, &form, NEW, &NUTS).await.goes_to(), LIST);
    assert_eq!(pages.of_asha("AllergyIntolerance").len(), 1, "a double submit");
    let changed = [("what", "Peanuts"), ("choice", "allergy")];
    let page = send(&mut asha.browser, &form, NEW, &changed).await;
    assert!(page.status == 409 && page.text.contains("with something else in it"), "{}", page.text);
    let kept = &pages.of_asha("AllergyIntolerance")[0];
    assert_eq!(kept["verificationStatus"]["coding"][0]["code"], "unconfirmed");
    assert_eq!(kept["asserter"]["reference"], "Patient/asha");
    let list = asha.browser.get(LIST).await.text;
    assert!(list.contains("Cashew nuts") && list.contains("no clinician has accepted it yet"), "{list}");

    let problems = nurse.browser.get("/clinic/chart/asha/problems").await.text;
    assert!(problems.contains("Cashew nuts (severe, reported by the patient)"), "{problems}");
    assert!(problems.contains("not confirmed"), "{problems}");
    let address = format!("/clinic/chart/asha/entries/allergies/{}", kept["id"].as_str().unwrap());
    let page = nurse.browser.get(&address).await;
    assert!(page.text.contains("Accept it") && page.text.contains("Deny it"), "{}", page.text);
    let page = send(&mut nurse.browser, &page, &address, &[("choice", "accept")]).await;
    assert_eq!(page.goes_to(), address);
    let problems = nurse.browser.get("/clinic/chart/asha/problems").await.text;
    assert!(problems.contains("Cashew nuts (severe)") && !problems.contains("not confirmed"), "{problems}");
    let list = asha.browser.get(LIST).await.text;
    assert!(list.contains("accepted by a clinician"), "{list}");
    let kept = &pages.of_asha("AllergyIntolerance")[0];
    assert_eq!(
        (
            kept["asserter"]["reference"].as_str(),
            kept["recorder"]["reference"].as_str(),
            kept["meta"]["versionId"].as_str()
        ),
        (Some("Patient/asha"), Some("Practitioner/e"), Some("2"))
    );
    // What a clinician answers for, the patient takes back no more.
    let own = address.replace("/clinic/", "/patient/");
    let page = asha.browser.get(&own).await;
    assert!(
        page.status == 200 && !page.text.contains("Take it back") && !page.text.contains("Change it"),
        "{}",
        page.text
    );
    let typed = [("choice", "withdraw"), ("version", "2")];
    assert_eq!(asha.browser.post_signed_in("patient", &own, &typed).await.status, 403);
    let edit = own.replace("entries/allergies", "allergies") + "/edit";
    assert_eq!(asha.browser.get(&edit).await.status, 403);
}

#[tokio::test]
async fn b5_a_clinician_denies_with_a_reason_that_the_patient_reads() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let mut nurse = pages.nurse(&mut admin).await;
    write(&mut asha.browser, &NUTS).await;
    let id = pages.of_asha("AllergyIntolerance")[0]["id"].as_str().unwrap().to_owned();
    let address = format!("/clinic/chart/asha/entries/allergies/{id}");
    let page = nurse.browser.get(&address).await;
    let wrong = send(&mut nurse.browser, &page, &address, &[("choice", "deny"), ("reason", " ")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    let typed = [("choice", "deny"), ("reason", "the test of the skin was negative")];
    assert_eq!(send(&mut nurse.browser, &page, &address, &typed).await.goes_to(), address);
    let problems = nurse.browser.get("/clinic/chart/asha/problems").await.text;
    assert!(!problems.contains("Cashew"), "{problems}");
    let own = asha.browser.get(&address.replace("/clinic/", "/patient/")).await.text;
    assert!(
        own.contains("the test of the skin was negative") && own.contains("does not count any more"),
        "{own}"
    );
}

#[tokio::test]
async fn b5_a_patient_changes_and_takes_back_what_they_wrote_and_the_history_keeps_it() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    write(&mut asha.browser, &NUTS).await;
    let id = pages.of_asha("AllergyIntolerance")[0]["id"].as_str().unwrap().to_owned();
    let edit = format!("/patient/chart/asha/allergies/{id}/edit");
    let page = asha.browser.get(&edit).await;
    assert!(
        page.text.contains("value=\"Cashew nuts\"") && page.text.contains("value=\"severe\" selected"),
        "{}",
        page.text
    );
    let typed = [("what", "Walnuts"), ("reaction", ""), ("severity", "")];
    assert_eq!(send(&mut asha.browser, &page, &edit, &typed).await.goes_to(), LIST);
    let stale = send(&mut asha.browser, &page, &edit, &typed).await;
    assert!(stale.status == 409 && stale.text.contains("changed by somebody else"), "{}", stale.text);
    let kept = &pages.of_asha("AllergyIntolerance")[0];
    assert_eq!((kept["code"]["text"].as_str(), kept.get("reaction")), (Some("Walnuts"), None));
    assert_eq!(kept["meta"]["versionId"], "2");
    let address = format!("/patient/chart/asha/entries/allergies/{id}");
    let page = asha.browser.get(&address).await;
    assert_eq!(send(&mut asha.browser, &page, &address, &[("choice", "withdraw")]).await.goes_to(), address);
    let list = asha.browser.get(LIST).await.text;
    assert!(list.contains("Walnuts") && list.contains("taken back by the patient"), "{list}");
    let kept = &pages.of_asha("AllergyIntolerance")[0];
    assert_eq!(kept["verificationStatus"]["coding"][0]["code"], "entered-in-error");
    assert_eq!(kept["meta"]["versionId"], "3", "nothing is deleted");
}

#[tokio::test]
async fn b5_a_patients_own_vital_signs_ask_less_and_are_preliminary() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let mut nurse = pages.nurse(&mut admin).await;
    let form = "/patient/chart/asha/vitals/new";
    let page = asha.browser.get(form).await;
    assert!(
        page.text.contains("as the clip on the finger shows it") && !page.text.contains("ACVPU"),
        "{}",
        page.text
    );
    let page = send(&mut asha.browser, &page, form, &[("weight", "64,50"), ("oxygen", "oxygen")]).await;
    assert_eq!(page.goes_to(), "/patient/chart/asha/vitals?saved=yes");
    let [weight] = &pages.observations()[..] else { panic!("one Observation") };
    assert_eq!(
        (weight["status"].as_str(), weight["performer"][0]["reference"].as_str()),
        (Some("preliminary"), Some("Patient/asha"))
    );
    let sheet = nurse.browser.get("/clinic/chart/asha/vitals").await.text;
    assert!(sheet.contains("64.5 kg") && sheet.contains("reported by the patient"), "{sheet}");
}

#[tokio::test]
async fn b2_general_details_are_self_reported_and_a_blood_group_is_not_confirmed_by_a_click() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let mut nurse = pages.nurse(&mut admin).await;
    let page = asha.browser.get(DETAILS).await;
    for (typed, said) in [
        (&[("choice", "contact"), ("name", "Ravi Rao"), ("phone", "ring me")][..], "Enter a phone number"),
        (&[("choice", "contact"), ("phone", "+91 98765 43210")][..], "This is needed"),
        (&[("choice", "blood-group"), ("blood-group", "z+")][..], "Choose one of those"),
    ] {
        let wrong = send(&mut asha.browser, &page, DETAILS, typed).await;
        assert!(wrong.status == 422 && wrong.text.contains(said), "{said} in {}", wrong.text);
    }
    let contact = [
        ("choice", "contact"),
        ("name", "Ravi Rao"),
        ("relation", "my husband"),
        ("phone", "+91 98765 43210"),
    ];
    for _ in 0..2 {
        assert_eq!(send(&mut asha.browser, &page, DETAILS, &contact).await.goes_to(), DETAILS);
    }
    assert_eq!(pages.of_asha("RelatedPerson").len(), 1);
    let page = asha.browser.get(DETAILS).await;
    assert!(page.text.contains("Ravi Rao") && page.text.contains("my husband"), "{}", page.text);
    let typed = [("choice", "blood-group"), ("blood-group", "ab-")];
    // The page has three forms to one address; any of them carries what it takes.
    assert_eq!(send(&mut asha.browser, &asha_form(&page), DETAILS, &typed).await.goes_to(), DETAILS);
    let details = nurse.browser.get("/clinic/chart/asha/details").await;
    for said in ["Ravi Rao", "AB Rh(D) negative", "reported by the patient", "not verified by a laboratory"] {
        assert!(details.text.contains(said), "{said} in {}", details.text);
    }
    assert!(!details.text.contains("value=\"contact\""), "the clinic reads it: {}", details.text);
    let group =
        pages.observations().into_iter().find(|it| it["code"]["coding"][0]["code"] == "882-1").unwrap();
    let address = format!("/clinic/chart/asha/entries/vitals/{}", group["id"].as_str().unwrap());
    let page = nurse.browser.get(&address).await;
    assert!(page.text.contains("Deny it") && !page.text.contains("Accept it"), "{}", page.text);
    assert_eq!(send(&mut nurse.browser, &page, &address, &[("choice", "accept")]).await.status, 403);
    // Ravi is taken off the list again.
    let about = pages.of_asha("RelatedPerson")[0]["id"].as_str().unwrap().to_owned();
    let typed = [("choice", "remove"), ("about", about.as_str()), ("version", "1")];
    assert_eq!(asha.browser.post_signed_in("patient", DETAILS, &typed).await.goes_to(), DETAILS);
    assert_eq!(pages.of_asha("RelatedPerson")[0]["active"], false);
    assert!(!asha.browser.get(DETAILS).await.text.contains("Ravi"));
}

#[tokio::test]
async fn b5_a_patient_changes_a_value_until_a_clinician_has_accepted_it() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let form = "/patient/chart/asha/vitals/new";
    let page = asha.browser.get(form).await;
    let typed = [("systolic", "120"), ("diastolic", "80"), ("weight", "80"), ("height", "160")];
    send(&mut asha.browser, &page, form, &typed).await;
    let of = |code: &str| {
        pages.observations().into_iter().find(|it| it["code"]["coding"][0]["code"] == code).unwrap()
    };
    let id = |code: &str| of(code)["id"].as_str().unwrap().to_owned();
    let edit = format!("/patient/chart/asha/vitals/{}/edit", id("29463-7"));
    let page = asha.browser.get(&edit).await;
    assert!(page.text.contains("value=\"80\"") && !page.text.contains("name=\"systolic\""), "{}", page.text);
    for (value, said) in
        [("heavy", "This is no number"), ("8000", "This cannot be"), ("", "Enter at least one value")]
    {
        let wrong = send(&mut asha.browser, &page, &edit, &[("weight", value)]).await;
        assert!(wrong.status == 422 && wrong.text.contains(said), "{}", wrong.text);
    }
    assert_eq!(send(&mut asha.browser, &page, &edit, &[("weight", "60,50")]).await.goes_to(), LIST);
    let stale = send(&mut asha.browser, &page, &edit, &[("weight", "61")]).await;
    assert!(stale.status == 409 && stale.text.contains("changed by somebody else"), "{}", stale.text);
    let weight = of("29463-7");
    assert_eq!(weight["valueQuantity"]["value"].to_string(), "60.50");
    assert_eq!(
        (weight["meta"]["versionId"].as_str(), weight["status"].as_str()),
        (Some("2"), Some("preliminary"))
    );
    assert_eq!(of("39156-5")["status"], "entered-in-error", "the index was that of another weight");
    let edit = format!("/patient/chart/asha/vitals/{}/edit", id("85354-9"));
    let page = asha.browser.get(&edit).await;
    assert!(page.text.contains("value=\"120\"") && page.text.contains("value=\"80\""), "{}", page.text);
    send(&mut asha.browser, &page, &edit, &[("systolic", "130"), ("diastolic", "85")]).await;
    assert_eq!(of("85354-9")["component"][0]["valueQuantity"]["value"], 130);
    for path in ["vitals/none/edit", "allergies/none/edit"] {
        assert_eq!(asha.browser.get(&format!("/patient/chart/asha/{path}")).await.status, 404, "{path}");
    }
}

/// The page from its last form to that address on.
fn asha_form(page: &Page) -> Page {
    let at = page.text.rfind("<form class=\"ask\"").unwrap();
    Page {
        status: page.status,
        headers: page.headers.clone(),
        text: page.text[at..].to_owned(),
        bytes: Vec::new(),
    }
}

#[tokio::test]
async fn bad_input_and_other_peoples_charts() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let long = "x".repeat(10_000);
    for (typed, said) in [
        (&[("what", "")][..], "This is needed"),
        (&[("what", long.as_str())][..], "Use at most 120 characters"),
        (&[("what", "Nuts"), ("severity", "severe")][..], "Say what happens too"),
        (&[("what", "Nuts"), ("reaction", "r"), ("severity", "deadly")][..], "Choose one of those"),
    ] {
        let page = write(&mut asha.browser, typed).await;
        assert!(page.status == 422 && page.text.contains(said), "{said} in {}", page.text);
    }
    assert!(pages.of_asha("AllergyIntolerance").is_empty());
    let script = [("what", "<script>alert(1)</script>"), ("choice", "allergy")];
    assert_eq!(write(&mut asha.browser, &script).await.goes_to(), LIST);
    for path in [LIST, "/patient/chart/asha", "/patient/chart/asha/problems"] {
        assert!(!asha.browser.get(path).await.text.contains("<script>alert"), "{path}");
    }
    for path in ["allergies/new", "entries", "vitals/new", "details"] {
        let page = asha.browser.get(&format!("/patient/chart/chitra/{path}")).await;
        assert_eq!(page.status, 404, "{path}: {}", page.text);
    }
    let typed = [
        ("key", "k"),
        ("what", "Nuts"),
        ("weight", "60"),
        ("choice", "contact"),
        ("name", "N"),
        ("phone", "12345"),
    ];
    for path in ["allergies/new", "vitals/new", "details"] {
        let page =
            asha.browser.post_signed_in("patient", &format!("/patient/chart/chitra/{path}"), &typed).await;
        assert!([403, 404].contains(&page.status), "{path}: {}", page.status);
    }
    let id = pages.of_asha("AllergyIntolerance")[0]["id"].as_str().unwrap().to_owned();
    let others = format!("/patient/chart/chitra/entries/allergies/{id}");
    assert_eq!(asha.browser.get(&others).await.status, 404);
}
