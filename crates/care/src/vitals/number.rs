//! Numbers as people type them: their digits are kept as they were typed.

use serde_json::Value;

/// The longest number that is looked at: more than this is no measurement.
const LONGEST: usize = 12;

/// A number that is not negative, with its digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its digits, with a point where it has one. What was `37,5` is `37.5`, and `107.50` stays what it is.
    pub digits: String,
    /// Its value in thousandths, exactly.
    pub thousandths: i64,
    /// How many digits stand after the point.
    pub decimals: usize,
}

impl Number {
    /// Reads digits, with a point or a comma before those that are parts of one.
    ///
    /// ```
    /// use care::vitals::number::Number;
    ///
    /// let read = |text| Number::read(text).map(|number| (number.digits, number.thousandths));
    /// assert_eq!(read(" 37,5 "), Some(("37.5".into(), 37_500)));
    /// assert_eq!(read("107.50"), Some(("107.50".into(), 107_500)));
    /// assert_eq!(read("+5"), None);
    /// ```
    pub fn read(text: &str) -> Option<Number> {
        let text = text.trim();
        if text.len() > LONGEST {
            return None;
        }
        let (whole, parts) = match text.split_once(['.', ',']) {
            Some((whole, parts)) => (whole, Some(parts)),
            None => (text, None),
        };
        let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(whole) || !parts.is_none_or(are_digits) {
            return None;
        }
        let parts = parts.unwrap_or_default();
        if parts.len() > 3 || whole.len() > 6 {
            return None;
        }
        let kept = whole.trim_start_matches('0');
        let kept = if kept.is_empty() { "0" } else { kept };
        let digits = if parts.is_empty() { kept.to_owned() } else { format!("{kept}.{parts}") };
        let thousandths = format!("{kept}{parts:0<3}").parse().ok()?;
        Some(Number { digits, thousandths, decimals: parts.len() })
    }

    /// The number as JSON, digit for digit.
    pub fn json(&self) -> Value {
        fhir::json::parse(self.digits.as_bytes(), fhir::json::Limits::default()).unwrap_or_default()
    }

    /// In tenths, as a thermometer shows it: half a tenth goes up.
    pub fn tenths(&self) -> i64 {
        (self.thousandths + 50) / 100
    }

    /// In whole ones, as counts are; what is after the point is left out.
    pub fn whole(&self) -> i64 {
        self.thousandths / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stay_as_they_were_typed() {
        for (typed, kept) in
            [("107.50", "107.50"), ("37,5", "37.5"), ("007", "7"), ("0", "0"), ("0.250", "0.250")]
        {
            let number = Number::read(typed).unwrap();
            assert_eq!(
                (number.digits.as_str(), number.json().to_string()),
                (kept, kept.to_owned()),
                "{typed}"
            );
        }
        assert_eq!(Number::read("36.05").unwrap().tenths(), 361);
        assert_eq!(Number::read("36.04").unwrap().tenths(), 360);
    }

    #[test]
    fn what_is_no_plain_number_is_none() {
        let long = "1".repeat(10_000);
        for typed in [
            "",
            " ",
            "-5",
            "+5",
            "1e3",
            "1e999",
            "abc",
            "12a",
            "१२०",
            "٣٧",
            "1.2.3",
            "1,234.5",
            ".5",
            "5.",
            "½",
            "NaN",
            "0x10",
            "1 2",
            "1.2345",
            &long,
        ] {
            assert_eq!(Number::read(typed), None, "{typed}");
        }
    }
}
