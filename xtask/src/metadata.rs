//! What cargo knows of the workspace: <https://doc.rust-lang.org/cargo/commands/cargo-metadata.html>.

use crate::repo;
use anyhow::{Context, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The platform whose dependencies count as ours; crates for other systems never get built.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// The part of the metadata the checks look at.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Option<Resolve>,
}

/// One crate, ours or another's.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A line under `[dependencies]` or one of its kin.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` for normal ones, otherwise `dev` or `build`.
    pub(crate) kind: Option<String>,
    /// Where it comes from; `None` for a path in this repository.
    pub(crate) source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

impl Metadata {
    /// All packages in the lock file, for every platform.
    pub(crate) fn everywhere() -> anyhow::Result<Self> {
        Self::ask(&[])
    }

    /// The packages that are built on Linux. The metadata also counts what a weak feature (`crate?/feature`) might have
    /// turned on, which is never built; `cargo tree` knows better.
    pub(crate) fn ours() -> anyhow::Result<Self> {
        let mut ours = Self::ask(&["--filter-platform", PLATFORM])?;
        let built = cargo(&[
            "tree",
            "--workspace",
            "--locked",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--target",
            PLATFORM,
        ])?;
        let built = String::from_utf8(built).context("cargo tree says something unexpected")?;
        let built: BTreeSet<(&str, &str)> = built
            .lines()
            .filter_map(|line| line.split_once(" v"))
            .map(|(name, rest)| (name, rest.split(' ').next().unwrap_or_default()))
            .collect();
        ours.packages.retain(|package| built.contains(&(package.name.as_str(), package.version.as_str())));
        let ids: BTreeSet<String> = ours.packages.iter().map(|package| package.id.clone()).collect();
        if let Some(resolve) = &mut ours.resolve {
            resolve.nodes.retain(|node| ids.contains(&node.id));
            resolve.nodes.iter_mut().for_each(|node| node.dependencies.retain(|id| ids.contains(id)));
        }
        Ok(ours)
    }

    fn ask(more: &[&str]) -> anyhow::Result<Self> {
        let said = cargo(&[&["metadata", "--format-version", "1", "--locked"], more].concat())?;
        serde_json::from_slice(&said).context("cargo metadata says something unexpected")
    }

    /// Our own crates.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.is_member(package))
    }

    /// Whether a package is our own.
    pub(crate) fn is_member(&self, package: &Package) -> bool {
        self.workspace_members.contains(&package.id)
    }

    /// For each package that is built, by id: who depends on it, by name.
    pub(crate) fn dependents(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let names: BTreeMap<&str, &str> =
            self.packages.iter().map(|package| (package.id.as_str(), package.name.as_str())).collect();
        let mut dependents = BTreeMap::<&str, BTreeSet<&str>>::new();
        for node in self.resolve.iter().flat_map(|resolve| &resolve.nodes) {
            dependents.entry(&node.id).or_default();
            for dependency in &node.dependencies {
                let name = names.get(node.id.as_str()).copied().unwrap_or_default();
                dependents.entry(dependency).or_default().insert(name);
            }
        }
        dependents
    }
}

/// What cargo says to these arguments.
fn cargo(args: &[&str]) -> anyhow::Result<Vec<u8>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output =
        Command::new(cargo).args(args).current_dir(repo::root()).output().context("cargo does not start")?;
    if !output.status.success() {
        bail!("cargo {} failed:\n{}", args[0], String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}
