//! `keepwell verify`: the audit log's tree, its checkpoints and every sealed body, read again from the disk.

use super::Found;
use crate::config::Config;
use clap::Args;
use std::path::PathBuf;

/// `keepwell verify`
#[derive(Args)]
pub(crate) struct Arguments {
    /// Hold the log against this older checkpoint, kept elsewhere: the log must still begin with what it says
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// Where the record does not open.
pub(crate) fn run(_: &Arguments, _: &Config) -> anyhow::Result<Found> {
    anyhow::bail!("not yet")
}
