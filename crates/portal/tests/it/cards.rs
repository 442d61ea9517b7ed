//! The emergency card, and what is shared by link or QR code: made by the patient, opened by somebody without an account (D9, E2).

use crate::house::{Browser, ORIGIN, Page, Pages, Person};
use serde_json::json;

const CARD: &str = "/patient/chart/asha/card";
const SHARE: &str = "/patient/chart/asha/share";
const STOP: &str = "/patient/chart/asha/share/stop";
const VIEWERS: &str = "/patient/chart/asha/viewers";

impl Pages {
    /// Asha, with what counts in an emergency, and with something sensitive.
    async fn with_much(&self, admin: &mut Person) -> Person {
        self.chart();
        let subject = json!({"reference": "Patient/asha"});
        let active = json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]});
        self.put(json!({"resourceType": "AllergyIntolerance", "id": "al", "patient": subject, "code": {"text": "Penicillin"}, "criticality": "high"}));
        self.put(json!({"resourceType": "MedicationRequest", "id": "me", "status": "active", "intent": "order", "subject": subject,
            "medicationCodeableConcept": {"text": "Warfarin 2 mg"}}));
        self.put(json!({"resourceType": "Condition", "id": "co", "subject": subject, "code": {"text": "Asthma"}, "clinicalStatus": active}));
        self.put(json!({"resourceType": "Condition", "id": "se", "subject": subject, "code": {"text": "Secret illness"}, "clinicalStatus": active,
            "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}]}}));
        self.put(json!({"resourceType": "Observation", "id": "bl", "status": "final", "subject": subject,
            "code": {"coding": [{"system": "http://loinc.org", "code": "882-1"}], "text": "Blood group"}, "valueString": "A positive"}));
        self.put(json!({"resourceType": "RelatedPerson", "id": "re", "patient": subject, "name": [{"text": "Chitra Rao"}],
            "relationship": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "C"}]}],
            "telecom": [{"system": "phone", "value": "+91 98 7654"}]}));
        for (id, title, kind) in [("will", "Living will", "42348-3"), ("lab", "Blood test", "11502-2")] {
            self.put(json!({"resourceType": "DocumentReference", "id": id, "status": "current", "date": "2023-10-01T10:00:00Z",
                "subject": subject, "type": {"coding": [{"system": "http://loinc.org", "code": kind}]},
                "content": [{"attachment": {"title": title, "contentType": "text/plain", "data": "V29yZHMgaGVyZQ=="}}]}));
        }
        self.linked(admin).await
    }

    /// A card with that PIN, or one that is drawn: its page, and where it opens.
    async fn card(&self, asha: &mut Browser, pin: &str) -> (Page, String) {
        let key = asha.get(CARD).await.between("name=\"key\" value=\"", "\"");
        let fields = [("key", key.as_str()), ("days", "365"), ("pin", pin)];
        let page = asha.post_signed_in("patient", CARD, &fields).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let place = place(&page);
        (page, place)
    }
}

/// Where the address on a page opens, as a phone sends it: without what stands behind `#`.
fn place(page: &Page) -> String {
    let address = page.between("<code class=\"address\">", "<");
    let path = address.strip_prefix(ORIGIN).unwrap();
    path.split("&#35;").next().unwrap().split('#').next().unwrap().to_owned()
}

fn pin(page: &Page) -> String {
    page.between("<span class=\"pin\">", "<")
}

async fn opens(browser: &mut Browser, place: &str, pin: &str) -> Page {
    browser.post(place, &[("pin", pin), ("from", "City Hospital by the lake")]).await
}

