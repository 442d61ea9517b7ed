//! `=`, `!=`, `<`, `<=`, `>`, `>=`, `in` and `contains`
//! (<https://hl7.org/fhirpath/N1/#equality>, <https://hl7.org/fhirpath/N1/#comparison>).

use std::cmp::Ordering;

use crate::model::Model;

use super::Error;
use super::ast::Operator;
use super::node::Node;
use super::op::{Op, Scope, Stop, settle};
use super::scalar::Scalar;
use super::types::{Family, Types};

/// Two sides held against each other.
#[derive(Clone, Debug)]
pub(super) struct Compare {
    operator: Operator,
    left: Op,
    right: Op,
}

/// One item searched in many.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    item: Op,
    many: Op,
}

/// The items of one side: almost always none or one.
#[derive(Default)]
struct Side<'a> {
    first: Option<Node<'a>>,
    rest: Vec<Node<'a>>,
}

impl Compare {
    pub(super) fn compile(
        operator: Operator,
        (left, left_types): (Op, Types),
        (right, right_types): (Op, Types),
        model: &Model,
    ) -> Result<Op, Error> {
        let is_equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        check(operator.sign(), &left_types, &right_types, is_equality, model)?;
        Ok(Op::Compare(Box::new(Compare { operator, left, right })))
    }

    pub(super) fn truth<'a>(&'a self, scope: Scope<'_, 'a>) -> Result<Option<bool>, Error> {
        match self.operator {
            Operator::Equal => self.equal(scope),
            Operator::NotEqual => Ok(self.equal(scope)?.map(|equal| !equal)),
            _ => self.ordered(scope),
        }
    }

    fn equal<'a>(&'a self, scope: Scope<'_, 'a>) -> Result<Option<bool>, Error> {
        let left = Side::of(&self.left, scope)?;
        let right = Side::of(&self.right, scope)?;
        let (Some(first), Some(other)) = (&left.first, &right.first) else { return Ok(None) };
        if left.rest.len() != right.rest.len() {
            return Ok(Some(false));
        }
        // Null stands for a primitive without value: nothing can be said of it.
        let Some(mut equal) = equals(first, other) else { return Ok(None) };
        for (a, b) in left.rest.iter().zip(&right.rest) {
            let Some(same) = equals(a, b) else { return Ok(None) };
            equal &= same;
        }
        Ok(Some(equal))
    }

    fn ordered<'a>(&'a self, scope: Scope<'_, 'a>) -> Result<Option<bool>, Error> {
        let sign = self.operator.sign();
        let (left, right) = (self.left.single(scope, sign)?, self.right.single(scope, sign)?);
        let (Some(left), Some(right)) = (left, right) else { return Ok(None) };
        let (Some(left), Some(right)) = (Scalar::of(&left), Scalar::of(&right)) else { return Ok(None) };
        Ok(left.order(right).map(|order| match self.operator {
            Operator::Less => order == Ordering::Less,
            Operator::LessOrEqual => order != Ordering::Greater,
            Operator::Greater => order == Ordering::Greater,
            _ => order != Ordering::Less,
        }))
    }
}

impl Membership {
    pub(super) fn compile(
        sign: &'static str,
        (item, item_types): (Op, Types),
        (many, many_types): (Op, Types),
        model: &Model,
    ) -> Result<Op, Error> {
        check(sign, &item_types, &many_types, true, model)?;
        Ok(Op::Membership(Box::new(Membership { item, many })))
    }

    pub(super) fn truth<'a>(&'a self, scope: Scope<'_, 'a>) -> Result<Option<bool>, Error> {
        let Some(item) = self.item.single(scope, "in")? else { return Ok(None) };
        let mut found = false;
        settle(self.many.each(scope, &mut |node| {
            found = equals(&item, &node) == Some(true);
            if found { Err(Stop::Enough) } else { Ok(()) }
        }))?;
        Ok(Some(found))
    }
}

impl<'a> Side<'a> {
    fn of(op: &'a Op, scope: Scope<'_, 'a>) -> Result<Side<'a>, Error> {
        let mut side = Side::default();
        settle(op.each(scope, &mut |node| {
            match side.first {
                None => side.first = Some(node),
                Some(_) => side.rest.push(node),
            }
            Ok(())
        }))?;
        Ok(side)
    }
}

fn equals(left: &Node<'_>, right: &Node<'_>) -> Option<bool> {
    Some(Scalar::of(left)?.equals(Scalar::of(right)?))
}

/// Refuses what comparing JSON values would get wrong: dates of different precision, quantities, whole elements.
fn check(sign: &str, left: &Types, right: &Types, is_equality: bool, model: &Model) -> Result<(), Error> {
    for a in left.families(model) {
        for b in right.families(model) {
            let known = match (a, b) {
                (Family::Text, Family::Text) | (Family::Number, Family::Number) => true,
                (Family::Moment, Family::Moment | Family::Text) | (Family::Text, Family::Moment) => false,
                (Family::Complex, Family::Complex) => false,
                _ => is_equality,
            };
            if !known {
                return Err(Error::unsupported(format_args!("{sign} between {a:?} and {b:?}")));
            }
        }
    }
    Ok(())
}
