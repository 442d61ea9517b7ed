//! Strings: <https://hl7.org/fhir/R4/search.html#string>.

use fhir::object;
use serde_json::Value;

use super::shape::Shape;
use super::value::IndexValue;

/// The parts of a HumanName that are searched.
const NAME: [&str; 5] = ["text", "family", "given", "prefix", "suffix"];

/// The parts of an Address that are searched.
const ADDRESS: [&str; 7] = ["text", "line", "city", "district", "state", "postalCode", "country"];

/// The texts of one element.
pub(super) fn convert<'a>(json: &'a Value, shape: Shape, visit: &mut dyn FnMut(IndexValue<'a>)) {
    match shape {
        Shape::Text | Shape::Code | Shape::Uri => {
            some(json).map(IndexValue::Text).into_iter().for_each(visit)
        }
        Shape::HumanName => parts(json, &NAME, visit),
        Shape::Address => parts(json, &ADDRESS, visit),
        _ => {}
    }
}

fn parts<'a>(json: &'a Value, names: &[&str], visit: &mut dyn FnMut(IndexValue<'a>)) {
    for part in names.iter().filter_map(|name| object::member(json, name)) {
        let items = part.as_array().map_or(std::slice::from_ref(part), Vec::as_slice);
        items.iter().filter_map(some).for_each(|text| visit(IndexValue::Text(text)));
    }
}

/// A text that is there and not empty.
pub(super) fn some(json: &Value) -> Option<&str> {
    json.as_str().filter(|text| !text.is_empty())
}

/// A member's text that is there and not empty.
pub(super) fn member<'a>(json: &'a Value, name: &str) -> Option<&'a str> {
    some(object::member(json, name)?)
}
