//! The settings as clap knows them: one global flag for each row of the table.

use super::{layers::Flags, settings::SETTINGS};
use clap::{Arg, ArgAction, ArgMatches, Command, error::Error};
use std::path::PathBuf;

const HEADING: &str = "Settings (also in keepwell.toml, and as KEEPWELL_… variables)";

impl clap::Args for Flags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help("Configuration file [default: keepwell.toml in the data folder, if there]");
        let rows = SETTINGS.iter().map(|setting| {
            let arg = Arg::new(setting.key).long(setting.flag).help(setting.help);
            match setting.is_switch() {
                true => arg.action(ArgAction::SetTrue),
                false => arg.value_name(setting.value),
            }
        });
        let all = std::iter::once(config).chain(rows);
        command.args(all.map(|arg| arg.global(true).help_heading(HEADING).hide_short_help(false)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Flags, Error> {
        let mut flags = Flags { config: matches.get_one::<PathBuf>("config").cloned(), ..Flags::default() };
        for setting in SETTINGS {
            let text = match setting.is_switch() {
                true => matches.get_flag(setting.key).then(|| "true".to_owned()),
                false => matches.get_one::<String>(setting.key).cloned(),
            };
            flags.values.extend(text.map(|text| (setting.key, text)));
        }
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
