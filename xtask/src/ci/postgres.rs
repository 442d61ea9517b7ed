//! A PostgreSQL of the tests' own: a new cluster in a temporary folder, gone when the tests are.
//!
//! It listens on a free loopback port and a socket in its folder, trusts every local connection, and does not wait for the
//! disk: it holds nothing but test data.

use super::needs::{is_root, output};
use anyhow::{Context, bail};
use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The variable that names the cluster to the tests, which fail without it.
pub(crate) const VARIABLE: &str = "KEEPWELL_TEST_POSTGRES";
/// The role the tests connect as: owner of everything in the cluster.
const ROLE: &str = "keepwell";
/// initdb refuses to run as root; Debian's package makes this user.
const USER: &str = "postgres";
const SERVER_OPTIONS: &str = "-c max_connections=300 -c shared_buffers=128MB -c listen_addresses=127.0.0.1";

/// What a commit means to the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commits {
    /// Fast and gone with the machine: enough for tests.
    Fast,
    /// On the disk, as in earnest: for figures.
    Durable,
}

impl Commits {
    fn options(self) -> &'static str {
        match self {
            Commits::Fast => "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
            Commits::Durable => "-c fsync=on -c synchronous_commit=on -c full_page_writes=on",
        }
    }
}

/// Waits until its input ends, which it does when we are done or dead, however we died. Then it cleans up.
/// Gets the folder of the cluster, then the command that stops it.
const CARETAKER: &str =
    r#"trap "" INT TERM HUP; read -r _; folder=$1; shift; "$@" >/dev/null 2>&1; rm -rf "$folder""#;

/// A running cluster. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub(crate) struct Cluster {
    url: String,
    caretaker: Child,
}

/// Whether the server programs are on this machine.
pub(crate) fn is_installed() -> bool {
    programs().is_some()
}

impl Cluster {
    /// Makes and starts a cluster.
    pub(crate) fn start(commits: Commits) -> anyhow::Result<Self> {
        let programs = programs().context("PostgreSQL's server programs are not installed")?;
        let folder = new_folder()?;
        let port = free_port()?;
        let data = folder.join("data");
        let program = |name: &str| as_user(&programs.join(name), &folder);
        let mut init = program("initdb");
        init.args([
            "--username",
            ROLE,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
            "-D",
        ]);
        let made = run(init.arg(&data));
        let mut stop = program("pg_ctl");
        stop.args(["stop", "-m", "immediate", "-D"]).arg(&data);
        // From here on it is the caretaker who cleans up, also when the rest fails.
        let caretaker = caretaker(&folder, &stop)?;
        let url = format!("postgres://{ROLE}@127.0.0.1:{port}/postgres");
        let cluster = Self { url, caretaker };
        made?;
        let options = format!("-p {port} -k {} {SERVER_OPTIONS} {}", folder.display(), commits.options());
        let mut start = program("pg_ctl");
        start.args(["start", "-w", "-t", "60", "-D"]).arg(&data);
        start.arg("-l").arg(folder.join("log")).args(["-o", &options]);
        if let Err(error) = run(&mut start) {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            bail!("{error:#}\n{log}");
        }
        println!("PostgreSQL for the tests: {}", cluster.url);
        Ok(cluster)
    }

    /// Where it is, for [`VARIABLE`].
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.caretaker.stdin.take());
        let _ = self.caretaker.wait();
    }
}

/// The folder of initdb, pg_ctl and the server.
fn programs() -> Option<PathBuf> {
    let told = output("pg_config", &["--bindir"]).map(PathBuf::from);
    let mut packaged: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    packaged.sort_by_key(|path| version_of(path));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = packaged.into_iter().rev().chain(told).chain(std::env::split_paths(&on_path));
    candidates.find(|folder| ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file()))
}

fn version_of(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// A new folder that the server's user owns. Its path is short, because a socket's path must be.
fn new_folder() -> anyhow::Result<PathBuf> {
    let made = output("mktemp", &["-d", "/tmp/keepwell-postgres-XXXXXX"])
        .context("cannot make a temporary folder")?;
    if is_root() {
        run(Command::new("chown").args([USER, &made]))
            .with_context(|| format!("there is no user `{USER}`"))?;
    }
    Ok(PathBuf::from(made))
}

/// A port nobody listens on now.
fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no loopback port is free")?;
    Ok(listener.local_addr()?.port())
}

/// A program of the server's, run as its user if we are root, from a folder that user may enter.
fn as_user(program: &Path, folder: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(folder);
    command
}

/// Starts the caretaker in a process group of its own, so that an interrupt at the terminal does not reach it.
fn caretaker(folder: &Path, stop: &Command) -> anyhow::Result<Child> {
    let mut command = Command::new("sh");
    command.args(["-c", CARETAKER, "caretaker"]).arg(folder).arg(stop.get_program()).args(stop.get_args());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.current_dir("/").process_group(0).spawn().context("sh does not start")
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    // pg_ctl's server keeps what it inherits: a pipe from here would never end, so nothing is captured of it.
    let name = command.get_args().find_map(|arg| arg.to_str().filter(|arg| arg.contains("/bin/")));
    let name = name.map_or_else(|| format!("{:?}", command.get_program()), str::to_owned);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    let status = status.with_context(|| format!("{name} does not start"))?;
    if !status.success() {
        bail!("{name} failed: {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    /// Asks for TLS, the one thing a server answers before any authentication.
    fn answers(url: &str) -> bool {
        let address = url.split(['@', '/']).nth(3).unwrap();
        let Ok(mut stream) = TcpStream::connect(address) else { return false };
        let mut answer = [0];
        stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
        stream.read_exact(&mut answer).is_ok() && matches!(answer, [b'N' | b'S'])
    }

    #[test]
    fn a_cluster_answers_while_it_is_held_and_not_after() {
        let cluster = Cluster::start(Commits::Fast).unwrap();
        let url = cluster.url().to_owned();
        assert!(answers(&url));
        drop(cluster);
        assert!(!answers(&url));
    }
}
