//! Passkeys by pages (A4): a browser whose script does what ours does.

use crate::{
    authenticator::Authenticator,
    house::{Browser, PASSWORD, Page, Pages},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// Asks for options as the script does: with the page's token, where there is one.
async fn options(browser: &mut Browser, path: &str, token: &str) -> String {
    let page = browser.post(path, &[("token", token)]).await;
    assert_eq!((page.status, page.header("content-type")), (200, "application/json"), "{path} {}", page.text);
    page.text
}

async fn send_made(browser: &mut Browser, path: &str, token: &str, key: &mut Authenticator) -> Page {
    let options = options(browser, &format!("{path}/options"), token).await;
    let made = key.make(&options);
    let fields = [
        ("token", token),
        ("kind", "passkey"),
        ("name", "My phone"),
        ("client_data", &made.client_data),
        ("attestation", &made.attestation),
    ];
    browser.post(path, &fields).await
}

async fn send_used(
    browser: &mut Browser,
    (ask, path): (&str, &str),
    token: &str,
    key: &mut Authenticator,
) -> Page {
    let options = options(browser, ask, token).await;
    let used = key.answer(&options);
    let fields = [
        ("token", token),
        ("kind", "passkey"),
        ("id", &used.id),
        ("client_data", &used.client_data),
        ("authenticator_data", &used.authenticator_data),
        ("signature", &used.signature),
        ("user_handle", &used.user_handle),
    ];
    browser.post(path, &fields).await
}

#[tokio::test]
async fn the_script_is_the_one_thatpages_name_and_nothing_else_runs() {
    let (pages, _) = Pages::open().await;
    let mut browser = pages.browser();
    let script = browser.get("/assets/passkey.js").await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    let page = browser.get("/clinic/sign-in").await;
    let named = page.between("integrity=\"sha256-", "\"");
    assert_eq!(named, STANDARD.encode(Sha256::digest(&script.text)));
    assert!(page.text.contains("data-passkey=\"use\"") && page.text.contains(" hidden>"));
    assert!(!browser.get("/patient/sign-up").await.text.contains("<script"));
}

#[tokio::test]
async fn a4_a_passkey_is_added_signs_in_steps_up_and_is_removed() {
    let (pages, mut admin) = Pages::open().await;
    let page = admin.browser.get("/admin/account").await;
    let token = page.between("name=\"token\" value=\"", "\"");
    let mut key = Authenticator::new(b"key-1");
    let added = send_made(&mut admin.browser, "/admin/account/passkey", &token, &mut key).await;
    assert_eq!(added.goes_to(), "/admin/account", "{}", added.text);
    assert!(admin.browser.get("/admin/account").await.text.contains("Remove My phone"));
    let forged = admin.browser.post("/admin/account/passkey/options", &[("token", "another")]).await;
    assert_eq!(forged.status, 403);

    let mut browser = pages.browser();
    let ways = ("/admin/passkey/options", "/admin/passkey");
    let page = send_used(&mut browser, ways, "", &mut key).await;
    assert_eq!(page.goes_to(), "/admin/account", "{}", page.text);
    let again = browser.post("/admin/passkey", &[("id", &key.text_id())]).await;
    assert_eq!(again.status, 410, "the attempt is over");
    let mut other = pages.browser();
    let wrong = send_used(&mut other, ways, "", &mut Authenticator::new(b"unknown")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("that did not match"), "{}", wrong.text);

    pages.wait(700);
    let page = browser.get("/admin/account").await;
    let token = page.between("name=\"token\" value=\"", "\"");
    let stale = browser.post("/admin/account/passkey/options", &[("token", &token)]).await;
    assert_eq!(stale.status, 403, "{}", stale.text);
    let ways = ("/admin/step-up/options", "/admin/step-up");
    let stepped = send_used(&mut browser, ways, &token, &mut key).await;
    assert_eq!(stepped.goes_to(), "/admin/staff", "{}", stepped.text);
    let removed = browser
        .post_signed_in("admin", "/admin/account/passkey/remove", &[("passkey", &key.text_id())])
        .await;
    assert_eq!(removed.goes_to(), "/admin/account", "{}", removed.text);
    assert!(!browser.get("/admin/account").await.text.contains("Remove My phone"));
}

#[tokio::test]
async fn a4_staff_set_up_a_passkey_in_place_of_an_app_and_use_it_after_the_password() {
    let (pages, mut admin) = Pages::open().await;
    let link = admin.browser.invite("doctor@example.org").await;
    let mut browser = pages.browser();
    assert_eq!(browser.post(&link, &[("password", PASSWORD)]).await.goes_to(), "/clinic/app");
    let page = browser.get("/clinic/app").await;
    assert!(page.text.contains("<svg") && page.text.contains("data-passkey=\"make\""));
    let mut key = Authenticator::new(b"key-1");
    let page = send_made(&mut browser, "/clinic/app/passkey", "", &mut key).await;
    assert_eq!((page.status, page.text.matches("<li><code>").count()), (200, 10), "{}", page.text);
    let page = browser.get("/clinic/account").await;
    assert!(
        page.text
            .contains("You have a passkey. You have no authenticator app. You have 10 recovery codes left")
    );
    let last = browser
        .post_signed_in("clinic", "/clinic/account/passkey/remove", &[("passkey", &key.text_id())])
        .await;
    assert_eq!(last.status, 422, "the last second factor stays");

    let mut browser = pages.browser();
    let typed = [("identifier", "doctor@example.org"), ("password", PASSWORD)];
    assert_eq!(browser.post("/clinic/sign-in", &typed).await.goes_to(), "/clinic/second-factor");
    assert!(browser.get("/clinic/second-factor").await.text.contains("data-passkey=\"use\""));
    let ways = ("/clinic/second-factor/options", "/clinic/second-factor");
    let page = send_used(&mut browser, ways, "", &mut key).await;
    assert_eq!(page.goes_to(), "/clinic/account", "{}", page.text);
}
