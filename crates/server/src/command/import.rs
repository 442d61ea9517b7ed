//! `keepwell import`: records from files, through the same one write path as every other change.
//!
//! The unit of work is a bundle, a resource, or some hundred lines of NDJSON. Its SHA-256 is noted when it is durable, so that
//! an import that was stopped goes on where it was. What is refused goes to a file of rejects with the reasons.

mod done;
mod load;
mod rejects;
mod work;

use super::Found;
use crate::{
    bundles, clock,
    config::Config,
    health_ids,
    say::{self, note, say},
    wire::{self, Purpose},
};
use anyhow::{Context, bail};
use clap::Args;
use done::DoneList;
use load::{Loader, Tally};
use rejects::Rejects;
use std::{
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver},
    },
    time::Instant,
};
use work::Work;

/// Threads that load. The writer is one thread of its own; two of these keep it busy.
const WORKERS: usize = 2;

/// Works that wait: bounds what is in memory.
const WAITING: usize = 4;

/// `keepwell import`
#[derive(Args)]
pub(crate) struct Arguments {
    /// Files or folders: .json, .ndjson, .tar, each also .gz or .zst
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Load again what was loaded before
    #[arg(long)]
    again: bool,
    /// Take over the signed health IDs of an export, by the key that the other node printed
    #[arg(long, value_name = "KEY")]
    health_ids_from: Option<String>,
}

/// Runs it, with the server stopped. [`Found::Wrong`] where something was refused.
///
/// # Errors
/// Where the record does not open, or the disk or the database fails; what was loaded stays, and a second run goes on.
pub(crate) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<Found> {
    let inputs = bundles::find(&arguments.paths)?;
    if inputs.is_empty() {
        bail!("there is nothing to load there: no .json, .ndjson or .tar file");
    }
    let record = wire::open(config, Purpose::Found)?;
    let done = DoneList::open(&config.data.join("import.done"), arguments.again)?;
    let rejects = Rejects::new(config.data.join(format!("rejects-{}.ndjson", clock::seconds())));
    let base = wire::base(config);
    let loader =
        Loader { record: &record, base: &base, done: &done, rejects: &rejects, tally: Tally::default() };
    let start = Instant::now();
    load_all(&inputs, &loader)?;
    record.store().analyze().context("the database's statistics could not be refreshed")?;
    let found = report(&loader.tally, &rejects, clock::since(start));
    Ok(if take_ids(arguments, config, &record)? { found } else { Found::Wrong })
}

/// Takes over signed health ids, where there are some: whether none was refused.
fn take_ids(arguments: &Arguments, config: &Config, record: &record::Record) -> anyhow::Result<bool> {
    let folders = health_ids::find(&arguments.paths);
    let Some(key) = &arguments.health_ids_from else {
        if !folders.is_empty() {
            note!(
                "The health IDs of the export were not taken over: give the other node's key with --health-ids-from."
            );
        }
        return Ok(true);
    };
    anyhow::ensure!(
        !folders.is_empty(),
        "none of these folders holds signed health IDs ({})",
        health_ids::NOTE
    );
    let login = super::serve::sign_in::over(config, record, None)?;
    let mut all_right = true;
    for folder in folders {
        let taken = health_ids::take((record, &login), &crate::actor::local_act, folder, key)?;
        say!("{} health IDs taken over", taken.ids);
        for (patient, why) in &taken.refused {
            note!("The health ID of Patient/{patient} was not taken over: {why}.");
        }
        all_right &= taken.refused.is_empty();
    }
    Ok(all_right)
}

fn load_all(inputs: &[bundles::Input], loader: &Loader<'_>) -> anyhow::Result<()> {
    let bar = bar(inputs.len() as u64);
    let (queue, works) = mpsc::sync_channel::<Work>(WAITING);
    let works = Mutex::new(works);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(|| drain(&works, loader, &bar))).collect();
        let mut read = Ok(());
        for input in inputs {
            // A worker that failed takes no more works; its error is the one to tell.
            read =
                work::cut(input, loader.done, &mut |work| queue.send(work).map_err(|_| work::Stopped.into()));
            if read.is_err() {
                break;
            }
            bar.inc(1);
        }
        drop(queue);
        let failed = workers.into_iter().filter_map(|worker| worker.join().ok()?.err()).next();
        bar.finish_and_clear();
        failed.map_or(read, Err)
    })
}

fn drain(
    works: &Mutex<Receiver<Work>>,
    loader: &Loader<'_>,
    bar: &indicatif::ProgressBar,
) -> anyhow::Result<()> {
    loop {
        let next = works.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return Ok(()) };
        let loaded = loader.load(&work);
        bar.set_message(format!("{} resources", loader.tally.loaded()));
        if let Err(error) = loaded {
            // Emptying the queue lets the reader run to its end instead of waiting for ever.
            while works.lock().unwrap_or_else(PoisonError::into_inner).recv().is_ok() {}
            return Err(error);
        }
    }
}

fn bar(files: u64) -> indicatif::ProgressBar {
    if !say::is_watched() {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template(
        "{bar:32} {pos}/{len} files · {msg} · {elapsed} · {eta} left",
    );
    let bar = indicatif::ProgressBar::new(files);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

fn report(tally: &Tally, rejects: &Rejects, seconds: f64) -> Found {
    let (loaded, skipped, refused) = (tally.loaded(), tally.skipped(), rejects.count());
    say!("{loaded} resources loaded in {seconds:.1} s ({:.0} a second)", loaded as f64 / seconds.max(0.001));
    if skipped > 0 {
        say!(
            "{skipped} bundles or batches passed over, which an earlier import had loaded (--again loads them)"
        );
    }
    match rejects.path() {
        Some(path) => {
            note!("{refused} refused; the reasons are in {}", path.display());
            Found::Wrong
        }
        None => Found::Right,
    }
}

#[cfg(test)]
mod tests;
