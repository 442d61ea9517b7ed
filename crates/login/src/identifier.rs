//! What a person may sign in by: e-mail, phone, record number, health id, national ids. Pure.
//!
//! What was typed is normalised, so that `+91 98765 43210` and `098765-43210` are the same number, and recognised: a text may
//! be more than one thing (ten digits are a phone number or a record number), so there may be several readings.

mod digits;
pub mod health_id;
pub mod national;
mod phone;

pub use digits::Verhoeff;
use national::Aadhaar;
use serde::{Deserialize, Serialize};

/// The longest text that is looked at, in bytes.
pub const LONGEST: usize = 254;

/// One identifier, normalised.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum Identifier {
    /// An e-mail address, in lower case.
    Email(String),
    /// A phone number as E.164 writes it: `+919876543210`.
    Phone(String),
    /// A medical record number of the facility, in capitals.
    RecordNumber(String),
    /// A health id of ours: 16 digits, the last of them a check digit.
    HealthId(String),
    /// An ABHA number: 14 digits.
    Abha(String),
    /// An ABHA address: `name@abdm`.
    AbhaAddress(String),
}

/// What identifiers look like here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The calling code of numbers without one, in digits: `91`.
    pub country: String,
    /// Whether people may be known by their Aadhaar number: only where the facility has a legal basis for it.
    pub aadhaar: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { country: "91".into(), aadhaar: false }
    }
}

/// What was typed may be this.
#[derive(Clone, PartialEq, Eq)]
pub enum Reading {
    /// An identifier that stands in the account.
    Known(Identifier),
    /// An Aadhaar number, which stands apart from everything else.
    Aadhaar(Aadhaar),
}

impl std::fmt::Debug for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Identifier {
    /// The handle that its account is found by.
    pub fn handle(&self) -> String {
        let (kind, value) = match self {
            Identifier::Email(value) => ("email", value),
            Identifier::Phone(value) => ("phone", value),
            Identifier::RecordNumber(value) => ("record-number", value),
            Identifier::HealthId(value) => ("health-id", value),
            Identifier::Abha(value) => ("abha", value),
            Identifier::AbhaAddress(value) => ("abha-address", value),
        };
        format!("{kind}:{value}")
    }

    /// As its owner reads it.
    pub fn text(&self) -> String {
        match self {
            Identifier::HealthId(digits) => health_id::grouped(digits),
            Identifier::Abha(digits) => national::grouped_abha(digits),
            Identifier::Email(value)
            | Identifier::Phone(value)
            | Identifier::RecordNumber(value)
            | Identifier::AbhaAddress(value) => value.clone(),
        }
    }

    /// An e-mail address or a phone number: something that a message can be sent to.
    pub fn contact(text: &str, rules: &Rules) -> Option<Identifier> {
        email(text).or_else(|| phone::parse(text.trim(), &rules.country).map(Identifier::Phone))
    }
}

/// Everything that `text` can be, the most telling first.
///
/// ```
/// use login::identifier::{Identifier, Reading, Rules, readings};
/// let first = |text| readings(text, &Rules::default()).into_iter().next();
/// assert_eq!(first(" A.Rao@Example.ORG "), Some(Reading::Known(Identifier::Email("a.rao@example.org".into()))));
/// assert_eq!(first("098765 43210"), Some(Reading::Known(Identifier::Phone("+919876543210".into()))));
/// assert_eq!(first("MRN-00 12"), Some(Reading::Known(Identifier::RecordNumber("0012".into()))));
/// assert_eq!(first(" "), None);
/// ```
pub fn readings(text: &str, rules: &Rules) -> Vec<Reading> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Vec::new();
    }
    let known = [
        email(text),
        abha_address(text),
        health_id::parse(text).map(Identifier::HealthId),
        national::parse_abha(text).map(Identifier::Abha),
        phone::parse(text, &rules.country).map(Identifier::Phone),
        record_number(text),
    ];
    let aadhaar = rules.aadhaar.then(|| Aadhaar::parse(text)).flatten().map(Reading::Aadhaar);
    aadhaar.into_iter().chain(known.into_iter().flatten().map(Reading::Known)).collect()
}

fn email(text: &str) -> Option<Identifier> {
    let text = text.trim();
    let (name, domain) = text.rsplit_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"(),:;\\[]".contains(c);
    let sane = !name.is_empty()
        && name.len() <= 64
        && text.len() <= LONGEST
        && text.chars().all(plain)
        && !name.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty());
    sane.then(|| Identifier::Email(text.to_lowercase()))
}

fn abha_address(text: &str) -> Option<Identifier> {
    let (name, domain) = text.split_once('@')?;
    let sane = (3..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        && ["abdm", "sbx", "ndhm"].contains(&domain.to_ascii_lowercase().as_str());
    sane.then(|| Identifier::AbhaAddress(text.to_ascii_lowercase()))
}

/// Letters and digits, at least one digit; a leading `MRN` is only its name.
fn record_number(text: &str) -> Option<Identifier> {
    let all = |c: char| c.is_ascii_alphanumeric() || " -/.#:".contains(c);
    let kept: String =
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let kept = kept.strip_prefix("MRN").unwrap_or(&kept);
    let sane = text.chars().all(all) && kept.len() <= 32 && kept.bytes().any(|b| b.is_ascii_digit());
    sane.then(|| Identifier::RecordNumber(kept.to_owned()))
}

#[cfg(test)]
mod tests;
