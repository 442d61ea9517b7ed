//! A document is looked at without being downloaded, and may be shared for that alone (E2, D4).

use crate::house::{Pages, Person};
use serde_json::json;

const SHARE: &str = "/patient/chart/asha/share";

/// One pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

impl Pages {
    /// Asha with a picture, a text, and a file that nobody can draw; and Dr Bo, to whom nothing ties her.
    async fn files_and_bo(&self, admin: &mut Person) -> (Person, Person) {
        self.chart();
        self.put(json!({"resourceType": "Practitioner", "id": "bo", "name": [{"given": ["Test"], "family": "Bo"}]}));
        for (id, kind, data) in [
            ("scan", "image/png", PNG),
            // "Sugar <b>102</b>"
            ("text", "text/plain", "U3VnYXIgPGI+MTAyPC9iPg=="),
            ("broken", "application/pdf", "JVBERi0xLjcgbm90aGluZw=="),
            ("other", "application/dicom", "AAEC"),
        ] {
            self.put(json!({"resourceType": "DocumentReference", "id": id, "status": "current", "date": "2023-10-01T10:00:00Z",
                "subject": {"reference": "Patient/asha"}, "type": {"text": "Report"},
                "content": [{"attachment": {"title": format!("Paper {id}"), "contentType": kind, "data": data}}]}));
        }
        let asha = self.linked(admin).await;
        let bo = self.staff_as(admin, "bo@example.org", "physician", "bo").await;
        (asha, bo)
    }
}

fn at(realm: &str, id: &str) -> String {
    format!("/{realm}/chart/asha/documents/{id}/look")
}

#[tokio::test]
async fn d4_a_document_is_looked_at_on_a_page_that_loads_nothing_else() {
    let (pages, mut admin) = Pages::open().await;
    let (asha, _) = pages.files_and_bo(&mut admin).await;
    let mut asha = asha.browser;
    let list = asha.get("/patient/chart/asha/documents").await.text;
    assert!(list.contains("href=\"/patient/chart/asha/documents/scan/look\""), "{list}");
    let scan = asha.get(&at("patient", "scan")).await;
    assert!(scan.text.contains("<img src=\"data:image/jpeg;base64,"), "drawn anew: {}", scan.text);
    for form in ["original", "pdf", "fhir"] {
        let way = format!("href=\"/patient/chart/asha/documents/scan?as={form}\"");
        assert!(scan.text.contains(&way), "and it may be downloaded as {form}");
    }
    let policy = scan.header("content-security-policy");
    assert!(
        policy
            .starts_with("default-src 'none'; style-src 'self'; img-src 'self' data:; manifest-src 'self';"),
        "{policy}"
    );
    assert_eq!(scan.header("cache-control"), "no-store");
    let text = asha.get(&at("patient", "text")).await.text;
    assert!(text.contains("Sugar &#60;b&#62;102") || text.contains("Sugar &lt;b&gt;102"), "{text}");
    for (id, said) in [("broken", "cannot be shown here"), ("other", "no preview here")] {
        let page = asha.get(&at("patient", id)).await;
        assert!(
            page.status == 200 && page.text.contains(said) && !page.text.contains("<img"),
            "{}",
            page.text
        );
    }
    // A page that there is not leads to the first; what is no number is the first.
    assert_eq!(asha.get(&format!("{}?page=7", at("patient", "scan"))).await.goes_to(), at("patient", "scan"));
    assert_eq!(asha.get(&format!("{}?page=x", at("patient", "scan"))).await.status, 200);
    for (path, status) in
        [(at("patient", "none"), 404), ("/patient/chart/chitra/documents/scan/look".into(), 404)]
    {
        assert_eq!(asha.get(&path).await.status, status, "{path}");
    }
    let who = asha.get("/patient/chart/asha/viewers").await.text;
    assert!(who.contains("Looked at a document") && !who.contains("Downloaded a document"), "{who}");
}

#[tokio::test]
async fn e2_what_is_shared_to_look_at_is_marked_and_does_not_leave_the_house() {
    let (pages, mut admin) = Pages::open().await;
    let (mut asha, mut bo) = pages.files_and_bo(&mut admin).await;
    let give = async |asha: &mut Person, may: &str, paper: &str| {
        let key = asha.browser.get(SHARE).await.between("name=\"key\" value=\"", "\"");
        let fields = [
            ("key", key.as_str()),
            ("with", "Practitioner/bo"),
            ("what", "documents"),
            (paper, "yes"),
            ("days", "7"),
            ("may", may),
            ("choice", "share"),
        ];
        assert_eq!(asha.browser.post_signed_in("patient", SHARE, &fields).await.goes_to(), SHARE);
        asha.browser.get(SHARE).await.text
    };
    let list = give(&mut asha, "look", "doc-scan").await;
    assert!(list.contains("<span class=\"tag\">To look at</span>"), "{list}");
    let page = bo.browser.get(&at("clinic", "scan")).await;
    assert!(page.text.contains("<img src=\"data:image/jpeg;base64,"), "{}", page.text);
    assert!(
        page.text.contains("was not shared to be downloaded") && !page.text.contains("Download the file")
    );
    assert!(page.text.contains("Your name, the time and why you look"), "{}", page.text);
    let file = "/clinic/chart/asha/documents/scan";
    assert_eq!(
        bo.browser.get(file).await.goes_to(),
        at("clinic", "scan"),
        "whoever asks for the file is shown it"
    );
    assert_eq!(bo.browser.get(&at("clinic", "text")).await.status, 404, "it was not shared");
    give(&mut asha, "download", "doc-text").await;
    let text = bo.browser.get("/clinic/chart/asha/documents/text").await;
    // D4: what leaves in the hands of staff says who took it, when and why.
    let lines: Vec<&str> = text.text.lines().collect();
    assert_eq!((text.status, lines.len(), lines[2]), (200, 5, "Sugar <b>102</b>"));
    assert!(lines[0] == lines[4] && lines[0].starts_with("Dr Meera Iyer · physician · 20"), "{lines:?}");
    assert!(lines[0].ends_with(" · TREAT"), "{lines:?}");
    for form in ["original", "fhir", "pdf"] {
        let path = format!("/clinic/chart/asha/documents/text?as={form}");
        assert_eq!(
            bo.browser.get(&path).await.text.lines().next(),
            Some(lines[0]),
            "{form}: no way around it"
        );
    }
    assert!(bo.browser.get(&at("clinic", "text")).await.text.contains("Download the file"));
    assert_eq!(bo.browser.get(file).await.goes_to(), at("clinic", "scan"), "the other is to look at still");
    // Several at once leave as each of them does: the one that is to be looked at stays.
    let several = [("document", "scan"), ("as", "original")];
    let kept = bo.browser.post_signed_in("clinic", "/clinic/chart/asha/documents", &several).await;
    assert_eq!(kept.status, 403, "{}", kept.text);
    let several = [("document", "text"), ("as", "original")];
    let left = bo.browser.post_signed_in("clinic", "/clinic/chart/asha/documents", &several).await;
    assert_eq!(left.header("content-type"), "application/zip");
    assert!(left.text.contains("Dr Meera Iyer · physician · ") && left.text.contains("Sugar <b>102</b>"));
    give(&mut asha, "download", "doc-scan").await;
    let scan = bo.browser.get(file).await;
    assert_eq!((scan.header("content-type"), &scan.bytes[..5]), ("application/pdf", &b"%PDF-"[..]));
}
