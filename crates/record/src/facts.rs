//! From what `r4` extracts of a resource to what the store's index holds of it.

use crate::{Record, error::Error};
use access::{consent, tie};
use fhir::{
    decimal,
    outcome::{Issue, IssueCode},
    phonetic,
    reference::{self, Local, Reference},
    text,
};
use r4::{
    definitions::SearchKind,
    index::{self, Entry, IndexValue, SearchParam, Target, compartment},
};
use serde_json::Value;
use store::index::{COMPARTMENT, Fact, Index, Unit};

/// Everything that `resource` stands in the index with.
pub(crate) fn index(record: &Record, resource: &Value) -> Result<Index, Error> {
    indexed(record, resource, Index::default())
}

/// What a stored version may stand in the index with: as [`index`], and by what `phonetic` had before it went by sound, which was how every text
/// is found.
pub(crate) fn stored_index(record: &Record, resource: &Value) -> Result<Index, Error> {
    let mut out = Index::default();
    for entry in index::extract(resource).map_err(|e| Error::Fault(Box::new(e)))? {
        if let (true, IndexValue::Text(raw)) = (entry.param.is_phonetic, &entry.value) {
            let folded = text::normalize(raw);
            out.add(record.store.blinder(), entry.param.number, &Fact::Text(&folded));
        }
    }
    indexed(record, resource, out)
}

fn indexed(record: &Record, resource: &Value, mut out: Index) -> Result<Index, Error> {
    let entries = index::extract(resource).map_err(|e| Error::Fault(Box::new(e)))?;
    for of_param in entries.chunk_by(|a, b| a.param.number == b.param.number) {
        of_param.iter().for_each(|entry| add(&mut out, record, entry.param, &entry.value));
        let is_text = |entry: &Entry<'_>| {
            entry.param.kind != SearchKind::String && matches!(entry.value, IndexValue::Text(_))
        };
        if of_param.iter().all(is_text) {
            out.add(record.store.blinder(), of_param[0].param.number, &Fact::Present);
        }
    }
    guard(&mut out, record, resource)?;
    for id in patients(record, resource)? {
        out.add(record.store.blinder(), COMPARTMENT, &Fact::Link { resource_type: "Patient", id });
    }
    Ok(out.finish())
}

/// What decides who may see this, and what this decides about others: its labels, care relationships, consents.
fn guard(out: &mut Index, record: &Record, resource: &Value) -> Result<(), Error> {
    let blinder = record.store.blinder();
    let labels = resource["meta"]["security"].as_array().into_iter().flatten();
    labels.filter_map(|label| label["code"].as_str()).for_each(|code| out.label(blinder, code));
    let bases: Vec<&str> = record.settings.bases.iter().map(String::as_str).collect();
    tie::ties(resource, &bases).iter().for_each(|tie| out.tie(blinder, tie));
    let rules = consent::rules(resource, &bases).map_err(|error| {
        let issue = Issue::error(IssueCode::TooCostly, error.to_string());
        Error::Invalid(vec![issue.at("Consent.provision")])
    })?;
    rules.iter().for_each(|rule| out.rule(blinder, rule));
    Ok(())
}

/// The patients in whose compartments `resource` is, the one that it belongs to first.
pub(crate) fn patients<'r>(record: &Record, resource: &'r Value) -> Result<Vec<&'r str>, Error> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    let kind = text("resourceType").unwrap_or_default();
    let mut found: Vec<&str> = text("id").into_iter().filter(|_| kind == "Patient").collect();
    for param in compartment::patient_params(kind) {
        let mut see = |value: IndexValue<'r>| match local(record, &value) {
            Some(Local { type_name: "Patient", id, .. }) if !found.contains(&id) => found.push(id),
            _ => {}
        };
        param.values(resource, &mut see).map_err(|e| Error::Fault(Box::new(e)))?;
    }
    found.extend(file_of(record, resource).filter(|_| kind == store::attachment::FILE));
    Ok(found)
}

/// The patient whose a file says that it is. No compartment holds a Binary, and yet it goes where its patient goes: under their key, and
/// with them when they are erased.
///
/// Source: <https://hl7.org/fhir/R4/binary-definitions.html#Binary.securityContext>
fn file_of<'r>(record: &Record, resource: &'r Value) -> Option<&'r str> {
    let text = resource.get("securityContext")?.get("reference")?.as_str()?;
    let bases: Vec<&str> = record.settings.bases.iter().map(String::as_str).collect();
    let named = match reference::parse(text, &bases)? {
        Reference::Local(local) => Some(local),
        Reference::Absolute { local, .. } => local,
        _ => None,
    };
    named.filter(|local| local.type_name == "Patient").map(|local| local.id)
}

/// The resource of this house that a value names. "A relative reference resolving to the same value as a specified absolute
/// URL, or vice versa, qualifies as a match": <https://hl7.org/fhir/R4/search.html#reference>.
pub(crate) fn local<'r>(record: &Record, value: &IndexValue<'r>) -> Option<Local<'r>> {
    match value {
        IndexValue::Reference(Target::Local { type_name, id }) => {
            Some(Local { type_name, id, version: None })
        }
        IndexValue::Reference(Target::Url(url)) => {
            record.settings.bases.iter().find_map(|base| match reference::parse(url, &[base]) {
                Some(Reference::Absolute { local, .. }) => local,
                _ => None,
            })
        }
        _ => None,
    }
}

fn add(out: &mut Index, record: &Record, param: &SearchParam, value: &IndexValue<'_>) {
    let mut put = |fact: Fact<'_>| out.add(record.store.blinder(), param.number, &fact);
    if let Some(Local { type_name, id, .. }) = local(record, value) {
        return put(Fact::Link { resource_type: type_name, id });
    }
    match value {
        IndexValue::Token { system, code } => put(Fact::Token { system: *system, code: *code }),
        IndexValue::Text(raw) if param.is_phonetic => {
            let keys = phonetic::keys(raw);
            keys.iter().for_each(|key| put(Fact::Sound(key)));
            // It is there, whether it can be said or not.
            if keys.is_empty() {
                put(Fact::Present);
            }
        }
        // What `:text` would look at. Every code's text at every length would be most of the index, so it is left out.
        IndexValue::Text(raw) if param.kind == SearchKind::String => put(Fact::Text(&text::normalize(raw))),
        IndexValue::Text(_) | IndexValue::OfType { .. } | IndexValue::Composite(_) => {}
        IndexValue::Uri(uri) => put(Fact::Uri(uri)),
        IndexValue::Date(span) => put(Fact::Span { low: span.low, high: span.high, unit: Unit::default() }),
        IndexValue::Number { low, high } => {
            put(Fact::Span {
                low: decimal::order_key(*low),
                high: decimal::order_key(*high),
                unit: Unit::default(),
            });
        }
        IndexValue::Quantity { low, high, system, code, unit } => {
            let unit = Unit { system: *system, code: *code, text: *unit };
            put(Fact::Span { low: decimal::order_key(*low), high: decimal::order_key(*high), unit });
        }
        IndexValue::Reference(target) => match target {
            Target::Local { .. } => {}
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
