//! `a | b`: everything from both sides, each value once (<https://hl7.org/fhirpath/N1/#union-collections>).

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};
use serde_json::Value;

use super::node::{NULL, Node};
use super::op::{Flow, Op, Scope, Sink};
use super::scalar::Scalar;

/// Up to here values are compared one by one; beyond, by hash first.
const FEW: usize = 8;

pub(super) fn each<'a>(branches: &'a [Op], scope: Scope<'_, 'a>, sink: Sink<'_, 'a>) -> Flow {
    let mut seen = Seen::default();
    for branch in branches {
        branch.each(scope, &mut |node| if seen.is_new(&node) { sink(node) } else { Ok(()) })?;
    }
    Ok(())
}

/// The values that have gone by.
#[derive(Default)]
pub(super) struct Seen<'a> {
    nodes: Vec<Node<'a>>,
    by_hash: FxHashMap<u64, Vec<usize>>,
}

impl<'a> Seen<'a> {
    /// Whether `node` is the first of its value; it is remembered.
    pub(super) fn is_new(&mut self, node: &Node<'a>) -> bool {
        if self.nodes.len() < FEW {
            if self.nodes.iter().any(|known| same(known, node)) {
                return false;
            }
            self.nodes.push(node.clone());
            return true;
        }
        if self.by_hash.is_empty() {
            for (at, known) in self.nodes.iter().enumerate() {
                self.by_hash.entry(hash(known)).or_default().push(at);
            }
        }
        let alike = self.by_hash.entry(hash(node)).or_default();
        if alike.iter().any(|at| self.nodes.get(*at).is_some_and(|known| same(known, node))) {
            return false;
        }
        alike.push(self.nodes.len());
        self.nodes.push(node.clone());
        true
    }
}

/// Whether two items are the same value: primitives as `=` sees them (dates by their text), elements by their JSON.
fn same(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (Scalar::of(a), Scalar::of(b)) {
        (Some(Scalar::Complex), Some(Scalar::Complex)) => a.type_id == b.type_id && a.json() == b.json(),
        (Some(a), Some(b)) => a.equals(b),
        (None, None) => a.extra == b.extra,
        _ => false,
    }
}

fn hash(node: &Node<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    match Scalar::of(node) {
        Some(Scalar::Boolean(value)) => value.hash(&mut hasher),
        Some(Scalar::Text(text)) => text.hash(&mut hasher),
        Some(Scalar::Number(number)) => number.hash(&mut hasher),
        Some(Scalar::Complex) => hash_json(node.json().unwrap_or(&NULL), &mut hasher),
        None => hash_json(node.extra.unwrap_or(&NULL), &mut hasher),
    }
    hasher.finish()
}

fn hash_json(value: &Value, hasher: &mut FxHasher) {
    match value {
        Value::String(text) => text.hash(hasher),
        Value::Number(number) => number.as_str().hash(hasher),
        Value::Bool(value) => value.hash(hasher),
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|item| hash_json(item, hasher)),
        Value::Object(object) => {
            // Members may stand in any order: add up what each gives.
            let sum = object.iter().fold(0u64, |sum, (key, value)| {
                let mut own = FxHasher::default();
                key.hash(&mut own);
                hash_json(value, &mut own);
                sum.wrapping_add(own.finish())
            });
            sum.hash(hasher);
        }
    }
}
