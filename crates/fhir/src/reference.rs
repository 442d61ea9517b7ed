//! [References](https://hl7.org/fhir/R4/references.html): what one points at, and finding them in a resource.

pub mod rewrite;

use serde_json::Value;
use std::fmt;

/// A resource named by type and id, `Patient/a`, perhaps in one version, `Patient/a/_history/2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Local<'a> {
    /// `Patient`. Shaped like a type name; whether there is such a type the release says.
    pub type_name: &'a str,
    /// Its id, see [`is_id`].
    pub id: &'a str,
    /// Its version, where one is named.
    pub version: Option<&'a str>,
}

/// What a reference's text points at. Its `Debug` shows resources of ours and no more: a URL or search may hold a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reference<'a> {
    /// A resource of this server: `Patient/a`.
    Local(Local<'a>),
    /// A URL: `https://elsewhere.example/fhir/Patient/a`.
    Absolute {
        /// All of it.
        url: &'a str,
        /// The resource it names, where the URL starts with one of this server's own bases.
        local: Option<Local<'a>>,
    },
    /// A contained resource by its id; empty for the resource that holds the reference: `#p1`, `#`.
    Fragment(&'a str),
    /// `urn:uuid:…` or `urn:oid:…`, all of it: another entry of the same Bundle.
    Urn(&'a str),
    /// [A search that has one match](https://hl7.org/fhir/R4/http.html#trules): `Patient?identifier=a|b`.
    Conditional {
        /// `Patient`.
        type_name: &'a str,
        /// The search, without its question mark, as it stood.
        query: &'a str,
    },
}

impl fmt::Debug for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Local(local) | Reference::Absolute { local: Some(local), .. } => local.fmt(f),
            Reference::Absolute { local: None, .. } => f.write_str("Absolute sealed"),
            Reference::Fragment(_) => f.write_str("Fragment sealed"),
            Reference::Urn(_) => f.write_str("Urn sealed"),
            Reference::Conditional { type_name, .. } => write!(f, "Conditional {type_name} sealed"),
        }
    }
}

/// Reads the text of a `Reference.reference`.
///
/// `bases` are this server's own base URLs, with or without a slash at the end. `None` for what is none of FHIR's forms.
///
/// ```
/// use fhir::reference::{parse, Local, Reference};
///
/// let patient = Local { type_name: "Patient", id: "a", version: None };
/// assert_eq!(parse("Patient/a", &[]), Some(Reference::Local(patient)));
/// let url = "https://here.example/fhir/Patient/a";
/// assert_eq!(parse(url, &["https://here.example/fhir"]), Some(Reference::Absolute { url, local: Some(patient) }));
/// assert_eq!(parse("somebody", &[]), None);
/// ```
pub fn parse<'a>(text: &'a str, bases: &[&str]) -> Option<Reference<'a>> {
    if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    if let Some(id) = text.strip_prefix('#') {
        return (id.is_empty() || is_id(id)).then_some(Reference::Fragment(id));
    }
    if is_urn(text) {
        return Some(Reference::Urn(text));
    }
    if let Some((type_name, query)) = text.split_once('?')
        && is_type_name(type_name)
    {
        return (!query.is_empty()).then_some(Reference::Conditional { type_name, query });
    }
    if is_absolute(text) {
        let local = bases.iter().find_map(|base| local(below(text, base)?));
        return Some(Reference::Absolute { url: text, local });
    }
    local(text).map(Reference::Local)
}

/// Reads `Patient/a` or `Patient/a/_history/2`.
pub fn local(text: &str) -> Option<Local<'_>> {
    let mut parts = text.split('/');
    let (type_name, id) = (parts.next()?, parts.next()?);
    let version = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => None,
        (Some("_history"), Some(version), None) if is_id(version) => Some(version),
        _ => return None,
    };
    (is_type_name(type_name) && is_id(id)).then_some(Local { type_name, id, version })
}

/// Whether `text` is a FHIR [`id`](https://hl7.org/fhir/R4/datatypes.html#id): 1 to 64 of `A-Z a-z 0-9 - .`
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

/// Whether `text` is shaped like the name of a resource type.
pub fn is_type_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether `text` is a `urn:uuid:` or `urn:oid:`. What follows is not looked at: senders put names of their own there, and it is only ever compared.
pub fn is_urn(text: &str) -> bool {
    ["urn:uuid:", "urn:oid:"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

/// What a relative reference means [inside a Bundle](https://hl7.org/fhir/R4/bundle.html#references): `Patient/a` in the entry
/// `https://there.example/fhir/Observation/o` is `https://there.example/fhir/Patient/a`.
///
/// `None` unless `full_url` ends in type and id, and `reference` is relative.
pub fn within_bundle(full_url: &str, reference: &str) -> Option<String> {
    local(reference)?;
    if !is_absolute(full_url) || is_urn(full_url) {
        return None;
    }
    let (rest, id) = full_url.rsplit_once('/')?;
    let (base, type_name) = rest.rsplit_once('/')?;
    (is_id(id) && is_type_name(type_name)).then(|| format!("{base}/{reference}"))
}

/// Shows `visit` the text of every Reference in `resource`, in the order they stand, contained resources included.
///
/// A Reference is told by its member `reference`; no other R4 type has a string of that name. Recurses as deep as the resource is.
pub fn each_reference<'a>(resource: &'a Value, visit: &mut impl FnMut(&'a str)) {
    match resource {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "reference" => visit(text),
                    _ => each_reference(member, visit),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_reference(item, visit)),
        _ => {}
    }
}

/// As [`each_reference`], to change them.
pub fn each_reference_mut(resource: &mut Value, visit: &mut impl FnMut(&mut String)) {
    match resource {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "reference" => visit(text),
                    _ => each_reference_mut(member, visit),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference_mut(item, visit)),
        _ => {}
    }
}

