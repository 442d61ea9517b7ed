//! Where the house is: its country and its time zone, and the clocks that all pages go by then (A15).

use crate::{
    house::{Browser, Page, Pages, Person},
    vitals::send,
};
use record::change::Wish;
use serde_json::{Value, json};

const HERE: &str = "/admin/home";

async fn say(admin: &mut Person, country: &str, zone: &str, version: &str) -> Page {
    let typed = [("country", country), ("zone", zone), ("version", version)];
    admin.browser.post_signed_in("admin", HERE, &typed).await
}

/// The house stands in India from now on.
async fn in_india() -> (Pages, Person) {
    let (pages, mut admin) = Pages::open().await;
    assert_eq!(say(&mut admin, "IN", "", "0").await.goes_to(), "/admin/home?saved=yes");
    (pages, admin)
}

fn keep(pages: &Pages, resource: Value) {
    let text = |name: &str| resource[name].as_str().unwrap().to_owned();
    let (resource_type, id) = (text("resourceType"), Some(text("id")));
    let wish =
        Wish::Update { resource_type, id, query: None, resource, if_match: None, if_none_match: false };
    pages.house.record.commit(&pages.house.operator(), "update", &[wish.into()]).unwrap();
}

#[tokio::test]
async fn a15_an_administrator_says_where_the_house_is_and_all_pages_go_by_its_clocks() {
    let (pages, mut admin) = Pages::open().await;
    let page = admin.browser.get(HERE).await.text;
    assert!(page.contains("14-Nov-2023 22:1") && page.contains(" UTC") && page.contains("default"), "{page}");
    let before = pages.log();
    assert_eq!(say(&mut admin, "IN", " ", "0").await.goes_to(), "/admin/home?saved=yes");
    let page = admin.browser.get("/admin/home?saved=yes").await.text;
    for said in ["It is saved", "Asia/Kolkata", "India", "15-Nov-2023 03:4", " IST", "Nila Das said so on"] {
        assert!(page.contains(said), "{said} in {page}");
    }
    assert!(pages.log() > before);
    for place in ["/admin/house", "/admin/account", "/status"] {
        let page = admin.browser.get(place).await.text;
        assert!(page.contains(" IST") && !page.contains(" UTC"), "{place}: {page}");
    }
    let log = admin.browser.get("/admin/log").await.text;
    for said in ["When (Asia/Kolkata)", "Day (Asia/Kolkata)", "Said where the house is", "15-Nov-2023 03:4"] {
        assert!(log.contains(said), "{said} in {log}");
    }
    // The day that a line is asked for by is one of the house.
    let of_day = |day| [("day", day), ("operation", "set-up")];
    let found = admin.browser.post_signed_in("admin", "/admin/log", &of_day("2023-11-15")).await.text;
    assert!(found.contains("Made an account"), "{found}");
    let found = admin.browser.post_signed_in("admin", "/admin/log", &of_day("2023-11-14")).await.text;
    assert!(!found.contains("Made an account"), "{found}");
    for (language, word) in [("hi", "भारत"), ("te", "భారతదేశం")] {
        admin.browser.post("/language", &[("language", language), ("to", HERE)]).await;
        let page = admin.browser.get(HERE).await.text;
        assert!(page.contains(word) && !page.contains("home-"), "{page}");
    }
}

#[tokio::test]
async fn a15_what_is_wrong_with_a_zone_is_said_with_what_may_be_meant() {
    let (_, mut admin) = Pages::open().await;
    for (country, zone, said) in [
        ("", "", "Choose the country"),
        ("DE", "Europe/Berlin", "Choose the country"),
        ("US", "", "America/New_York, America/Chicago"),
        ("other", "", "such as Europe/Berlin"),
        ("other", "Middle-earth/Shire", "There is no such time zone"),
        ("IN", "Asia/Kolkatta", "Asia/Kolkata may be meant"),
    ] {
        let page = say(&mut admin, country, zone, "0").await;
        assert!(page.status == 422 && page.text.contains(said), "{said} in {}", page.text);
    }
    let page = say(&mut admin, "US", "denver", "0").await;
    assert!(page.text.contains("value=\"America/Denver\" aria-describedby"), "{}", page.text);
    assert!(page.text.contains("<option value=\"US\" selected>"), "{}", page.text);
    let odd = say(&mut admin, "US", "\"><b>x", "0").await;
    assert!(odd.status == 422 && !odd.text.contains("<b>x"), "{}", odd.text);
    assert!(admin.browser.get(HERE).await.text.contains("nobody has said"));
}

#[tokio::test]
async fn a15_of_two_who_say_it_at_once_the_second_sees_what_the_first_has_said() {
    let (_, mut admin) = in_india().await;
    let page = say(&mut admin, "US", "America/Denver", "0").await;
    assert_eq!(page.status, 409);
    assert!(page.text.contains("Nila Das has changed this meanwhile"), "{}", page.text);
    assert!(page.text.contains("value=\"America/Denver\"") && page.text.contains("Asia/Kolkata</dd>"));
    let version = page.between("name=\"version\" value=\"", "\"");
    assert_eq!(say(&mut admin, "US", "America/Denver", &version).await.status, 303);
    assert!(admin.browser.get(HERE).await.text.contains(" MST"));
    // What holds already is no change.
    assert_eq!(say(&mut admin, "US", "America/Denver", "0").await.status, 303);
}

