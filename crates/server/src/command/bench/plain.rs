//! The control: the same resources as plain bytes into one table of the same engine, one durable transaction for each bundle.

use super::{Arguments, load, server::Server};
use crate::clock;
use anyhow::Context;
use fhir::json::{self, Limits};
use std::time::Instant;

/// What the control came to.
pub(super) struct Plain {
    /// Resources.
    pub(super) resources: u64,
    /// Bytes of their JSON without white space.
    pub(super) json_bytes: u64,
    /// Seconds that the inserts took; reading and parsing the files is not in it.
    pub(super) seconds: f64,
    /// Plain reads a second, by one client, without HTTP.
    pub(super) reads_per_second: f64,
}

/// Runs it.
///
/// # Errors
/// Where a file cannot be read or the database fails.
pub(super) fn measure(server: &Server, arguments: &Arguments) -> anyhow::Result<Plain> {
    let mut table = store::plain::Plain::create(&server.plain_database())?;
    let mut plain = Plain { resources: 0, json_bytes: 0, seconds: 0.0, reads_per_second: 0.0 };
    load::each_bundle(arguments.source()?, arguments.bundles, &mut |_, bytes| {
        let bundle = json::parse(&bytes, Limits::default()).context("a bundle is no JSON")?;
        let entries = bundle["entry"].as_array().into_iter().flatten();
        let bodies: Vec<Vec<u8>> = entries.map(|entry| json::render(&entry["resource"])).collect();
        plain.resources += bodies.len() as u64;
        plain.json_bytes += bodies.iter().map(|body| body.len() as u64).sum::<u64>();
        let start = Instant::now();
        table.insert(bodies)?;
        plain.seconds += clock::since(start);
        Ok(())
    })?;
    plain.reads_per_second = reads(&mut table, plain.resources, arguments.seconds)?;
    table.remove()?;
    Ok(plain)
}

fn reads(table: &mut store::plain::Plain, resources: u64, seconds: f64) -> anyhow::Result<f64> {
    let (start, mut count) = (Instant::now(), 0_u64);
    while clock::since(start) < seconds.min(2.0) {
        // A prime far from any power of two walks over all rows in no order.
        let id = count.wrapping_mul(7_919) % resources.max(1) + 1;
        table.read(id as i64)?;
        count += 1;
    }
    Ok(count as f64 / clock::since(start))
}
