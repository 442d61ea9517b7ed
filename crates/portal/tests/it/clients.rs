//! Apps that registered themselves are let in by who runs the house, and by nobody else.

use crate::house::{Pages, Person};
use login::{oauth::client::Status, visit::Visit};
use serde_json::json;

const HERE: &str = "/admin/clients";

async fn say(person: &mut Person, id: &str, choice: &str) -> crate::house::Page {
    person.browser.post_signed_in("admin", HERE, &[("about", id), ("choice", choice)]).await
}

#[tokio::test]
async fn an_administrator_lets_an_app_in_and_no_more_and_both_are_signed() {
    let (pages, mut admin) = Pages::open().await;
    let visit = Visit {
        now: pages.house.now(),
        request: "r".into(),
        address: "127.0.0.1".into(),
        browser: "app".into(),
        device: None,
    };
    let metadata = json!({"client_name": "Pulse <b>diary", "redirect_uris": ["https://app.example/back"],
        "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"], "scope": "launch/patient patient/Observation.rs"});
    let app = pages.login.register(metadata.to_string().as_bytes(), &visit).unwrap();
    let status = || pages.login.clients(pages.house.now()).unwrap()[0].status;
    let page = admin.browser.get(HERE).await.text;
    for said in
        ["Pulse &#60;b&#62;diary", "patient/Observation.rs", "https://app.example/back", app.id.as_str()]
    {
        assert!(page.contains(said), "{said} in {page}");
    }
    assert_eq!(status(), Status::Pending);
    assert_eq!(say(&mut admin, &app.id, "approve").await.goes_to(), HERE);
    assert_eq!(status(), Status::Approved);
    assert!(admin.browser.get(HERE).await.text.contains("Do not let Pulse"));
    assert_eq!(say(&mut admin, &app.id, "revoke").await.goes_to(), HERE);
    assert_eq!(status(), Status::Revoked);
    // What is no app, and what is no word, changes nothing.
    assert!(say(&mut admin, "0123", "approve").await.status >= 400);
    let log = admin.browser.get("/admin/log").await.text;
    assert!(log.contains("app approved") && log.contains("app revoked"), "{log}");
    // Whoever does not run the house reads and changes nothing.
    let mut staff = pages.staff(&mut admin, "doctor@example.org").await;
    let mut patient = pages.patient("asha@example.org").await;
    for person in [&mut staff, &mut patient] {
        assert_eq!(person.browser.get(HERE).await.status, 403);
    }
    assert_eq!(status(), Status::Revoked);
}
