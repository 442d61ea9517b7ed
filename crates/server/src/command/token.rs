//! `keepwell token`: access tokens, until there are accounts.

use super::Found;
use crate::{
    actor::{self, Wanted},
    clock,
    config::Config,
    say::{note, say},
    wire::{self, Purpose},
};
use anyhow::Context;
use clap::{Args, Subcommand, builder::PossibleValuesParser};
use record::{Record, sign_in::Pass};
use std::io::Read;

/// `keepwell token …`
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a token and print it, this once
    Create(Create),
    /// Make a token worthless; it is read from standard input
    Revoke,
}

#[derive(Args)]
struct Create {
    /// What its holder is: operator, reader, physician, nurse, front-desk, patient …
    #[arg(long, value_parser = PossibleValuesParser::new(actor::roles()))]
    role: String,
    /// As whom records know its holder: `Practitioner/ID`, `Organization/ID`; may be given several times
    #[arg(long = "as", value_name = "REFERENCE")]
    known_as: Vec<String>,
    /// What it allows instead, as SMART v2 scopes: `system/Patient.rs,system/Observation.rs`
    #[arg(long)]
    scopes: Option<String>,
    /// Id of the one Patient that patient scopes speak of
    #[arg(long, value_name = "ID")]
    patient: Option<String>,
    /// Who holds it, as the audit log shall name them
    #[arg(long, default_value = "Token holder")]
    name: String,
    /// For how many days it opens the door
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3660))]
    days: u32,
}

/// Runs it; works beside a running server, which knows the token at once and forgets a revoked one within seconds.
///
/// # Errors
/// Where the record does not open or the scopes are not understood.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    match &arguments.action {
        Action::Create(create) => {
            let actor = actor::actor(&Wanted {
                role: &create.role,
                name: &create.name,
                scopes: create.scopes.as_deref(),
                patient: create.patient.as_deref(),
                known_as: &create.known_as,
            })?;
            let record = wire::open(config, Purpose::Beside)?;
            let token = mint(&record, actor, create.days)?;
            say!("{}", token.reveal());
            note!(
                "It opens the door for {} days and is shown this once: keep it like a password.",
                create.days
            );
            Ok(Found::Right)
        }
        Action::Revoke => revoke(config),
    }
}

/// Makes a token for an actor.
///
/// # Errors
/// Where the database or the keys fail.
pub(crate) fn mint(
    record: &Record,
    actor: access::act::Actor,
    days: u32,
) -> anyhow::Result<vault::token::Token> {
    let (token, _) = vault::token::mint()?;
    let expires = clock::now() + jiff::SignedDuration::from_hours(24 * i64::from(days));
    record.issue(token.reveal(), &Pass { actor, expires }).context("the token could not be kept")?;
    Ok(token)
}

fn revoke(config: &Config) -> anyhow::Result<Found> {
    let mut text = String::new();
    std::io::stdin().lock().take(1024).read_to_string(&mut text).context("no token on standard input")?;
    let record = wire::open(config, Purpose::Beside)?;
    if record.store().revoke_token(text.trim())? {
        say!("revoked");
        return Ok(Found::Right);
    }
    note!(
        "keepwell: there is no such token here; give the whole text, as in `keepwell token revoke < token.txt`"
    );
    Ok(Found::Wrong)
}
