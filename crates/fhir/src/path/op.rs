//! The compiled program and how it runs: every op hands its items to a sink, so that nothing is collected that
//! needs no collecting, and `exists()` stops at the first.

use std::borrow::Cow;
use std::cell::Cell;

use crate::model::{Model, TypeId};

use super::compare::{Compare, Membership};
use super::functions::{existence::Existence, fhir::RefersTo, filtering::Filtering, subsetting::Subsetting};
use super::logic::Logic;
use super::member::Member;
use super::node::{Item, Node};
use super::types::{System, Systems};
use super::{Error, union};

/// How many nodes one evaluation may visit; no honest resource comes near.
pub(super) const LIMIT_VISITS: u32 = 4_000_000;

/// Why items stop flowing.
pub(super) enum Stop {
    /// The consumer has what it wants. Never seen by anyone but the consumer who said it.
    Enough,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

pub(super) type Flow = Result<(), Stop>;

/// Takes items one by one.
pub(super) type Sink<'s, 'a> = &'s mut dyn FnMut(Node<'a>) -> Flow;

/// One part of a program.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Nothing,
    /// `$this`, or where a path starts.
    This,
    /// `%context`, `%resource`
    Root,
    /// `$index`
    Index,
    Constant(Constant),
    Member(Box<Member>),
    OfType(Box<OfType>),
    IsType(Box<OfType>),
    Union(Vec<Op>),
    Compare(Box<Compare>),
    Membership(Box<Membership>),
    Logic(Box<Logic>),
    Not(Box<Op>),
    Existence(Box<Existence>),
    Filtering(Box<Filtering>),
    Subsetting(Box<Subsetting>),
    RefersTo(Box<RefersTo>),
}

/// A value written in the expression.
#[derive(Clone, Debug)]
pub(super) enum Constant {
    Boolean(bool),
    Text(Box<str>),
    Integer(i64),
    Decimal(Box<str>),
}

/// Keeps (or, as `is`, tells) the items of some types.
#[derive(Clone, Debug)]
pub(super) struct OfType {
    pub(super) of: Op,
    /// Sorted.
    pub(super) fhir: Box<[TypeId]>,
    pub(super) system: Option<System>,
}

/// What stays the same through one evaluation.
pub(super) struct Run<'a> {
    pub(super) model: &'a Model,
    pub(super) systems: Systems,
    /// Nodes that may still be visited.
    pub(super) left: Cell<u32>,
}

/// Where a part of the program is being asked.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s, 'a> {
    pub(super) root: &'s Node<'a>,
    pub(super) this: &'s Node<'a>,
    pub(super) index: usize,
    pub(super) run: &'s Run<'a>,
}

impl<'a> Run<'a> {
    pub(super) fn new(model: &'a Model, systems: Systems) -> Run<'a> {
        Run { model, systems, left: Cell::new(LIMIT_VISITS) }
    }

    /// Counts one visited node.
    pub(super) fn visit(&self) -> Flow {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(Stop::Failed(Error::TooMuch { limit: LIMIT_VISITS })),
        }
    }

    pub(super) fn boolean(&self, value: bool) -> Node<'a> {
        Node { value: Item::Boolean(value), type_id: self.systems.boolean, extra: None }
    }

    pub(super) fn integer(&self, value: usize) -> Node<'a> {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        Node { value: Item::Integer(value), type_id: self.systems.integer, extra: None }
    }

    fn constant(&self, constant: &'a Constant) -> Node<'a> {
        let (value, type_id) = match constant {
            Constant::Boolean(value) => (Item::Boolean(*value), self.systems.boolean),
            Constant::Text(value) => (Item::Text(Cow::Borrowed(value)), self.systems.string),
            Constant::Integer(value) => (Item::Integer(*value), self.systems.integer),
            Constant::Decimal(value) => (Item::Decimal(Cow::Borrowed(value)), self.systems.decimal),
        };
        Node { value, type_id, extra: None }
    }
}

