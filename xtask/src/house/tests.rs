use super::*;
use crate::finding::errors;
use crate::metadata::Dependency;
use crate::repo::Repo;

#[test]
fn every_room_keeps_to_its_row() {
    let found = check(&Metadata::ours().unwrap());
    assert!(found.is_empty(), "{}", errors(&found));
}

#[test]
fn the_architecture_page_has_the_same_table() {
    let repo = Repo::read().unwrap();
    let found = check_page(repo.file("ARCHITECTURE.md").map(|file| file.text.as_str()));
    assert!(found.is_empty(), "{}", errors(&found));
}

fn findings(name: &str, dependencies: &[(&str, Option<&str>, Option<&str>)]) -> Vec<String> {
    let dependencies = dependencies.iter().map(|(name, kind, source)| Dependency {
        name: (*name).to_owned(),
        kind: kind.map(str::to_owned),
        source: source.map(str::to_owned),
    });
    let package = Package {
        id: name.to_owned(),
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        license: None,
        dependencies: dependencies.collect(),
    };
    check_room(&package).into_iter().map(|finding| finding.what).collect()
}

#[test]
fn a_room_may_use_what_its_row_says_and_no_more() {
    assert!(findings("r4", &[("fhir", None, None)]).is_empty());
    assert_eq!(findings("r4", &[("store", None, None)]), ["`r4` may not use `store`"]);
    assert_eq!(findings("fhir", &[("r4", Some("build"), None)]), ["`fhir` may not use `r4`"]);
}

#[test]
fn a_door_never_lists_the_store_not_even_for_tests() {
    let said = ["the door `api` lists `store`"];
    assert_eq!(findings("api", &[("store", None, None)]), said);
    assert_eq!(findings("api", &[("store", Some("dev"), None)]), said);
}

#[test]
fn the_test_house_is_for_tests_only() {
    assert!(findings("api", &[("testkit", Some("dev"), None)]).is_empty());
    assert_eq!(findings("api", &[("testkit", None, None)]), ["`api` may not use `testkit`"]);
    assert_eq!(findings("server", &[("testkit", None, None)]), ["`server` may not use `testkit`"]);
}

#[test]
fn a_pure_room_lists_no_io_crate() {
    let registry = Some("registry");
    assert_eq!(findings("fhir", &[("tokio", None, registry)]), ["the pure room `fhir` lists `tokio`"]);
    assert!(findings("fhir", &[("tempfile", Some("dev"), registry)]).is_empty());
    assert!(findings("store", &[("rusqlite", None, registry)]).is_empty());
}

#[test]
fn a_crate_without_a_row_is_found() {
    assert_eq!(findings("shed", &[]), ["`shed` has no place in the house"]);
}

fn page() -> String {
    let mut page = "| floor | crate | what it is | may use |\n|---|---|---|---|\n".to_owned();
    for room in ROOMS {
        let may_use = match room.may_use {
            MayUse::All => "all".to_owned(),
            MayUse::AllDevOnly => "all, dev only".to_owned(),
            MayUse::Rooms([]) => "–".to_owned(),
            MayUse::Rooms(rooms) => rooms.join(", "),
        };
        page.push_str(&format!("| {} | `{}` | a *room* | {may_use} |\n", room.floor, room.name));
    }
    page
}

#[test]
fn a_page_that_says_otherwise_is_found() {
    let said =
        |page: &str| check_page(Some(page)).into_iter().map(|finding| finding.what).collect::<Vec<_>>();
    assert!(said(&page()).is_empty(), "{:?}", said(&page()));
    let door = page().replace("| 7 | `api` | a *room* | web,", "| 7 | `api` | a *room* | store, web,");
    assert!(said(&door)[0].starts_with("`api` may use `store, web,"));
    assert_eq!(
        said(&page().replace("| 2 | `r4`", "| 3 | `r4`")),
        ["`r4` stands on floor 3 here and on 2 in house.rs"]
    );
    assert_eq!(
        said(&format!("{}| 9 | `attic` | dust | all |\n", page())),
        ["house.rs has no row for `attic`"]
    );
    let without: String =
        page().lines().filter(|line| !line.contains("`vault`")).map(|line| format!("{line}\n")).collect();
    assert_eq!(said(&without), ["the table has no row for `vault`"]);
    assert_eq!(check_page(None).len(), 1);
}
