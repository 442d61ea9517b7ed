//! Trains the FHIR dictionary: `cargo run -p vault --example train -- <unpacked hl7.fhir.r4.examples package>`.
//!
//! Two sources, both free of real people: the instance examples of HL7's R4 package (CC0), and the hand-written
//! shapes in `data/shapes/`, filled with made-up ids, dates and common codes. The output is the same on every run.
//! What is measured against (other generators' records) is never trained on. See `data/README.md`.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // a tool that stops with its reason, run by hand

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// Large enough for all common shapes, small enough to stay in the processor's cache.
const DICTIONARY_BYTES: usize = 64 << 10;
/// How often each shape is filled, against each example once or a few times.
const FILLS: usize = 24;
/// What a clinic writes most; their examples count this often.
const COMMON: [&str; 12] = [
    "AllergyIntolerance",
    "Claim",
    "Condition",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "ExplanationOfBenefit",
    "Immunization",
    "MedicationRequest",
    "Observation",
    "Patient",
    "Procedure",
];
/// Definitions are not records: they would fill the dictionary with their own words.
const DEFINITIONS: [&str; 28] = [
    "ActivityDefinition",
    "CapabilityStatement",
    "ChargeItemDefinition",
    "CodeSystem",
    "CompartmentDefinition",
    "ConceptMap",
    "EffectEvidenceSynthesis",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "GraphDefinition",
    "ImplementationGuide",
    "Library",
    "Measure",
    "MessageDefinition",
    "NamingSystem",
    "OperationDefinition",
    "Parameters",
    "PlanDefinition",
    "Questionnaire",
    "ResearchDefinition",
    "SearchParameter",
    "StructureDefinition",
    "StructureMap",
    "TerminologyCapabilities",
    "TestScript",
    "ValueSet",
];
const LONGEST_TEXT: usize = 120;

fn main() {
    let package = std::env::args().nth(1).expect("the folder of the unpacked package hl7.fhir.r4.examples");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let mut samples = examples(Path::new(&package));
    let from_examples = samples.len();
    samples.extend(shapes(&data.join("shapes")));
    let bytes: usize = samples.iter().map(String::len).sum();
    println!(
        "{from_examples} samples from examples, {} from shapes, {bytes} bytes",
        samples.len() - from_examples
    );
    let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES).unwrap();
    fs::write(data.join("fhir-1.dict"), &dictionary).unwrap();
    println!("fhir-1.dict: {} bytes", dictionary.len());
}

/// Every instance example, alone or as a Bundle's entry, as the store would hold it.
fn examples(package: &Path) -> Vec<String> {
    let mut paths: Vec<_> = fs::read_dir(package).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut samples = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|kind| kind == "json")) {
        let name = path.file_name().unwrap().to_string_lossy();
        if DEFINITIONS.iter().any(|definition| name.starts_with(&format!("{definition}-"))) {
            continue;
        }
        let Ok(value) = serde_json::from_slice::<Value>(&fs::read(path).unwrap()) else { continue };
        match value["entry"].as_array() {
            Some(entries) => entries.iter().for_each(|entry| take(&entry["resource"], &mut samples)),
            None => take(&value, &mut samples),
        }
    }
    samples
}

fn take(resource: &Value, samples: &mut Vec<String>) {
    let Some(kind) = resource["resourceType"].as_str() else { return };
    if kind == "Bundle" || DEFINITIONS.contains(&kind) {
        return;
    }
    let mut stored = resource.clone();
    shorten(&mut stored);
    let text = serde_json::to_string(&in_stored_order(stored)).unwrap();
    if text.len() < 20_000 {
        let times = if COMMON.contains(&kind) { 3 } else { 1 };
        samples.extend(std::iter::repeat_n(text, times));
    }
}

/// Narrative and other long prose says the same in no two records; its first words show how it begins.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > LONGEST_TEXT => {
            *text = text.chars().take(LONGEST_TEXT).collect();
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(members) => members.values_mut().for_each(shorten),
        _ => {}
    }
}

