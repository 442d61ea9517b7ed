//! Dates, numbers and quantities: what has an order.

use fhir::decimal;
use fhir::object;
use fhir::time::{self, Span, UTC};
use serde_json::Value;

use super::shape::Shape;
use super::text::member;
use super::value::IndexValue;

/// The stretch of time that a [date parameter](https://hl7.org/fhir/R4/search.html#date) sees.
pub(super) fn date(json: &Value, shape: Shape) -> Option<Span> {
    match shape {
        Shape::Moment => moment(json.as_str()?),
        Shape::Period => period(json),
        Shape::Timing => timing(json),
        _ => None,
    }
}

fn moment(text: &str) -> Option<Span> {
    time::parse_date_time(text, UTC).ok().map(|moment| moment.span)
}

fn period(json: &Value) -> Option<Span> {
    Span::period(member(json, "start").and_then(moment), member(json, "end").and_then(moment))
}

/// "Only the outer limits matter."
fn timing(json: &Value) -> Option<Span> {
    let events = object::member(json, "event").and_then(Value::as_array).into_iter().flatten();
    let events = events.filter_map(Value::as_str).filter_map(moment);
    let bounds = object::member(json, "repeat")
        .and_then(|repeat| object::member(repeat, "boundsPeriod"))
        .and_then(period);
    events.chain(bounds).reduce(|a, b| Span { low: a.low.min(b.low), high: a.high.max(b.high) })
}

/// What a [number parameter](https://hl7.org/fhir/R4/search.html#number) sees.
pub(super) fn number<'a>(json: &'a Value, shape: Shape) -> Option<IndexValue<'a>> {
    let (low, high) = match shape {
        Shape::Number => exact(json)?,
        Shape::Range => range(json)?,
        _ => return None,
    };
    Some(IndexValue::Number { low, high })
}

/// What a [quantity parameter](https://hl7.org/fhir/R4/search.html#quantity) sees.
pub(super) fn quantity<'a>(json: &'a Value, shape: Shape) -> Option<IndexValue<'a>> {
    let ((low, high), unit_of) = match shape {
        Shape::Quantity => (compared(json)?, json),
        Shape::Money => {
            let (low, high) = exact(object::member(json, "value")?)?;
            let code = member(json, "currency");
            let system = code.map(|_| "urn:iso:std:iso:4217");
            return Some(IndexValue::Quantity { low, high, system, code, unit: None });
        }
        Shape::Range => (range(json)?, object::member(json, "low").or_else(|| object::member(json, "high"))?),
        // The measured values may be anywhere between the limits; without both there is nothing to say.
        Shape::SampledData => {
            let limit = |name| exact(object::member(json, name)?);
            ((limit("lowerLimit")?.0, limit("upperLimit")?.1), object::member(json, "origin")?)
        }
        _ => return None,
    };
    Some(IndexValue::Quantity {
        low,
        high,
        system: member(unit_of, "system"),
        code: member(unit_of, "code"),
        unit: member(unit_of, "unit"),
    })
}

fn exact(json: &Value) -> Option<(f64, f64)> {
    let Value::Number(number) = json else { return None };
    let value = decimal::value(number.as_str())?;
    Some((value, value))
}

/// A quantity with its comparator.
fn compared(json: &Value) -> Option<(f64, f64)> {
    let (value, _) = exact(object::member(json, "value")?)?;
    Some(match member(json, "comparator") {
        Some("<") => (f64::NEG_INFINITY, value.next_down()),
        Some("<=") => (f64::NEG_INFINITY, value),
        Some(">") => (value.next_up(), f64::INFINITY),
        Some(">=") => (value, f64::INFINITY),
        _ => (value, value),
    })
}

/// A Range, open where one side is missing.
fn range(json: &Value) -> Option<(f64, f64)> {
    let side = |name: &str| exact(object::member(object::member(json, name)?, "value")?);
    let (low, high) = (side("low"), side("high"));
    if low.is_none() && high.is_none() {
        return None;
    }
    let found = (low.map_or(f64::NEG_INFINITY, |l| l.0), high.map_or(f64::INFINITY, |h| h.1));
    (found.0 <= found.1).then_some(found)
}
