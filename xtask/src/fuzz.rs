//! `cargo xtask fuzz`: builds the fuzz targets with stable Rust and runs them.
//!
//! The flags are those that cargo-fuzz gives with `--sanitizer none`, so neither it nor a nightly compiler is needed; libFuzzer
//! itself is C++. Everything it makes lies in `target/fuzz`.

use crate::{ci, repo};
use anyhow::{Context, bail, ensure};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Seconds for each target when `--seconds` does not say.
const SECONDS: u32 = 10;
/// What makes the compiler count which edges were taken, and show comparisons to the fuzzer.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1";
/// One input may take this long, the whole target this much memory.
const LIMITS: [&str; 3] = ["-timeout=20", "-rss_limit_mb=3072", "-max_len=65536"];

/// How the targets did.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// Targets that found nothing.
    pub(crate) passed: usize,
    /// Those that did, by name.
    pub(crate) failed: Vec<String>,
}

/// `cargo xtask fuzz [TARGET] [--seconds N]`.
pub(crate) fn command(args: &[String]) -> anyhow::Result<ExitCode> {
    let (only, seconds) = arguments(args)?;
    ci::needs::install_fuzzer()?;
    let ran = run(only, seconds)?;
    println!("{} passed, {} failed", ran.passed, ran.failed.len());
    Ok(if ran.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn arguments(args: &[String]) -> anyhow::Result<(Option<&str>, u32)> {
    let (mut only, mut seconds) = (None, SECONDS);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--seconds" {
            let number = args.next().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
            seconds = number.context("--seconds takes a whole number from 1")?;
        } else if arg.starts_with('-') || only.replace(arg.as_str()).is_some() {
            bail!("usage: cargo xtask fuzz [TARGET] [--seconds N]");
        }
    }
    Ok((only, seconds))
}

/// Builds the targets and runs each of them (or only one) so many seconds.
pub(crate) fn run(only: Option<&str>, seconds: u32) -> anyhow::Result<Ran> {
    let targets = targets()?;
    if let Some(only) = only {
        ensure!(targets.iter().any(|t| t == only), "no target {only:?}; there are: {}", targets.join(", "));
    }
    let home = home()?;
    let programs = build(&home, only)?;
    let mut ran = Ran::default();
    for target in targets.iter().filter(|target| only.is_none_or(|only| only == *target)) {
        if one(&home, &programs.join(target), target, seconds)? {
            ran.passed += 1;
        } else {
            ran.failed.push(target.clone());
        }
    }
    Ok(ran)
}

/// Names of the targets, in order: each is a file.
fn targets() -> anyhow::Result<Vec<String>> {
    let folder = repo::root().join("fuzz/src/bin");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// The folder for everything that fuzzing makes.
fn home() -> anyhow::Result<PathBuf> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repo::root().join("target"), PathBuf::from);
    Ok(std::path::absolute(target)?.join("fuzz"))
}

/// Builds the targets; returns the folder of the programs.
fn build(home: &Path, only: Option<&str>) -> anyhow::Result<PathBuf> {
    let triple = triple()?;
    // Not `--locked`: a dependency that a room gets must not need a second lock file to be mended by hand.
    let mut cargo = ci::cargo_command(&["build", "--release", "--target", &triple]);
    match only {
        Some(only) => cargo.args(["--bin", only]),
        None => cargo.arg("--bins"),
    };
    // Named target, so that build scripts and macros are built without the flags.
    cargo.current_dir(repo::root().join("fuzz")).env("CARGO_TARGET_DIR", home).env("RUSTFLAGS", FLAGS);
    cargo.env_remove("CARGO_ENCODED_RUSTFLAGS");
    ensure!(
        cargo.status().context("cargo does not start")?.success(),
        "the fuzz targets do not build (see above)"
    );
    Ok(home.join(triple).join("release"))
}

fn triple() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc does not start")?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say which machine it is on")
}

/// Runs one target. True when it found nothing.
fn one(home: &Path, program: &Path, target: &str, seconds: u32) -> anyhow::Result<bool> {
    let (corpus, finds) = (home.join("corpus").join(target), home.join("finds").join(target));
    let seeds = repo::root().join("fuzz/seeds").join(target);
    // Of this run alone: two may go on side by side.
    let temporary = home.join(format!("tmp-{}", std::process::id()));
    for folder in [&corpus, &finds, &temporary] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    ensure!(
        seeds.is_dir(),
        "{target} has no seeds\n    do: put a few small inputs into fuzz/seeds/{target}/"
    );
    let log = home.join(format!("{target}.log"));
    let mut prefix = OsString::from("-artifact_prefix=");
    prefix.push(finds.join(""));
    let status = Command::new(program)
        .arg(format!("-max_total_time={seconds}"))
        .args(LIMITS)
        .args([prefix.as_os_str(), corpus.as_os_str(), seeds.as_os_str()])
        // The targets' own houses are never dropped; they go with this folder.
        .env("TMPDIR", &temporary)
        .stderr(std::fs::File::create(&log)?)
        .status()
        .with_context(|| format!("{} does not start", program.display()))?;
    std::fs::remove_dir_all(&temporary)?;
    let said = std::fs::read(&log)?;
    let said = String::from_utf8_lossy(&said);
    if status.success() {
        let last = said.lines().rev().find(|line| line.starts_with("Done")).unwrap_or("done");
        println!("fuzz {target} ... ok ({last})");
        return Ok(true);
    }
    println!("fuzz {target} ... FAILED; the end of {}:", log.display());
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(40)..].iter().for_each(|line| println!("    {line}"));
    println!("    the input lies in {}\n    again: {} INPUT", finds.display(), program.display());
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Option<(Option<String>, u32)> {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        arguments(&args).ok().map(|(only, seconds)| (only.map(str::to_owned), seconds))
    }

    #[test]
    fn a_target_and_a_time_may_be_named() {
        assert_eq!(read(&[]), Some((None, SECONDS)));
        assert_eq!(read(&["json", "--seconds", "60"]), Some((Some("json".to_owned()), 60)));
        for wrong in [&["--seconds"][..], &["--seconds", "0"], &["--second", "1"], &["json", "time"]] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn every_target_has_seeds() {
        let targets = targets().unwrap_or_default();
        assert!(targets.len() > 15, "{targets:?}");
        for target in targets {
            let seeds = std::fs::read_dir(repo::root().join("fuzz/seeds").join(&target));
            assert!(seeds.is_ok_and(|mut seeds| seeds.next().is_some()), "{target}");
        }
    }
}
