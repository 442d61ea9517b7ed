//! `keepwell load`: the record of one patient, as somebody took it along from a page of Keepwell, into this house.
//!
//! The file is checked whole before anything is loaded, nothing that is here is replaced, and at the end every resource is held against the
//! file. A second run goes on where a first one was stopped.

use super::Found;
use crate::{
    actor, clock,
    config::Config,
    say::say,
    wire::{self, Purpose},
};
use access::act::Act;
use anyhow::Context;
use care::takeout::{load, unpack::Unpacked};
use clap::Args;
use std::{fs::File, io::BufReader, path::PathBuf};

/// `keepwell load`
#[derive(Args)]
pub(crate) struct Arguments {
    /// The ZIP file
    file: PathBuf,
}

/// Runs it, with the server stopped: only one process gives new patients their keys.
///
/// # Errors
/// Where the file or the house will not do; each says what to do.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let path = arguments.file.display();
    let file = File::open(&arguments.file).with_context(|| format!("{path} cannot be opened"))?;
    let mut file = Unpacked::open(BufReader::new(file)).with_context(|| format!("{path} is not loaded"))?;
    // Before a house is founded for it.
    file.check().with_context(|| format!("{path} is not loaded"))?;
    let record = wire::open(config, Purpose::Found)?;
    let act = actor::local_act()?;
    let now = || Act { request: actor::fresh_id(), at: clock::now(), ..act.clone() };
    let loaded = load::load(&record, &now, &mut file)?;
    let all: u64 = loaded.counts.values().sum();
    for (kind, count) in &loaded.counts {
        say!("{count:>9} {kind}");
    }
    say!(
        "{all:>9} resources: each is here, with the digest that it has in the file ({} were new)",
        loaded.new
    );
    let manifest = file.manifest();
    say!(
        "          the record of Patient/{} as of {}, from {}",
        manifest.patient,
        manifest.made,
        manifest.house
    );
    if manifest.restricted > 0 || !manifest.in_part.is_empty() {
        say!("          Whoever took it did not see all of it: what was kept from them is not in the file.");
    }
    Ok(Found::Right)
}
