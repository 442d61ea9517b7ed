//! Log lines: to standard error, for people or for machines. What is in them is the rooms' affair; no room puts patient data there.

use crate::config::{Config, LogFormat};
use anyhow::{Context, anyhow};
use std::sync::Arc;
use tracing_subscriber::{EnvFilter, fmt, reload};

/// How much is logged, for changing it while the process runs.
#[derive(Clone)]
pub(crate) struct Level(Arc<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>);

impl Level {
    /// Logs by this filter from now on. The line about it comes by whichever of the two filters shows it.
    ///
    /// # Errors
    /// Where it is no filter; then the old one holds.
    pub(crate) fn set(&self, text: &str) -> anyhow::Result<()> {
        let filter = filter(text)?;
        let told = || tracing::info!(log_level = text, "the log level was read again");
        let is_told = tracing::enabled!(tracing::Level::INFO);
        if is_told {
            told();
        }
        (self.0)(filter).context("the log level cannot be changed")?;
        if !is_told {
            told();
        }
        Ok(())
    }
}

/// Starts logging.
///
/// # Errors
/// Where `log_level` is no filter.
pub(crate) fn start(config: &Config) -> anyhow::Result<Level> {
    let lines = fmt()
        .with_env_filter(filter(&config.log_level)?)
        .with_writer(std::io::stderr)
        .with_ansi(crate::say::is_watched());
    let failed = |error| anyhow!("logging cannot be started: {error}");
    match config.log_format {
        LogFormat::Text => {
            let lines = lines.with_filter_reloading();
            let handle = lines.reload_handle();
            lines.try_init().map_err(failed)?;
            Ok(Level(Arc::new(move |filter| handle.reload(filter))))
        }
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_filter_reloading();
            let handle = lines.reload_handle();
            lines.try_init().map_err(failed)?;
            Ok(Level(Arc::new(move |filter| handle.reload(filter))))
        }
    }
}

fn filter(text: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(text)
        .with_context(|| "`log_level` must be a level such as info, or a filter such as `info,api=debug`")
}
