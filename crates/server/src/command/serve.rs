//! `keepwell serve`: the house with its doors open.

mod about;
mod checkpoint;
pub(crate) mod sign_in;

use super::{Found, doctor, keys};
use crate::{
    actor, clock,
    config::{Config, Flags, Layers, Root, Tls},
    log,
    say::say,
    wire::{self, Purpose},
};
use anyhow::Context;
use clap::Args;
use login::Login;
use record::Record;
use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::signal::unix::{SignalKind, signal};
use vault::provider::Provider;
use web::{
    door::Door,
    gate::{self, Gate},
    installation::RootKey,
    limits::Limits,
    scanner::Scanner,
    serve::Serving,
    viewer::Viewer,
};

/// How long requests in flight may still take after SIGTERM.
const GRACE: Duration = Duration::from_secs(20);

/// `keepwell serve`
#[derive(Args)]
pub(crate) struct Arguments {}

/// A bound address with the record behind it, not yet open to callers.
pub(crate) struct House {
    /// The settings, with the address that is really listened on.
    pub(crate) config: Config,
    /// The record.
    pub(crate) record: Arc<Record>,
    listener: TcpListener,
    root: Provider,
    login: Arc<Login>,
    settings: Vec<web::house::Setting>,
}

/// Runs it until SIGTERM or SIGINT.
///
/// # Errors
/// Where the address is taken, or the record does not open.
pub(crate) fn run(_: &Arguments, config: &Config, flags: &Flags, layers: &Layers) -> anyhow::Result<Found> {
    let reread = Reread { level: log::start(config)?, flags: flags.clone() };
    let house = House::open(config, layers, &[config.listen])?;
    let (base, help) = (house.base(), house.help());
    let first = sign_in::first_run(&house.login, &house.config.origin(house.config.listen))?;
    house.serve(Some(reread), || {
        say!("Keepwell serves {base}\nThe documents are at {help}");
        if let Some(first) = first {
            say!("{first}");
        }
    })?;
    Ok(Found::Right)
}

/// What SIGHUP needs: the settings are found again as they were at the start.
pub(crate) struct Reread {
    level: log::Level,
    flags: Flags,
}

impl House {
    /// Binds the first address that is free, then opens the record.
    ///
    /// # Errors
    /// Where all addresses are taken, or the record does not open.
    pub(crate) fn open(config: &Config, layers: &Layers, addresses: &[SocketAddr]) -> anyhow::Result<House> {
        let listener = TcpListener::bind(addresses).with_context(|| {
            format!(
                "the address {} cannot be listened on: stop what is there, or name another with --listen",
                config.listen
            )
        })?;
        let config = Config { listen: listener.local_addr()?, ..config.clone() };
        let (record, root) = wire::open_with_root(&config, Purpose::Found)?;
        let login = sign_in::open(&config, &record)?;
        let settings = doctor::settings(layers);
        Ok(House { config, record: Arc::new(record), listener, root, login, settings })
    }

    /// The address of the FHIR API.
    pub(crate) fn base(&self) -> String {
        wire::base(&self.config)
    }

    /// The address of the documents.
    pub(crate) fn help(&self) -> String {
        format!("{}/help", self.config.origin(self.config.listen))
    }

    /// Serves until SIGTERM or SIGINT; `opened` is called when requests are taken. With `reread`, SIGHUP changes the log level;
    /// without, it ends the process, as it does where a terminal is closed.
    ///
    /// # Errors
    /// Where TLS or the runtime cannot be set up.
    pub(crate) fn serve(self, reread: Option<Reread>, opened: impl FnOnce()) -> anyhow::Result<()> {
        let tls = self.config.tls.as_ref().map(read_tls).transpose()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .max_blocking_threads(self.config.limit_requests + 16)
            .build()
            .context("the runtime cannot be started")?;
        let checkpoint =
            checkpoint::Keeper::start(self.record.clone(), crate::folder::checkpoint(&self.config.data))?;
        let gate = Arc::new(Gate::new(gate_settings(&self.config, limits(&self.config))));
        let door = Door::new(self.record.clone(), gate.clone(), &self.base())
            .with_login(self.login.clone(), self.config.behind_proxy)
            .with_scanner(self.config.scanner.map(Scanner))
            .with_installation(root_key(&self.config), self.config.tls.is_some())
            .with_viewer(myself().map(Viewer::program))
            .with_house(about::house(&self.config, &self.record, &self.login, self.settings));
        let door = Arc::new(door);
        let routes = api::router(door.clone(), clock::now())
            .merge(api::oauth::router(door.clone()))
            .merge(api::shl::router(door.clone()));
        let routes = routes.merge(portal::router(door.clone()));
        let app = gate.around(routes.merge(web::probe::router(door.clone())).merge(web::help::router()));
        let serving = Serving { app, tls, limits: limits(&self.config), grace: GRACE };
        let root = Arc::new(Mutex::new(self.root));
        runtime.block_on(async {
            self.listener.set_nonblocking(true)?;
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            tokio::spawn(sign_in::sweep(self.login));
            tokio::spawn(Arc::clone(&door).follow());
            tokio::spawn(Arc::clone(&door).notify());
            tokio::spawn(rotate_on_signal(self.record.clone(), root));
            if let Some(reread) = reread {
                tokio::spawn(reread_on_signal(reread));
            }
            gate.set_ready(true);
            opened();
            web::serve::serve(listener, serving, ending(&gate)).await;
            anyhow::Ok(())
        })?;
        drop(runtime);
        checkpoint.finish();
        tracing::info!("stopped");
        Ok(())
    }
}

