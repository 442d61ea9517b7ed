//! How long index extraction takes, per type of resource:
//!
//! ```text
//! cargo run --release -p r4 --example index_speed -- <folder of Bundles as JSON> <most files to read>
//! ```

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fhir::path::Path;
use r4::definitions::definitions;
use r4::index::{compartment, extract};
use serde_json::Value;

#[derive(Default)]
struct Row {
    resources: u32,
    entries: usize,
    extraction: Duration,
    patients: Duration,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap();
    let most: usize = arguments.next().unwrap().parse().unwrap();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for file in files.iter().take(most) {
        let bundle: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for entry in bundle["entry"].as_array().unwrap() {
            measure(&entry["resource"], &mut rows);
        }
    }
    println!("{:28} {:>9} {:>9} {:>12} {:>12}", "type", "resources", "entries", "µs extract", "µs patients");
    let mut total = Row::default();
    for (name, row) in &rows {
        print(name, row);
        total.resources += row.resources;
        total.entries += row.entries;
        total.extraction += row.extraction;
        total.patients += row.patients;
    }
    print("all", &total);
}

fn measure(resource: &Value, rows: &mut BTreeMap<String, Row>) {
    let row = rows.entry(resource["resourceType"].as_str().unwrap().to_owned()).or_default();
    // The first time a type is seen its parameters are compiled; that is no part of the figure.
    if row.resources == 0 {
        paths(resource);
        extract(resource).unwrap();
        compartment::patients(resource).unwrap();
    }
    row.extraction += best(|| extract(resource).unwrap());
    row.patients += best(|| compartment::patients(resource).unwrap());
    row.entries += extract(resource).unwrap().len();
    row.resources += 1;
}

/// The best of five, so that other work on the machine does not count.
fn best<T>(work: impl Fn() -> T) -> Duration {
    let once = || {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed()
    };
    (0..5).map(|_| once()).min().unwrap()
}

/// What single expressions take.
fn paths(resource: &Value) {
    let model = &definitions().model;
    let name = resource["resourceType"].as_str().unwrap();
    for expression in [
        "Patient.birthDate",
        "Patient.name.given",
        "Patient.telecom.where(system='phone')",
        "Patient.deceased.exists() and Patient.deceased != false",
        "Observation.code",
        "Observation.subject.where(resolve() is Patient)",
        "(Observation.value as Quantity) | (Observation.component.value as Quantity)",
    ] {
        let Ok(path) = Path::compile(expression, model.find(name).unwrap(), model) else { continue };
        let thousand = best(|| (0..1000).for_each(|_| path.each(resource, model, &mut |_| {}).unwrap()));
        println!("{:>8.3} µs {expression}", thousand.as_secs_f64() * 1e3);
    }
}

fn print(name: &str, row: &Row) {
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(row.resources);
    let entries = row.entries as f64 / f64::from(row.resources);
    let (extraction, patients) = (each(row.extraction), each(row.patients));
    println!("{name:28} {:>9} {entries:>9.1} {extraction:>12.2} {patients:>12.2}", row.resources);
}
