//! The server that is measured: this binary's `serve`, as a process of its own, on a folder of its own.

use super::client::Client;
use crate::{
    actor::{self, OPERATOR, Wanted},
    clock,
    command::token,
    config::{Config, Flags},
    wire::{self, Purpose},
};
use anyhow::{Context, bail};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Instant,
};
use store::{Store, dialect::Database};

/// The variable that carries a PostgreSQL address: it may hold a password, which must not stand in the process list.
const DATABASE: &str = "KEEPWELL_DATABASE";

/// A server with its folder.
pub(super) struct Server {
    folder: PathBuf,
    config: Config,
    address: Option<String>,
    token: String,
    running: Option<(Child, SocketAddr)>,
}

impl Server {
    /// Founds an installation in a new temporary folder, and mints a token for it.
    ///
    /// # Errors
    /// Where the database is not empty.
    pub(super) fn found(address: Option<&str>) -> anyhow::Result<Server> {
        let folder = std::env::temp_dir().join(format!("keepwell-bench-{}", actor::fresh_id()));
        let data = folder.join("data").display().to_string();
        let key = folder.join("root.key").display().to_string();
        let values =
            BTreeMap::from([("data", data), ("key_file", key), ("listen", "127.0.0.1:0".to_owned())]);
        let environment: Vec<_> =
            address.map(|text| (DATABASE.to_owned(), text.to_owned())).into_iter().collect();
        let (config, _) = Config::load(&Flags { config: None, values }, &environment)?;
        if Store::known_generation(&config.database)?.is_some() {
            bail!("the benchmark fills a database of its own: give --database an empty one");
        }
        let record = wire::open(&config, Purpose::Found)?;
        let who = actor::actor(&Wanted { role: OPERATOR, name: "Benchmark", ..Wanted::default() })?;
        let token = token::mint(&record, who, 1)?.reveal().to_owned();
        Ok(Server { folder, config, address: address.map(str::to_owned), token, running: None })
    }

    /// Starts it; how many seconds passed until it gave its first answer.
    ///
    /// # Errors
    /// Where it ends before.
    pub(super) fn start(&mut self) -> anyhow::Result<f64> {
        let start = Instant::now();
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("serve")
            .arg("--data")
            .arg(&self.config.data)
            .arg("--key-file")
            .arg(self.folder.join("root.key"));
        command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        command.stderr(std::fs::File::create(self.folder.join("log"))?);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KEEPWELL_")) {
            command.env_remove(name);
        }
        if let Some(address) = &self.address {
            command.env(DATABASE, address);
        }
        let mut child = command.spawn().context("the server cannot be started")?;
        let mut line = String::new();
        let out = child.stdout.take().context("the server says nothing")?;
        BufReader::new(out).read_line(&mut line)?;
        let address = line.split("://").nth(1).and_then(|rest| rest.split('/').next()?.trim().parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            let said = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            bail!("the server did not start: {said}");
        };
        self.running = Some((child, address));
        let (status, _) =
            self.client()?.get("/fhir/R4/metadata").map(|(status, body)| (status, body.len()))?;
        if status != 200 {
            bail!("the first answer was {status}");
        }
        Ok(clock::since(start))
    }

    /// A new client of it.
    ///
    /// # Errors
    /// Where it does not run.
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        let (_, address) = self.running.as_ref().context("the server does not run")?;
        Ok(Client::new(*address, &self.token))
    }

    /// A new client of it, of somebody else.
    ///
    /// # Errors
    /// Where it does not run.
    pub(super) fn client_of(&self, token: &str) -> anyhow::Result<Client> {
        let (_, address) = self.running.as_ref().context("the server does not run")?;
        Ok(Client::new(*address, token))
    }

    /// How it is set up.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// A figure of its memory: `VmRSS` now, `VmHWM` at most.
    pub(super) fn memory_bytes(&self, figure: &str) -> u64 {
        let Some((child, _)) = &self.running else { return 0 };
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() * 1024
    }

    /// Ends it as an operator would.
    ///
    /// # Errors
    /// Where it does not end well.
    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        let Some((mut child, _)) = self.running.take() else { return Ok(()) };
        let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(
            id.context("the server has no number")?,
            rustix::process::Signal::TERM,
        )?;
        let ended = child.wait()?;
        if ended.success() { Ok(()) } else { bail!("the server ended with {ended}") }
    }

    /// Bytes that it keeps: the folder for the embedded engine, the database's size for the other, and the keyring.
    ///
    /// # Errors
    /// Where the record does not open.
    pub(super) fn stored_bytes(&self) -> anyhow::Result<u64> {
        let record = wire::open(&self.config, Purpose::Alone)?;
        let database = u64::try_from(record.store().size_bytes()?).unwrap_or_default();
        drop(record);
        let keyring = std::fs::metadata(crate::folder::keyring(&self.config.data)).map_or(0, |m| m.len());
        Ok(database + keyring)
    }

    /// Where the control may make its table: a database file of its own, or the same server.
    pub(super) fn plain_database(&self) -> Database {
        match &self.config.database {
            Database::Sqlite(_) => Database::Sqlite(self.folder.join("plain.db")),
            postgres @ Database::Postgres(_) => postgres.clone(),
        }
    }

    /// Removes its folder, unless it is to be kept.
    ///
    /// # Errors
    /// Where that cannot be done.
    pub(super) fn remove(self, keep: bool) -> anyhow::Result<()> {
        if keep {
            crate::say::note!("kept in {}", self.folder.display());
            return Ok(());
        }
        Ok(std::fs::remove_dir_all(&self.folder)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
