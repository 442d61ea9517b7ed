//! Vital signs in the browser: the nurse's form, the flowsheet, and what becomes of one value (C1).

use crate::house::{Browser, Page, Pages, Person};
use serde_json::Value;

const FORM: &str = "/clinic/chart/asha/vitals/new";
const SHEET: &str = "/clinic/chart/asha/vitals";

/// A whole set of somebody who is ill.
pub(crate) const WHOLE: [(&str, &str); 9] = [
    ("systolic", "95"),
    ("diastolic", "60"),
    ("heart-rate", "115"),
    ("respiratory-rate", "22"),
    ("temperature", "38,5"),
    ("saturation", "94"),
    ("oxygen", "oxygen"),
    ("consciousness", "alert"),
    ("pregnant", "no"),
];

impl Pages {
    pub(crate) async fn nurse(&self, admin: &mut Person) -> Person {
        self.staff_as(admin, "nurse@example.org", "nurse", "e").await
    }

    /// The Observations of Asha's chart, as an operator sees them.
    pub(crate) fn observations(&self) -> Vec<Value> {
        let kinds = ["Observation".to_owned()];
        let request = record::everything::EverythingRequest {
            patient: "asha",
            types: &kinds,
            since: None,
            operation: "everything",
        };
        let seen = self.house.record.everything(&self.house.operator(), &request).unwrap();
        let read = |body: &[u8]| fhir::json::parse(body, fhir::json::Limits::default()).unwrap();
        let all = seen.entries.iter().filter(|entry| entry.resource_type == "Observation");
        all.map(|entry| read(&entry.body)).collect()
    }

    pub(crate) fn log(&self) -> usize {
        let note = String::from_utf8(self.house.record.store().checkpoint().unwrap()).unwrap();
        note.lines().nth(1).unwrap().parse().unwrap()
    }
}

/// The hidden fields of the form on a page that goes to `action`.
pub(crate) fn hidden(page: &Page, action: &str) -> Vec<(String, String)> {
    let form = page
        .text
        .split(&format!("action=\"{action}\""))
        .nth(1)
        .unwrap_or_else(|| panic!("no form to {action} in {}", page.text));
    let form = form.split("</form>").next().unwrap();
    let fields = form.split("<input type=\"hidden\" name=\"").skip(1);
    fields
        .map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split('"').next().unwrap().to_owned())
        })
        .collect()
}

/// Sends a form with what it carries and what is typed.
pub(crate) async fn send(browser: &mut Browser, page: &Page, action: &str, typed: &[(&str, &str)]) -> Page {
    let hidden = hidden(page, action);
    let carried = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = carried.chain(typed.iter().copied()).collect();
    browser.post(action, &fields).await
}

async fn enter(browser: &mut Browser, typed: &[(&str, &str)]) -> Page {
    let page = browser.get(FORM).await;
    assert_eq!(page.status, 200, "{}", page.text);
    send(browser, &page, FORM, typed).await
}

#[tokio::test]
async fn c1_a_nurse_enters_a_set_and_it_stands_in_the_flowsheet_with_its_early_warning() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut nurse = pages.nurse(&mut admin).await;
    let form = nurse.browser.get(FORM).await;
    assert!(form.text.contains("autofocus") && form.text.contains("RAO"), "{}", form.text);
    let before = pages.log();
    let page = send(&mut nurse.browser, &form, FORM, &WHOLE).await;
    assert_eq!(page.goes_to(), "/clinic/chart/asha/vitals?saved=yes");
    assert_eq!(pages.log(), before + 1, "one submission is one entry of the log");
    let sheet = nurse.browser.get("/clinic/chart/asha/vitals?saved=yes").await.text;
    for said in [
        "The vital signs are saved",
        "95/60 mmHg",
        "38.5 °C",
        "94%",
        "Oxygen",
        "Alert",
        "10 points",
        "high risk",
        "critical care and airway",
        "14-Nov-2023",
        "high</span>",
    ] {
        assert!(sheet.contains(said), "{said} in {sheet}");
    }
    let results = nurse.browser.get("/clinic/chart/asha/results/8310-5").await.text;
    assert!(results.contains("38.5 °C") && results.contains("36.1–38 °C"), "{results}");
    let temperature =
        pages.observations().into_iter().find(|it| it["code"]["coding"][0]["code"] == "8310-5").unwrap();
    assert_eq!(temperature["valueQuantity"]["value"].to_string(), "38.5");
    assert_eq!(temperature["performer"][0]["reference"], "Practitioner/e");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_set_and_one_that_was_changed_says_so() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut nurse = pages.nurse(&mut admin).await;
    let form = nurse.browser.get(FORM).await;
    for _ in 0..2 {
        let page = send(&mut nurse.browser, &form, FORM, &[("heart-rate", "72")]).await;
        assert_eq!(page.goes_to(), "/clinic/chart/asha/vitals?saved=yes");
    }
    assert_eq!(pages.observations().len(), 1);
    // Back in the browser, another value, and sent again: not saved, and not lost either.
    let page = send(&mut nurse.browser, &form, FORM, &[("heart-rate", "75")]).await;
    assert!(page.status == 409 && page.text.contains("was saved before, with other values"), "{}", page.text);
    assert!(page.text.contains("value=\"75\""));
    assert_eq!(pages.observations().len(), 1);
    let page = send(&mut nurse.browser, &page, FORM, &[("heart-rate", "75")]).await;
    assert_eq!(page.goes_to(), "/clinic/chart/asha/vitals?saved=yes");
    assert_eq!(pages.observations().len(), 2);
}

