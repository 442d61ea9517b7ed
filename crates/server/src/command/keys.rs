//! `keepwell keys`: what the keyring holds, and a new root for it.

use super::Found;
use crate::{
    config::{Config, Root, private},
    folder,
    say::{note, say},
    wire::{self, Purpose},
};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use record::Record;
use std::path::{Path, PathBuf};
use vault::{
    keyring,
    provider::{Cost, KeyFile, Passphrase, Provider},
};

/// What to do while a server runs.
const SERVING: &str = "a running server renews its key file itself when it gets SIGUSR1 (`kill -USR1 PROCESS`); to change to another root, stop it first";

/// `keepwell keys …`
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Show where the root key is, the keyring's generation and how many owners it holds
    Status,
    /// Wrap all keys anew under a new root; with the server stopped (a running one does it on SIGUSR1)
    Rotate(Rotate),
}

#[derive(Args)]
struct Rotate {
    /// Change to the passphrase in this file
    #[arg(long, value_name = "FILE", conflicts_with = "new_key_file")]
    new_passphrase_file: Option<PathBuf>,
    /// Change to this key file; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// Where the keyring does not open or cannot be rewritten; the old one then holds.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    match &arguments.action {
        Action::Status => status(config),
        Action::Rotate(rotate) => offline(rotate, config),
    }
}

fn status(config: &Config) -> anyhow::Result<Found> {
    let record = wire::open(config, Purpose::Beside)?;
    let ring = record.store().keyring();
    match &config.root {
        Root::KeyFile(_) => say!("root key     key file {}", wire::key_path(config, false)?.display()),
        Root::PassphraseFile(path) => say!("root key     passphrase from {}", path.display()),
        Root::Passphrase(_) => say!("root key     passphrase from the environment"),
    }
    say!("keyring      {}", folder::keyring(&config.data).display());
    say!("generation   {}", ring.generation());
    say!("owners       {} (patients, and the organization)", ring.owners());
    say!("audit key    {}", record.store().verifier_key());
    Ok(Found::Right)
}

fn offline(rotate: &Rotate, config: &Config) -> anyhow::Result<Found> {
    let new = next_provider(rotate, config)?;
    let (record, mut root) = wire::open_with_root(config, Purpose::Alone)
        .map_err(|error| if is_in_use(&error) { error.context(SERVING) } else { error })?;
    match new {
        None => renew(&record, &mut root)?,
        Some(next) => {
            record.store().keyring().rotate(&next)?;
            record.store().note_generation()?;
        }
    }
    say!("All keys are wrapped anew, in generation {}.", record.store().keyring().generation());
    if let Some(path) = rotate.new_passphrase_file.as_ref() {
        note!(
            "From now on start Keepwell with --passphrase-file {}; the old root opens nothing any more.",
            path.display()
        );
    }
    if let Some(path) = rotate.new_key_file.as_ref() {
        note!(
            "From now on start Keepwell with --key-file {}; the old root opens nothing any more.",
            path.display()
        );
    }
    note!("Back up the keyring now, and destroy its older backups.");
    Ok(Found::Right)
}

/// Renews the root in its own place and wraps everything under it: works while serving.
///
/// A crash at any moment leaves a key file that opens the keyring: the new key stands beside the old one until the keyring
/// that needs it is durable.
///
/// # Errors
/// Where a file cannot be written; for a passphrase, which only a person can change.
pub(crate) fn renew(record: &Record, root: &mut Provider) -> anyhow::Result<()> {
    if matches!(root, Provider::Passphrase(_)) {
        bail!(
            "a new passphrase must come from you: stop the server and run `keepwell keys rotate --new-passphrase-file FILE`"
        );
    }
    let ring = record.store().keyring();
    root.renew()?;
    ring.rotate(root)?;
    record.store().note_generation()?;
    ring.retire_old_roots(root)?;
    Ok(())
}

/// Whether another process has the keyring.
pub(crate) fn is_in_use(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(keyring::Error::InUse { .. }))
}

fn next_provider(rotate: &Rotate, config: &Config) -> anyhow::Result<Option<Provider>> {
    if let Some(path) = &rotate.new_passphrase_file {
        return Ok(Some(Provider::Passphrase(Passphrase::new(private::read(path)?, Cost::default())?)));
    }
    let Some(path) = &rotate.new_key_file else { return Ok(None) };
    if vault::files::is_inside(path, &config.data).context("the new key file's folder cannot be found")? {
        bail!(
            "{} lies in the data folder: a copy of the folder would open itself; put it elsewhere",
            path.display()
        );
    }
    Ok(Some(Provider::KeyFile(read_or_create(path)?)))
}

fn read_or_create(path: &Path) -> anyhow::Result<KeyFile> {
    Ok(if path.exists() { KeyFile::read(path)? } else { KeyFile::create(path)? })
}
