//! Results: measured values by what was measured, newest first, with range and flag.
//!
//! Source: <https://hl7.org/fhir/R4/observation.html>

use crate::{amount::Amount, chart::Chart, coding, when::When};
use serde_json::Value;
use std::collections::HashMap;

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// Below the range.
    Low,
    /// Above the range.
    High,
    /// So low that somebody must act.
    CriticalLow,
    /// So high that somebody must act.
    CriticalHigh,
    /// Not as it should be, without a direction.
    Abnormal,
}

impl Flag {
    /// Whether somebody must act.
    pub fn is_critical(self) -> bool {
        matches!(self, Flag::CriticalLow | Flag::CriticalHigh)
    }
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The id of its Observation.
    pub id: String,
    /// When it was measured.
    pub when: Option<When>,
    /// The value as it is read, with its unit.
    pub text: String,
    /// The number, for a chart; of a blood pressure the systolic one.
    pub number: Option<f64>,
    /// The second number, where there are two: the diastolic one.
    pub second: Option<f64>,
    /// Where it lies.
    pub flag: Option<Flag>,
    /// The range that is usual, with what its laboratory says; empty where none is given.
    pub range: String,
    /// The ends of the range.
    pub low: Option<f64>,
    /// The ends of the range.
    pub high: Option<f64>,
    /// Whether it is not final yet.
    pub is_preliminary: bool,
    /// Whether the patient reported it, and no clinician has accepted it.
    pub is_patients: bool,
    /// Who measured it.
    pub by: String,
    /// Where.
    pub source: String,
    /// The other house that it was brought from; empty for what is this house's own.
    pub from: String,
}

/// All values of one thing that is measured, newest first; there is at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What names it in an address: its first code.
    pub key: String,
    /// What it is called in the record.
    pub name: String,
    /// Its `category` codes: `vital-signs`, `laboratory` …
    pub categories: Vec<String>,
    /// The values.
    pub points: Vec<Point>,
}

impl Series {
    /// The newest value.
    pub fn newest(&self) -> Option<&Point> {
        self.points.first()
    }

    /// Whether it belongs there.
    pub fn is_in(&self, category: &str) -> bool {
        self.categories.iter().any(|found| found == category)
    }
}

/// The results of a chart: what was measured last comes first.
pub fn of(chart: &Chart) -> Vec<Series> {
    let mut by_key: HashMap<String, Series> = HashMap::new();
    for resource in chart.of_type("Observation") {
        let value = &resource.value;
        if matches!(status(value), "entered-in-error" | "cancelled") {
            continue;
        }
        let Some(key) = key(value) else { continue };
        let name = coding::of(value, &["code"]);
        let series = by_key.entry(key.clone()).or_insert_with(|| Series {
            key,
            name,
            categories: categories(value),
            points: Vec::new(),
        });
        series.points.push(point(chart, &resource.id, value));
    }
    let mut found: Vec<Series> = by_key.into_values().collect();
    for series in &mut found {
        series.points.sort_by(|a, b| b.when.cmp(&a.when));
    }
    let newest = |series: &Series| series.newest().and_then(|point| point.when.clone());
    found.sort_by(|a, b| newest(b).cmp(&newest(a)).then_with(|| a.name.cmp(&b.name)));
    found
}

/// What names a measurement's series in an address.
pub(crate) fn key(value: &Value) -> Option<String> {
    let code = value.get("code")?;
    Some(match coding::code(code) {
        "" => coding::words(code).to_lowercase().replace(char::is_whitespace, "-"),
        code => code.to_owned(),
    })
}

fn status(value: &Value) -> &str {
    value.get("status").and_then(Value::as_str).unwrap_or_default()
}

fn categories(value: &Value) -> Vec<String> {
    let list = value.get("category").and_then(Value::as_array).into_iter().flatten();
    list.flat_map(coding::codes).map(|(_, code)| code.to_owned()).collect()
}

