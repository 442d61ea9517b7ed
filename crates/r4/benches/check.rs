//! `cargo bench -p r4`: how long loading the definitions and checking a resource takes.
//!
//! With `KEEPWELL_R4_EXAMPLES` set to HL7's unpacked examples package, every resource of it is measured too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::Value;

const ROUNDS: u32 = 20_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = &mut std::io::stdout();
    let file = include_bytes!("../data/definitions.bin");
    let start = Instant::now();
    for _ in 0..20 {
        black_box(r4::format::parse(black_box(file))?);
    }
    writeln!(out, "load             {:8.2} ms", millis(start.elapsed()) / 20.0)?;
    let observation: Value = serde_json::from_str(include_str!("observation.json"))?;
    let start = Instant::now();
    r4::check(&observation);
    writeln!(out, "first check      {:8.2} ms", millis(start.elapsed()))?;
    one(out, "Observation", &observation)?;
    let Some(folder) = std::env::var_os("KEEPWELL_R4_EXAMPLES") else { return Ok(()) };
    let (mut bytes, mut spent, mut count) = (0, Duration::ZERO, 0);
    for entry in std::fs::read_dir(folder)? {
        let text = std::fs::read(entry?.path())?;
        let Ok(resource) = serde_json::from_slice::<Value>(&text) else { continue };
        let size = serde_json::to_vec(&resource)?.len();
        let start = Instant::now();
        black_box(r4::check(black_box(&resource)));
        spent += start.elapsed();
        bytes += size;
        count += 1;
    }
    let rate = bytes as f64 / 1e6 / spent.as_secs_f64();
    writeln!(out, "examples         {count} resources, {bytes} bytes, {rate:.0} MB/s")?;
    Ok(())
}

fn one(out: &mut impl Write, name: &str, resource: &Value) -> Result<(), Box<dyn std::error::Error>> {
    let size = serde_json::to_vec(resource)?.len();
    let start = Instant::now();
    for _ in 0..ROUNDS {
        black_box(r4::check(black_box(resource)));
    }
    let each = millis(start.elapsed()) * 1000.0 / f64::from(ROUNDS);
    writeln!(out, "{name:<16} {each:8.2} µs for {size} bytes")?;
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
