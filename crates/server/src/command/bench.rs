//! `keepwell bench`: loading, reading and searching over HTTP with everything on (sealing, audit, sync), and beside it, in the same
//! run, a plain insert of the same bodies into the same engine, so that a noisy machine cancels out.
//!
//! The server is a process of its own; the clients here do as little as a client can.

mod access;
mod client;
mod figures;
mod load;
mod operations;
mod plain;
mod server;
mod sign_in;
mod table;

use super::Found;
use crate::{
    clock,
    config::Config,
    say::{note, say},
};
use anyhow::{Context, bail};
use clap::Args;
use figures::Series;
use server::Server;
use std::{
    path::{Path, PathBuf},
    time::Instant,
};
use store::dialect::Database;

/// `keepwell bench`
#[derive(Args)]
pub(crate) struct Arguments {
    /// Bundles to load: a folder of .json files, or an archive of them (.tar, .tar.gz, .tar.zst)
    #[arg(long = "from", value_name = "PATH", required_unless_present = "access")]
    from: Option<PathBuf>,
    /// Figures of decisions and of sign-in instead; nothing is loaded
    #[arg(long)]
    access: bool,
    /// Consents in force for one patient, with --access
    #[arg(long, default_value_t = 1_000)]
    consents: usize,
    /// Tries of each kind, with --access
    #[arg(long, default_value_t = 1_000)]
    samples: usize,
    /// How many bundles at most
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
    bundles: usize,
    /// Clients that load
    #[arg(long, default_value_t = 4)]
    clients: usize,
    /// Clients that read at the same time, where many are measured beside few
    #[arg(long, default_value_t = 32)]
    many: usize,
    /// How long each operation is measured
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Keep the embedded database's folder, and say where it is
    #[arg(long)]
    keep: bool,
}

impl Arguments {
    fn source(&self) -> anyhow::Result<&Path> {
        self.from.as_deref().context("say with --from what to load")
    }
}

/// All figures of one engine.
pub(super) struct Column {
    engine: &'static str,
    first_answer_empty_s: f64,
    first_answer_full_s: f64,
    load: load::Loaded,
    plain: plain::Plain,
    series: Vec<Series>,
    stored_bytes: u64,
    peak_rss_bytes: u64,
    load_rss_bytes: u64,
    idle_rss_bytes: u64,
}

/// Runs it for the embedded engine, and with `--database postgres://…` for that server too.
///
/// # Errors
/// Where a server does not start, refuses what it is given, or the database is not empty.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    if arguments.clients == 0 || arguments.many == 0 || arguments.bundles == 0 {
        bail!("the benchmark needs clients, and bundles to load");
    }
    if arguments.access {
        access::measure("SQLite", None, arguments)?;
        if let Database::Postgres(address) = &config.database {
            access::measure("PostgreSQL", Some(address), arguments)?;
        }
        return Ok(Found::Right);
    }
    let mut columns = vec![measure("SQLite", None, arguments)?];
    if let Database::Postgres(address) = &config.database {
        columns.push(measure("PostgreSQL", Some(address), arguments)?);
    }
    say!("{}", table::render(&columns, arguments));
    Ok(Found::Right)
}

fn measure(engine: &'static str, address: Option<&str>, arguments: &Arguments) -> anyhow::Result<Column> {
    note!("{engine}: starting on an empty database");
    let mut server = Server::found(address)?;
    let first_answer_empty_s = server.start()?;
    note!("{engine}: loading with {} clients", arguments.clients);
    let load = load::load(&server, arguments)?;
    let load_rss_bytes = server.memory_bytes("VmRSS");
    note!(
        "{engine}: {:.0} resources a second; now each operation for {} s",
        load.per_second(),
        arguments.seconds
    );
    let series = operations::measure(&server, &load, arguments)?;
    let peak_rss_bytes = server.memory_bytes("VmHWM");
    server.stop()?;
    let first_answer_full_s = server.start()?;
    let idle_rss_bytes = server.memory_bytes("VmRSS");
    server.stop()?;
    let stored_bytes = server.stored_bytes()?;
    note!("{engine}: the same bodies into a plain table");
    let start = Instant::now();
    let plain = plain::measure(&server, arguments)?;
    note!("{engine}: done in {:.0} s", clock::since(start));
    server.remove(arguments.keep)?;
    Ok(Column {
        engine,
        first_answer_empty_s,
        first_answer_full_s,
        load,
        plain,
        series,
        stored_bytes,
        peak_rss_bytes,
        load_rss_bytes,
        idle_rss_bytes,
    })
}
