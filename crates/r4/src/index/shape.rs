//! What a type looks like to search.

use std::sync::LazyLock;

use fhir::model::{Kind, Model, TypeId};

use crate::definitions::definitions;

/// How to read an element's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Boolean,
    /// `code`: its system is implied.
    Code,
    /// `string`, `id`, `markdown` …
    Text,
    /// `uri`, `url`, `oid`, `uuid`
    Uri,
    Canonical,
    /// `integer`, `decimal` …
    Number,
    /// `date`, `dateTime`, `instant`
    Moment,
    Period,
    Timing,
    Coding,
    CodeableConcept,
    Identifier,
    ContactPoint,
    HumanName,
    Address,
    /// `Quantity` and what specialises it: `Age`, `Duration` …
    Quantity,
    Money,
    Range,
    SampledData,
    Reference,
    Resource,
    /// Nothing that search knows.
    Other,
}

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let model = &definitions().model;
    (0..model.types().len()).map(|at| read(TypeId(u16::try_from(at).unwrap_or(u16::MAX)), model)).collect()
});

/// The shape of a type of the embedded release.
pub(super) fn shape(id: TypeId) -> Shape {
    SHAPES.get(usize::from(id.0)).copied().unwrap_or(Shape::Other)
}

fn read(id: TypeId, model: &Model) -> Shape {
    let found = model.get(id);
    let own = match &*found.name {
        "boolean" => Shape::Boolean,
        "code" => Shape::Code,
        "canonical" => Shape::Canonical,
        "uri" => Shape::Uri,
        "string" => Shape::Text,
        "integer" | "decimal" => Shape::Number,
        "date" | "dateTime" | "instant" => Shape::Moment,
        "Period" => Shape::Period,
        "Timing" => Shape::Timing,
        "Coding" => Shape::Coding,
        "CodeableConcept" => Shape::CodeableConcept,
        "Identifier" => Shape::Identifier,
        "ContactPoint" => Shape::ContactPoint,
        "HumanName" => Shape::HumanName,
        "Address" => Shape::Address,
        "Quantity" => Shape::Quantity,
        "Money" => Shape::Money,
        "Range" => Shape::Range,
        "SampledData" => Shape::SampledData,
        "Reference" => Shape::Reference,
        _ if found.kind == Kind::Resource => Shape::Resource,
        _ => Shape::Other,
    };
    match (own, found.base) {
        (Shape::Other, Some(base)) => read(base, model),
        _ => own,
    }
}
