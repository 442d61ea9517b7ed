//! What does not work, and what is said about it.

use crate::house::{ORIGIN, PASSWORD, Page, Pages, encoded, newcomer};
use login::realm::Realm;

#[tokio::test]
async fn a7_an_unknown_person_and_a_wrong_password_get_the_same_page() {
    let (pages, _) = Pages::open().await;
    pages.patient("asha@example.org").await;
    // The identifier is written back into the form, and nothing else may differ.
    let told =
        |page: Page, identifier: &str| (page.status, page.text.replace(identifier, "…"), page.headers.len());
    let mut bodies = Vec::new();
    for (identifier, password) in [
        ("asha@example.org", "wrong wrong wrong"),
        ("nobody@example.org", PASSWORD),
        ("admin@example.org", PASSWORD),
    ] {
        let fields = [("identifier", identifier), ("password", password)];
        let page = pages.browser().post("/patient/sign-in", &fields).await;
        assert_eq!(page.status, 422);
        assert!(
            page.text.contains("that did not match")
                && page.text.contains(&format!("value=\"{identifier}\""))
        );
        bodies.push(told(page, identifier));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_whatever_cookies_come_with_it() {
    let (pages, mut admin) = Pages::open().await;
    let token = admin.browser.get("/admin/account").await.between("name=\"token\" value=\"", "\"");
    let fields = [("token", token.as_str()), ("name", "Mallory")];
    let cases: [&[(&str, &str)]; 6] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", ORIGIN)],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
    ];
    for headers in cases {
        let page = admin.browser.send("POST", "/admin/account/name", headers, encoded(&fields)).await;
        assert_eq!(page.status, 403, "{headers:?}");
        assert!(page.text.contains("not sent from a page of this server"));
        let page = pages
            .browser()
            .send("POST", "/patient/sign-up", headers, encoded(&newcomer("a@example.org")))
            .await;
        assert_eq!(page.status, 403);
    }
    // Nor does a form do without the session's token, or with another session's.
    for token in ["", "0", "a"] {
        let page = admin.browser.post("/admin/account/name", &[("token", token), ("name", "Mallory")]).await;
        assert_eq!(page.status, 403);
        assert!(page.text.contains("belongs to another session"));
    }
    assert!(!admin.browser.get("/admin/account").await.text.contains("Mallory"));
    let headers = [("sec-fetch-site", "same-origin")];
    let page = admin.browser.send("POST", "/admin/account/name", &headers, encoded(&fields)).await;
    assert_eq!(page.goes_to(), "/admin/account");
}

#[tokio::test]
async fn a5_a_session_of_one_realm_is_refused_in_another_and_that_is_signed() {
    let (pages, _) = Pages::open().await;
    let mut patient = pages.patient("asha@example.org").await;
    let before = pages.house.whole_log();
    for path in ["/clinic/account", "/admin/account", "/admin/staff", "/clinic/step-up"] {
        let page = patient.browser.get(path).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.text.contains("signed in elsewhere"));
    }
    assert_eq!(pages.house.whole_log(), before + 4);
    // The patient's token in the clinic's cookie is worth nothing.
    let token = patient.browser.session(Realm::Patient).unwrap().to_owned();
    let mut forged = pages.browser();
    forged.cookies.insert(web::cookie::session(Realm::Clinic).into(), token);
    assert_eq!(forged.get("/clinic/account").await.goes_to(), "/clinic/sign-in");
    assert_eq!(patient.browser.get("/patient/account").await.status, 200);
}

#[tokio::test]
async fn a3_too_many_tries_are_told_to_wait() {
    let (pages, _) = Pages::open().await;
    let fields = [("identifier", "nobody@example.org"), ("password", PASSWORD)];
    let mut page = pages.browser().post("/patient/sign-in", &fields).await;
    for _ in 0..7 {
        page = pages.browser().post("/patient/sign-in", &fields).await;
    }
    assert_eq!((page.status, page.header("retry-after")), (429, "2"));
    assert!(page.text.contains("wait 2 seconds"));
}

#[tokio::test]
async fn hostile_requests_get_a_page_and_no_more() {
    let (pages, mut admin) = Pages::open().await;
    let mut browser = pages.browser();
    for path in
        ["/nobody/sign-in", "/nobody/account", "/invitation/kw_x", "/patient/second-factor", "/patient/app"]
    {
        let page = browser.get(path).await;
        assert!([404, 410].contains(&page.status), "{path} {}", page.status);
        assert!(page.text.contains("Request id:") && page.header("content-type").starts_with("text/html"));
    }
    let headers = [("origin", ORIGIN)];
    for body in [
        "identifier=%ff&password=x".to_owned(),
        "a=1&".repeat(100),
        format!("identifier={}", "a".repeat(70_000)),
    ] {
        let page = browser.send("POST", "/patient/sign-in", &headers, body).await;
        assert!([400, 413].contains(&page.status), "{}", page.status);
    }
    let script = "<script>alert(1)</script>\"'";
    let page = browser.post("/patient/sign-in", &[("identifier", script), ("password", PASSWORD)]).await;
    assert!(page.text.contains("&#60;script&#62;") && !page.text.contains("<script>"), "{}", page.text);
    admin.browser.post_signed_in("admin", "/admin/account/name", &[("name", script)]).await;
    assert!(admin.browser.get("/admin/account").await.text.contains("&#60;script&#62;"));
    // An attempt's or a form's token is no session.
    for token in ["kw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", "kw_"] {
        let mut forged = pages.browser();
        forged.cookies.insert(web::cookie::session(Realm::Admin).into(), token.into());
        assert_eq!(forged.get("/admin/account").await.goes_to(), "/admin/sign-in");
    }
}

#[tokio::test]
async fn a7_signing_up_with_an_address_that_is_known_looks_like_any_other() {
    let (pages, _) = Pages::open().await;
    pages.patient("asha@example.org").await;
    let mut told = Vec::new();
    for email in ["asha@example.org", "new@example.org"] {
        let mut browser = pages.browser();
        let begun = browser.post("/patient/sign-up", &newcomer(email)).await;
        let asked = browser.get("/patient/sign-up/code").await;
        let wrong = browser.post("/patient/sign-up/code", &[("code", "abcdef")]).await;
        told.push((begun.goes_to().to_owned(), begun.text, asked.text, wrong.status, wrong.text));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn a_session_cookie_from_before_the_sign_in_is_not_the_one_after() {
    let (pages, _) = Pages::open().await;
    let asha = pages.patient("asha@example.org").await;
    let mallory = pages.patient("mallory@example.org").await;
    let own = mallory.browser.session(Realm::Patient).unwrap().to_owned();
    let name = web::cookie::session(Realm::Patient);
    for planted in ["kw_planted".to_owned(), own] {
        pages.wait(60);
        let mut browser = pages.browser();
        browser.cookies.insert(name.into(), planted.clone());
        let fields = [("identifier", "asha@example.org"), ("password", PASSWORD)];
        assert_eq!(browser.post("/patient/sign-in", &fields).await.goes_to(), "/patient/second-factor");
        let code = pages.code(&asha.secret);
        let page = browser.post("/patient/second-factor", &[("code", &code)]).await;
        assert_eq!(page.goes_to(), "/patient/account", "{}", page.text);
        assert_ne!(browser.session(Realm::Patient), Some(planted.as_str()));
        assert!(browser.get("/patient/account").await.text.contains("asha@example.org"));
        let mut thief = pages.browser();
        thief.cookies.insert(name.into(), planted);
        assert!(!thief.get("/patient/account").await.text.contains("asha@example.org"));
    }
}
