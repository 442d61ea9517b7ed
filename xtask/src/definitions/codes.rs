//! Value sets of required bindings, from HL7's expansions.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use r4::definitions::{Code, Codes, ValueSet};
use serde_json::Value;

use super::packages::{Packages, items, text};

/// Value sets that HL7's package holds no full list of, each with what is done instead. A new one is an error here.
const OPEN: [(&str, Codes); 3] = [
    ("http://hl7.org/fhir/ValueSet/mimetypes", Codes::MediaType),
    ("http://hl7.org/fhir/ValueSet/ucum-units", Codes::Open),
    ("http://loinc.org/vs/LL379-9", Codes::Open),
];

/// The value sets at those addresses, in that order.
pub(super) fn value_sets(packages: &Packages, urls: &[String]) -> Result<Vec<ValueSet>> {
    let mut expansions = BTreeMap::new();
    for set in packages.expansions()? {
        expansions.insert(text(&set, "url")?.to_owned(), set);
    }
    urls.iter()
        .map(|url| Ok(ValueSet { url: url.as_str().into(), codes: codes(url, &expansions)? }))
        .collect()
}

fn codes(url: &str, expansions: &BTreeMap<String, Value>) -> Result<Codes> {
    if let Some((_, codes)) = OPEN.iter().find(|(open, _)| *open == url) {
        return Ok(codes.clone());
    }
    let mut found = Vec::new();
    let expansion = expansions.get(url).map_or(&Value::Null, |set| &set["expansion"]);
    collect(items(expansion, "contains"), &mut found)?;
    if found.is_empty() {
        bail!("{url} has no codes in HL7's expansions: say in OPEN how it is checked");
    }
    found.sort();
    found.dedup();
    Ok(Codes::Listed(found))
}

fn collect(contains: &[Value], found: &mut Vec<Code>) -> Result<()> {
    for item in contains {
        if item["abstract"] != true {
            found.push(Code { code: text(item, "code")?.into(), system: text(item, "system")?.into() });
        }
        collect(items(item, "contains"), found)?;
    }
    Ok(())
}
