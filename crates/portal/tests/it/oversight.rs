//! The audit log as a signed ledger, in the browser: who reads it, what they are told, and the check that finds what was changed (F1, F6, E3).

use crate::house::{Browser, Page, Pages, Person};
use std::time::Duration;
use web::house::{Disk, Finding, HouseReport, Keys, Level, Setting};

const LOG: &str = "/admin/log";
const CHECK: &str = "/admin/log/check";

impl Pages {
    /// Somebody who watches over the house, invited by the administrator.
    async fn officer(&self, admin: &mut Person) -> Person {
        let link =
            admin.browser.invite_called("Test Officer", "privacy@example.org", "privacy-officer", "").await;
        let mut browser = self.browser();
        let page = browser.post(&link, &[("password", crate::house::PASSWORD)]).await;
        assert_eq!(page.goes_to(), "/admin/app", "{}", page.text);
        browser.enrol("/admin/app").await
    }
}

/// What the program around the pages says of itself here.
pub(crate) fn report() -> HouseReport {
    let finding = |level, text: &str| Finding { level, text: text.to_owned() };
    HouseReport {
        version: "1.2.3".into(),
        since: "2026-03-01T08:30:00Z".parse().unwrap(),
        engine: "SQLite",
        database_bytes: Some(5 << 30),
        disk: Some(Disk { free: 9 << 30, all: 100 << 30 }),
        versions: Some(4_711),
        keys: Keys { generation: 3, patients: 20, erased: 1 },
        certificate_ends: Some("2026-03-15T00:00:00Z".parse().unwrap()),
        apps: Some((2, 1)),
        settings: vec![
            Setting { key: "listen", value: "127.0.0.1:8080".into(), origin: None },
            Setting { key: "base_url", value: "https://a.example/<b>".into(), origin: Some("flag".into()) },
        ],
        findings: vec![
            finding(Level::Fine, "it can be written"),
            finding(Level::Note, "9.0 GiB (9 %) are free on the data folder's disk: free some soon"),
            finding(Level::Wrong, "others may read the key: run `chmod 600 key`"),
        ],
    }
}

