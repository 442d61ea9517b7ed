//! Registering patients at the front desk, on a server that was empty.

use crate::house::{Browser, Page, Pages, Person};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

async fn desk(pages: &Pages, admin: &mut Person) -> Browser {
    pages.staff_as(admin, "desk@example.org", "front-desk", "").await.browser
}

/// A fresh form: its key.
async fn key(clerk: &mut Browser) -> String {
    clerk.get("/clinic/register").await.between("name=\"key\" value=\"", "\"")
}

async fn send(clerk: &mut Browser, key: &str, typed: &[(&str, &str)]) -> Page {
    let fields: Vec<(&str, &str)> = [("key", key)].into_iter().chain(typed.iter().copied()).collect();
    clerk.post_signed_in("clinic", "/clinic/register", &fields).await
}

fn record_number(page: &Page) -> String {
    assert!(page.status == 200 && page.text.contains("The patient is registered"), "{}", page.text);
    page.between("<dt>Record number</dt><dd><code>", "<")
}

const LAKSHMI: [(&str, &str); 4] =
    [("given", "Lakshmi"), ("family", "Rao"), ("birth_date", "1990-05-21"), ("gender", "female")];

#[tokio::test]
async fn a_blank_server_registers_its_first_patient_from_the_screen_alone() {
    let (pages, mut admin) = Pages::open().await;
    let staff = admin.browser.get("/admin/staff").await;
    assert!(
        !staff.text.contains("into the record"),
        "the first facility is in the record from the set-up on"
    );
    let mut clerk = desk(&pages, &mut admin).await;
    let first = key(&mut clerk).await;
    let bad =
        send(&mut clerk, &first, &[("family", "Rao"), ("birth_date", "31.5.1990"), ("city", "Kuppam")]).await;
    assert_eq!(bad.status, 422);
    for told in ["Enter a date such as", "Choose the sex", "value=\"Kuppam\"", "value=\"31.5.1990\""] {
        assert!(bad.text.contains(told), "{told}: {}", bad.text);
    }
    let page = send(&mut clerk, &first, &LAKSHMI).await;
    let number = record_number(&page);
    assert!(login::identifier::Verhoeff::holds(&number) && number.len() == 9, "{number}");
    let health_id = page.between("<dt>Health ID</dt><dd><code>", "<");
    assert!(login::identifier::health_id::parse(&health_id).is_some(), "{health_id}");
    // The same form, sent twice, is one patient; with something else in it, it is nobody.
    assert_eq!(record_number(&send(&mut clerk, &first, &LAKSHMI).await), number);
    let other = [("given", "Sita"), ("age", "40"), ("gender", "female")];
    let used = send(&mut clerk, &first, &other).await;
    assert_eq!(used.status, 409);
    assert!(used.text.contains("somebody was registered by this form already"), "{}", used.text);
    assert!(used.text.contains("value=\"Sita\""), "nothing typed is lost");
    let next = used.between("name=\"key\" value=\"", "\"");
    assert_ne!(record_number(&send(&mut clerk, &next, &other).await), number);
    // Whoever shows a number is found by it, however the health ID was typed.
    for typed in [number.clone(), health_id.replace([' ', '-'], "").to_lowercase()] {
        let found = clerk.post_signed_in("clinic", "/clinic/patients", &[("identifier", &typed)]).await;
        assert!(found.text.contains("L.R. born 1990"), "{typed}: {}", found.text);
    }
    let chart = page.between("/clinic/chart/", "\"");
    let opened = pages.house.record.read(&pages.house.operator(), "Patient", &chart).unwrap();
    let body = String::from_utf8(opened.body).unwrap();
    assert!(
        body.contains(&number)
            && body.contains("\"managingOrganization\":{\"reference\":\"Organization/facility-")
    );
    let ids = pages.login.health_ids(pages.house.now()).unwrap();
    assert_eq!(ids.len(), 2, "one for each patient");
}