#[tokio::test]
async fn bad_input_is_shown_again_with_a_sentence_and_nothing_is_saved() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut nurse = pages.nurse(&mut admin).await;
    let long = "7".repeat(10_000);
    let cases: [(&[(&str, &str)], &str); 16] = [
        (&[("heart-rate", "fast")], "This is no number"),
        (&[("heart-rate", "-72")], "This is no number"),
        (&[("heart-rate", "+5")], "This is no number"),
        (&[("heart-rate", "1e999")], "This is no number"),
        (&[("heart-rate", "७२")], "This is no number"),
        (&[("heart-rate", &long)], "This is no number"),
        (&[("heart-rate", "72.5")], "Enter a whole number here"),
        (&[("temperature", "98.6")], "This cannot be: nobody has it. Possible is 13 to 47 °C"),
        (&[("systolic", "230")], "This is unusual: mostly it is 80 to 200 mmHg"),
        (&[("systolic", "80"), ("diastolic", "120")], "Were they swapped?"),
        (&[("diastolic", "80")], "Enter the upper blood pressure too"),
        (&[("systolic", "120"), ("systolic", "130")], "This came twice"),
        (&[("heart-rate", "72"), ("measured", "tomorrow")], "Enter day and time"),
        (&[("heart-rate", "72"), ("measured", "2023-11-15 23:00")], "This time has not come yet"),
        (&[("heart-rate", "72"), ("consciousness", "asleep")], "Choose one of those"),
        (&[], "Enter at least one value"),
    ];
    for (typed, said) in cases {
        let page = enter(&mut nurse.browser, typed).await;
        assert_eq!(page.status, 422, "{said}: {}", page.text);
        assert!(
            page.text.contains(said) && page.text.contains("Nothing is saved yet"),
            "{said} in {}",
            page.text
        );
        if let Some((name, value)) = typed.first() {
            assert!(page.text.contains(&format!("value=\"{value}\"")), "what was typed in {name} is gone");
        }
    }
    let script = enter(&mut nurse.browser, &[("heart-rate", "\"><script>alert(1)</script>")]).await;
    assert!(script.status == 422 && !script.text.contains("<script>alert"));
    assert!(pages.observations().is_empty());
    // What is unusual is saved once somebody has ticked that they checked it.
    let page = enter(&mut nurse.browser, &[("systolic", "230")]).await;
    assert!(page.text.contains("name=\"sure-systolic\" value=\"230\""), "{}", page.text);
    let page = send(&mut nurse.browser, &page, FORM, &[("systolic", "230"), ("sure-systolic", "230")]).await;
    assert_eq!(page.goes_to(), "/clinic/chart/asha/vitals?saved=yes");
}

#[tokio::test]
async fn news2_says_why_it_was_not_computed() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut nurse = pages.nurse(&mut admin).await;
    let mut said = Vec::new();
    for typed in [&WHOLE[..3], &WHOLE[..8]] {
        enter(&mut nurse.browser, typed).await;
        said.push(nurse.browser.get(SHEET).await.text);
        pages.wait(60);
    }
    assert!(said[0].contains("not computed") && said[0].contains("missing: Breathing rate"), "{}", said[0]);
    assert!(said[1].contains("not recorded whether the patient is pregnant"), "{}", said[1]);
    assert!(!said.concat().contains("points"));
}

