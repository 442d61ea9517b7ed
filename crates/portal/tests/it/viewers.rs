//! Who looked at my record (F8), and the files of its documents (D4), in the browser.

use crate::house::Pages;
use serde_json::json;

#[tokio::test]
async fn f8_a_patient_reads_who_looked_in_plain_words_and_takes_the_list_along() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let mut nurse = pages.staff_as(&mut admin, "nurse@example.org", "nurse", "e").await;
    assert_eq!(nurse.browser.get("/clinic/chart/asha").await.status, 200);
    let home = asha.browser.get("/patient/chart/asha").await.text;
    assert!(home.contains("href=\"/patient/chart/asha/viewers\""), "{home}");
    let page = asha.browser.get("/patient/chart/asha/viewers").await;
    assert_eq!(page.status, 200, "{}", page.text);
    for said in
        ["Dr Meera Iyer", "(Nurse)", "Opened the record", "personal details", "Treatment", "one visit"]
    {
        assert!(page.text.contains(said), "{said} in {}", page.text);
    }
    let again = asha.browser.get("/patient/chart/asha/viewers?who=people").await.text;
    assert!(again.contains("Read this list") && again.contains("At the patient&#39;s own wish"), "{again}");
    let machines = asha.browser.get("/patient/chart/asha/viewers?who=machines").await.text;
    assert!(machines.contains("Operator of the server") && !machines.contains("Dr Meera Iyer"));
    let file = asha.browser.get("/patient/chart/asha/viewers.csv").await;
    assert_eq!(
        (file.header("content-type"), file.header("content-disposition")),
        ("text/csv; charset=utf-8", "attachment; filename=\"who-looked.csv\"")
    );
    assert!(file.text.contains("\"Dr Meera Iyer\",\"Nurse\",\"Opened the record\""), "{}", file.text);
    asha.browser.post("/language", &[("language", "hi"), ("to", "/")]).await;
    let hindi = asha.browser.get("/patient/chart/asha/viewers").await.text;
    assert!(hindi.contains("रिकॉर्ड खोला") && hindi.contains("Dr Meera Iyer"));
    // Somebody else's list is not hers, and neither is it the administrator's.
    for path in ["/patient/chart/chitra/viewers", "/patient/chart/chitra/viewers.csv"] {
        let page = asha.browser.get(path).await;
        assert!(page.status == 403 && !page.text.contains("Meera"), "{}", page.text);
    }
    assert_eq!(admin.browser.get("/admin/chart/asha/viewers").await.status, 403);
}

#[tokio::test]
async fn d4_a_document_is_downloaded_as_a_file_by_who_reads_the_chart_and_by_nobody_else() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let whose = json!({"reference": "Patient/asha"});
    // `<script>` as HTML, with a name that means harm.
    pages.put(
        json!({"resourceType": "Binary", "id": "b", "contentType": "text/html", "securityContext": whose,
        "data": "PHNjcmlwdD4="}),
    );
    pages.put(json!({"resourceType": "DocumentReference", "id": "letter", "status": "current", "subject": whose,
        "content": [{"attachment": {"contentType": "text/html", "title": "Letter\"../x", "url": "Binary/b"}}]}));
    let list = asha.browser.get("/patient/chart/asha/documents").await.text;
    assert!(list.contains("href=\"/patient/chart/asha/documents/letter/look\""), "{list}");
    let file = asha.browser.get("/patient/chart/asha/documents/letter").await;
    assert_eq!((file.status, file.text.as_str()), (200, "<script>"));
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"Letter x.bin\""));
    assert!(file.header("content-security-policy").contains("sandbox"));
    assert_eq!(file.header("cache-control"), "no-store");
    let who = asha.browser.get("/patient/chart/asha/viewers").await.text;
    assert!(who.contains("Downloaded a document"), "{who}");
    for path in ["/patient/chart/chitra/documents/letter", "/patient/chart/asha/documents/none"] {
        assert_eq!(asha.browser.get(path).await.status, 404, "{path}");
    }
    assert_eq!(admin.browser.get("/admin/chart/asha/documents/letter").await.status, 403);
}
