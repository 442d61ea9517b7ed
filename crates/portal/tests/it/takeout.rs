//! The whole record as one file (D4, E10): who gets it, what is in it, and who is refused.

use crate::house::{Browser, Page, Pages, Person};
use care::takeout::unpack::Unpacked;
use serde_json::json;
use std::io::{Cursor, Read};

const HERE: &str = "/patient/chart/asha/take-out";

/// The file at a path of the ZIP file, as text.
fn text(page: &Page, path: &str) -> Option<String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(&page.bytes)).unwrap();
    let mut text = String::new();
    zip.by_name(path).ok()?.read_to_string(&mut text).unwrap();
    Some(text)
}

async fn take(browser: &mut Browser, path: &str) -> Page {
    browser.post_signed_in("patient", path, &[]).await
}

impl Pages {
    /// Proves who they are once more, on the way to that page.
    pub(crate) async fn step_up(&self, person: &mut Person, to: &str) {
        self.wait(60);
        let page = person.browser.get(&format!("/patient/step-up?to={to}")).await;
        let token = page.between("name=\"token\" value=\"", "\"");
        let (way, code) = (format!("/patient/step-up?to={to}"), self.code(&person.secret));
        assert!(page.text.contains(&format!("action=\"{way}\"")), "{}", page.text);
        let page = person.browser.post(&way, &[("token", &token), ("code", &code)]).await;
        assert_eq!(page.goes_to(), to, "{}", page.text);
    }

    /// Asha's chart with a paper, an untidy title, a note that nobody signed, and what is marked sensitive.
    fn to_take(&self) {
        self.chart();
        let whose = json!({"reference": "Patient/asha"});
        self.put(json!({"resourceType": "DocumentReference", "id": "letter", "status": "current", "subject": whose, "date": "2023-10-01T10:00:00Z",
            "content": [{"attachment": {"title": "<script>alert(1)</script>\u{202e}", "contentType": "text/plain", "data": "SGVsbG8="}}]}));
        self.put(json!({"resourceType": "Composition", "id": "draft", "status": "preliminary", "type": {"text": "Note"}, "subject": whose,
            "date": "2023-10-01T10:00:00Z", "author": [{"display": "Test"}], "title": "Test draft"}));
        self.put(json!({"resourceType": "Condition", "id": "quiet", "meta": {"security": [{"code": "PSY"}]}, "subject": whose, "code": {"text": "Test quiet"}}));
    }
}

#[tokio::test]
async fn d4_e10_a_patient_takes_everything_along_in_two_clicks_and_it_is_on_the_list_of_who_looked() {
    let (pages, mut admin) = Pages::open().await;
    pages.to_take();
    let mut asha = pages.linked(&mut admin).await;
    let home = asha.browser.get("/patient/chart/asha").await.text;
    assert!(home.contains(&format!("href=\"{HERE}\"")), "one click: {home}");
    let page = asha.browser.get(HERE).await;
    assert!(
        page.text.contains(&format!("action=\"{HERE}\"")) && page.text.contains("Download everything"),
        "two clicks"
    );
    assert!(page.text.contains("Whoever has this file has the record"), "{}", page.text);
    pages.step_up(&mut asha, HERE).await;
    let file = take(&mut asha.browser, HERE).await;
    assert_eq!(
        (file.status, file.header("content-type"), file.header("cache-control")),
        (200, "application/zip", "no-store")
    );
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"keepwell-record-2023-"));
    let mut whole = Unpacked::open(Cursor::new(file.bytes.clone())).unwrap();
    let held = whole.check().unwrap();
    assert!(held.iter().any(|held| held.name == ("Patient".to_owned(), "asha".to_owned())));
    assert!(!held.iter().any(|held| held.name.1 == "draft" || held.name.1 == "chitra"), "{held:?}");
    assert_eq!(text(&file, "documents/01 script alert 1 script.txt").as_deref(), Some("Hello"));
    let read = text(&file, "record.html").unwrap();
    assert!(read.contains("Test quiet") && !read.contains("<script"), "{read}");
    assert!(read.contains("href=\"documents/01%20script%20alert%201%20script.txt\""), "{read}");
    assert!(read.contains("default-src &#39;none&#39;") || read.contains("default-src 'none'"));
    let told = text(&file, "README.txt").unwrap();
    assert!(told.contains("keepwell load") && told.contains("who-looked.csv"), "{told}");
    let looked = text(&file, "who-looked.csv").unwrap();
    assert!(looked.contains("Took a copy of the record"), "{looked}");
    let viewers = asha.browser.get("/patient/chart/asha/viewers").await.text;
    assert_eq!(viewers.matches("Took a copy of the record").count(), 1, "{viewers}");
    asha.browser.post("/language", &[("language", "te"), ("to", "/")]).await;
    let telugu = take(&mut asha.browser, HERE).await;
    assert!(text(&telugu, "README.txt").unwrap().contains("ఈ రికార్డును వెంట తీసుకెళ్లండి"));
}

#[tokio::test]
async fn d4_whoever_signed_in_long_ago_proves_who_they_are_and_comes_back() {
    let (pages, mut admin) = Pages::open().await;
    pages.to_take();
    let mut asha = pages.linked(&mut admin).await;
    pages.wait(11 * 60);
    let came = take(&mut asha.browser, HERE).await;
    assert_eq!(
        (came.status, came.header("location")),
        (303, "/patient/step-up?to=/patient/chart/asha/take-out")
    );
    pages.step_up(&mut asha, HERE).await;
    assert_eq!(take(&mut asha.browser, HERE).await.status, 200);
    // Nobody is led to another place by it.
    for to in [
        "//evil.example",
        "/patient/chart//evil.example",
        "https://evil.example",
        "/admin/chart/x",
        "/patient/chart/../account",
    ] {
        let page = asha.browser.get(&format!("/patient/step-up?to={to}")).await;
        assert!(page.text.contains("action=\"/patient/step-up\""), "{to}");
    }
}

#[tokio::test]
async fn d4_x15_nobody_else_takes_it() {
    let (pages, mut admin) = Pages::open().await;
    pages.to_take();
    let mut asha = pages.linked(&mut admin).await;
    pages.step_up(&mut asha, HERE).await;
    for other in ["chitra", "nobody"] {
        let path = format!("/patient/chart/{other}/take-out");
        assert_eq!(asha.browser.get(&path).await.status, 404, "{other}");
        let page = take(&mut asha.browser, &path).await;
        assert!(page.status == 404 && !page.bytes.starts_with(b"PK"), "{other}: {}", page.text);
    }
    // A form of another session takes nothing either.
    assert_eq!(asha.browser.post(HERE, &[("token", "other")]).await.status, 403);
    let mut nurse = pages.staff_as(&mut admin, "nurse@example.org", "nurse", "e").await;
    for browser in [&mut nurse.browser, &mut admin.browser] {
        assert_eq!(browser.get(HERE).await.status, 403);
        assert_eq!(browser.post(HERE, &[]).await.status, 403);
        assert_eq!(browser.get("/clinic/chart/asha/take-out").await.status, 404);
    }
    let mut nobody = pages.browser();
    assert_eq!(nobody.post(HERE, &[]).await.goes_to(), "/patient/sign-in");
}
