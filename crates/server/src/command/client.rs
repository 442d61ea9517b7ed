//! `keepwell client`: the apps that people may let in, and the systems that come with keys of their own.

use super::{Found, serve::sign_in};
use crate::{
    actor, clock,
    config::Config,
    say::{note, say},
    wire::{self, Purpose},
};
use anyhow::Context;
use clap::{Args, Subcommand};
use login::{
    error::Error,
    oauth::client::{Client, Status},
    visit::Visit,
};
use std::{io::Read, path::PathBuf};

/// The longest registration that is read.
const LONGEST: u64 = 64 << 10;

/// `keepwell client …`
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Add an app, approved, from a registration after RFC 7591
    Add(File),
    /// Let an app in that registered itself
    Approve(Id),
    /// Let an app in no more; all its tokens are dead at once
    Revoke(Id),
    /// Show all apps
    List,
}

#[derive(Args)]
struct File {
    /// The registration, as JSON; `-` is standard input
    file: PathBuf,
}

#[derive(Args)]
struct Id {
    /// The app's client_id
    id: String,
}

/// Runs it; works beside a running server, for which it holds at once.
///
/// # Errors
/// Where the record does not open, or the registration cannot be taken.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let record = wire::open(config, Purpose::Beside)?;
    let login = sign_in::over(config, &record, None)?;
    let visit = Visit {
        now: clock::now(),
        request: actor::fresh_id(),
        address: String::new(),
        browser: "command line".into(),
        device: None,
    };
    match &arguments.action {
        Action::Add(file) => {
            let client = login.add_client(&read(file)?, &visit).context("the app was not added")?;
            say!("{}", client.id);
            note!("{} is approved; the line above is its client_id.", client.name);
        }
        Action::Approve(id) => return set(login.set_client(&id.id, Status::Approved, &visit)),
        Action::Revoke(id) => return set(login.set_client(&id.id, Status::Revoked, &visit)),
        Action::List => login.clients(visit.now)?.iter().for_each(|client| say!("{}", line(client))),
    }
    Ok(Found::Right)
}

fn read(file: &File) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    let path = file.file.display();
    match file.file.as_os_str() == "-" {
        true => std::io::stdin().lock().take(LONGEST).read_to_end(&mut text),
        false => std::fs::File::open(&file.file).and_then(|file| file.take(LONGEST).read_to_end(&mut text)),
    }
    .with_context(|| format!("{path} cannot be read"))?;
    Ok(text)
}

fn set(outcome: Result<Client, Error>) -> anyhow::Result<Found> {
    match outcome {
        Ok(client) => {
            say!("{}", line(&client));
            Ok(Found::Right)
        }
        Err(Error::Ended) => {
            note!("keepwell: there is no such app here; `keepwell client list` shows all");
            Ok(Found::Wrong)
        }
        Err(error) => Err(error.into()),
    }
}

/// One app. Its name is what it says of itself: it stands last, so that nothing in it looks like another field.
fn line(client: &Client) -> String {
    let status = match client.status {
        Status::Pending => "waits",
        Status::Approved => "approved",
        Status::Revoked => "revoked",
    };
    let kind = if client.public { "public" } else { "with keys" };
    let answers = match client.redirect_uris.is_empty() {
        true => "no answers by browser".to_owned(),
        false => client.redirect_uris.join(" "),
    };
    format!("{}  {status:8}  {kind:9}  {}  {answers}  [{}]", client.id, client.scope, client.name)
}
