//! Phone numbers in the form of [E.164](https://www.itu.int/rec/T-REC-E.164).

/// `+` and 8 to 15 digits. A number without calling code gets the one of `country`; `00` in front is `+`, and one `0` in front
/// is how people dial within a country.
pub(super) fn parse(text: &str, country: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_digit() || " -.()/".contains(c);
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !rest.chars().all(plain) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let whole = match (international, digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (true, ..) => digits,
        (false, Some(abroad), _) => abroad.to_owned(),
        (false, None, Some(national)) => format!("{country}{national}"),
        // Who leaves the plus away but dials the country all the same.
        (false, None, None) if digits.len() > 10 && digits.starts_with(country) => digits,
        (false, None, None) => format!("{country}{digits}"),
    };
    ((8..=15).contains(&whole.len()) && !whole.starts_with('0')).then(|| format!("+{whole}"))
}
