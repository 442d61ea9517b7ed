//! A data folder of its own, the program on it, and requests as bytes.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A place for an installation.
pub(crate) struct Place {
    home: TempDir,
}

/// A running server; it ends when this is dropped.
pub(crate) struct Serving {
    child: Child,
    /// `http://127.0.0.1:1234/fhir/R4`
    pub(crate) base: String,
    log: PathBuf,
    _said: BufReader<ChildStdout>,
}

/// An answer, taken apart.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Place {
    pub(crate) fn new() -> Place {
        Place { home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The key file, which lies beside it.
    pub(crate) fn key(&self) -> PathBuf {
        self.path("root.key")
    }

    /// The program with this place's settings; nothing of the caller's environment reaches it.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keepwell"));
        command.env_clear().env("HOME", self.home.path()).env("KEEPWELL_DATA", self.data());
        command.env("KEEPWELL_KEY_FILE", self.key()).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command prints, once it has succeeded.
    #[track_caller]
    pub(crate) fn said(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts a server on a free port.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Serving {
        let log = self.path("log");
        let mut child = self
            .command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let base = line.trim().strip_prefix("Keepwell serves ").map(str::to_owned);
        let base = base.unwrap_or_else(|| panic!("{line}{}", fs::read_to_string(&log).unwrap()));
        Serving { child, base, log, _said: said }
    }

    /// A token that may do everything.
    pub(crate) fn token(&self) -> String {
        self.said(&["token", "create", "--role", "operator", "--name", "Tester"]).trim().to_owned()
    }
}

impl Serving {
    /// `127.0.0.1:1234`
    pub(crate) fn address(&self) -> &str {
        self.base.split("://").nth(1).unwrap().split('/').next().unwrap()
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until the log holds that text, and returns the last line with it.
    #[track_caller]
    #[expect(clippy::disallowed_methods, reason = "another process does not tell when it has written")]
    pub(crate) fn logs(&self, text: &str) -> String {
        let since = Instant::now();
        loop {
            if let Some(line) = self.log().lines().rev().find(|line| line.contains(text)) {
                return line.to_owned();
            }
            assert!(since.elapsed() < PATIENCE, "{text:?} was never logged:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Asks over HTTP in the clear.
    pub(crate) fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
             content-type: application/fhir+json\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address()
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        Answer::read(&text)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    pub(crate) fn read(text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// The value of a header; empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let begin = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(begin.as_str())).unwrap_or_default()
    }
}

/// All files below a folder with their bytes.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push((path.clone(), fs::read(&path).unwrap())),
        }
    }
    found
}
