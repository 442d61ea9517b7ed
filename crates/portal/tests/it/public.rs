//! What anybody may read, and what an administrator writes there.

use crate::house::{Browser, Page, Pages};

const EDIT: &str = "/admin/pages/edit";

/// What an administrator types into that text, made from the version that the page shows them.
async fn write(admin: &mut Browser, part: &str, language: &str, text: &str) -> Page {
    let page = admin.get(&format!("{EDIT}?part={part}&language={language}")).await;
    let version = page.between("name=\"version\" value=\"", "\"");
    send(admin, part, language, &version, text).await
}

async fn send(admin: &mut Browser, part: &str, language: &str, version: &str, text: &str) -> Page {
    let fields = [("part", part), ("language", language), ("version", version), ("text", text)];
    admin.post_signed_in("admin", EDIT, &fields).await
}

/// A page as somebody reads it who speaks that language.
async fn read(pages: &Pages, at: &str, language: &str) -> String {
    let page = pages.browser().send("GET", at, &[("accept-language", language)], String::new()).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text
}

#[tokio::test]
async fn p10_anybody_reads_every_public_page_in_every_language_before_a_word_was_written() {
    let pages = Pages::bare();
    for at in ["about", "contact", "privacy", "protection", "accessibility", "status"] {
        for language in ["en", "hi", "te"] {
            let page = read(&pages, &format!("/{at}"), language).await;
            assert!(page.contains(&format!("<html lang=\"{language}\"")), "{page}");
            for at in ["about", "contact", "privacy", "protection", "accessibility", "status"] {
                assert!(page.contains(&format!("href=\"/{at}\"")), "the way to {at}");
            }
        }
    }
    let contact = read(&pages, "/contact", "en").await;
    assert!(
        contact.contains("Ask at its front desk.")
            && contact.contains("<h2>Complaints and data protection</h2>")
    );
    let status = read(&pages, "/status", "en").await;
    assert!(
        status.contains("This server answers.") && status.contains(env!("CARGO_PKG_VERSION")),
        "{status}"
    );
    assert!(!status.contains("demonstration"));
}

#[tokio::test]
async fn p10_how_data_is_protected_is_what_the_settings_say() {
    let (pages, _) = Pages::open().await;
    let page = read(&pages, "/protection", "en").await;
    for told in [
        "A server in front of this one is to encrypt",
        "a passkey, or a code from an authenticator app",
        "Patients may have a code sent to them",
        "comes to an end: after 30 minutes for patients, and after 15 minutes for staff",
        "lies in a file of its own",
        "for 4 hours at most",
        "No virus scanner is set up",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("demonstration") && !page.contains("from a passphrase"));
    assert!(read(&pages, "/protection", "te").await.contains("రోగులకు 30 నిమిషాల్లో"));
}

#[tokio::test]
async fn p10_an_administrator_writes_in_each_language_and_readers_of_others_are_told() {
    let (pages, mut admin) = Pages::open().await;
    let admin = &mut admin.browser;
    let saved = write(admin, "contact", "te", "చిరునామా:\r\n12 & <b>సరస్సు</b> వీధి\r\n\r\nఫోన్: 040 1234").await;
    assert_eq!(saved.goes_to(), "/admin/pages?saved=yes");
    let list = admin.get("/admin/pages?saved=yes").await.text;
    assert_eq!(list.matches("written by you").count(), 1, "{list}");
    assert_eq!(list.matches("as it is built in").count(), 17);

    let own = read(&pages, "/contact", "te").await;
    let text = "<div lang=\"te\"><p dir=\"auto\">చిరునామా:<br>12 &#38; &#60;b&#62;సరస్సు&#60;/b&#62; వీధి</p>\n<p dir=\"auto\">ఫోన్: 040 1234</p>";
    assert!(own.contains(text), "{own}");
    assert!(!own.contains("class=\"note\""), "who reads Telugu needs no note");
    for language in ["en", "hi"] {
        let other = read(&pages, "/contact", language).await;
        assert!(
            other.contains(text) && other.contains("తెలుగు") && other.contains("class=\"note\""),
            "{other}"
        );
    }
    // Its own language comes first, also where another one was written before.
    write(admin, "contact", "hi", "झील वाली गली").await;
    assert!(
        read(&pages, "/contact", "hi").await.contains("<div lang=\"hi\"><p dir=\"auto\">झील वाली गली</p>")
    );
    assert!(read(&pages, "/contact", "te").await.contains(text));

    // What is built in about privacy stays whatever is added.
    let before = read(&pages, "/privacy", "en").await;
    write(admin, "privacy", "en", "We keep paper for three years.").await;
    let after = read(&pages, "/privacy", "en").await;
    let built_in = "Your record belongs to you.";
    assert!(before.contains(built_in) && after.contains(built_in));
    assert!(
        after.contains(
            "<h2>Privacy: what this house adds</h2>\n<div lang=\"en\"><p dir=\"auto\">We keep paper"
        ),
        "{after}"
    );

    // Empty brings back what is built in.
    for language in ["te", "hi"] {
        write(admin, "contact", language, " \r\n ").await.goes_to();
    }
    assert!(read(&pages, "/contact", "te").await.contains("ఇంకా రాయలేదు"));
}

