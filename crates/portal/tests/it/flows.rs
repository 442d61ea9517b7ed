//! What works.

use crate::house::{PASSWORD, Pages, first, newcomer};
use login::realm::Realm;

#[tokio::test]
async fn a14_the_first_run_makes_an_administrator_and_then_there_is_none_of_it() {
    let pages = Pages::bare();
    let mut browser = pages.browser();
    for realm in ["patient", "clinic", "admin"] {
        let fields = [("identifier", "admin@example.org"), ("password", PASSWORD)];
        let page = browser.post(&format!("/{realm}/sign-in"), &fields).await;
        assert_eq!(page.status, 403);
        assert!(page.text.contains("before this server is set up"));
    }
    let page = browser.get("/setup").await;
    assert!(page.text.contains("first administrator"));
    let page = browser.post("/setup", &first("kw_wrong")).await;
    assert_eq!(page.status, 422);
    assert!(
        page.text.contains("not the newest set-up token") && page.text.contains("value=\"Lakeside Clinic\"")
    );
    assert!(!page.text.contains("kw_wrong"));
    let token = pages.login.setup_token(pages.house.now()).unwrap().unwrap();
    let mut weak = first(token.reveal());
    weak[4].1 = "LakesideClinic2026!";
    let page = browser.post("/setup", &weak).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("leave out your own name") && page.text.contains("aria-invalid"));
    browser.post("/setup", &first(token.reveal())).await;
    let mut admin = browser.enrol("/admin/app").await;
    assert!(admin.browser.get("/admin/account").await.text.contains("Nila Das"));
    assert_eq!(pages.browser().get("/setup").await.status, 404);
    assert_eq!(pages.browser().post("/setup", &first(token.reveal())).await.status, 410);
}

#[tokio::test]
async fn a1_a_patient_signs_up_and_signs_in_again() {
    let (pages, _) = Pages::open().await;
    let mut person = pages.patient("asha@example.org").await;
    let page = person.browser.get("/patient/account").await;
    assert!(
        page.text.contains("not linked to a health record yet") && page.text.contains("asha@example.org")
    );
    let page = person.browser.post_signed_in("patient", "/patient/sign-out", &[]).await;
    assert_eq!(page.goes_to(), "/patient/sign-in");
    assert_eq!(person.browser.get("/patient/account").await.goes_to(), "/patient/sign-in");
    let fields = [("identifier", "ASHA@example.org"), ("password", PASSWORD)];
    assert_eq!(person.browser.post("/patient/sign-in", &fields).await.goes_to(), "/patient/second-factor");
    let page = person.browser.get("/patient/second-factor").await;
    assert!(page.text.contains("Send me a code"));
    let code = pages.code(&person.secret);
    let page = person.browser.post("/patient/second-factor", &[("code", &code)]).await;
    assert_eq!(page.goes_to(), "/patient/account");
    assert!(person.browser.session(Realm::Patient).is_some());
    assert!(!person.browser.cookies.contains_key(web::cookie::ATTEMPT));
    // Or by a code that is sent.
    let mut other = pages.browser();
    other.post("/patient/sign-in", &fields).await;
    assert!(other.post("/patient/second-factor/code", &[]).await.text.contains("that we sent to you"));
    let page = other.post("/patient/second-factor", &[("code", &pages.sent_code()), ("kind", "sent")]).await;
    assert_eq!(page.goes_to(), "/patient/account");
    assert!(other.get("/patient/account").await.text.contains("Signed in with a new browser"));
}

#[tokio::test]
async fn a8_staff_come_by_an_invitation_that_opens_once() {
    let (pages, mut admin) = Pages::open().await;
    let link = admin.browser.invite("doctor@example.org").await;
    let mut browser = pages.browser();
    let page = browser.get(&link).await;
    assert!(page.text.contains("doctor@example.org") && page.text.contains("Dr Meera Iyer"));
    let page = browser.post(&link, &[("password", "short")]).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("at least 8 characters"));
    assert_eq!(browser.post(&link, &[("password", PASSWORD)]).await.goes_to(), "/clinic/app");
    for again in
        [pages.browser().get(&link).await, pages.browser().post(&link, &[("password", PASSWORD)]).await]
    {
        assert_eq!(again.status, 410);
        assert!(again.text.contains("used already"));
    }
    let mut doctor = browser.enrol("/clinic/app").await;
    assert_eq!(doctor.browser.get("/clinic/account").await.status, 200);
}

#[tokio::test]
async fn a4_a_recovery_code_replaces_a_lost_phone() {
    let (pages, admin) = Pages::open().await;
    let mut browser = pages.browser();
    let fields = [("identifier", "admin@example.org"), ("password", PASSWORD)];
    browser.post("/admin/sign-in", &fields).await;
    let page = browser.post("/admin/second-factor", &[("code", &admin.recovery[0])]).await;
    assert_eq!(page.goes_to(), "/admin/account");
    assert!(browser.get("/admin/account").await.text.contains("9 recovery codes left"));
    let page = browser.post_signed_in("admin", "/admin/account/app", &[]).await;
    assert_eq!(page.goes_to(), "/admin/app");
    let renewed = browser.enrol("/admin/app").await;
    assert_ne!(renewed.secret, admin.secret);
    let mut again = pages.browser();
    again.post("/admin/sign-in", &fields).await;
    let page = again.post("/admin/second-factor", &[("code", &admin.recovery[0])]).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("not right, or was used already"));
}

