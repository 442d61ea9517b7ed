use super::*;
use crate::identifier::{health_id, national::Aadhaar};
use proptest::prelude::*;
use std::collections::HashSet;

fn random(seed: u64) -> [u8; 16] {
    // SplitMix64 twice: well spread, and the same in every run.
    let mix = |mut x: u64| {
        x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    };
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mix(seed).to_be_bytes());
    bytes[8..].copy_from_slice(&mix(!seed).to_be_bytes());
    bytes
}

fn with_aadhaar() -> Rules {
    Rules { aadhaar: true, ..Rules::default() }
}

fn known(text: &str) -> Vec<Identifier> {
    let known = readings(text, &Rules::default()).into_iter().map(|reading| match reading {
        Reading::Known(identifier) => identifier,
        Reading::Aadhaar(_) => panic!("it was not turned on"),
    });
    known.collect()
}

#[test]
fn a11_a_million_health_ids_are_all_different() {
    let ids: HashSet<String> = (0..1_000_000).map(|n| health_id::make(random(n))).collect();
    assert_eq!(ids.len(), 1_000_000);
    assert!(ids.iter().all(|id| id.len() == 16 && Verhoeff::holds(id)));
}

#[test]
fn a6_a_facility_id_is_known_from_a_patients_and_checks_itself() {
    let id = health_id::make_facility(random(1));
    assert_eq!(health_id::parse_facility(&health_id::grouped_facility(&id)), Some(id.clone()));
    assert_eq!(health_id::parse(&health_id::grouped_facility(&id)), None);
    let wrong = format!("KF {}{}", &id[..9], (id.as_bytes()[9] - b'0' + 1) % 10);
    assert_eq!(health_id::parse_facility(&wrong), None);
}

#[test]
fn phone_numbers_are_the_same_however_they_are_written() {
    for text in
        ["9876543210", "+91 98765 43210", "098765-43210", "0091 9876543210", "91 9876543210", "(0)9876543210"]
    {
        assert_eq!(known(text)[0], Identifier::Phone("+919876543210".into()), "{text}");
    }
    assert_eq!(known("+1 202 555 0143")[0], Identifier::Phone("+12025550143".into()));
    for text in ["12345", "+", "+0123456789", "98765x43210", "+1234567890123456"] {
        assert!(!known(text).iter().any(|id| matches!(id, Identifier::Phone(_))), "{text}");
    }
}

#[test]
fn what_was_typed_is_recognised() {
    assert_eq!(known("Name@ABDM"), [Identifier::AbhaAddress("name@abdm".into())]);
    assert_eq!(known("91-1234-5678-9012")[0], Identifier::Abha("91123456789012".into()));
    assert_eq!(known("p/2024-17"), [Identifier::RecordNumber("P202417".into())]);
    for nothing in
        ["", "   ", "a", "a@b", "@example.org", "a b@example.org", "two@at@example.org", &"1".repeat(300)]
    {
        assert_eq!(known(nothing), [], "{nothing}");
    }
    // Ten digits may be a phone number or a record number.
    assert_eq!(known("9876543210").len(), 2);
}

#[test]
fn a2_an_aadhaar_number_is_taken_only_where_it_is_turned_on_and_holds() {
    let good = Verhoeff::with_check("23456789012");
    let is_aadhaar = |text: &str, rules: &Rules| {
        readings(text, rules).iter().any(|reading| matches!(reading, Reading::Aadhaar(_)))
    };
    let spaced = format!("{} {} {}", &good[..4], &good[4..8], &good[8..]);
    assert!(is_aadhaar(&good, &with_aadhaar()) && is_aadhaar(&spaced, &with_aadhaar()));
    assert!(!is_aadhaar(&good, &Rules::default()));
    for first in ["0", "1"] {
        assert!(Aadhaar::parse(&Verhoeff::with_check(&format!("{first}3456789012"))).is_none());
    }
    let wrong = format!("{}{}", &good[..11], (good.as_bytes()[11] - b'0' + 1) % 10);
    assert!(!is_aadhaar(&wrong, &with_aadhaar()));
    let debug = format!("{:?} {:?}", readings(&good, &with_aadhaar()), Aadhaar::parse(&good));
    assert!(!debug.contains(&good[8..]), "{debug}");
}

proptest! {
    #[test]
    fn a11_a_wrong_digit_or_two_swapped_neighbours_are_always_noticed(seed: u64, at in 0_usize..16, by in 1_u8..10) {
        let id = health_id::make(random(seed));
        let mut wrong = id.clone().into_bytes();
        wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
        prop_assert!(!Verhoeff::holds(std::str::from_utf8(&wrong).unwrap()));
        let mut swapped = id.clone().into_bytes();
        swapped.swap(at.min(14), at.min(14) + 1);
        prop_assert!(swapped == id.as_bytes() || !Verhoeff::holds(std::str::from_utf8(&swapped).unwrap()));
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,40}", digits in "[0-9+ @.-]{0,24}") {
        let _ = (readings(&text, &with_aadhaar()), readings(&digits, &with_aadhaar()));
    }
}
