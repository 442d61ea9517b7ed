//! `and`, `or`, `xor`, `implies`: three-valued, nothing being the third
//! (<https://hl7.org/fhirpath/N1/#boolean-logic>).

use super::Error;
use super::ast::Operator;
use super::op::{Op, Scope};

/// Two conditions joined.
#[derive(Clone, Debug)]
pub(super) struct Logic {
    pub(super) operator: Operator,
    pub(super) left: Op,
    pub(super) right: Op,
}

impl Logic {
    pub(super) fn truth<'a>(&'a self, scope: Scope<'_, 'a>) -> Result<Option<bool>, Error> {
        let left = self.left.truth(scope)?;
        // What the left side alone decides.
        match (self.operator, left) {
            (Operator::And, Some(false)) => return Ok(Some(false)),
            (Operator::Or, Some(true)) | (Operator::Implies, Some(false)) => return Ok(Some(true)),
            (Operator::Xor, None) => return Ok(None),
            _ => {}
        }
        let right = self.right.truth(scope)?;
        Ok(match self.operator {
            Operator::And => and(left, right),
            Operator::Or => or(left, right),
            Operator::Implies => or(left.map(|value| !value), right),
            _ => left.zip(right).map(|(left, right)| left != right),
        })
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    and(left.map(|value| !value), right.map(|value| !value)).map(|value| !value)
}
