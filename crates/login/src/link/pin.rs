//! The number that goes with a link: six digits that we draw, or at least six of the patient's own.
//!
//! A link alone is a secret of 256 bits. The number is for when it is lost: a card in a stranger's hand. Six random digits are what
//! [NIST SP 800-63B-4](https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver) and OWASP's ASVS 5.0 (6.5.3: 20 bits) ask of such a secret
//! where tries are counted: with ten tries in all, a stranger who has the card comes in once in 100,000 times. More digits would be written on
//! the card.

use crate::{error::Error, random};

/// The fewest digits, and as many as we draw.
pub const FEWEST: usize = 6;

/// The most digits.
pub const MOST: usize = 12;

/// What is tried first although it is no run and no repetition: keys in a row or a figure, and well-known ends.
const COMMON: [&str; 16] = [
    "147258", "159753", "147852", "258369", "741852", "789456", "456789", "142536", "102030", "112233",
    "332211", "121314", "131313", "010203", "520520", "200000",
];

/// Six digits that cannot be guessed.
pub(crate) fn drawn() -> Result<String, Error> {
    loop {
        // Numbers beyond the last whole million would make the first ones likelier.
        let number = u32::from_be_bytes(random::<4>()?);
        let pin = format!("{:06}", number % 1_000_000);
        if number < 4_294_000_000 && !is_guessed(&pin, "") {
            return Ok(pin);
        }
    }
}

/// The patient's own, without the spaces that people type. `born` is the birth date, which stands on the card.
///
/// # Errors
/// [`Error::Invalid`], with what will do.
pub fn chosen(typed: &str, born: &str) -> Result<String, Error> {
    let pin = digits(typed);
    if !(FEWEST..=MOST).contains(&pin.len()) || !pin.bytes().all(|b| b.is_ascii_digit()) {
        let text = "choose a PIN of 6 to 12 digits, or leave the field empty and we choose one";
        return Err(Error::Invalid { field: "pin", text });
    }
    if is_guessed(&pin, born) {
        let text =
            "this PIN is easy to guess; avoid rows, repetitions and the birth date, or leave the field empty";
        return Err(Error::Invalid { field: "pin", text });
    }
    Ok(pin)
}

/// What was typed without spaces and dashes, which are not part of it.
pub(crate) fn digits(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(MOST + 1).collect()
}

/// Whether it is among those that are tried first.
fn is_guessed(pin: &str, born: &str) -> bool {
    let digits: Vec<i16> = pin.bytes().map(i16::from).collect();
    // Nine goes on with zero, as on a dial.
    let step =
        |pair: &[i16]| pair.iter().rev().copied().reduce(|b, a| (b - a).rem_euclid(10)).unwrap_or_default();
    let steps: Vec<i16> = digits.windows(2).map(step).collect();
    let is_run = steps.windows(2).all(|pair| pair.first() == pair.get(1))
        && steps.first().is_some_and(|step| matches!(step, 0..=2 | 8 | 9));
    let repeats = |length: usize| {
        digits.len().is_multiple_of(length) && digits.chunks(length).all(|part| digits.starts_with(part))
    };
    let mut different = digits.clone();
    different.sort_unstable();
    different.dedup();
    let is_common = COMMON.iter().any(|common| pin.starts_with(common));
    is_run
        || (1..=digits.len() / 2).any(repeats)
        || different.len() < 3
        || is_common
        || is_birth_date(pin, born)
}

fn is_birth_date(pin: &str, born: &str) -> bool {
    let mut parts = born.split('-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let short = year.get(2..).unwrap_or_default();
    let orders = |year: &str| {
        [[day, month, year], [month, day, year], [year, month, day], [year, day, month]]
            .map(|parts| parts.concat())
    };
    orders(year).iter().chain(&orders(short)).any(|date| pin.contains(date.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_of_ones_own_is_six_digits_that_nobody_guesses_first() {
        let fault = |typed: &str| chosen(typed, "1945-07-14").err().map(|error| error.to_string());
        for good in ["271846", "83 51 07", "90-2716-4438", "582914"] {
            assert_eq!(fault(good), None, "{good}");
        }
        for short in ["", "12345", "1234567890123", "12a456", "१२३४५६"] {
            assert!(fault(short).unwrap().contains("6 to 12 digits"), "{short}");
        }
        for easy in [
            "123456", "654321", "135791", "890123", "000000", "777777", "121212", "123123", "112211",
            "147258", "140745", "071445", "450714", "14071945", "19450714",
        ] {
            assert!(fault(easy).unwrap().contains("easy to guess"), "{easy}");
        }
    }

    #[test]
    fn drawn_pins_are_six_digits_and_differ() {
        let pins: std::collections::HashSet<String> = (0..200).map(|_| drawn().unwrap()).collect();
        assert!(pins.len() > 190);
        assert!(pins.iter().all(|pin| pin.len() == 6 && chosen(pin, "").is_ok_and(|same| same == *pin)));
    }
}
