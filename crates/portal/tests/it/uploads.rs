//! Adding documents to a record, through the pages (D1, D2, X5).

use crate::house::{Browser, Page, Pages};
use record::search::SearchRequest;
use serde_json::{Value, json};

const OWN: &str = "/patient/chart/asha/upload";
const STAFFS: &str = "/clinic/chart/asha/upload";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n";

impl Pages {
    /// The documents of that patient, as they are now.
    fn papers(&self, patient: &str) -> Vec<Value> {
        let request = SearchRequest {
            resource_type: "DocumentReference".into(),
            query: format!("patient={patient}&_sort=date"),
            lenient: false,
            compartment: None,
        };
        let page = self.house.record.search(&self.house.operator(), &request).unwrap();
        page.entries.iter().map(|entry| serde_json::from_slice(&entry.body).unwrap()).collect()
    }

    fn files(&self) -> usize {
        let request = SearchRequest {
            resource_type: "Binary".into(),
            query: String::new(),
            lenient: false,
            compartment: None,
        };
        self.house.record.search(&self.house.operator(), &request).unwrap().entries.len()
    }
}

fn field<'f>(key: &'f str, paper: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![("key", key), ("paper", paper), ("title", "Blood test")]
}

/// What a form of that page has for its key.
async fn key(browser: &mut Browser, path: &str) -> String {
    browser.get(path).await.between("name=\"key\" value=\"", "\"")
}

#[track_caller]
fn refused(page: &Page, said: &str) {
    assert!(page.status == 422 && page.text.contains(said), "{said}: {} {}", page.status, page.text);
}

#[tokio::test]
async fn d2_x5_a_patient_adds_papers_and_each_is_a_document_of_its_own() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await.browser;
    assert!(asha.get("/patient/chart/asha/documents").await.text.contains(OWN));
    let first = key(&mut asha, OWN).await;
    let fields = field(&first, "11502-2");
    let done = asha.post_files(OWN, &fields, &[("blood.pdf", PDF)]).await;
    assert_eq!(done.goes_to(), "/patient/chart/asha/documents", "{}", done.text);
    // The button twice, or the page sent again: the same paper, once.
    let again = asha.post_files(OWN, &fields, &[("blood.pdf", PDF)]).await;
    assert_eq!((again.goes_to(), pages.papers("asha").len()), ("/patient/chart/asha/documents", 1));
    let second = key(&mut asha, OWN).await;
    assert_ne!(first, second);
    let photos: [(&str, &[u8]); 2] =
        [("IMG_1.jpg", b"\xff\xd8\xff\xe0 one"), ("IMG_2.jpg", b"\xff\xd8\xff\xe0 two")];
    let done = asha.post_files(OWN, &[("key", &second), ("paper", "34109-9")], &photos).await;
    assert_eq!(done.goes_to(), "/patient/chart/asha/documents", "{}", done.text);
    let papers = pages.papers("asha");
    let titles: Vec<_> =
        papers.iter().map(|paper| paper["content"][0]["attachment"]["title"].as_str().unwrap()).collect();
    assert_eq!((titles, pages.files()), (vec!["Blood test", "IMG_1", "IMG_2"], 3));
    let attachment = &papers[0]["content"][0]["attachment"];
    assert_eq!(
        (&attachment["contentType"], &attachment["size"]),
        (&json!("application/pdf"), &json!(PDF.len()))
    );
    assert_eq!(papers[0]["author"][0]["reference"], "Patient/asha");
    assert_eq!(papers[0]["type"]["coding"][0]["code"], "11502-2");
    let list = asha.get("/patient/chart/asha/documents").await.text;
    assert!(
        list.contains("Blood test") && list.contains("IMG_2") && list.contains("Laboratory report"),
        "{list}"
    );
    let id = papers[0]["id"].as_str().unwrap();
    let file = asha.get(&format!("/patient/chart/asha/documents/{id}")).await;
    assert_eq!(
        (file.status, file.header("content-type"), file.text.as_bytes()),
        (200, "application/pdf", PDF)
    );
}

