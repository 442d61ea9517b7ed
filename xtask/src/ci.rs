//! `cargo xtask ci`: everything a change must pass, on a fresh machine, in one command.
//!
//! All steps run even when one fails, so that one run tells everything. The last line is `N passed, M failed`, where
//! a failed step counts as one failure beside failed tests.

mod binary;
pub(crate) mod browser;
mod examples;
pub(crate) mod needs;
pub(crate) mod postgres;
mod tally;

use crate::{finding, fuzz, licences, tidy};
use anyhow::{Context, bail};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Seconds for each fuzz target: enough for the seeds and what is next to them. More is `cargo xtask fuzz --seconds N`.
const FUZZ_SECONDS: u32 = 2;

/// What has been found so far.
#[derive(Debug, Default)]
struct Run {
    steps: Vec<(&'static str, Duration, bool)>,
    passed: usize,
    failed: usize,
}

/// Runs everything.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut run = Run::default();
    run.step("tools", needs::install);
    run.step("format", || {
        cargo(&["fmt", "--all", "--check"], "run `cargo fmt --all`")?;
        let fuzz = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"];
        cargo(&fuzz, "run `cargo fmt --manifest-path fuzz/Cargo.toml`")
    });
    run.step("licences", || passes(&licences::run()?));
    run.step("tidy", || passes(&tidy::run()?));
    run.step("clippy", || {
        let args = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
        cargo(&args, "mend what clippy says; an `#[expect(…, reason = \"…\")]` is the last resort")
    });
    run.step("documentation", documentation);
    run.tests();
    run.step("binary", binary::check);
    run.browser();
    run.fuzz();
    run.close()
}

impl Run {
    /// Runs one step, shows why it failed, and goes on.
    fn step(&mut self, name: &'static str, step: impl FnOnce() -> anyhow::Result<()>) {
        println!("\n── {name} ──");
        let began = Instant::now();
        let result = step();
        if let Err(error) = &result {
            println!("{name} failed: {error:#}");
            self.failed += 1;
        }
        self.steps.push((name, began.elapsed(), result.is_ok()));
    }

    /// Runs the tests with a PostgreSQL of their own and HL7's example resources.
    fn tests(&mut self) {
        let mut tally = tally::Tally::default();
        self.step("tests", || {
            let examples = examples::folder().context("the tests need HL7's example resources")?;
            let cluster =
                postgres::Cluster::start(postgres::Commits::Fast).context("the tests need a PostgreSQL")?;
            tally::run(cluster.url(), &examples, &mut tally)
        });
        self.passed += tally.passed;
        // The step's own failure is there already; failed tests explain it, so they are not counted on top.
        let stands = self.steps.last().is_some_and(|(_, _, ok)| !ok) && tally.failed > 0;
        self.failed += tally.failed - usize::from(stands);
    }

    /// Runs the journeys in `e2e/`; each test of theirs counts as one.
    fn browser(&mut self) {
        let mut tally = tally::Tally::default();
        self.step("browser", || browser::run(&[], &mut tally));
        self.passed += tally.passed;
        // As with tests: the step's own failure stands for the first of them.
        self.failed += tally.failed.saturating_sub(1);
    }

    /// Runs every fuzz target for a moment; each counts as one test.
    fn fuzz(&mut self) {
        let mut ran = fuzz::Ran::default();
        self.step("fuzz", || {
            ran = fuzz::run(None, FUZZ_SECONDS)?;
            let failed = ran.failed.join(", ");
            if failed.is_empty() { Ok(()) } else { bail!("found something: {failed}") }
        });
        self.passed += ran.passed;
        // As with tests: the step's own failure stands for the first of them.
        self.failed += ran.failed.len().saturating_sub(1);
    }

    fn close(self) -> anyhow::Result<ExitCode> {
        println!("\n── summary ──");
        for (name, duration, ok) in &self.steps {
            println!("{:>6.1} s  {name}{}", duration.as_secs_f32(), if *ok { "" } else { "  FAILED" });
        }
        println!("\n{} passed, {} failed", self.passed, self.failed);
        let good = self.failed == 0 && self.passed > 0;
        Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// A cargo command with nothing inherited from the cargo that started us but its name.
pub(crate) fn cargo_command(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(crate::repo::root());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

fn cargo(args: &[&str], cure: &str) -> anyhow::Result<()> {
    let status = cargo_command(args).status().context("cargo does not start")?;
    if !status.success() {
        bail!("cargo {} found something (see above)\n    do: {cure}", args.join(" "));
    }
    Ok(())
}

fn documentation() -> anyhow::Result<()> {
    let status = cargo_command(&["doc", "--workspace", "--no-deps", "--locked"])
        .env("RUSTDOCFLAGS", "-D warnings -D missing_docs")
        .status()
        .context("cargo does not start")?;
    if !status.success() {
        bail!(
            "the documentation has holes (see above)\n    do: say what it is, in which units and what can go wrong"
        );
    }
    Ok(())
}

fn passes(findings: &[finding::Finding]) -> anyhow::Result<()> {
    if finding::report(findings)? != ExitCode::SUCCESS {
        bail!("see the errors above");
    }
    Ok(())
}
