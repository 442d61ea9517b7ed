//! Ids that Keepwell gives out: to a patient (`KW 1234-5678-9012-3456`, and a record number of nine digits), and to a facility (`KF 12345-67890`). The last digit
//! checks the others. Random, so that nothing about a person or their order can be read from them.

use super::digits::{Verhoeff, only, random};

const PATIENT_DIGITS: u32 = 15;
const FACILITY_DIGITS: u32 = 9;
const RECORD_DIGITS: u32 = 8;

/// A new health id out of 16 random bytes: 16 digits.
pub fn make(bytes: [u8; 16]) -> String {
    Verhoeff::with_check(&random(bytes, PATIENT_DIGITS))
}

/// The 16 digits of a health id as somebody typed it, if its check digit holds.
///
/// ```
/// use login::identifier::health_id;
/// let id = health_id::make([7; 16]);
/// assert_eq!(health_id::parse(&health_id::grouped(&id)), Some(id));
/// ```
pub fn parse(text: &str) -> Option<String> {
    checked(text, "KW", PATIENT_DIGITS + 1)
}

/// As people read it.
pub fn grouped(digits: &str) -> String {
    group("KW", digits, 4)
}

/// A new record number out of 16 random bytes: 9 digits.
pub fn make_record_number(bytes: [u8; 16]) -> String {
    Verhoeff::with_check(&random(bytes, RECORD_DIGITS))
}

/// A new facility id out of 16 random bytes: 10 digits.
pub fn make_facility(bytes: [u8; 16]) -> String {
    Verhoeff::with_check(&random(bytes, FACILITY_DIGITS))
}

/// The 10 digits of a facility id as somebody typed it, if its check digit holds.
pub fn parse_facility(text: &str) -> Option<String> {
    checked(text, "KF", FACILITY_DIGITS + 1)
}

/// A facility id as people read it.
pub fn grouped_facility(digits: &str) -> String {
    group("KF", digits, 5)
}

fn checked(text: &str, prefix: &str, count: u32) -> Option<String> {
    let text = text.trim();
    let head = text.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix))?;
    let digits = only(&text[head.len()..], usize::try_from(count).ok()?)?;
    Verhoeff::holds(&digits).then_some(digits)
}

fn group(prefix: &str, digits: &str, width: usize) -> String {
    let groups: Vec<&str> =
        digits.as_bytes().chunks(width).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    format!("{prefix} {}", groups.join("-"))
}
