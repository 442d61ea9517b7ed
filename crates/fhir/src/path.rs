//! FHIRPath: an expression is parsed once, compiled once against a [`Model`] and the type it starts at, and then
//! walks JSON keys that are known beforehand (<https://hl7.org/fhirpath/N1/>, <https://hl7.org/fhir/R4/fhirpath.html>).
//!
//! What this engine cannot do yet is an [`Error::Unsupported`] when compiling; it never answers with nothing instead.
//!
//! Three places differ from the letter of the specification, because HL7's own search parameters need it:
//! - `as` and `.as()` keep the items of that type out of many, where the specification wants one item at most.
//! - `.as(DateTime)` and `.ofType(DateTime)` mean the FHIR type `dateTime` when asked of an element.
//! - A branch of a union that starts at another resource type is dropped: `AllergyIntolerance.code | Condition.code`.

mod ast;
mod compare;
mod compile;
mod error;
mod functions;
mod lex;
mod logic;
mod member;
mod node;
mod op;
mod parse;
mod scalar;
mod types;
mod union;

use serde_json::Value;

use crate::model::{Model, TypeId};

pub use error::Error;
pub use node::{Item, Node};

use op::{Op, Run, Scope};
use types::{Systems, Types};

/// An expression, ready to be asked of resources.
///
/// ```
/// # use fhir::{model::Model, path::{Error, Path}};
/// # fn show(model: &Model, patient: &serde_json::Value) -> Result<(), Error> {
/// let root = model.find("Patient").ok_or(Error::OtherType)?;
/// let phones = Path::compile("Patient.telecom.where(system = 'phone').value", root, model)?;
/// for phone in phones.nodes(patient, model)? {
///     // `phone.text()`
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Path {
    op: Op,
    focus: TypeId,
    results: Types,
    systems: Systems,
}

impl Path {
    /// Compiles `expression` for resources (or elements) of type `root`, which may be abstract.
    ///
    /// # Errors
    /// When the expression cannot be read, names what `model` does not have, never applies to `root`
    /// ([`Error::OtherType`]) or needs what this engine cannot do yet ([`Error::Unsupported`]).
    pub fn compile(expression: &str, root: TypeId, model: &Model) -> Result<Path, Error> {
        Path::compile_within(expression, root, root, model)
    }

    /// Compiles `expression` for an element of type `focus` in a resource of type `resource`, which `%resource` is.
    ///
    /// # Errors
    /// As [`Path::compile`].
    pub fn compile_within(
        expression: &str,
        focus: TypeId,
        resource: TypeId,
        model: &Model,
    ) -> Result<Path, Error> {
        let tree = parse::parse(expression)?;
        let systems = Systems::find(model)?;
        let (op, results) = compile::Compiler::new(model, resource).program(&tree, focus)?;
        Ok(Path { op, focus, results, systems })
    }

    /// The types that results may have, as far as the expression tells; computed values are left out.
    pub fn types(&self) -> impl Iterator<Item = TypeId> {
        self.results.iter().filter_map(|found| match found {
            types::Type::Fhir(id) => Some(id),
            types::Type::System(_) => None,
        })
    }

    /// The elements that results come out of, each as the type that has it and its name: `Patient`, `gender`.
    pub fn elements(&self) -> Vec<(TypeId, &str)> {
        let mut found = Vec::new();
        self.op.elements(&mut found);
        found
    }

    /// The JSON keys at the start of which one must be there for the expression to find anything, and whether that is so:
    /// false where it may find something without any of them, as `Patient.deceased.exists()` does.
    ///
    /// `Observation | Observation.component` gives `component` and false. A key stands for its sibling with an underscore as well.
    pub fn first_keys(&self) -> (Vec<&str>, bool) {
        let mut keys = Vec::new();
        let is_needed = self.op.first_keys(&mut keys);
        (keys, is_needed)
    }

    /// What the expression finds in `resource`, in document order. `model` is the one it was compiled against.
    ///
    /// # Errors
    /// [`Error::NotSingle`] where the resource holds many items and the expression needs one;
    /// [`Error::TooMuch`] when it would visit more nodes than any honest resource holds.
    pub fn nodes<'a>(&'a self, resource: &'a Value, model: &'a Model) -> Result<Vec<Node<'a>>, Error> {
        let mut found = Vec::new();
        self.each(resource, model, &mut |node| found.push(node))?;
        Ok(found)
    }

    /// As [`Path::nodes`], without a list in between.
    ///
    /// # Errors
    /// As [`Path::nodes`]; what was visited before the error stands.
    pub fn each<'a>(
        &'a self,
        resource: &'a Value,
        model: &'a Model,
        visit: &mut dyn FnMut(Node<'a>),
    ) -> Result<(), Error> {
        let root = self.root(resource, model);
        self.each_within(&root, &root, model, visit)
    }

    /// As [`Path::each`], from an element of a resource: what [`Path::compile_within`] is for.
    ///
    /// # Errors
    /// As [`Path::each`].
    pub fn each_within<'a>(
        &'a self,
        focus: &Node<'a>,
        resource: &Node<'a>,
        model: &'a Model,
        visit: &mut dyn FnMut(Node<'a>),
    ) -> Result<(), Error> {
        let run = Run::new(model, self.systems);
        op::settle(self.op.each(Scope { root: resource, this: focus, index: 0, run: &run }, &mut |node| {
            visit(node);
            Ok(())
        }))
    }

    /// Whether the expression holds for `resource`: true, or any single item that is not a boolean. `None` for nothing.
    ///
    /// # Errors
    /// As [`Path::nodes`], and [`Error::NotSingle`] for more than one item.
    pub fn holds(&self, resource: &Value, model: &Model) -> Result<Option<bool>, Error> {
        let root = self.root(resource, model);
        let run = Run::new(model, self.systems);
        self.op.truth(Scope { root: &root, this: &root, index: 0, run: &run })
    }

    /// A path compiled for an abstract type still sees the resource's own.
    fn root<'a>(&self, resource: &'a Value, model: &Model) -> Node<'a> {
        let is_abstract = model.get(self.focus).is_abstract;
        let type_id =
            if is_abstract { member::resource_type(resource, model, self.focus) } else { self.focus };
        Node { value: Item::Json(resource), type_id, extra: None }
    }
}

#[cfg(test)]
mod tests;
