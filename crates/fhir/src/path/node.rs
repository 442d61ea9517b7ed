//! What an expression finds.

use std::borrow::Cow;

use serde_json::Value;

use crate::model::TypeId;

/// A JSON value that is there but null: a primitive that has only an `id` or extensions.
pub(super) static NULL: Value = Value::Null;

/// One result.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// The value.
    pub value: Item<'a>,
    /// Its type. A computed value has that of the matching FHIR primitive (`boolean`, `string`, `integer`, `decimal`).
    pub type_id: TypeId,
    /// The `_name` sibling of a primitive, when there is one: its `id` and extensions.
    pub extra: Option<&'a Value>,
}

/// A value out of a resource, or one that the expression made.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// From the resource. Null for a primitive that has extensions and no value.
    Json(&'a Value),
    /// `exists()`, `and`, `=` …
    Boolean(bool),
    /// `count()`, `$index`, or written in the expression.
    Integer(i64),
    /// A decimal with its digits as written.
    Decimal(Cow<'a, str>),
    /// A text written in the expression, or made by it.
    Text(Cow<'a, str>),
}

impl<'a> Node<'a> {
    /// The JSON value, for what comes out of the resource.
    pub fn json(&self) -> Option<&'a Value> {
        match self.value {
            Item::Json(value) => Some(value),
            _ => None,
        }
    }

    /// The text, where the value is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Item::Json(value) => value.as_str(),
            Item::Text(text) => Some(text),
            _ => None,
        }
    }
}
