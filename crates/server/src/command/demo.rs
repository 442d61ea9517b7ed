//! `keepwell demo`: a house full of synthetic people, ready to look around in.
//!
//! It serves as soon as the first people are there and loads the others meanwhile. Everybody comes under an id that follows from
//! the seed, so that a run that was stopped goes on, and a second run finds its people again.

mod marker;
mod visitors;
mod welcome;

use super::{Found, people as people_command, serve::House, token};
use crate::{
    actor::{self, Wanted},
    clock,
    config::{Config, Layers},
    folder, log,
    say::note,
};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use marker::Marker;
use record::{Record, bundle::Answer};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

/// How many patients are there before the door opens.
const FIRST: usize = 3;

/// For how many days the printed token is good.
const TOKEN_DAYS: u32 = 7;

/// `keepwell demo`
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    instead: Option<Instead>,
    /// How many patients
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    patients: u32,
    /// Which people: the same seed gives the same people
    #[arg(long, default_value_t = 42)]
    seed: u64,
}

/// What else can be done with the demo's people.
#[derive(Subcommand)]
enum Instead {
    /// Make the population without a server: tell its hash, and write it where --out says
    Seed(people_command::Arguments),
}

/// Runs it until SIGTERM or SIGINT.
///
/// # Errors
/// Where the data folder holds records that are not the demo's, or the record does not open.
pub(crate) fn run(arguments: &Arguments, config: &Config, layers: &Layers) -> anyhow::Result<Found> {
    if let Some(Instead::Seed(seed)) = &arguments.instead {
        return people_command::run(seed);
    }
    let quiet = Config { log_level: "warn".into(), ..config.clone() };
    log::start(if layers.get("log_level").is_some() { config } else { &quiet })?;
    if !config.listen.ip().is_loopback() {
        bail!(
            "the demo is for this machine alone: leave --listen on a loopback address, or use `keepwell serve`"
        );
    }
    let path = config.data.join("demo.json");
    let known = Marker::read(&path)?;
    if known.is_none() && folder::keyring(&config.data).exists() {
        bail!(
            "{} holds records that are not the demo's: name another folder with --data, or serve them with `keepwell serve`",
            config.data.display()
        );
    }
    let grown = known.as_ref().is_some_and(|known| known.patients < arguments.patients as usize);
    let wished =
        Marker { seed: arguments.seed, patients: arguments.patients as usize, as_of: today(), loaded: 0 };
    let mut marker = known.map_or(wished, |known| known.with_at_least(arguments.patients as usize));
    let mut config = config.clone();
    config.sign_in.settings.visitors = visitors::of(&marker.plan());
    let house = House::open(&config, layers, &addresses(&config, layers))?;
    folder::replace(&path, &marker.render())?;
    let base = house.base();
    if grown && marker.loaded > 0 {
        // The houses keep hours for as many patients as there are.
        load(&house.record, &base, people::houses(&marker.plan()))?;
    }
    while marker.loaded < marker.bundles().min(1 + FIRST) {
        load_next(&house.record, &base, &mut marker)?;
        folder::replace(&path, &marker.render())?;
    }
    let clinician = actor::actor(&Wanted { role: "clinician", name: "Demo clinician", ..Wanted::default() })?;
    let token = token::mint(&house.record, clinician, TOKEN_DAYS)?;
    let stop = Arc::new(AtomicBool::new(false));
    let welcome = welcome::text(&base, &house.help(), token.reveal(), &marker, &config.data);
    let loader = load_the_rest(house.record.clone(), base, marker, path, stop.clone())?;
    let served = house.serve(None, || crate::say::say!("{welcome}"));
    stop.store(true, Relaxed);
    let _ = loader.join();
    served.map(|()| Found::Right)
}

fn today() -> jiff::civil::Date {
    clock::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The demo's own default steps aside for whatever stands on port 8080.
fn addresses(config: &Config, layers: &Layers) -> Vec<SocketAddr> {
    let ports = if layers.get("listen").is_some() { 0 } else { 20 };
    (0..=ports)
        .map(|more| SocketAddr::new(config.listen.ip(), config.listen.port().saturating_add(more)))
        .collect()
}

fn load_next(record: &Record, base: &str, marker: &mut Marker) -> anyhow::Result<()> {
    let plan = marker.plan();
    let bundle = match marker.loaded.checked_sub(1) {
        None => people::houses(&plan),
        Some(at) => people::patient(&plan, at),
    };
    load(record, base, bundle)?;
    marker.loaded += 1;
    Ok(())
}

fn load(record: &Record, base: &str, bundle: Value) -> anyhow::Result<()> {
    let answer = Answer { base, representation: false, lenient: false };
    let loaded = record.bundle(&actor::local_act()?, bundle, answer);
    loaded.map(drop).context("a synthetic person was refused, which is a fault of Keepwell: please report it")
}

fn load_the_rest(
    record: Arc<Record>,
    base: String,
    mut marker: Marker,
    path: std::path::PathBuf,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<std::thread::JoinHandle<()>> {
    let work = move || {
        let anybody_new = marker.loaded < marker.bundles();
        while marker.loaded < marker.bundles() && !stop.load(Relaxed) {
            let loaded = load_next(&record, &base, &mut marker)
                .and_then(|()| folder::replace(&path, &marker.render()));
            if let Err(error) = loaded {
                return note!("keepwell: {error:#}");
            }
            let there = marker.loaded - 1;
            if there.is_multiple_of(20) && there < marker.patients {
                note!("… {there} of {} patients are there", marker.patients);
            }
        }
        if anybody_new && !stop.load(Relaxed) {
            note!("All {} patients are there.", marker.patients);
        }
    };
    std::thread::Builder::new().name("people".into()).spawn(work).context("no thread to load people")
}
