use super::*;
use std::{
    collections::HashSet,
    path::{Path as FilePath, PathBuf},
};

fn root() -> PathBuf {
    FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What stands in `name="…"` in a page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!(" {name}=\"");
    html.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn every_link_and_anchor_of_the_documents_leads_somewhere_p6() {
    let pages = pages();
    let mut followed = 0;
    for (name, page) in pages.iter().filter(|(_, page)| page.kind.starts_with("text/html")) {
        let links = [attributes(&page.body, "href"), attributes(&page.body, "src")].concat();
        for link in links {
            if ["https://", "http://", "mailto:"].iter().any(|scheme| link.starts_with(scheme)) {
                continue;
            }
            followed += 1;
            let (path, anchor) =
                link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
            let target = match path {
                "" => page,
                "/help" => &pages[""],
                path => {
                    let below = path.strip_prefix("/help/").unwrap_or_else(|| panic!("{name}: {link}"));
                    if PICTURES.iter().any(|picture| picture.name == below) {
                        continue;
                    }
                    pages.get(below).unwrap_or_else(|| panic!("{name}: nothing at {link}"))
                }
            };
            if let Some(anchor) = anchor {
                assert!(attributes(&target.body, "id").contains(&anchor), "{name}: no anchor at {link}");
            }
        }
    }
    assert!(followed > 100, "{followed}");
}

#[test]
fn every_document_of_the_repository_is_built_in_p6() {
    let ours: HashSet<&str> = DOCUMENTS.iter().map(|document| document.path).collect();
    let mut there = 0;
    for folder in ["", "docs", "docs/decisions"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "md") {
                let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                assert!(ours.contains(path.as_str()), "{path} has no row in web/src/help/documents.rs");
                there += 1;
            }
        }
    }
    assert!(there > 15, "{there}");
}

#[test]
fn every_document_stands_on_the_first_page_and_names_are_single() {
    let first = index();
    let names: HashSet<&str> = DOCUMENTS.iter().map(|document| document.page).collect();
    assert_eq!(names.len(), DOCUMENTS.len());
    for name in names {
        assert!(first.contains(&format!("\"/help/{name}\"")), "{name}");
    }
}

#[test]
fn no_page_holds_a_script_a_style_of_its_own_or_anothers_file() {
    for (name, page) in pages().iter().filter(|(_, page)| page.kind.starts_with("text/html")) {
        for forbidden in ["<script", "<style", " style=", " onclick", "<iframe", "<form"] {
            assert!(!page.body.contains(forbidden), "{name}: {forbidden}");
        }
        assert!(attributes(&page.body, "src").iter().all(|src| src.starts_with("/help/")), "{name}");
        assert_eq!(page.body.matches("<h1").count(), 1, "{name} has one main heading");
    }
}

#[tokio::test]
async fn pages_come_with_their_policy_and_what_is_not_there_says_so() {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;
    let style = format!("/help/{}", style_name());
    for (path, status, kind, keep) in [
        ("/help", 200, "text/html; charset=utf-8", "no-cache"),
        ("/help/api", 200, "text/html; charset=utf-8", "no-cache"),
        ("/help/house.svg", 200, "image/svg+xml", "no-cache"),
        ("/help/chart.png", 200, "image/png", "no-cache"),
        ("/help/roles.csv", 200, "text/csv; charset=utf-8", "no-cache"),
        (style.as_str(), 200, "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/help/nothing", 404, "text/html; charset=utf-8", "no-cache"),
        ("/help/%ff", 404, "text/html; charset=utf-8", "no-cache"),
    ] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = router().oneshot(request).await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((response.status().as_u16(), header("content-type").as_str()), (status, kind), "{path}");
        assert_eq!(header("cache-control"), keep, "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
    }
}