#[tokio::test]
async fn a12_sessions_are_listed_ended_and_ended_everywhere() {
    let (pages, mut admin) = Pages::open().await;
    let mut other = pages.browser();
    let fields = [("identifier", "admin@example.org"), ("password", PASSWORD)];
    other.post("/admin/sign-in", &fields).await;
    other.post("/admin/second-factor", &[("code", &pages.code(&admin.secret))]).await;
    let page = admin.browser.get("/admin/account").await;
    assert!(page.text.contains("(this one)"));
    let id = page.between("name=\"session\" value=\"", "\"");
    let page = admin.browser.post_signed_in("admin", "/admin/account/revoke", &[("session", &id)]).await;
    assert_eq!(page.goes_to(), "/admin/account");
    assert_eq!(other.get("/admin/account").await.goes_to(), "/admin/sign-in");
    let token = admin.browser.session(Realm::Admin).unwrap().to_owned();
    admin.browser.post_signed_in("admin", "/admin/account/everywhere", &[]).await;
    admin.browser.cookies.insert(web::cookie::session(Realm::Admin).into(), token);
    assert_eq!(admin.browser.get("/admin/account").await.goes_to(), "/admin/sign-in");
}

#[tokio::test]
async fn a4_what_matters_most_asks_for_a_fresh_code_and_renews_the_session() {
    let (pages, mut admin) = Pages::open().await;
    pages.wait(700);
    let old = admin.browser.session(Realm::Admin).unwrap().to_owned();
    let page =
        admin.browser.post_signed_in("admin", "/admin/facilities", &[("facility", "Hill Clinic")]).await;
    assert_eq!(page.goes_to(), "/admin/step-up");
    let page = admin.browser.get("/admin/step-up").await;
    let token = page.between("name=\"token\" value=\"", "\"");
    let wrong = admin.browser.post("/admin/step-up", &[("token", &token), ("code", "000000")]).await;
    assert_eq!(wrong.status, 422);
    let code = pages.code(&admin.secret);
    let page = admin.browser.post("/admin/step-up", &[("token", &token), ("code", &code)]).await;
    assert_eq!(page.goes_to(), "/admin/staff");
    assert_ne!(admin.browser.session(Realm::Admin), Some(old.as_str()));
    let page =
        admin.browser.post_signed_in("admin", "/admin/facilities", &[("facility", "Hill Clinic")]).await;
    assert_eq!(page.goes_to(), "/admin/staff");
    let page = admin.browser.get("/admin/staff").await;
    assert!(page.text.contains("Hill Clinic") && page.text.contains("KF "));
    let id = page.between("name=\"facility\" value=\"", "\"");
    admin.browser.post_signed_in("admin", "/admin/facilities/open", &[("facility", &id)]).await;
    assert!(admin.browser.get("/admin/staff").await.text.contains("suspended"));
    let nobody = [("identifier", "nobody@example.org")];
    let page = admin.browser.post_signed_in("admin", "/admin/accounts", &nobody).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("nobody signs in by this"));
    let mut stolen = pages.browser();
    stolen.cookies.insert(web::cookie::session(Realm::Admin).into(), old);
    assert_eq!(stolen.get("/admin/account").await.goes_to(), "/admin/sign-in");
}

#[tokio::test]
async fn x6_many_people_who_save_at_once_each_save_their_own_through_http() {
    let (pages, _) = Pages::open().await;
    let mut people = Vec::new();
    for n in 0..40 {
        let mut browser = pages.browser();
        let email = format!("person-{n}@example.org");
        let mut fields = newcomer(&email).to_vec();
        fields.push(("single", "yes"));
        assert_eq!(browser.post("/patient/sign-up", &fields).await.goes_to(), "/patient/sign-up/code");
        let page = browser.post("/patient/sign-up/code", &[("code", &pages.sent_code())]).await;
        assert_eq!(page.goes_to(), "/patient/account", "{}", page.text);
        people.push(browser);
    }
    let saved = people.into_iter().enumerate().map(|(n, mut browser)| {
        tokio::spawn(async move {
            let name = format!("Person {n}");
            let page = browser.post_signed_in("patient", "/patient/account/name", &[("name", &name)]).await;
            assert_eq!(page.goes_to(), "/patient/account", "{}", page.text);
            (n, browser)
        })
    });
    for saved in saved.collect::<Vec<_>>() {
        let (n, mut browser) = saved.await.unwrap();
        let page = browser.get("/patient/account").await;
        assert!(page.text.contains(&format!("value=\"Person {n}\"")));
        assert!(page.text.contains(&format!("person-{n}@example.org")));
    }
}