/// Starts a check, and waits for what comes of it.
async fn checked(browser: &mut Browser) -> Page {
    assert_eq!(browser.post_signed_in("admin", CHECK, &[]).await.goes_to(), CHECK);
    for _ in 0..200 {
        let page = browser.get(CHECK).await;
        assert_eq!(page.status, 200, "{}", page.text);
        match page.header("refresh") {
            "" => return page,
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    panic!("the check does not end");
}

#[tokio::test]
async fn f1_an_administrator_reads_the_frame_of_the_log_and_a_privacy_officer_all_names() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await;
    assert_eq!(asha.browser.get("/patient/chart/asha").await.status, 200);
    let mut officer = pages.officer(&mut admin).await;
    let page = admin.browser.get(LOG).await;
    assert_eq!(page.status, 200, "{}", page.text);
    for said in ["Nila Das", "Administrator", "Opened the record", "Name not shown", "Invited somebody"] {
        assert!(page.text.contains(said), "{said} in {}", page.text);
    }
    // The name of a patient's chart, and of the patient who looked at it, stand nowhere; nor do ids (E3, X15).
    for patient in ["Asha", "Rao", "MRN-", "/chart/asha"] {
        assert!(!page.text.contains(patient), "{patient} in {}", page.text);
    }
    let named = admin.browser.post_signed_in("admin", LOG, &[("who", "Asha")]).await;
    assert!(named.text.contains("No entry is like that."), "{}", named.text);
    let page = officer.browser.post_signed_in("admin", LOG, &[("who", "asha"), ("operation", "chart")]).await;
    assert!(page.text.contains("Asha Rao") && page.text.contains("(Patient)"), "{}", page.text);
    assert!(page.text.contains("href=\"/admin/log\" aria-current=\"page\""), "{}", page.text);
    // Each page that was read is an entry.
    let reads = officer.browser.post_signed_in("admin", LOG, &[("operation", "log")]).await;
    assert!(reads.text.matches("Read the audit log").count() >= 3, "{}", reads.text);
    for (language, said) in [("hi", "रिकॉर्ड खोला"), ("te", "నమోదులు")] {
        admin.browser.post("/language", &[("language", language), ("to", "/")]).await;
        let page = admin.browser.get(LOG).await;
        assert!(page.status == 200 && page.text.contains(said), "{}", page.text);
    }
}

#[tokio::test]
async fn f6_a_check_says_that_the_log_holds_and_names_the_first_entry_that_somebody_changed() {
    let (pages, mut admin) = Pages::open().await;
    let before = admin.browser.get(CHECK).await;
    assert!(before.text.contains("not checked on this page since the server started"), "{}", before.text);
    let page = checked(&mut admin.browser).await;
    assert!(page.text.contains("entries hold") && page.text.contains("Started by Nila Das"), "{}", page.text);
    let log = admin.browser.get(LOG).await;
    assert!(log.text.contains("entries hold") && log.text.contains("Started a check"), "{}", log.text);
    // Who can write to the database and has no key makes one entry say what another says.
    pages.house.run("UPDATE leaf SET entry = (SELECT entry FROM leaf WHERE seq = 4) WHERE seq = 3");
    let page = checked(&mut admin.browser).await;
    assert!(
        page.text.contains("The log does not hold. First at entry 3: it does not open."),
        "{}",
        page.text
    );
    assert!(page.text.contains("Change nothing") && page.text.contains("role=\"alert\""), "{}", page.text);
    let listed = admin.browser.get("/admin/log?before=5").await;
    assert!(listed.text.contains("does not open any more"), "{}", listed.text);
    // Pressed twice, it is one check after the other, or the one that is at work.
    for _ in 0..2 {
        assert_eq!(admin.browser.post_signed_in("admin", CHECK, &[]).await.goes_to(), CHECK);
    }
    assert_eq!(admin.browser.post(CHECK, &[("token", "made up")]).await.status, 403);
}

#[tokio::test]
async fn the_newest_checkpoint_is_shown_and_taken_along_as_a_signed_note() {
    let (pages, mut admin) = Pages::open().await;
    let file = admin.browser.get("/admin/log/checkpoint").await;
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"keepwell-checkpoint.txt\"");
    assert!(file.text.contains("\n— "), "{}", file.text);
    let report = pages.house.record.verify(Some(file.text.as_bytes()), false, &mut |_| {}).unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    let page = admin.browser.get(LOG).await;
    assert!(page.text.contains("<pre class=\"words\"") && page.text.contains("\n— "), "{}", page.text);
    assert!(page.text.contains("Took a checkpoint"), "{}", page.text);
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_beside_the_field_and_nobody_else_comes_in() {
    let (pages, mut admin) = Pages::open().await;
    let long = "x".repeat(10_000);
    for (field, value, said) in [
        ("who", long.as_str(), "at most 80 characters"),
        ("operation", long.as_str(), "at most 80 characters"),
        ("day", "the day before", "This is no day"),
        ("day", "2026-02-30", "This is no day"),
        ("before", "-3", "There is no such page"),
        ("before", "99999999999999999999999", "There is no such page"),
        ("before", "1; DROP TABLE leaf", "There is no such page"),
    ] {
        let page = admin.browser.post_signed_in("admin", LOG, &[(field, value)]).await;
        assert!(page.status == 422 && page.text.contains(said), "{field}: {} {}", page.status, page.text);
        assert!(page.text.contains("Nothing was looked for") && !page.text.contains(&long), "{field}");
    }
    assert_eq!(admin.browser.get("/admin/log?before=x").await.status, 422);
    assert_eq!(admin.browser.get("/admin/log?before=9223372036854775807").await.status, 200);
    let odd = admin.browser.post_signed_in("admin", LOG, &[("who", "<b>&\"'")]).await;
    assert!(odd.status == 200 && !odd.text.contains("<b>&"), "{}", odd.text);
    let named = [("name", "<script>alert(1)</script>")];
    admin.browser.post_signed_in("admin", "/admin/account/name", &named).await;
    let page = checked(&mut admin.browser).await;
    assert!(page.text.contains("&lt;script&gt;") || page.text.contains("&#60;script&#62;"), "{}", page.text);
    let log = admin.browser.get(LOG).await;
    assert!(log.status == 200 && log.text.matches("<script").count() == 0, "{}", log.text);
    let mut doctor = pages.staff(&mut admin, "doctor@example.org").await;
    let mut patient = pages.patient("asha@example.org").await;
    for path in [LOG, CHECK, "/admin/log/checkpoint"] {
        for browser in [&mut doctor.browser, &mut patient.browser] {
            let page = browser.get(path).await;
            assert!(page.status == 403 && !page.text.contains("— "), "{path}: {}", page.status);
        }
    }
    assert_eq!(patient.browser.post_signed_in("patient", CHECK, &[]).await.status, 403);
    assert_eq!(pages.browser().get(LOG).await.goes_to(), "/admin/sign-in");
}

#[tokio::test]
async fn an_administrator_sees_how_the_server_is_and_what_to_mend_first_and_nobody_else_does() {
    let (pages, mut admin) = Pages::open().await;
    let page = admin.browser.get("/admin/house").await;
    assert_eq!(page.status, 200, "{}", page.text);
    for said in [
        "1.2.3",
        "01-Mar-2026 08:30 UTC",
        "5.0 GiB",
        "9.0 GiB of 100.0 GiB (9 %)",
        "4711",
        "15-Mar-2026",
        "2 approved, 1 waiting",
        "127.0.0.1:8080",
        "keepwell keys rotate",
        "href=\"/help/operations#keys\"",
    ] {
        assert!(page.text.contains(said), "{said} in {}", page.text);
    }
    let place = |text: &str| page.text.find(text).unwrap();
    assert!(
        place("chmod 600") < place("free some soon") && place("free some soon") < place("it can be written")
    );
    assert!(page.text.contains("note wrong") && page.text.contains("note warn"));
    assert!(!page.text.contains("<b>") && !page.text.contains("Nothing needs looking after"));
    for (language, said) in [("hi", "यह सर्वर"), ("te", "ఈ సర్వర్")] {
        admin.browser.post("/language", &[("language", language), ("to", "/")]).await;
        assert!(admin.browser.get("/admin/house").await.text.contains(said));
    }
    let mut officer = pages.officer(&mut admin).await;
    let mut doctor = pages.staff(&mut admin, "doctor@example.org").await;
    let mut patient = pages.patient("asha@example.org").await;
    for browser in [&mut officer.browser, &mut doctor.browser, &mut patient.browser] {
        let page = browser.get("/admin/house").await;
        assert!(page.status == 403 && !page.text.contains("1.2.3"), "{}", page.text);
    }
    assert!(!officer.browser.get(LOG).await.text.contains("/admin/house"), "no way leads where none may go");
}
