//! The values of [primitive types](https://hl7.org/fhir/R4/datatypes.html#primitive), checked by hand: no regular
//! expressions, no allocation.

use fhir::outcome::IssueCode;
use serde_json::Value;

use crate::narrative;

/// The most characters a string may have.
const MAX_STRING: usize = 1 << 20;

/// How a primitive type is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Base64,
    Boolean,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Oid,
    PositiveInt,
    String,
    Time,
    UnsignedInt,
    Uri,
    Uuid,
    Xhtml,
}

/// What is wrong with a value, said without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: IssueCode,
    pub(crate) text: &'static str,
}

type Checked = Result<(), Fault>;

impl Format {
    /// The format of a primitive type.
    pub(crate) fn of(name: &str) -> Option<Format> {
        Some(match name {
            "base64Binary" => Format::Base64,
            "boolean" => Format::Boolean,
            "code" => Format::Code,
            "date" => Format::Date,
            "dateTime" => Format::DateTime,
            "decimal" => Format::Decimal,
            "id" => Format::Id,
            "instant" => Format::Instant,
            "integer" => Format::Integer,
            "oid" => Format::Oid,
            "positiveInt" => Format::PositiveInt,
            "string" | "markdown" => Format::String,
            "time" => Format::Time,
            "unsignedInt" => Format::UnsignedInt,
            "uri" | "url" | "canonical" => Format::Uri,
            "uuid" => Format::Uuid,
            "xhtml" => Format::Xhtml,
            _ => return None,
        })
    }

    /// Whether `value` is of this format.
    pub(crate) fn check(self, value: &Value) -> Checked {
        match (self, value) {
            (Format::Boolean, Value::Bool(_)) => Ok(()),
            (Format::Boolean, _) => shape("must be true or false, without quotes"),
            // JSON's grammar of numbers is the one of decimal.
            (Format::Decimal, Value::Number(_)) => Ok(()),
            (Format::Integer, Value::Number(n)) => {
                integer(n.as_str(), i32::MIN, "must be a whole number of 32 bits")
            }
            (Format::UnsignedInt, Value::Number(n)) => {
                integer(n.as_str(), 0, "must be a whole number from 0 to 2147483647")
            }
            (Format::PositiveInt, Value::Number(n)) => {
                integer(n.as_str(), 1, "must be a whole number from 1 to 2147483647")
            }
            (Format::Decimal | Format::Integer | Format::UnsignedInt | Format::PositiveInt, _) => {
                shape("must be a JSON number, without quotes")
            }
            (format, Value::String(text)) => format.check_text(text),
            _ => shape("must be a JSON string"),
        }
    }

    fn check_text(self, text: &str) -> Checked {
        if text.is_empty() {
            return wrong("must not be empty: leave the element out");
        }
        match self {
            Format::String => string(text),
            Format::Code => {
                held(is_code(text), "must be a code: no spaces around it, and none doubled inside")
            }
            Format::Uri => held(is_uri(text), "must be a URI: no spaces, no control characters"),
            Format::Id => held(is_id(text), "must be an id: 1 to 64 letters, digits, '-' or '.'"),
            Format::Oid => held(is_oid(text), "must be an OID as a URI: urn:oid:1.2.3"),
            Format::Uuid => held(
                is_uuid(text),
                "must be a UUID as a URI: urn:uuid: and 36 lower-case hexadecimal digits and dashes",
            ),
            Format::Base64 => held(is_base64(text), "must be base64, in groups of four with padding"),
            Format::Date => held(
                fhir::time::parse_date(text, 0).is_ok(),
                "must be a date of the calendar: YYYY, YYYY-MM or YYYY-MM-DD",
            ),
            Format::DateTime => held(
                fhir::time::parse_date_time(text, 0).is_ok(),
                "must be a dateTime: a date of the calendar, or one with time and zone: YYYY-MM-DDThh:mm:ss+zz:zz",
            ),
            Format::Instant => held(
                fhir::time::parse_instant(text).is_ok(),
                "must be an instant with date, time and zone: YYYY-MM-DDThh:mm:ss.sss+zz:zz",
            ),
            Format::Time => held(fhir::time::parse_time(text).is_ok(), "must be a time of day: hh:mm:ss"),
            Format::Xhtml => {
                narrative::check(text).map_err(|fault| Fault { code: IssueCode::Value, text: fault.0 })
            }
            _ => Ok(()),
        }
    }
}

fn shape(text: &'static str) -> Checked {
    Err(Fault { code: IssueCode::Structure, text })
}

fn wrong(text: &'static str) -> Checked {
    Err(Fault { code: IssueCode::Value, text })
}

fn held(holds: bool, text: &'static str) -> Checked {
    if holds { Ok(()) } else { wrong(text) }
}

fn integer(text: &str, least: i32, say: &'static str) -> Checked {
    held(text.parse::<i32>().is_ok_and(|n| n >= least) && text != "-0", say)
}

fn string(text: &str) -> Checked {
    // No early exit, so that the loop becomes a few wide instructions.
    let is_control = |b: u8| b < 0x20 && b != b'\t' && b != b'\n' && b != b'\r';
    if text.bytes().fold(false, |found, b| found | is_control(b)) {
        return wrong("must not hold control characters other than tab and line ends");
    }
    if text.len() > MAX_STRING && text.chars().count() > MAX_STRING {
        return Err(Fault { code: IssueCode::TooLong, text: "must not be longer than 1048576 characters" });
    }
    Ok(())
}

/// `[^\s]+(\s[^\s]+)*`, and of white space only the space.
fn is_code(text: &str) -> bool {
    let mut after_space = true;
    for byte in text.bytes() {
        match byte {
            b' ' if after_space => return false,
            b' ' => after_space = true,
            0..0x20 => return false,
            _ => after_space = false,
        }
    }
    !after_space && text.len() <= MAX_STRING
}

fn is_uri(text: &str) -> bool {
    if text.is_ascii() {
        text.bytes().all(|b| b > b' ')
    } else {
        !text.chars().any(|c| c.is_whitespace() || c < ' ')
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

fn is_oid(text: &str) -> bool {
    let Some(digits) = text.strip_prefix("urn:oid:") else { return false };
    let mut arcs = digits.split('.');
    let is_root = matches!(arcs.next(), Some("0" | "1" | "2"));
    let mut below = 0;
    let all_hold = arcs.all(|arc| {
        below += 1;
        !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'))
    });
    is_root && all_hold && below > 0
}

fn is_uuid(text: &str) -> bool {
    let Some(digits) = text.strip_prefix("urn:uuid:") else { return false };
    digits.len() == 36
        && digits.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// White space may stand between the digits, as in XML.
fn is_base64(text: &str) -> bool {
    let (mut digits, mut padding) = (0usize, 0usize);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => digits += 1,
            b'=' => padding += 1,
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => return false,
        }
    }
    digits > 0 && padding <= 2 && (digits + padding) % 4 == 0
}

#[cfg(test)]
mod tests;
