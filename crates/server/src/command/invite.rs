//! `keepwell invite --csv FILE`: invitations for everybody on a list of staff, or for nobody. Nobody's password is set by it.

use super::{Found, serve::sign_in};
use crate::{
    actor, clock,
    config::Config,
    say::{note, say},
    wire::{self, Purpose},
};
use anyhow::Context;
use clap::Args;
use login::{
    roster::{By, Unlisted},
    staff_list::{self, Fault, cell},
    visit::Visit,
};
use std::{io::Read, path::PathBuf};

/// `keepwell invite`
#[derive(Args)]
pub(crate) struct Arguments {
    /// The list, with columns name, email or phone, role, and perhaps facility and practitioner; `-` is standard input
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
}

/// Runs it, beside a running server or without one. The links go to standard output, as CSV.
///
/// # Errors
/// Where the record does not open or the list cannot be read.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let text = read(arguments)?;
    let rows = match staff_list::parse(&text) {
        Ok(rows) => rows,
        Err(faults) => return Ok(refused(&faults)),
    };
    let record = wire::open(config, Purpose::Beside)?;
    let login = sign_in::over(config, &record, None)?;
    let act = actor::local_act()?;
    let visit = Visit {
        now: clock::now(),
        request: act.request.clone(),
        address: String::new(),
        browser: "command line".into(),
        device: None,
    };
    let invited = match login.invite_all(By::Operator(&act), rows, &visit) {
        Ok(invited) => invited,
        Err(Unlisted::Lines(faults)) => return Ok(refused(&faults)),
        Err(Unlisted::Other(error)) => return Err(error).context("nobody was invited"),
    };
    say!("name,contact,link,waits");
    let origin = config.origin(config.listen);
    for one in &invited {
        let link = format!("{origin}/invitation/{}", one.token.reveal());
        let waits = if one.waits { "for a second person" } else { "" };
        say!("{},{},{},{}", cell(&one.row.name), cell(&one.row.contact), cell(&link), cell(waits));
    }
    note!(
        "{} invited. Each link opens once, within a day: give it to the person whom it is for, and keep no copy.",
        invited.len()
    );
    Ok(Found::Right)
}

fn refused(faults: &[Fault]) -> Found {
    faults.iter().for_each(|fault| note!("{fault}"));
    note!("Nobody was invited.");
    Found::Wrong
}

fn read(arguments: &Arguments) -> anyhow::Result<String> {
    let most = staff_list::LONGEST as u64 + 1;
    let mut text = String::new();
    match arguments.csv.as_os_str() == "-" {
        true => std::io::stdin().lock().take(most).read_to_string(&mut text),
        false => {
            std::fs::File::open(&arguments.csv).and_then(|file| file.take(most).read_to_string(&mut text))
        }
    }
    .with_context(|| format!("{} cannot be read as text", arguments.csv.display()))?;
    Ok(text)
}
