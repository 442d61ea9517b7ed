//! Second factors: passkeys, an authenticator app, recovery codes, and codes that are sent.

pub mod passkey;
pub mod recovery;
pub mod sent;
pub mod totp;

/// What somebody proves a second time with.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// What a passkey signed.
    Passkey(passkey::Assertion),
    /// The six digits that an authenticator app shows.
    Totp(String),
    /// One of the ten codes that were shown when the second factor was set up.
    Recovery(String),
    /// The six digits that were sent.
    Sent(String),
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// The six digits of what was typed: spaces do not count.
pub(crate) fn six_digits(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// Whether two texts are the same, in a time that does not depend on where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}