/// When it was measured.
pub(crate) fn when(value: &Value) -> Option<When> {
    When::first(value, &["effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"])
}

pub(crate) fn point(chart: &Chart, id: &str, value: &Value) -> Point {
    let (text, number, second) = read(value);
    let (range, low, high) = range(value);
    let performers = value.get("performer").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let names = performers.iter().map(|who| chart.called(Some(who))).filter(|name| !name.is_empty());
    let is_preliminary = matches!(status(value), "registered" | "preliminary");
    Point {
        id: id.to_owned(),
        when: when(value),
        flag: flag(value).unwrap_or_else(|| outside(number, low, high)),
        text,
        number,
        second,
        range,
        low,
        high,
        is_preliminary,
        is_patients: is_patients(chart, performers, is_preliminary),
        by: names.collect::<Vec<_>>().join(", "),
        source: chart.source(value),
        from: crate::elsewhere::from(value).unwrap_or_default().to_owned(),
    }
}

/// Whether the patient alone answers for a value: a clinician who accepts it becomes one of its performers, and it is final then.
fn is_patients(chart: &Chart, performers: &[Value], is_preliminary: bool) -> bool {
    let mut patients = performers.iter().map(|who| chart.is_patient(Some(who)));
    if is_preliminary {
        patients.any(|is_so| is_so)
    } else {
        !performers.is_empty() && patients.all(|is_so| is_so)
    }
}

/// The value as text, and its numbers.
fn read(value: &Value) -> (String, Option<f64>, Option<f64>) {
    if let Some(text) = single(value) {
        return (text, amount(value).map(|amount| amount.number), None);
    }
    let parts = value.get("component").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let part = |code: &str| {
        let found = parts.iter().find(|part| part.get("code").is_some_and(|it| coding::has(it, code)));
        found.and_then(amount)
    };
    if let (Some(systolic), Some(diastolic)) = (part("8480-6"), part("8462-4")) {
        let text = format!("{}/{} {}", systolic.digits, diastolic.digits, diastolic.unit);
        return (text, Some(systolic.number), Some(diastolic.number));
    }
    if let Some(systolic) = part("8480-6") {
        return (format!("{}/– {}", systolic.digits, systolic.unit), Some(systolic.number), None);
    }
    let texts = parts.iter().filter_map(|part| {
        let name = part.get("code").map(coding::words).unwrap_or_default();
        Some(format!("{name}: {}", single(part)?))
    });
    (texts.collect::<Vec<_>>().join("; "), None, None)
}

fn amount(value: &Value) -> Option<Amount> {
    value.get("valueQuantity").and_then(Amount::read)
}

/// A value of any of the types that Observation allows and people read.
fn single(value: &Value) -> Option<String> {
    if let Some(amount) = amount(value) {
        return Some(amount.text());
    }
    if let Some(concept) = value.get("valueCodeableConcept") {
        return Some(coding::words(concept));
    }
    let text = ["valueString", "valueDateTime", "valueTime"];
    let text = text.iter().find_map(|member| value.get(*member)?.as_str()).map(str::to_owned);
    let number = || value.get("valueInteger").map(ToString::to_string);
    let ratio = || {
        let ratio = value.get("valueRatio")?;
        let part = |member: &str| Some(Amount::read(ratio.get(member)?)?.digits);
        Some(format!("{}:{}", part("numerator")?, part("denominator")?))
    };
    text.or_else(number).or_else(ratio).or_else(|| value.get("dataAbsentReason").map(coding::words))
}

/// What the laboratory says of it: `Some(None)` says that it is as it should be.
fn flag(value: &Value) -> Option<Option<Flag>> {
    let list = value.get("interpretation").and_then(Value::as_array)?;
    let codes = list.iter().flat_map(coding::codes);
    let read = |code: &str| match code {
        "L" | "LU" | "<" => Some(Some(Flag::Low)),
        "H" | "HU" | ">" => Some(Some(Flag::High)),
        "LL" => Some(Some(Flag::CriticalLow)),
        "HH" => Some(Some(Flag::CriticalHigh)),
        "A" | "AA" | "POS" | "R" => Some(Some(Flag::Abnormal)),
        "N" | "NEG" | "S" => Some(None),
        _ => None,
    };
    codes.filter_map(|(_, code)| read(code)).max()
}

