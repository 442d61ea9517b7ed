//! Whether the time of a refused sign-in tells who has an account (A7), and what it costs beside the password's hash.

use crate::{config::Config, say::say};
use anyhow::bail;
use jiff::{SignedDuration, Timestamp};
use login::{
    Login,
    error::Error,
    password::{Password, hash::Hasher},
    realm::Realm,
    setup::First,
    sign_in::Credentials,
    visit::Visit,
};
use record::Record;
use std::{sync::Arc, time::Instant};

const KNOWN: &str = "known@example.org";
const UNKNOWN: &str = "nobody@example.org";
const PASSWORD: &str = "a long enough password 4711";

/// Refuses so many unknown people and as many wrong passwords, in turn, and compares.
///
/// # Errors
/// Where somebody is let in, or throttled.
pub(super) fn measure(record: &Record, config: &Config, samples: usize) -> anyhow::Result<()> {
    let settings = config.sign_in.settings.clone();
    let hasher = Hasher::new(settings.cost, 1, settings.hashing_wait, [7; 16])?;
    let login = Login::new(Arc::clone(record.store()), settings, None)?;
    let mut now = crate::clock::now();
    if let Some(token) = login.setup_token(now)? {
        let first = First {
            token: token.reveal(),
            name: "Known",
            email: KNOWN,
            password: PASSWORD,
            facility: "Bench",
        };
        login.set_up(&first, &visit(now))?;
    }
    let mut times = [Vec::with_capacity(samples), Vec::with_capacity(samples)];
    for n in 0..samples * 2 {
        // Two days later no try is counted any more, so nobody is made to wait. Who comes first alternates.
        let who = (n + n / 2) % 2;
        if n % 2 == 0 {
            now = now.saturating_add(SignedDuration::from_hours(48))?;
        }
        let identifier = if who == 0 { UNKNOWN } else { KNOWN };
        let typed = Credentials { identifier, password: "a wrong password 4711", facility: "" };
        let begun = Instant::now();
        let refused = login.begin(Realm::Admin, &typed, &visit(now));
        let took_us = begun.elapsed().as_secs_f64() * 1e6;
        if !matches!(refused, Err(Error::Denied)) {
            bail!("a sign-in that must be refused was not");
        }
        times[who].push(took_us);
    }
    let mut hashing: Vec<f64> = Vec::new();
    for _ in 0..(samples / 4).max(1) {
        let begun = Instant::now();
        hasher.verify(&Password::new(PASSWORD), None)?;
        hashing.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    let [unknown, known] = &mut times;
    let z = rank_sum(unknown, known);
    let (a, b, hash) = (median(unknown), median(known), median(&mut hashing));
    say!(
        "  refused sign-in, {samples} each: unknown {:.2} ms, wrong password {:.2} ms (medians); Mann–Whitney z {z:.2}, p {:.3}; \
         the hash alone {:.2} ms",
        a / 1e3,
        b / 1e3,
        two_sided(z),
        hash / 1e3
    );
    Ok(())
}

fn visit(now: Timestamp) -> Visit {
    Visit { now, request: "bench".into(), address: String::new(), browser: String::new(), device: None }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// How far the ranks of two series lie apart, in standard deviations of what chance would do (Mann–Whitney U, normal for long series).
fn rank_sum(a: &[f64], b: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = a.iter().map(|time| (*time, true)).collect();
    all.extend(b.iter().map(|time| (*time, false)));
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let ranks: f64 =
        all.iter().zip(1..).filter(|((_, is_a), _)| *is_a).map(|(_, rank)| f64::from(rank)).sum();
    let (n, m) = (a.len() as f64, b.len() as f64);
    let u = ranks - n * (n + 1.0) / 2.0;
    (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt().max(1e-9)
}

/// How often chance alone would lie so far out: Abramowitz and Stegun, 7.1.26.
fn two_sided(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let sum = series.iter().fold(0.0, |sum, term| (sum + term) * t);
    sum * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_series_are_told_apart_only_where_they_differ() {
        let even: Vec<f64> = (0..500).map(|n| f64::from(n) * 2.0).collect();
        let odd: Vec<f64> = even.iter().map(|time| time + 1.0).collect();
        let late: Vec<f64> = even.iter().map(|time| time + 200.0).collect();
        assert!(two_sided(rank_sum(&even, &odd)) > 0.9);
        assert!(two_sided(rank_sum(&even, &late)) < 1e-6 && rank_sum(&even, &late) < 0.0);
        assert!((two_sided(1.96) - 0.05).abs() < 0.001 && (two_sided(0.0) - 1.0).abs() < 1e-6);
    }
}
