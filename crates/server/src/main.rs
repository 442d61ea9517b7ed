//! The `keepwell` binary: configuration, wiring and commands.
//!
//! May use: every room. Never: a rule about health records (that is `record` and below), an answer to a client (that is `api`
//! and `web`). Here, and only here, the house learns the time, its random ids, its files and its addresses.

mod actor;
mod bundles;
mod clock;
mod command;
mod config;
mod folder;
mod health_ids;
mod log;
mod say;
mod wire;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted home for health records: FHIR R4, encrypted, audited.
#[derive(Parser)]
#[command(name = "keepwell", version, arg_required_else_help = true, after_help = AFTER)]
struct Line {
    #[command(flatten)]
    flags: config::Flags,
    #[command(subcommand)]
    command: command::Command,
}

const AFTER: &str = "Flags come before KEEPWELL_… variables, these before the file, and the file before defaults; `keepwell doctor` shows what holds.\n\
Exit codes: 0 done, 1 failed or found something wrong, 2 not understood.";

/// Not understood: a wrong flag, setting or argument.
const MISUNDERSTOOD: u8 = 2;

fn main() -> ExitCode {
    // Whatever this process writes, the database's own files too, is for its owner alone.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    web::panics::log_places_only();
    let line = Line::parse();
    // It knows of no settings: whatever a file does to it, it has nothing to tell.
    if matches!(line.command, command::Command::Preview) {
        return command::preview::run();
    }
    let environment = environment();
    let (config, layers) = match config::Config::load(&line.flags, &environment) {
        Ok(loaded) => loaded,
        Err(error) => {
            say::note!("keepwell: {error}");
            return MISUNDERSTOOD.into();
        }
    };
    match command::run(line.command, &line.flags, &config, &layers) {
        Ok(command::Found::Right) => ExitCode::SUCCESS,
        Ok(command::Found::Wrong) => ExitCode::FAILURE,
        Err(error) => {
            say::note!("keepwell: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The variables whose names and values are text; ours must be, and others do not matter.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn check_help(command: &clap::Command) {
        let name = command.get_name();
        assert!(
            command.get_about().is_some_and(|about| !about.to_string().ends_with('.')),
            "{name} says what it does"
        );
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some(), "{name} {} says what it is", arg.get_id());
        }
        command.get_subcommands().filter(|sub| sub.get_name() != "help").for_each(check_help);
    }

    #[test]
    fn every_command_and_flag_explains_itself() {
        let mut whole = Line::command();
        whole.build();
        whole.clone().debug_assert();
        whole.get_subcommands().filter(|sub| sub.get_name() != "help").for_each(check_help);
        let names: Vec<&str> = whole.get_subcommands().map(clap::Command::get_name).collect();
        for name in [
            "serve", "demo", "import", "export", "keys", "role", "token", "client", "verify", "doctor",
            "people", "bench",
        ] {
            assert!(names.contains(&name), "{name}");
        }
    }

    #[test]
    fn settings_may_stand_before_or_after_the_command() {
        for line in [
            &["keepwell", "--listen", "127.0.0.1:1", "serve"],
            &["keepwell", "serve", "--listen", "127.0.0.1:1"],
        ] {
            let parsed = Line::try_parse_from(line.iter()).unwrap();
            assert_eq!(parsed.flags.values.get("listen").map(String::as_str), Some("127.0.0.1:1"));
            assert!(!parsed.flags.values.contains_key("public"));
        }
    }

    #[test]
    fn a_wrong_flag_or_argument_is_not_understood() {
        for line in [
            &["keepwell", "serve", "--lisen", "x"][..],
            &["keepwell", "token", "create"],
            &["keepwell", "token", "create", "--role", "king"],
            &["keepwell", "import"],
            &["keepwell", "demo", "--patients", "0"],
            &["keepwell", "demo", "seed", "--patients", "0"],
            &["keepwell", "frobnicate"],
        ] {
            assert!(Line::try_parse_from(line.iter()).is_err(), "{line:?}");
        }
    }
}
