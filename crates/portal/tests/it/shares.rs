//! A patient shares on the page: what, with whom, until when, and what it means before it is done (E2, E1).

use crate::house::{Browser, Page, Pages, Person};
use serde_json::json;

const SHARE: &str = "/patient/chart/asha/share";
const STOP: &str = "/patient/chart/asha/share/stop";

impl Pages {
    /// Asha with three papers, and Dr Bo, to whom nothing ties her.
    async fn papers_and_bo(&self, admin: &mut Person) -> (Browser, Person) {
        self.chart();
        self.put(json!({"resourceType": "Practitioner", "id": "bo", "name": [{"given": ["Test"], "family": "Bo"}]}));
        for id in ["one", "two", "three"] {
            self.put(json!({"resourceType": "DocumentReference", "id": id, "status": "current", "date": "2023-10-01T10:00:00Z",
                "subject": {"reference": "Patient/asha"}, "type": {"text": "Report"},
                "content": [{"attachment": {"title": format!("Paper {id}"), "contentType": "text/plain", "data": "QQ=="}}]}));
        }
        let asha = self.linked(admin).await.browser;
        let bo = self.staff_as(admin, "bo@example.org", "physician", "bo").await;
        (asha, bo)
    }
}

fn seen(page: &Page) -> Vec<&'static str> {
    ["Paper one", "Paper two", "Paper three"].into_iter().filter(|paper| page.text.contains(paper)).collect()
}

async fn key(asha: &mut Browser) -> String {
    asha.get(SHARE).await.between("name=\"key\" value=\"", "\"")
}

#[tokio::test]
async fn e2_one_report_of_three_is_shared_for_seven_days_and_then_no_more() {
    let (pages, mut admin) = Pages::open().await;
    let (mut asha, mut bo) = pages.papers_and_bo(&mut admin).await;
    assert_eq!(bo.browser.get("/clinic/chart/asha/documents").await.status, 404);
    let page = asha.get(SHARE).await;
    assert!(!page.text.contains("Not all of this chart"), "it is her own: {}", page.text);
    assert!(page.text.contains("Practitioner/bo") && page.text.contains("doc-two"), "{}", page.text);
    let key = key(&mut asha).await;
    let what = [
        ("key", key.as_str()),
        ("with", "Practitioner/bo"),
        ("what", "documents"),
        ("doc-two", "yes"),
        ("days", "7"),
        ("may", "download"),
    ];
    // First what it would mean, which changes nothing.
    let checked = asha.post_signed_in("patient", SHARE, &[&what[..], &[("choice", "check")]].concat()).await;
    assert!(checked.text.contains("What Test Bo would see"), "{}", checked.text);
    assert!(
        checked.text.contains("<th scope=\"row\">Documents</th><td>3</td><td>0</td><td>1</td>"),
        "{}",
        checked.text
    );
    assert!(checked.text.contains("name=\"doc-two\" value=\"yes\" checked"), "what was ticked stays");
    assert_eq!(bo.browser.get("/clinic/chart/asha/documents").await.status, 404);
    let give = [&what[..], &[("choice", "share")]].concat();
    for _ in 0..2 {
        assert_eq!(asha.post_signed_in("patient", SHARE, &give).await.goes_to(), SHARE);
    }
    let list = bo.browser.get("/clinic/chart/asha/documents").await;
    assert_eq!((list.status, seen(&list)), (200, vec!["Paper two"]), "{}", list.text);
    assert_eq!(bo.browser.get("/clinic/chart/asha/documents/two").await.status, 200);
    assert_eq!(bo.browser.get("/clinic/chart/asha/documents/one").await.status, 404);
    let page = asha.get(SHARE).await;
    assert_eq!(page.text.matches("Test Bo</bdi>").count(), 1, "sent twice, shared once: {}", page.text);
    assert!(page.text.contains("One document"));
    pages.wait(7 * 86_400 + 60);
    let mut later = pages.sign_in_to("clinic", &bo, "bo@example.org").await;
    assert_eq!(later.get("/clinic/chart/asha/documents").await.status, 404, "day eight");
}

