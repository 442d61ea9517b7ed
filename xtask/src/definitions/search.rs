//! SearchParameters and CompartmentDefinitions.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use fhir::model::TypeId;
use r4::definitions::{Compartment, Component, Member, SearchKind, SearchParam};
use serde_json::Value;

use super::packages::{Packages, items, text};
use super::types::Names;

/// Parameters that look at the whole resource or at the store, not at an element, so that they have no expression.
const WHOLE: [&str; 4] = ["_text", "_content", "_query", "_filter"];

/// What HL7 writes where a type is in its own compartment.
const ITSELF: &str = "{def}";

/// The standard's search parameters, sorted by code and address.
pub(super) fn params(packages: &Packages, names: &Names) -> Result<Vec<SearchParam>> {
    let mut all: Vec<Value> = packages.examples("SearchParameter")?.into_iter().filter(is_standard).collect();
    let key = |p: &Value| (p["code"].to_string(), p["url"].to_string());
    all.sort_by_key(key);
    let positions: BTreeMap<String, u16> = all
        .iter()
        .enumerate()
        .map(|(at, p)| Ok((text(p, "url")?.to_owned(), at as u16)))
        .collect::<Result<_>>()?;
    all.iter().map(|p| param(p, names, &positions)).collect()
}

/// Left out: HL7's examples of search parameters, and those for extensions, whose expressions stop at the extension
/// and find no value (or have no expression at all).
fn is_standard(param: &Value) -> bool {
    let id = param["id"].as_str().unwrap_or_default();
    let code = param["code"].as_str().unwrap_or_default();
    let expression = param["expression"].as_str().unwrap_or_default();
    let looks_at_extension = expression.ends_with(')') && expression.contains(".extension('");
    let is_whole = WHOLE.contains(&code);
    param["base"].is_array()
        && !id.starts_with("example")
        && !looks_at_extension
        && (is_whole || !expression.is_empty())
}

fn param(json: &Value, names: &Names, positions: &BTreeMap<String, u16>) -> Result<SearchParam> {
    let component = |part: &Value| {
        let definition = text(part, "definition")?;
        let param = *positions.get(definition).with_context(|| format!("{definition}: no such parameter"))?;
        Ok(Component { param, expression: text(part, "expression")?.into() })
    };
    let code = text(json, "code")?;
    Ok(SearchParam {
        url: text(json, "url")?.into(),
        code: code.into(),
        kind: if WHOLE.contains(&code) { SearchKind::Special } else { kind(text(json, "type")?)? },
        bases: type_ids(items(json, "base"), names)?,
        expression: json["expression"].as_str().unwrap_or_default().into(),
        targets: type_ids(items(json, "target"), names)?,
        components: items(json, "component").iter().map(component).collect::<Result<_>>()?,
        multiple_or: json["multipleOr"] != false,
    })
}

fn kind(name: &str) -> Result<SearchKind> {
    Ok(match name {
        "number" => SearchKind::Number,
        "date" => SearchKind::Date,
        "string" => SearchKind::String,
        "token" => SearchKind::Token,
        "reference" => SearchKind::Reference,
        "composite" => SearchKind::Composite,
        "quantity" => SearchKind::Quantity,
        "uri" => SearchKind::Uri,
        "special" => SearchKind::Special,
        other => bail!("{other}: no such type of search parameter"),
    })
}

fn type_ids(list: &[Value], names: &Names) -> Result<Vec<TypeId>> {
    let number = |name: &Value| name.as_str().and_then(|name| names.get(name)).copied();
    list.iter().map(|name| number(name).with_context(|| format!("{name}: no such type"))).collect()
}

/// The five compartments of the standard, sorted by owner, each with the types that can be in it.
pub(super) fn compartments(packages: &Packages, names: &Names) -> Result<Vec<Compartment>> {
    let mut found = Vec::new();
    for json in packages.examples("CompartmentDefinition")? {
        if json["id"] == "example" {
            continue;
        }
        let mut members = Vec::new();
        for resource in items(&json, "resource").iter().filter(|r| r["param"].is_array()) {
            let params = items(resource, "param").iter().filter_map(Value::as_str);
            let params: Vec<Box<str>> = params.filter(|p| *p != ITSELF).map(Box::from).collect();
            if params.is_empty() {
                continue;
            }
            let type_id = type_ids(std::slice::from_ref(&resource["code"]), names)?[0];
            members.push(Member { type_id, params });
        }
        members.sort_by_key(|m| m.type_id);
        let owner = type_ids(std::slice::from_ref(&json["code"]), names)?[0];
        found.push(Compartment { owner, members });
    }
    found.sort_by_key(|c| c.owner);
    Ok(found)
}
