//! Charts in the browser: who opens which, what stands there, in which language.

use crate::house::{Pages, Person};
use record::change::Wish;
use serde_json::{Value, json};

impl Pages {
    fn keep(&self, resource: Value) {
        let text = |name: &str| resource[name].as_str().unwrap().to_owned();
        let (resource_type, id) = (text("resourceType"), Some(text("id")));
        let wish =
            Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
        self.house.record.commit(&self.house.operator(), "update", &[wish.into()]).unwrap();
    }

    /// Asha's chart, in the care of `Practitioner/bo` until something ends it; Chitra's, in nobody's.
    fn charts(&self) {
        self.keep(json!({"resourceType": "Practitioner", "id": "bo", "name": [{"text": "Dr Testri"}]}));
        self.keep(json!({"resourceType": "Organization", "id": "north", "name": "Test North"}));
        for (id, name) in [("asha", "Rao<script>alert(1)</script>"), ("chitra", "Chitrini")] {
            self.keep(
                json!({"resourceType": "Patient", "id": id, "birthDate": "1990-05-31", "gender": "female",
                "name": [{"family": name, "given": ["Test"]}]}),
            );
        }
        let patient = json!({"reference": "Patient/asha"});
        self.keep(
            json!({"resourceType": "Encounter", "id": "e", "status": "in-progress", "class": {"code": "AMB"},
            "subject": patient, "participant": [{"individual": {"reference": "Practitioner/bo"}}],
            "serviceProvider": {"reference": "Organization/north"}, "type": [{"text": "Consultation"}],
            "period": {"start": "2023-11-10T09:30:00+05:30"}}),
        );
        for (at, value) in [("2023-10-05", 5.9), ("2023-11-05", 4.10)] {
            self.keep(json!({"resourceType": "Observation", "id": format!("k-{at}"), "status": "final",
                "category": [{"coding": [{"code": "laboratory"}]}], "effectiveDateTime": at, "subject": patient,
                "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "Potassium in serum"},
                "valueQuantity": {"value": value, "unit": "mmol/L"},
                "referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5.1, "unit": "mmol/L"}}]}));
        }
        self.keep(json!({"resourceType": "Observation", "id": "quiet", "status": "final", "subject": patient,
            "meta": {"security": [{"code": "PSY"}]}, "code": {"text": "Unspoken"}, "valueString": "kept back"}));
    }

    async fn doctor(&self, admin: &mut Person) -> Person {
        self.staff_as(admin, "doctor@example.org", "physician", "bo").await
    }

    fn signed_leaves(&self) -> usize {
        // The second line of a checkpoint is the size of the log.
        let note = String::from_utf8(self.house.record.store().checkpoint().unwrap()).unwrap();
        note.lines().nth(1).unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn d9_what_counts_in_an_emergency_stands_on_one_page_and_says_what_is_not_recorded() {
    let (pages, mut admin) = Pages::open().await;
    pages.charts();
    let patient = json!({"reference": "Patient/asha"});
    pages.keep(json!({"resourceType": "MedicationRequest", "id": "w", "status": "active", "intent": "order", "subject": patient,
        "medicationCodeableConcept": {"text": "Warfarin 2 mg"}}));
    pages.keep(json!({"resourceType": "DeviceUseStatement", "id": "d", "status": "active", "subject": patient, "device": {"display": "Pacemaker <b>"}}));
    pages.keep(json!({"resourceType": "RelatedPerson", "id": "c", "active": true, "patient": patient, "name": [{"text": "Ravi Rao"}],
        "relationship": [{"coding": [{"code": "C"}]}], "telecom": [{"system": "phone", "value": "+91 98765 43210"}]}));
    let mut doctor = pages.doctor(&mut admin).await;
    let summary = doctor.browser.get("/clinic/chart/asha").await.text;
    assert!(summary.contains("href=\"/clinic/chart/asha/emergency\""), "one click from the chart");
    let before = pages.signed_leaves();
    let page = doctor.browser.get("/clinic/chart/asha/emergency").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(pages.signed_leaves(), before + 1, "one look");
    for said in [
        "Warfarin 2 mg",
        "Thins the blood",
        "Pacemaker",
        "Ravi Rao",
        "tel:+91 98765 43210",
        "Potassium",
        "Not recorded",
    ] {
        assert!(page.text.contains(said), "{said} in {}", page.text);
    }
    assert!(!page.text.contains("Pacemaker <b>") && !page.text.contains("Unspoken"));
    // Nobody has written down a problem; one that is over is another thing than none that was ever asked for.
    assert!(!page.text.contains("None now"), "{}", page.text);
    pages.keep(json!({"resourceType": "Condition", "id": "over", "subject": patient, "code": {"text": "Malaria"},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}]}}));
    let after = doctor.browser.get("/clinic/chart/asha/emergency").await.text;
    assert!(after.contains("None now") && !after.contains("Malaria"), "{after}");
    assert_eq!(doctor.browser.get("/clinic/chart/chitra/emergency").await.status, 404);
}

#[tokio::test]
async fn a_physician_reads_the_chart_of_a_patient_in_their_care_and_it_says_what_is_restricted() {
    let (pages, mut admin) = Pages::open().await;
    pages.charts();
    let mut doctor = pages.doctor(&mut admin).await;
    let list = doctor.browser.get("/clinic").await;
    assert!(list.text.contains("/clinic/chart/asha") && !list.text.contains("chitra"), "{}", list.text);
    let chart = doctor.browser.get("/clinic/chart/asha").await;
    assert_eq!(chart.status, 200, "{}", chart.text);
    for said in [
        "Born",
        "31-May-1990",
        "Female",
        "Not recorded",
        "One more item is restricted",
        "Consultation",
        "Test North",
    ] {
        assert!(chart.text.contains(said), "{said} in {}", chart.text);
    }
    assert!(
        !chart.text.contains("<script>")
            && !chart.text.contains("kept back")
            && !chart.text.contains("Unspoken")
    );
    let results = doctor.browser.get("/clinic/chart/asha/results").await.text;
    assert!(
        results.contains("4.1 mmol/L") && results.contains("3.5–5.1 mmol/L") && results.contains("Potassium")
    );
    let series = doctor.browser.get("/clinic/chart/asha/results/2823-3").await.text;
    let (newest, older) = (series.find("05-Nov-2023").unwrap(), series.rfind("05-Oct-2023").unwrap());
    assert!(newest < older && series.contains("5.9 mmol/L") && series.contains("high"), "{series}");
    for section in [
        "timeline",
        "vitals",
        "details",
        "medicines",
        "problems",
        "visits",
        "documents",
        "immunizations",
        "plans",
    ] {
        let page = doctor.browser.get(&format!("/clinic/chart/asha/{section}")).await;
        assert!(
            page.status == 200 && page.text.contains("aria-current=\"page\""),
            "{section}: {}",
            page.text
        );
    }
    assert_eq!(doctor.browser.get("/clinic/chart/asha/results/none").await.status, 404);
}

#[tokio::test]
async fn d12_a_chart_that_is_not_open_looks_like_none_and_leads_to_asking() {
    let (pages, mut admin) = Pages::open().await;
    pages.charts();
    let mut doctor = pages.doctor(&mut admin).await;
    let (closed, none) =
        (doctor.browser.get("/clinic/chart/chitra").await, doctor.browser.get("/clinic/chart/nobody").await);
    assert_eq!((closed.status, none.status), (404, 404));
    let without = |text: &str| text.replace("chitra", "nobody");
    assert_eq!(without(&closed.text), without(&none.text));
    assert!(closed.text.contains("href=\"/clinic/patients\"") && !closed.text.contains("Chitrini"));
}

#[tokio::test]
async fn e3_x15_an_administrator_who_asks_for_a_chart_is_refused_and_that_is_signed() {
    let (pages, mut admin) = Pages::open().await;
    pages.charts();
    let before = pages.signed_leaves();
    let page = admin.browser.get("/admin/chart/asha").await;
    assert_eq!(page.status, 403, "{}", page.text);
    assert!(!page.text.contains("Rao") && pages.signed_leaves() > before);
}

#[tokio::test]
async fn one_page_of_a_chart_is_one_entry_in_the_log() {
    let (pages, mut admin) = Pages::open().await;
    pages.charts();
    let mut doctor = pages.doctor(&mut admin).await;
    doctor.browser.get("/clinic/chart/asha").await;
    let before = pages.signed_leaves();
    doctor.browser.get("/clinic/chart/asha").await;
    assert_eq!(pages.signed_leaves(), before + 1);
}

#[tokio::test]
async fn a_page_speaks_the_language_that_was_chosen_and_goes_back_to_where_that_was() {
    let pages = Pages::bare();
    let mut browser = pages.browser();
    assert!(browser.get("/").await.text.contains("lang=\"en\""));
    let page = browser.post("/language", &[("language", "te"), ("to", "/privacy")]).await;
    assert_eq!(page.goes_to(), "/privacy");
    let page = browser.get("/privacy").await.text;
    assert!(page.contains("lang=\"te\"") && page.contains("గోప్యత"), "{page}");
    for elsewhere in ["//evil.example", "/\\evil.example", "https://evil.example", ""] {
        let page = browser.post("/language", &[("language", "en"), ("to", elsewhere)]).await;
        assert_eq!(page.goes_to(), "/", "{elsewhere}");
    }
    let mut hindi = pages.browser();
    let page = hindi.send("GET", "/", &[("accept-language", "fr, hi;q=0.8")], String::new()).await;
    assert!(page.text.contains("lang=\"hi\"") && page.text.contains("मरीज़"));
}

#[tokio::test]
async fn nobody_walks_as_somebody_else_outside_of_a_demo() {
    let (pages, _) = Pages::open().await;
    let mut browser = pages.browser();
    for word in ["physician", "administrator", ""] {
        let page = browser.post("/visit", &[("as", word)]).await;
        assert_eq!(page.status, 410, "{}", page.text);
    }
    assert!(browser.cookies.is_empty() && !browser.get("/").await.text.contains("/visit"));
}
