//! `keepwell verify`: the audit log's tree, its checkpoints, every sealed body and the search index, read again from the disk.

use super::Found;
use crate::{
    config::Config,
    folder, log,
    say::{note, say},
    wire::{self, Purpose},
};
use anyhow::Context;
use clap::Args;
use std::path::PathBuf;
use store::verify::{Check, Progress, Report};

/// `keepwell verify`
#[derive(Args)]
pub(crate) struct Arguments {
    /// Hold the log against this older checkpoint, kept elsewhere: the log must still begin with what it says. Without it, the
    /// copy in the data folder is used, where there is one
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Leave out the search index, which takes longest
    #[arg(long)]
    without_index: bool,
}

/// Runs it.
///
/// # Errors
/// Where the record does not open, or the checkpoint file cannot be read.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    log::start(config)?;
    let older = older(arguments, config)?;
    let record = wire::open(config, Purpose::Beside)?;
    let mut busy_with: Option<Check> = None;
    let report = record.verify(older.as_deref(), !arguments.without_index, &mut |progress: Progress| {
        if busy_with.replace(progress.check) != Some(progress.check) {
            note!("… {}", about(progress.check));
        }
    })?;
    tell(&report);
    Ok(if report.is_sound() { Found::Right } else { Found::Wrong })
}

/// The checkpoint to hold the log against: a database that was put back to an older copy shows only by one kept outside of it.
fn older(arguments: &Arguments, config: &Config) -> anyhow::Result<Option<Vec<u8>>> {
    let kept = folder::checkpoint(&config.data);
    match &arguments.checkpoint {
        Some(path) => Ok(Some(
            std::fs::read(path)
                .with_context(|| format!("the checkpoint {} cannot be read", path.display()))?,
        )),
        None if kept.exists() => {
            Ok(Some(std::fs::read(&kept).context("the checkpoint in the data folder cannot be read")?))
        }
        None => Ok(None),
    }
}

fn tell(report: &Report) {
    for check in &report.ran {
        say!("checked    {}", about(*check));
    }
    for check in &report.left_out {
        say!("left out   {}", about(*check));
    }
    let counts = &report.counts;
    say!(
        "{} audit leaves, {} versions of {} resources, {} index rows, {} tokens, {} accounts and the like",
        counts.leaves,
        counts.versions,
        counts.resources,
        counts.index_rows,
        counts.tokens,
        counts.items
    );
    if counts.erased > 0 {
        say!("{} versions belong to erased patients: their hashes fit, they open nowhere", counts.erased);
    }
    if counts.erased_patients > 0 {
        say!("{} patients are erased", counts.erased_patients);
    }
    for fault in &report.faults {
        say!("FAULT      {fault}");
    }
    if report.more > 0 {
        say!("… and {} more faults", report.more);
    }
    match report.faults.first() {
        None => say!("Nothing is wrong in what was checked."),
        Some(first) => say!(
            "Something was changed behind Keepwell's back, first at: {first}. Keep a copy of everything, and restore a backup."
        ),
    }
}

fn about(check: Check) -> &'static str {
    match check {
        Check::Checkpoint => "the signed checkpoint",
        Check::Older => "the log against an older checkpoint",
        Check::Log => "every leaf of the audit log",
        Check::Versions => "every stored version against the log",
        Check::Resources => "every resource against its versions",
        Check::Viewers => "every patient's list of who looked",
        Check::Index => "the search index against every body",
        Check::Tokens => "every token",
        Check::Items => "every account, session and the like",
        Check::File => "the database file",
    }
}
