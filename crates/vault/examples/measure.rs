//! Measures the vault: `cargo run -p vault --example measure -- [folder of FHIR Bundles]`.
//!
//! Prints what each step costs, and, given a folder, how small its resources become. Nothing here is asserted.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)] // a tool that stops with its reason, run by hand

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value};
use vault::aad::{Aad, ObjectId};
use vault::keyring::{Keyring, OwnerKey};
use vault::provider::{KeyFile, Provider};
use vault::{blind, blob, compress, random, seal};

/// As many resources as the ratio is measured over.
const RESOURCES: usize = 5000;
/// Taken from as many files, evenly, so that no single patient decides.
const FILES: usize = 100;

fn main() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("keyring");
    let provider = Provider::KeyFile(KeyFile::create(&home.path().join("root.key")).unwrap());
    let keyring = Keyring::create(&path, &provider).unwrap();
    keyring.add_owners(&[1]).unwrap();
    let owner = keyring.owner_key(1).unwrap();
    sealing(&owner);
    terms(&keyring);
    blobs(&owner);
    if let Some(folder) = std::env::args().nth(1) {
        ratio(&resources(Path::new(&folder)), &owner);
    }
    keyrings(&path, keyring, &provider);
}

/// Prints the mean of `times` calls.
fn time<T>(what: &str, times: u32, mut call: impl FnMut() -> T) {
    for _ in 0..times / 10 {
        black_box(call());
    }
    let start = Instant::now();
    for _ in 0..times {
        black_box(call());
    }
    println!("{what:<58} {:>9.2} µs", start.elapsed().as_secs_f64() * 1e6 / f64::from(times));
}

fn sealing(owner: &OwnerKey) {
    let noise = random::bytes::<1024>().unwrap();
    let stored = compress::compress(&noise).unwrap();
    let body = kilobyte();
    let packed = compress::compress(&body).unwrap();
    let place = Aad::body(1, 1, 1, 1);
    let key = owner.body(1).unwrap();
    let sealed_stored = seal::seal(&key, &place, &stored).unwrap();
    let sealed = seal::seal(&key, &place, &packed).unwrap();
    println!("a body of {} bytes is packed to {}", body.len(), packed.len());
    time("draw a nonce", 100_000, random::bytes::<12>);
    time("derive and prepare a body key", 100_000, || owner.body(1).unwrap());
    time("compress 1 KB of JSON with the dictionary", 20_000, || compress::compress(&body).unwrap());
    time("seal 1 KB stored, key ready", 100_000, || seal::seal(&key, &place, &stored).unwrap());
    time("seal 1 KB stored, key derived", 100_000, || {
        seal::seal(&owner.body(1).unwrap(), &place, &stored).unwrap()
    });
    time("seal 1 KB of JSON packed, key derived", 100_000, || {
        seal::seal(&owner.body(1).unwrap(), &place, &packed).unwrap()
    });
    time("open 1 KB stored, key derived", 100_000, || {
        seal::open(&owner.body(1).unwrap(), &place, &sealed_stored).unwrap()
    });
    time("open 1 KB of JSON packed with the dictionary, key derived", 50_000, || {
        seal::open(&owner.body(1).unwrap(), &place, &sealed).unwrap()
    });
}

fn terms(keyring: &Keyring) {
    let key = keyring.index_key();
    let value: [&[u8]; 2] = [b"http://loinc.org", b"8867-4"];
    time("blind term of a system and code", 200_000, || blind::term(key, 7, &value));
    let id = "5f0c1e7a-9b3d-4c48-8d2e-0123456789ab";
    time("blind key of Type/id", 200_000, || blind::key16(key, "Observation", id));
    let tag = keyring.mac_key().for_use("cursor");
    time("tag of a cursor", 200_000, || tag.tag(b"a cursor of some forty bytes or thereabout"));
    let signing = keyring.signing_key();
    time("sign a checkpoint", 5_000, || signing.sign(b"origin\n1234\nroot hash\n").unwrap());
}

fn blobs(owner: &OwnerKey) {
    let object = ObjectId([1; 16]);
    let line = "The patient walked for twenty minutes without pain and asked for number ";
    let text: String = (0..140_000).map(|number| format!("{line}{number}\n")).collect();
    let key = owner.blob(object).unwrap();
    for (what, content) in [("text", text.into_bytes()), ("noise", noise(10 << 20))] {
        let megabytes = content.len() as f64 / 1e6;
        let mut sealed = Vec::new();
        let start = Instant::now();
        blob::seal(&key, object, &mut content.as_slice(), &mut sealed).unwrap();
        let sealing = megabytes / start.elapsed().as_secs_f64();
        let start = Instant::now();
        blob::open(&key, object, &mut sealed.as_slice(), &mut std::io::sink()).unwrap();
        let opening = megabytes / start.elapsed().as_secs_f64();
        println!(
            "blob of {megabytes:.1} MB {what}: stored in {:.2} MB, seal {sealing:.0} MB/s, open {opening:.0} MB/s",
            sealed.len() as f64 / 1e6
        );
    }
}

fn noise(length: usize) -> Vec<u8> {
    let mut noise = vec![0; length];
    random::fill(&mut noise).unwrap();
    noise
}

