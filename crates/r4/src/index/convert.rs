//! From what an expression finds to index values, by the parameter's type.

use fhir::path::{Item, Node};

use crate::definitions::{SearchKind, ValueSet};

use super::shape::{Shape, shape};
use super::value::IndexValue;
use super::{ordered, reference, text, token};

/// Hands the values of one node to `visit`. `value_set` is what a `code` element here is bound to.
pub(super) fn convert<'a>(
    node: &Node<'a>,
    kind: SearchKind,
    value_set: Option<&'static ValueSet>,
    visit: &mut dyn FnMut(IndexValue<'a>),
) {
    let shape = shape(node.type_id);
    let json = match (&node.value, kind) {
        (Item::Json(json), _) => *json,
        // `Patient.deceased.exists() and Patient.deceased != false`
        (Item::Boolean(value), SearchKind::Token) => return token::boolean(*value, visit),
        _ => return,
    };
    match kind {
        SearchKind::Token => token::convert(json, shape, value_set, visit),
        SearchKind::String => text::convert(json, shape, visit),
        SearchKind::Reference => reference::convert(json, shape, visit),
        SearchKind::Uri => {
            if let (Shape::Uri | Shape::Canonical | Shape::Text, Some(uri)) = (shape, json.as_str()) {
                visit(IndexValue::Uri(uri));
            }
        }
        SearchKind::Date => ordered::date(json, shape).into_iter().map(IndexValue::Date).for_each(visit),
        SearchKind::Number => ordered::number(json, shape).into_iter().for_each(visit),
        SearchKind::Quantity => ordered::quantity(json, shape).into_iter().for_each(visit),
        // Composites are combined by their parts; `near` needs more than an index value.
        SearchKind::Composite | SearchKind::Special => {}
    }
}
