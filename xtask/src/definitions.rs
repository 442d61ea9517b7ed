//! `cargo xtask definitions`: makes `crates/r4/data/definitions.bin` from HL7's packages.
//!
//! - without arguments it fetches the packages with `npm pack` into the target folder and writes the file;
//! - `--from DIR` (twice, one per package) reads unpacked packages instead;
//! - `--check` writes nothing: it fails if the committed file differs from what the packages say, or if `r4::check`
//!   finds fault with an example resource that is not listed in [`examples`].

mod codes;
mod examples;
mod invariants;
mod packages;
mod search;
mod types;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use r4::definitions::{Source, Tables};

use packages::Packages;

const FILE: &str = "crates/r4/data/definitions.bin";

/// Runs the command with what stands after its name.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let mut from = Vec::new();
    let mut check = false;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--check" => check = true,
            "--from" => from.push(PathBuf::from(args.next().context("--from needs a folder")?)),
            _ => bail!("usage: cargo xtask definitions [--check] [--from DIR --from DIR]"),
        }
    }
    let packages = if from.is_empty() { packages::fetch()? } else { packages::open(&from)? };
    let file = r4::format::render(&tables(&packages)?)?;
    let path = Path::new(FILE);
    let mut out = std::io::stdout();
    if !check {
        std::fs::write(path, &file).with_context(|| format!("writing {FILE}"))?;
        writeln!(out, "{FILE}: {} bytes", file.len())?;
        return Ok(());
    }
    let committed = std::fs::read(path).with_context(|| format!("reading {FILE}"))?;
    if r4::format::content(&committed)? != r4::format::content(&file)? {
        bail!("{FILE} is not what HL7's packages say: run `cargo xtask definitions` and commit it");
    }
    let checked = examples::check(&packages)?;
    writeln!(out, "{FILE} is current; {checked} example resources checked")?;
    Ok(())
}

/// The unpacked package of HL7's example resources.
pub(crate) fn examples_folder() -> Result<PathBuf> {
    packages::fetch_one(packages::EXAMPLES)
}

fn tables(packages: &Packages) -> Result<Tables> {
    let structures = types::Structures::read(packages)?;
    let (types, bindings) = structures.types()?;
    let names = structures.names();
    let source =
        |(name, version): &(String, String)| Source { name: (**name).into(), version: (**version).into() };
    Ok(Tables {
        sources: packages.sources.iter().map(source).collect(),
        model: fhir::model::Model::new(types),
        value_sets: codes::value_sets(packages, &bindings)?,
        search_params: search::params(packages, names)?,
        compartments: search::compartments(packages, names)?,
        invariants: invariants::invariants(&structures)?,
    })
}