fn read_tls(tls: &Tls) -> anyhow::Result<web::tls::Tls> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
    };
    Ok(web::tls::Tls::from_pem(&read(&tls.cert)?, &read(&tls.key)?)?)
}

fn limits(config: &Config) -> Limits {
    Limits {
        body_bytes: config.limit_body_bytes,
        bodies_bytes: Limits::default().bodies_bytes.max(2 * config.limit_body_bytes),
        at_work: config.limit_requests,
        app_requests: u32::try_from(config.app_requests).unwrap_or(u32::MAX),
        ..Limits::default()
    }
}

fn root_key(config: &Config) -> RootKey {
    match config.root {
        Root::KeyFile(_) => RootKey::File,
        Root::PassphraseFile(_) | Root::Passphrase(_) => RootKey::Passphrase,
    }
}

fn gate_settings(config: &Config, limits: Limits) -> gate::Settings {
    gate::Settings {
        clock: Arc::new(clock::now),
        fresh_id: Arc::new(actor::fresh_id),
        limits,
        tls: wire::base(config).starts_with("https:"),
        parameters: api::parameters(),
    }
}

/// Comes when somebody asks the house to close.
async fn ending(gate: &Gate) {
    let mut term = signal(SignalKind::terminate()).ok();
    let term = async {
        match &mut term {
            Some(term) => term.recv().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = term => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    gate.close();
    tracing::info!("closing: no new connection is taken, requests in flight are finished");
}

/// Reads the configuration again on each SIGHUP, and takes over the one setting that can change while it runs.
async fn reread_on_signal(reread: Reread) {
    let Ok(mut asked) = signal(SignalKind::hangup()) else { return };
    while asked.recv().await.is_some() {
        let flags = reread.flags.clone();
        let read = tokio::task::spawn_blocking(move || Config::load(&flags, &crate::environment())).await;
        let result = match read {
            Ok(Ok((config, _))) => reread.level.set(&config.log_level),
            Ok(Err(error)) => Err(error.into()),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = result {
            let error = format!("{error:#}");
            tracing::error!(error, "the log level was not changed; the old one holds");
        }
    }
}

/// Renews the root key on each SIGUSR1. (SIGHUP also comes when a terminal closes, which is no reason to change keys.)
async fn rotate_on_signal(record: Arc<Record>, root: Arc<Mutex<Provider>>) {
    let Ok(mut asked) = signal(SignalKind::user_defined1()) else { return };
    while asked.recv().await.is_some() {
        let (record, root) = (record.clone(), root.clone());
        let renewed = tokio::task::spawn_blocking(move || {
            keys::renew(&record, &mut root.lock().unwrap_or_else(PoisonError::into_inner))?;
            anyhow::Ok(record.store().keyring().generation())
        });
        match renewed.await {
            Ok(Ok(generation)) => tracing::info!(generation, "the root key is renewed; back up the keyring"),
            Ok(Err(error)) => tracing::error!(%error, "the root key was not renewed; the old one holds"),
            Err(_) => tracing::error!("renewing the root key panicked; the old one holds"),
        }
    }
}

/// This program, by a name that holds when another version is put in its place while it runs.
fn myself() -> Option<std::path::PathBuf> {
    let running = std::path::Path::new("/proc/self/exe");
    if running.exists() { Some(running.to_owned()) } else { std::env::current_exe().ok() }
}
