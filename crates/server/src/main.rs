//! The `keepwell` binary: configuration, wiring and commands.
//!
//! May use: every room. Never: a rule about health records (that is `record` and below), an answer to a client (that is `api`
//! and `web`). Here, and only here, the house learns the time, its random ids, its files and its addresses.

mod actor;
mod bundles;
mod clock;
mod command;
mod config;
mod folder;
mod log;
mod say;
mod wire;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted home for health records: FHIR R4, encrypted, audited.
#[derive(Parser)]
#[command(name = "keepwell", version, arg_required_else_help = true, after_help = AFTER)]
struct Line {
    #[command(flatten)]
    flags: config::Flags,
    #[command(subcommand)]
    command: command::Command,
}

const AFTER: &str = "Flags come before KEEPWELL_… variables, these before the file, and the file before defaults; `keepwell doctor` shows what holds.\n\
Exit codes: 0 done, 1 failed or found something wrong, 2 not understood.";

/// Not understood: a wrong flag, setting or argument.
const MISUNDERSTOOD: u8 = 2;

fn main() -> ExitCode {
    let line = Line::parse();
    let environment = environment();
    let (config, layers) = match config::Config::load(&line.flags, &environment) {
        Ok(loaded) => loaded,
        Err(error) => {
            say::note!("keepwell: {error}");
            return MISUNDERSTOOD.into();
        }
    };
    match command::run(line.command, &config, &layers) {
        Ok(command::Found::Right) => ExitCode::SUCCESS,
        Ok(command::Found::Wrong) => ExitCode::FAILURE,
        Err(error) => {
            say::note!("keepwell: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The variables whose names and values are text; ours must be, and others do not matter.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os().filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?))).collect()
}