#[tokio::test]
async fn d1_x5_a_newer_version_takes_the_place_of_one_and_both_stay() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await.browser;
    let first = key(&mut asha, OWN).await;
    asha.post_files(OWN, &field(&first, "11502-2"), &[("a.pdf", PDF)]).await;
    let old = format!("{first}-1");
    let list = asha.get("/patient/chart/asha/documents").await.text;
    assert!(list.contains(&format!("{OWN}?replaces={old}")), "{list}");
    let page = asha.get(&format!("{OWN}?replaces={old}")).await;
    assert!(page.text.contains("Add a newer version") && page.text.contains(&format!("value=\"{old}\"")));
    let second = page.between("name=\"key\" value=\"", "\"");
    let mut fields = field(&second, "11502-2");
    fields.push(("replaces", &old));
    for _ in 0..2 {
        let done = asha.post_files(OWN, &fields, &[("b.pdf", PDF)]).await;
        assert_eq!(done.goes_to(), "/patient/chart/asha/documents", "{}", done.text);
    }
    let papers = pages.papers("asha");
    assert_eq!(papers.iter().map(|paper| &paper["status"]).collect::<Vec<_>>(), ["superseded", "current"]);
    assert_eq!(papers[1]["relatesTo"][0]["target"]["reference"], format!("DocumentReference/{old}"));
    assert_eq!(asha.get(&format!("/patient/chart/asha/documents/{old}")).await.status, 200);
    // Nobody else's document is replaced by one of hers.
    pages.put(json!({"resourceType": "DocumentReference", "id": "theirs", "status": "current",
        "subject": {"reference": "Patient/chitra"}, "content": [{"attachment": {"title": "x"}}]}));
    let third = key(&mut asha, OWN).await;
    let mut fields = field(&third, "11502-2");
    fields.push(("replaces", "theirs"));
    assert_eq!(asha.post_files(OWN, &fields, &[("c.pdf", PDF)]).await.status, 404);
    assert_eq!(
        (pages.papers("asha").len(), pages.papers("chitra")[0]["status"].as_str()),
        (2, Some("current"))
    );
}

#[tokio::test]
async fn d1_the_clinic_says_whose_paper_it_is_before_it_goes_into_a_chart() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut doctor = pages.staff_as(&mut admin, "doctor@example.org", "physician", "d").await.browser;
    let key = key(&mut doctor, STAFFS).await;
    for (name, born) in [("Chitra Rao", "2015-03-04"), ("Asha Rao", "1990-05-30"), ("", "")] {
        let mut fields = field(&key, "18842-5");
        fields.extend([("name", name), ("born", born)]);
        let page = doctor.post_files(STAFFS, &fields, &[("letter.pdf", PDF)]).await;
        refused(&page, "are not those of this chart");
        // What was typed stands there again, but the file, which browsers do not give back.
        assert!(
            page.text.contains("value=\"Blood test\"") && page.text.contains(&format!("value=\"{key}\""))
        );
    }
    assert_eq!((pages.papers("asha").len(), pages.files()), (0, 0));
    let mut fields = field(&key, "18842-5");
    fields.extend([("name", "rao asha"), ("born", "1990-05-31")]);
    let done = doctor.post_files(STAFFS, &fields, &[("letter.pdf", PDF)]).await;
    assert_eq!(done.goes_to(), "/clinic/chart/asha/documents", "{}", done.text);
    let papers = pages.papers("asha");
    assert_eq!(papers[0]["author"][0]["reference"], "Practitioner/d");
    let mut clerk = pages.staff_as(&mut admin, "clerk2@example.org", "front-desk", "e").await.browser;
    assert_eq!(clerk.get(STAFFS).await.status, 403, "the front desk files no papers");
    let page = clerk.post_files(STAFFS, &fields, &[("letter.pdf", PDF)]).await;
    assert_eq!((page.status, pages.papers("asha").len()), (403, 1));
    let mut stranger = pages.staff_as(&mut admin, "other@example.org", "physician", "c").await.browser;
    assert_eq!(stranger.get(STAFFS).await.status, 404, "no chart of theirs");
    let page = stranger.post_files(STAFFS, &fields, &[("letter.pdf", PDF)]).await;
    assert_eq!((page.status, pages.papers("asha").len()), (404, 1));
}

