//! Codes of an authenticator app: [RFC 6238](https://www.rfc-editor.org/rfc/rfc6238), SHA-1, six digits, 30 seconds.

use super::{same, six_digits};
use aws_lc_rs::hmac;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

const STEP_SECONDS: i64 = 30;

/// How many bytes a secret has: as many as the hash, as RFC 4226 recommends.
pub(crate) const SECRET: usize = 20;

/// An app's secret, and the last step of which a code was used: none is used twice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Totp {
    secret: Vec<u8>,
    last: i64,
}

impl Drop for Totp {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Totp {
    pub(crate) fn new(secret: [u8; SECRET]) -> Totp {
        Totp { secret: secret.to_vec(), last: 0 }
    }

    /// Takes a code: of now, of the step before or the step after, and later than any that was taken. Whether it was right.
    pub(crate) fn take(&mut self, typed: &str, now: Timestamp) -> bool {
        let Some(typed) = six_digits(typed) else { return false };
        let step = now.as_second().div_euclid(STEP_SECONDS);
        let mut matched = None;
        for step in [step - 1, step, step + 1] {
            if same(&code(&self.secret, step), &typed) && step > self.last {
                matched = Some(step);
            }
        }
        if let Some(step) = matched {
            self.last = step;
        }
        matched.is_some()
    }

    /// The secret as people type it into an app.
    pub(crate) fn secret_text(&self) -> String {
        base32(&self.secret)
    }

    /// The address that apps read from a QR code.
    pub(crate) fn uri(&self, account: &str) -> String {
        format!(
            "otpauth://totp/Keepwell:{}?secret={}&issuer=Keepwell&algorithm=SHA1&digits=6&period=30",
            percent(account),
            base32(&self.secret)
        )
    }
}

/// The code of a secret, given in the form that people type into an app, at that moment: what an authenticator app shows.
///
/// ```
/// let at = jiff::Timestamp::from_second(59).unwrap();
/// let code = login::factor::totp::shown("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at);
/// assert_eq!(code.as_deref(), Some("287082"), "RFC 6238, appendix B");
/// ```
pub fn shown(secret: &str, now: Timestamp) -> Option<String> {
    let secret = from_base32(secret)?;
    Some(code(&secret, now.as_second().div_euclid(STEP_SECONDS)))
}

fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 15);
    let part = tag[at..at + 4].iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    format!("{:06}", (part & 0x7fff_ffff) % 1_000_000)
}

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// [RFC 4648](https://www.rfc-editor.org/rfc/rfc4648#section-6) base32 without padding.
fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let group =
            chunk.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)) << (8 * (5 - chunk.len()));
        for at in 0..(chunk.len() * 8).div_ceil(5) {
            text.push(char::from(LETTERS[(group >> (35 - 5 * at) & 31) as usize]));
        }
    }
    text
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        let value = LETTERS.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        held = (held << 5 | u32::try_from(value).ok()?) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
}

fn percent(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(byte);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        let secret = base32(b"12345678901234567890");
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(shown(&secret, at(second)).as_deref(), Some(expected));
        }
        assert_eq!(shown("not base 32!", at(0)), None);
    }

    #[test]
    fn a3_a_code_is_taken_once_and_only_next_to_its_time() {
        let now = 1_700_000_010;
        let secret = base32(&[7; SECRET]);
        let code = |second| shown(&secret, at(second)).unwrap();
        let mut totp = Totp::new([7; SECRET]);
        for far in [-90, -60, 60, 90] {
            assert!(!totp.take(&code(now + far), at(now)), "{far}");
        }
        assert!(totp.take(&code(now - 30), at(now)) && !totp.take(&code(now - 30), at(now)));
        let spaced = format!("{} {}", &code(now)[..3], &code(now)[3..]);
        assert!(totp.take(&spaced, at(now)) && !totp.take(&code(now), at(now)));
        assert!(totp.take(&code(now + 30), at(now)));
        assert!(!totp.take(&code(now), at(now)), "an older one after a newer one");
        for bad in ["", "12345", "1234567", "abcdef", "१२३४५६"] {
            assert!(!totp.take(bad, at(now)));
        }
    }

    #[test]
    fn base32_goes_there_and_back() {
        for length in 0..12 {
            let bytes: Vec<u8> = (0..length).map(|n: u8| n.wrapping_mul(37).wrapping_add(5)).collect();
            assert_eq!(from_base32(&base32(&bytes)), Some(bytes));
        }
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert!(Totp::new([1; SECRET]).uri("a b@c").contains("Keepwell:a%20b@c?secret="));
    }
}
