//! The pages on which an administrator writes roles.

use crate::house::Pages;

/// What a hidden field of the form that leads to `action` carries, as a browser reads it.
fn about(text: &str, action: &str) -> String {
    let form = text.split(&format!("action=\"{action}\">")).nth(1).unwrap();
    let value = form.split("name=\"about\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    ["&#34;", "&quot;"].iter().fold(value.to_owned(), |text, coded| text.replace(coded, "\""))
}

fn typed<'a>(scopes: &'a str, relationship: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("about", "nurse"),
        ("name", "night-nurse"),
        ("title", "Night nurse"),
        ("relationship", relationship),
        ("scopes", scopes),
        ("labels", "PSY"),
        ("masks", "identifier telecom"),
    ]
}

#[tokio::test]
async fn a9_an_administrator_copies_a_role_sees_what_changes_saves_and_removes_it() {
    let (pages, mut admin) = Pages::open().await;
    let page = admin.browser.get("/admin/roles").await;
    assert!(page.text.contains("Nurse (nurse), built in, nobody has it"), "{}", page.text);
    let open = admin.browser.post_signed_in("admin", "/admin/roles/open", &[("about", "nurse")]).await;
    assert!(open.text.contains("Whose records: of patients in their own care or their organization"));
    assert!(open.text.contains("See everything") && open.text.contains("user/*.rs\n"));
    assert!(!open.text.contains("Remove this role"), "a built-in one stays");

    let fields = typed("user/Patient.rs\r\nuser/Observation.rs", "organization");
    let check = admin.browser.post_signed_in("admin", "/admin/roles/check", &fields).await;
    assert_eq!(check.status, 200, "{}", check.text);
    assert!(check.text.contains("+user/Observation.rs") && check.text.contains("Nothing is saved yet."));
    assert!(!admin.browser.get("/admin/roles").await.text.contains("night-nurse"));
    let role = about(&check.text, "/admin/roles");
    let save = admin.browser.post_signed_in("admin", "/admin/roles", &[("about", &role)]).await;
    assert_eq!(save.goes_to(), "/admin/roles", "{}", save.text);
    assert!(admin.browser.get("/admin/roles").await.text.contains("Night nurse (night-nurse), version 1"));

    // Whoever has it counts, and what a change takes away is told.
    pages.staff_as(&mut admin, "nurse@example.org", "night-nurse", "n").await;
    let mut fields = typed("user/Patient.rs", "personal");
    fields[0].1 = "night-nurse";
    let check = admin.browser.post_signed_in("admin", "/admin/roles/check", &fields).await;
    let (gained, lost) = check.text.split_once("What it no longer allows:").unwrap();
    assert!(gained.contains("of patients in their own care") && lost.contains("See test results"));
    assert!(lost.contains("-user/Observation.rs relationship:Personal") && lost.contains("1 person has it"));

    // What matters most asks for a fresh code.
    pages.wait(11 * 60);
    let remove = [("about", "night-nurse")];
    let old = admin.browser.post_signed_in("admin", "/admin/roles/remove", &remove).await;
    assert_eq!(old.goes_to(), "/admin/step-up");
    let code = pages.code(&admin.secret);
    admin.browser.post_signed_in("admin", "/admin/step-up", &[("code", &code)]).await;
    let removed = admin.browser.post_signed_in("admin", "/admin/roles/remove", &remove).await;
    assert_eq!(removed.goes_to(), "/admin/roles", "{}", removed.text);
    let gone = admin.browser.post_signed_in("admin", "/admin/roles/open", &remove).await;
    assert!(gone.status == 422 && gone.text.contains("there is no such role any more"));
}

/// E3, X15: no page gives those who run the house a patient's record.
#[tokio::test]
async fn what_is_wrong_with_a_role_stands_at_its_field_with_what_was_typed() {
    let (_, mut admin) = Pages::open().await;
    for (about, name, scopes, relationship, field, told) in [
        ("nurse", "nurse", "user/Patient.rs", "personal", "name", "stays as it is"),
        ("nurse", "own", "user/Patiens.rs", "personal", "scopes", "resource type that FHIR R4 does not have"),
        ("nurse", "own", "system/*.rs", "personal", "scopes", "has `user/` scopes alone"),
        ("nurse", "own", "user/Patient", "personal", "scopes", "is no scope of a role"),
        ("administrator", "own", "user/Patient.rs", "none", "scopes", "over types of the directory"),
        ("administrator", "own", "system/Patient.rs", "none", "scopes", "over types of the directory"),
        ("administrator", "own", "user/Location.rs", "personal", "relationship", "has a relationship"),
    ] {
        let fields = [
            ("about", about),
            ("name", name),
            ("title", "Our own"),
            ("relationship", relationship),
            ("scopes", scopes),
        ];
        let page = admin.browser.post_signed_in("admin", "/admin/roles/check", &fields).await;
        assert_eq!(page.status, 422, "{scopes}");
        let error = format!("admin-roles-check-{about}-{field}-error");
        let said = page
            .text
            .split(&format!("id=\"{error}\""))
            .nth(1)
            .unwrap_or_else(|| panic!("{field}: {}", page.text));
        let said = said.split("</p>").next().unwrap().replace("&#96;", "`");
        assert!(said.contains(told), "{said}");
        assert!(page.text.contains(scopes) && page.text.contains("Our own"), "what was typed stays");
    }
    let forged = [(
        "about",
        r#"{"name":"own","title":"t","realm":"administration","purpose":"SYSADMIN","scopes":["system/*.rs"]}"#,
    )];
    let page = admin.browser.post_signed_in("admin", "/admin/roles", &forged).await;
    assert!(page.status == 422 && page.text.contains("is nothing for the realm"), "{}", page.text);
    let page = admin.browser.post_signed_in("admin", "/admin/roles", &[("about", "{")]).await;
    assert_eq!(page.status, 422);
}
