//! `keepwell copy`: everything from this database into an empty PostgreSQL one, versions and audit log included.

use super::{Found, keys};
use crate::{
    config::{self, Config},
    say::{note, say},
    wire::{self, Purpose},
};
use clap::Args;
use std::path::PathBuf;

/// `keepwell copy`
#[derive(Args)]
pub(crate) struct Arguments {
    /// Where to: the address of an empty PostgreSQL database
    #[arg(long, value_name = "postgres://…")]
    to: String,
    /// File with its password, readable by its owner alone
    #[arg(long, value_name = "FILE")]
    to_password_file: Option<PathBuf>,
}

/// Runs it, with the server stopped. The database that is copied stays as it is.
///
/// # Errors
/// Where the record does not open, or the other database is not empty, not reached, or does not give back what it was given.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let other = config::other_database(&arguments.to, arguments.to_password_file.as_deref())?;
    let record = wire::open(config, Purpose::Alone).map_err(|error| {
        if keys::is_in_use(&error) {
            error.context("stop the server first: what it writes meanwhile would be left behind")
        } else {
            error
        }
    })?;
    record.store().copy_to(&other, &mut |table| say!("{:>9} {}", table.rows, table.table))?;
    say!("Everything is there, row by row as it is here, and the audit log has the same root.");
    note!(
        "From now on start Keepwell with that address as `database`, and the same data folder: the keyring lies there."
    );
    note!(
        "Never start it with the old database again: move that away, and destroy it when a backup of the new one is made."
    );
    Ok(Found::Right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tests::config_in;

    fn said(to: &str, config: &Config) -> String {
        let arguments = Arguments { to: to.into(), to_password_file: None };
        format!("{:#}", run(&arguments, config).unwrap_err())
    }

    #[test]
    fn a_copy_says_what_keeps_it_from_being_made() {
        let home = tempfile::tempdir().unwrap();
        let config = config_in(home.path());
        assert!(said("sqlite", &config).contains("postgres:// address"));
        assert!(said("postgres://k:word@localhost/k", &config).contains("--to-password-file"));
        let address = "postgres://k@10.0.0.7/k";
        assert!(said(address, &config).contains("there are no records"));
        let server = wire::open(&config, Purpose::Found).unwrap();
        assert!(said(address, &config).contains("stop the server first"));
        drop(server);
        assert!(said(address, &config).contains("sslmode=verify-full"));
    }
}
