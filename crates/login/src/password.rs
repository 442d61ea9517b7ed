//! Passwords by [NIST SP 800-63B-4](https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver): length and a blocklist, no rules
//! of composition, no rotation. Pure but for [`hash`], which takes memory and time.

pub mod hash;
mod predictable;
mod semaphore;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The fewest characters of a password that opens alone.
pub const ALONE: usize = 15;

/// The fewest characters of a password beside a second factor.
pub const WITH_SECOND_FACTOR: usize = 8;

/// The most characters: more than anybody remembers, little enough that hashing them costs nothing.
pub const MOST: usize = 256;

/// How many characters must be left of a password without what everybody can guess of it.
const OWN: usize = 5;

/// What stands in every installation's passwords' blocklist.
const PRODUCT: [&str; 2] = ["keepwell", "healthrecord"];

/// A password, normalised (Unicode NFC): it prints `sealed` and is wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

/// Why a password is not taken. The text says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too short.
    #[error("use at least {0} characters; a few words that you can remember are best")]
    Short(usize),
    /// Too long.
    #[error("use at most {MOST} characters")]
    Long,
    /// Among the passwords that are tried first.
    #[error(
        "this is one of the passwords that are guessed first, or close to one; choose a few words of your own"
    )]
    Common,
    /// Made of the person's or the place's name.
    #[error("leave out your own name, the name of this place and years; choose a few words of your own")]
    Context,
}

impl Password {
    /// What was typed, normalised, so that it is the same from every keyboard.
    pub fn new(typed: &str) -> Password {
        // Far beyond what is allowed there is nothing to normalise.
        let bounded = typed.char_indices().nth(MOST + 1).map_or(typed, |(at, _)| &typed[..at]);
        Password(Zeroizing::new(bounded.nfc().collect()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether it may be chosen. `context` are words that are known of the person and the place: names, an e-mail address.
    ///
    /// ```
    /// use login::password::{Fault, Password, WITH_SECOND_FACTOR};
    /// let check = |text: &str| Password::new(text).check(WITH_SECOND_FACTOR, &["Lakeside Clinic"]);
    /// assert_eq!(check("correct horse battery staple"), Ok(()));
    /// assert_eq!(check("Password12345678"), Err(Fault::Common));
    /// assert_eq!(check("Lakeside2026!"), Err(Fault::Context));
    /// ```
    ///
    /// # Errors
    /// The first [`Fault`] that it has.
    pub fn check(&self, fewest: usize, context: &[&str]) -> Result<(), Fault> {
        let length = self.0.chars().count();
        if length < fewest {
            return Err(Fault::Short(fewest));
        }
        if length > MOST {
            return Err(Fault::Long);
        }
        let lower: Vec<char> = self.0.to_lowercase().chars().collect();
        let words: Vec<String> =
            context.iter().chain(&PRODUCT).flat_map(|text| predictable::words(text)).collect();
        let (own, named) = predictable::own(&lower, &words);
        match (own < OWN, named) {
            (true, true) => Err(Fault::Context),
            (true, false) => Err(Fault::Common),
            (false, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
