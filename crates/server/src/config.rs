//! The configuration: one typed struct from flags, environment, file and defaults, in this order of strength.
//!
//! A secret's value comes from a file that its owner alone may read, or from `KEEPWELL_PASSPHRASE`; never from a flag, which
//! every user of the machine could see in the process list. `Debug` prints `sealed` where a secret stands.

pub(crate) mod error;
mod federation;
mod flags;
mod layers;
pub(crate) mod private;
mod settings;
mod sign_in;
#[cfg(test)]
mod tests;

use error::Error;
pub(crate) use layers::{Flags, Layers};
pub(crate) use settings::SETTINGS;
use sign_in::SignIn;
use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use store::dialect::Database;

/// Where the data folder is unless said otherwise.
const DEFAULT_DATA: &str = "./keepwell-data";

/// A text that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Sealed(pub(crate) String);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed")
    }
}

/// Where the root key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// A key file; `None` is the default place, which bears the installation's name.
    KeyFile(Option<PathBuf>),
    /// A file with a passphrase.
    PassphraseFile(PathBuf),
    /// A passphrase from the environment.
    Passphrase(Sealed),
}

/// Certificate and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    /// The chain, PEM.
    pub(crate) cert: PathBuf,
    /// The private key, PEM.
    pub(crate) key: PathBuf,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// All settings, checked.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The database.
    pub(crate) database: Database,
    /// The root key.
    pub(crate) root: Root,
    /// Where key files lie unless said otherwise; `None` without a home folder.
    pub(crate) key_folder: Option<PathBuf>,
    /// The address to listen on.
    pub(crate) listen: SocketAddr,
    /// What clients see, without a slash at the end.
    pub(crate) base_url: Option<String>,
    /// TLS, if we speak it.
    pub(crate) tls: Option<Tls>,
    /// Largest body, bytes.
    pub(crate) limit_body_bytes: usize,
    /// Most requests in flight.
    pub(crate) limit_requests: usize,
    /// Most requests of one app in a minute.
    pub(crate) app_requests: usize,
    /// Hosts that notices of changes may be sent to.
    pub(crate) notify_hosts: Vec<String>,
    /// Most reading connections.
    pub(crate) readers: usize,
    /// Filter of log lines.
    pub(crate) log_level: String,
    /// Form of log lines.
    pub(crate) log_format: LogFormat,
    /// Where the virus scanner listens.
    pub(crate) scanner: Option<SocketAddr>,
    /// Whether a proxy stands in front.
    pub(crate) behind_proxy: bool,
    /// Signing in.
    pub(crate) sign_in: SignIn,
}

impl Config {
    /// Reads flags, environment and file.
    ///
    /// # Errors
    /// [`Error`], each with what to do.
    pub(crate) fn load(flags: &Flags, environment: &[(String, String)]) -> Result<(Config, Layers), Error> {
        let layers = Layers::gather(flags, environment)?;
        let config = Config::build(&layers, environment)?;
        Ok((config, layers))
    }

    fn build(layers: &Layers, environment: &[(String, String)]) -> Result<Config, Error> {
        let data = path(layers, "data").unwrap_or_else(|| DEFAULT_DATA.into());
        let config = Config {
            database: database(layers, &data)?,
            root: root(layers, environment)?,
            key_folder: key_folder(environment),
            listen: parsed(layers, "listen", "an address and port such as 127.0.0.1:8080")?
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            base_url: base_url(layers)?,
            tls: tls(layers)?,
            limit_body_bytes: count(layers, "limit_body_bytes", 1 << 10, 1 << 30)?.unwrap_or(32 << 20),
            limit_requests: count(layers, "limit_requests", 1, 1 << 16)?.unwrap_or(512),
            app_requests: count(layers, "app_requests_per_minute", 1, 1_000_000)?.unwrap_or(6_000),
            notify_hosts: notify_hosts(layers)?,
            readers: count(layers, "readers", 1, 1 << 10)?.unwrap_or(16),
            log_level: layers.get("log_level").map_or_else(|| "info".to_owned(), |said| said.text.clone()),
            scanner: parsed(layers, "scanner", "an address and a port, such as 127.0.0.1:3310")?,
            log_format: log_format(layers)?,
            behind_proxy: switch(layers, "insecure_behind_proxy")?,
            sign_in: sign_in::sign_in(layers)?,
            data,
        };
        config.check_exposure(switch(layers, "public")?, config.behind_proxy)?;
        Ok(config)
    }

    /// An address that others reach needs a word of its own, and TLS or a proxy that speaks it.
    fn check_exposure(&self, public: bool, behind_proxy: bool) -> Result<(), Error> {
        if self.listen.ip().is_loopback() {
            return Ok(());
        }
        if !public {
            return Err(Error::Together(
                "`listen` is an address that other machines reach: add --public with --tls-cert and --tls-key, or listen on 127.0.0.1",
            ));
        }
        if self.tls.is_none() && !behind_proxy {
            return Err(Error::Together(
                "health records do not cross a network in the clear: give --tls-cert and --tls-key, or say --insecure-behind-proxy if a proxy in front speaks TLS",
            ));
        }
        Ok(())
    }

    /// What clients see, without a slash at the end.
    pub(crate) fn origin(&self, listening: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        self.base_url.clone().unwrap_or_else(|| format!("{scheme}://{listening}"))
    }
}

/// Whether a database address has a password in it.
fn holds_password(address: &str) -> bool {
    let user = address.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':') && !user.contains('/')) || address.contains("password=")
}

