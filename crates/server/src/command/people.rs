//! `keepwell people` and `keepwell demo seed`: synthetic people as files, the same for the same seed.

use super::Found;
use crate::{
    folder,
    say::{self, note, say},
};
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use fhir::json;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

/// `keepwell people`
#[derive(Args)]
pub(crate) struct Arguments {
    /// How many patients
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    patients: u32,
    /// Which people: the same seed gives the same people
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Their today, up to which they have lived
    #[arg(long, value_name = "DATE", default_value = "2026-01-01")]
    as_of: jiff::civil::Date,
    /// Where to: a folder that does not exist yet, or - for standard output; without it only their hash is told
    #[arg(long, value_name = "FOLDER|-")]
    out: Option<PathBuf>,
    /// One transaction bundle for each patient, or one line for each resource
    #[arg(long, value_enum, default_value_t = Form::Bundles)]
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Transaction bundles; on standard output, one on each line
    Bundles,
    /// A line for each resource; in a folder, a file for each type
    Ndjson,
}

/// Runs it, and prints the SHA-256 over all bundles in their order: the same plan gives the same one.
///
/// # Errors
/// Where the files cannot be written.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Found> {
    let plan =
        people::Plan { seed: arguments.seed, patients: arguments.patients as usize, as_of: arguments.as_of };
    let mut out = Out::open(arguments.out.as_deref(), arguments.form)?;
    let (mut hasher, mut resources) = (Sha256::new(), 0);
    let all =
        std::iter::once(people::houses(&plan)).chain((0..plan.patients).map(|at| people::patient(&plan, at)));
    for (at, bundle) in all.enumerate() {
        let bytes = json::render(&bundle);
        hasher.update(&bytes);
        hasher.update(b"\n");
        resources += bundle["entry"].as_array().map_or(0, Vec::len);
        out.bundle(at, &bundle, &bytes)?;
    }
    out.finish()?;
    let hash: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let told = format!("{} synthetic patients, {resources} resources, sha256 {hash}", plan.patients);
    if arguments.out.as_deref() == Some(Path::new("-")) {
        note!("{told}")
    } else {
        say!("{told}")
    }
    Ok(Found::Right)
}

enum Out {
    Nowhere,
    Lines(Form),
    Bundles(PathBuf),
    Types(PathBuf, BTreeMap<String, BufWriter<File>>),
}

impl Out {
    fn open(path: Option<&Path>, form: Form) -> anyhow::Result<Out> {
        let Some(path) = path else { return Ok(Out::Nowhere) };
        if path == Path::new("-") {
            return Ok(Out::Lines(form));
        }
        if path.exists() {
            bail!("{} exists already: name a folder that does not", path.display());
        }
        folder::make(path)?;
        Ok(match form {
            Form::Bundles => Out::Bundles(path.to_owned()),
            Form::Ndjson => Out::Types(path.to_owned(), BTreeMap::new()),
        })
    }

    fn bundle(&mut self, at: usize, bundle: &Value, bytes: &[u8]) -> anyhow::Result<()> {
        match self {
            Out::Nowhere => Ok(()),
            Out::Lines(Form::Bundles) => line(bytes),
            Out::Lines(Form::Ndjson) => {
                resources(bundle).try_for_each(|resource| line(&json::render(resource)))
            }
            Out::Bundles(folder) => {
                // `import` loads what begins with "hospital" first.
                let name = if at == 0 { "hospitals.json".to_owned() } else { format!("person-{at:06}.json") };
                Ok(folder::private_file(&folder.join(name))?.write_all(bytes)?)
            }
            Out::Types(folder, files) => resources(bundle).try_for_each(|resource| {
                let kind = resource["resourceType"].as_str().context("a resource without a type")?;
                if !files.contains_key(kind) {
                    let file = folder::private_file(&folder.join(format!("{kind}.ndjson")))?;
                    files.insert(kind.to_owned(), BufWriter::new(file));
                }
                let Some(file) = files.get_mut(kind) else { return Ok(()) };
                file.write_all(&json::render(resource))?;
                Ok(file.write_all(b"\n")?)
            }),
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        if let Out::Types(_, files) = self {
            for mut file in files.into_values() {
                file.flush()?;
            }
        }
        Ok(())
    }
}

fn resources(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"])
}

fn line(bytes: &[u8]) -> anyhow::Result<()> {
    say::bytes(bytes)?;
    Ok(say::bytes(b"\n")?)
}