/// `resourceType`, `id`, `meta` first; `versionId` and `lastUpdated` are columns, not body.
fn in_stored_order(resource: Value) -> Value {
    let Value::Object(mut members) = resource else { return resource };
    if let Some(Value::Object(meta)) = members.get_mut("meta") {
        meta.shift_remove("versionId");
        meta.shift_remove("lastUpdated");
    }
    let mut stored = Map::new();
    for first in ["resourceType", "id", "meta"] {
        if let Some(member) = members.shift_remove(first) {
            stored.insert(first.to_owned(), member);
        }
    }
    stored.extend(members);
    Value::Object(stored)
}

fn shapes(folder: &Path) -> Vec<String> {
    let codes = serde_json::from_slice(&fs::read(folder.join("codes.json")).unwrap()).unwrap();
    let mut filler = Filler { codes, random: 0x6b65_6570_7765_6c6c };
    let mut samples = Vec::new();
    for _ in 0..FILLS {
        for name in ["clinical.ndjson", "administrative.ndjson"] {
            let shapes = fs::read_to_string(folder.join(name)).unwrap();
            samples.extend(shapes.lines().map(|shape| filler.fill(shape)));
        }
    }
    samples
}

/// Fills the `$blanks$` of a shape with made-up values; `"$#blank$"` becomes a number.
struct Filler {
    codes: BTreeMap<String, Vec<(String, String)>>,
    random: u64,
}

impl Filler {
    fn fill(&mut self, shape: &str) -> String {
        // Within one resource a code and its display belong together.
        let codes: BTreeMap<String, (String, String)> = self
            .codes
            .clone()
            .into_iter()
            .map(|(name, list)| (name, list[self.below(list.len())].clone()))
            .collect();
        let mut filled = String::new();
        let mut parts = shape.split('$');
        filled.push_str(parts.next().unwrap());
        while let (Some(blank), Some(after)) = (parts.next(), parts.next()) {
            if let Some(number) = blank.strip_prefix('#') {
                filled.pop();
                filled.push_str(&self.number(number));
                filled.push_str(after.strip_prefix('"').unwrap());
            } else {
                filled.push_str(&self.value(blank, &codes));
                filled.push_str(after);
            }
        }
        serde_json::from_str::<Value>(&filled).unwrap();
        filled
    }

    fn value(&mut self, blank: &str, codes: &BTreeMap<String, (String, String)>) -> String {
        match blank.split_once(':').unwrap_or((blank, "")) {
            ("code", name) => codes[name].0.clone(),
            ("display", name) => codes[name].1.clone(),
            ("uuid", _) => self.uuid(),
            ("ref", _) if self.below(2) == 0 => format!("urn:uuid:{}", self.uuid()),
            ("ref", kind) => format!("{kind}/{}", self.uuid()),
            ("digits", count) => (0..count.parse().unwrap()).map(|_| self.number("digit")).collect(),
            ("date", _) => {
                format!("{}-{:02}-{:02}", 1930 + self.below(96), 1 + self.below(12), 1 + self.below(28))
            }
            ("dateTime", _) => {
                format!("{}{}", self.time(), ["Z", "-05:00", "+01:00", "+05:30"][self.below(4)])
            }
            ("instant", _) => {
                format!("{}.{:03}{}", self.time(), self.below(1000), ["Z", "-05:00", "+05:30"][self.below(3)])
            }
            ("base64", _) => (0..40).map(|_| char::from(b'A' + self.below(26) as u8)).collect(),
            (other, _) => unreachable!("no such blank: {other}"),
        }
    }

    fn number(&mut self, kind: &str) -> String {
        match kind {
            "digit" => self.below(10).to_string(),
            "int" => (1 + self.below(200)).to_string(),
            _ => format!("{}.{}", self.below(200), self.below(100)),
        }
    }

    fn time(&mut self) -> String {
        let date = self.value("date", &BTreeMap::new());
        format!("{date}T{:02}:{:02}:{:02}", self.below(24), self.below(60), self.below(60))
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        )
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// splitmix64: the same samples on every run.
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ self.random >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}
