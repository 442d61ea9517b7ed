//! The commands: one file each.

mod access;
mod bench;
mod client;
mod copy;
mod demo;
mod doctor;
mod erase;
mod export;
mod import;
mod invite;
pub(crate) mod keys;
mod load;
mod people;
pub(crate) mod preview;
mod role;
mod serve;
mod set_up;
pub(crate) mod token;
mod verify;

use crate::config::{Config, Flags, Layers};
use clap::Subcommand;

/// What a command came to, when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// All is well.
    Right,
    /// Something is wrong, and has been said.
    Wrong,
}

/// What Keepwell can be told to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve the records of the data folder, making it at the first start
    Serve(serve::Arguments),
    /// Serve a house full of synthetic people to look around in
    Demo(demo::Arguments),
    /// Load bundles, NDJSON, folders and archives of them
    Import(import::Arguments),
    /// Load the record of one patient, as it was taken along from a page
    Load(load::Arguments),
    /// Write all records as NDJSON, one file for each type
    Export(export::Arguments),
    /// Copy everything into an empty PostgreSQL database, with all versions and the audit log
    Copy(copy::Arguments),
    /// Look after the keys: status, rotate
    Keys(keys::Arguments),
    /// Make everything of one patient unreadable for ever
    Erase(erase::Arguments),
    /// Say who would see what of a patient, and why
    Access(access::Arguments),
    /// Invite everybody on a list of staff, or nobody
    Invite(invite::Arguments),
    /// Make a house what one file says: place, administrator, facilities, staff, public pages
    #[command(name = "set-up")]
    SetUp(set_up::Arguments),
    /// List, show, add or remove roles
    Role(role::Arguments),
    /// Make or revoke access tokens
    Token(token::Arguments),
    /// Look after the apps that people may let in: add, approve, revoke, list
    Client(client::Arguments),
    /// Check the audit log and every sealed body, and name the first bad one
    Verify(verify::Arguments),
    /// Show every setting with its origin, and say what to mend
    Doctor,
    /// Write synthetic people as files
    People(people::Arguments),
    /// Draw one page of a file, for the server
    #[command(hide = true)]
    Preview,
    /// Measure loading, reading and searching over HTTP, beside a plain database
    Bench(bench::Arguments),
}

/// Does it.
///
/// # Errors
/// In words for the terminal, with what to do.
pub(crate) fn run(
    command: Command,
    flags: &Flags,
    config: &Config,
    layers: &Layers,
) -> anyhow::Result<Found> {
    match command {
        Command::Serve(arguments) => serve::run(&arguments, config, flags, layers),
        Command::Demo(arguments) => demo::run(&arguments, config, layers),
        Command::Import(arguments) => import::run(&arguments, config),
        Command::Load(arguments) => load::run(&arguments, config),
        Command::Export(arguments) => export::run(&arguments, config),
        Command::Copy(arguments) => copy::run(&arguments, config),
        Command::Keys(arguments) => keys::run(&arguments, config),
        Command::Erase(arguments) => erase::run(&arguments, config),
        Command::Access(arguments) => access::run(&arguments, config),
        Command::Invite(arguments) => invite::run(&arguments, config),
        Command::SetUp(arguments) => set_up::run(&arguments, config),
        Command::Role(arguments) => role::run(&arguments, config),
        Command::Token(arguments) => token::run(&arguments, config),
        Command::Client(arguments) => client::run(&arguments, config),
        Command::Verify(arguments) => verify::run(&arguments, config),
        Command::Doctor => Ok(doctor::run(config, layers)),
        Command::People(arguments) => people::run(&arguments),
        Command::Preview => Ok(Found::Right),
        Command::Bench(arguments) => bench::run(&arguments, config),
    }
}
