//! `keepwell set-up FILE`: what a house is, from one file. Said again it changes what is different, and removes nothing.

mod file;
mod plan;

use super::{Found, serve::sign_in};
use crate::{
    actor, clock,
    config::Config,
    folder,
    say::{note, say},
    wire::{self, Purpose},
};
use anyhow::Context;
use clap::Args;
use file::Read as FileRead;
use login::visit::Visit;
use plan::{Open, Plan, There};
use record::Record;
use std::{io::Read, path::PathBuf};

/// The longest file, bytes.
const LONGEST: u64 = 256 << 10;

/// `keepwell set-up`
#[derive(Args)]
pub(crate) struct Arguments {
    /// What the house is, as TOML; `-` is standard input. docs/operations.md has an example
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Say what would be done, and do nothing
    #[arg(long)]
    check: bool,
}

/// Runs it, on a folder that is empty, or on a house, beside a running server or without one.
///
/// # Errors
/// Where the file cannot be read, the record does not open, or a step cannot be taken.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let text = text(arguments)?;
    let name = arguments.file.display().to_string();
    let read = match FileRead::parse(&text) {
        Ok(read) => read,
        Err(fault) => return Ok(refused(&name, &[fault])),
    };
    let act = actor::local_act()?;
    let visit = Visit {
        now: clock::now(),
        request: act.request.clone(),
        address: String::new(),
        browser: "command line".into(),
        device: None,
    };
    let is_new = !folder::keyring(&config.data).exists();
    // What can be seen to be wrong without a house is said before one is founded.
    if is_new {
        let there = There::default();
        let faults = faults(&read, config, None, (&there, &visit))?;
        if !faults.is_empty() {
            return Ok(refused(&name, &faults));
        }
        let plan = plan::plan(&read, &there, None)?;
        if arguments.check {
            return Ok(checked(&plan));
        }
    }
    let record = wire::open(config, if is_new { Purpose::Found } else { Purpose::Beside })?;
    let login = sign_in::over(config, &record, None)?;
    let (origin, base) = (config.origin(config.listen), wire::base(config));
    let open =
        Open { record: &record, login: &login, act: &act, visit: &visit, origin: &origin, base: &base };
    let there = There::of(&open)?;
    let faults = faults(&read, config, Some(&login), (&there, &visit))?;
    if !faults.is_empty() {
        return Ok(refused(&name, &faults));
    }
    let plan = plan::plan(&read, &there, Some(&open))?;
    if arguments.check {
        return Ok(checked(&plan));
    }
    if plan.steps.iter().any(plan::Step::is_sample) && !is_new {
        drop(login);
        drop(record);
        return alone(&read, config, (&act, &visit));
    }
    done(&open, plan)
}

/// The same where new patients are to come, who get keys of their own: no server may run beside it.
fn alone(
    read: &FileRead<'_>,
    config: &Config,
    (act, visit): (&access::act::Act, &Visit),
) -> anyhow::Result<Found> {
    let record: Record = wire::open(config, Purpose::Alone)?;
    let login = sign_in::over(config, &record, None)?;
    let (origin, base) = (config.origin(config.listen), wire::base(config));
    let open = Open { record: &record, login: &login, act, visit, origin: &origin, base: &base };
    let plan = plan::plan(read, &There::of(&open)?, Some(&open))?;
    done(&open, plan)
}

fn done(open: &Open<'_>, plan: Plan<'_>) -> anyhow::Result<Found> {
    plan.told.iter().for_each(|text| note!("{text}"));
    if plan.steps.is_empty() {
        note!("Nothing to do: the house is as the file says.");
        return Ok(Found::Right);
    }
    let invites = plan.steps.iter().any(plan::Step::is_invitation);
    plan::take(open, plan.steps, &mut |line| say!("{line}"))?;
    note!("The house is as the file says.");
    if invites {
        note!("Each link opens once, within a day: give it to the person whom it is for, and keep no copy.");
    }
    Ok(Found::Right)
}

fn checked(plan: &Plan<'_>) -> Found {
    plan.told.iter().for_each(|text| note!("{text}"));
    match plan.steps.is_empty() {
        true => note!("Nothing would be done: the house is as the file says."),
        false => plan.steps.iter().for_each(|step| say!("would do: {}", step.words())),
    }
    Found::Right
}

fn faults(
    read: &FileRead<'_>,
    config: &Config,
    login: Option<&login::Login>,
    (there, visit): (&There, &Visit),
) -> anyhow::Result<Vec<file::Fault>> {
    let roles = plan::known_roles(login, visit)?;
    let role = |name: &str| roles.get(name).cloned();
    let known = plan::known(&config.sign_in.settings.identifiers, &roles, &role, there);
    Ok(read.check(&known))
}

fn refused(name: &str, faults: &[file::Fault]) -> Found {
    faults.iter().for_each(|fault| note!("{name}, line {}: {}", fault.line, fault.text));
    note!("Nothing was done.");
    Found::Wrong
}

fn text(arguments: &Arguments) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = match arguments.file.as_os_str() == "-" {
        true => std::io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text),
        false => std::fs::File::open(&arguments.file)
            .and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text)),
    };
    read.with_context(|| format!("{} cannot be read as text", arguments.file.display()))?;
    anyhow::ensure!(text.len() as u64 <= LONGEST, "the file is too long for what a house is");
    Ok(text)
}
