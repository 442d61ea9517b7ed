//! `.name`: from an element's FHIRPath name to the JSON keys it stands under, decided when compiling.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use crate::model::{Element, Kind, Model, TypeId};
use crate::object;

use super::Error;
use super::node::{Item, NULL, Node};
use super::op::{Flow, Op, Run, Scope, Sink};
use super::types::{Type, Types};

/// More keys than this are found by walking the object instead of asking for each (`Extension.value` has fifty).
const MANY_KEYS: usize = 4;

/// An element asked of every item of `of`.
#[derive(Clone, Debug)]
pub(super) struct Member {
    of: Op,
    name: Box<str>,
    /// The types that have it.
    owners: Box<[TypeId]>,
    fields: Fields,
}

/// Which keys to read.
#[derive(Clone, Debug)]
enum Fields {
    /// The same for every type that may stand there.
    Same(Box<[Field]>),
    /// By the item's own type.
    ByType(FxHashMap<TypeId, Box<[Field]>>),
}

/// One JSON key and what stands there.
#[derive(Clone, Debug, PartialEq)]
struct Field {
    key: Box<str>,
    /// `_birthDate`, for primitives.
    shadow: Option<Box<str>>,
    type_id: TypeId,
    /// The type is read from `resourceType`.
    is_resource: bool,
}

impl Member {
    /// Compiles `of.name`. The second value is what it may give.
    pub(super) fn compile(of: Op, on: &Types, name: &str, model: &Model) -> Result<(Op, Types), Error> {
        if on.is_empty() {
            return Ok((Op::Nothing, Types::default()));
        }
        let mut by_type: FxHashMap<TypeId, Box<[Field]>> = FxHashMap::default();
        for owner in on.iter() {
            let Type::Fhir(owner) = owner else { continue };
            let Some(element) = model.get(owner).element(name) else {
                by_type.extend(descendants(owner, name, model));
                continue;
            };
            if name == "value" && is_primitive(Type::Fhir(owner), model) {
                return Err(Error::unsupported("the value of a primitive"));
            }
            by_type.insert(owner, fields(element, model));
            by_type.extend(descendants(owner, name, model));
        }
        if by_type.is_empty() {
            return Err(Error::UnknownElement { name: name.into(), on: on.name(model).into() });
        }
        let types = by_type.values().flatten().map(|f| Type::Fhir(f.type_id)).collect();
        let owners = on.iter().filter(|t| !is_primitive(*t, model)).count();
        let mut known: Box<[TypeId]> = by_type.keys().copied().collect();
        known.sort_unstable();
        let fields = share(by_type, owners);
        Ok((Op::Member(Box::new(Member { of, name: name.into(), owners: known, fields })), types))
    }

    /// Keeps the keys whose type satisfies `wanted`: `value as Quantity` reads `valueQuantity` only.
    pub(super) fn narrow(mut self, wanted: impl Fn(TypeId) -> bool) -> Member {
        let keep = |fields: &[Field]| -> Box<[Field]> {
            fields.iter().filter(|f| f.is_resource || wanted(f.type_id)).cloned().collect()
        };
        self.fields = match self.fields {
            Fields::Same(fields) => Fields::Same(keep(&fields)),
            Fields::ByType(by_type) => {
                Fields::ByType(by_type.into_iter().map(|(owner, fields)| (owner, keep(&fields))).collect())
            }
        };
        self
    }

    /// The element, for each type that has it.
    pub(super) fn elements(&self) -> impl Iterator<Item = (TypeId, &str)> {
        self.owners.iter().map(|owner| (*owner, &*self.name))
    }

    /// Where this gets its items.
    pub(super) fn source(&self) -> &Op {
        &self.of
    }

    /// The JSON keys that it reads; without the underscore of a primitive's sibling.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let (same, by_type) = match &self.fields {
            Fields::Same(fields) => (Some(fields), None),
            Fields::ByType(by_type) => (None, Some(by_type.values())),
        };
        same.into_iter().chain(by_type.into_iter().flatten()).flatten().map(|field| &*field.key)
    }

    pub(super) fn each<'a>(&'a self, scope: Scope<'_, 'a>, sink: Sink<'_, 'a>) -> Flow {
        match &self.of {
            // By far the most common start; saves a clone and a call.
            Op::This => self.of_node(scope.this, scope.run, sink),
            of => of.each(scope, &mut |node| self.of_node(&node, scope.run, sink)),
        }
    }

    fn of_node<'a>(&'a self, node: &Node<'a>, run: &Run<'a>, sink: Sink<'_, 'a>) -> Flow {
        let fields = match &self.fields {
            Fields::Same(fields) => fields,
            Fields::ByType(by_type) => match by_type.get(&node.type_id) {
                Some(fields) => fields,
                None => return Ok(()),
            },
        };
        let Some(object) = members(node) else { return Ok(()) };
        if fields.len() <= MANY_KEYS {
            return fields.iter().try_for_each(|field| field.each(object, run, sink));
        }
        for key in object.keys() {
            let bare = key.strip_prefix('_').unwrap_or(key);
            // `_valueString` beside `valueString` was read with it.
            if bare.len() < key.len() && object::get(object, bare).is_some() {
                continue;
            }
            if let Some(field) = fields.iter().find(|f| &*f.key == bare) {
                field.each(object, run, sink)?;
            }
        }
        Ok(())
    }
}

