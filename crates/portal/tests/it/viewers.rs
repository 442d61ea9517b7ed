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
async fn f8_a_line_that_looks_wrong_is_answered_by_the_privacy_officer() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    let mut nurse = pages.staff_as(&mut admin, "nurse@example.org", "nurse", "e").await;
    assert_eq!(nurse.browser.get("/clinic/chart/asha").await.status, 200);
    const LIST: &str = "/patient/chart/asha/viewers";
    let list = asha.browser.get(LIST).await;
    let number = list.between(&format!("{LIST}?line="), "#dispute");
    let form = asha.browser.get(&format!("{LIST}?line={number}")).await;
    assert!(form.text.contains(&format!("name=\"line\" type=\"text\" inputmode=\"numeric\" autocomplete=\"off\" required value=\"{number}\"")), "{}", form.text);
    let why = "I was not there & <b>never</b> met her";
    for (line, text, said) in [
        ("999999", why, "there is no such line on this list"),
        ("x", why, "there is no such line on this list"),
        ("-1", why, "there is no such line on this list"),
        (number.as_str(), "bad", "in 10 to 1000 characters"),
    ] {
        let page = asha.browser.post_signed_in("patient", LIST, &[("line", line), ("text", text)]).await;
        assert!(page.status == 422 && page.text.contains(said), "{line}: {} {}", page.status, page.text);
    }
    let send = [("line", number.as_str()), ("text", why)];
    assert_eq!(
        asha.browser.post_signed_in("patient", LIST, &send).await.goes_to(),
        format!("{LIST}#disputes")
    );
    let again = asha.browser.post_signed_in("patient", LIST, &send).await;
    assert!(again.status == 422 && again.text.contains("asked about this line already"), "{}", again.text);
    assert!(asha.browser.get(LIST).await.text.contains("It is being looked into."));
    // Another's list is not disputed, and whoever runs the house answers nothing.
    let other = asha.browser.post_signed_in("patient", "/patient/chart/chitra/viewers", &send).await;
    assert!(other.status == 403 || other.status == 404, "{}", other.status);
    assert_eq!(admin.browser.get("/admin/disputes").await.status, 403);
    let link =
        admin.browser.invite_called("Test Officer", "privacy@example.org", "privacy-officer", "").await;
    let mut browser = pages.browser();
    let page = browser.post(&link, &[("password", crate::house::PASSWORD)]).await;
    assert_eq!(page.goes_to(), "/admin/app", "{}", page.text);
    let mut officer = browser.enrol("/admin/app").await;
    let open = officer.browser.get("/admin/disputes").await;
    assert!(
        open.text.contains(&format!("line {number}")) && !open.text.contains("<b>never"),
        "{}",
        open.text
    );
    let id = open.between("name=\"about\" value=\"", "\"");
    let answer = [("about", id.as_str()), ("wrong", "yes"), ("text", "She had opened the wrong chart.")];
    let done = officer.browser.post_signed_in("admin", "/admin/disputes", &answer).await;
    assert_eq!(done.goes_to(), "/admin/disputes", "{}", done.text);
    let list = asha.browser.get(LIST).await.text;
    assert!(list.contains("found that it was wrong") && list.contains("opened the wrong chart"), "{list}");
    assert!(list.contains("Said that a look was wrong") && list.contains("Answered about a look"), "{list}");
    assert!(officer.browser.get("/admin/disputes").await.text.contains("Nothing waits for an answer."));
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
