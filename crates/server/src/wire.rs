//! The wiring: root key → keyring → store → record.

use crate::{
    config::{Config, Root, private},
    folder,
};
use anyhow::{Context, bail};
use record::{Record, Settings};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use store::Store;
use vault::{
    keyring::Keyring,
    provider::{Cost, KeyFile, Passphrase, Provider},
};

/// What the record is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve or load: alone, and a new installation is founded where there is none.
    Found,
    /// To work on what is there: alone.
    Alone,
    /// Beside a server that may be running: no new owners, no change of keys.
    Beside,
}

/// Opens the record, with every check that its parts know.
///
/// # Errors
/// Each says what to do.
pub(crate) fn open(config: &Config, purpose: Purpose) -> anyhow::Result<Record> {
    Ok(open_with_root(config, purpose)?.0)
}

/// As [`open`], with the root key provider, for those who change keys.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_with_root(config: &Config, purpose: Purpose) -> anyhow::Result<(Record, Provider)> {
    let path = folder::keyring(&config.data);
    if purpose == Purpose::Found {
        folder::make(&config.data)?;
    } else if !path.exists() {
        return Err(folder::none(&config.data));
    }
    let known = Store::known_generation(&config.database)
        .with_context(|| "the database cannot be reached; `keepwell doctor` looks closer".to_owned())?;
    let new = purpose == Purpose::Found && known.is_none() && !path.exists();
    let root = provider(config, new)?;
    let ring = match purpose {
        _ if new => Keyring::create(&path, &root)?,
        Purpose::Beside => open_beside(&path, &root, known)?,
        Purpose::Found | Purpose::Alone => Keyring::open(&path, &root, known)?,
    };
    if ring.torn_bytes() > 0 {
        tracing::warn!(
            bytes = ring.torn_bytes(),
            "the keyring ended in a torn write, which a crash had left; nothing acknowledged was in it"
        );
    }
    let store = Store::open(&config.database, Arc::new(ring), config.readers)?;
    Ok((Record::new(store, settings(config)), root))
}

/// Opens the keyring to read it while another process may have it.
///
/// # Errors
/// As [`Keyring::open_read_only`].
pub(crate) fn open_beside(path: &Path, root: &Provider, known: Option<u64>) -> anyhow::Result<Keyring> {
    Ok(Keyring::open_read_only(path, root, known)?)
}

/// The address of the FHIR API.
pub(crate) fn base(config: &Config) -> String {
    format!("{}/fhir/R4", config.origin(config.listen))
}

/// Under which addresses this server's resources are known.
pub(crate) fn bases(config: &Config) -> Vec<String> {
    vec![base(config)]
}

fn settings(config: &Config) -> Settings {
    Settings {
        fresh_id: Arc::new(crate::actor::fresh_id),
        bases: bases(config),
        page: 20,
        page_most: 1000,
        finish_most: 20_000,
        notify_hosts: config.notify_hosts.clone(),
    }
}

/// The root key's provider. `new` lets it make a key file where there is none.
///
/// # Errors
/// A secret file that others may read, a key file in the data folder, a missing key.
pub(crate) fn provider(config: &Config, new: bool) -> anyhow::Result<Provider> {
    let passphrase = |text| anyhow::Ok(Provider::Passphrase(Passphrase::new(text, Cost::default())?));
    match &config.root {
        Root::Passphrase(text) => passphrase(text.0.clone()),
        Root::PassphraseFile(path) => passphrase(private::read(path)?),
        Root::KeyFile(_) => {
            let path = key_path(config, new)?;
            if new {
                found_key_file(config, &path)?;
            }
            Ok(Provider::KeyFile(KeyFile::read(&path)?))
        }
    }
}

/// Where the key file is: where the settings say, or in the user's configuration under the installation's name.
///
/// # Errors
/// Where there is neither an installation nor a home folder.
pub(crate) fn key_path(config: &Config, new: bool) -> anyhow::Result<PathBuf> {
    if let Root::KeyFile(Some(path)) = &config.root {
        return Ok(path.clone());
    }
    let folder = config.key_folder.as_ref().ok_or(crate::config::error::Error::NoHome)?;
    Ok(folder.join(format!("{}.key", folder::name(&config.data, new)?)))
}

fn found_key_file(config: &Config, path: &Path) -> anyhow::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder::make(parent)?;
    }
    if vault::files::is_inside(path, &config.data).context("the key file's folder cannot be found")? {
        bail!(
            "the key file {} lies in the data folder: a copy of the folder would open itself; put it elsewhere with --key-file",
            path.display()
        );
    }
    if !path.exists() {
        KeyFile::create(path)?;
        crate::say::note!(
            "A new root key lies in {}. Keep a copy of it apart: without it the records open nowhere.",
            path.display()
        );
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
