//! Small FHIR datatypes as JSON: exact decimals, quantities, references, concepts, periods.

use crate::code::Code;
use serde_json::{Number, Value};

/// An object from members whose values are moved into it. (`json!` would write every nested value a second time.)
macro_rules! object {
    ({}) => { serde_json::Value::Object(serde_json::Map::new()) };
    ({ $($key:tt : $value:expr),* $(,)? }) => {{
        const MEMBERS: usize = <[&str]>::len(&[$(stringify!($key)),*]);
        let mut members = serde_json::Map::with_capacity(MEMBERS + 2);
        $(members.insert(String::from($key), serde_json::Value::from($value));)*
        serde_json::Value::Object(members)
    }};
}
pub(crate) use object;

/// The root of every address and identifier system of this population. `.example` never resolves.
pub(crate) const ROOT: &str = "https://keepwell.example";

/// The UCUM system.
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";

/// A unit: what people read, and its UCUM code.
#[derive(Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) shown: &'static str,
    pub(crate) code: &'static str,
}

impl Unit {
    /// A unit that people read as something else than its code.
    pub(crate) const fn new(shown: &'static str, code: &'static str) -> Unit {
        Unit { shown, code }
    }
}

/// `scaled` with that many digits after the point: `dec(10750, 2)` is the JSON number `107.50`.
pub(crate) fn dec(scaled: i64, digits: u32) -> Value {
    if digits == 0 {
        return Value::from(scaled);
    }
    let one = 10_i64.pow(digits);
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = (scaled.abs() / one, scaled.abs() % one);
    let text = format!("{sign}{whole}.{rest:0width$}", width = digits as usize);
    Value::Number(Number::from_string_unchecked(text))
}

/// A Quantity in UCUM.
pub(crate) fn quantity(scaled: i64, digits: u32, unit: Unit) -> Value {
    object!({"value": dec(scaled, digits), "unit": unit.shown, "system": UCUM, "code": unit.code})
}

/// A Quantity that counts `{shown}` things, such as tablets.
pub(crate) fn days(count: i32) -> Value {
    quantity(i64::from(count), 0, Unit::new("days", "d"))
}

/// Money in that currency, to the hundredth.
pub(crate) fn money(hundredths: i64, currency: &str) -> Value {
    object!({"value": dec(hundredths, 2), "currency": currency})
}

/// A Reference.
pub(crate) fn to(reference: &str) -> Value {
    object!({"reference": reference})
}

/// A Reference with the words a reader sees.
pub(crate) fn named(reference: &str, display: &str) -> Value {
    object!({"reference": reference, "display": display})
}

/// A Coding.
pub(crate) fn coding(code: &Code) -> Value {
    object!({"system": code.system, "code": code.code, "display": code.display})
}

/// A CodeableConcept with one coding and its display as text.
pub(crate) fn concept(code: &Code) -> Value {
    object!({"coding": [coding(code)], "text": code.display})
}

/// A CodeableConcept of an HL7 code system at terminology.hl7.org.
pub(crate) fn hl7(system: &str, code: &str, display: &str) -> Value {
    let system = format!("http://terminology.hl7.org/CodeSystem/{system}");
    object!({"coding": [object!({"system": system, "code": code, "display": display})]})
}

/// A CodeableConcept that is words only.
pub(crate) fn words(text: &str) -> Value {
    object!({"text": text})
}

/// An Identifier in a system of ours.
pub(crate) fn identifier(system: &str, value: &str) -> Value {
    object!({"system": format!("{ROOT}/id/{system}"), "value": value})
}

/// Text made safe to stand in XHTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A Narrative of one paragraph per line.
pub(crate) fn narrative(lines: &[&str]) -> Value {
    let body: String = lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect();
    object!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{body}</div>")})
}

/// Sets `key` where there is something to set.
pub(crate) fn set(object: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(members), Some(value)) = (object.as_object_mut(), value) {
        members.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::{dec, narrative};

    #[test]
    fn a_decimal_keeps_its_digits() {
        let shown = [dec(10750, 2), dec(-5, 1), dec(7, 0), dec(3, 3)].map(|value| value.to_string());
        assert_eq!(shown, ["107.50", "-0.5", "7", "0.003"]);
    }

    #[test]
    fn a_narrative_cannot_be_broken_by_its_text() {
        assert!(narrative(&["a < b & c"]).to_string().contains("a &lt; b &amp; c"));
    }
}
