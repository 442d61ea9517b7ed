//! StructureDefinitions to types: what has a snapshot and is no profile, with every backbone element as its own type.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use fhir::model::{Choice, Element, Kind, Type, TypeId};
use serde_json::Value;

use super::packages::{Packages, items, text};

const FHIR_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";

/// Type names to their number.
pub(super) type Names = BTreeMap<String, TypeId>;

/// HL7's structure definitions.
pub(super) struct Structures {
    /// Base definitions by type name.
    pub(super) base: BTreeMap<String, Value>,
    /// Canonical address of any definition, profiles included, to the name of the type it is about.
    addresses: BTreeMap<String, String>,
    names: Names,
}

/// One element definition, with what the table needs close at hand.
struct Defined<'a> {
    path: &'a str,
    json: &'a Value,
}

impl Structures {
    pub(super) fn read(packages: &Packages) -> Result<Structures> {
        let mut base = BTreeMap::new();
        let mut addresses = BTreeMap::new();
        for structure in packages.examples("StructureDefinition")? {
            let name = text(&structure, "type")?.to_owned();
            addresses.insert(text(&structure, "url")?.to_owned(), name.clone());
            if structure["derivation"] != "constraint" && structure["kind"] != "logical" {
                base.insert(name, structure);
            }
        }
        let mut all: BTreeSet<String> = base.keys().cloned().collect();
        for structure in base.values() {
            all.extend(elements(structure).filter(|e| is_backbone(e.json)).map(|e| e.path.to_owned()));
        }
        let names = all.into_iter().enumerate().map(|(at, name)| (name, TypeId(at as u16))).collect();
        Ok(Structures { base, addresses, names })
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// All types in the order of their numbers, and the value sets of their required bindings in the order of theirs.
    pub(super) fn types(&self) -> Result<(Vec<Type>, Vec<String>)> {
        let bindings: BTreeSet<String> =
            self.base.values().flat_map(elements).filter_map(|e| required(e.json)).collect();
        let bindings: Vec<String> = bindings.into_iter().collect();
        let types = self.names.keys().map(|name| self.type_of(name, &bindings)).collect::<Result<_>>()?;
        Ok((types, bindings))
    }

    fn type_of(&self, name: &str, bindings: &[String]) -> Result<Type> {
        let root = name.split('.').next().unwrap_or_default();
        let structure = self.base.get(root).with_context(|| format!("{name}: no definition"))?;
        let is_root = root == name;
        let kind = match structure["kind"].as_str() {
            _ if !is_root => Kind::Backbone,
            Some("primitive-type") => Kind::Primitive,
            Some("resource") => Kind::Resource,
            _ => Kind::Complex,
        };
        let base = if is_root {
            structure["baseDefinition"].as_str().and_then(|url| self.addresses.get(url)).map(String::as_str)
        } else {
            elements(structure).find(|e| e.path == name).and_then(|e| e.json["type"][0]["code"].as_str())
        };
        let base = base.map(|base| self.number(base)).transpose()?;
        let children = elements(structure)
            .filter(|e| e.path.rsplit_once('.').is_some_and(|(parent, _)| parent == name))
            .filter(|e| !(kind == Kind::Primitive && e.path.ends_with(".value")));
        let elements = children.map(|e| self.element(&e, kind, bindings)).collect::<Result<_>>()?;
        let is_abstract = is_root && structure["abstract"] == true;
        Ok(Type { name: name.into(), base, kind, is_abstract, elements })
    }

    fn element(&self, defined: &Defined<'_>, parent: Kind, bindings: &[String]) -> Result<Element> {
        let json = defined.json;
        let last = defined.path.rsplit('.').next().unwrap_or_default();
        let name = last.trim_end_matches("[x]");
        let mut choices = Vec::new();
        if let Some(target) = json["contentReference"].as_str() {
            choices.push(Choice { key: name.into(), type_id: self.number(target.trim_start_matches('#'))? });
        }
        for kind in items(json, "type") {
            let code = type_code(kind, name, parent)?;
            let key = if last == name { name.to_owned() } else { format!("{name}{}", upper_first(code)) };
            let target = if is_backbone(json) { defined.path } else { code };
            choices.push(Choice { key: key.into(), type_id: self.number(target)? });
        }
        let max = text(json, "max")?;
        let max: Option<u16> = if max == "*" { None } else { Some(max.parse().context("max")?) };
        let is_array =
            if max == Some(0) { json["base"]["max"] == "*" } else { max.is_none_or(|max| max > 1) };
        let binding = required(json).and_then(|url| bindings.binary_search(&url).ok());
        Ok(Element {
            name: name.into(),
            min: u16::try_from(json["min"].as_u64().context("min")?)?,
            max,
            is_array,
            choices,
            required_binding: binding.map(|at| at as u16),
            targets: self.targets(json),
        })
    }

    /// Types that references and canonicals here may lead to; empty where one of them may lead anywhere.
    fn targets(&self, json: &Value) -> Vec<TypeId> {
        let mut found = Vec::new();
        for kind in
            items(json, "type").iter().filter(|t| t["code"] == "Reference" || t["code"] == "canonical")
        {
            let profiles = items(kind, "targetProfile");
            let types = profiles.iter().filter_map(|p| self.addresses.get(p.as_str()?));
            let types: Vec<TypeId> = types.filter_map(|name| self.names.get(name).copied()).collect();
            let anything = self.names.get("Resource").is_some_and(|any| types.contains(any));
            if types.is_empty() || anything {
                return Vec::new();
            }
            found.extend(types);
        }
        found.sort();
        found.dedup();
        found
    }

    fn number(&self, name: &str) -> Result<TypeId> {
        self.names.get(name).copied().with_context(|| format!("{name}: no such type"))
    }
}

fn elements(structure: &Value) -> impl Iterator<Item = Defined<'_>> {
    let all = items(&structure["snapshot"], "element").iter();
    all.filter_map(|json| Some(Defined { path: json["path"].as_str()?, json }))
}

/// An element defined in place: its children stand in the same snapshot.
pub(super) fn is_backbone(element: &Value) -> bool {
    let inside = element["path"].as_str().is_some_and(|path| path.contains('.'));
    let code = element["type"][0]["code"].as_str();
    inside && matches!(code, Some("BackboneElement" | "Element"))
}

fn required(element: &Value) -> Option<String> {
    let binding = &element["binding"];
    let url = binding["valueSet"].as_str().filter(|_| binding["strength"] == "required")?;
    Some(url.split('|').next().unwrap_or(url).to_owned())
}

/// Ids and addresses of extensions are typed by FHIRPath's own `System.String`, with the FHIR type in an extension,
/// where HL7's 4.0.1 says `string` for the id of a resource too; it is an `id`.
fn type_code<'a>(kind: &'a Value, name: &str, parent: Kind) -> Result<&'a str> {
    let code = text(kind, "code")?;
    if !code.contains("fhirpath/System.") {
        return Ok(code);
    }
    if name == "id" && parent == Kind::Resource {
        return Ok("id");
    }
    let told = items(kind, "extension").iter().find(|e| e["url"] == FHIR_TYPE);
    Ok(told.and_then(|e| e["valueUrl"].as_str()).unwrap_or("string"))
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
