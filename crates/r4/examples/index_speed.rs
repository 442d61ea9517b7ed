//! How long index extraction takes, per type of resource:
//!
//! ```text
//! cargo run --release -p r4 --example index_speed -- <folder of Bundles as JSON> <most files to read>
//! ```

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

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
        for _ in 0..3 {
            for entry in bundle["entry"].as_array().unwrap() {
                measure(&entry["resource"], &mut rows);
            }
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
        extract(resource).unwrap();
        compartment::patients(resource).unwrap();
    }
    let start = Instant::now();
    let entries = extract(resource).unwrap();
    row.extraction += start.elapsed();
    row.entries += entries.len();
    row.resources += 1;
    let start = Instant::now();
    std::hint::black_box(compartment::patients(resource).unwrap());
    row.patients += start.elapsed();
}

fn print(name: &str, row: &Row) {
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(row.resources);
    let entries = row.entries as f64 / f64::from(row.resources);
    let (extraction, patients) = (each(row.extraction), each(row.patients));
    println!("{name:28} {:>9} {entries:>9.1} {extraction:>12.2} {patients:>12.2}", row.resources);
}
