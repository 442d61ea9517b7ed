//! References: <https://hl7.org/fhir/R4/search.html#reference>.

use fhir::object;
use fhir::reference::{self, Reference};
use serde_json::Value;

use super::shape::Shape;
use super::text::{member, some};
use super::value::{IndexValue, Target};

/// What one element points at. References into the resource itself (`#a`) and those that are still a search
/// (`Patient?identifier=…`) name no other resource.
pub(super) fn convert<'a>(json: &'a Value, shape: Shape, visit: &mut dyn FnMut(IndexValue<'a>)) {
    let mut found = |target| visit(IndexValue::Reference(target));
    match shape {
        Shape::Reference => {
            member(json, "reference").and_then(target).into_iter().for_each(&mut found);
            object::member(json, "identifier").and_then(identifier).into_iter().for_each(&mut found);
            member(json, "display").into_iter().for_each(|display| visit(IndexValue::Text(display)));
        }
        Shape::Canonical => some(json).map(canonical).into_iter().for_each(found),
        Shape::Uri => some(json).map(Target::Url).into_iter().for_each(found),
        // `Bundle.entry[0].resource`: the resource stands here itself.
        Shape::Resource => {
            if let (Some(type_name), Some(id)) = (member(json, "resourceType"), member(json, "id")) {
                found(Target::Local { type_name, id });
            }
        }
        _ => {}
    }
}

fn target(text: &str) -> Option<Target<'_>> {
    match reference::parse(text, &[])? {
        Reference::Local(local) => Some(Target::Local { type_name: local.type_name, id: local.id }),
        Reference::Absolute { url, .. } => Some(Target::Url(url)),
        Reference::Urn(urn) => Some(Target::Url(urn)),
        Reference::Fragment(_) | Reference::Conditional { .. } => None,
    }
}

fn identifier(json: &Value) -> Option<Target<'_>> {
    let (system, value) = (member(json, "system"), member(json, "value"));
    (system.is_some() || value.is_some()).then_some(Target::Identifier { system, value })
}

fn canonical(text: &str) -> Target<'_> {
    match text.split_once('|') {
        Some((url, version)) => Target::Canonical { url, version: Some(version) },
        None => Target::Canonical { url: text, version: None },
    }
}