#[tokio::test]
async fn d9_a_card_opens_without_an_account_by_its_pin_and_shows_what_counts() {
    let (pages, mut admin) = Pages::open().await;
    let mut asha = pages.with_much(&mut admin).await.browser;
    let (page, place) = pages.card(&mut asha, "").await;
    let drawn = pin(&page);
    assert!(drawn.len() == 6 && drawn.bytes().all(|b| b.is_ascii_digit()), "{drawn}");
    for word in ["RAO", "1990", "Penicillin", "A positive", "Chitra Rao", "+91 98 7654", "<svg"] {
        assert!(page.text.contains(word), "{word} stands on the card: {}", page.text);
    }
    assert!(!page.text.contains("31-May-1990</p>"), "the year alone stands on the card");
    // The card side with the QR code holds no PIN: the slip stands apart.
    let card = page.between("<section class=\"id-card\"", "</section>");
    assert!(!card.contains(&drawn) && card.contains("Ask Chitra Rao for the PIN"), "{card}");
    let mut stranger = pages.browser();
    let form = stranger.get(&place).await;
    assert!(form.status == 200 && form.text.contains("name=\"pin\""), "{}", form.text);
    assert!(!form.text.contains("Rao") && !form.text.contains("Penicillin"), "nothing before the PIN");
    let wrong = opens(&mut stranger, &place, "999998").await;
    assert!(wrong.status == 422 && wrong.text.contains("With 9 more wrong PINs"), "{}", wrong.text);
    assert!(
        wrong.text.contains("City Hospital") && !wrong.text.contains("999998"),
        "what was typed stays, the PIN does not"
    );
    let seen = opens(&mut stranger, &place, &drawn).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    for word in [
        "RAO",
        "Penicillin",
        "Warfarin 2 mg",
        "Thins the blood",
        "Asthma",
        "A positive",
        "Chitra Rao",
        "Living will",
    ] {
        assert!(seen.text.contains(word), "{word}: {}", seen.text);
    }
    for word in ["Secret illness", "Blood test", "Sign out"] {
        assert!(!seen.text.contains(word), "{word}");
    }
    assert!(seen.text.contains("may have kept something out"));
    assert!(
        stranger.cookies.keys().all(|name| !name.contains("patient")),
        "no session: {:?}",
        stranger.cookies
    );
    // What was laid down opens from there, and no other document.
    let ticket = seen.between("name=\"ticket\" value=\"", "\"");
    let document = |about| [("ticket", ticket.clone()), ("about", about)];
    for (about, status) in [("will", 200), ("lab", 404), ("nothing", 404)] {
        let fields = document(about.to_owned());
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let paper = stranger.post(&format!("{place}/document"), &fields).await;
        assert_eq!(paper.status, status, "{about}: {}", paper.text);
    }
    let back = stranger.post(&place, &[("ticket", &ticket)]).await;
    assert!(back.status == 200 && back.text.contains("Warfarin"), "back without the PIN: {}", back.text);
    // She reads who it was, and is told.
    let looked = asha.get(VIEWERS).await;
    for words in [
        "Somebody with the emergency card, says: City Hospital by the lake",
        "Typed a wrong PIN",
        "Opened a card or a link with its PIN",
    ] {
        assert!(looked.text.contains(words), "{words}: {}", looked.text);
    }
    // A name with such a word in it makes no app of them.
    let people = asha.get(&format!("{VIEWERS}?who=people")).await;
    assert!(people.text.contains("City Hospital by the lake"), "{}", people.text);
    assert!(pages.messages().iter().any(|(_, text)| text.contains("with a card or a link of yours")));
    let id = consent(&asha.get(CARD).await);
    let again = asha.get(&format!("{CARD}/{id}")).await;
    assert!(
        again.text.contains("<svg") && !again.text.contains(&drawn),
        "the PIN is shown once: {}",
        again.text
    );
}

fn consent(page: &Page) -> String {
    page.between(&format!("href=\"{CARD}/"), "\"")
}

#[tokio::test]
async fn d9_ten_wrong_pins_kill_a_card_and_stopping_closes_it_at_once() {
    let (pages, mut admin) = Pages::open().await;
    let mut asha = pages.with_much(&mut admin).await.browser;
    let (_, place) = pages.card(&mut asha, "271 846").await;
    let mut stranger = pages.browser();
    for left in (1..10).rev() {
        let page = opens(&mut stranger, &place, "111111").await;
        assert_eq!(page.status, 422, "{left}: {}", page.text);
    }
    let dead = opens(&mut stranger, &place, "111111").await;
    assert!(dead.status == 404 && dead.text.contains("This does not open"), "{}", dead.text);
    let right = opens(&mut stranger, &place, "271846").await;
    assert_eq!((right.status, right.text.contains("Penicillin")), (404, false));
    assert!(asha.get(CARD).await.text.contains("closed for good"));
    assert!(pages.messages().iter().any(|(_, text)| text.contains("typed ten times")));
    // A new one, which is stopped by the button that ends every share.
    let (_, place) = pages.card(&mut asha, "271846").await;
    let id = consent(&asha.get(CARD).await);
    let listed = asha.get(SHARE).await;
    assert!(listed.text.contains("Emergency card") && listed.text.contains(&id), "{}", listed.text);
    assert_eq!(opens(&mut stranger, &place, "271846").await.status, 200);
    assert_eq!(asha.post_signed_in("patient", STOP, &[("about", &id)]).await.goes_to(), SHARE);
    for page in [stranger.get(&place).await, opens(&mut stranger, &place, "271846").await] {
        assert_eq!(page.status, 404, "{}", page.text);
    }
    // What never was looks alike.
    let unknown = format!("/card/kw_{}", "A".repeat(43));
    let (never, stopped) =
        (opens(&mut stranger, &unknown, "271846").await, opens(&mut stranger, &place, "271846").await);
    let said = |page: &Page| page.between("<main", "</main>");
    assert_eq!((never.status, said(&never)), (404, said(&stopped)));
}

