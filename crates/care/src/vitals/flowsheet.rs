//! Vital signs side by side: a column for each time, a row for each measurement. What was entered in error stays in sight.

use super::{
    measure::Measure,
    news2::{self, Band, Consciousness, Readings, Whom, Why},
    number::Number,
    resource::{BMI, CONSCIOUSNESS, NEWS2, OXYGEN, PREGNANCY, PRESSURE},
    typed::{About, Height},
};
use crate::{
    chart::{Chart, Resource},
    coding,
    results::{self, Flag},
    when::When,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The rows, by the code of each, in the order in which they are read.
pub const ROWS: [&str; 11] = [
    PRESSURE,
    "8867-4",
    "9279-1",
    "8310-5",
    "59408-5",
    OXYGEN,
    CONSCIOUSNESS,
    NEWS2,
    "29463-7",
    "8302-2",
    BMI,
];

/// The other code of an oxygen saturation.
const SATURATION: &str = "2708-6";

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The id of its Observation.
    pub id: String,
    /// The value as it is read, with its unit.
    pub text: String,
    /// The word for a value that is a choice: `acvpu-alert`, `oxygen-given`; empty for a number.
    pub word: String,
    /// Where it lies.
    pub flag: Option<Flag>,
    /// Whether it was entered in error.
    pub is_error: bool,
    /// Why, where somebody said so.
    pub reason: String,
    /// Whether the patient reported it, and no clinician has accepted it.
    pub is_patients: bool,
    /// The other house that it was brought from; empty for what is this house's own.
    pub from: String,
}

/// A time at which something was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// When.
    pub when: When,
    /// Who measured.
    pub by: Vec<String>,
    /// The values of each of [`ROWS`]; mostly one or none.
    pub cells: Vec<Vec<Cell>>,
}

/// An early warning: the last time at which a part of it was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// When.
    pub when: When,
    /// Its points and their band, or why there are none.
    pub score: Result<(i64, Band), Vec<Why>>,
}

/// The columns of a chart that was opened with its Observations, newest first.
pub fn of(chart: &Chart) -> Vec<Column> {
    let mut columns: BTreeMap<i64, Column> = BTreeMap::new();
    for resource in chart.of_type("Observation") {
        let Some(row) = row(&resource.value) else { continue };
        let point = results::point(chart, &resource.id, &resource.value);
        let Some(when) = point.when.clone() else { continue };
        // Values of one minute belong together, whatever the seconds.
        let column = columns.entry(when.order.div_euclid(60_000_000)).or_insert_with(|| Column {
            when,
            by: Vec::new(),
            cells: vec![Vec::new(); ROWS.len()],
        });
        if !point.by.is_empty() && !column.by.contains(&point.by) {
            column.by.push(point.by.clone());
        }
        if let Some(cells) = column.cells.get_mut(row) {
            cells.push(cell(resource, point));
        }
    }
    columns.into_values().rev().collect()
}

/// The early warning of the last time at which a part of it was measured; `None` where none ever was.
pub fn warning(chart: &Chart) -> Option<Warning> {
    let news = |code: &str| {
        [PRESSURE, "8867-4", "9279-1", "8310-5", "59408-5", OXYGEN, CONSCIOUSNESS].contains(&code)
    };
    let has_part = |column: &&Column| {
        let counts = |cell: &Cell| !cell.is_error && !cell.is_patients && cell.from.is_empty();
        ROWS.iter().zip(&column.cells).any(|(code, cells)| news(code) && cells.iter().any(counts))
    };
    let column = of(chart).iter().find(has_part)?.clone();
    let minute = column.when.order.div_euclid(60_000_000);
    let of_then = chart.of_type("Observation").filter(|resource| {
        let when = results::when(&resource.value);
        // What a patient reports is no observation of the staff's until one of them accepts it; what they bring from another house is none at all.
        crate::elsewhere::from(&resource.value).is_none()
            && !matches!(status(&resource.value), "entered-in-error" | "cancelled" | "preliminary")
            && when.is_some_and(|when| when.order.div_euclid(60_000_000) == minute)
    });
    let of_then: Vec<&Value> = of_then.map(|resource| &resource.value).collect();
    let stored = of_then.iter().find_map(|value| stored(value));
    let score = match stored {
        Some(score) => Ok(score),
        None => {
            let about = about(chart);
            let day = column.when.date().unwrap_or_default();
            let not_asked = (!about.may_be_pregnant(day)).then_some(false);
            let is_pregnant = of_then.iter().find_map(|value| pregnancy(value)).or(not_asked);
            let found = news2::score(&readings(&of_then), Whom { years: about.years(day), is_pregnant });
            // What came in several forms was not scored by anybody: which scale a clinician meant is not known.
            found.and_then(|_| Err(vec![Why::Apart]))
        }
    };
    Some(Warning { when: column.when, score })
}

