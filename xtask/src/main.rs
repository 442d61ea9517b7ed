//! The project's own commands: `cargo xtask COMMAND`.
//!
//! May use: every room, for it is no part of the product. Never: anything the product needs to run.

#![allow(clippy::print_stdout, reason = "a command line tool talks on standard output")]

mod allow;
mod ci;
mod definitions;
mod finding;
mod fuzz;
mod house;
mod licences;
mod metadata;
mod repo;
mod rust;
mod tidy;

use anyhow::{Context, bail};
use std::process::{Command, ExitCode};

const USAGE: &str = "usage: cargo xtask COMMAND

  ci                      everything a change must pass; ends with `N passed, M failed`
  tidy                    the rules of the house: sizes, words, rooms, documents, secrets
  licences                licences, banned crates and duplicate versions of the dependencies
  definitions             writes the R4 definitions file from HL7's packages; `--check` holds it against them
  browser [JOURNEY ...]   real browsers and clients against the real program: the files of e2e/journeys, or one
  fuzz [TARGET] [--seconds N]   feeds made-up input to every parser, 10 s each; needs a C++ compiler
  bench --from PATH ...   figures of the release build on both engines, over HTTP; arguments as of `keepwell bench`
  with-postgres CMD ...   runs a command with a private PostgreSQL named in KEEPWELL_TEST_POSTGRES";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = args.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    match command {
        "ci" => ci::run(),
        "tidy" => finding::report(&tidy::run()?),
        "licences" => finding::report(&licences::run()?),
        "with-postgres" => with_postgres(rest),
        "browser" => ci::browser::command(rest),
        "fuzz" => fuzz::command(rest),
        "bench" => bench(rest),
        "definitions" => definitions::run(rest).map(|()| ExitCode::SUCCESS),
        // Further commands go here, each a module with a `run(rest)` and a line in USAGE.
        "" | "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no command {other:?}\n\n{USAGE}"),
    }
}

/// Runs `keepwell bench` of the release build on the embedded engine and on a private PostgreSQL.
fn bench(args: &[String]) -> anyhow::Result<ExitCode> {
    ci::needs::install()?;
    let cluster = ci::postgres::Cluster::start(ci::postgres::Commits::Durable)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let fixed = ["run", "--release", "--quiet", "-p", "server", "--", "--database", cluster.url(), "bench"];
    let status = Command::new(cargo).args(fixed).args(args).current_dir(repo::root()).status();
    drop(cluster);
    let status = status.context("cargo does not start")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn with_postgres(command: &[String]) -> anyhow::Result<ExitCode> {
    let (program, args) = command.split_first().context("give the command to run")?;
    ci::needs::install_postgres()?;
    let cluster = ci::postgres::Cluster::start(ci::postgres::Commits::Fast)?;
    let status = Command::new(program).args(args).env(ci::postgres::VARIABLE, cluster.url()).status();
    drop(cluster);
    let status = status.with_context(|| format!("{program} does not start"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
