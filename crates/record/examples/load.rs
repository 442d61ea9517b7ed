//! Loads a folder of Bundles into a kernel on SQLite, then reads: where the time goes, without HTTP.
//!
//! `cargo run --release -p record --example load -- FOLDER FILES THREADS`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops where it fails, and says what it did"
)]

use std::{
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use testkit::house::{Engine, House};

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().expect("a folder"));
    let most: usize = args.next().map_or(50, |n| n.parse().expect("a number of files"));
    let threads: usize = args.next().map_or(4, |n| n.parse().expect("a number of threads"));
    let engine =
        if std::env::var("KEEPWELL_TEST_POSTGRES").is_ok() { Engine::Postgres } else { Engine::Sqlite };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).expect("the folder").flatten().map(|e| e.path()).collect();
    files.sort();
    let (first, rest): (Vec<PathBuf>, Vec<PathBuf>) = files
        .into_iter()
        .partition(|p| p.file_name().is_some_and(|n| n.to_string_lossy().contains("Information")));
    let house = House::new(engine);
    let done = AtomicUsize::new(0);
    let bytes = AtomicUsize::new(0);
    let names = Mutex::new(Vec::new());
    let post = |path: &PathBuf| {
        let text = std::fs::read(path).expect("a file");
        let bundle = fhir::json::parse(&text, fhir::json::Limits::default()).expect("JSON");
        for entry in bundle["entry"].as_array().expect("entries") {
            bytes.fetch_add(fhir::json::render(&entry["resource"]).len(), Ordering::Relaxed);
        }
        let count = bundle["entry"].as_array().map_or(0, Vec::len);
        let answer = record::bundle::Answer {
            base: "http://localhost/fhir/R4",
            representation: false,
            lenient: false,
        };
        match house.record.bundle(&house.operator(), bundle, answer) {
            Ok(response) => {
                let response = fhir::json::parse(&response, fhir::json::Limits::default()).expect("JSON");
                let made = response["entry"].as_array().expect("entries").iter();
                let made = made.filter_map(|e| e["response"]["location"].as_str().map(str::to_owned));
                names.lock().expect("no panic").extend(made);
                done.fetch_add(count, Ordering::Relaxed);
            }
            Err(error) => eprintln!("{}: {error} {:?}", path.display(), error.issues().first()),
        }
    };
    let start = Instant::now();
    first.iter().for_each(post);
    let at = AtomicUsize::new(0);
    let rest: Vec<PathBuf> = rest.into_iter().take(most).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(path) = rest.get(at.fetch_add(1, Ordering::Relaxed)) {
                    post(path);
                }
            });
        }
    });
    let (count, seconds) = (done.load(Ordering::Relaxed), start.elapsed().as_secs_f64());
    let size = house.record.store().size_bytes().expect("a size");
    println!("{count} resources in {seconds:.1} s: {:.0}/s", count as f64 / seconds);
    println!(
        "{size} bytes stored, {} raw: {:.2}",
        bytes.load(Ordering::Relaxed),
        size as f64 / bytes.load(Ordering::Relaxed) as f64
    );
    let names = names.into_inner().expect("no panic");
    let at = AtomicUsize::new(0);
    let start = Instant::now();
    let reads = 40_000;
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                loop {
                    let n = at.fetch_add(1, Ordering::Relaxed);
                    if n >= reads {
                        break;
                    }
                    let name = &names[n.wrapping_mul(2_654_435_761) % names.len()];
                    let mut parts = name.split('/');
                    let (kind, id) = (parts.next().expect("a type"), parts.next().expect("an id"));
                    house.record.read(&house.operator(), kind, id).expect("a resource");
                }
            });
        }
    });
    println!(
        "{reads} audited reads with 64 threads: {:.0}/s",
        f64::from(reads as u32) / start.elapsed().as_secs_f64()
    );
}
