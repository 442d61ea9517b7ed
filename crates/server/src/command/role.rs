//! `keepwell role`: roles as data. A built-in one is shown, written to a file under another name, changed there, and added.

use super::Found;
use crate::{
    actor,
    config::Config,
    say::{note, say},
    wire::{self, Purpose},
};
use access::{act::Act, role::Role};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use fhir::model::Kind;
use login::{
    Login,
    error::Error,
    roles::{Editor, Listed},
};
use std::{
    fs::File,
    io::{IsTerminal, Read, stdin},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A file of roles is smaller than this.
const MOST_BYTES: u64 = 1 << 20;

/// `keepwell role …`
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// All roles: the built-in ones, and those that were added
    List,
    /// One role as JSON, to be changed and added under another name
    Show {
        /// The role's name
        name: String,
    },
    /// Add the roles of a file (`-`: standard input), or put them in place of those of the same names
    Add {
        /// JSON: one role as `show` prints it, or several in an array
        file: PathBuf,
        /// Do not ask first
        #[arg(long)]
        yes: bool,
    },
    /// Remove a role that was added: from then on it allows nothing
    Remove {
        /// The role's name
        name: String,
    },
}

/// Runs it; works beside a running server, where a change counts from the next request on.
///
/// # Errors
/// Where the record does not open, or a role cannot be kept.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let roles = match &arguments.action {
        Action::Add { file, .. } => read(file)?,
        Action::List | Action::Show { .. } | Action::Remove { .. } => Vec::new(),
    };
    let record = wire::open(config, Purpose::Beside)?;
    let login = Login::new(Arc::clone(record.store()), config.sign_in.settings.clone(), None)?;
    let act = actor::local_act()?;
    match &arguments.action {
        Action::List => {
            for Listed { role, version } in login.roles(act.at)? {
                let kind = version.map_or("built in".to_owned(), |version| format!("version {version}"));
                say!("{:20} {:15} {:12} {}", role.name, word(&role.realm)?, kind, role.title);
            }
        }
        Action::Show { name } => {
            let Some(role) = login.role(name, act.at)? else { bail!(none(name)) };
            say!("{}", serde_json::to_string_pretty(&role)?);
        }
        Action::Add { file, yes } => {
            if !told(&login, &roles, &act)? {
                return Ok(Found::Right);
            }
            if !yes && !sure(file)? {
                note!("Nothing was saved.");
                return Ok(Found::Wrong);
            }
            for role in &roles {
                login.keep_role(Editor::Installation(&act), role).map_err(|error| named(role, &error))?;
            }
            note!("Saved: it counts from the next request on, for everybody who has it.");
        }
        Action::Remove { name } => match login.remove_role(Editor::Installation(&act), name) {
            Ok(()) => {
                say!("removed");
                note!(
                    "Whoever has this role may do nothing in it any more, until a role of that name is added again."
                );
            }
            Err(Error::Ended) => bail!(none(name)),
            Err(error) => return Err(error.into()),
        },
    }
    Ok(Found::Right)
}

fn named(role: &Role, error: &Error) -> anyhow::Error {
    anyhow::anyhow!("{}: {error}", role.name)
}

/// Says what adding these roles would change, before it does; whether it would change anything.
fn told(login: &Login, roles: &[Role], act: &Act) -> anyhow::Result<bool> {
    let mut any = false;
    for role in roles {
        let changes = login.changes_of_role(role, act.at).map_err(|error| named(role, &error))?;
        any |= !changes.words.is_empty();
        match changes.words.is_empty() {
            true => say!("{}: as it was", role.name),
            false => say!("{}: {} ({} people have it)", role.name, changes.words, changes.holders),
        }
    }
    Ok(any)
}

/// Asks whoever sits there.
fn sure(file: &Path) -> anyhow::Result<bool> {
    if file.as_os_str() == "-" || !stdin().is_terminal() {
        bail!("nothing was saved: this is what would change, and nobody is here to be asked; say --yes");
    }
    note!("Type `yes` to save it:");
    let mut said = String::new();
    stdin().read_line(&mut said).context("no answer")?;
    Ok(said.trim() == "yes")
}

fn none(name: &str) -> String {
    format!("there is no role `{name}`; `keepwell role list` shows all")
}

/// A value as the role's JSON has it.
fn word(value: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_value(value)?.as_str().unwrap_or_default().to_owned())
}

/// The roles of a file: one, or an array of them.
///
/// # Errors
/// Where there are none, or of types that FHIR does not know.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<Role>> {
    let mut text = String::new();
    let source: Box<dyn Read> = match file.as_os_str() == "-" {
        true => Box::new(stdin()),
        false => Box::new(File::open(file).with_context(|| format!("{} cannot be opened", file.display()))?),
    };
    let read = source.take(MOST_BYTES).read_to_string(&mut text).context("the file is not text")?;
    if read as u64 == MOST_BYTES {
        bail!("the file is too large for roles");
    }
    let roles: Vec<Role> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(&text),
        false => serde_json::from_str(&text).map(|role| vec![role]),
    }
    .context("this is no role: write it as `keepwell role show nurse` prints one")?;
    for role in &roles {
        let model = &r4::definitions().model;
        let known = |name: &str| model.find(name).is_some_and(|id| model.get(id).kind == Kind::Resource);
        let types = role.scopes.iter().filter_map(|scope| scope.resource_type.as_deref());
        if let Some(unknown) = types.into_iter().find(|name| !known(name)) {
            bail!("{}: FHIR R4 has no resource type `{unknown}`", role.name);
        }
    }
    Ok(roles)
}
