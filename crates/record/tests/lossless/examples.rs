//! Every example resource of HL7's package `hl7.fhir.r4.examples`, in the folder that `KEEPWELL_R4_EXAMPLES` names.
//! `cargo xtask ci` fetches the package and sets the variable.

use crate::{assert_same, parse, put};
use fhir::outcome::Issue;
use record::{
    change::{Change, Done, Wish},
    error::Error,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use testkit::house::{Engine, House};

const VARIABLE: &str = "KEEPWELL_R4_EXAMPLES";
/// Puts in one transaction at most, and their bytes before one more.
const MOST: usize = 300;
const MOST_BYTES: usize = 4 << 20;
/// Threads that read back.
const READERS: usize = 8;
/// Files of the package that break FHIR's own rules; `cargo xtask definitions --check` holds the list of why.
const AT_FAULT: usize = 18;
/// Resources in the package, at least.
const MANY: usize = 5_000;

struct Example {
    file: String,
    text: String,
    resource: serde_json::Value,
}

#[test]
fn every_example_of_hl7_comes_back_from_sqlite() {
    keep_all(Engine::Sqlite);
}

#[test]
fn every_example_of_hl7_comes_back_from_postgresql() {
    keep_all(Engine::Postgres);
}

fn keep_all(engine: Engine) {
    let folder = std::env::var_os(VARIABLE).unwrap_or_else(|| {
        panic!("{VARIABLE} names no folder of HL7's examples: `cargo xtask ci` fetches them and sets it")
    });
    let house = House::new(engine);
    let mut keeper =
        Keeper { house: &house, versions: BTreeMap::new(), waiting: Vec::new(), bytes: 0, kept: 0 };
    let mut at_fault = Vec::new();
    for path in files(Path::new(&folder)) {
        let Some(example) = load(&path) else { continue };
        match r4::check(&example.resource).iter().any(Issue::is_error) {
            false => keeper.take(example),
            true => {
                let failed = house.record.commit(&house.operator(), "create", &[create(&example)]);
                let is_said = matches!(&failed, Err(Error::Unprocessable(issues)) if !issues.is_empty());
                assert!(is_said, "{}: {failed:?}", example.file);
                at_fault.push(example.file);
            }
        }
    }
    keeper.flush();
    assert!(keeper.kept >= MANY, "only {} resources in {}", keeper.kept, folder.display());
    assert_eq!(at_fault.len(), AT_FAULT, "{at_fault:?}");
}

/// Stores examples many at a time, and reads them back.
struct Keeper<'h> {
    house: &'h House,
    /// Some files are of the same type and id: the later ones are later versions.
    versions: BTreeMap<(String, String), i64>,
    waiting: Vec<(Example, i64)>,
    bytes: usize,
    kept: usize,
}

impl Keeper<'_> {
    fn take(&mut self, example: Example) {
        let named = |name: &str| example.resource[name].as_str().map(str::to_owned);
        let mut version = 1;
        if let (Some(kind), Some(id)) = (named("resourceType"), named("id")) {
            version = *self.versions.entry((kind, id)).and_modify(|v| *v += 1).or_insert(1);
        }
        if version > 1 || self.waiting.len() == MOST || self.bytes > MOST_BYTES {
            self.flush();
        }
        self.bytes += example.text.len();
        self.waiting.push((example, version));
    }

    fn flush(&mut self) {
        let change = |(example, _): &(Example, i64)| match example.resource.get("id") {
            Some(_) => put(example.resource.clone()),
            None => create(example),
        };
        let changes: Vec<Change> = self.waiting.iter().map(change).collect();
        let done = self.house.record.commit(&self.house.operator(), "transaction", &changes);
        let done = done.unwrap_or_else(|e| panic!("{:?}", e.issues()));
        let kept: Vec<((Example, i64), Done)> = self.waiting.drain(..).zip(done).collect();
        // Readers wait for their audit entry to be on disk; many at once share that wait.
        std::thread::scope(|scope| {
            kept.chunks(kept.len().div_ceil(READERS).max(1)).for_each(|some| {
                scope.spawn(|| {
                    some.iter().for_each(|((example, version), done)| self.compare(example, *version, done))
                });
            });
        });
        self.kept += kept.len();
        self.bytes = 0;
    }

    fn compare(&self, example: &Example, version: i64, done: &Done) {
        assert_eq!(done.version, version, "{}", example.file);
        let shown =
            self.house.record.vread(&self.house.operator(), &done.resource_type, &done.id, version).unwrap();
        assert_same(&example.text, &shown.body, &example.file);
    }
}

fn create(example: &Example) -> Change {
    Wish::Create { resource: example.resource.clone(), if_none_exist: None }.into()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let all =
        std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{VARIABLE} names {}: {e}", folder.display()));
    let mut paths: Vec<_> = all.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths
}

/// A file's resource; the package's own description is none.
fn load(path: &Path) -> Option<Example> {
    let file = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let resource = parse(&text);
    resource.get("resourceType").is_some().then_some(Example { file, text, resource })
}