impl Op {
    /// Hands every item to `sink`, in order.
    pub(super) fn each<'a>(&'a self, scope: Scope<'_, 'a>, sink: Sink<'_, 'a>) -> Flow {
        match self {
            Op::Nothing => Ok(()),
            Op::This => sink(scope.this.clone()),
            Op::Root => sink(scope.root.clone()),
            Op::Index => sink(scope.run.integer(scope.index)),
            Op::Constant(constant) => sink(scope.run.constant(constant)),
            Op::Member(member) => member.each(scope, sink),
            Op::OfType(filter) => filter.of.each(scope, &mut |node| {
                if filter.accepts(&node) { sink(node) } else { Ok(()) }
            }),
            Op::Union(branches) => union::each(branches, scope, sink),
            Op::Existence(existence) => existence.each(scope, sink),
            Op::Filtering(filtering) => filtering.each(scope, sink),
            Op::Subsetting(subsetting) => subsetting.each(scope, sink),
            Op::IsType(_)
            | Op::Compare(_)
            | Op::Membership(_)
            | Op::Logic(_)
            | Op::Not(_)
            | Op::RefersTo(_) => match self.truth(scope)? {
                Some(value) => sink(scope.run.boolean(value)),
                None => Ok(()),
            },
        }
    }

    /// The truth of what this gives: `None` for nothing, true for a single item that is no boolean
    /// (<https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections>).
    pub(super) fn truth<'a>(&'a self, scope: Scope<'_, 'a>) -> Result<Option<bool>, Error> {
        match self {
            Op::Compare(compare) => compare.truth(scope),
            Op::Membership(membership) => membership.truth(scope),
            Op::Logic(logic) => logic.truth(scope),
            Op::Not(of) => Ok(of.truth(scope)?.map(|value| !value)),
            Op::RefersTo(refers) => refers.truth(scope),
            Op::IsType(filter) => Ok(filter.of.single(scope, "is")?.map(|node| filter.accepts(&node))),
            Op::Constant(Constant::Boolean(value)) => Ok(Some(*value)),
            _ => Ok(self.single(scope, "a condition")?.map(|node| match node.value {
                Item::Boolean(value) => value,
                Item::Json(value) => value.as_bool().unwrap_or(true),
                _ => true,
            })),
        }
    }

    /// The only item, if there is one; `what` names who needs it for the message.
    pub(super) fn single<'a>(
        &'a self,
        scope: Scope<'_, 'a>,
        what: &'static str,
    ) -> Result<Option<Node<'a>>, Error> {
        let mut found = None;
        settle(self.each(scope, &mut |node| match found {
            None => {
                found = Some(node);
                Ok(())
            }
            Some(_) => Err(Stop::Failed(Error::NotSingle { what })),
        }))?;
        Ok(found)
    }
}

impl Op {
    /// The elements that items come out of.
    pub(super) fn elements<'p>(&'p self, found: &mut Vec<(TypeId, &'p str)>) {
        match self {
            Op::Member(member) => found.extend(member.elements()),
            Op::OfType(filter) => filter.of.elements(found),
            Op::Union(branches) => branches.iter().for_each(|branch| branch.elements(found)),
            Op::Filtering(filtering) => filtering.source().elements(found),
            Op::Subsetting(subsetting) => subsetting.source().elements(found),
            _ => {}
        }
    }

    /// The keys of the focus that this reads first; false where it may give something without any of them.
    pub(super) fn first_keys<'p>(&'p self, found: &mut Vec<&'p str>) -> bool {
        match self {
            Op::Nothing => true,
            Op::Member(member) => match member.source() {
                Op::This => {
                    found.extend(member.keys());
                    true
                }
                of => of.first_keys(found),
            },
            Op::OfType(filter) => filter.of.first_keys(found),
            // Every branch must say its keys, also behind one that is open.
            Op::Union(branches) => {
                let mut is_needed = true;
                for branch in branches {
                    is_needed &= branch.first_keys(found);
                }
                is_needed
            }
            Op::Filtering(filtering) => filtering.of().first_keys(found),
            Op::Subsetting(subsetting) => subsetting.source().first_keys(found),
            _ => false,
        }
    }
}

/// Ends a flow that this consumer started: its own `Enough` is no failure.
pub(super) fn settle(flow: Flow) -> Result<(), Error> {
    match flow {
        Err(Stop::Failed(error)) => Err(error),
        Err(Stop::Enough) | Ok(()) => Ok(()),
    }
}

impl OfType {
    fn accepts(&self, node: &Node<'_>) -> bool {
        match node.value {
            Item::Json(_) => self.fhir.binary_search(&node.type_id).is_ok(),
            Item::Boolean(_) => self.system == Some(System::Boolean),
            Item::Integer(_) => self.system == Some(System::Integer),
            Item::Decimal(_) => self.system == Some(System::Decimal),
            Item::Text(_) => self.system == Some(System::String),
        }
    }
}
