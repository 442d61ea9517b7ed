//! Numbers for search: what range a number means, and integers that sort as numbers do.
//!
//! [FHIR's rules](https://hl7.org/fhir/R4/search.html#number), and how they are kept here:
//!
//! - A *search* value without a comparator stands for the range its digits leave open: `100` is 99.5 ≤ x < 100.5, `100.00` is
//!   99.995 ≤ x < 100.005. The range is computed on the decimal digits and rounded once, so it starts and ends where it was written.
//! - `1e2` is 95 ≤ x < 105 in the specification's own table, which is two figures, not one: a single figure with an exponent counts as two.
//! - With `gt`, `lt`, `ge`, `le`, `sa`, `eb` the value is exact.
//! - A number in a *resource* is exact too ("as if they have arbitrarily high precision"): its range is its value. Then "the search
//!   range contains the resource's range" is the same as "the value lies inside", and `100` finds a stored 99.6.
//!
//! Keys are `f64`s mapped onto `i64`s, so values that differ beyond 15 digits may share a key. Stored JSON keeps its digits; only the index rounds.

/// The most digits that are looked at for a range; a double ends at 17.
const MAX_DIGITS: usize = 36;

/// The value of a JSON number text.
///
/// `None` for what is not a JSON number and for what a double cannot hold (`1e999`).
pub fn value(text: &str) -> Option<f64> {
    Parts::read(text)?;
    // Adding zero makes -0 the same number as 0.
    text.parse::<f64>().ok().filter(|x| x.is_finite()).map(|x| x + 0.0)
}

/// The range that a search value without comparator stands for: the first number in it and the first number after it.
///
/// ```
/// use fhir::decimal::range;
///
/// assert_eq!(range("100"), Some((99.5, 100.5)));
/// assert_eq!(range("-5.40"), Some((-5.405, -5.395)));
/// assert_eq!(range("1e2"), Some((95.0, 105.0)));
/// assert_eq!(range("many"), None);
/// ```
pub fn range(text: &str) -> Option<(f64, f64)> {
    let middle = value(text)?;
    let parts = Parts::read(text)?;
    let (low, high) = parts.range().unwrap_or((middle, middle));
    // Where the digits are finer than doubles are, the range is the value alone.
    Some((low.min(middle), high.max(middle.next_up())))
}

/// The key of a number in a resource, see [`order_key`].
pub fn value_key(text: &str) -> Option<i64> {
    value(text).map(order_key)
}

/// The first and last key of [`range`].
pub fn range_keys(text: &str) -> Option<(i64, i64)> {
    range(text).map(|(low, high)| (order_key(low), order_key(high) - 1))
}

/// The first and last key of what `ap` means: within a tenth of the value, and at least [`range`].
pub fn approximate_keys(text: &str) -> Option<(i64, i64)> {
    let (middle, (low, high)) = (value(text)?, range_keys(text)?);
    let tenth = middle.abs() / 10.0;
    Some((low.min(order_key(middle - tenth)), high.max(order_key(middle + tenth))))
}

/// An integer for `x` that sorts among such integers as `x` does among numbers; 0 and -0 have one key. `x` is not NaN.
///
/// ```
/// use fhir::decimal::{from_order_key, order_key};
///
/// assert!(order_key(-2.5) < order_key(-0.1) && order_key(-0.1) < order_key(0.0));
/// assert_eq!(from_order_key(order_key(107.5)), 107.5);
/// ```
pub fn order_key(x: f64) -> i64 {
    flip_negative((x + 0.0).to_bits().cast_signed())
}

/// The number that has this key.
pub fn from_order_key(key: i64) -> f64 {
    f64::from_bits(flip_negative(key).cast_unsigned())
}