#[tokio::test]
async fn a8_a_list_of_staff_becomes_invitations_or_its_lines_are_named() {
    let (pages, mut admin) = Pages::open().await;
    assert!(admin.browser.get("/admin/staff").await.text.contains("/admin/staff/list"));
    let bad = "name,email,role\nA,a@example.org,nurse\nB,nowhere,king\n";
    let page = admin.browser.post_signed_in("admin", "/admin/staff/list", &[("list", bad)]).await;
    assert_eq!(page.status, 422);
    assert!(
        page.text.contains("nobody was invited. line 3:") && page.text.contains("B,nowhere,king"),
        "{}",
        page.text
    );
    let good = "name,email,role\n<b>A</b>,a@example.org,nurse\nB,b@example.org,physician\n";
    let page = admin.browser.post_signed_in("admin", "/admin/staff/list", &[("list", good)]).await;
    assert_eq!((page.status, page.text.matches("/invitation/kw_").count()), (200, 2), "{}", page.text);
    assert!(!page.text.contains("<b>A"));
    let link = page.between(&format!("<p>{}", crate::house::ORIGIN), "<");
    let mut browser = pages.browser();
    assert_eq!(browser.post(&link, &[("password", PASSWORD)]).await.goes_to(), "/clinic/app");
}

#[tokio::test]
async fn an_invitation_that_waits_is_confirmed_at_the_front_desk() {
    let (pages, mut admin) = Pages::open().await;
    let mut clerk = pages.staff_as(&mut admin, "clerk@example.org", "front-desk", "d").await;
    let link = admin.browser.invite_as("admin@example.org", "physician", "b").await;
    let mut browser = pages.browser();
    let page = browser.get(&link).await;
    assert!(page.status == 422 && page.text.contains("second person"), "{}", page.text);
    assert!(admin.browser.get("/admin/staff/waiting").await.text.contains("There is none"));
    let page = clerk.browser.get("/clinic/desk").await;
    assert!(page.text.contains("known to the record as b"), "{}", page.text);
    let (_, rest) = page.text.split_once("action=\"/clinic/desk/invitation\"").unwrap();
    let id = rest.split_once("name=\"about\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let answer = [("about", id.as_str()), ("choice", "confirm")];
    let page = clerk.browser.post_signed_in("clinic", "/clinic/desk/invitation", &answer).await;
    assert_eq!(page.goes_to(), "/clinic/desk", "{}", page.text);
    assert_eq!(browser.get(&link).await.status, 200);
}

/// A12: an idle session ends, and what was being written is there again after the next sign-in; a password is not.
#[tokio::test]
async fn a12_what_was_typed_when_the_session_ended_is_kept_and_can_be_sent_again() {
    let (pages, mut admin) = Pages::open().await;
    let mut doctor = pages.staff(&mut admin, "doctor@example.org").await;
    let page = doctor.browser.get("/clinic/account").await;
    let token = page.between("name=\"token\" value=\"", "\"");
    pages.wait(16 * 60);
    let typed = [("token", token.as_str()), ("name", "Dr Meera <Iyer> MD"), ("password", "my kettle sings")];
    let page = doctor.browser.post("/clinic/account/name", &typed).await;
    assert_eq!(page.goes_to(), "/clinic/sign-in");
    // Another form, with a token that no page of the session showed, is not kept.
    let mut thief = pages.browser();
    thief.cookies = doctor.browser.cookies.clone();
    thief.post("/clinic/account/name", &[("token", "x"), ("name", "Mallory")]).await;
    let code = pages.code(&doctor.secret);
    let fields = [("identifier", "doctor@example.org"), ("password", PASSWORD)];
    assert_eq!(doctor.browser.post("/clinic/sign-in", &fields).await.goes_to(), "/clinic/second-factor");
    let page = doctor.browser.post("/clinic/second-factor", &[("code", &code)]).await;
    assert_eq!(page.goes_to(), "/clinic/account");
    assert_eq!(doctor.browser.get("/clinic/account").await.goes_to(), "/clinic/draft");
    let page = doctor.browser.get("/clinic/draft").await;
    assert!(
        page.text.contains("Dr Meera &#60;Iyer&#62; MD") && !page.text.contains("kettle"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("Mallory") && page.text.contains("action=\"/clinic/account/name\""));
    let token = page.between("name=\"token\" value=\"", "\"");
    let again = [("token", token.as_str()), ("draft", "again"), ("name", "Dr Meera <Iyer> MD")];
    let page = doctor.browser.post("/clinic/account/name", &again).await;
    assert_eq!(page.goes_to(), "/clinic/account", "{}", page.text);
    let page = doctor.browser.get("/clinic/account").await;
    assert!(page.status == 200 && page.text.contains("Dr Meera &#60;Iyer&#62; MD"));
    assert_eq!(doctor.browser.get("/clinic/draft").await.goes_to(), "/clinic");
}