#[tokio::test]
async fn what_was_entered_in_error_is_struck_through_with_its_reason_and_never_gone() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut nurse = pages.nurse(&mut admin).await;
    enter(&mut nurse.browser, &WHOLE).await;
    let sheet = nurse.browser.get(SHEET).await;
    let pulse =
        pages.observations().into_iter().find(|it| it["code"]["coding"][0]["code"] == "8867-4").unwrap();
    let address = format!("/clinic/chart/asha/entries/vitals/{}", pulse["id"].as_str().unwrap());
    assert!(sheet.text.contains(&format!("href=\"{address}\"")), "{}", sheet.text);
    let page = nurse.browser.get(&address).await;
    assert!(page.text.contains("Mark as entered in error"), "{}", page.text);
    for reason in ["", "x", &"y".repeat(301)] {
        let wrong =
            send(&mut nurse.browser, &page, &address, &[("choice", "error"), ("reason", reason)]).await;
        assert!(
            wrong.status == 422 && wrong.text.contains("Say why, in 3 to 300 characters"),
            "{}",
            wrong.text
        );
    }
    let typed = [("choice", "error"), ("reason", "typed for <b>another</b> patient")];
    let done = send(&mut nurse.browser, &page, &address, &typed).await;
    assert_eq!(done.goes_to(), address);
    // The same page in another tab: somebody has changed it since.
    let stale = send(&mut nurse.browser, &page, &address, &typed).await;
    assert!(
        stale.status == 412 && stale.text.contains("changed by somebody else in the meantime"),
        "{}",
        stale.text
    );
    let sheet = nurse.browser.get(SHEET).await.text;
    assert!(sheet.contains("<s>115 /min</s>") && sheet.contains("entered in error"), "{sheet}");
    assert!(
        sheet.contains("typed for &lt;b&gt;another") || sheet.contains("typed for &#60;b&#62;another"),
        "{sheet}"
    );
    assert!(
        sheet.contains("<s>10 points</s>") && sheet.contains("not computed"),
        "the score goes with it: {sheet}"
    );
    let results = nurse.browser.get("/clinic/chart/asha/results").await.text;
    assert!(!results.contains("115 /min"), "{results}");
}

#[tokio::test]
async fn nobody_reaches_an_entry_by_the_address_of_another_patient_or_without_the_role() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut nurse = pages.nurse(&mut admin).await;
    enter(&mut nurse.browser, &WHOLE).await;
    let id = pages.observations()[0]["id"].as_str().unwrap().to_owned();
    let others = format!("/clinic/chart/chitra/entries/vitals/{id}");
    assert_eq!(nurse.browser.get(&others).await.status, 404);
    let typed = [("choice", "error"), ("reason", "not mine"), ("version", "1")];
    assert_eq!(nurse.browser.post_signed_in("clinic", &others, &typed).await.status, 404);
    for path in ["entries/vitals/none", "entries/allergies/none", "entries/horses/1"] {
        assert_eq!(nurse.browser.get(&format!("/clinic/chart/asha/{path}")).await.status, 404, "{path}");
    }
    // The front desk sees that there is a chart, and neither enters nor strikes anything.
    let mut desk = pages.staff_as(&mut admin, "desk@example.org", "front-desk", "d").await;
    let sheet = desk.browser.get(SHEET).await;
    assert!(
        sheet.status == 200 && !sheet.text.contains("115") && !sheet.text.contains("vitals/new"),
        "{}",
        sheet.text
    );
    assert_eq!(desk.browser.get(FORM).await.status, 403);
    let key = [("key", "k"), ("heart-rate", "72")];
    assert_eq!(desk.browser.post_signed_in("clinic", FORM, &key).await.status, 403);
    assert_eq!(
        pages.observations().iter().filter(|it| it["status"] == "final").count(),
        pages.observations().len()
    );
}

#[tokio::test]
async fn a_form_whose_session_ended_is_kept_and_sent_again_as_one_set() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut nurse = pages.nurse(&mut admin).await;
    let form = nurse.browser.get(FORM).await;
    pages.wait(60 * 60);
    let page = send(&mut nurse.browser, &form, FORM, &[("heart-rate", "72")]).await;
    assert_eq!(page.goes_to(), "/clinic/sign-in");
    assert!(pages.observations().is_empty());
}

#[tokio::test]
async fn the_flowsheet_holds_twelve_times_in_the_order_that_the_reader_wants() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut nurse = pages.nurse(&mut admin).await;
    for rate in 60..74 {
        enter(&mut nurse.browser, &[("heart-rate", &rate.to_string())]).await;
        pages.wait(60);
    }
    let newest = nurse.browser.get(SHEET).await.text;
    let at = |text: &str, rate: u32| text.find(&format!(">{rate} /min<"));
    assert_eq!(newest.matches("/min</a>").count(), 12);
    assert!(at(&newest, 73) < at(&newest, 62) && at(&newest, 61).is_none(), "{newest}");
    let oldest = nurse.browser.get(&format!("{SHEET}?order=oldest")).await.text;
    assert!(at(&oldest, 62) < at(&oldest, 73));
    let earlier = nurse.browser.get(&format!("{SHEET}?page=1")).await.text;
    assert!(newest.contains("vitals?page=1") && at(&earlier, 61).is_some() && at(&earlier, 62).is_none());
    assert_eq!(nurse.browser.get(&format!("{SHEET}?page=99999999999999999999")).await.status, 200);
}
