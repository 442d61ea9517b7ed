//! Times `fhir::json::parse` and `render` against `serde_json` on the files named as arguments:
//! `cargo run --release -p fhir --example json_speed -- bundle.json …`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test stops where it fails, and says what it did")]

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark talks to a terminal and may stop")]

use fhir::json::{self, Limits};
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 31;

/// The median time of one call.
fn median(mut call: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

fn main() {
    for path in std::env::args().skip(1) {
        let pretty = std::fs::read(&path).expect("a readable file");
        let value = json::parse(&pretty, Limits::default()).expect("JSON");
        let compact = json::render(&value);
        for (form, text) in [("as given", &pretty), ("compact", &compact)] {
            let ours = median(|| drop(black_box(json::parse(text, Limits::default()))));
            let theirs = median(|| drop(black_box(serde_json::from_slice::<serde_json::Value>(text))));
            report("parse", form, text.len(), ours, theirs);
        }
        let ours = median(|| drop(black_box(json::render(&value))));
        let theirs = median(|| drop(black_box(serde_json::to_vec(&value))));
        report("render", "compact", compact.len(), ours, theirs);
    }
}

fn report(what: &str, form: &str, bytes: usize, ours: Duration, theirs: Duration) {
    let speed = bytes as f64 / ours.as_secs_f64() / 1e6;
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "{what:6} {form:8} {bytes:>9} bytes: {ours:>9.1?} ({speed:.0} MB/s), serde_json {theirs:>9.1?}, ratio {ratio:.2}"
    );
}
