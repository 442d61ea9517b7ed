//! From what `r4` extracts of a resource to what the store's index holds of it.

use crate::error::Error;
use fhir::{decimal, text};
use r4::{
    definitions::SearchKind,
    index::{self, IndexValue, Target},
};
use serde_json::Value;
use store::{
    index::{COMPARTMENT, Fact, Index},
    keys::Blinder,
};

/// Everything that `resource` stands in the index with.
pub(crate) fn index(blinder: &Blinder, resource: &Value) -> Result<Index, Error> {
    let mut out = Index::default();
    for entry in index::extract(resource).map_err(|e| Error::Fault(Box::new(e)))? {
        add(&mut out, blinder, entry.param.number, entry.param.kind, &entry.value);
    }
    for id in patients(resource)? {
        out.add(blinder, COMPARTMENT, &Fact::Link { resource_type: "Patient", id });
    }
    Ok(out.finish())
}

/// The patients in whose compartments `resource` is, the one that it belongs to first.
pub(crate) fn patients(resource: &Value) -> Result<Vec<&str>, Error> {
    let links = index::compartment::patients(resource).map_err(|e| Error::Fault(Box::new(e)))?;
    Ok(links.into_iter().map(|link| link.id).collect())
}

fn add(out: &mut Index, blinder: &Blinder, param: u32, kind: SearchKind, value: &IndexValue<'_>) {
    let mut put = |fact: Fact<'_>| out.add(blinder, param, &fact);
    match value {
        IndexValue::Token { system, code } => put(Fact::Token { system: *system, code: *code }),
        // What `:text` would look at. Every code's text at every length would be most of the index, so it is left out.
        IndexValue::Text(raw) if kind == SearchKind::String => put(Fact::Text(&text::normalize(raw))),
        IndexValue::Text(_) | IndexValue::OfType { .. } | IndexValue::Composite(_) => {}
        IndexValue::Uri(uri) => put(Fact::Uri(uri)),
        IndexValue::Date(span) => put(Fact::Span { low: span.low, high: span.high, unit: None }),
        IndexValue::Number { low, high } => {
            put(Fact::Span { low: decimal::order_key(*low), high: decimal::order_key(*high), unit: None });
        }
        IndexValue::Quantity { low, high, system, code, unit } => {
            let unit = code.or(*unit).map(|code| (*system, code));
            put(Fact::Span { low: decimal::order_key(*low), high: decimal::order_key(*high), unit });
        }
        IndexValue::Reference(target) => match target {
            Target::Local { type_name, id } => put(Fact::Link { resource_type: type_name, id }),
            Target::Url(url) => put(Fact::Uri(url)),
            Target::Canonical { url, version } => {
                put(Fact::Uri(url));
                if let Some(version) = version {
                    put(Fact::Uri(&format!("{url}|{version}")));
                }
            }
            Target::Identifier { system, value } => put(Fact::Token { system: *system, code: *value }),
        },
    }
}
