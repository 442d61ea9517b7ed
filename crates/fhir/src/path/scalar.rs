//! Items as values that compare.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use serde_json::Value;

use super::node::{Item, Node};

/// A value without its place. Types whose texts are no plain texts (dates) never come here: compiling refuses them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar<'n> {
    Boolean(bool),
    Text(&'n str),
    /// Digits as written.
    Number(Number<'n>),
    /// Anything with elements; equal to nothing here.
    Complex,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Number<'n> {
    Integer(i64),
    Digits(&'n str),
}

impl<'n> Scalar<'n> {
    /// `None` for a primitive without a value.
    pub(super) fn of(node: &'n Node<'_>) -> Option<Scalar<'n>> {
        Some(match &node.value {
            Item::Boolean(value) => Scalar::Boolean(*value),
            Item::Integer(value) => Scalar::Number(Number::Integer(*value)),
            Item::Decimal(digits) => Scalar::Number(Number::Digits(digits)),
            Item::Text(text) => Scalar::Text(text),
            Item::Json(Value::Null) => return None,
            Item::Json(Value::Bool(value)) => Scalar::Boolean(*value),
            Item::Json(Value::Number(number)) => Scalar::Number(Number::Digits(number.as_str())),
            Item::Json(Value::String(text)) => Scalar::Text(text),
            Item::Json(Value::Array(_) | Value::Object(_)) => Scalar::Complex,
        })
    }

    /// Values of different kinds are not equal, whatever they are.
    pub(super) fn equals(self, other: Scalar<'_>) -> bool {
        self.order(other) == Some(Ordering::Equal)
    }

    /// The order of two texts or two numbers; of booleans only whether they are equal; `None` otherwise.
    pub(super) fn order(self, other: Scalar<'_>) -> Option<Ordering> {
        match (self, other) {
            (Scalar::Boolean(a), Scalar::Boolean(b)) => (a == b).then_some(Ordering::Equal),
            (Scalar::Text(a), Scalar::Text(b)) => Some(a.cmp(b)),
            (Scalar::Number(a), Scalar::Number(b)) => a.order(b),
            _ => None,
        }
    }
}

impl Number<'_> {
    fn order(self, other: Number<'_>) -> Option<Ordering> {
        if let (Some(a), Some(b)) = (self.integer(), other.integer()) {
            return Some(a.cmp(&b));
        }
        self.float()?.partial_cmp(&other.float()?)
    }

    /// Equal numbers hash alike, however they are written.
    pub(super) fn hash(self, hasher: &mut impl Hasher) {
        self.float().map(|value| value + 0.0).map(f64::to_bits).hash(hasher);
    }

    fn integer(self) -> Option<i64> {
        match self {
            Number::Integer(value) => Some(value),
            Number::Digits(digits) => digits.parse().ok(),
        }
    }

    fn float(self) -> Option<f64> {
        match self {
            Number::Integer(value) => Some(value as f64),
            Number::Digits(digits) => digits.parse().ok(),
        }
    }
}
