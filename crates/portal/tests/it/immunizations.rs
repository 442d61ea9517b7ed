//! Vaccinations that are due, the card for paper, and the card that is signed (B10).

use crate::house::{ORIGIN, Page, Pages, Person};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const HERE: &str = "/patient/chart/asha/immunizations";
const MAKE: &str = "/patient/chart/asha/immunizations/health-card";

impl Pages {
    /// Asha is an infant from here on: born on the first of August, and the house stands in the middle of November 2023.
    fn infant(&self, born: Value) {
        let mut patient =
            json!({"resourceType": "Patient", "id": "asha", "name": [{"family": "Rao", "given": ["Asha"]}]});
        if !born.is_null() {
            patient["birthDate"] = born;
        }
        self.put(patient);
    }

    fn given(&self, id: &str, status: &str, cvx: (&str, &str), date: &str, more: Value) {
        let mut value = json!({"resourceType": "Immunization", "id": id, "status": status, "occurrenceDateTime": date,
            "patient": {"reference": "Patient/asha"},
            "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": cvx.0}], "text": cvx.1}});
        for (key, more) in more.as_object().unwrap() {
            value[key] = more.clone();
        }
        self.put(value);
    }

    /// A house in which Asha is linked to her chart, and has had some doses.
    async fn vaccinated() -> (Pages, Person, Person) {
        let (pages, mut admin) = Pages::open().await;
        pages.chart();
        let asha = pages.linked(&mut admin).await;
        pages.infant("2023-08-01".into());
        pages.given("bcg", "completed", ("19", "BCG"), "2023-08-01", json!({"lotNumber": "LOT7"}));
        pages.given("penta", "completed", ("198", "Pentavalent"), "2023-09-12", json!({}));
        pages.given("early", "completed", ("178", "OPV"), "2023-09-01", json!({}));
        pages.given("refused", "not-done", ("04", "MR"), "2023-09-12", json!({}));
        let words = json!({"vaccineCode": {"text": "Test vaccine <b>"}});
        pages.given("other", "completed", ("", ""), "2023-09-12", words);
        (pages, admin, asha)
    }

    /// The card in that file: whether its signature holds by the published keys, and the name of its key.
    fn verified(&self, jws: &str) -> (bool, String) {
        let (message, signature) = jws.rsplit_once('.').unwrap();
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(message.split('.').next().unwrap()).unwrap())
                .unwrap();
        assert_eq!((&header["alg"], &header["zip"]), (&json!("ES256"), &json!("DEF")));
        let kid = header["kid"].as_str().unwrap().to_owned();
        let keys = self.login.health_card_keys(self.house.now()).unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid.as_str()).unwrap();
        assert!(key.get("d").is_none());
        let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        let public =
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [&[4][..], &part("x"), &part("y")].concat());
        (public.verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).is_ok(), kid)
    }
}

fn jws(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.text);
    let file: Value = serde_json::from_str(&page.text).unwrap();
    file["verifiableCredential"][0].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn b10_a_patient_sees_what_is_overdue_due_and_next_and_why_a_dose_does_not_count() {
    let (pages, mut admin, mut asha) = Pages::vaccinated().await;
    let page = asha.browser.get(HERE).await;
    for said in [
        "<h2>Overdue</h2>",
        "Oral polio (OPV), dose 1",
        "due by 09-Oct-2023",
        "Pentavalent, dose 2",
        "due by 06-Nov-2023",
        "<h2>Next</h2>",
        "Measles and rubella (MR), dose 1",
        "from 01-May-2024",
        "Complete:</strong> BCG (tuberculosis)",
        "Not given any more at this age:</strong> Hepatitis B at birth",
        "Oral polio (OPV): not counted: given too early for the age",
        "not part of this schedule, or a code that is not known here",
        "Test vaccine &#60;b&#62;",
        "LOT7",
        "India&#39;s Universal Immunization Programme",
        "do not replace a doctor or nurse",
        "Japanese encephalitis",
    ] {
        assert!(page.text.contains(said), "{said} in {}", page.text);
    }
    // What was refused is told, and is no dose.
    assert!(page.text.contains("not given") && !page.text.contains("rubella (MR): dose 1"), "{}", page.text);
    let card = asha.browser.get("/patient/chart/asha/immunizations/card").await;
    for said in ["<h1>Vaccination card</h1>", "Born", "01-Aug-2023", "BCG", "birth dose", ORIGIN] {
        assert!(card.text.contains(said), "{said} in {}", card.text);
    }
    assert!(!card.text.contains("not given</span>"), "what was not given stands on no card");
    // In the other languages the sentences are theirs.
    for (language, said) in [("hi", "समय निकल गया"), ("te", "గడువు దాటినవి")]
    {
        asha.browser.post("/language", &[("language", language), ("back", HERE)]).await;
        let page = asha.browser.send("GET", HERE, &[("accept-language", language)], String::new()).await;
        assert!(page.text.contains(said), "{language}: {}", page.text);
    }
    // Staff who may open the chart read the same, and make no card.
    pages.put(json!({"resourceType": "Encounter", "id": "care", "status": "in-progress", "class": {"code": "AMB"},
        "subject": {"reference": "Patient/asha"}, "participant": [{"individual": {"reference": "Practitioner/c"}}]}));
    let mut doctor = pages.staff_as(&mut admin, "doctor@example.org", "physician", "c").await;
    let page = doctor.browser.get("/clinic/chart/asha/immunizations").await;
    assert!(page.text.contains("<h2>Overdue</h2>") && !page.text.contains("health-card"), "{}", page.text);
    let card = doctor.browser.get("/clinic/chart/asha/immunizations/card").await;
    assert!(card.status == 200 && card.text.contains("Vaccination card"));
}

