//! The who-may matrix of the pages: every route, by everyone. A change in it is a change in who may do what: read it before you
//! accept it.

use crate::house::{Browser, Pages};
use portal::routes::TABLE;
use std::fmt::Write;
use web::route::Needs;

/// A request as somebody would make it who has the page but types nothing.
async fn outcome(browser: &mut Browser, method: &str, path: &str, realm: &str) -> String {
    let page = match method {
        "GET" => browser.get(path).await,
        _ => {
            let account = browser.get(&format!("/{realm}/account")).await;
            let token = match account.status {
                200 => account.between("name=\"token\" value=\"", "\""),
                _ => String::new(),
            };
            browser.post(path, &[("token", &token)]).await
        }
    };
    match page.status {
        303 => page.header("location").to_owned(),
        status => status.to_string(),
    }
}

#[tokio::test]
async fn who_may_open_what() {
    let mut matrix =
        "a path is where it goes on; forms are sent empty, with the session's own token\n\n".to_owned();
    row(&mut matrix, "", "", &["nobody", "patient", "staff", "administrator"].map(str::to_owned));
    for route in TABLE {
        for realm in ["patient", "clinic", "admin"] {
            if realm != "patient" && !route.template.contains("{realm}") {
                continue;
            }
            // What signs out would end the sessions of those who come after.
            let (pages, mut admin) = Pages::open().await;
            let mut staff = pages.staff(&mut admin, "doctor@example.org").await;
            let mut patient = pages.patient("asha@example.org").await;
            let mut nobody = pages.browser();
            let path = route
                .template
                .replace("{realm}", realm)
                .replace("{token}", "kw_none")
                .replace("{name}", "none")
                .replace("{patient}", "nobody")
                .replace("{id}", "none")
                .replace("{key}", "none");
            let own = path.split('/').nth(1).unwrap_or_default().to_owned();
            let mut outcomes = Vec::new();
            for (name, browser) in [
                ("nobody", &mut nobody),
                ("patient", &mut patient.browser),
                ("clinic", &mut staff.browser),
                ("admin", &mut admin.browser),
            ] {
                let came = outcome(browser, route.method, &path, &own).await;
                match route.needs {
                    Needs::Session if name == "nobody" => {
                        assert!(came.ends_with("/sign-in"), "{path} {came}")
                    }
                    // What an app asks of one patient's record, staff answer as staff.
                    Needs::Session
                        if path == "/patient/consent/kw_none"
                            && route.method == "GET"
                            && name == "clinic" =>
                    {
                        assert_eq!(came, "/clinic/consent/kw_none");
                    }
                    Needs::Session if name != own => assert_eq!(came, "403", "{path} by {name}"),
                    // An administrator sees no chart (E3, X15).
                    Needs::Session if path.starts_with("/admin/chart/") => assert_eq!(came, "403", "{path}"),
                    // A privacy officer answers, and who runs the house does not (F8).
                    Needs::Session if path == "/admin/disputes" => assert_eq!(came, "403", "{path}"),
                    Needs::Session => assert_ne!(came, "403", "{path} by {name}"),
                    // Without the link there is nothing, whoever asks.
                    Needs::Link => assert_eq!(came, "404", "{path} by {name}"),
                    Needs::Nothing => assert_ne!(came, "403", "{path} by {name}"),
                    _ => {}
                }
                outcomes.push(came);
            }
            row(&mut matrix, route.method, &format!("{path:34}{}", route.operation), &outcomes);
        }
    }
    insta::assert_snapshot!(matrix);
}

fn row(matrix: &mut String, method: &str, name: &str, outcomes: &[String]) {
    write!(matrix, "{method:6}{name:62}").unwrap();
    outcomes.iter().for_each(|outcome| write!(matrix, "{outcome:24}").unwrap());
    matrix.truncate(matrix.trim_end().len());
    matrix.push('\n');
}
