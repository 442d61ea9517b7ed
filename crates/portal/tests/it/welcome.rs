//! The first steps: from a server that was just set up to its first patient.

use crate::house::{Page, Pages, Person};

const HERE: &str = "/admin/welcome";

/// How that step stands, as the page says it.
fn step(page: &Page, heading: &str) -> String {
    let (before, rest) = page.text.split_once(&format!("<h2>{heading} ")).unwrap();
    let class = before.rsplit_once("<li class=\"task ").unwrap().1.split('"').next().unwrap().to_owned();
    let said = rest.split_once('>').unwrap().1.split('<').next().unwrap();
    let words = [("done", "done"), ("waits", "invited"), ("open", "to do"), ("told", "good to know")];
    assert!(words.contains(&(class.as_str(), said)), "{class}: {said}");
    class
}

const STEPS: [&str; 10] = [
    "Your facility",
    "A copy of the root key, kept apart",
    "A second administrator",
    "Somebody who registers patients",
    "Somebody who treats",
    "Backups",
    "Address and encryption on the way",
    "Mail and text messages",
    "The first patient",
    "Where the house is",
];

async fn standing(admin: &mut Person) -> [String; 10] {
    let page = admin.browser.get(HERE).await;
    assert_eq!(page.status, 200, "{}", page.text);
    STEPS.map(|heading| step(&page, heading))
}

async fn second(pages: &Pages, admin: &mut Person, email: &str, role: &str) -> Person {
    let link = admin.browser.invite_called("Test Person", email, role, "").await;
    let mut browser = pages.browser();
    let page = browser.post(&link, &[("password", crate::house::PASSWORD)]).await;
    assert_eq!(page.goes_to(), "/admin/app", "{}", page.text);
    browser.enrol("/admin/app").await
}

#[tokio::test]
async fn a15_the_first_steps_are_read_off_the_server_and_end_with_the_first_patient() {
    let (pages, mut admin) = Pages::open().await;
    assert_eq!(admin.browser.get("/admin").await.goes_to(), HERE);
    let begun = ["done", "open", "open", "open", "open", "told", "done", "told", "open", "open"];
    assert_eq!(standing(&mut admin).await, begun);
    let page = admin.browser.get(HERE).await.text;
    assert!(page.contains("2 of 8 done") && page.contains("aria-current=\"page\""), "{page}");

    // An invitation is no person yet; whoever comes by it is.
    let to =
        page.split("href=\"").find(|to| to.contains("role=front-desk")).unwrap().split('#').next().unwrap();
    let form = admin.browser.get(to).await.text;
    assert!(form.contains("<option value=\"front-desk\" selected>"), "{form}");
    let link = admin.browser.invite_called("Tara Sen", "desk@example.org", "front-desk", "").await;
    assert_eq!(standing(&mut admin).await[3], "waits");
    let mut clerk = pages.browser();
    clerk.post(&link, &[("password", crate::house::PASSWORD)]).await;
    let mut clerk = clerk.enrol("/clinic/app").await.browser;
    assert_eq!(standing(&mut admin).await[3], "done");

    let said = admin.browser.post_signed_in("admin", "/admin/welcome/key", &[]).await;
    assert_eq!(said.goes_to(), HERE);
    let page = admin.browser.get(HERE).await;
    assert_eq!(step(&page, STEPS[1]), "done");
    assert!(page.text.contains("Nila Das said so on "), "{}", page.text);

    let key = clerk.get("/clinic/register").await.between("name=\"key\" value=\"", "\"");
    let typed = [("key", key.as_str()), ("given", "Lakshmi"), ("age", "30"), ("gender", "female")];
    let page = clerk.post_signed_in("clinic", "/clinic/register", &typed).await;
    assert!(page.text.contains("The patient is registered"), "{}", page.text);
    let page = admin.browser.get(HERE).await;
    assert_eq!(step(&page, STEPS[8]), "done");
    assert!(!page.text.contains("Lakshmi"), "the page shows nothing of a patient");

    let here = [("country", "IN"), ("zone", ""), ("version", "0")];
    admin.browser.post_signed_in("admin", "/admin/home", &here).await;
    let page = admin.browser.get(HERE).await;
    assert_eq!(step(&page, STEPS[9]), "done");
    assert!(page.text.contains("India, Asia/Kolkata. Nila Das said so on 15-Nov-2023"), "{}", page.text);

    let other = pages.staff(&mut admin, "doctor@example.org").await;
    assert_eq!(admin.browser.get("/admin").await.goes_to(), HERE, "somebody is still missing");
    let mut deputy = second(&pages, &mut admin, "second@example.org", "administrator").await;
    let over = ["done", "done", "done", "done", "done", "told", "done", "told", "done", "done"];
    assert_eq!(standing(&mut deputy).await, over);
    assert_eq!(admin.browser.get("/admin").await.goes_to(), "/admin/staff");
    assert!(admin.browser.get(HERE).await.text.contains("Everything that this house needs to work is there"));

    // Whoever is suspended counts no more.
    let out = [("identifier", "doctor@example.org")];
    admin.browser.post_signed_in("admin", "/admin/accounts", &out).await;
    assert_eq!(standing(&mut deputy).await[4], "open");
    assert_eq!(other.recovery.len(), 10);
}

#[tokio::test]
async fn a15_the_first_steps_can_be_put_away_and_are_the_administrators_alone() {
    let (pages, mut admin) = Pages::open().await;
    let away = [("away", "yes")];
    let put = admin.browser.post_signed_in("admin", "/admin/welcome/away", &away).await;
    assert_eq!(put.goes_to(), HERE);
    assert_eq!(admin.browser.get("/admin").await.goes_to(), "/admin/staff");
    assert!(admin.browser.get("/admin/staff").await.text.contains("href=\"/admin/welcome\""));
    admin.browser.post_signed_in("admin", "/admin/welcome/away", &[]).await;
    assert_eq!(admin.browser.get("/admin").await.goes_to(), HERE);

    let mut officer = second(&pages, &mut admin, "privacy@example.org", "privacy-officer").await;
    assert_eq!(officer.browser.get(HERE).await.status, 403);
    for form in ["key", "away"] {
        let page = officer.browser.post_signed_in("admin", &format!("{HERE}/{form}"), &away).await;
        assert_eq!(page.status, 403, "{form}");
    }
    assert_eq!(officer.browser.get("/admin").await.goes_to(), "/admin/emergencies");
    assert_eq!(standing(&mut admin).await[1], "open", "nothing was said");
    // Another site's form, and one of another session.
    assert_eq!(admin.browser.post("/admin/welcome/key", &[("token", "x")]).await.status, 403);
    assert_eq!(standing(&mut admin).await[1], "open");
}
