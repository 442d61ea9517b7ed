//! Words found in a chart, as far as its reader sees it (C9).

use crate::house::{Page, Pages, Person};
use serde_json::json;

const CLINIC: &str = "/clinic/chart/asha/search";
const OWN: &str = "/patient/chart/asha/search";

impl Pages {
    /// Asha takes metformin: so say a medicine, a note, the text of a letter, and a note that is nobody's but her own.
    async fn metformin(&self, admin: &mut Person) -> Person {
        self.chart();
        let subject = json!({"reference": "Patient/asha"});
        let note = |id: &str, text: &str| {
            json!({"resourceType": "Composition", "id": id, "status": "final", "subject": subject, "date": "2024-02-01T10:00:00Z",
                "type": {"text": "Progress note"}, "title": format!("Note {id}"), "author": [{"display": "Dr Test"}],
                "section": [{"title": "Plan", "text": {"status": "generated",
                    "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>{text}</p></div>")}}]})
        };
        let mut hidden = note("hidden", "Hears voices since metformin was raised");
        hidden["meta"] = json!({"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]});
        for resource in [
            json!({"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "subject": subject,
                "medicationCodeableConcept": {"text": "Metformin <b>500 mg"}}),
            note("open", "Tolerates metformin well"),
            hidden,
            // "Go on with metformin <i>"
            json!({"resourceType": "DocumentReference", "id": "letter", "status": "current", "subject": subject, "type": {"text": "Letter"},
                "content": [{"attachment": {"contentType": "text/plain", "title": "Letter", "data": "R28gb24gd2l0aCBtZXRmb3JtaW4gPGk+"}}]}),
        ] {
            self.put(resource);
        }
        self.staff_as(admin, "doctor@example.org", "physician", "e").await
    }
}

async fn asks(person: &mut Person, realm: &str, path: &str, words: &str) -> Page {
    person.browser.get(path).await;
    person.browser.post_signed_in(realm, path, &[("words", words)]).await
}

#[tokio::test]
async fn c9_a_word_is_found_in_medicines_notes_and_files_and_what_is_restricted_is_a_count_alone() {
    let (pages, mut admin) = Pages::open().await;
    let mut doctor = pages.metformin(&mut admin).await;
    let box_of_words = doctor.browser.get("/clinic/chart/asha").await;
    assert!(box_of_words.text.contains(&format!("action=\"{CLINIC}\"")), "{}", box_of_words.text);
    let found = asks(&mut doctor, "clinic", CLINIC, "METFORM").await;
    assert_eq!(found.status, 200, "{}", found.text);
    for said in [
        "Found in 3 places",
        "Metformin &#60;b&#62;500 mg</a>",
        "Tolerates <mark>metformin</mark> well",
        "Go on with <mark>metformin</mark> &#60;i&#62;",
        "href=\"/clinic/chart/asha/notes/open\"",
        "href=\"/clinic/chart/asha/documents/letter/look\"",
        "One more item is restricted",
        "What is restricted was not searched",
    ] {
        assert!(found.text.contains(said), "{said}: {}", found.text);
    }
    assert!(!found.text.contains("voices") && !found.text.contains("Note hidden"), "{}", found.text);
    let none = asks(&mut doctor, "clinic", CLINIC, "voices").await.text;
    assert!(
        none.contains("Nothing that you see says so") && none.contains("One more item is restricted"),
        "{none}"
    );
    let mut asha = pages.linked(&mut admin).await;
    let own = asks(&mut asha, "patient", OWN, "metformin").await.text;
    assert!(
        own.contains("Found in 4 places") && own.contains("Hears voices since <mark>metformin</mark>"),
        "{own}"
    );
    let looks = async |asha: &mut Person| {
        let seen = asha.browser.get("/patient/chart/asha/viewers").await.text;
        seen.matches("Opened the record").count()
    };
    let before = looks(&mut asha).await;
    assert_eq!(asks(&mut doctor, "clinic", CLINIC, "metformin").await.status, 200);
    assert_eq!(looks(&mut asha).await, before + 2, "the page and the search are a look each");
}

#[tokio::test]
async fn words_that_say_nothing_other_peoples_forms_and_other_peoples_charts_find_nothing() {
    let (pages, mut admin) = Pages::open().await;
    let mut doctor = pages.metformin(&mut admin).await;
    let long = "ज्वर".repeat(100);
    for words in ["", "   ", "/", long.as_str()] {
        let page = asks(&mut doctor, "clinic", CLINIC, words).await;
        assert!(page.status == 422 && page.text.contains("Type at least one word"), "{words}: {}", page.text);
    }
    let odd = asks(&mut doctor, "clinic", CLINIC, "<script>\u{202e}\u{0} %_*").await;
    assert!(odd.status == 200 && !odd.text.contains("<script>\u{202e}"), "{}", odd.text);
    let forged = doctor.browser.post(CLINIC, &[("token", "other"), ("words", "metformin")]).await;
    assert_eq!(forged.status, 403, "{}", forged.text);
    let mut stranger = pages.staff_as(&mut admin, "stranger@example.org", "physician", "stranger").await;
    for path in [CLINIC, "/clinic/chart/nobody/search"] {
        let page = asks(&mut stranger, "clinic", path, "metformin").await;
        assert!(page.status == 404 && !page.text.contains("<mark>"), "{}", page.text);
    }
}

#[tokio::test]
async fn d1_a_file_that_is_added_is_found_by_its_words() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let key = asha.browser.get("/patient/chart/asha/upload").await.between("name=\"key\" value=\"", "\"");
    let fields = [("key", key.as_str()), ("paper", "11502-2"), ("title", "Blood test")];
    let text = "Haemoglobin 9.1 g/dL\r\n\r\n  Ferritin\t low";
    let done =
        asha.browser.post_files("/patient/chart/asha/upload", &fields, &[("a.txt", text.as_bytes())]).await;
    assert_eq!(done.goes_to(), "/patient/chart/asha/documents", "{}", done.text);
    let found = asks(&mut asha, "patient", OWN, "ferritin haemo").await.text;
    assert!(found.contains("Found in one place") && found.contains("in the file"), "{found}");
    assert!(found.contains("<mark>Haemoglobin</mark> 9.1 g/dL"), "{found}");
    assert!(!found.contains("searched by its name alone"), "{found}");
    // What is downloaded is the file as it came.
    let file = asha.browser.get(&format!("/patient/chart/asha/documents/{key}-1")).await;
    assert_eq!((file.status, file.text.as_str()), (200, text));
}