#[tokio::test]
async fn b10_without_a_birth_date_to_the_day_the_page_says_why_nothing_is_told() {
    let (pages, _, mut asha) = Pages::vaccinated().await;
    for (born, said) in [
        (Value::Null, "No birth date is recorded"),
        ("2023".into(), "The day of birth is not known"),
        ("1990-05-31".into(), "This schedule is for children"),
    ] {
        pages.infant(born);
        let page = asha.browser.get(HERE).await;
        assert!(page.text.contains(said) && !page.text.contains("<h2>Overdue</h2>"), "{said}: {}", page.text);
        assert!(
            page.text.contains("LOT7") && !page.text.contains("not counted"),
            "what was given stands there"
        );
    }
    pages.infant("2023-08-01".into());
    pages.put(json!({"resourceType": "Immunization", "id": "quiet", "status": "completed", "occurrenceDateTime": "2023-08-02",
        "meta": {"security": [{"code": "PSY"}]}, "patient": {"reference": "Patient/asha"}, "vaccineCode": {"text": "T"}}));
    assert!(asha.browser.get(HERE).await.text.contains("<h2>Overdue</h2>"), "it is the patient's own");
}

#[tokio::test]
async fn b10_a_signed_card_is_verified_by_the_published_key_and_stands_on_the_list_of_who_looked() {
    let (pages, _, mut asha) = Pages::vaccinated().await;
    pages.step_up(&mut asha, HERE).await;
    let page = asha.browser.post_signed_in("patient", MAKE, &[]).await;
    assert!(
        page.status == 200 && page.text.contains("3 doses are on this card") && page.text.contains("<svg")
    );
    assert!(page.text.contains("One more dose is not"), "the one without a known code: {}", page.text);
    let file = asha.browser.post_signed_in("patient", MAKE, &[("as", "file")]).await;
    assert_eq!(
        (file.header("content-type"), file.header("content-disposition"), file.header("cache-control")),
        (
            "application/smart-health-card",
            "attachment; filename=\"immunizations.smart-health-card\"",
            "no-store"
        )
    );
    let card = jws(&file);
    let (holds, kid) = pages.verified(&card);
    assert!(holds);
    let (message, signature) = card.rsplit_once('.').unwrap();
    let at = message.len() - 5;
    let other = if &message[at..=at] == "A" { "B" } else { "A" };
    let tampered = format!("{}{other}{}.{signature}", &message[..at], &message[at + 1..]);
    assert!(!pages.verified(&tampered).0, "one letter is different");
    let viewers = asha.browser.get("/patient/chart/asha/viewers").await.text;
    assert_eq!(viewers.matches("Made a signed card of the vaccinations").count(), 2, "{viewers}");
    // A year later another key signs, and what the first one signed still holds.
    let keys = |pages: &Pages| {
        pages.login.health_card_keys(pages.house.now()).unwrap()["keys"].as_array().unwrap().len()
    };
    assert_eq!(keys(&pages), 1);
    pages.wait(366 * 24 * 3600);
    assert_eq!(keys(&pages), 2);
    assert_eq!(pages.verified(&card), (true, kid));
}

#[tokio::test]
async fn b10_whoever_signed_in_long_ago_proves_it_first_and_without_doses_or_a_name_there_is_no_card() {
    let (pages, _, mut asha) = Pages::vaccinated().await;
    pages.wait(700);
    let page = asha.browser.post_signed_in("patient", MAKE, &[]).await;
    assert_eq!(page.goes_to(), format!("/patient/step-up?to={HERE}"));
    pages.step_up(&mut asha, HERE).await;
    pages.infant(Value::Null);
    let page = asha.browser.post_signed_in("patient", MAKE, &[]).await;
    assert!(page.status == 422 && page.text.contains("would be nobody&#39;s"), "{}", page.text);
    pages.infant("2023-08-01".into());
    for id in ["bcg", "penta", "early"] {
        pages.given(id, "entered-in-error", ("19", "BCG"), "2023-08-01", json!({}));
    }
    let page = asha.browser.post_signed_in("patient", MAKE, &[("as", "file")]).await;
    assert!(page.status == 422 && page.text.contains("no dose in this record"), "{}", page.text);
    // Nobody else's.
    let page =
        asha.browser.post_signed_in("patient", "/patient/chart/chitra/immunizations/health-card", &[]).await;
    assert_eq!(page.status, 404, "{}", page.text);
}

#[tokio::test]
async fn b10_the_schedule_is_that_of_the_country_in_which_the_house_is() {
    let (_pages, mut admin, mut asha) = Pages::vaccinated().await;
    for (version, country, said) in [
        ("0", "US", "the childhood schedule of the United States"),
        ("1", "other", "We know no schedule of the country"),
        ("2", "IN", "Universal Immunization Programme"),
    ] {
        let zone = if country == "IN" { "Asia/Kolkata" } else { "America/New_York" };
        let typed = [("country", country), ("zone", zone), ("version", version)];
        let saved = admin.browser.post_signed_in("admin", "/admin/home", &typed).await;
        assert_eq!(saved.goes_to(), "/admin/home?saved=yes", "{}", saved.text);
        let page = asha.browser.get(HERE).await.text;
        assert!(page.contains(said), "{country}: {page}");
        assert_eq!(page.contains("<h2>Next</h2>"), country != "other", "{page}");
    }
}