#[tokio::test]
async fn e2_what_is_shared_by_link_opens_that_alone_to_look_at_or_to_take_along() {
    let (pages, mut admin) = Pages::open().await;
    let person = pages.with_much(&mut admin).await;
    let mut asha = person.browser.clone();
    for (may, takes) in [("look", false), ("download", true)] {
        let key = asha.get(SHARE).await.between("name=\"key\" value=\"", "\"");
        let fields = [
            ("key", key.as_str()),
            ("with", "link"),
            ("what", "documents"),
            ("doc-lab", "yes"),
            ("days", "7"),
            ("pin", "582914"),
            ("may", may),
            ("choice", "share"),
        ];
        // First what it would mean, which makes no link.
        let mut asks = fields.to_vec();
        asks.retain(|(name, _)| *name != "choice");
        asks.push(("choice", "check"));
        let checked = asha.post_signed_in("patient", SHARE, &asks).await;
        assert!(
            checked.text.contains("<th scope=\"row\">Documents</th><td>2</td><td>0</td><td>1</td>"),
            "{}",
            checked.text
        );
        assert_eq!(checked.text.matches("value=\"link\" selected").count(), 1);
        let page = asha.post_signed_in("patient", SHARE, &fields).await;
        assert!(page.status == 200 && pin(&page) == "582914", "{}", page.text);
        assert_eq!(page.between("<code class=\"address\">", "</code>").contains("shlink:/"), takes);
        let again = asha.post_signed_in("patient", SHARE, &fields).await;
        assert_eq!(again.status, 410, "sent twice, made once: {}", again.text);
        let (place, mut stranger) = (place(&page), pages.browser());
        let seen = opens(&mut stranger, &place, "582914").await;
        assert!(seen.text.contains("Blood test"), "{}", seen.text);
        for word in ["Living will", "Penicillin", "Warfarin", "Asthma", "Secret"] {
            assert!(!seen.text.contains(word), "{word} was not shared");
        }
        assert!(seen.text.contains("Not shown to you"), "allergies were not shared, which is not none");
        let ticket = seen.between("name=\"ticket\" value=\"", "\"");
        let fields = |choice| [("ticket", ticket.as_str()), ("about", "lab"), ("choice", choice)];
        let paper = stranger.post(&format!("{place}/document"), &fields("")).await;
        assert!(paper.status == 200 && paper.text.contains("Words here"), "{}", paper.text);
        assert_eq!(paper.text.contains("value=\"download\""), takes, "{}", paper.text);
        let file = stranger.post(&format!("{place}/document"), &fields("download")).await;
        assert_eq!(file.text == "Words here", takes, "{} {}", file.status, file.text);
        let other =
            stranger.post(&format!("{place}/document"), &[("ticket", &ticket), ("about", "will")]).await;
        assert_eq!(other.status, 404);
        pages.wait(31 * 60);
        let late = stranger.post(&format!("{place}/document"), &fields("")).await;
        assert_eq!(late.status, 404, "after half an hour the PIN is asked for again");
        asha = pages.sign_in(&person, "asha@example.org").await;
    }
    let listed = asha.get(SHARE).await;
    assert!(
        listed.text.contains("By link or QR code, with a PIN") && listed.text.contains("Opened last on"),
        "{}",
        listed.text
    );
}

#[tokio::test]
async fn d9_a_card_that_will_not_do_says_why_and_makes_nothing() {
    let (pages, mut admin) = Pages::open().await;
    let mut asha = pages.with_much(&mut admin).await.browser;
    let key = asha.get(CARD).await.between("name=\"key\" value=\"", "\"");
    for (days, pin, said) in [
        ("365", "123", "6 to 12 digits"),
        ("365", "123456", "easy to guess"),
        ("365", "310590", "easy to guess"),
        ("4000", "", "how long the card is good"),
    ] {
        let fields = [("key", key.as_str()), ("days", days), ("pin", pin)];
        let page = asha.post_signed_in("patient", CARD, &fields).await;
        assert!(page.status == 422 && page.text.contains(said), "{said}: {}", page.text);
    }
    let fields = [("key", key.as_str()), ("days", "365"), ("pin", "")];
    let page = asha.post_signed_in("patient", "/patient/chart/chitra/card", &fields).await;
    assert_eq!(page.status, 404, "nobody makes a card of another's record: {}", page.text);
    pages.wait(11 * 60);
    let page = asha.post_signed_in("patient", CARD, &fields).await;
    assert_eq!(page.goes_to(), format!("/patient/step-up?to={CARD}"), "a card outlives the session");
    assert!(!asha.get(SHARE).await.text.contains("Stop sharing</button>"), "nothing was shared");
}