#[tokio::test]
async fn p10_of_two_administrators_who_write_at_once_none_loses_a_word() {
    let (pages, mut admin) = Pages::open().await;
    let admin = &mut admin.browser;
    let open = admin.get(&format!("{EDIT}?part=about&language=en")).await;
    let version = open.between("name=\"version\" value=\"", "\"");
    assert_eq!(version, "0");
    send(admin, "about", "en", &version, "We are a clinic.").await.goes_to();
    let late = send(admin, "about", "en", &version, "We are a hospital.").await;
    assert_eq!(late.status, 409);
    for told in [
        "Nila Das has changed this text meanwhile",
        "We are a clinic.</div>",
        "\nWe are a hospital.</textarea>",
    ] {
        assert!(late.text.contains(told), "{told}: {}", late.text);
    }
    assert!(read(&pages, "/about", "en").await.contains("We are a clinic."), "nothing was overwritten");
    let version = late.between("name=\"version\" value=\"", "\"");
    send(admin, "about", "en", &version, "We are a hospital with a clinic.").await.goes_to();
    assert!(read(&pages, "/about", "en").await.contains("We are a hospital with a clinic."));
    // A version that never was, and one that is none, overwrite nothing either.
    for version in ["99", "-1", "x", "99999999999999999999", ""] {
        assert_eq!(send(admin, "about", "en", version, "Mallory was here.").await.status, 409, "{version}");
    }
}

#[tokio::test]
async fn p10_what_cannot_be_kept_is_said_and_stays_typed() {
    let (pages, mut admin) = Pages::open().await;
    let admin = &mut admin.browser;
    let long = "త".repeat(4_001);
    for (bad, told) in [
        (long.as_str(), "write at most 4000 characters"),
        ("pay \u{202e}live", "turn the direction of writing"),
        ("a\tb", "leave out control characters"),
        ("a\u{0}b", "leave out control characters"),
    ] {
        let page = write(admin, "about", "en", bad).await;
        assert_eq!(page.status, 422);
        assert!(page.text.contains(told) && page.text.contains(&format!("\n{bad}</textarea>")), "{told}");
    }
    let page = write(admin, "about", "en", &"a".repeat(1 << 20)).await;
    assert_eq!(page.status, 422);
    let hostile = "</textarea><script>alert(1)</script>";
    write(admin, "about", "en", hostile).await.goes_to();
    let form = admin.get(&format!("{EDIT}?part=about&language=en")).await;
    for page in [form.text, read(&pages, "/about", "en").await] {
        assert!(!page.contains("<script>") && page.contains("&#60;script&#62;"), "{page}");
    }
    for at in
        ["part=none&language=en", "part=about&language=xx", "part=&language=", "part=about&language=../te"]
    {
        assert_eq!(admin.get(&format!("{EDIT}?{at}")).await.status, 404, "{at}");
    }
    assert_eq!(send(admin, "none", "en", "0", "x").await.status, 404);
    assert_eq!(send(admin, "about", "fr", "0", "x").await.status, 404);
}

#[tokio::test]
async fn p10_nobody_but_an_administrator_writes_what_the_house_says() {
    let (pages, mut admin) = Pages::open().await;
    let link =
        admin.browser.invite_called("Test Officer", "privacy@example.org", "privacy-officer", "").await;
    let mut officer = pages.browser();
    officer.post(&link, &[("password", crate::house::PASSWORD)]).await;
    let mut officer = officer.enrol("/admin/app").await.browser;
    assert_eq!(officer.get("/admin/pages").await.status, 403);
    assert_eq!(officer.get(&format!("{EDIT}?part=about&language=en")).await.status, 403);
    assert_eq!(send(&mut officer, "about", "en", "0", "Mine").await.status, 403);
    let fields = [("part", "about"), ("language", "en"), ("version", "0"), ("text", "Mine"), ("token", "x")];
    assert_eq!(pages.browser().post(EDIT, &fields).await.goes_to(), "/admin/sign-in");
    assert_eq!(admin.browser.post(EDIT, &fields).await.status, 403, "another page's form");
    assert!(read(&pages, "/about", "en").await.contains("has not written about itself yet"));
}

#[tokio::test]
async fn p5_a_telephone_is_told_what_to_put_among_its_apps_and_to_keep_nothing() {
    let pages = Pages::bare();
    let page = read(&pages, "/", "en").await;
    assert!(page.contains("<link rel=\"manifest\" href=\"/manifest.webmanifest\">"), "{page}");
    let manifest = pages.browser().get("/manifest.webmanifest").await;
    assert_eq!((manifest.status, manifest.header("content-type")), (200, "application/manifest+json"));
    let told: serde_json::Value = serde_json::from_str(&manifest.text).unwrap();
    assert_eq!((told["name"].as_str(), told["start_url"].as_str()), (Some("Keepwell"), Some("/")));
    assert_eq!(told["display"], "standalone");
    for icon in told["icons"].as_array().unwrap() {
        let file = pages.browser().get(icon["src"].as_str().unwrap()).await;
        assert_eq!((file.status, file.header("content-type")), (200, icon["type"].as_str().unwrap()));
        if let Some((side, _)) = icon["sizes"].as_str().unwrap().split_once('x') {
            // The width and the height of a PNG stand in its first chunk.
            let side: u32 = side.parse().unwrap();
            assert_eq!(file.bytes[16..24], [side.to_be_bytes(), side.to_be_bytes()].concat());
        }
    }
    let sources = ["passkey", "note", "live", "today"].map(|name| format!("/assets/{name}.js"));
    for source in sources {
        assert!(!pages.browser().get(&source).await.text.contains("serviceWorker"), "{source}");
    }
}
