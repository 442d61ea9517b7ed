//! Measured values as they are read at a bedside: the digits that were written without zeros at their end, and the unit always.

use serde_json::Value;

/// A number with its unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Amount {
    /// What comes before it: `<`, `>=` …; mostly empty.
    pub comparator: String,
    /// The digits.
    pub digits: String,
    /// The unit as it is written; empty where there is none.
    pub unit: String,
    /// The number, for charts and comparisons.
    pub number: f64,
}

impl Amount {
    /// Reads a `Quantity`.
    pub fn read(quantity: &Value) -> Option<Amount> {
        let value = quantity.get("value")?;
        let text = |member: &str| quantity.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let unit = text("unit");
        Some(Amount {
            comparator: text("comparator"),
            digits: plain(&value.to_string()),
            unit: if unit.is_empty() { text("code") } else { unit },
            number: value.as_f64()?,
        })
    }

    /// All of it: `<5 mg/dL`.
    pub fn text(&self) -> String {
        let space = if self.unit.is_empty() || self.unit == "%" { "" } else { " " };
        format!("{}{}{space}{}", self.comparator, self.digits, self.unit)
    }
}

/// Digits without zeros that say nothing: a trailing zero has been read as a factor of ten.
pub(crate) fn plain(digits: &str) -> String {
    if !digits.contains('.') || digits.contains(['e', 'E']) {
        return digits.to_owned();
    }
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_zero_is_left_at_the_end_and_the_unit_is_always_there() {
        let text = |quantity: Value| Amount::read(&quantity).map(|amount| amount.text());
        assert_eq!(text(json!({"value": 5.0, "unit": "mg"})).as_deref(), Some("5 mg"));
        assert_eq!(
            text(json!({"value": 10.50, "code": "mmol/L", "comparator": "<"})).as_deref(),
            Some("<10.5 mmol/L")
        );
        assert_eq!(text(json!({"value": 100, "unit": "%"})).as_deref(), Some("100%"));
        assert_eq!(text(json!({"unit": "mg"})), None);
    }
}
