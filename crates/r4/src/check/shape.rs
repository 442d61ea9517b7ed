//! Types as the walk wants them: one look-up per JSON key, answers in the member itself.

use std::hash::Hasher;
use std::sync::LazyLock;

use fhir::model::{Element, Kind, Type};
use rustc_hash::FxHasher;

use crate::definitions::{Definitions, ValueSet, definitions};
use crate::primitive::Format;

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| shapes(definitions()));

/// The most elements a type may have, so that a set of them is one number.
pub(crate) const MAX_ELEMENTS: usize = 128;

/// A set of a type's elements.
pub(super) type Elements = u128;

/// One type.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) role: Role,
    /// Elements that must stand.
    pub(super) required: Elements,
    pub(super) elements: &'static [Element],
    members: Vec<Member>,
    slots: Box<[u16]>,
}

/// What the walk does with an instance beyond looking at its members.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Primitive(Format),
    /// A resource of a type that it names itself.
    AnyResource,
    Resource,
    Extension,
    Coding,
    CodeableConcept,
    Other,
}

/// What may stand under one JSON key.
pub(super) struct Member {
    pub(super) key: &'static str,
    /// The FHIRPath name: `value` for `valueString`.
    pub(super) name: &'static str,
    /// Position in the type's elements.
    pub(super) element: usize,
    pub(super) is_choice: bool,
    pub(super) is_array: bool,
    pub(super) min: usize,
    pub(super) max: usize,
    /// Whether `_key` may stand beside it.
    pub(super) has_sibling: bool,
    pub(super) role: Role,
    pub(super) binding: Option<&'static ValueSet>,
    type_at: usize,
}

impl Member {
    pub(super) fn shape(&self) -> &'static Shape {
        &SHAPES[self.type_at]
    }

    pub(super) fn bit(&self) -> Elements {
        bit(self.element)
    }
}

impl Shape {
    /// What stands under that JSON key.
    pub(super) fn member(&self, key: &str) -> Option<&Member> {
        let mask = self.slots.len() - 1;
        let mut slot = hash(key) & mask;
        loop {
            let member = self.members.get(usize::from(self.slots[slot]))?;
            if member.key == key {
                return Some(member);
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// The shape of a type, by its name.
pub(super) fn find(name: &str) -> Option<&'static Shape> {
    let id = definitions().model.find(name)?;
    SHAPES.get(usize::from(id.0))
}

pub(super) fn bit(element: usize) -> Elements {
    1 << (element % MAX_ELEMENTS)
}

const EMPTY: u16 = u16::MAX;

fn hash(key: &str) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(key.as_bytes());
    hasher.finish() as usize
}

fn shapes(definitions: &'static Definitions) -> Vec<Shape> {
    definitions.model.types().iter().map(|t| shape(t, definitions)).collect()
}

fn shape(from: &'static Type, definitions: &'static Definitions) -> Shape {
    let mut members = Vec::new();
    let mut required = 0;
    for (at, element) in from.elements.iter().enumerate() {
        if element.min > 0 {
            required |= bit(at);
        }
        for choice in &element.choices {
            let target = definitions.model.get(choice.type_id);
            let role = role(target);
            // In XML these two are attributes, which can't be extended; the id of a resource is an element.
            let is_attribute = (&*element.name == "id" && from.kind != Kind::Resource)
                || (&*element.name == "url" && &*from.name == "Extension");
            members.push(Member {
                key: &choice.key,
                name: &element.name,
                element: at,
                is_choice: element.choices.len() > 1,
                is_array: element.is_array,
                min: usize::from(element.min),
                max: element.max.map_or(usize::MAX, usize::from),
                has_sibling: matches!(role, Role::Primitive(_)) && !is_attribute,
                role,
                binding: element.required_binding.and_then(|at| definitions.value_set(at)),
                type_at: usize::from(choice.type_id.0),
            });
        }
    }
    let slots = slots(&members);
    let role = role(from);
    Shape { name: &from.name, role, required, elements: &from.elements, members, slots }
}

/// An open-addressed table over the keys, at most half full.
fn slots(members: &[Member]) -> Box<[u16]> {
    let size = (members.len() * 2).next_power_of_two().max(2);
    let mut slots = vec![EMPTY; size].into_boxed_slice();
    for (at, member) in members.iter().enumerate() {
        let mut slot = hash(member.key) & (size - 1);
        while slots[slot] != EMPTY {
            slot = (slot + 1) & (size - 1);
        }
        slots[slot] = at as u16;
    }
    slots
}

fn role(of: &Type) -> Role {
    match (of.kind, &*of.name) {
        (Kind::Primitive, name) => Format::of(name).map_or(Role::Other, Role::Primitive),
        (Kind::Resource, _) if of.is_abstract => Role::AnyResource,
        (Kind::Resource, _) => Role::Resource,
        (Kind::Complex, "Extension") => Role::Extension,
        (Kind::Complex, "Coding") => Role::Coding,
        (Kind::Complex, "CodeableConcept") => Role::CodeableConcept,
        _ => Role::Other,
    }
}
