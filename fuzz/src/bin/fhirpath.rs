//! FHIRPath: an expression that compiles gives an answer or an error on any resource, and the same one twice.
//!
//! Input: the expression, a zero byte, the resource.
#![no_main]

use fhir::{json, path::Path};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (expression, resource) = split(bytes);
    let Ok(expression) = std::str::from_utf8(expression) else { return };
    let model = &r4::definitions().model;
    let resource = json::parse(resource, json::Limits::default()).unwrap_or_else(|_| patient());
    let named = resource["resourceType"].as_str().unwrap_or("Patient");
    let Some(root) = model.find(named).or_else(|| model.find("Patient")) else { return };
    let Ok(path) = Path::compile(expression, root, model) else { return };
    let _ = (path.types().count(), path.elements(), path.first_keys());
    let count = || path.nodes(&resource, model).map(|nodes| nodes.len()).map_err(|error| error.to_string());
    assert_eq!(count(), count());
    let _ = path.holds(&resource, model);
});

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, b""),
    }
}

fn patient() -> serde_json::Value {
    serde_json::json!({
        "resourceType": "Patient",
        "active": true,
        "name": [{"family": "A", "given": ["B", "C"]}, {"text": "D"}],
        "birthDate": "1974-12-25",
        "multipleBirthInteger": 2,
        "contact": [{"name": {"family": "E"}}],
        "managingOrganization": {"reference": "Organization/1"},
    })
}