#[tokio::test]
async fn a15_nobody_but_an_administrator_says_where_the_house_is() {
    let (pages, mut admin) = Pages::open().await;
    let mut doctor = pages.staff(&mut admin, "doctor@example.org").await;
    let mut patient = pages.patient("asha@example.org").await;
    let link = admin.browser.invite_called("Test Person", "p@example.org", "privacy-officer", "").await;
    let mut officer = pages.browser();
    officer.post(&link, &[("password", crate::house::PASSWORD)]).await;
    let mut officer = officer.enrol("/admin/app").await;
    let here = [("country", "IN"), ("zone", ""), ("version", "0")];
    for (realm, person) in [("clinic", &mut doctor), ("patient", &mut patient), ("admin", &mut officer)] {
        assert_eq!(person.browser.get(HERE).await.status, 403, "{realm}");
        assert_eq!(person.browser.post_signed_in(realm, HERE, &here).await.status, 403, "{realm}");
    }
    assert_eq!(pages.browser().get(HERE).await.goes_to(), "/admin/sign-in");
    assert!(admin.browser.get(HERE).await.text.contains("nobody has said"));
}

#[tokio::test]
async fn a15_what_was_measured_late_in_utc_is_of_the_next_day_in_india() {
    let (pages, mut admin) = in_india().await;
    pages.chart();
    let patient = json!({"reference": "Patient/asha"});
    keep(
        &pages,
        json!({"resourceType": "Observation", "id": "late", "status": "final", "subject": patient,
            "effectiveDateTime": "2023-11-12T23:30:00Z",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}], "text": "Heart rate"},
            "valueQuantity": {"value": 71, "unit": "/min"}}),
    );
    keep(
        &pages,
        json!({"resourceType": "Procedure", "id": "done", "status": "completed", "subject": patient,
            "performedDateTime": "2023-11-12T23:30:00Z", "code": {"text": "Dressing"}}),
    );
    // What has no time of day is of that day everywhere.
    keep(
        &pages,
        json!({"resourceType": "Immunization", "id": "shot", "status": "completed", "patient": patient,
            "occurrenceDateTime": "2023-11-11", "vaccineCode": {"text": "Tetanus"}}),
    );
    let mut nurse = pages.nurse(&mut admin).await;
    for page in ["vitals", "timeline", "results/8867-4"] {
        let text = nurse.browser.get(&format!("/clinic/chart/asha/{page}")).await.text;
        assert!(text.contains("13-Nov-2023 05:00") && !text.contains("12-Nov-2023"), "{page}: {text}");
    }
    let shots = nurse.browser.get("/clinic/chart/asha/immunizations").await.text;
    assert!(shots.contains("11-Nov-2023"), "{shots}");
}

async fn typed(browser: &mut Browser, measured: &str) -> Page {
    let form = "/clinic/chart/asha/vitals/new";
    let page = browser.get(form).await;
    send(browser, &page, form, &[("heart-rate", "72"), ("measured", measured)]).await
}

#[tokio::test]
async fn a15_a_time_that_is_typed_is_read_on_the_clocks_of_the_house() {
    let (pages, mut admin) = in_india().await;
    pages.chart();
    let mut nurse = pages.nurse(&mut admin).await;
    let form = nurse.browser.get("/clinic/chart/asha/vitals/new").await.text;
    assert!(form.contains("When it was measured (Asia/Kolkata)"), "{form}");
    assert!(form.contains("2023-11-15 03:"), "the hint shows the clock of the house: {form}");
    assert_eq!(typed(&mut nurse.browser, "2023-11-14 08:42").await.status, 303);
    let kept = pages.observations();
    assert_eq!(kept[0]["effectiveDateTime"], "2023-11-14T08:42:00+05:30");
    let sheet = nurse.browser.get("/clinic/chart/asha/vitals").await.text;
    assert!(sheet.contains("14-Nov-2023 08:42"), "{sheet}");
    // Three in the morning of the next day has been there already; four has not.
    assert_eq!(typed(&mut nurse.browser, "2023-11-15 03:00").await.status, 303);
    let page = typed(&mut nurse.browser, "2023-11-15 04:45").await;
    assert!(
        page.status == 422 && page.text.contains("When it was measured (Asia/Kolkata): "),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a15_todays_list_is_of_the_day_of_the_house() {
    let (pages, mut admin) = in_india().await;
    pages.chart();
    let actor = |who: &str| json!({"actor": {"reference": who}, "status": "accepted"});
    for (id, start, what) in [
        ("early", "2023-11-14T18:45:00Z", "In the first hour"),
        ("past", "2023-11-14T18:00:00Z", "On the day before"),
    ] {
        keep(
            &pages,
            json!({"resourceType": "Appointment", "id": id, "status": "booked", "description": what,
                "start": start, "end": start, "participant": [actor("Patient/asha"), actor("Practitioner/e")]}),
        );
    }
    let mut nurse = pages.nurse(&mut admin).await;
    let list = nurse.browser.get("/clinic").await.text;
    assert!(list.contains("15-Nov-2023") && list.contains("In the first hour"), "{list}");
    assert!(list.contains("15-Nov-2023 00:15") && !list.contains("On the day before"), "{list}");
}

#[tokio::test]
async fn a15_another_node_hears_of_it_within_a_minute() {
    let (pages, mut admin) = Pages::open().await;
    let other = pages.other_door();
    let mut reader = other.browser();
    assert!(reader.get("/status").await.text.contains(" UTC"));
    say(&mut admin, "IN", "", "0").await;
    pages.wait(30);
    assert!(reader.get("/status").await.text.contains(" UTC"), "it is not read at each request");
    pages.wait(30);
    assert!(reader.get("/status").await.text.contains(" IST"));
}
