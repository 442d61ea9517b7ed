//! `keepwell bench --access`: what a decision costs with many consents in force, and how much of a read is deciding and signing.

use super::{
    Arguments,
    figures::{Series, us},
    server::Server,
    sign_in,
};
use crate::{
    actor::{self, Wanted},
    clock,
    command::token,
    say::say,
    wire::{self, Purpose as Opening},
};
use access::{
    act::{Act, Purpose},
    audit::{Entry, Outcome},
    decide::{Wish, decide},
    grant::Grant,
    scope::Permission,
};
use anyhow::bail;
use record::{
    Record,
    change::{Change, Wish as Write},
};
use serde_json::{Value, json};
use std::time::Instant;

/// How often what takes nanoseconds is done.
const DECISIONS: usize = 200_000;

const WISH: Wish<'_> = Wish { permission: Permission::Read, resource_type: Some("Observation") };

/// Runs it on one engine.
///
/// # Errors
/// Where the database is not empty, or something that must be seen is not.
pub(super) fn measure(engine: &str, address: Option<&str>, arguments: &Arguments) -> anyhow::Result<()> {
    say!("{engine}");
    let mut server = Server::found(address)?;
    let record = wire::open(server.config(), Opening::Alone)?;
    fill(&record, arguments.consents)?;
    let known_as = ["Practitioner/d1".to_owned()];
    let who = Wanted { role: "physician", name: "Benchmark", known_as: &known_as, ..Wanted::default() };
    let actor = actor::actor(&who)?;
    let act = Act {
        actor: actor.clone(),
        purpose: Purpose::Treat,
        request: "bench".into(),
        at: clock::now(),
        looks: false,
    };
    decisions(&act)?;
    let whole_us = reads(&record, &act, arguments)?;
    let bearer = token::mint(&record, actor, 1)?.reveal().to_owned();
    sign_in::measure(&record, server.config(), arguments.samples)?;
    drop(record);
    over_http(&mut server, &bearer, whole_us, arguments)?;
    server.remove(arguments.keep)
}