#[tokio::test]
async fn e1_what_is_stopped_is_closed_on_the_next_request() {
    let (pages, mut admin) = Pages::open().await;
    let (mut asha, mut bo) = pages.papers_and_bo(&mut admin).await;
    for (what, papers, is_whole) in [
        (&[("what", "everything")][..], vec!["Paper one", "Paper two", "Paper three"], true),
        (
            &[("what", "parts"), ("part-documents", "yes"), ("part-results", "yes")],
            vec!["Paper one", "Paper two", "Paper three"],
            false,
        ),
    ] {
        let key = key(&mut asha).await;
        let fields = [&[("key", key.as_str()), ("with", "Practitioner/bo"), ("days", "30")], what].concat();
        assert_eq!(asha.post_signed_in("patient", SHARE, &fields).await.goes_to(), SHARE);
        let list = bo.browser.get("/clinic/chart/asha/documents").await;
        assert_eq!(seen(&list), papers, "{}", list.text);
        let visits = bo.browser.get("/clinic/chart/asha/visits").await;
        // What is not shared is not said to be missing: the allergies least of all.
        assert_eq!(
            visits.text.contains("Not all of this chart is shown to you"),
            !is_whole,
            "{}",
            visits.text
        );
        assert_eq!(visits.text.contains("Not shown to you"), !is_whole, "{}", visits.text);
        let about = format!("share-{key}");
        assert_eq!(asha.post_signed_in("patient", STOP, &[("about", &about)]).await.goes_to(), SHARE);
        assert_eq!(bo.browser.get("/clinic/chart/asha/documents").await.status, 404);
        assert_eq!(
            asha.post_signed_in("patient", STOP, &[("about", &about)]).await.goes_to(),
            SHARE,
            "twice"
        );
    }
    let page = asha.get(SHARE).await;
    assert!(
        page.text.contains("Over") && !page.text.contains("value=\"share-request"),
        "nothing is left to stop"
    );
}

#[tokio::test]
async fn e2_a_share_that_will_not_do_says_why_and_opens_nothing() {
    let (pages, mut admin) = Pages::open().await;
    let (mut asha, mut bo) = pages.papers_and_bo(&mut admin).await;
    let key = key(&mut asha).await;
    for (with, what, days, said) in [
        ("", "everything", "7", "Choose with whom"),
        ("Practitioner/nobody", "everything", "7", "Choose with whom"),
        ("Patient/chitra", "everything", "7", "Choose with whom"),
        ("Practitioner/bo", "documents", "7", "Pick at least one thing"),
        ("Practitioner/bo", "parts", "7", "Pick at least one thing"),
        ("Practitioner/bo", "everything", "0", "from 1 to 366"),
        ("Practitioner/bo", "everything", "many", "from 1 to 366"),
    ] {
        let fields = [("key", key.as_str()), ("with", with), ("what", what), ("days", days)];
        let page = asha.post_signed_in("patient", SHARE, &fields).await;
        assert!(page.status == 422 && page.text.contains(said), "{said}: {} {}", page.status, page.text);
    }
    assert_eq!(bo.browser.get("/clinic/chart/asha").await.status, 404);
    // Nobody shares or stops in another's record.
    let fields = [("key", key.as_str()), ("with", "Practitioner/bo"), ("what", "everything"), ("days", "7")];
    let page = asha.post_signed_in("patient", "/patient/chart/chitra/share", &fields).await;
    assert_eq!(page.status, 404, "{}", page.text);
    pages.put(json!({"resourceType": "Consent", "id": "theirs", "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "t"}], "policyRule": {"text": "t"},
        "patient": {"reference": "Patient/chitra"}, "provision": {"type": "permit"}}));
    assert_eq!(asha.post_signed_in("patient", STOP, &[("about", "theirs")]).await.status, 404);
    // What keeps somebody out is no share: a button that says so would let them in.
    pages.put(json!({"resourceType": "Consent", "id": "out", "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "t"}], "policyRule": {"text": "t"},
        "patient": {"reference": "Patient/asha"}, "provision": {"type": "deny", "actor": [
            {"role": {"text": "t"}, "reference": {"reference": "Practitioner/bo"}}]}}));
    let page = asha.get(SHARE).await;
    assert!(page.text.contains("Kept out") && !page.text.contains("value=\"out\""), "{}", page.text);
}