/// What the form of that patient needs to know.
pub fn about(chart: &Chart) -> About {
    let height = |resource: &Resource| {
        let value = &resource.value;
        let is_height = value.get("code").is_some_and(|code| coding::has(code, Measure::Height.code()));
        let is_sure = matches!(status(value), "final" | "amended" | "corrected");
        let unit = value.pointer("/valueQuantity/code").and_then(Value::as_str);
        if !is_height || !is_sure || unit != Some("cm") {
            return None;
        }
        let number = Number::read(&value.pointer("/valueQuantity/value")?.to_string())?;
        Some((results::when(value)?.order, Height { number, id: resource.id.clone() }))
    };
    let heights = chart.of_type("Observation").filter_map(height);
    About {
        born: When::first(&chart.patient, &["birthDate"]),
        gender: chart.patient.get("gender").and_then(Value::as_str).unwrap_or_default().to_owned(),
        height: heights.max_by_key(|(order, _)| *order).map(|(_, height)| height),
    }
}

/// Which row an Observation stands in; `None` for what is no vital sign.
pub fn row(value: &Value) -> Option<usize> {
    let code = value.get("code")?;
    ROWS.iter().position(|row| coding::has(code, row) || *row == "59408-5" && coding::has(code, SATURATION))
}

/// The reason that the last note of a resource gives.
pub fn reason(value: &Value) -> String {
    let notes = value.get("note").and_then(Value::as_array);
    let text = notes.and_then(|notes| notes.last()?.get("text")?.as_str());
    text.unwrap_or_default().to_owned()
}

fn cell(resource: &Resource, point: results::Point) -> Cell {
    let value = &resource.value;
    let is_error = is_error(value);
    Cell {
        id: resource.id.clone(),
        text: point.text,
        word: word(value),
        flag: point.flag.filter(|_| !is_error),
        is_error,
        reason: if is_error { reason(value) } else { String::new() },
        is_patients: point.is_patients,
        from: point.from,
    }
}

fn status(value: &Value) -> &str {
    value.get("status").and_then(Value::as_str).unwrap_or_default()
}

fn is_error(value: &Value) -> bool {
    matches!(status(value), "entered-in-error" | "cancelled")
}

fn word(value: &Value) -> String {
    let said = awake(value).map(|awake| format!("acvpu-{}", awake.word()));
    let oxygen =
        || on_oxygen(value).map(|given| if given { "oxygen-oxygen" } else { "oxygen-air" }.to_owned());
    said.or_else(oxygen).unwrap_or_default()
}

fn is(value: &Value, code: &str) -> bool {
    value.get("code").is_some_and(|found| coding::has(found, code))
}

fn awake(value: &Value) -> Option<Consciousness> {
    let said = value.get("valueCodeableConcept").filter(|_| is(value, CONSCIOUSNESS))?;
    Consciousness::ALL.into_iter().find(|one| coding::has(said, one.code().0))
}

fn on_oxygen(value: &Value) -> Option<bool> {
    let said = value.get("valueCodeableConcept").filter(|_| is(value, OXYGEN))?;
    let yes = coding::has(said, "373066001");
    (yes || coding::has(said, "373067005")).then_some(yes)
}

fn pregnancy(value: &Value) -> Option<bool> {
    let said = value.get("valueCodeableConcept").filter(|_| is(value, PREGNANCY))?;
    let yes = coding::has(said, "LA15173-0");
    (yes || coding::has(said, "LA26683-5")).then_some(yes)
}

fn stored(value: &Value) -> Option<(i64, Band)> {
    let total = value.pointer("/valueQuantity/value").filter(|_| is(value, NEWS2))?.as_i64()?;
    Some((total, Band::of(total, coding::any_has(value.get("interpretation"), "A"))))
}

/// What NEWS2 would be computed from, of what was measured at one time.
fn readings(values: &[&Value]) -> Readings {
    let number = |quantity: Option<&Value>| Number::read(&quantity?.get("value")?.to_string());
    let single = |code: &str| {
        values.iter().filter(|value| is(value, code)).find_map(|value| number(value.get("valueQuantity")))
    };
    let systolic = values.iter().filter(|value| is(value, PRESSURE)).find_map(|value| {
        let parts = value.get("component")?.as_array()?;
        number(parts.iter().find(|part| is(part, "8480-6"))?.get("valueQuantity"))
    });
    Readings {
        respiratory_rate: single("9279-1"),
        saturation: single("59408-5").or_else(|| single(SATURATION)),
        scale: news2::Scale::One,
        oxygen: values.iter().find_map(|value| on_oxygen(value)),
        systolic,
        heart_rate: single("8867-4"),
        consciousness: values.iter().find_map(|value| awake(value)),
        temperature: single("8310-5"),
    }
}

#[cfg(test)]
mod tests;
