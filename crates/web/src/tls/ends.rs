//! When a certificate ends. Of X.509 (RFC 5280, section 4.1) only as much is read as leads to that date; anything else that stands where it
//! should be is no date.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// When the first certificate of a PEM chain, the server's own, ends. `None` where it cannot be told.
pub fn ends(chain: &[u8]) -> Option<Timestamp> {
    let first = CertificateDer::pem_slice_iter(chain).next()?.ok()?;
    let (tag, certificate, _) = part(&first)?;
    let (inner, signed, _) = part(certificate)?;
    if (tag, inner) != (SEQUENCE, SEQUENCE) {
        return None;
    }
    let (tag, _, after) = part(signed)?;
    // The version may be left out; then the serial number is first.
    let mut rest = if tag == VERSION { part(after)?.2 } else { after };
    for _ in ["the algorithm", "the issuer"] {
        rest = part(rest)?.2;
    }
    let (tag, validity, _) = part(rest)?;
    let (_, _, until) = part(validity).filter(|_| tag == SEQUENCE)?;
    let (tag, text, _) = part(until)?;
    moment(tag, text)
}

/// A tag, what it holds, and what comes after it.
fn part(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (held, after) = rest.split_at_checked(length)?;
    Some((tag, held, after))
}

/// `YYMMDDHHMMSSZ`, or with four digits of the year.
fn moment(tag: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match (tag, text.len()) {
        (UTC_TIME, 12) => {
            let year: i16 = text[..2].parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, &text[2..])
        }
        (GENERALIZED_TIME, 14) => (text[..4].parse().ok()?, &text[4..]),
        _ => return None,
    };
    let two = |at: usize| rest[at..at + 2].parse::<i8>().ok();
    let day = Date::new(year, two(0)?, two(2)?).ok()?;
    let time = Time::new(two(4)?, two(6)?, two(8)?, 0).ok()?;
    Some(day.to_datetime(time).to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(params: rcgen::CertificateParams) -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().pem()
    }

    #[test]
    fn the_end_of_a_certificate_is_read_from_it_in_both_forms_of_a_date() {
        for (year, text) in [(2049, "2049-05-06T00:00:00Z"), (2050, "2050-05-06T00:00:00Z")] {
            let mut params = rcgen::CertificateParams::new(vec!["here.example".into()]).unwrap();
            params.not_after = rcgen::date_time_ymd(year, 5, 6);
            assert_eq!(ends(pem(params).as_bytes()), Some(text.parse().unwrap()), "{year}");
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        assert_eq!(ends(b""), None);
        assert_eq!(ends(b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"), None);
        assert_eq!(moment(UTC_TIME, b"260230000000Z"), None);
        assert_eq!(moment(UTC_TIME, b"26022800000Z"), None);
        assert_eq!(moment(GENERALIZED_TIME, "२०२६०२२८०००००".as_bytes()), None);
        for bytes in [&[0x30][..], &[0x30, 0x82, 0xff], &[0x30, 0x84, 0, 0, 0, 1], &[0x30, 0x05, 1]] {
            assert_eq!(part(bytes), None, "{bytes:?}");
        }
    }
}
