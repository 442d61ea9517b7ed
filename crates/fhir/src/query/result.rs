//! [Result parameters](https://hl7.org/fhir/R4/search.html#return): how the matches come back. `_query`, `_filter` and the like stay clauses.

use super::path::{Path, read_code};
use super::{Clause, Fault};
use crate::reference::is_type_name;

/// What to make of the matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultParameters {
    /// `_count`: matches per page. More than `u32` holds is held at its end; 0 asks for the total only.
    pub count: Option<u32>,
    /// `_sort`: first key first.
    pub sort: Vec<Sort>,
    /// `_include`: what the matches refer to.
    pub include: Vec<Include>,
    /// `_revinclude`: what refers to the matches.
    pub revinclude: Vec<Include>,
    /// `_total`
    pub total: Option<Total>,
    /// `_summary`
    pub summary: Option<Summary>,
    /// `_elements`: names of top elements to return.
    pub elements: Vec<String>,
    /// `_format`: a MIME type or short name, not checked. A space is taken for the `+` it was before decoding.
    pub format: Option<String>,
    /// `_pretty`
    pub pretty: Option<bool>,
    /// `_contained`
    pub contained: Option<Contained>,
    /// `_containedType`
    pub contained_type: Option<ContainedType>,
}

/// One key of `_sort`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The search parameter: `date` in `-date`.
    pub code: String,
    /// Whether a `-` stood before it.
    pub descending: bool,
}

/// One `_include` or `_revinclude`: `Observation:subject:Patient`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The type that refers; `None` for `*`.
    pub source: Option<String>,
    /// The reference parameter; `None` for all (`*`, `Observation:*`).
    pub code: Option<String>,
    /// The type referred to, if said.
    pub target: Option<String>,
    /// `:iterate`: from included resources too.
    pub iterate: bool,
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal, $meaning:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
        }

        impl $name {
            fn read(text: &str) -> Option<$name> {
                match text {
                    $($code => Some($name::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

choice! {
    /// `_total`: how well to count.
    Total {
        None = "none", "Not at all.";
        Estimate = "estimate", "About.";
        Accurate = "accurate", "Exactly.";
    }
}

choice! {
    /// `_summary`: how much of each resource to return.
    Summary {
        True = "true", "The summary elements.";
        Text = "text", "Narrative, id, meta and mandatory elements.";
        Data = "data", "All but the narrative.";
        Count = "count", "No resources, only how many.";
        False = "false", "All of it.";
    }
}

choice! {
    /// `_contained`: whether contained resources match.
    Contained {
        False = "false", "They do not.";
        True = "true", "Only they do.";
        Both = "both", "They do, too.";
    }
}

choice! {
    /// `_containedType`: what comes back for a contained match.
    ContainedType {
        Container = "container", "The resource that contains it.";
        Contained = "contained", "The contained resource alone.";
    }
}

impl ResultParameters {
    /// Reads `clause` if it is a result parameter; says whether it was.
    pub(super) fn take(&mut self, clause: &Clause) -> Result<bool, Fault> {
        let Path::Code(code) = &clause.path else { return Ok(false) };
        let iterate = match (code.as_str(), clause.modifier.as_deref()) {
            ("_include" | "_revinclude", Some("iterate")) => true,
            (_, None) => false,
            (code, Some(_)) => return if is_result(code) { Err(Fault::Modifier) } else { Ok(false) },
        };
        let texts: Vec<_> = clause.values.iter().map(super::value::Value::text).collect();
        let only = || if texts.len() == 1 { Ok(&*texts[0]) } else { Err(Fault::Value) };
        match code.as_str() {
            "_count" => once(&mut self.count, read_count(only()?)),
            "_sort" if !self.sort.is_empty() => Err(Fault::Repeated),
            "_sort" => extend(&mut self.sort, texts.iter().map(|t| read_sort(t))),
            "_include" => extend(&mut self.include, texts.iter().map(|t| read_include(t, iterate))),
            "_revinclude" => extend(&mut self.revinclude, texts.iter().map(|t| read_include(t, iterate))),
            "_total" => once(&mut self.total, Total::read(only()?)),
            "_summary" => once(&mut self.summary, Summary::read(only()?)),
            "_elements" => extend(&mut self.elements, texts.iter().map(|t| read_element(t))),
            "_format" => once(&mut self.format, Some(only()?.replace(' ', "+"))),
            "_pretty" => once(&mut self.pretty, only()?.parse().ok()),
            "_contained" => once(&mut self.contained, Contained::read(only()?)),
            "_containedType" => once(&mut self.contained_type, ContainedType::read(only()?)),
            _ => return Ok(false),
        }?;
        Ok(true)
    }
}

fn is_result(code: &str) -> bool {
    matches!(
        code,
        "_count"
            | "_sort"
            | "_include"
            | "_revinclude"
            | "_total"
            | "_summary"
            | "_elements"
            | "_format"
            | "_pretty"
            | "_contained"
            | "_containedType"
    )
}

fn once<T>(place: &mut Option<T>, read: Option<T>) -> Result<(), Fault> {
    if place.is_some() {
        return Err(Fault::Repeated);
    }
    *place = Some(read.ok_or(Fault::Value)?);
    Ok(())
}

fn extend<T>(list: &mut Vec<T>, read: impl Iterator<Item = Option<T>>) -> Result<(), Fault> {
    for one in read {
        list.push(one.ok_or(Fault::Value)?);
    }
    Ok(())
}

fn read_count(text: &str) -> Option<u32> {
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX))
}

fn read_sort(text: &str) -> Option<Sort> {
    let (descending, code) = match text.strip_prefix('-') {
        Some(code) => (true, code),
        None => (false, text),
    };
    Some(Sort { code: read_code(code)?, descending })
}

fn read_include(text: &str, iterate: bool) -> Option<Include> {
    if text == "*" {
        return Some(Include { source: None, code: None, target: None, iterate });
    }
    let mut parts = text.split(':');
    let source = parts.next().filter(|t| is_type_name(t))?.to_owned();
    let code = match parts.next()? {
        "*" => None,
        code => Some(read_code(code)?),
    };
    // `Observation:subject:` is how some clients write "any target".
    let target = parts.next().filter(|t| !t.is_empty());
    if parts.next().is_some() || target.is_some_and(|t| !is_type_name(t)) {
        return None;
    }
    Some(Include { source: Some(source), code, target: target.map(str::to_owned), iterate })
}

/// A name of a top element; `Patient.name` is taken for `name` by whoever knows the type.
fn read_element(text: &str) -> Option<String> {
    let is_name = text.len() <= 128 && text.split('.').all(|part| read_code(part).is_some());
    is_name.then(|| text.to_owned())
}
