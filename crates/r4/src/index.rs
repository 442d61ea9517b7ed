//! Index extraction: what a resource can be found by (<https://hl7.org/fhir/R4/search.html>).
//!
//! Every search parameter's expression is compiled once per resource type. [`extract`] asks all of them of a resource and
//! gives typed values that borrow from it; how they are normalised, hashed and stored is the store's business.
//!
//! Not extracted: `_id` and `_lastUpdated` (the store has columns for them), and `_text`, `_content`, `_filter`, `_query`,
//! which look at no element. Contained resources are not indexed on their own.

pub mod compartment;
mod composite;
mod convert;
mod ordered;
mod params;
mod reference;
mod shape;
mod table;
mod text;
mod token;
mod value;

#[cfg(test)]
mod tests;

use fhir::object;
use fhir::path::{Item, Node};
use serde_json::Value;

use crate::definitions::definitions;

pub use params::{SearchParam, param, params};
pub use value::{IndexValue, Target};

/// One value that a resource can be found by.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The parameter.
    pub param: &'static SearchParam,
    /// What stands in the resource.
    pub value: IndexValue<'a>,
}

/// A parameter could not be asked of the resource; the resource must not be stored half indexed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("search parameter {param}: {source}")]
pub struct Error {
    /// `Observation.code`.
    pub param: Box<str>,
    /// Why.
    pub source: fhir::path::Error,
}

/// Everything `resource` can be found by, parameter by parameter, in the order of [`params`]. A value may come twice
/// where the resource says it twice. Nothing for what is not a resource of this release.
///
/// # Errors
/// When an expression cannot be answered for this resource; see [`fhir::path::Path::nodes`].
pub fn extract(resource: &Value) -> Result<Vec<Entry<'_>>, Error> {
    let type_name = object::member(resource, "resourceType").and_then(Value::as_str).unwrap_or_default();
    let mut entries = Vec::with_capacity(32);
    let (Some(table), Some(members)) = (params::table(type_name), resource.as_object()) else {
        return Ok(entries);
    };
    for param in table.asked(members) {
        param.values(resource, &mut |value| entries.push(Entry { param, value }))?;
    }
    Ok(entries)
}

impl SearchParam {
    /// Hands what `resource` has for this parameter to `visit`; the resource is of the parameter's type.
    ///
    /// # Errors
    /// As [`extract`].
    pub fn values<'a>(
        &'static self,
        resource: &'a Value,
        visit: &mut dyn FnMut(IndexValue<'a>),
    ) -> Result<(), Error> {
        let Some(path) = &self.path else { return Ok(()) };
        let model = &definitions().model;
        let root = Node { value: Item::Json(resource), type_id: self.type_id, extra: None };
        let mut failed = None;
        let flow = path.each_within(&root, &root, model, &mut |node| {
            if self.components.is_empty() {
                convert::convert(&node, self.kind, self.value_set, visit);
            } else if let Err(error) = composite::combine(&self.components, &node, &root, visit) {
                failed = Some(error);
            }
        });
        let source = match (flow, failed) {
            (Err(source), _) | (Ok(()), Some(source)) => source,
            (Ok(()), None) => return Ok(()),
        };
        Err(Error { param: format!("{}.{}", self.type_name, self.code).into(), source })
    }
}
