//! What this kernel can do, as data: the CapabilityStatement and the router are both made from it, so neither can lie.

use r4::{
    definitions::{SearchKind, definitions},
    index,
};

/// A search parameter that works.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its code.
    pub code: &'static str,
    /// Its FHIR type: `token`, `date` …
    pub kind: &'static str,
    /// Its canonical URL.
    pub url: &'static str,
}

/// A resource type that can be stored.
#[derive(Clone, Debug)]
pub struct ResourceType {
    /// Its name.
    pub name: &'static str,
    /// What it can be searched by.
    pub parameters: Vec<Parameter>,
    /// What may be included: its reference parameters.
    pub includes: Vec<&'static str>,
}

/// Every resource type of R4, in alphabetical order.
pub fn resource_types() -> Vec<ResourceType> {
    names().into_iter().map(resource_type).collect()
}

/// Their names.
pub(crate) fn names() -> Vec<&'static str> {
    let model = &definitions().model;
    let Some(resource) = model.find("Resource") else { return Vec::new() };
    let concrete = model.types().iter().filter(|t| !t.is_abstract && t.kind == fhir::model::Kind::Resource);
    let mut names: Vec<&'static str> = concrete
        .filter(|t| model.find(&t.name).is_some_and(|id| model.is_a(id, resource)))
        .map(|t| &*t.name)
        .collect();
    names.sort_unstable();
    names
}

/// Whether there is such a resource type.
pub fn is_resource_type(name: &str) -> bool {
    let model = &definitions().model;
    model.find(name).is_some_and(|id| {
        let found = model.get(id);
        found.kind == fhir::model::Kind::Resource && !found.is_abstract
    })
}

fn resource_type(name: &'static str) -> ResourceType {
    let works = index::params(name).iter().filter(|p| word(p.kind).is_some());
    let parameters = works
        .clone()
        .filter_map(|p| Some(Parameter { code: p.code, kind: word(p.kind)?, url: p.url }))
        .collect();
    let includes = works.filter(|p| p.kind == SearchKind::Reference).map(|p| p.code).collect();
    ResourceType { name, parameters, includes }
}

/// The FHIR word for a kind that is supported.
fn word(kind: SearchKind) -> Option<&'static str> {
    match kind {
        SearchKind::Number => Some("number"),
        SearchKind::Date => Some("date"),
        SearchKind::String => Some("string"),
        SearchKind::Token => Some("token"),
        SearchKind::Reference => Some("reference"),
        SearchKind::Quantity => Some("quantity"),
        SearchKind::Uri => Some("uri"),
        SearchKind::Composite | SearchKind::Special => None,
    }
}
