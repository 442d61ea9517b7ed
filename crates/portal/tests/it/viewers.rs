//! Who looked at my record, in the browser (F8).

use crate::house::Pages;

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