fn database(layers: &Layers, data: &Path) -> Result<Database, Error> {
    let Some(said) = layers.get("database").filter(|said| said.text != "sqlite") else {
        return Ok(Database::Sqlite(data.join("keepwell.db")));
    };
    if !is_postgres(&said.text) {
        return Err(Error::value("database", &said.origin, "`sqlite` or a postgres:// address"));
    }
    if holds_password(&said.text) && said.origin == layers::Origin::Flag {
        return Err(Error::Together(
            "every user of this machine can read a password in --database: put it into a file and name it with --database-password-file, or give the address in KEEPWELL_DATABASE",
        ));
    }
    with_password(&said.text, path(layers, "database_password_file").as_deref())
}

/// Another database than the one of the settings, named by a flag.
///
/// # Errors
/// Where it is no PostgreSQL address, or the password stands in it or cannot be read.
pub(crate) fn other_database(address: &str, password_file: Option<&Path>) -> Result<Database, Error> {
    if !is_postgres(address) {
        return Err(Error::Together("--to must be a postgres:// address"));
    }
    if holds_password(address) {
        return Err(Error::Together(
            "every user of this machine can read a password in --to: put it into a file and name it with --to-password-file",
        ));
    }
    with_password(address, password_file)
}

fn is_postgres(address: &str) -> bool {
    address.starts_with("postgres://") || address.starts_with("postgresql://")
}

fn with_password(address: &str, file: Option<&Path>) -> Result<Database, Error> {
    let Some(file) = file else { return Ok(Database::Postgres(address.to_owned())) };
    let password = private::read(file)?;
    let mark = if address.contains('?') { '&' } else { '?' };
    Ok(Database::Postgres(format!("{address}{mark}password={}", percent_encode(&password))))
}

fn percent_encode(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn root(layers: &Layers, environment: &[(String, String)]) -> Result<Root, Error> {
    let phrase = layers::variable(environment, settings::PASSPHRASE);
    match (path(layers, "key_file"), path(layers, "passphrase_file"), phrase) {
        (file, None, None) => Ok(Root::KeyFile(file)),
        (None, Some(file), None) => Ok(Root::PassphraseFile(file)),
        (None, None, Some(phrase)) => Ok(Root::Passphrase(Sealed(phrase.to_owned()))),
        _ => Err(Error::Together(
            "there is one root key: give only one of key_file, passphrase_file and KEEPWELL_PASSPHRASE",
        )),
    }
}

fn key_folder(environment: &[(String, String)]) -> Option<PathBuf> {
    let home = layers::variable(environment, "HOME").map(|home| Path::new(home).join(".config"));
    let base = layers::variable(environment, "XDG_CONFIG_HOME").map(PathBuf::from).or(home);
    base.filter(|base| base.is_absolute()).map(|base| base.join("keepwell"))
}

fn tls(layers: &Layers) -> Result<Option<Tls>, Error> {
    match (path(layers, "tls_cert"), path(layers, "tls_key")) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => {
            private::check(&key)?;
            Ok(Some(Tls { cert, key }))
        }
        _ => Err(Error::Together("tls_cert and tls_key go together: give both")),
    }
}

fn base_url(layers: &Layers) -> Result<Option<String>, Error> {
    let Some(said) = layers.get("base_url") else { return Ok(None) };
    let is_url = said.text.starts_with("http://") || said.text.starts_with("https://");
    match is_url && !said.text.contains(['?', '#', ' ']) {
        true => Ok(Some(said.text.trim_end_matches('/').to_owned())),
        false => {
            Err(Error::value("base_url", &said.origin, "an address such as https://records.example.org"))
        }
    }
}

/// Names and addresses of hosts, without ports: whichever port an app names, the host is one that the house was told of.
fn notify_hosts(layers: &Layers) -> Result<Vec<String>, Error> {
    let Some(said) = layers.get("notify_hosts") else { return Ok(Vec::new()) };
    let hosts: Vec<String> = said.text.split(',').map(|host| host.trim().to_ascii_lowercase()).collect();
    let is_host = |host: &String| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b))
            && (host.matches(':').count() != 1)
    };
    match hosts.iter().all(is_host) {
        true => Ok(hosts),
        false => Err(Error::value(
            "notify_hosts",
            &said.origin,
            "names of hosts, such as app.example.org, separated by commas",
        )),
    }
}

fn log_format(layers: &Layers) -> Result<LogFormat, Error> {
    match layers.get("log_format") {
        None => Ok(LogFormat::Text),
        Some(said) if said.text == "text" => Ok(LogFormat::Text),
        Some(said) if said.text == "json" => Ok(LogFormat::Json),
        Some(said) => Err(Error::value("log_format", &said.origin, "text or json")),
    }
}

fn path(layers: &Layers, key: &str) -> Option<PathBuf> {
    layers.get(key).map(|said| said.text.clone().into())
}

fn switch(layers: &Layers, key: &'static str) -> Result<bool, Error> {
    Ok(parsed(layers, key, "true or false")?.unwrap_or(false))
}

fn count(layers: &Layers, key: &'static str, least: usize, most: usize) -> Result<Option<usize>, Error> {
    let Some(number) = parsed::<usize>(layers, key, "a whole number")? else { return Ok(None) };
    match layers.get(key).filter(|_| !(least..=most).contains(&number)) {
        Some(said) => Err(Error::value(key, &said.origin, "a number that is not absurd for it")),
        None => Ok(Some(number)),
    }
}

fn parsed<T: std::str::FromStr>(
    layers: &Layers,
    key: &'static str,
    expected: &'static str,
) -> Result<Option<T>, Error> {
    let Some(said) = layers.get(key) else { return Ok(None) };
    said.text.trim().parse().map(Some).map_err(|_| Error::value(key, &said.origin, expected))
}
