//! Log lines: to standard error, for people or for machines. What is in them is the rooms' affair; no room puts patient data there.

use crate::config::{Config, LogFormat};
use anyhow::{Context, anyhow};
use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging.
///
/// # Errors
/// Where `log_level` is no filter.
pub(crate) fn start(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log_level)
        .with_context(|| "`log_level` must be a level such as info, or a filter such as `info,api=debug`")?;
    let lines =
        fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(crate::say::is_watched());
    let started = match config.log_format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow!("logging cannot be started: {error}"))
}