#[tokio::test]
async fn d1_what_is_no_paper_is_refused_with_a_sentence_and_nothing_is_kept() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let mut asha = pages.linked(&mut admin).await.browser;
    let key = key(&mut asha, OWN).await;
    let mark = ["EICAR", "STANDARD", "ANTIVIRUS", "TEST", "FILE!"].join("-");
    let leaves = || String::from_utf8(pages.house.record.store().checkpoint().unwrap()).unwrap();
    let long = vec![b'a'; (20 << 20) + 1];
    for (name, bytes, said) in [
        ("report.pdf", &b"MZ\x90\0 this program cannot be run"[..], "report.pdf is a program"),
        ("<b>x</b>.pdf", b"PK\x03\x04", "&#60;b&#62;x&#60;/b&#62;.pdf is an archive"),
        ("a.svg", b"<svg onload=alert(1)>", "a.svg is a web page or a drawing"),
        ("a.gif", b"GIF89a\x01\0", "a.gif is not a PDF"),
        ("a.txt", b"", "a.txt is empty"),
        ("a.txt", &long, "a.txt is larger than 20 MB"),
        ("a.pdf", mark.as_bytes(), "The virus check found something in a.pdf"),
    ] {
        let before = leaves();
        let page = asha.post_files(OWN, &field(&key, "11502-2"), &[("good.pdf", PDF), (name, bytes)]).await;
        // The name stands between marks that keep its direction to itself.
        let plain = page.text.replace(['\u{2068}', '\u{2069}'], "");
        assert!(page.status == 422 && plain.contains(said), "{said}: {} {plain}", page.status);
        assert_ne!(before, leaves());
    }
    refused(&asha.post_files(OWN, &field(&key, "11502-2"), &[]).await, "Choose at least one file");
    let many = [("a.pdf", PDF); 11];
    refused(&asha.post_files(OWN, &field(&key, "11502-2"), &many).await, "10 at most");
    refused(&asha.post_files(OWN, &field(&key, "bad"), &[("a.pdf", PDF)]).await, "from the list");
    refused(&asha.post_files(OWN, &field("../x", "11502-2"), &[("a.pdf", PDF)]).await, "too old");
    let title = "x".repeat(201);
    let fields = [("key", key.as_str()), ("paper", "11502-2"), ("title", &title)];
    refused(&asha.post_files(OWN, &fields, &[("a.pdf", PDF)]).await, "fewer than 200");
    let files = [("a.bin", &long[..]), ("b.bin", &long[..])];
    let page = asha.post_files(OWN, &field(&key, "11502-2"), &files).await;
    assert!(
        page.status == 413 && page.text.contains("longer than 30 megabytes"),
        "{} {}",
        page.status,
        page.text
    );
    assert_eq!((pages.papers("asha").len(), pages.files()), (0, 0));
}

#[tokio::test]
async fn files_are_read_only_from_who_is_signed_in_and_from_pages_of_ours() {
    let (pages, mut admin) = Pages::open().await;
    pages.chart();
    let page = pages.browser().post_files(OWN, &field("k", "11502-2"), &[("a.pdf", PDF)]).await;
    assert!(page.status == 401 && page.text.contains("sign in first"), "{} {}", page.status, page.text);
    let mut asha = pages.linked(&mut admin).await.browser;
    let page =
        asha.post_files("/patient/chart/chitra/upload", &field("k", "11502-2"), &[("a.pdf", PDF)]).await;
    assert_eq!((page.status, pages.files()), (404, 0), "{}", page.text);
    let page = asha.post_files(OWN, &[("token", "other"), ("key", "k")], &[("a.pdf", PDF)]).await;
    assert_eq!((page.status, pages.files()), (403, 0));
}
