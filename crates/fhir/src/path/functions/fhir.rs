//! What FHIR adds to the language: `extension`, `hasExtension`, and `resolve() is` decided without resolving
//! (<https://hl7.org/fhir/R4/fhirpath.html#functions>).

use serde_json::Value;

use crate::model::{Model, TypeId};
use crate::object;
use crate::reference::{self, Reference};

use super::super::Error;
use super::super::ast::{Expr, Kind, Operator};
use super::super::compare::Compare;
use super::super::compile::{Compiler, Focus, Typed};
use super::super::member::Member;
use super::super::node::{Item, Node};
use super::super::op::{Op, Scope};
use super::super::types::{Type, Types};
use super::Call;
use super::existence::Existence;
use super::filtering::Filtering;

/// `resolve() is Type`: what a reference says that it points at.
#[derive(Clone, Debug)]
pub(in super::super) struct RefersTo {
    of: Op,
    asked: TypeId,
}

/// `extension(url)` is `extension.where(url = url)`; `hasExtension(url)` is that with `exists()`.
pub(super) fn compile(compiler: &Compiler<'_>, call: Call<'_>) -> Result<Typed, Error> {
    let url = call.one()?;
    let (of, types) = Member::compile(call.of.0, &call.of.1, "extension", compiler.model)?;
    let focus = Focus { this: &types, is_iteration: true };
    let own = compiler.expr(&Expr::new(url.at, Kind::Member { on: None, name: "url".to_owned() })?, focus)?;
    let asked = compiler.expr(url, focus)?;
    let criteria = Compare::compile(Operator::Equal, own, asked, compiler.model)?;
    let found = Op::Filtering(Box::new(Filtering::Where { of, criteria }));
    if call.name == "hasExtension" {
        return Ok((Op::Existence(Box::new(Existence::Exists(found))), Types::boolean()));
    }
    Ok((found, types))
}

/// Compiles `of.resolve() is asked`.
pub(in super::super) fn refers_to((of, types): Typed, asked: Type, model: &Model) -> Result<Typed, Error> {
    let Type::Fhir(asked) = asked else {
        return Err(Error::arguments("resolve() gives resources, never a type of the language"));
    };
    let can_refer = |found: Type| match found {
        Type::Fhir(id) => {
            matches!(&*model.get(id).name, "Reference" | "canonical" | "uri" | "url" | "string")
        }
        Type::System(_) => false,
    };
    if !types.iter().any(can_refer) {
        return Err(Error::arguments(format_args!("resolve() takes references, not {}", types.name(model))));
    }
    Ok((Op::RefersTo(Box::new(RefersTo { of, asked })), Types::boolean()))
}

impl RefersTo {
    pub(in super::super) fn truth<'a>(&'a self, scope: Scope<'_, 'a>) -> Result<Option<bool>, Error> {
        let Some(node) = self.of.single(scope, "resolve() is")? else { return Ok(None) };
        let model = scope.run.model;
        let Some(name) = target_type(&node, scope.root) else { return Ok(None) };
        Ok(model.find(name).map(|found| model.is_a(found, self.asked)))
    }
}

/// The type of resource that a reference, or the text of one, points at.
fn target_type<'a>(node: &Node<'a>, root: &Node<'a>) -> Option<&'a str> {
    let Item::Json(value) = node.value else { return None };
    let text = value.as_str().or_else(|| object::member(value, "reference")?.as_str());
    let from_text = text.and_then(|text| match reference::parse(text, &[])? {
        Reference::Local(local) => Some(local.type_name),
        Reference::Absolute { url, .. } => type_part(url),
        Reference::Fragment(id) => contained_type(id, root.json()?),
        Reference::Conditional { type_name, .. } => Some(type_name),
        Reference::Urn(_) => None,
    });
    from_text.or_else(|| object::member(value, "type")?.as_str())
}

/// `Patient` in `https://example.org/fhir/Patient/1` and `…/Patient/1/_history/2`, `ValueSet` in `…/ValueSet/x|3`.
fn type_part(url: &str) -> Option<&str> {
    let path = url.split(['?', '#', '|']).next()?;
    let mut parts = path.rsplit('/');
    let (id, mut before) = (parts.next()?, parts.next()?);
    if before == "_history" {
        parts.next()?;
        before = parts.next()?;
    }
    let is_type = before.starts_with(|c: char| c.is_ascii_uppercase()) && !id.is_empty();
    is_type.then_some(before)
}

/// `#` alone is the resource itself.
fn contained_type<'a>(id: &str, root: &'a Value) -> Option<&'a str> {
    if id.is_empty() {
        return object::member(root, "resourceType")?.as_str();
    }
    let contained = object::member(root, "contained")?.as_array()?;
    let found = contained
        .iter()
        .find(|resource| object::member(resource, "id").and_then(Value::as_str) == Some(id))?;
    object::member(found, "resourceType")?.as_str()
}
