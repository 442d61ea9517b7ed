use super::*;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn keys(language: Language) -> BTreeSet<String> {
    let lines = FILES[language as usize].iter().flat_map(|file| file.lines());
    let keys = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    keys.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect()
}

#[test]
fn every_language_says_everything_and_each_file_can_be_read() {
    for language in Language::ALL {
        for file in FILES[language as usize] {
            assert!(FluentResource::try_new((*file).to_owned()).is_ok(), "{language:?}: {file}");
        }
        let (spoken, english) = (keys(language), keys(Language::English));
        let lacking: Vec<_> = english.symmetric_difference(&spoken).collect();
        assert!(lacking.is_empty(), "{language:?} and English differ in {lacking:?}");
    }
}

/// Every key that stands in a template or in a source, said by its literal name.
fn used(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            used(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for call in ["say(\"", "count(\"", "with(\"", "values(\""] {
            let parts = text.split(call).skip(1);
            found.extend(parts.filter_map(|part| part.split('"').next()).map(str::to_owned));
        }
    }
}

#[test]
fn every_key_that_a_page_asks_for_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut asked = BTreeSet::new();
    for folder in ["templates", "src"] {
        used(&root.join(folder), &mut asked);
    }
    asked.retain(|key| key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
    let there = keys(Language::English);
    let lacking: Vec<_> = asked.difference(&there).collect();
    assert!(asked.len() > 20 && lacking.is_empty(), "no sentence for {lacking:?}");
}

#[test]
fn the_first_language_that_is_spoken_here_is_taken() {
    let code = |header| Language::accepted(header).map(Language::code);
    assert_eq!(code("fr-FR, te-IN;q=0.9, en;q=0.5"), Some("te"));
    assert_eq!(code("HI"), Some("hi"));
    assert_eq!(code("fr, *;q=0.1"), None);
}

#[test]
fn digits_of_a_date_stay_what_they_are_in_every_language() {
    let when = When::parse("1975-07-14T08:05:00+05:30").unwrap();
    for (language, text) in [
        (Language::English, "14-Jul-1975 08:05"),
        (Language::Hindi, "14-जुल॰-1975 08:05"),
        (Language::Telugu, "14-జులై-1975 08:05"),
    ] {
        let kolkata = Zone::named("Asia/Kolkata").unwrap();
        assert_eq!(Words(language, kolkata).moment(&when), text);
        assert_eq!(Words(language, Zone::default()).moment(&when), text.replace("08:05", "02:35"));
    }
}

#[test]
fn a15_a_moment_is_told_on_the_clocks_of_the_house_and_a_date_is_what_it_is() {
    let of = |zone| Words(Language::English, Zone::named(zone).unwrap());
    let late = When::parse("2026-11-22T23:30:00Z").unwrap();
    for (zone, moment, date) in [
        ("UTC", "22-Nov-2026 23:30", "22-Nov-2026"),
        ("Asia/Kolkata", "23-Nov-2026 05:00", "23-Nov-2026"),
        ("America/New_York", "22-Nov-2026 18:30", "22-Nov-2026"),
    ] {
        assert_eq!((of(zone).moment(&late), of(zone).date(&late)), (moment.into(), date.into()));
        for exact in ["2026", "2026-11", "2026-11-22"] {
            let when = When::parse(exact).unwrap();
            assert_eq!(of(zone).moment(&when), of("UTC").moment(&when), "{exact} has no clock");
        }
    }
    let at = |moment: &str| moment.parse::<Timestamp>().unwrap();
    assert_eq!(of("Asia/Kolkata").minute(at("2026-11-23T03:12:00Z")), "23-Nov-2026 08:42 IST");
    assert_eq!(of("UTC").minute(at("2026-11-23T03:12:00Z")), "23-Nov-2026 03:12 UTC");
    // The hour that there is twice is told apart.
    assert_eq!(of("America/New_York").stamp(at("2026-11-01T05:30:00Z")), "2026-11-01 01:30 EDT");
    assert_eq!(of("America/New_York").stamp(at("2026-11-01T06:30:00Z")), "2026-11-01 01:30 EST");
}

/// Every source of a folder as one text, with lines that a string literal was broken over put together.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let text =
        |path: PathBuf| if path.is_dir() { sources(&path) } else { fs::read_to_string(&path).unwrap() };
    entries.map(text).collect()
}

#[test]
fn what_the_rooms_below_say_is_found_by_the_very_words_that_they_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let said: String = ["src", "../login/src", "../web/src"].map(|room| sources(&root.join(room))).concat();
    // How long a password must be is filled in.
    let lacking = TOLD.keys().filter(|text| {
        let filled = text.replace("least 8 ", "least {0} ").replace("least 15 ", "least {0} ");
        !said.contains(&format!("\"{text}\"")) && !said.contains(&format!("\"{filled}\""))
    });
    let lacking: Vec<_> = lacking.collect();
    assert!(TOLD.len() > 50 && lacking.is_empty(), "nobody says {lacking:?}");
    let words = Words(Language::Hindi, Zone::default());
    assert_eq!(words.error(&Error::Denied), words.say("told-denied"));
    assert_ne!(words.error(&Error::Denied), Error::Denied.to_string());
    assert!(words.error(&Error::Throttled { seconds: 7 }).contains('7'));
    assert_eq!(words.told("a sentence that is nowhere"), "a sentence that is nowhere");
}
