//! The shape of a FHIR release as plain data: which types there are and which elements each one has.
//!
//! This module only holds the tables; `r4` fills them from HL7's definitions. Paths compile against them and
//! validation walks them, so both agree on what an element is.

use rustc_hash::FxHashMap;

/// Index of a [`Type`] in its [`Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u16);

/// What family a type belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `boolean`, `code`, `dateTime` …: a JSON string, number or boolean, with an optional `_name` sibling.
    Primitive,
    /// `HumanName`, `Quantity`, `Extension` …
    Complex,
    /// An element that is defined in place, named by its path: `Patient.contact`.
    Backbone,
    /// `Patient`, and the abstract `Resource` and `DomainResource`.
    Resource,
}

/// One type with all its elements, inherited ones included, in the order of the snapshot.
#[derive(Clone, Debug)]
pub struct Type {
    /// `Patient`, `HumanName`, `code`, or a path such as `Patient.contact` for a backbone element.
    pub name: Box<str>,
    /// The type it specialises: `Age` → `Quantity`, `Patient` → `DomainResource`.
    pub base: Option<TypeId>,
    /// Its family.
    pub kind: Kind,
    /// Abstract types (`Resource`, `DomainResource`, `Element`) have no instances of their own.
    pub is_abstract: bool,
    /// Its elements.
    pub elements: Vec<Element>,
}

/// One element of a type.
#[derive(Clone, Debug)]
pub struct Element {
    /// The FHIRPath name: `birthDate`, and `value` for `value[x]`.
    pub name: Box<str>,
    /// Fewest times it stands.
    pub min: u16,
    /// Most times it stands; `None` is `*`.
    pub max: Option<u16>,
    /// True where JSON holds an array (`max` above one in the base definition).
    pub is_array: bool,
    /// The JSON keys it may stand under, each with its type: one for most, one per type for `value[x]`.
    pub choices: Vec<Choice>,
    /// Index of the value set that a code must come from, where the binding is required; see `r4`.
    pub required_binding: Option<u16>,
    /// Types a `Reference` or `canonical` here may point at; empty means any.
    pub targets: Vec<TypeId>,
}

/// One JSON key of an element and the type that stands there.
#[derive(Clone, Debug)]
pub struct Choice {
    /// `valueQuantity`.
    pub key: Box<str>,
    /// `Quantity`.
    pub type_id: TypeId,
}

/// All types of a release.
#[derive(Clone, Debug, Default)]
pub struct Model {
    types: Vec<Type>,
    names: FxHashMap<Box<str>, TypeId>,
}

impl Model {
    /// Builds the look-up tables over `types`; a [`TypeId`] is the position in this list.
    pub fn new(types: Vec<Type>) -> Model {
        let names = types.iter().enumerate().map(|(at, t)| (t.name.clone(), TypeId(at as u16))).collect();
        Model { types, names }
    }

    /// The type of that name, if the release has it.
    pub fn find(&self, name: &str) -> Option<TypeId> {
        self.names.get(name).copied()
    }

    /// The type at `id`.
    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[usize::from(id.0)]
    }

    /// Every type, in [`TypeId`] order.
    pub fn types(&self) -> &[Type] {
        &self.types
    }

    /// Whether `id` is `ancestor` or specialises it.
    pub fn is_a(&self, id: TypeId, ancestor: TypeId) -> bool {
        let mut at = Some(id);
        while let Some(now) = at {
            if now == ancestor {
                return true;
            }
            at = self.get(now).base;
        }
        false
    }
}

impl Type {
    /// The element of that FHIRPath name.
    pub fn element(&self, name: &str) -> Option<&Element> {
        self.elements.iter().find(|e| &*e.name == name)
    }

    /// The element and choice that stand under that JSON key.
    pub fn by_key(&self, key: &str) -> Option<(&Element, &Choice)> {
        self.elements.iter().find_map(|e| e.choices.iter().find(|c| &*c.key == key).map(|c| (e, c)))
    }
}