/// Bits of a double sort as integers do, but for the negative ones, which sort backwards. Its own inverse.
fn flip_negative(bits: i64) -> i64 {
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// A number text as digits and power: `digits` × 10^`power`.
struct Parts {
    /// `None` where there are too many to look at.
    digits: Option<i128>,
    power: i32,
    has_exponent: bool,
}

impl Parts {
    /// Reads the grammar of JSON numbers.
    fn read(text: &str) -> Option<Parts> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (text, None),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole)
            || (whole.len() > 1 && whole.starts_with('0'))
            || !fraction.is_none_or(all_digits)
        {
            return None;
        }
        let fraction = fraction.unwrap_or("");
        let exponent_value = match exponent {
            Some(e) if all_digits(e.strip_prefix(['+', '-']).unwrap_or(e)) => e.parse::<i32>().ok()?,
            Some(_) => return None,
            None => 0,
        };
        let power = exponent_value.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        let digits = (whole.len() + fraction.len() <= MAX_DIGITS).then(|| {
            let all = whole.bytes().chain(fraction.bytes());
            let magnitude = all.fold(0i128, |n, digit| n * 10 + i128::from(digit - b'0'));
            if negative { -magnitude } else { magnitude }
        });
        Some(Parts { digits, power, has_exponent: exponent.is_some() })
    }

    /// Half a unit of the last digit to both sides.
    fn range(&self) -> Option<(f64, f64)> {
        let (mut digits, mut power) = (self.digits?, self.power);
        if self.has_exponent && digits.abs() < 10 {
            (digits, power) = (digits * 10, power.checked_sub(1)?);
        }
        let power = power.checked_sub(1)?;
        let end = |digits: i128| format!("{digits}e{power}").parse::<f64>().ok().filter(|x| x.is_finite());
        Some((end(digits * 10 - 5)?, end(digits * 10 + 5)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finds(search: &str, stored: &str) -> bool {
        let (low, high) = range_keys(search).unwrap();
        (low..=high).contains(&value_key(stored).unwrap())
    }

    #[test]
    fn a_search_value_covers_what_its_digits_leave_open() {
        assert_eq!(range("100"), Some((99.5, 100.5)));
        assert_eq!(range("100.00"), Some((99.995, 100.005)));
        assert_eq!(range("0"), Some((-0.5, 0.5)));
        assert_eq!(range("-0"), Some((-0.5, 0.5)));
        assert_eq!(range("0.1"), Some((0.05, 0.15)));
        assert_eq!(range("-100"), Some((-100.5, -99.5)));
    }

    #[test]
    fn an_exponent_counts_figures() {
        assert_eq!(range("1e2"), Some((95.0, 105.0)));
        assert_eq!(range("1.0e2"), Some((95.0, 105.0)));
        assert_eq!(range("1.00E+2"), Some((99.5, 100.5)));
        assert_eq!(range("12e-1"), Some((1.15, 1.25)));
    }

    #[test]
    fn the_first_number_is_inside_and_the_last_is_outside() {
        assert!(finds("100", "99.5") && finds("100", "100.49999"));
        assert!(!finds("100", "99.49999") && !finds("100", "100.5"));
        assert!(finds("5.4", "5.40") && finds("5.40", "5.4"));
        assert!(finds("1e2", "95") && !finds("1e2", "105"));
    }

    #[test]
    fn a_number_finer_than_a_double_finds_itself() {
        for text in [
            "0.1234567890123456789",
            "123456789012345678901234567890123456789012345",
            "1e308",
            "5e-324",
            "1e-400",
        ] {
            assert!(finds(text, text), "{text}");
        }
    }

    #[test]
    fn approximately_is_a_tenth_to_both_sides() {
        assert_eq!(approximate_keys("100"), Some((order_key(90.0), order_key(110.0))));
        assert_eq!(approximate_keys("-100"), Some((order_key(-110.0), order_key(-90.0))));
        assert_eq!(approximate_keys("1"), range_keys("1"));
    }

    #[test]
    fn what_is_not_a_number_has_no_range() {
        for text in [
            "",
            "-",
            "+1",
            "01",
            "1.",
            ".5",
            "1e",
            "1e+",
            "e5",
            "NaN",
            "inf",
            "infinity",
            "1e999",
            "1e99999999999",
            "0x1",
            "1 ",
            "1,5",
            "١",
        ] {
            assert_eq!(range(text), None, "{text}");
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn zero_has_one_key() {
        assert_eq!(value_key("-0"), value_key("0.000"));
        assert_eq!(order_key(-0.0), 0);
    }

    proptest! {
        #[test]
        fn keys_sort_as_numbers_do(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(order_key(a).cmp(&order_key(b)), a.partial_cmp(&b).unwrap());
            prop_assert_eq!(from_order_key(order_key(a)), a);
        }

        #[test]
        fn every_number_is_inside_its_own_range(text in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?") {
            let (low, high) = range(&text).unwrap();
            let x = value(&text).unwrap();
            prop_assert!(low <= x && x < high);
            let (first, last) = approximate_keys(&text).unwrap();
            prop_assert!(first <= order_key(low) && order_key(high) - 1 <= last);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,16}|[0-9eE.+-]{0,24}") {
            let json = crate::json::parse(text.as_bytes(), crate::json::Limits::default());
            let finite = text.parse::<f64>().is_ok_and(f64::is_finite);
            prop_assert_eq!(value(&text).is_some(), finite && json.is_ok_and(|v| v.is_number()));
        }
    }
}
