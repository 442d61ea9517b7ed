//! Codes that carry a check digit, checked.

use super::everything;
use serde_json::Value;
use std::collections::HashSet;

/// Every code of that system that the population uses.
fn codes(system: &str) -> HashSet<String> {
    let mut found = HashSet::new();
    everything().for_each(|resource| collect(resource, system, &mut found));
    found
}

fn collect(value: &Value, system: &str, found: &mut HashSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, system, found)),
        Value::Object(members) => {
            if value["system"] == system
                && let Some(code) = value["code"].as_str()
            {
                found.insert(code.to_owned());
            }
            members.values().for_each(|item| collect(item, system, found));
        }
        _ => {}
    }
}

#[test]
fn every_snomed_code_ends_in_its_verhoeff_digit() {
    let codes = codes("http://snomed.info/sct");
    assert!(codes.len() > 90, "{}", codes.len());
    let wrong: Vec<_> = codes.iter().filter(|code| !verhoeff(code)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_loinc_code_ends_in_its_mod_10_digit() {
    let codes = codes("http://loinc.org");
    assert!(codes.len() > 60, "{}", codes.len());
    // Answer codes (LA…) have a check digit of another making.
    let wrong: Vec<_> = codes.iter().filter(|code| !code.starts_with("LA") && !mod_10(code)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Whether the digits, check digit last, multiply to the identity in the dihedral group of the pentagon.
fn verhoeff(code: &str) -> bool {
    let multiply = |a: usize, b: usize| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    const PERMUTED: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let check = code.bytes().rev().enumerate().fold(0, |check, (at, digit)| {
        let digit = usize::from(digit - b'0');
        multiply(check, (0..at % 8).fold(digit, |digit, _| PERMUTED[digit]))
    });
    check == 0
}

/// Whether the digit after the hyphen is the Luhn digit of those before.
fn mod_10(code: &str) -> bool {
    let (body, check) = code.split_once('-').unwrap();
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 })
        .map(|digit| digit / 10 + digit % 10)
        .sum();
    check == ((10 - sum % 10) % 10).to_string()
}