/// Where a number lies, if the laboratory gave a range and said nothing more.
fn outside(number: Option<f64>, low: Option<f64>, high: Option<f64>) -> Option<Flag> {
    let number = number?;
    let below = low.is_some_and(|low| number < low).then_some(Flag::Low);
    below.or_else(|| high.is_some_and(|high| number > high).then_some(Flag::High))
}

/// The range: that of the value itself, not one for another group of people.
fn range(value: &Value) -> (String, Option<f64>, Option<f64>) {
    let none = (String::new(), None, None);
    let Some(range) = value.get("referenceRange").and_then(|list| list.get(0)) else { return none };
    let end = |member: &str| range.get(member).and_then(Amount::read);
    let (low, high) = (end("low"), end("high"));
    let text = match (&low, &high) {
        (Some(low), Some(high)) => format!("{}–{}", low.digits, high.text()),
        (Some(low), None) => format!("≥{}", low.text()),
        (None, Some(high)) => format!("≤{}", high.text()),
        (None, None) => range.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    (text, low.map(|low| low.number), high.map(|high| high.number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Resource;
    use serde_json::json;

    fn series(values: &[Value]) -> Vec<Series> {
        let resource = |(at, value): (usize, &Value)| Resource {
            kind: "Observation".into(),
            id: at.to_string(),
            value: value.clone(),
        };
        of(&Chart { resources: values.iter().enumerate().map(resource).collect(), ..Chart::default() })
    }

    fn potassium(at: &str, value: f64, more: Value) -> Value {
        let mut value = json!({"status": "final", "code": {"coding": [{"code": "2823-3"}], "text": "Potassium"},
            "effectiveDateTime": at, "valueQuantity": {"value": value, "unit": "mmol/L"},
            "referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5.10, "unit": "mmol/L"}}]});
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    }

    #[test]
    fn values_of_one_code_are_one_series_newest_first_with_range_and_flag() {
        let critical = json!({"interpretation": [{"coding": [{"code": "H"}, {"code": "HH"}]}]});
        let error = json!({"status": "entered-in-error"});
        let found = series(&[
            potassium("2026-01-01", 5.2, json!({})),
            potassium("2026-03-01", 6.9, critical),
            potassium("2026-02-01", 4.0, json!({})),
            potassium("2026-04-01", 9.0, error),
        ]);
        let points: Vec<(&str, Option<Flag>)> =
            found[0].points.iter().map(|point| (point.text.as_str(), point.flag)).collect();
        let expected =
            [("6.9 mmol/L", Some(Flag::CriticalHigh)), ("4 mmol/L", None), ("5.2 mmol/L", Some(Flag::High))];
        assert_eq!((found.len(), points), (1, expected.to_vec()));
        assert_eq!(found[0].points[0].range, "3.5–5.1 mmol/L");
    }

    #[test]
    fn a_laboratory_that_says_normal_is_believed() {
        let normal = json!({"interpretation": [{"coding": [{"code": "N"}]}]});
        assert_eq!(series(&[potassium("2026-01-01", 5.2, normal)])[0].points[0].flag, None);
    }

    #[test]
    fn a_blood_pressure_reads_as_people_say_it() {
        let part = |code: &str, value: i32| json!({"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value, "unit": "mmHg"}});
        let pressure = json!({"code": {"coding": [{"code": "85354-9"}]}, "component": [part("8462-4", 83), part("8480-6", 131)]});
        let found = series(&[pressure]);
        let point = &found[0].points[0];
        assert_eq!(
            (point.text.as_str(), point.number, point.second),
            ("131/83 mmHg", Some(131.0), Some(83.0))
        );
    }
}