fn keyrings(path: &Path, keyring: Keyring, provider: &Provider) {
    let mut next = 10;
    time("add one owner (append and fsync)", 200, || {
        next += 1;
        keyring.add_owners(&[next]).unwrap();
    });
    let many: Vec<i64> = (1_000_000..2_000_000).collect();
    let start = Instant::now();
    keyring.add_owners(&many).unwrap();
    println!("add 1,000,000 owners: {:.2} s", start.elapsed().as_secs_f64());
    let mut owner = 1_000_000;
    time("owner key, not cached", 100_000, || {
        owner += 7;
        keyring.owner_key(owner).unwrap()
    });
    time("owner key, cached", 100_000, || keyring.owner_key(1_000_000).unwrap());
    let start = Instant::now();
    keyring.rotate(provider).unwrap();
    println!("rotate 1,000,000 owners: {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    keyring.verify().unwrap();
    println!("verify 1,000,000 owners: {:.2} s", start.elapsed().as_secs_f64());
    drop(keyring);
    let start = Instant::now();
    Keyring::open(path, provider, None).unwrap();
    println!("open 1,000,000 owners: {:.2} s", start.elapsed().as_secs_f64());
}

fn kilobyte() -> Vec<u8> {
    let text = r#"{"resourceType":"Observation","id":"b1f2","meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"]},"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"1988-5","display":"C reactive protein [Mass/volume] in Serum or Plasma"}],"text":"CRP"},"subject":{"reference":"Patient/9f1"},"encounter":{"reference":"Encounter/77a"},"effectiveDateTime":"2026-03-04T09:12:00+05:30","issued":"2026-03-04T11:00:00.000+05:30","performer":[{"reference":"Organization/12"}],"valueQuantity":{"value":107.50,"unit":"mg/L","system":"http://unitsofmeasure.org","code":"mg/L"},"note":[{"text":"#;
    let note =
        "Repeated after two days because the first sample was haemolysed; the ward was told by phone. ";
    let mut body = text.as_bytes().to_vec();
    body.extend(format!("\"{}\"}}]}}", note.repeat(3)).bytes());
    body
}

/// Resources as the store would hold them.
fn resources(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let each = RESOURCES.div_ceil(FILES);
    let mut resources = Vec::new();
    for path in paths.iter().step_by(paths.len().div_ceil(FILES).max(1)) {
        let bundle: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        let step = (entries.len() / each).max(1);
        resources.extend(entries.iter().step_by(step).take(each).map(|entry| stored(&entry["resource"])));
    }
    resources
}

fn stored(resource: &Value) -> Vec<u8> {
    let mut members = resource.as_object().cloned().unwrap_or_default();
    let mut stored = Map::new();
    for first in ["resourceType", "id", "meta"] {
        if let Some(member) = members.shift_remove(first) {
            stored.insert(first.to_owned(), member);
        }
    }
    stored.extend(members);
    serde_json::to_vec(&Value::Object(stored)).unwrap()
}

fn ratio(resources: &[Vec<u8>], owner: &OwnerKey) {
    let plain: usize = resources.iter().map(Vec::len).sum();
    let alone: usize = resources.iter().map(|body| zstd::bulk::compress(body, 3).unwrap().len()).sum();
    let start = Instant::now();
    let packed: Vec<_> = resources.iter().map(|body| compress::compress(body).unwrap()).collect();
    let compressing = start.elapsed().as_secs_f64() * 1e6 / resources.len() as f64;
    let with_dictionary: usize = packed.iter().map(compress::Compressed::len).sum();
    let place = Aad::body(1, 1, 1, 1);
    let sealed: Vec<_> =
        packed.iter().map(|one| seal::seal(&owner.body(1).unwrap(), &place, one).unwrap()).collect();
    let start = Instant::now();
    for one in &sealed {
        black_box(seal::open(&owner.body(1).unwrap(), &place, one).unwrap());
    }
    let opening = start.elapsed().as_secs_f64() * 1e6 / resources.len() as f64;
    let mean = plain / resources.len();
    println!("{} resources of {mean} bytes on average", resources.len());
    println!(
        "zstd alone 1:{:.2}, with the dictionary 1:{:.2}",
        times(plain, alone),
        times(plain, with_dictionary)
    );
    let overhead = seal::OVERHEAD_BYTES * resources.len();
    println!("sealed, with every overhead 1:{:.2}", times(plain, with_dictionary + overhead));
    println!("compress {compressing:.1} µs, derive and open and unpack {opening:.1} µs each");
    by_type(resources, &packed);
}

fn by_type(resources: &[Vec<u8>], packed: &[compress::Compressed]) {
    let mut types = std::collections::BTreeMap::<String, (usize, usize, usize)>::new();
    for (body, packed) in resources.iter().zip(packed) {
        let value: Value = serde_json::from_slice(body).unwrap();
        let row = types.entry(value["resourceType"].as_str().unwrap_or("?").to_owned()).or_default();
        *row = (row.0 + 1, row.1 + body.len(), row.2 + packed.len());
    }
    for (kind, (count, plain, packed)) in types {
        println!("  {kind:<26} {count:>5} × {:>6} bytes  1:{:.2}", plain / count, times(plain, packed));
    }
}

fn times(plain: usize, packed: usize) -> f64 {
    plain as f64 / packed as f64
}
