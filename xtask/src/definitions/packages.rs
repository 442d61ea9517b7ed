//! HL7's FHIR R4 packages: fetched from the npm registry, or read from unpacked folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(super) const EXAMPLES: &str = "hl7.fhir.r4.examples";
const EXPANSIONS: &str = "hl7.fhir.r4.expansions";
const VERSION: &str = "4.0.1";

/// The packages this was written against, by SHA-256 of their archives. They never change: a new version has a new number.
const ARCHIVES: [(&str, &str); 2] = [
    (EXAMPLES, "dce87f1b5b9341867033f7d1f544fa1b5232503f6d62813887ac6b8a8b6cb682"),
    (EXPANSIONS, "18b2b00a6e26328bdbe4b2e273de5be32dfce21be37e0f582d18882bbce24e69"),
];

/// Both packages, unpacked.
pub(super) struct Packages {
    folders: BTreeMap<String, PathBuf>,
    /// Name and version, sorted by name.
    pub(super) sources: Vec<(String, String)>,
}

/// Opens unpacked packages; each folder has a `package.json`.
pub(super) fn open(folders: &[PathBuf]) -> Result<Packages> {
    let mut found = BTreeMap::new();
    let mut sources = Vec::new();
    for folder in folders {
        let package = read(&folder.join("package.json"))?;
        let name = text(&package, "name")?;
        let version = text(&package, "version")?;
        if version != VERSION {
            bail!("{name} is {version}, not {VERSION}");
        }
        sources.push((name.to_owned(), version.to_owned()));
        found.insert(name.to_owned(), folder.clone());
    }
    for (name, _) in ARCHIVES {
        if !found.contains_key(name) {
            bail!("no folder given holds {name}; name both with --from");
        }
    }
    sources.sort();
    Ok(Packages { folders: found, sources })
}

/// Fetches both packages with npm into the target folder, once.
pub(super) fn fetch() -> Result<Packages> {
    let folders: Vec<PathBuf> = ARCHIVES.iter().map(|(name, _)| fetch_one(name)).collect::<Result<_>>()?;
    open(&folders)
}

/// Fetches one package with npm into the target folder, once; where it is unpacked.
pub(super) fn fetch_one(name: &str) -> Result<PathBuf> {
    let known = ARCHIVES.iter().find(|(known, _)| *known == name);
    let (_, checksum) = known.with_context(|| format!("{name} is no package that is known here"))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder = target.join("definitions").join(name);
    let archive = folder.join(format!("{name}-{VERSION}.tgz"));
    std::fs::create_dir_all(&folder)?;
    if !archive.exists() {
        run(Command::new("npm")
            .args(["pack", "--silent", &format!("{name}@{VERSION}"), "--pack-destination"])
            .arg(&folder))?;
    }
    let bytes = std::fs::read(&archive).with_context(|| format!("reading {}", archive.display()))?;
    if hex(&Sha256::digest(&bytes)) != *checksum {
        bail!("{} is not the archive that HL7 published (its SHA-256 differs): delete it", archive.display());
    }
    run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&folder))?;
    Ok(folder.join("package"))
}

impl Packages {
    /// The resources of one type in the examples package, in the order of their file names.
    pub(super) fn examples(&self, resource_type: &str) -> Result<Vec<Value>> {
        let of_type = self.files(EXAMPLES, resource_type)?;
        of_type.into_iter().map(|(_, value)| Ok(value)).collect()
    }

    /// The expanded value sets, in the order of their file names.
    pub(super) fn expansions(&self) -> Result<Vec<Value>> {
        Ok(self.files(EXPANSIONS, "ValueSet")?.into_iter().map(|(_, value)| value).collect())
    }

    /// Every resource of the examples package with its file name.
    pub(super) fn all_examples(&self) -> Result<Vec<(String, Value)>> {
        self.files(EXAMPLES, "")
    }

    fn files(&self, package: &str, resource_type: &str) -> Result<Vec<(String, Value)>> {
        let folder = self.folders.get(package).with_context(|| format!("{package} is missing"))?;
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(resource_type) && name.ends_with(".json") && name != "package.json" {
                let value = read(&folder.join(&name))?;
                let is = value["resourceType"].as_str().unwrap_or_default();
                if !is.is_empty() && (resource_type.is_empty() || is == resource_type) {
                    found.push((name, value));
                }
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }
}

/// A text member that must be there.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("{} {}: no {name}", value["resourceType"], value["id"]))
}

/// The items of an array member; none where it is absent.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn read(path: &Path) -> Result<Value> {
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("reading {}", path.display()))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.stdout(std::process::Stdio::null()).status();
    let status = status.with_context(|| format!("{program} is needed to fetch HL7's packages"))?;
    if status.success() { Ok(()) } else { bail!("{program} failed: {status}") }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