/// The elements of a node; for a primitive those of its `_name` sibling.
fn members<'a>(node: &Node<'a>) -> Option<&'a Map<String, Value>> {
    match node.value {
        Item::Json(Value::Object(object)) => Some(object),
        Item::Json(_) => node.extra?.as_object(),
        _ => None,
    }
}

impl Field {
    fn each<'a>(&'a self, object: &'a Map<String, Value>, run: &Run<'a>, sink: Sink<'_, 'a>) -> Flow {
        let extra = self.shadow.as_ref().and_then(|shadow| object::get(object, shadow));
        match object::get(object, &self.key) {
            Some(Value::Array(items)) => {
                let extras = extra.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                self.array(items, extras, run, sink)
            }
            Some(value) => self.emit(value, extra, run, sink),
            None => match extra {
                None => Ok(()),
                Some(Value::Array(extras)) => self.array(&[], extras, run, sink),
                Some(_) => self.emit(&NULL, extra, run, sink),
            },
        }
    }

    /// Primitives and their siblings align by position, either may be the longer or hold nulls.
    fn array<'a>(
        &'a self,
        items: &'a [Value],
        extras: &'a [Value],
        run: &Run<'a>,
        sink: Sink<'_, 'a>,
    ) -> Flow {
        for at in 0..items.len().max(extras.len()) {
            self.emit(items.get(at).unwrap_or(&NULL), extras.get(at), run, sink)?;
        }
        Ok(())
    }

    fn emit<'a>(
        &'a self,
        value: &'a Value,
        extra: Option<&'a Value>,
        run: &Run<'a>,
        sink: Sink<'_, 'a>,
    ) -> Flow {
        let extra = extra.filter(|e| e.is_object());
        if value.is_null() && extra.is_none() {
            return Ok(());
        }
        run.visit()?;
        let type_id =
            if self.is_resource { resource_type(value, run.model, self.type_id) } else { self.type_id };
        sink(Node { value: Item::Json(value), type_id, extra })
    }
}

/// The type that a resource says it is; `declared` when it does not say, or something unknown.
pub(super) fn resource_type(value: &Value, model: &Model, declared: TypeId) -> TypeId {
    let name = object::member(value, "resourceType").and_then(Value::as_str);
    name.and_then(|name| model.find(name)).filter(|id| model.is_a(*id, declared)).unwrap_or(declared)
}

fn fields(element: &Element, model: &Model) -> Box<[Field]> {
    let field = |key: &str, type_id: TypeId| {
        let found = model.get(type_id);
        Field {
            key: key.into(),
            shadow: (found.kind == Kind::Primitive).then(|| format!("_{key}").into()),
            type_id,
            is_resource: found.kind == Kind::Resource,
        }
    };
    element.choices.iter().map(|choice| field(&choice.key, choice.type_id)).collect()
}

/// What resources of an abstract type call `name`: `Bundle.entry.resource.birthDate` depends on the resource.
fn descendants<'m>(
    owner: TypeId,
    name: &'m str,
    model: &'m Model,
) -> impl Iterator<Item = (TypeId, Box<[Field]>)> + 'm {
    let is_open = model.get(owner).kind == Kind::Resource && model.get(owner).is_abstract;
    let all = if is_open { model.types() } else { &[] };
    all.iter().enumerate().filter_map(move |(at, found)| {
        let id = TypeId(u16::try_from(at).ok()?);
        let element = found.element(name).filter(|_| model.is_a(id, owner))?;
        Some((id, fields(element, model)))
    })
}

fn is_primitive(found: Type, model: &Model) -> bool {
    matches!(found, Type::Fhir(id) if model.get(id).kind == Kind::Primitive)
}

/// One list of keys where all `owners` agree; primitives cannot disagree, they have no keys of their own.
fn share(by_type: FxHashMap<TypeId, Box<[Field]>>, owners: usize) -> Fields {
    let mut lists = by_type.values();
    match lists.next() {
        Some(first) if by_type.len() >= owners && lists.all(|other| other == first) => {
            Fields::Same(first.clone())
        }
        _ => Fields::ByType(by_type),
    }
}