#[tokio::test]
async fn a_form_that_is_sent_several_times_at_once_registers_one_patient() {
    let (pages, mut admin) = Pages::open().await;
    let clerk = desk(&pages, &mut admin).await;
    let doctor = pages.staff(&mut admin, "doctor@example.org").await.browser;
    for (given, mut person) in [("Sita", clerk), ("Ganesh", doctor)] {
        let first = key(&mut person).await;
        let fields = [("given", given), ("birth_date", "1980-05-21"), ("gender", "other")];
        let token = person.get("/clinic/register").await.between("name=\"token\" value=\"", "\"");
        let all = [&fields[..], &[("key", &first as &str), ("token", &token)]].concat();
        let (mut a, mut b, mut c) = (person.clone(), person.clone(), person.clone());
        let pages = tokio::join!(
            a.post("/clinic/register", &all),
            b.post("/clinic/register", &all),
            c.post("/clinic/register", &all)
        );
        let numbers = [record_number(&pages.0), record_number(&pages.1), record_number(&pages.2)];
        assert!(numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
    }
    assert_eq!(pages.login.health_ids(pages.house.now()).unwrap().len(), 2);
}

#[tokio::test]
async fn b1_a_likely_duplicate_is_shown_first_and_no_more_of_it_than_a_look_up_shows() {
    let (pages, mut admin) = Pages::open().await;
    let mut clerk = desk(&pages, &mut admin).await;
    let first = key(&mut clerk).await;
    record_number(&send(&mut clerk, &first, &LAKSHMI).await);
    // Somebody of another facility, to whom the first is a stranger.
    admin.browser.post_signed_in("admin", "/admin/facilities", &[("facility", "Hill Clinic")]).await;
    let page = admin.browser.get("/admin/staff").await;
    assert!(
        page.text.contains("Hill Clinic") && !page.text.contains("/admin/facilities/enter"),
        "{}",
        page.text
    );

    let second = key(&mut clerk).await;
    let twin = [("given", "లక్ష్మి"), ("birth_date", "1990-05-22"), ("gender", "female"), ("family", "Rao")];
    let warned = send(&mut clerk, &second, &twin).await;
    assert_eq!(warned.status, 409);
    assert!(
        warned.text.contains("Is it one of these?") && warned.text.contains("L.R. born 1990"),
        "{}",
        warned.text
    );
    assert!(
        !warned.text.contains("Lakshmi") && !warned.text.contains("1990-05-21"),
        "no more than a look-up"
    );
    // A tick without the list that it is about is no answer.
    let ticked = [&twin[..], &[("other", "yes")]].concat();
    assert_eq!(send(&mut clerk, &second, &ticked).await.status, 409);
    let shown = warned.between("name=\"shown\" value=\"", "\"");
    let answered = [&twin[..], &[("other", "yes"), ("shown", &shown)]].concat();
    record_number(&send(&mut clerk, &second, &answered).await);
}

#[tokio::test]
async fn a_clerk_who_asks_about_one_name_after_the_other_is_slowed_down_with_the_look_ups() {
    let (pages, mut admin) = Pages::open().await;
    let mut clerk = desk(&pages, &mut admin).await;
    let first = key(&mut clerk).await;
    record_number(&send(&mut clerk, &first, &LAKSHMI).await);
    let mut statuses = Vec::new();
    for day in 1..=21 {
        let typed = [
            ("given", "Lakshmi"),
            ("birth_date", &format!("1990-05-{day:02}") as &str),
            ("gender", "female"),
        ];
        // Each is likely nobody else or the same; either way it was a look.
        let fresh = format!("key-{day}");
        statuses.push(send(&mut clerk, &fresh, &typed).await.status);
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_eq!(clerk.post_signed_in("clinic", "/clinic/patients", &[("identifier", "X1")]).await.status, 429);
}

#[tokio::test]
async fn a_nurse_is_told_who_registers_patients() {
    let (pages, mut admin) = Pages::open().await;
    let mut nurse = pages.staff_as(&mut admin, "nurse@example.org", "nurse", "").await.browser;
    assert!(nurse.get("/clinic/register").await.text.contains("The front desk does."));
    let refused = send(&mut nurse, "key-1", &LAKSHMI).await;
    assert!(refused.status == 422 && refused.text.contains("The front desk does."), "{}", refused.text);
}

#[tokio::test]
async fn c8_todays_list_marks_by_a_button_and_its_script_is_ours() {
    let (pages, mut admin) = Pages::open().await;
    let mut clerk = desk(&pages, &mut admin).await;
    let first = key(&mut clerk).await;
    let patient = send(&mut clerk, &first, &LAKSHMI).await.between("/clinic/chart/", "\"");
    let day = pages.house.now().to_string()[..10].to_owned();
    let actor =
        serde_json::json!({"actor": {"reference": format!("Patient/{patient}")}, "status": "accepted"});
    let resource = serde_json::json!({"resourceType": "Appointment", "id": "a", "status": "booked", "description": "Cough",
        "start": format!("{day}T09:00:00Z"), "end": format!("{day}T09:15:00Z"), "participant": [actor]});
    let wish = record::change::Wish::Update {
        resource_type: "Appointment".into(),
        id: Some("a".into()),
        query: None,
        resource,
        if_match: None,
        if_none_match: false,
    };
    pages.house.record.commit(&pages.house.operator(), "update", &[wish.into()]).unwrap();
    let list = clerk.get("/clinic").await;
    for told in ["Has come", "Did not come", "RAO, Lakshmi"] {
        assert!(list.text.contains(told), "{told}: {}", list.text);
    }
    assert!(!list.text.contains("One step back"), "nothing was done yet");
    let mark = [("appointment", "a"), ("version", "1"), ("to", "arrived")];
    assert_eq!(clerk.post_signed_in("clinic", "/clinic/today", &mark).await.goes_to(), "/clinic");
    let list = clerk.get("/clinic").await;
    assert!(list.text.contains("In the room") && list.text.contains("One step back"), "{}", list.text);
    let stale = [("appointment", "a"), ("version", "1"), ("to", "checked-in")];
    let told = clerk.post_signed_in("clinic", "/clinic/today", &stale).await;
    assert!(
        told.status == 409 && told.text.contains("Somebody else changed this meanwhile"),
        "{}",
        told.text
    );
    let unknown = [("appointment", "none"), ("version", "1"), ("to", "arrived")];
    assert_eq!(clerk.post_signed_in("clinic", "/clinic/today", &unknown).await.status, 409);
    let script = clerk.get("/assets/today.js").await;
    let named = list.between("today.js\" integrity=\"sha256-", "\"");
    assert_eq!(named, STANDARD.encode(Sha256::digest(&script.text)));
}