/// Two patients of one doctor: of `a` there is no consent, of `b` there are many.
fn fill(record: &Record, consents: usize) -> anyhow::Result<()> {
    let act = actor::local_act()?;
    let put = |kind: &str, id: String, mut resource: Value| -> Change {
        (resource["resourceType"], resource["id"]) = (kind.into(), id.clone().into());
        let (query, if_match) = (None, None);
        Write::Update {
            resource_type: kind.into(),
            id: Some(id),
            query,
            resource,
            if_match,
            if_none_match: false,
        }
        .into()
    };
    for id in ["a", "b"] {
        let patient = json!({"reference": format!("Patient/{id}")});
        let doctor = json!([{"individual": {"reference": "Practitioner/d1"}}]);
        let encounter = json!({"status": "in-progress", "class": {"code": "AMB"}, "subject": patient, "participant": doctor});
        let observation = json!({"status": "final", "code": {"text": "Pulse"}, "subject": patient});
        let all = [
            put("Patient", id.into(), json!({"name": [{"family": "Bench"}]})),
            put("Encounter", format!("e-{id}"), encounter),
            put("Observation", format!("o-{id}"), observation),
        ];
        record.commit(&act, "bench", &all)?;
    }
    // Of each four, two are about others, and two about the doctor and other types: none closes the Observation.
    let consent = |n: usize| {
        let (kind, who, class) = match n % 4 {
            0 => ("deny", format!("Practitioner/x{n}"), "Observation"),
            1 => ("permit", format!("Practitioner/x{n}"), "Observation"),
            2 => ("permit", "Practitioner/d1".to_owned(), "Condition"),
            _ => ("deny", "Practitioner/d1".to_owned(), "Procedure"),
        };
        let provision = json!({"type": kind, "actor": [{"role": {"text": "t"}, "reference": {"reference": who}}],
            "class": [{"code": class}], "purpose": [{"code": "TREAT"}]});
        let consent = json!({"status": "active", "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "t"}],
            "policyRule": {"text": "t"}, "patient": {"reference": "Patient/b"}, "provision": provision});
        put("Consent", format!("c{n}"), consent)
    };
    let all: Vec<usize> = (0..consents).collect();
    for some in all.chunks(100) {
        record.commit(&act, "bench", &some.iter().map(|n| consent(*n)).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn decisions(act: &Act) -> anyhow::Result<()> {
    let mut times = Vec::with_capacity(DECISIONS);
    for _ in 0..DECISIONS {
        let begun = Instant::now();
        let grant = decide(act, WISH)?;
        times.push(u32::try_from(begun.elapsed().as_nanos()).unwrap_or(u32::MAX));
        std::hint::black_box(grant);
    }
    times.sort_unstable();
    let at =
        |share: f64| f64::from(times[((times.len() as f64 * share) as usize).min(times.len() - 1)]) / 1000.0;
    say!("  access::decide: median {:.2} µs, p99 {:.2} µs, p99.9 {:.2} µs", at(0.5), at(0.99), at(0.999));
    Ok(())
}

/// Wall time of each try and processor time of all, in microseconds.
struct Cost {
    p50_us: f64,
    p95_us: f64,
    p99_us: f64,
    mean_us: f64,
    processor_us: f64,
}

fn cost(name: &str, tries: usize, mut once: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<Cost> {
    let (start, before) = (Instant::now(), processor_us());
    let mut times = Vec::with_capacity(tries);
    for _ in 0..tries {
        let begun = Instant::now();
        once()?;
        times.push(us(begun.elapsed()));
    }
    let mean_us = times.iter().map(|time| f64::from(*time)).sum::<f64>() / tries.max(1) as f64;
    let processor_us = (processor_us() - before) / tries.max(1) as f64;
    let series = Series::new(name, 1, times, clock::since(start));
    let at = |share: f64| series.percentile_ms(share) * 1000.0;
    let cost = Cost { p50_us: at(0.5), p95_us: at(0.95), p99_us: at(0.99), mean_us, processor_us };
    say!(
        "  {name}: median {:.0} µs, p95 {:.0} µs, p99 {:.0} µs, processor {:.0} µs each",
        cost.p50_us,
        cost.p95_us,
        cost.p99_us,
        cost.processor_us
    );
    Ok(cost)
}

/// What this process has had of the processors, all threads, in microseconds; the kernel counts it in hundredths of a second.
fn processor_us() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() * 10_000.0
}

fn seen(record: &Record, grant: &Grant, id: &str) -> anyhow::Result<()> {
    match record.store().read(grant, "Observation", id, None)?.peek() {
        Some(_) => Ok(()),
        None => bail!("the Observation is not within reach, and must be"),
    }
}

/// Reads in parts, in this process: the processor time of all threads is known, and nothing else runs in it.
fn reads(record: &Record, act: &Act, arguments: &Arguments) -> anyhow::Result<f64> {
    let tries = arguments.samples.max(1) * 2;
    let operator = actor::local_act()?;
    let everything = decide(&operator, WISH)?;
    let grant = decide(act, WISH)?;
    for _ in 0..200 {
        seen(record, &grant, "o-b")?;
    }
    let plain = cost("read, no rule asked", tries, || seen(record, &everything, "o-b"))?;
    cost("read, decided, 0 consents", tries, || seen(record, &decide(act, WISH)?, "o-a"))?;
    let name = format!("read, decided, {} consents", arguments.consents);
    let decided = cost(&name, tries, || seen(record, &decide(act, WISH)?, "o-b"))?;
    let signing = cost("an audit entry, durable", tries, || {
        Ok(record.store().witness(Entry::new(act, "read", "Observation", Outcome::Done))?)
    })?;
    let name = format!("whole read, signed, {} consents", arguments.consents);
    let whole = cost(&name, tries, || {
        record.read(act, "Observation", "o-b")?;
        Ok(())
    })?;
    let deciding_us = (decided.processor_us - plain.processor_us).max(0.0);
    let waiting_us = (signing.mean_us - signing.processor_us).max(0.0);
    say!(
        "  processor: deciding {deciding_us:.0} µs and signing {:.0} µs of {:.0} µs ({:.0} %)",
        signing.processor_us,
        whole.processor_us,
        100.0 * (deciding_us + signing.processor_us) / whole.processor_us.max(1.0)
    );
    say!(
        "  wall: signing waits {waiting_us:.0} µs for the disk and the writer, of {:.0} µs ({:.0} %)",
        whole.mean_us,
        100.0 * waiting_us / whole.mean_us.max(1.0)
    );
    Ok(deciding_us + signing.processor_us)
}

/// The same read over HTTP, with few clients and with many, who share a sync to disk.
fn over_http(server: &mut Server, bearer: &str, own_us: f64, arguments: &Arguments) -> anyhow::Result<()> {
    server.start()?;
    for clients in [1, arguments.clients, arguments.many] {
        let start = Instant::now();
        let one = |_: usize| {
            let (mut client, mut times) = (server.client_of(bearer)?, Vec::new());
            while clock::since(start) < arguments.seconds {
                let begun = Instant::now();
                let (status, _) = client.get("/fhir/R4/Observation/o-b")?;
                if status != 200 {
                    bail!("the read was answered {status}");
                }
                times.push(us(begun.elapsed()));
            }
            anyhow::Ok(times)
        };
        let times: anyhow::Result<Vec<Vec<u32>>> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..clients).map(|number| scope.spawn(move || one(number))).collect();
            all.into_iter().map(|c| c.join().unwrap_or_else(|_| bail!("a client panicked"))).collect()
        });
        let series = Series::new("read over HTTP", clients, times?.concat(), clock::since(start));
        let (p50_ms, p95_ms) = (series.percentile_ms(0.5), series.percentile_ms(0.95));
        say!(
            "  read over HTTP, {clients} clients: {:.0} a second, median {p50_ms:.2} ms, p95 {p95_ms:.2} ms; \
             deciding's and signing's processor time is {:.1} % of that p95",
            series.per_second(),
            own_us / (p95_ms * 10.0).max(1e-9)
        );
    }
    server.stop()
}
