//! Tokens: <https://hl7.org/fhir/R4/search.html#token>.

use fhir::object;
use serde_json::Value;

use crate::definitions::{Codes, ValueSet};

use super::shape::Shape;
use super::text::{member, some};
use super::value::IndexValue;

/// The values of one element.
pub(super) fn convert<'a>(
    json: &'a Value,
    shape: Shape,
    value_set: Option<&'static ValueSet>,
    visit: &mut dyn FnMut(IndexValue<'a>),
) {
    match shape {
        Shape::Coding => coding(json, visit),
        Shape::CodeableConcept => concept(json, visit),
        Shape::Identifier => identifier(json, visit),
        Shape::ContactPoint => contact(json, visit),
        Shape::Boolean => json.as_bool().into_iter().for_each(|value| boolean(value, visit)),
        Shape::Code => {
            if let Some(code) = some(json) {
                visit(IndexValue::Token { system: implied(code, value_set), code: Some(code) });
            }
        }
        Shape::Text | Shape::Uri | Shape::Canonical => token(None, some(json), visit),
        _ => {}
    }
}

/// `true` and `false` are codes without a system.
pub(super) fn boolean<'a>(value: bool, visit: &mut dyn FnMut(IndexValue<'a>)) {
    token(None, Some(if value { "true" } else { "false" }), visit);
}

/// The system of the code in the value set; only where it is the one system that has the code.
fn implied(code: &str, value_set: Option<&'static ValueSet>) -> Option<&'static str> {
    let Codes::Listed(codes) = &value_set?.codes else { return None };
    let first = codes.partition_point(|known| &*known.code < code);
    let mut same = codes.get(first..)?.iter().take_while(|known| &*known.code == code);
    let found = same.next()?;
    same.next().is_none().then_some(&*found.system)
}

fn token<'a>(system: Option<&'a str>, code: Option<&'a str>, visit: &mut dyn FnMut(IndexValue<'a>)) {
    if system.is_some() || code.is_some() {
        visit(IndexValue::Token { system, code });
    }
}

fn text<'a>(text: Option<&'a str>, visit: &mut dyn FnMut(IndexValue<'a>)) {
    text.map(IndexValue::Text).into_iter().for_each(visit);
}

fn coding<'a>(json: &'a Value, visit: &mut dyn FnMut(IndexValue<'a>)) {
    token(member(json, "system"), member(json, "code"), visit);
    text(member(json, "display"), visit);
}

fn concept<'a>(json: &'a Value, visit: &mut dyn FnMut(IndexValue<'a>)) {
    codings(json).for_each(|found| coding(found, visit));
    text(member(json, "text"), visit);
}

fn codings(concept: &Value) -> impl Iterator<Item = &Value> {
    object::member(concept, "coding").and_then(Value::as_array).into_iter().flatten()
}

fn identifier<'a>(json: &'a Value, visit: &mut dyn FnMut(IndexValue<'a>)) {
    token(member(json, "system"), member(json, "value"), visit);
    let Some(kind) = object::member(json, "type") else { return };
    text(member(kind, "text"), visit);
    let Some(value) = member(json, "value") else { return };
    for found in codings(kind) {
        if let (Some(system), Some(code)) = (member(found, "system"), member(found, "code")) {
            visit(IndexValue::OfType { system, code, value });
        }
    }
}

/// The specification names the use as a contact's namespace; what people ask for is its system: `phone|…`. Both find it.
fn contact<'a>(json: &'a Value, visit: &mut dyn FnMut(IndexValue<'a>)) {
    let Some(value) = member(json, "value") else { return };
    let (system, usage) = (member(json, "system"), member(json, "use"));
    token(system, Some(value), visit);
    if usage.is_some() {
        token(usage, Some(value), visit);
    }
}
