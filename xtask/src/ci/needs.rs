//! What the tests need beside Rust and a C compiler, and how it comes onto a fresh machine.

use super::{examples, postgres};
use anyhow::{Context, bail};
use std::path::PathBuf;
use std::process::Command;

/// Something that must be on the machine.
struct Need {
    what: &'static str,
    is_there: fn() -> bool,
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
}

const POSTGRES: Need = Need {
    what: "PostgreSQL's server programs",
    is_there: postgres::is_installed,
    packages: &["postgresql"],
};

/// HL7's packages come through it; not needed where a folder with them is named already.
const NPM: Need =
    Need { what: "npm", is_there: || examples::given().is_some() || answers("npm"), packages: &["npm"] };

/// libFuzzer is C++.
const FUZZER: Need = Need { what: "a C++ compiler", is_there: || answers("c++"), packages: &["g++"] };

/// Looks at TLS from outside.
const SSLSCAN: Need = Need { what: "sslscan", is_there: || answers("sslscan"), packages: &["sslscan"] };

/// The journeys in `e2e/` are driven by it.
const NODE: Need = Need {
    what: "node and npm",
    is_there: || answers("node") && answers("npm"),
    packages: &["nodejs", "npm"],
};

/// What the journeys look at pages with.
const CHROMIUM: Need = Need { what: "Chromium", is_there: || chromium().is_some(), packages: &["chromium"] };

/// Chromium's names, by system.
const CHROMIUMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Where Chromium is.
pub(super) fn chromium() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    let named = CHROMIUMS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    named.into_iter().find(|path| path.is_file())
}

/// Installs everything that the checks need.
pub(crate) fn install() -> anyhow::Result<()> {
    install_missing(&[POSTGRES, NPM, FUZZER, SSLSCAN, NODE, CHROMIUM])
}

/// Installs what the journeys need.
pub(super) fn install_browser() -> anyhow::Result<()> {
    install_missing(&[NODE, CHROMIUM])
}

/// Installs what a PostgreSQL of one's own needs.
pub(crate) fn install_postgres() -> anyhow::Result<()> {
    install_missing(&[POSTGRES])
}

/// Installs what the fuzz targets need.
pub(crate) fn install_fuzzer() -> anyhow::Result<()> {
    install_missing(&[FUZZER])
}

/// Installs what is missing where that may be done (root, with apt-get); elsewhere says what to install.
fn install_missing(needs: &[Need]) -> anyhow::Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.is_there)()).collect();
    if missing.is_empty() {
        println!("all there");
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    let said: Vec<&str> = missing.iter().map(|need| need.what).collect();
    let (said, names) = (said.join(", "), packages.join(" "));
    if !is_root() || !answers("apt-get") {
        bail!("missing: {said}\n    do: install it, on Debian as root with `apt-get install {names}`");
    }
    println!("installing {names}");
    apt(&["update", "-q"])?;
    apt(&[&["install", "-q", "-y", "--no-install-recommends"], packages.as_slice()].concat())?;
    match missing.iter().find(|need| !(need.is_there)()) {
        Some(need) => bail!("{} is still not found after installing {names}", need.what),
        None => Ok(()),
    }
}

fn apt(args: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").status();
    if !status.context("apt-get does not start")?.success() {
        bail!("apt-get {} failed (see above)", args.join(" "));
    }
    Ok(())
}

/// Whether we may do everything.
pub(super) fn is_root() -> bool {
    output("id", &["-u"]).is_some_and(|id| id == "0")
}

/// Whether a program is there and runs.
pub(super) fn answers(program: &str) -> bool {
    output(program, &["--version"]).is_some()
}

/// What a program prints, if it succeeds.
pub(super) fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
