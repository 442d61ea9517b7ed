//! `keepwell erase`: everything that belongs to one patient becomes unreadable for ever, in every copy.

use super::{Found, keys};
use crate::{
    actor,
    config::Config,
    say::{note, say},
    wire::{self, Purpose},
};
use anyhow::{Context, bail};
use clap::Args;
use record::error::Error;
use std::io::{IsTerminal, stdin};
use vault::provider::Provider;

/// `keepwell erase`
#[derive(Args)]
pub(crate) struct Arguments {
    /// Id of the Patient
    #[arg(long, value_name = "ID")]
    patient: String,
    /// Why; it is sealed in the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Do not ask first
    #[arg(long)]
    yes: bool,
}

/// Runs it, with the server stopped.
///
/// # Errors
/// Where the record does not open, nothing was ever stored for the patient, or a half of it fails: doing it again finishes it.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let (record, mut root) = wire::open_with_root(config, Purpose::Alone).map_err(|error| {
        if keys::is_in_use(&error) {
            error.context("stop the server first: it has the keyring")
        } else {
            error
        }
    })?;
    if !arguments.yes && !sure()? {
        note!("Nothing was erased.");
        return Ok(Found::Wrong);
    }
    let done = record.erase(&actor::local_act()?, &arguments.patient, &arguments.reason, &mut root);
    match done {
        Ok(()) => {}
        Err(Error::NotFound) => bail!(
            "nothing was ever stored for a patient of that id: `--patient` takes the id as it stands in Patient/ID"
        ),
        Err(error) => {
            return Err(error).context("the erasure did not come to its end; run the same command again");
        }
    }
    say!("The record is erased. Nobody can read it any more, with any key that this house has.");
    note!(
        "A file that was stored as a Binary without `securityContext` names no patient: it belongs to the organization, and stays readable."
    );
    note!("Back up the keyring now, and destroy its older backups: in them, the patient still has a key.");
    note!(
        "A database that is put back from an older backup stays unreadable, but must be erased again, so that its index forgets."
    );
    if matches!(root, Provider::Passphrase(_)) {
        note!(
            "An older keyring still opens with this passphrase: change it with `keepwell keys rotate --new-passphrase-file FILE`."
        );
    }
    Ok(Found::Right)
}

/// Asks whoever sits there.
fn sure() -> anyhow::Result<bool> {
    if !stdin().is_terminal() {
        bail!("this cannot be undone, and nobody is here to be asked: say --yes");
    }
    note!(
        "Everything that belongs to this patient becomes unreadable for ever, in every copy, their files as well. Type `erase` to go on:"
    );
    let mut said = String::new();
    stdin().read_line(&mut said).context("no answer")?;
    Ok(said.trim() == "erase")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::config_in;

    fn arguments(yes: bool) -> Arguments {
        Arguments { patient: "nobody".into(), reason: "asked".into(), yes }
    }

    #[test]
    fn beside_a_running_server_it_says_to_stop_it() {
        let home = tempfile::tempdir().unwrap();
        let config = config_in(home.path());
        let server = wire::open(&config, Purpose::Found).unwrap();
        let said = format!("{:#}", run(&arguments(true), &config).unwrap_err());
        assert!(said.contains("stop the server first"), "{said}");
        drop(server);
        let said = format!("{:#}", run(&arguments(true), &config).unwrap_err());
        assert!(said.contains("nothing was ever stored for a patient of that id"), "{said}");
    }
}
