//! FHIRPath rules of the base definitions; each stands once, where it is defined.

use anyhow::{Context, Result};
use fhir::model::TypeId;
use r4::definitions::{Invariant, Severity};
use serde_json::Value;

use super::packages::{items, text};
use super::types::{Structures, is_backbone};

const BEST_PRACTICE: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice";

/// All of them (an inherited rule says its `source`, a structure's own says none), sorted by type, element and key.
pub(super) fn invariants(structures: &Structures) -> Result<Vec<Invariant>> {
    let mut found = Vec::new();
    for structure in structures.base.values() {
        for element in items(&structure["snapshot"], "element") {
            let path = text(element, "path")?;
            let (owner, part) = match path.rsplit_once('.') {
                Some((parent, last)) if !is_backbone(element) => (parent, Some(last.trim_end_matches("[x]"))),
                _ => (path, None),
            };
            let type_id = *structures.names().get(owner).with_context(|| format!("{path}: no such type"))?;
            let rules = items(element, "constraint").iter().filter(|rule| rule["source"].is_null());
            for rule in rules {
                found.push(invariant(rule, type_id, part)?);
            }
        }
    }
    found.sort_by(|a, b| (a.type_id, &a.element, &a.key).cmp(&(b.type_id, &b.element, &b.key)));
    Ok(found)
}

fn invariant(rule: &Value, type_id: TypeId, element: Option<&str>) -> Result<Invariant> {
    let best =
        items(rule, "extension").iter().any(|e| e["url"] == BEST_PRACTICE && e["valueBoolean"] == true);
    Ok(Invariant {
        key: text(rule, "key")?.into(),
        severity: if rule["severity"] == "error" { Severity::Error } else { Severity::Warning },
        is_best_practice: best,
        human: text(rule, "human")?.into(),
        expression: text(rule, "expression")?.into(),
        type_id,
        element: element.map(Box::from),
    })
}
