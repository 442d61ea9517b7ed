//! National ids of India. An Aadhaar number is used only where the facility says that it may, and shows at most its last four
//! digits.
//!
//! Sources: UIDAI circular K-11020/205/2017 (reference keys and a separate vault), the ABDM health id's form.

use super::digits::{Verhoeff, only};
use zeroize::Zeroizing;

/// A well-formed Aadhaar number. It has no `Display`, its `Debug` prints `sealed`, and its digits are wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Aadhaar(Zeroizing<String>);

impl std::fmt::Debug for Aadhaar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed")
    }
}

impl Aadhaar {
    /// Twelve digits that do not begin with 0 or 1 and end with their check digit.
    pub fn parse(text: &str) -> Option<Aadhaar> {
        let digits = Zeroizing::new(only(text.trim(), 12)?);
        (!digits.starts_with(['0', '1']) && Verhoeff::holds(&digits)).then_some(Aadhaar(digits))
    }

    /// What may be shown of it.
    ///
    /// ```
    /// use login::identifier::{Verhoeff, national::Aadhaar};
    /// let number = Aadhaar::parse(&Verhoeff::with_check("99994105705")).unwrap();
    /// assert_eq!(number.masked(), "XXXX-XXXX-7058");
    /// assert_eq!(format!("{number:?}"), "sealed");
    /// ```
    pub fn masked(&self) -> String {
        format!("XXXX-XXXX-{}", self.0.get(8..).unwrap_or_default())
    }

    /// What its own item is found by. It goes nowhere but into a blind term.
    pub(crate) fn handle(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("aadhaar:{}", self.0.as_str()))
    }

    /// The digits, for its own sealed item and nothing else.
    pub(crate) fn digits(&self) -> &str {
        &self.0
    }
}

/// The 14 digits of an ABHA number, which begins with 91.
pub(super) fn parse_abha(text: &str) -> Option<String> {
    only(text, 14).filter(|digits| digits.starts_with("91"))
}

/// `91-1234-5678-9012`
pub(super) fn grouped_abha(digits: &str) -> String {
    match (digits.get(..2), digits.get(2..6), digits.get(6..10), digits.get(10..)) {
        (Some(a), Some(b), Some(c), Some(d)) => format!("{a}-{b}-{c}-{d}"),
        _ => digits.to_owned(),
    }
}