/// Whether `text` starts with a URL scheme.
fn is_absolute(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

/// The part of `url` below `base`, without the slash between.
fn below<'a>(url: &'a str, base: &str) -> Option<&'a str> {
    url.strip_prefix(base.trim_end_matches('/'))?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const BASES: &[&str] = &["https://here.example/fhir/", "http://localhost:8080/fhir/R4"];

    fn patient(version: Option<&str>) -> Local<'_> {
        Local { type_name: "Patient", id: "a-1.b", version }
    }

    #[test]
    fn a_reference_is_told_by_its_form() {
        assert_eq!(parse("Patient/a-1.b", BASES), Some(Reference::Local(patient(None))));
        assert_eq!(parse("Patient/a-1.b/_history/2", BASES), Some(Reference::Local(patient(Some("2")))));
        assert_eq!(parse("#p1", BASES), Some(Reference::Fragment("p1")));
        assert_eq!(parse("#", BASES), Some(Reference::Fragment("")));
        let urn = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
        assert_eq!(parse(urn, BASES), Some(Reference::Urn(urn)));
        assert_eq!(parse("urn:oid:1.2.3", BASES), Some(Reference::Urn("urn:oid:1.2.3")));
        assert_eq!(
            parse("Patient?identifier=http://x|1/2", BASES),
            Some(Reference::Conditional { type_name: "Patient", query: "identifier=http://x|1/2" })
        );
    }

    #[test]
    fn a_url_below_our_base_is_one_of_ours() {
        for base in ["https://here.example/fhir/", "http://localhost:8080/fhir/R4/"] {
            let url = format!("{base}Patient/a-1.b");
            assert_eq!(
                parse(&url, BASES),
                Some(Reference::Absolute { url: &url, local: Some(patient(None)) })
            );
        }
        for url in [
            "https://elsewhere.example/fhir/Patient/a",
            "https://here.example/fhirPatient/a",
            "https://here.example/fhir/Patient",
            "https://here.example/fhir/Patient/a/b",
            "urn:ietf:rfc:3986",
        ] {
            assert_eq!(parse(url, BASES), Some(Reference::Absolute { url, local: None }), "{url}");
        }
    }

    #[test]
    fn what_is_no_reference_is_none() {
        for text in [
            "",
            "Patient",
            "Patient/",
            "/Patient/a",
            "patient/a",
            "Patient/a/",
            "Patient/a b",
            "Patient/a/_history",
            "Patient/a/_history/",
            "Patient/a/_history/1/2",
            "Patient/a/2",
            "Patient?",
            "urn:uuid:",
            "#a b",
            "Patient/a#b",
            "Patient/../a",
            "Pa-tient/a",
            "http:",
        ] {
            assert!(
                !matches!(
                    parse(text, BASES),
                    Some(
                        Reference::Local(_)
                            | Reference::Fragment(_)
                            | Reference::Urn(_)
                            | Reference::Conditional { .. }
                    )
                ),
                "{text}"
            );
        }
        assert_eq!(parse("Patient/a b", BASES), None);
        assert_eq!(parse("http:", BASES), None);
    }

    #[test]
    fn an_id_is_short_and_plain() {
        assert!(is_id("a") && is_id(&"a".repeat(64)) && is_id("A-9."));
        assert!(!is_id("") && !is_id(&"a".repeat(65)) && !is_id("a_b") && !is_id("é") && !is_id("a/b"));
    }

    #[test]
    fn a_relative_reference_in_a_bundle_stands_beside_its_entry() {
        let full_url = "https://there.example/fhir/Observation/o";
        assert_eq!(
            within_bundle(full_url, "Patient/a").as_deref(),
            Some("https://there.example/fhir/Patient/a")
        );
        assert_eq!(within_bundle(full_url, "urn:uuid:x"), None);
        assert_eq!(within_bundle("urn:uuid:x", "Patient/a"), None);
        assert_eq!(within_bundle("https://there.example/", "Patient/a"), None);
    }

    #[test]
    fn every_reference_is_visited() {
        let mut resource = json!({
            "subject": {"reference": "Patient/a", "display": "x"},
            "contained": [{"resourceType": "Provenance", "target": [{"reference": "#"}, {"identifier": {"value": "1"}}]}],
            "provision": {"data": [{"meaning": "instance", "reference": {"reference": "Observation/o"}}]},
            "extension": [{"url": "reference", "valueReference": {"reference": "Patient/b"}}],
        });
        each_reference_mut(&mut resource, &mut |text| text.push('!'));
        let mut seen = Vec::new();
        each_reference(&resource, &mut |text| seen.push(text));
        assert_eq!(seen, ["Patient/a!", "#!", "Observation/o!", "Patient/b!"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}|[A-Za-z/#?:._-]{0,30}") {
            let _ = parse(&text, BASES);
            let _ = within_bundle(&text, "Patient/a");
        }

        #[test]
        fn type_and_id_read_back(type_name in "[A-Z][A-Za-z]{0,20}", id in "[A-Za-z0-9.-]{1,64}") {
            let text = format!("{type_name}/{id}");
            let local = Local { type_name: &type_name, id: &id, version: None };
            prop_assert_eq!(parse(&text, &[]), Some(Reference::Local(local)));
        }
    }
}
